#!/bin/sh
# Tests the kernel as Jupyter sees it: the conformance suite, and all notebooks
# through nbclient. Arguments go to pytest, such as -k GoKernelTests; tests that
# are marked as long run only with -m long or -m "".
set -eu
cd "$(dirname "$0")/../.."
sh tests/jupyter/setup.sh
CGO_ENABLED=0 go build -o build/fluxion .
exec build/venv/bin/python -m pytest -p no:cacheprovider -m "not long" tests/jupyter "$@"
