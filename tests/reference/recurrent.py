"""Loss and gradients of two recurrent networks, and a Hessian-vector product.

    python3 recurrent.py OUTPUT.json

All in float64 by PyTorch. "elman" and "lstm" read sequences of shape [steps,
batch, inputs] with torch.nn.RNN and torch.nn.LSTM from states of zeros; the loss
is the mean softmax cross-entropy of a linear layer on the last state. "hvp" is
the product of the Hessian of a two-layer network's loss by all its parameters
with given vectors. Matrices are written as they are multiplied from the right, x @
w, so transposed where PyTorch has them the other way.
"""

import json
import sys

import torch

torch.manual_seed(20171108)
torch.set_default_dtype(torch.float64)
STEPS, BATCH, INPUTS, HIDDEN, CLASSES = 7, 3, 4, 5, 3


def pack(t):
    return {"shape": list(t.shape), "data": t.detach().reshape(-1).tolist()}


def recurrent(kind):
    net = kind(INPUTS, HIDDEN)
    head = torch.nn.Linear(HIDDEN, CLASSES)
    x = torch.randn(STEPS, BATCH, INPUTS)
    labels = torch.tensor([2, 0, 1])
    outputs, _ = net(x)
    loss = torch.nn.functional.cross_entropy(head(outputs[-1]), labels)
    loss.backward()
    params = {
        "wx": net.weight_ih_l0, "wh": net.weight_hh_l0, "bx": net.bias_ih_l0, "bh": net.bias_hh_l0,
        "wy": head.weight, "by": head.bias,
    }
    across = lambda t: t.T if t.dim() == 2 else t
    return {
        "x": pack(x), "labels": labels.tolist(), "loss": loss.item(), "outputs": pack(outputs),
        "parameters": {k: pack(across(p)) for k, p in params.items()},
        "gradients": {k: pack(across(p.grad)) for k, p in params.items()},
    }


def hvp():
    x, labels = torch.randn(6, 4), torch.tensor([0, 2, 1, 1, 0, 2])
    shapes = [(4, 5), (5,), (5, 3), (3,)]
    params = [torch.randn(*s, requires_grad=True) for s in shapes]
    vectors = [torch.randn(*s) for s in shapes]

    def loss(w1, b1, w2, b2):
        return torch.nn.functional.cross_entropy(torch.tanh(x @ w1 + b1) @ w2 + b2, labels)

    value, products = torch.autograd.functional.hvp(loss, tuple(params), tuple(vectors))
    return {
        "x": pack(x), "labels": labels.tolist(), "loss": value.item(),
        "parameters": [pack(p) for p in params], "vectors": [pack(v) for v in vectors],
        "products": [pack(p) for p in products],
    }


with open(sys.argv[1], "w") as f:
    json.dump({"elman": recurrent(torch.nn.RNN), "lstm": recurrent(torch.nn.LSTM), "hvp": hvp()}, f)
    f.write("\n")
