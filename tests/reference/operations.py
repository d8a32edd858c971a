"""Writes the values that the operations of package dl must reproduce.

    python3 tests/reference/operations.py tests/operations/operations.json

Values come from NumPy and SciPy; those of neural networks and the derivatives
from PyTorch, in float64. Each case names a row of the table of operations in
tests/operations/rows.go, the operands that it is applied to, and the result. Where
"grads" is given, they are the derivatives of sum(result * weights) by the float
operands, with weights 1, 2, 3, ... Where "smooth" is set, the Go test compares
first and second derivatives with finite differences. "promotion" has for pairs
of dtypes what they meet in, in NumPy and in PyTorch.
"""

import json
import sys

import numpy as np
import scipy.linalg
import scipy.special as sp
import torch
import torch.nn.functional as F

rng = np.random.default_rng(20171108)
cases = []


def pack(a):
    a = np.asarray(a)
    return {"dtype": str(a.dtype), "shape": list(a.shape),
            "data": " ".join(repr(v.item() if v.dtype != bool else int(v)) for v in a.reshape(-1))}


def values(call, result, *operands):
    """A result that NumPy or SciPy computed."""
    cases.append({"call": call, "in": [pack(a) for a in operands], "want": pack(result)})


def smooth(call, result, *operands):
    """The same, near which the operation can be differentiated twice."""
    values(call, result, *operands)
    cases[-1]["smooth"] = True


def pytorch(call, f, *operands, smooth=True):
    """A result that PyTorch computes and differentiates."""
    ts = [torch.tensor(np.asarray(a), requires_grad=np.asarray(a).dtype == np.float64) for a in operands]
    y = f(*ts)
    case = {"call": call, "in": [pack(a) for a in operands], "want": pack(y.detach().numpy())}
    if y.requires_grad:
        w = torch.arange(1, y.numel() + 1, dtype=torch.float64).reshape(y.shape)
        (y * w).sum().backward()
        case["grads"] = [pack(t.grad.numpy()) for t in ts if t.requires_grad]
        if smooth:
            case["smooth"] = True
    cases.append(case)


def normal(*shape):
    return np.round(rng.normal(size=shape), 3)


def positive(*shape):
    return np.round(rng.uniform(0.5, 2, size=shape), 3)


def within(*shape):
    return np.round(rng.uniform(-0.9, 0.9, size=shape), 3)


def elementary():
    edge = np.array([-np.inf, -710.0, -37.0, -1.5, -0.5, -0.0, 0.5, 1.5, 2.5, 37.0, 710.0, np.inf, np.nan])
    for name, f in [("Neg", np.negative), ("Abs", np.abs), ("Sign", np.sign), ("Square", np.square),
                    ("Exp", np.exp), ("Expm1", np.expm1), ("Tanh", np.tanh), ("Floor", np.floor),
                    ("Ceil", np.ceil), ("Round", np.round), ("Log", np.log), ("Sqrt", np.sqrt),
                    ("Log1p", np.log1p), ("Reciprocal", np.reciprocal), ("Trunc", np.trunc), ("Cbrt", np.cbrt),
                    ("Asin", np.arcsin), ("Acos", np.arccos), ("Atan", np.arctan), ("Sinh", np.sinh),
                    ("Cosh", np.cosh), ("Asinh", np.arcsinh), ("Acosh", np.arccosh), ("Atanh", np.arctanh),
                    ("Erfc", sp.erfc), ("ErfInv", sp.erfinv), ("Exp2", np.exp2), ("Log2", np.log2),
                    ("Log10", np.log10), ("Deg2Rad", np.deg2rad), ("Rad2Deg", np.rad2deg), ("Erf", sp.erf),
                    ("IsNaN", np.isnan), ("IsInf", np.isinf), ("IsFinite", np.isfinite), ("Softplus", lambda x: np.logaddexp(0, x)),
                    ("NanToNum", np.nan_to_num), ("Frac", lambda x: x - np.trunc(x))]:
        values(name, f(edge), edge)
        if name not in ("Exp2", "Log2", "Log10", "NanToNum", "Erfc", "ErfInv", "Softplus", "Rad2Deg", "Deg2Rad"):
            values(name, f(edge.astype(np.float32)), edge.astype(np.float32))
    for name, f, x in [("Neg", np.negative, normal(4)), ("Square", np.square, normal(2, 3)), ("Abs", np.abs, normal(4)),
                       ("Expm1", np.expm1, normal(3)), ("Sqrt", np.sqrt, positive(3)), ("Reciprocal", np.reciprocal, positive(3)),
                       ("Log", np.log, positive(3)), ("Log1p", np.log1p, positive(3)), ("Cbrt", np.cbrt, positive(3)),
                       ("Asin", np.arcsin, within(4)), ("Acos", np.arccos, within(4)), ("Atan", np.arctan, normal(4)),
                       ("Sinh", np.sinh, normal(3)), ("Cosh", np.cosh, normal(3)), ("Asinh", np.arcsinh, normal(3)),
                       ("Acosh", np.arccosh, positive(3) + 1), ("Atanh", np.arctanh, within(3)), ("Erfc", sp.erfc, normal(4)),
                       ("ErfInv", sp.erfinv, within(4)), ("Exp2", np.exp2, normal(3)), ("Log2", np.log2, positive(3)),
                       ("Log10", np.log10, positive(3)), ("Rsqrt", lambda x: 1 / np.sqrt(x), positive(3)),
                       ("Gamma", sp.gamma, np.array([0.5, 3.0, 4.3, -0.5, -2.3])), ("Lgamma", sp.gammaln, np.array([0.5, 3.0, 40.3, -0.5, -2.3])),
                       ("Digamma", sp.digamma, np.array([0.5, 3.0, 40.3, -0.5, -2.3])),
                       ("Polygamma/1", lambda x: sp.polygamma(1, x), np.array([0.5, 3.0, 40.3])),
                       ("Polygamma/2", lambda x: sp.polygamma(2, x), np.array([0.5, 3.0, 40.3])),
                       ("Logit", sp.logit, np.array([0.1, 0.5, 0.9])), ("Sinc", np.sinc, np.array([0.3, -1.2, 2.0])),
                       ("Deg2Rad", np.deg2rad, normal(3)), ("Rad2Deg", np.rad2deg, normal(3)), ("Frac", lambda x: x - np.trunc(x), normal(4))]:
        smooth(name, f(x), x)
    values("Sinc", np.sinc(np.array([0.0, 1e-9, 1.0])), np.array([0.0, 1e-9, 1.0]))
    values("Gamma", sp.gamma(np.array([1.0, 5.0, 171.0])), np.array([1.0, 5.0, 171.0]))
    for name in ["Sigmoid", "ReLU", "Softplus", "Sin", "Cos", "Tan", "Erf", "Tanh", "Exp"]:
        f = {"ReLU": torch.relu, "Softplus": F.softplus, "Erf": torch.special.erf}.get(name) or getattr(torch, name.lower())
        pytorch(name, f, normal(3, 4))


def pairs():
    a, b = np.array([7.0, -7.0, 7.0, -7.0, 0.5, -0.0]), np.array([3.0, 3.0, -3.0, -3.0, 0.2, 3.0])
    for name, f in [("Add", np.add), ("Sub", np.subtract), ("Mul", np.multiply), ("Div", np.divide),
                    ("Pow", np.power), ("Mod", np.mod), ("Maximum", np.maximum), ("Minimum", np.minimum),
                    ("Equal", np.equal), ("NotEqual", np.not_equal), ("Less", np.less),
                    ("LessEqual", np.less_equal), ("Greater", np.greater), ("GreaterEqual", np.greater_equal),
                    ("FloorDiv", np.floor_divide), ("Fmod", np.fmod)]:
        with np.errstate(all="ignore"):
            values(name, f(a, b), a, b)
        x, y = normal(2, 1, 3), np.abs(normal(4, 1)) + 0.1
        result = f(np.abs(x), y)
        (values if result.dtype == bool else smooth)(name, result, np.abs(x), y)
        if name != "Div":
            i, j = np.array([7, -7, 7, -7, 2], np.int64), np.array([3, 3, -3, -3, 5], np.int64)
            if name == "Pow":
                j = np.abs(j)
            values(name, f(i, j), i, j)
            values(name, f(i.astype(np.int32), j.astype(np.int32)), i.astype(np.int32), j.astype(np.int32))
    edge = np.array([-np.inf, -1.5, -0.0, 0.5, np.inf, np.nan])
    values("Maximum", np.maximum(edge, 0.25), edge, np.array(0.25))
    values("Minimum", np.minimum(edge, 0.25), edge, np.array(0.25))
    pytorch("Maximum", torch.maximum, np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0]), smooth=False)
    u, v = normal(2, 3), positive(3)
    smooth("Atan2", np.arctan2(u, v), u, v)
    values("Atan2", np.arctan2([1.0, -1.0, -0.0, 0.0], [-1.0, -1.0, -1.0, 0.0]), np.array([1.0, -1.0, -0.0, 0.0]), np.array([-1.0, -1.0, -1.0, 0.0]))
    smooth("Hypot", np.hypot(u, v), u, v)
    values("Hypot", np.hypot([3e200, 3.0], [4e200, 4.0]), np.array([3e200, 3.0]), np.array([4e200, 4.0]))
    smooth("LogAddExp", np.logaddexp(u, v), u, v)
    w = np.array([-np.inf, -np.inf, 1000.0, np.inf, 3.0])
    values("LogAddExp", np.logaddexp(w, w[[0, 2, 4, 4, 0]]), w, w[[0, 2, 4, 4, 0]])
    p = positive(2, 3)
    smooth("XLogY", sp.xlogy(u, p), u, p)
    values("XLogY", sp.xlogy([0.0, 0.0, 1.0], [0.0, np.inf, 0.0]), np.array([0.0, 0.0, 1.0]), np.array([0.0, np.inf, 0.0]))
    smooth("CopySign", np.copysign(u, v), u, v)
    values("CopySign", np.copysign([1.0, -2.0, 3.0], [-0.0, 0.0, -5.0]), np.array([1.0, -2.0, 3.0]), np.array([-0.0, 0.0, -5.0]))
    values("Heaviside", np.heaviside([-1.0, 0.0, 2.0], 0.5), np.array([-1.0, 0.0, 2.0]), np.array(0.5))
    pytorch("Lerp", torch.lerp, normal(3), normal(3), normal(3))
    c, d = np.array([True, True, False, False]), np.array([True, False, True, False])
    for name, f in [("And", np.logical_and), ("Or", np.logical_or), ("Xor", np.logical_xor)]:
        values(name, f(c, d), c, d)
    values("Not", np.logical_not(c), c)
    g, h = np.array([1.0, 1.0, np.inf, np.nan, 1.0]), np.array([1.0, 1.001, np.inf, np.nan, np.inf])
    values("IsClose", np.isclose(g, h, rtol=1e-2, atol=1e-8), g, h)
    values("AllClose", np.allclose(g[:2], h[:2], rtol=1e-2, atol=1e-8), g[:2], h[:2])
    values("ArrayEqual", np.array_equal(g[:2], h[:2]), g[:2], h[:2])
    m, q, r = normal(3, 1) > 0, normal(3, 2), normal(2)
    smooth("Where", np.where(m, q, r), m, q, r)
    smooth("Clip", np.clip(q, -0.5, 0.75), q)
    smooth("FillWhere", np.where(m, 2.5, q), q, m)
    for dtype, x in [("int64", np.array([-1.7, 1.7, 0.5])), ("bool", np.array([-1.7, 0.0, 0.5])),
                     ("uint8", np.array([3, 255, 256, -1], np.int64)), ("float32", np.array([0.1, 1e-50])),
                     ("int32", np.array([True, False]))]:
        values("Cast/" + dtype, x.astype(dtype), x)
    values("StopGradient", q, q)


def activations():
    x = normal(3, 4)
    for call, f in [("GELU", F.gelu), ("GELUTanh", lambda t: F.gelu(t, approximate="tanh")), ("SiLU", F.silu), ("Mish", F.mish),
                    ("LogSigmoid", F.logsigmoid), ("Softsign", F.softsign), ("LeakyReLU", lambda t: F.leaky_relu(t, 0.1)),
                    ("ELU", lambda t: F.elu(t, 1.5)), ("SELU", F.selu), ("CELU", lambda t: F.celu(t, 1.5)), ("ReLU6", F.relu6),
                    ("HardTanh", F.hardtanh), ("HardSigmoid", lambda t: torch.clamp(t / 6 + 0.5, 0, 1)),
                    ("HardSwish", lambda t: t * torch.clamp(t / 6 + 0.5, 0, 1)), ("GLU", lambda t: F.glu(t, 1))]:
        pytorch(call, f, x * 2)
    for call, axis in [("Softmax/1", 1), ("Softmax/0", 0)]:
        pytorch(call, lambda t, axis=axis: torch.softmax(t, axis), x * 3)
    pytorch("LogSoftmax/1", lambda t: torch.log_softmax(t, 1), x * 3)
    pytorch("LogSoftmax/1", lambda t: torch.log_softmax(t, 1), x * 400, smooth=False)
    z, labels = normal(3, 5) * 3, np.array([0, 4, 2], np.int64)
    pytorch("SoftmaxCrossEntropy", lambda t, l: F.cross_entropy(t, l, reduction="none"), z, labels)
    pytorch("BinaryCrossEntropy", lambda t, l: F.binary_cross_entropy_with_logits(t, l, reduction="none"),
            z * 3, (z > 0).astype(np.float64))


def shapes():
    x = normal(3, 4, 2)
    for call, result in [("T", x.T), ("Transpose/102", x.transpose(1, 0, 2)), ("Reshape/4_-1", x.reshape(4, -1)), ("Ravel", x.ravel()),
                         ("Flatten", x.reshape(3, -1)), ("ExpandDims/1", x[:, None]), ("Squeeze", x),
                         ("Slice/1_3", x[1:3]), ("Slice/row_last", x[1, :, -1]), ("Slice/reverse", x[::-1, 3:0:-2]),
                         ("Slice/beyond", x[-9:9, 2:2]), ("Slice/list", x[[2, 0, 2]]), ("Slice/rows_columns", x[[[0], [2]], [1, -1]]),
                         ("Slice/apart", x[[0, 1], :, [1, 0]]), ("Slice/number_apart", x[0, :, [1, 0, 1]]),
                         ("Slice/new_axis", x[:, np.newaxis, 1]), ("Slice/ellipsis", x[..., 0]),
                         ("Slice/new_axis_list", x[None, [0, 2], :, 1]), ("Slice/new_axis_apart", x[[0, 1], None, :, [1, 0]]),
                         ("Slice/number_between", x[[0, 1], 0, [1, 0]]), ("Slice/ellipsis_list", x[..., [1, 0, 1]]), ("Slice/list_reverse", x[::-2, [3, 1], 1:]), ("Index/1_2", x[1, 2]),
                         ("Slice/middle", x[1:, [1, 3]]), ("Pad", np.pad(x, [(1, 0), (0, 2), (0, 0)])),
                         ("Flip", np.flip(x)), ("Flip/1", np.flip(x, 1)), ("Roll/1", np.roll(x, 3, 1)), ("Roll/-1", np.roll(x, -1, 0)),
                         ("Tile", np.tile(x, (2, 1, 2))), ("Tile/more", np.tile(x, (2, 1, 1, 3))), ("Repeat/1", np.repeat(x, 3, 1)),
                         ("MoveAxis", np.moveaxis(x, 0, 2)), ("SwapAxes", np.swapaxes(x, 0, 2)), ("Rot90/1", np.rot90(x, 1, (0, 1))),
                         ("Rot90/2", np.rot90(x, 2, (0, 1))), ("Rot90/3", np.rot90(x, -1, (1, 2))), ("Split/1", np.split(x, 2, 1)[1]),
                         ("SplitAt", np.split(x, [1, 3], 1)[1]), ("Unstack", x[:, 1]), ("Diff", np.diff(x, 2, 1)),
                         ("CumSum/1", np.cumsum(x, 1)), ("CumProd/0", np.cumprod(x, 0)), ("CumMax", np.maximum.accumulate(x, 1)),
                         ("CumMin", np.minimum.accumulate(x, 1)), ("Sort/1", np.sort(x, 1)), ("SortDescending/0", -np.sort(-x, 0)),
                         ("TopK/values", -np.sort(-x, 1)[:, :2])]:
        smooth(call, result, x)
    mask = x > 0
    smooth("Slice/mask", x[mask], x, mask)
    smooth("Slice/row_mask", x[mask[:, 0, 0]], x, mask[:, 0, 0])
    holes = np.array([[1.5, 0.0, 2.0], [0.0, 3.0, 0.0]])
    smooth("CumProd/1", np.cumprod(holes, 1), holes)
    f, b = normal(2, 4), normal(2, 4)
    h = np.zeros((2, 4))
    for i in range(4):
        h[:, i] = (f[:, i] * h[:, i - 1] if i else 0) + b[:, i]
    smooth("Recurrence", h, f, b)
    n = np.array([[3, 1, 2], [1, 1, 5]], np.int64)
    values("CumSum/1", np.cumsum(n, 1), n)
    for call, result in [("ArgSort/1", np.argsort(x, 1)), ("ArgSortDescending/1", np.argsort(-x, 1)), ("TopK/indices", np.argsort(-x, 1)[:, :2]),
                         ("NonZero", np.nonzero(x > 0)[1]), ("CountNonZero", np.count_nonzero(x > 0, 1))]:
        values(call, result, x)
    values("Sort/1", np.sort([[np.nan, 1.0, -2.0]], 1), np.array([[np.nan, 1.0, -2.0]]))
    smooth("Concat/1", np.concatenate([x, x[:, :1]], 1), x, x[:, :1])
    smooth("Stack/-1", np.stack([x, -x], -1), x, -x)
    i = np.array([[2, 0], [-1, 1]], np.int64)
    smooth("Gather/1", np.take(x, i, 1), x, i)
    smooth("Gather/-1", np.take(x, i % 2, -1), x, i % 2)
    rows = np.array([[[0, 1]], [[3, 3]], [[2, 0]]], np.int64)
    smooth("TakeAlong/1", np.take_along_axis(x, rows, 1), x, rows)
    pytorch("Embedding", lambda w, i: F.embedding(i, w), normal(4, 3), np.array([[2, 0], [2, 3]], np.int64))
    v, at = normal(3, 2), np.array([3, 0, 3], np.int64)
    added = normal(4, 2)
    result = added.copy()
    np.add.at(result, at, v)
    smooth("IndexAdd", result, added, at, v)
    result = added.copy()
    result[at] = v
    smooth("IndexSet", result, added, at, v)
    pytorch("AddAlong", lambda t, i, v: t.scatter_add(1, i, v), normal(2, 3), np.array([[0, 2], [1, 1]], np.int64), normal(2, 2))
    values("OneHot/3", np.eye(3, dtype=np.float32)[np.array([2, 0, 1])], np.array([2, 0, 1], np.int64))
    column = normal(3, 1)
    smooth("BroadcastTo/2_3_4", np.broadcast_to(column, (2, 3, 4)), column)
    grid = np.meshgrid(normal(2), column[:, 0], indexing="ij")
    smooth("Meshgrid/1", grid[1], grid[0][:, 0], column[:, 0])
    values("Unique/values", np.unique(n), n)
    values("Unique/counts", np.unique(n, return_counts=True)[1], n)
    values("Unique/inverse", np.unique(n, return_inverse=True)[1].reshape(n.shape), n)
    values("BinCount", np.bincount(n.ravel(), minlength=6), n)
    values("Histogram", np.histogram(x, 5, (-1, 1))[0], x)
    steps = np.array([-1.0, 0.0, 0.0, 2.0])
    values("SearchSorted", np.searchsorted(steps, [[-2.0, 0.0], [1.0, 3.0]]), steps, np.array([[-2.0, 0.0], [1.0, 3.0]]))


def reductions():
    x = normal(3, 4, 2)
    for name, f in [("Sum", np.sum), ("Mean", np.mean), ("Prod", np.prod), ("Max", np.max), ("Min", np.min),
                    ("Var", np.var), ("Std", np.std), ("PeakToPeak", np.ptp)]:
        smooth(name, f(x), x)
        smooth(name + "/1", f(x, 1), x)
        smooth(name + "/keep_0_-1", f(x, (0, -1), keepdims=True), x)
    smooth("LogSumExp", sp.logsumexp(x), x)
    smooth("LogSumExp/1", sp.logsumexp(x, 1), x)
    smooth("LogSumExp/keep_0_-1", sp.logsumexp(x, (0, -1), keepdims=True), x)
    far = np.array([[-np.inf, -np.inf], [1000.0, 1000.0], [-np.inf, 2.0], [np.inf, 0.0]])
    values("LogSumExp/1", sp.logsumexp(far, 1), far)
    smooth("VarOf", np.var(x, 1, ddof=1), x)
    smooth("StdOf", np.std(x, 1, ddof=1), x)
    smooth("Norm", np.linalg.norm(x.ravel()), x)
    for call, p in [("NormOf/1", 1), ("NormOf/2", 2), ("NormOf/3", 3), ("NormOf/inf", np.inf), ("NormOf/-inf", -np.inf), ("NormOf/0", 0)]:
        smooth(call, np.linalg.norm(x, p, 1) if p != 3 else (np.abs(x) ** 3).sum(1) ** (1 / 3), x)
    w = positive(3, 4, 2)
    smooth("Average", np.average(x, 1, w), x, w)
    gaps = np.array([[1.0, np.nan, 3.0], [np.nan, 2.0, 5.0]])
    values("NanSum", np.nansum(gaps, 1), gaps)
    values("NanMean", np.nanmean(gaps, 1), gaps)
    smooth("Quantile", np.quantile(x, 0.3, 1), x)
    smooth("Median", np.median(x, 1), x)
    r = normal(3, 5)
    smooth("Cov", np.cov(r), r)
    smooth("Corrcoef", np.corrcoef(r), r)
    n = np.array([[3, 250], [250, 7]], np.uint8)
    values("Sum", np.sum(n, dtype=np.int64), n)
    values("Max/1", np.max(n, 1), n)
    c = normal(3, 2) > 0
    values("Sum", np.sum(c, dtype=np.int64), c)
    values("Any/1", np.any(c, 1), c)
    values("All", np.all(c), c)
    ties = np.array([[1.0, 3.0, 3.0], [np.nan, 1.0, np.nan], [-1.0, -1.0, -2.0]])
    values("ArgMax/1", np.argmax(ties, 1), ties)
    values("ArgMax", np.argmax(x), x)
    values("ArgMin", np.argmin(x), x)
    values("ArgMin/0", np.argmin(ties[::2], 0), ties[::2])
    values("Max/1", np.max(ties, 1), ties)
    pytorch("Max", lambda t: torch.amax(t), np.array([1.0, 3.0, 3.0]), smooth=False)
    zero = np.array([[2.0, 0.0, 3.0], [0.0, 0.0, 1.0], [1.0, 2.0, 4.0]])
    pytorch("Prod/1", lambda t: torch.prod(t, 1), zero)


def spd(*shape):
    a = normal(*shape)
    return np.round(a @ np.swapaxes(a, -1, -2) / 2 + np.diag(np.arange(1.0, shape[-1] + 1) * 2), 3)


def algebra():
    for s, t in [((2, 3), (3, 4)), ((3,), (3,)), ((3,), (3, 4)), ((2, 3), (3,)), ((5, 2, 3), (3, 4)),
                 ((5, 1, 2, 3), (4, 3, 2)), ((2, 3), (5, 3, 2)), ((3,), (5, 3, 2)), ((5, 2, 3), (3,))]:
        pytorch("MatMul", torch.matmul, normal(*s), normal(*t))
    values("MatMul", np.array([[1, 2], [3, 4]]) @ np.array([[5], [6]]), np.array([[1, 2], [3, 4]]), np.array([[5], [6]]))
    a, v, w = spd(3, 3), normal(3), normal(4)
    batch, m = spd(2, 3, 3), normal(3, 2)
    smooth("Cholesky", np.linalg.cholesky(a), a)
    smooth("Cholesky", np.linalg.cholesky(batch), batch)
    pytorch("Solve", torch.linalg.solve, a, m)
    smooth("Solve", np.linalg.solve(a, v), a, v)
    smooth("Solve", np.linalg.solve(batch, m), batch, m)
    smooth("SolveTriangular/lower", scipy.linalg.solve_triangular(a, m, lower=True), a, m)
    smooth("SolveTriangular/upper", scipy.linalg.solve_triangular(a, v), a, v)
    pytorch("Inverse", torch.linalg.inv, batch)
    pytorch("Det", torch.linalg.det, batch)
    sign, size = np.linalg.slogdet(-batch)
    values("LogDet/sign", sign, -batch)
    smooth("LogDet/size", size, -batch)
    values("Det", np.linalg.det(np.ones((2, 2))), np.ones((2, 2)))
    tall = normal(4, 2)
    q, r = np.linalg.qr(tall)
    d = np.sign(np.diag(r))
    smooth("QR/q", q * d, tall)
    smooth("QR/r", r * d[:, None], tall)

    def point(u):
        return np.sign(np.take_along_axis(u, np.abs(u).argmax(-2)[..., None, :], -2))

    values_, vectors = np.linalg.eigh(a)
    smooth("Eigh/values", values_, a)
    smooth("Eigh/vectors", vectors * point(vectors), a)
    for x in (normal(3, 2), normal(2, 2, 3)):
        u, s, vt = np.linalg.svd(x, full_matrices=False)
        smooth("SVD/u", u * point(u), x)
        smooth("SVD/s", s, x)
        smooth("SVD/v", np.swapaxes(vt, -1, -2) * point(u), x)
    smooth("Pinv", np.linalg.pinv(tall), tall)
    flat = np.outer([1.0, 2.0, 3.0], [4.0, 5.0])
    values("Pinv", np.linalg.pinv(flat), flat)
    values("MatrixRank", np.linalg.matrix_rank(flat), flat)
    values("MatrixRank", np.linalg.matrix_rank(tall), tall)
    smooth("LeastSquares", np.linalg.lstsq(tall, w, rcond=None)[0], tall, w)
    smooth("LeastSquares", np.linalg.lstsq(tall, normal(4, 3) * 0 + w[:, None], rcond=None)[0], tall, np.repeat(w[:, None], 3, 1))
    smooth("MatrixPower/3", np.linalg.matrix_power(a, 3), a)
    smooth("MatrixPower/-2", np.linalg.matrix_power(a, -2), a)
    smooth("Outer", np.outer(v, w), v, w)
    b = normal(2, 3)
    smooth("Inner", np.inner(b, v), b, v)
    smooth("Dot", np.dot(b, m), b, m)
    deep = normal(2, 3, 2)
    smooth("Dot", np.dot(b, deep), b, deep)
    smooth("TensorDot", np.tensordot(b, deep, ([0, 1], [0, 1])), b, deep)
    smooth("Kron", np.kron(b, m), b, m)
    smooth("Cross", np.cross(b, v), b, v)
    smooth("Trace", np.trace(batch, axis1=-2, axis2=-1), batch)
    smooth("Diag/1", np.diag(v, 1), v)
    smooth("Diag/-1", np.diag(v, -1), v)
    smooth("Diag/matrix", np.diag(b, 1), b)
    smooth("Diagonal/-1", np.diagonal(batch, -1, -2, -1), batch)
    smooth("Tril", np.tril(batch, -1), batch)
    smooth("Triu", np.triu(b, 1), b)
    smooth("Vander", np.vander(v, 4, increasing=True), v)
    for call, formula, operands in [("Einsum/matmul", "ij,jk->ik", (b, m)), ("Einsum/attention", "bhqd,bhkd->bhqk", (normal(2, 1, 3, 2), normal(2, 1, 2, 2))),
                                    ("Einsum/trace", "ii->", (a,)), ("Einsum/outer", "i,j->ji", (v, w)), ("Einsum/three", "ij,jk,kl->il", (b, m, b)),
                                    ("Einsum/batch", "bij,bj->bi", (batch, normal(2, 3))), ("Einsum/implicit", "ba", (b,)),
                                    ("Einsum/sum", "ijk->k", (deep,)), ("Einsum/hadamard", "ij,ij->ij", (b, b + 1))]:
        smooth(call, np.einsum(formula, *operands), *operands)


def networks():
    img = normal(1, 4, 6, 5)
    for call, w, kw in [("Conv2D", normal(3, 4, 3, 2), {}),
                        ("Conv2D/stride2_pad1", normal(3, 4, 3, 3), dict(stride=2, padding=1)),
                        ("Conv2D/same", normal(3, 4, 3, 3), dict(padding="same")),
                        ("Conv2D/same", normal(3, 4, 2, 4), dict(padding="same")),
                        ("Conv2D/dilation2", normal(3, 4, 2, 2), dict(dilation=2)),
                        ("Conv2D/uneven", normal(2, 4, 3, 2), dict(stride=(2, 1), padding=(1, 0), dilation=(1, 2))),
                        ("Conv2D/groups2", normal(6, 2, 2, 2), dict(groups=2))]:
        pytorch(call, lambda t, v, kw=kw: F.conv2d(t, v, **kw), img, w)
    asymmetric = normal(2, 4, 2, 2)
    pytorch("Conv2D/asymmetric", lambda t, v: F.conv2d(F.pad(t, (0, 2, 1, 0)), v), img, asymmetric)
    seq, vol = normal(2, 4, 7), normal(1, 2, 4, 4, 3)
    for call, x, w, kw in [("Conv1D", seq, normal(3, 4, 3), {}), ("Conv1D/options", seq, normal(2, 2, 2), dict(stride=2, padding=1, dilation=2, groups=2)),
                           ("Conv1D/same", seq, normal(3, 4, 4), dict(padding="same"))]:
        pytorch(call, lambda t, v, kw=kw: F.conv1d(t, v, **kw), x, w)
    for call, x, w, kw in [("Conv3D", vol, normal(2, 2, 2, 3, 2), {}), ("Conv3D/same", vol, normal(2, 2, 3, 2, 2), dict(padding="same")),
                           ("Conv3D/options", vol, normal(2, 1, 2, 2, 2), dict(stride=(2, 1, 2), padding=(1, 0, 1), dilation=(2, 1, 1), groups=2))]:
        pytorch(call, lambda t, v, kw=kw: F.conv3d(t, v, **kw), x, w)
    small, line, cube = normal(2, 4, 3, 2), normal(2, 4, 3), normal(1, 2, 2, 3, 2)
    for call, f, x, w, kw in [("ConvTranspose2D", F.conv_transpose2d, small, normal(4, 3, 2, 3), {}),
                              ("ConvTranspose2D/options", F.conv_transpose2d, small, normal(4, 1, 3, 3), dict(stride=(2, 3), padding=1, output_padding=1, groups=2)),
                              ("ConvTranspose2D/dilation2", F.conv_transpose2d, small, normal(4, 1, 2, 2), dict(dilation=2)),
                              ("ConvTranspose1D", F.conv_transpose1d, line, normal(4, 2, 3), {}),
                              ("ConvTranspose1D/options", F.conv_transpose1d, line, normal(4, 1, 3), dict(stride=2, padding=1, output_padding=1, groups=2)),
                              ("ConvTranspose3D", F.conv_transpose3d, cube, normal(2, 1, 2, 2, 2), {}),
                              ("ConvTranspose3D/options", F.conv_transpose3d, cube, normal(2, 1, 3, 2, 2), dict(stride=2, padding=1, output_padding=1, groups=2))]:
        pytorch(call, lambda t, v, f=f, kw=kw: f(t, v, **kw), x, w)
    flat = np.maximum(np.round(normal(1, 1, 6, 6)), 0)
    pytorch("MaxPool2D", lambda t: F.max_pool2d(t, 2), img)
    pytorch("MaxPool2D", lambda t: F.max_pool2d(t, 2), flat, smooth=False)
    pytorch("MaxPool2D/stride2_pad1", lambda t: F.max_pool2d(t, 3, stride=2, padding=1), img)
    pytorch("MaxPool2D/uneven", lambda t: F.max_pool2d(t, (3, 2), stride=(1, 2), padding=(1, 0)), img)
    pytorch("MaxPool1D", lambda t: F.max_pool1d(t, 2), seq)
    pytorch("MaxPool3D", lambda t: F.max_pool3d(t, 2, stride=1, padding=1), vol)
    pytorch("AvgPool2D", lambda t: F.avg_pool2d(t, 2), img)
    pytorch("AvgPool2D/stride2_pad1", lambda t: F.avg_pool2d(t, 3, stride=2, padding=1, count_include_pad=False), img)
    pytorch("AvgPool2D/count_pad", lambda t: F.avg_pool2d(t, 3, stride=2, padding=1), img)
    pytorch("AvgPool1D", lambda t: F.avg_pool1d(t, 3, stride=2), seq)
    pytorch("AvgPool3D", lambda t: F.avg_pool3d(t, 2, stride=1, padding=1, count_include_pad=False), vol)
    pytorch("GlobalAvgPool", lambda t: t.mean((2, 3)), img)
    pytorch("GlobalMaxPool", lambda t: t.amax((2, 3)), img)
    pytorch("AdaptiveAvgPool", lambda t: F.adaptive_avg_pool2d(t, (3, 4)), img)
    pytorch("AdaptiveMaxPool", lambda t: F.adaptive_max_pool2d(t, (3, 4)), img)
    pytorch("PixelShuffle", lambda t: F.pixel_shuffle(t, 2), img)
    pytorch("Resize/nearest", lambda t: F.interpolate(t, (5, 9), mode="nearest"), img)
    pytorch("Resize/linear", lambda t: F.interpolate(t, (5, 9), mode="bilinear"), img)
    pytorch("Upsample/nearest", lambda t: F.interpolate(t, scale_factor=2, mode="nearest"), seq)
    pytorch("Upsample/linear", lambda t: F.interpolate(t, scale_factor=2, mode="trilinear"), cube)


def more():
    wide = normal(2, 4)
    batch = normal(2, 2, 3)
    for x in (wide, batch):
        q, r = np.linalg.qr(x)
        d = np.sign(np.diagonal(r, axis1=-2, axis2=-1))
        smooth("QR/q", q * d[..., None, :], x)
        smooth("QR/r", r * d[..., None], x)
    numbers = np.array([[0.0, 2.0, 0.0], [0.0, 0.0, 0.0], [1.0, -1.0, 3.0]])
    for x in (numbers, numbers.astype(np.float32), numbers.astype(np.int64), numbers.astype(bool)):
        for op, f in (("Any", np.any), ("All", np.all)):
            values(op, f(x), x)
            values(op + "/1", f(x, 1), x)
    x = normal(3, 4)
    for mode in ("edge", "reflect", "symmetric", "wrap"):
        smooth("PadWith/" + mode, np.pad(x, ((1, 2), (2, 0)), mode), x)
    values("PadWith/reflect", np.pad(np.array([[1, 2, 3]]), ((1, 2), (2, 0)), "reflect"), np.array([[1, 2, 3]]))
    smooth("PadValue", np.pad(x, ((1, 0), (0, 2)), constant_values=1.5), x)
    pytorch("Unflatten", lambda t: t.unflatten(1, (2, -1)), x)
    pytorch("FlattenAxes", lambda t: t.flatten(1, 2), normal(2, 3, 2, 2))
    pytorch("Windows", lambda t: t.unfold(1, 3, 2), normal(2, 6, 2))
    at = np.array([[2, 0], [1, 3], [3, 2]])
    v = normal(3, 2)
    pytorch("SetAlong", lambda t, i, u: t.scatter(1, i, u), x, at, v)
    values("IsIn", np.isin(np.array([[1, 2], [3, 4]]), np.array([4, 1, 7])), np.array([[1, 2], [3, 4]]), np.array([4, 1, 7]))
    holes = np.where(np.array([[True, False, True, False], [False] * 4, [False, True, False, False]]), np.nan, x)
    values("NanMax/1", np.nanmax(holes, 1), holes)
    values("NanMin/1", np.nanmin(holes, 1), holes)
    values("NanMax", np.nanmax(holes), holes)
    values("NanMin", np.nanmin(holes), holes)
    pytorch("Normalize", lambda t: F.normalize(t, dim=1), x)
    y = normal(3, 4)
    pytorch("CosineSimilarity", lambda t, u: F.cosine_similarity(t, u, dim=1), x, y)
    pytorch("Distances/2", lambda t, u: torch.cdist(t, u), normal(2, 3, 2), normal(2, 4, 2))
    pytorch("Distances/1", lambda t, u: torch.cdist(t, u, 1), normal(3, 2), normal(4, 2))
    pytorch("HardShrink", lambda t: F.hardshrink(t, 0.4), x)
    pytorch("SoftShrink", lambda t: F.softshrink(t, 0.4), x)
    pytorch("TanhShrink", F.tanhshrink, x)
    q, k, u = normal(2, 3, 4), normal(2, 5, 4), normal(2, 5, 3)
    pytorch("Attention", F.scaled_dot_product_attention, q, k, u)
    pytorch("Attention/causal", lambda a, b, c: F.scaled_dot_product_attention(a, b, c, is_causal=True), q, q + 0.5, normal(2, 3, 2))
    mask = rng.uniform(size=(3, 5)) < 0.6
    mask[:, 0] = True
    pytorch("Attention/mask", lambda a, b, c, m: F.scaled_dot_product_attention(a, b, c, m), q, k, u, mask)
    pytorch("Attention/mask", lambda a, b, c, m: F.scaled_dot_product_attention(a, b, c, m), q, k, u, normal(2, 3, 5))


with np.errstate(all="ignore"):
    for family in (elementary, pairs, activations, shapes, reductions, algebra, networks, more):
        family()
names = ["bool", "uint8", "int32", "int64", "float32", "float64"]
promotion = [[a, b, str(np.promote_types(a, b)), str(torch.promote_types(getattr(torch, a), getattr(torch, b)))[6:]] for a in names for b in names]
text = json.dumps({"numpy": np.__version__, "torch": torch.__version__, "promotion": promotion, "cases": cases}, indent=None)
with open(sys.argv[1], "w") as out:
    out.write(text.replace('{"call"', '\n{"call"') + "\n")
