#!/bin/sh
# Compares what models give with what onnxruntime gives for their ONNX files,
# and reads safetensors and npz files in Python.
set -eu
cd "$(dirname "$0")/../.."
sh tests/jupyter/setup.sh
go run ./tests/files/export build/files
exec build/venv/bin/python tests/files/check.py build/files
