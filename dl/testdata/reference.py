"""Writes reference.json: values that package dl must reproduce.

Values come from NumPy; those of neural network operations and all derivatives
from PyTorch, in float64. Run with numpy and torch installed:

    python reference.py

Each case names a call in reference_test.go, the operands that it is applied
to, and the result; where "grads" is given, they are the derivatives of
sum(result * weights) by the float operands, with weights 1, 2, 3, ...
"""

import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(20171108)
cases = []


def pack(a):
    a = np.asarray(a)
    return {"dtype": str(a.dtype), "shape": list(a.shape),
            "data": " ".join(repr(v.item() if v.dtype != bool else int(v)) for v in a.reshape(-1))}


def numpy(call, result, *operands):
    cases.append({"call": call, "in": [pack(a) for a in operands], "want": pack(result)})


def pytorch(call, f, *operands):
    ts = [torch.tensor(a, requires_grad=a.dtype == np.float64) for a in operands]
    y = f(*ts)
    case = {"call": call, "in": [pack(a) for a in operands], "want": pack(y.detach().numpy())}
    if y.requires_grad:
        w = torch.arange(1, y.numel() + 1, dtype=torch.float64).reshape(y.shape)
        (y * w).sum().backward()
        case["grads"] = [pack(t.grad.numpy()) for t in ts if t.requires_grad]
    cases.append(case)


def normal(*shape):
    return np.round(rng.normal(size=shape), 3)


# Elementwise, with what is special at the edges.
edge = np.array([-np.inf, -710.0, -37.0, -1.5, -0.5, -0.0, 0.5, 1.5, 2.5, 37.0, 710.0, np.inf, np.nan])
with np.errstate(all="ignore"):
    for name, f in [("neg", np.negative), ("abs", np.abs), ("sign", np.sign), ("square", np.square),
                    ("exp", np.exp), ("expm1", np.expm1), ("tanh", np.tanh), ("floor", np.floor),
                    ("ceil", np.ceil), ("round", np.round), ("log", np.log), ("sqrt", np.sqrt),
                    ("log1p", np.log1p), ("reciprocal", np.reciprocal)]:
        numpy(name, f(edge), edge)
        numpy(name, f(edge.astype(np.float32)), edge.astype(np.float32))
    a, b = np.array([7.0, -7.0, 7.0, -7.0, 0.5, -0.0]), np.array([3.0, 3.0, -3.0, -3.0, 0.2, 3.0])
    for name, f in [("add", np.add), ("sub", np.subtract), ("mul", np.multiply), ("div", np.divide),
                    ("pow", np.power), ("mod", np.mod), ("maximum", np.maximum), ("minimum", np.minimum),
                    ("equal", np.equal), ("not_equal", np.not_equal), ("less", np.less),
                    ("less_equal", np.less_equal), ("greater", np.greater), ("greater_equal", np.greater_equal)]:
        numpy(name, f(a, b), a, b)
        x, y = normal(2, 1, 3), np.abs(normal(4, 1)) + 0.1
        numpy(name, f(np.abs(x), y), np.abs(x), y)
        if name != "div":
            i, j = np.array([7, -7, 7, -7, 2], np.int64), np.array([3, 3, -3, -3, 5], np.int64)
            if name == "pow":
                j = np.abs(j)
            numpy(name, f(i, j), i, j)
            numpy(name, f(i.astype(np.int32), j.astype(np.int32)), i.astype(np.int32), j.astype(np.int32))
    numpy("maximum", np.maximum(edge, 0.25), edge, np.array(0.25))
    numpy("minimum", np.minimum(edge, 0.25), edge, np.array(0.25))
for name in ["sigmoid", "relu", "softplus", "sin", "cos", "tan", "erf", "tanh", "exp"]:
    f = {"relu": torch.relu, "softplus": F.softplus, "erf": torch.special.erf}.get(name) or getattr(torch, name)
    pytorch(name, f, normal(3, 4))
c, p, q = normal(3, 1) > 0, normal(3, 2), normal(2)
numpy("where", np.where(c, p, q), c, p, q)
numpy("cast_int64", np.array([-1.7, 1.7, 0.5]).astype(np.int64), np.array([-1.7, 1.7, 0.5]))
numpy("cast_bool", np.array([-1.7, 0.0, 0.5]).astype(bool), np.array([-1.7, 0.0, 0.5]))
numpy("cast_uint8", np.array([3, 255, 256, -1], np.int64).astype(np.uint8), np.array([3, 255, 256, -1], np.int64))

# Shapes and indices.
x = normal(3, 4, 2)
numpy("transpose", x.transpose(), x)
numpy("transpose_102", x.transpose(1, 0, 2), x)
numpy("reshape_4_-1", x.reshape(4, -1), x)
numpy("slice_1_3", x[1:3], x)
numpy("slice_row_last", x[1, :, -1], x)
numpy("slice_reverse", x[::-1, 3:0:-2], x)
numpy("slice_beyond", x[-9:9, 2:2], x)
numpy("concat_1", np.concatenate([x, x[:, :1]], 1), x, x[:, :1])
numpy("stack_-1", np.stack([x, -x], -1), x, -x)
numpy("pad", np.pad(x, [(1, 0), (0, 2), (0, 0)]), x)
i = np.array([[2, 0], [-1, 1]], np.int64)
numpy("gather_1", np.take(x, i, 1), x, i)
numpy("gather_-1", np.take(x, i % 2, -1), x, i % 2)
numpy("one_hot_3", np.eye(3, dtype=np.float32)[np.array([2, 0, 1])], np.array([2, 0, 1], np.int64))
column = normal(3, 1)
numpy("broadcast_2_3_4", np.broadcast_to(column, (2, 3, 4)), column)

# Reductions.
for name, f in [("sum", np.sum), ("mean", np.mean), ("prod", np.prod), ("max", np.max), ("min", np.min),
                ("var", np.var), ("std", np.std)]:
    numpy(name, f(x), x)
    numpy(name + "_1", f(x, 1), x)
    numpy(name + "_keep_0_-1", f(x, (0, -1), keepdims=True), x)
n = np.array([[3, 250], [250, 7]], np.uint8)
numpy("sum", np.sum(n, dtype=np.int64), n)
numpy("max_1", np.max(n, 1), n)
numpy("sum", np.sum(c, dtype=np.int64), c)
numpy("any_1", np.any(c, 1), c)
numpy("all", np.all(c), c)
ties = np.array([[1.0, 3.0, 3.0], [np.nan, 1.0, np.nan], [-1.0, -1.0, -2.0]])
numpy("argmax_1", np.argmax(ties, 1), ties)
numpy("argmin_0", np.argmin(ties[::2], 0), ties[::2])
numpy("max_1", np.max(ties, 1), ties)

# Linear algebra.
for s, t in [((2, 3), (3, 4)), ((3,), (3,)), ((3,), (3, 4)), ((2, 3), (3,)), ((5, 2, 3), (3, 4)),
             ((5, 1, 2, 3), (4, 3, 2)), ((2, 3), (5, 3, 2)), ((3,), (5, 3, 2)), ((5, 2, 3), (3,))]:
    pytorch("matmul", torch.matmul, normal(*s), normal(*t))
numpy("matmul", np.array([[1, 2], [3, 4]]) @ np.array([[5], [6]]), np.array([[1, 2], [3, 4]]), np.array([[5], [6]]))

# Neural networks.
z = normal(3, 5) * 3
pytorch("softmax_1", lambda t: torch.softmax(t, 1), z)
pytorch("softmax_0", lambda t: torch.softmax(t, 0), z)
pytorch("log_softmax_1", lambda t: torch.log_softmax(t, 1), z)
pytorch("log_softmax_1", lambda t: torch.log_softmax(t, 1), z * 400)
labels = np.array([0, 4, 2], np.int64)
pytorch("softmax_cross_entropy", lambda t, l: F.cross_entropy(t, l, reduction="none"), z, labels)
pytorch("binary_cross_entropy", lambda t, l: F.binary_cross_entropy_with_logits(t, l, reduction="none"),
        z * 20, (z > 0).astype(np.float64))
img = normal(2, 4, 7, 6)
for call, w, kw in [("conv2d", normal(3, 4, 3, 2), {}),
                    ("conv2d_stride2_pad1", normal(3, 4, 3, 3), dict(stride=2, padding=1)),
                    ("conv2d_same", normal(3, 4, 3, 3), dict(padding="same")),
                    ("conv2d_same", normal(3, 4, 2, 4), dict(padding="same")),
                    ("conv2d_dilation2", normal(3, 4, 2, 2), dict(dilation=2)),
                    ("conv2d_groups2", normal(6, 2, 2, 2), dict(groups=2))]:
    pytorch(call, lambda t, v, kw=kw: F.conv2d(t, v, **kw), img, w)
pytorch("maxpool2d_2", lambda t: F.max_pool2d(t, 2), img)
pytorch("maxpool2d_3_stride2_pad1", lambda t: F.max_pool2d(t, 3, stride=2, padding=1), img)
flat = np.maximum(np.round(normal(1, 1, 6, 6)), 0)
pytorch("maxpool2d_2", lambda t: F.max_pool2d(t, 2), flat)
pytorch("max", lambda t: torch.amax(t), np.array([1.0, 3.0, 3.0]))
pytorch("maximum", torch.maximum, np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0]))

text = json.dumps({"numpy": np.__version__, "torch": torch.__version__, "cases": cases}, indent=None)
text = text.replace('{"call"', '\n{"call"')
pathlib.Path(__file__).with_name("reference.json").write_text(text + "\n")
