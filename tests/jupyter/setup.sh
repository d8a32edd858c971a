#!/bin/sh
# Makes the Python environment build/venv in which the kernel is tested. Does
# nothing when it is there and up to date.
set -eu
cd "$(dirname "$0")/../.."
here=tests/jupyter
venv=build/venv
stamp=$venv/.made-from

if cat $here/requirements.txt $here/constraints.txt | cmp -s - $stamp; then
	exit 0
fi
if ! python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
	echo "tests/jupyter: Python 3.10 or later with its venv module is needed (on Debian: apt-get install python3-venv)" >&2
	exit 1
fi
echo "tests/jupyter: making $venv" >&2
rm -rf $venv
python3 -m venv $venv
$venv/bin/python -m pip install --quiet --disable-pip-version-check -r $here/requirements.txt
cat $here/requirements.txt $here/constraints.txt > $stamp
