"""Files of the Python packages safetensors and NumPy, for the Go readers.

    python3 files.py SAFETENSORS NPY

SAFETENSORS and NPY are folders, dl/safetensors/testdata and dl/npy/testdata.
"""

import os
import sys

import numpy as np
import torch
from safetensors.torch import save_file


def main(safetensors, npy):
    os.makedirs(safetensors, exist_ok=True)
    os.makedirs(npy, exist_ok=True)
    save_file(
        {
            "f32": torch.tensor([[1.5, -2], [0, 3.25]]),
            "f64": torch.tensor([0.1, 1e300], dtype=torch.float64),
            "f16": torch.tensor([1.5, -(2.0**-15), 65504, 2.0**-24], dtype=torch.float16),
            "bf16": torch.tensor([1.5, -3.140625], dtype=torch.bfloat16),
            "i8": torch.tensor([-5, 7], dtype=torch.int8),
            "i16": torch.tensor([-300, 300], dtype=torch.int16),
            "i32": torch.tensor([-70000], dtype=torch.int32),
            "i64": torch.tensor([1 << 40]),
            "u8": torch.tensor([0, 255], dtype=torch.uint8),
            "bool": torch.tensor([True, False, True]),
            "scalar": torch.tensor(2.5),
            "empty": torch.zeros(0, 3),
        },
        f"{safetensors}/reference.safetensors",
        metadata={"origin": "tests/reference/files.py"},
    )
    a = np.arange(6).reshape(2, 3)
    arrays = {
        "f4": (a / 4).astype("<f4"),
        "f8": a / 3,
        "f2": (a / 4).astype("<f2"),
        "big": (a / 4).astype(">f8"),
        "i1": a.astype("i1") - 3,
        "i2": a.astype("<i2") * -1000,
        "i4": a.astype("<i4") * 100000,
        "i8": a << 40,
        "u1": a.astype("u1") * 50,
        "u4": a.astype("<u4") * 800000000,
        "bool": a % 2 == 0,
        "fortran": np.asfortranarray(a),
        "fortran3": np.asfortranarray(np.arange(24).reshape(2, 3, 4)),
        "scalar": np.float64(2.5),
        "empty": np.zeros((0, 3)),
    }
    for name, x in arrays.items():
        np.save(f"{npy}/{name}.npy", x)
    np.savez(f"{npy}/plain.npz", x=arrays["f4"], y=arrays["i8"])
    np.savez_compressed(f"{npy}/compressed.npz", x=arrays["f4"], y=arrays["i8"])


main(*sys.argv[1:])
