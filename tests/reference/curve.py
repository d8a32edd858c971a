"""The losses of the CIFAR-10 network over 200 steps of training, by PyTorch.

    python3 curve.py INPUTS OUTPUT.json

INPUTS is a folder that `go run ./tests/reference/export` wrote. The network,
its parameters and its loss are those of cnn.py. It goes twice through the first
3200 training pictures of the embedded sample, in their order, in batches of 32,
by gradient descent with learning rate 0.001. (With 0.01 the loss swings at
first, and rounding grows by a factor of 10 in every step or two: PyTorch in
float32 is then 3e-3 off its own float64 over the first 20 steps, so that
nothing could be held against it.) The numbers are computed in float64 from the
float32 inputs.
"""

import json
import sys

import numpy as np
import torch
import torch.nn.functional as F

from cnn import SHAPES, parameter

BATCH, STEPS = 32, 200


def main(inputs, output):
    x = torch.tensor(np.load(f"{inputs}/curve_x.npy")).to(torch.float32) / 255
    y = torch.tensor(np.load(f"{inputs}/curve_y.npy"))
    p = [torch.tensor(parameter(i, s)).to(torch.float64).requires_grad_() for i, s in enumerate(SHAPES)]
    optimizer = torch.optim.SGD(p, lr=0.001)
    losses = []
    for step in range(STEPS):
        at = step * BATCH % len(y)
        h = x[at : at + BATCH].to(torch.float64)
        h = F.max_pool2d(F.relu(F.conv2d(h, p[0], p[1], padding=2)), 2)
        h = F.max_pool2d(F.relu(F.conv2d(h, p[2], p[3], padding=2)), 2)
        h = F.relu(h.flatten(1) @ p[4] + p[5])
        h = F.relu(h @ p[6] + p[7])
        loss = F.cross_entropy(h @ p[8] + p[9], y[at : at + BATCH])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with open(output, "w") as f:
        json.dump({"origin": f"tests/reference/curve.py, PyTorch {torch.__version__}, float64 on the CPU", "losses": losses}, f, indent=1)
        f.write("\n")


main(*sys.argv[1:])
