#!/bin/sh
# Everything that must hold on every commit. Needs Go and Python 3; brings its
# own Jupyter into build/. Longer checks are in make full.
set -eu
cd "$(dirname "$0")"

step() { printf '\n== %s\n' "$1"; }

step "build, without cgo"
mkdir -p build
CGO_ENABLED=0 go build -o build/fluxion .
./build/fluxion version

step "lint"
sh tests/lint.sh

step "tests of the packages"
go test ./...

step "Jupyter"
sh tests/jupyter/setup.sh
sh tests/jupyter/run.sh

step "files for other programs"
sh tests/files/run.sh

step "notebooks on both executors"
for executor in vm yaegi; do
	./build/fluxion run --executor "$executor" --out "build/pages-$executor" notebooks/*.ipynb
done
