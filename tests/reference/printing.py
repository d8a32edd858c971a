"""Writes how NumPy prints arrays, which package dl must reproduce.

    python3 tests/reference/printing.py dl/testdata/printing.json

Each case has the dtype and shape of an array, its elements, or the formula
arange(size) * factor, and what str() makes of it with NumPy's own settings.
"""

import json
import sys

import numpy as np

rng = np.random.default_rng(4)
cases = []


def case(a):
    a = np.asarray(a)
    cases.append({"dtype": str(a.dtype), "shape": list(a.shape),
                  "data": " ".join(repr(float(v)) if a.dtype.kind == "f" else str(int(v)) for v in a.reshape(-1)), "text": str(a)})


def ramp(factor, *shape, dtype):
    a = (np.arange(np.prod(shape)) * factor).astype(dtype).reshape(shape)
    cases.append({"dtype": dtype, "shape": list(shape), "factor": factor, "text": str(a)})


for dtype in (np.float32, np.float64):
    for values in ([1, 2, 30], [1, 2.5, -0.25], [1 / 3, 2], [1e-5, -2.5e-6], [1234567.5, 1], [16777216, 1], [1, 1000], [1, 1001.5],
                   [np.nan, np.inf, -np.inf, 1], [np.nan, np.nan], [np.inf], [-np.inf, 1e-9], [0, 0], [-0.0, 0.0], [0.1, 0.2, 0.30000001], [1e20, 1e-20],
                   [99999.5, 100], [1e5, 99999999], [np.pi * 1e5], [1e100 if dtype == np.float64 else 1e30, 1], [0.0001, 0.00009], [123456.789], [5e-324 if dtype == np.float64 else 1e-45]):
        case(np.array(values, dtype))
    case(rng.normal(size=(3, 4)).astype(dtype))
    case(rng.normal(size=(2, 2, 3)).astype(dtype))
    case((rng.normal(size=30) * 100).astype(dtype))
    case(np.exp(rng.normal(size=(2, 9)) * 4).astype(dtype))
    case(rng.normal(size=(1, 2, 1, 13)).astype(dtype))
case(np.array([], np.float32))
case(np.zeros((0, 3), np.float64))
case(np.array([True, False]))
case(np.array([[True, True]]))
case(np.array([[1, 2], [-30, 4]], np.int32))
case(np.array([0, 255], np.uint8))
ramp(1, 2, 2, 2, dtype="int64")
ramp(1, 40, dtype="int64")
ramp(1, 1000, dtype="int64")
ramp(1, 1001, dtype="int64")
ramp(1, 1000, 4, dtype="int64")
ramp(1, 7, 200, dtype="int64")
ramp(0.125, 4, 5, 60, dtype="float32")
ramp(0.37, 30, 40, dtype="float64")
ramp(1e-3, 10, 10, 11, 1, dtype="float64")
ramp(1, 20, 1, 60, dtype="int32")
with open(sys.argv[1], "w") as out:
    out.write(json.dumps({"numpy": np.__version__, "cases": cases}).replace('{"dtype"', '\n{"dtype"') + "\n")
