"""Runs the models that export wrote in onnxruntime, and compares the files.

    python3 check.py DIR

The outputs must be those that fluxion computed, for the examples as they are
and for the first of them alone, and the safetensors and npz files must hold the
same arrays.
"""

import glob
import json
import os
import sys

import numpy as np
import onnx
import onnxruntime
from safetensors import safe_open
from safetensors.numpy import load_file


def numbered(arrays, prefix):
    return [arrays[f"{prefix}{i + 1}"] for i in range(sum(name.startswith(prefix) for name in arrays))]


def check(path):
    name = os.path.splitext(os.path.basename(path))[0]
    arrays = load_file(path.replace(".onnx", ".safetensors"))
    with safe_open(path.replace(".onnx", ".safetensors"), "numpy") as f:
        assert f.metadata() == {"model": name}, f.metadata()
    packed = np.load(path.replace(".onnx", ".npz"))
    assert sorted(packed) == sorted(arrays), sorted(packed)
    for k in arrays:
        assert packed[k].dtype == arrays[k].dtype and np.array_equal(packed[k], arrays[k]), k
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    inputs, outputs = numbered(arrays, "input"), numbered(arrays, "output")
    worst = 0.0
    for n in (len(inputs[0]), 1):
        got = session.run(None, {i.name: x[:n] for i, x in zip(session.get_inputs(), inputs)})
        assert len(got) == len(outputs), len(got)
        for g, want in zip(got, outputs):
            assert g.shape == want[:n].shape, (g.shape, want.shape)
            worst = max(worst, float(np.max(np.abs(g - want[:n]) / (1 + np.abs(want[:n])))))
    assert worst < 1e-4, f"{name} is off by {worst}"
    print(f"{name}: {len(outputs)} outputs, at most {worst:.1e} apart")


def check_operation(path, name):
    arrays = load_file(path + ".safetensors")
    onnx.checker.check_model(onnx.load(path + ".onnx"), full_check=True)
    session = onnxruntime.InferenceSession(path + ".onnx", providers=["CPUExecutionProvider"])
    inputs, outputs = numbered(arrays, "input"), numbered(arrays, "output")
    got = session.run(None, {i.name: x for i, x in zip(session.get_inputs(), inputs)})
    assert len(got) == len(outputs), f"{name}: {len(got)} outputs"
    for g, want in zip(got, outputs):
        assert g.dtype == want.dtype and g.shape == want.shape, f"{name}: {g.dtype} {g.shape}, not {want.dtype} {want.shape}"
        assert np.allclose(g, want, 1e-4, 1e-5, equal_nan=True), f"{name}: {g} is not {want}"


def check_operations(dir):
    """The table of operations, and loops: what is exported computes the same."""
    with open(f"{dir}/list.json") as f:
        listed = json.load(f)
    faults = []
    for path, name in listed["Files"]:
        try:
            check_operation(f"{dir}/{path}", name)
        except Exception as e:  # all faults are wanted, not the first alone
            faults.append(f"{name}: {type(e).__name__}: {e}")
    assert not faults, "\n".join(faults)
    assert len(listed["Files"]) > 350, len(listed["Files"])
    print(f"operations: {len(listed['Files'])} cases agree, {len(listed['Refused'])} are refused")


def main(dir):
    onnxruntime.set_default_logger_severity(3)
    check_operations(f"{dir}/operations")
    paths = sorted(glob.glob(f"{dir}/*.onnx"))
    assert len(paths) == 17, paths
    for path in paths:
        check(path)


main(*sys.argv[1:])
