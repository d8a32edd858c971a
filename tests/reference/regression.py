"""The Theano tutorial's logistic regression in float64.

    python3 regression.py INPUTS OUTPUT.json

INPUTS is a folder that `go run ./tests/reference/export` wrote; it holds x
(400 x 784, normal) and y (400, zeros and ones) as float32, which are used as
they are. With p = sigmoid(x w + b), a step of gradient descent of size 0.1 on

    cost = mean(-y log p - (1-y) log(1-p)) + 0.01 sum(w^2)

starts from w_j = sin(j+1), j = 0..783, and b = 0.
"""

import json
import sys

import numpy as np


def softplus(z):
    return np.logaddexp(0.0, z)


def main(inputs, output):
    x = np.load(f"{inputs}/regression_x.npy").astype(np.float64)
    y = np.load(f"{inputs}/regression_y.npy").astype(np.float64)
    w = np.sin(np.arange(1, x.shape[1] + 1, dtype=np.float64))
    b = 0.0

    def cost():
        z = x @ w + b
        # -log p = softplus(-z), -log(1-p) = softplus(z)
        return float(np.mean(y * softplus(-z) + (1 - y) * softplus(z)) + 0.01 * np.sum(w * w))

    costs = {}
    for step in range(10001):
        if step in (0, 100, 10000):
            costs[str(step)] = cost()
        p = 1 / (1 + np.exp(-(x @ w + b)))
        d = (p - y) / len(y)
        w, b = w - 0.1 * (x.T @ d + 0.02 * w), b - 0.1 * d.sum()

    with open(output, "w") as f:
        json.dump(
            {
                "origin": f"tests/reference/regression.py, NumPy {np.__version__}, float64",
                "cost_after_steps": costs,
            },
            f,
            indent=1,
        )
        f.write("\n")


main(*sys.argv[1:])
