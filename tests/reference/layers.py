"""Values and gradients of layers and losses, by PyTorch in float64.

    python3 layers.py OUTPUT.json

Element k (row-major) of array number i, of limit l, is (h / 2^32 - 0.5) * 2 * l
with the h of cnn.py. Parameters are the arrays 0, 1, ... of limit 0.5, in the
shapes of dl/nn (dense weights are (in, out)); the state is 50, 51, ..., of
limit 0.5, and 1 is added to variances; inputs are 100, 101, ... of limit 2. The
output is multiplied by array 200, of limit 1, and summed; what is written are
the output and the gradients of that sum by inputs and parameters.
"""

import json
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call


def array(i, shape, limit):
    n = int(np.prod(shape))
    mask = np.uint64(0xFFFFFFFF)
    h = (np.arange(n, dtype=np.uint64) + np.uint64(i * 0x9E3779B9)) & mask
    h ^= h >> np.uint64(16)
    h = (h * np.uint64(0x85EBCA6B)) & mask
    h ^= h >> np.uint64(13)
    h = (h * np.uint64(0xC2B2AE35)) & mask
    h ^= h >> np.uint64(16)
    return torch.tensor(((h.astype(np.float64) / 2**32 - 0.5) * 2 * limit).reshape(shape))


def recurrent(module, x, *p):
    """Parameters in groups of four, one for each direction."""
    names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
    state = {}
    for d, suffix in enumerate(["", "_reverse"][: len(p) // 4]):
        for k, name in enumerate(names):
            v = p[4 * d + k]
            state[name + suffix] = v.T if k < 2 else v
    return functional_call(module.double(), state, x)[0]


def attention(heads, causal, q, kv, w, b, wo, bo):
    m = nn.MultiheadAttention(q.shape[2], heads, batch_first=True).double()
    state = {"in_proj_weight": w.T, "in_proj_bias": b, "out_proj.weight": wo.T, "out_proj.bias": bo}
    mask = nn.Transformer.generate_square_subsequent_mask(q.shape[1], dtype=torch.float64) if causal else None
    return functional_call(m, state, (q, kv, kv), {"attn_mask": mask, "need_weights": False})[0]


def block(heads, hidden, pre, causal, x, *p):
    m = nn.TransformerEncoderLayer(x.shape[2], heads, hidden, dropout=0.0, batch_first=True, norm_first=pre).double()
    names = [
        "self_attn.in_proj_weight", "self_attn.in_proj_bias", "self_attn.out_proj.weight", "self_attn.out_proj.bias",
        "norm1.weight", "norm1.bias", "linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias", "norm2.weight", "norm2.bias",
    ]
    state = {n: (v.T if v.dim() == 2 else v) for n, v in zip(names, p)}
    mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1], dtype=torch.float64) if causal else None
    return functional_call(m, state, (x,), {"src_mask": mask})


def positions(x):
    n, d = x.shape[1:]
    at = torch.arange(n, dtype=torch.float64)[:, None] / 10000 ** (torch.arange(0, d, 2, dtype=torch.float64) / d)
    code = torch.zeros(n, d, dtype=torch.float64)
    code[:, 0::2], code[:, 1::2] = torch.sin(at), torch.cos(at[:, : d // 2])
    return x + code


ATTENTION = [(4, 12), (12,), (4, 4), (4,)]
BLOCK = [*ATTENTION, (4,), (4,), (4, 6), (6,), (6, 4), (4,), (4,), (4,)]


# name: (inputs, parameters, function, state, function of the state after it)
CASES = {
    "dense": ([(3, 4)], [(4, 2), (2,)], lambda x, w, b: x @ w + b),
    "dense of steps": ([(2, 3, 4)], [(4, 2), (2,)], lambda x, w, b: x @ w + b),
    "conv1d": ([(2, 3, 9)], [(4, 3, 3), (4,)], lambda x, w, b: F.conv1d(x, w, b, stride=2, padding=1)),
    "conv1d dilated": ([(2, 3, 9)], [(4, 3, 3), (4,)], lambda x, w, b: F.conv1d(x, w, b, dilation=2)),
    "conv2d same": ([(2, 3, 5, 4)], [(2, 3, 3, 3), (2,)], lambda x, w, b: F.conv2d(x, w, b, padding="same")),
    "conv2d groups": ([(2, 4, 6, 5)], [(6, 2, 3, 3), (6,)], lambda x, w, b: F.conv2d(x, w, b, stride=2, padding=1, groups=2)),
    "conv3d": ([(1, 2, 4, 3, 4)], [(2, 2, 2, 2, 2), (2,)], lambda x, w, b: F.conv3d(x, w, b, padding=1)),
    "depthwise": ([(2, 3, 5, 5)], [(6, 1, 3, 3), (6,)], lambda x, w, b: F.conv2d(x, w, b, padding=1, groups=3)),
    "conv transpose 1d": ([(2, 3, 4)], [(3, 2, 3), (2,)], lambda x, w, b: F.conv_transpose1d(x, w, b, stride=2)),
    "conv transpose 2d": ([(2, 3, 4, 3)], [(3, 2, 3, 3), (2,)],
                          lambda x, w, b: F.conv_transpose2d(x, w, b, stride=2, padding=1, output_padding=1)),
    "maxpool1d": ([(2, 3, 7)], [], lambda x: F.max_pool1d(x, 3, 2)),
    "maxpool2d": ([(2, 3, 5, 6)], [], lambda x: F.max_pool2d(x, 2)),
    "maxpool3d": ([(1, 2, 4, 4, 4)], [], lambda x: F.max_pool3d(x, 2)),
    "avgpool1d": ([(2, 3, 7)], [], lambda x: F.avg_pool1d(x, 3, 2)),
    "avgpool2d": ([(2, 3, 5, 6)], [], lambda x: F.avg_pool2d(x, 3, 2, padding=1, count_include_pad=False)),
    "avgpool3d": ([(1, 2, 4, 4, 4)], [], lambda x: F.avg_pool3d(x, 2)),
    "global avgpool": ([(2, 3, 4, 5)], [], lambda x: F.adaptive_avg_pool2d(x, 1).flatten(1)),
    "global maxpool": ([(2, 3, 4, 5)], [], lambda x: F.adaptive_max_pool2d(x, 1).flatten(1)),
    "upsample nearest": ([(2, 3, 3, 4)], [], lambda x: F.interpolate(x, scale_factor=2, mode="nearest")),
    "upsample linear": ([(2, 3, 3, 4)], [], lambda x: F.interpolate(x, scale_factor=2, mode="bilinear")),
    "batchnorm": ([(5, 3)], [(3,), (3,)], lambda x, w, b, m, v: F.batch_norm(x, m, v, w, b, True), [(3,), (3,)]),
    "batchnorm of images": ([(2, 3, 4, 3)], [(3,), (3,)], lambda x, w, b, m, v: F.batch_norm(x, m, v, w, b, True), [(3,), (3,)]),
    "batchnorm evaluated": ([(2, 3, 4, 3)], [(3,), (3,)], lambda x, w, b, m, v: F.batch_norm(x, m, v, w, b, False), [(3,), (3,)]),
    "layernorm": ([(2, 3, 4)], [(4,), (4,)], lambda x, w, b: F.layer_norm(x, (4,), w, b)),
    "groupnorm": ([(2, 6, 3, 2)], [(6,), (6,)], lambda x, w, b: F.group_norm(x, 3, w, b)),
    "instancenorm": ([(2, 3, 4, 2)], [(3,), (3,)], lambda x, w, b: F.instance_norm(x, None, None, w, b)),
    "rmsnorm": ([(2, 3, 4)], [(4,)], lambda x, w: F.rms_norm(x, (4,), w, eps=1e-5)),
    "embedding": ([], [(5, 3)], lambda w: F.embedding(torch.tensor([[0, 4, 2], [2, 2, 1]]), w)),
    "positional encoding": ([(2, 3, 5)], [], positions),
    "relu": ([(3, 4)], [], F.relu),
    "leaky relu": ([(3, 4)], [], lambda x: F.leaky_relu(x, 0.1)),
    "elu": ([(3, 4)], [], lambda x: F.elu(x, 0.7)),
    "selu": ([(3, 4)], [], F.selu),
    "gelu": ([(3, 4)], [], F.gelu),
    "silu": ([(3, 4)], [], F.silu),
    "mish": ([(3, 4)], [], F.mish),
    "hard sigmoid": ([(3, 4)], [], F.hardsigmoid),
    "hard swish": ([(3, 4)], [], F.hardswish),
    "softplus": ([(3, 4)], [], F.softplus),
    "softsign": ([(3, 4)], [], F.softsign),
    "tanh": ([(3, 4)], [], torch.tanh),
    "sigmoid": ([(3, 4)], [], torch.sigmoid),
    "softmax": ([(3, 4)], [], lambda x: F.softmax(x, -1)),
    "log softmax": ([(3, 4)], [], lambda x: F.log_softmax(x, -1)),
    "prelu": ([(2, 3, 2)], [(3,)], F.prelu),
    "conv transpose 3d": ([(1, 2, 2, 3, 2)], [(2, 2, 2, 2, 2), (2,)], lambda x, w, b: F.conv_transpose3d(x, w, b, stride=2)),
    "separable": ([(2, 3, 5, 4)], [(3, 1, 3, 3), (2, 3, 1, 1), (2,)],
                  lambda x, d, p, b: F.conv2d(F.conv2d(x, d, padding=1, groups=3), p, b)),
    "relu6": ([(3, 4)], [], lambda x: F.relu6(x)),
    "hard tanh": ([(3, 4)], [], F.hardtanh),
    "log sigmoid": ([(3, 4)], [], F.logsigmoid),
    "celu": ([(3, 4)], [], lambda x: F.celu(x, 0.7)),
    "glu": ([(3, 4)], [], F.glu),
    "identity": ([(3, 4)], [], lambda x: x * 1),
    "adaptive avgpool": ([(2, 3, 5, 4)], [], lambda x: F.adaptive_avg_pool2d(x, (2, 3))),
    "adaptive maxpool": ([(2, 3, 5, 4)], [], lambda x: F.adaptive_max_pool2d(x, (2, 3))),
    "pixel shuffle": ([(1, 8, 2, 3)], [], lambda x: F.pixel_shuffle(x, 2)),
    "pad2d": ([(1, 2, 3, 4)], [], lambda x: F.pad(x, (2, 0, 1, 2), mode="reflect")),
    "local response norm": ([(2, 6, 2, 2)], [], lambda x: F.local_response_norm(x, 3, 0.5, 0.75, 2.0)),
    "local response norm even": ([(2, 5, 3)], [], lambda x: F.local_response_norm(x, 4, 0.5, 0.75, 2.0)),
    "flatten": ([(2, 3, 2)], [], lambda x: x.flatten(1)),
    "reshape": ([(2, 3, 4)], [], lambda x: x.reshape(2, 6, 2)),
    "permute": ([(2, 3, 4)], [], lambda x: x.permute(0, 2, 1)),
    "zeropad": ([(1, 2, 2, 3)], [], lambda x: F.pad(x, (3, 0, 1, 2))),
    "residual": ([(3, 4)], [(4, 4), (4,)], lambda x, w, b: x + F.relu(x @ w + b)),
    "rnn": ([(2, 5, 3)], [(3, 4), (4, 4), (4,), (4,)], lambda x, *p: recurrent(nn.RNN(3, 4, batch_first=True), x, *p)),
    "rnn relu": ([(2, 5, 3)], [(3, 4), (4, 4), (4,), (4,)],
                 lambda x, *p: recurrent(nn.RNN(3, 4, batch_first=True, nonlinearity="relu"), x, *p)),
    "lstm": ([(2, 5, 3)], [(3, 16), (4, 16), (16,), (16,)], lambda x, *p: recurrent(nn.LSTM(3, 4, batch_first=True), x, *p)),
    "gru": ([(2, 5, 3)], [(3, 12), (4, 12), (12,), (12,)], lambda x, *p: recurrent(nn.GRU(3, 4, batch_first=True), x, *p)),
    "gru last": ([(2, 5, 3)], [(3, 12), (4, 12), (12,), (12,)], lambda x, *p: recurrent(nn.GRU(3, 4, batch_first=True), x, *p)[:, -1]),
    "bidirectional": ([(2, 5, 3)], 2 * [(3, 16), (4, 16), (16,), (16,)],
                      lambda x, *p: recurrent(nn.LSTM(3, 4, batch_first=True, bidirectional=True), x, *p)),
    "attention": ([(2, 3, 4)], ATTENTION, lambda x, *p: attention(2, False, x, x, *p)),
    "attention causal": ([(2, 3, 4)], ATTENTION, lambda x, *p: attention(2, True, x, x, *p)),
    "attention to others": ([(2, 3, 4), (2, 5, 4)], ATTENTION, lambda x, y, *p: attention(2, False, x, y, *p)),
    "transformer": ([(2, 3, 4)], BLOCK, lambda x, *p: block(2, 6, False, False, x, *p)),
    "transformer causal": ([(2, 3, 4)], BLOCK, lambda x, *p: block(2, 6, True, True, x, *p)),
}

LABELS = torch.tensor([2, 0, 1, 2])
SIGNS = torch.tensor([[1.0, -1, -1], [-1, 1, 1], [1, 1, -1], [-1, -1, 1]], dtype=torch.float64)
SHARES = F.softmax(array(101, (4, 3), 2.0), -1)
REAL = array(101, (4, 3), 2.0)


def focal(o):
    ce = F.cross_entropy(o, LABELS, reduction="none")
    return ((1 - torch.exp(-ce)) ** 2 * ce).mean()


# name: (what targets the loss gets, function of the outputs (4, 3), of array 100)
LOSSES = {
    "softmax cross-entropy": ("labels", lambda o: F.cross_entropy(o, LABELS)),
    "smoothed cross-entropy": ("labels", lambda o: F.cross_entropy(o, LABELS, label_smoothing=0.1)),
    "soft cross-entropy": ("shares", lambda o: F.cross_entropy(o, SHARES)),
    "negative log-likelihood": ("labels", lambda o: F.nll_loss(o, LABELS)),
    "focal": ("labels", focal),
    "binary cross-entropy": ("bits", lambda o: F.binary_cross_entropy_with_logits(o, (SIGNS + 1) / 2)),
    "squared": ("real", lambda o: F.mse_loss(o, REAL)),
    "absolute": ("real", lambda o: F.l1_loss(o, REAL)),
    "huber": ("real", lambda o: F.huber_loss(o, REAL, delta=0.7)),
    "log cosh": ("real", lambda o: torch.log(torch.cosh(o - REAL)).mean()),
    "hinge": ("signs", lambda o: torch.clamp(1 - o * SIGNS, min=0).mean()),
    "squared hinge": ("signs", lambda o: (torch.clamp(1 - o * SIGNS, min=0) ** 2).mean()),
    "multi-margin": ("labels", lambda o: F.multi_margin_loss(o, LABELS, margin=0.8)),
    "kl divergence": ("shares", lambda o: F.kl_div(o, SHARES, reduction="batchmean")),
    "poisson": ("shares", lambda o: F.poisson_nll_loss(o, SHARES)),
    "cosine": ("real", lambda o: (1 - F.cosine_similarity(o, REAL)).mean()),
    "percentage": ("real", lambda o: (100 * torch.abs(o - REAL) / torch.abs(REAL)).mean()),
    "logarithmic": ("shares", lambda o: ((torch.log1p(torch.relu(o)) - torch.log1p(SHARES)) ** 2).mean()),
    "quantile": ("real", lambda o: torch.maximum(0.3 * (REAL - o), -0.7 * (REAL - o)).mean()),
    "dice": ("bits", lambda o: 1 - (2 * (torch.sigmoid(o) * (SIGNS + 1) / 2).sum() + 1) / (torch.sigmoid(o).sum() + ((SIGNS + 1) / 2).sum() + 1)),
    "triplet": ("real", lambda o: F.triplet_margin_loss(o, REAL, SHARES, margin=1.0, eps=0)),
    "gaussian": ("first", lambda o: F.gaussian_nll_loss(o[:, 0], REAL[:, 0], torch.exp(o[:, 1]))),
}


def flat(t):
    return t.detach().flatten().tolist()


def layer(inputs, parameters, f, state=()):
    xs = [array(100 + i, s, 2.0).requires_grad_() for i, s in enumerate(inputs)]
    ps = [array(i, s, 0.5).requires_grad_() for i, s in enumerate(parameters)]
    st = [array(50 + i, s, 0.5) + i for i, s in enumerate(state)]
    y = f(*xs, *ps, *st)
    (y * array(200, tuple(y.shape), 1.0)).sum().backward()
    return {
        "inputs": [list(s) for s in inputs],
        "parameters": [list(s) for s in parameters],
        "shape": list(y.shape),
        "output": flat(y),
        "input_gradients": [flat(x.grad) for x in xs],
        "parameter_gradients": [flat(p.grad) for p in ps],
        "state": [flat(s) for s in st],
    }


def loss(kind, f):
    o = array(100, (4, 3), 2.0).requires_grad_()
    v = f(o)
    v.backward()
    return {"targets": kind, "loss": v.item(), "gradient": flat(o.grad)}


def main(output):
    with open(output, "w") as out:
        json.dump(
            {
                "origin": f"tests/reference/layers.py, PyTorch {torch.__version__}, float64 on the CPU",
                "layers": {name: layer(*c) for name, c in CASES.items()},
                "targets": {"labels": LABELS.tolist(), "signs": flat(SIGNS), "bits": flat((SIGNS + 1) / 2),
                            "shares": flat(SHARES), "real": flat(REAL), "first": flat(REAL[:, 0])},
                "losses": {name: loss(*c) for name, c in LOSSES.items()},
            },
            out,
            indent=None,
            separators=(",", ":"),
        )
        out.write("\n")


main(*sys.argv[1:])
