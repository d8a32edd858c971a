#!/bin/sh
# Drives the kernel through JupyterLab's page in a headless Chromium. Brings
# JupyterLab, ipywidgets and Playwright into build/e2e; the browser is the
# machine's own: chromium, chromium-browser or google-chrome on the PATH, or
# $CHROMIUM. Screenshots go to build/e2e-pictures.
set -eu
cd "$(dirname "$0")/../.."
chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
if [ -z "$chromium" ]; then
	echo "tests/e2e: no Chromium was found; install it (on Debian: apt install chromium), or say where it is with CHROMIUM=path" >&2
	exit 1
fi
wanted=$(cksum tests/e2e/requirements.txt)
if [ "$(cat build/e2e/installed 2>/dev/null || true)" != "$wanted" ] || ! build/e2e/bin/pip --version >/dev/null 2>&1; then
	rm -rf build/e2e
	python3 -m venv build/e2e
	build/e2e/bin/pip install -q -r tests/e2e/requirements.txt
	echo "$wanted" >build/e2e/installed
fi
CGO_ENABLED=0 go build -o build/fluxion .
mkdir -p build/e2e-pictures
CHROMIUM=$chromium exec build/e2e/bin/python -m pytest -q -p no:cacheprovider tests/e2e "$@"
