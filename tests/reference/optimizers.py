"""Where the rules of torch.optim get to in 20 steps.

    python3 optimizers.py OUTPUT.json

Each rule minimises f(w) = sum(a (w - c)^2) / 2 + sum(cos(3 w)) from the same
start in float64; what is written is w after each of the steps in STEPS.
"""

import json
import sys

import torch

A = [1.0, 0.3, 2.0, 0.05]
C = [0.5, -1.0, 0.2, 3.0]
START = [2.0, 1.0, -1.5, 0.3]
STEPS = [1, 2, 3, 20]

RULES = {
    "sgd": lambda w: torch.optim.SGD(w, lr=0.05),
    "momentum": lambda w: torch.optim.SGD(w, lr=0.05, momentum=0.9),
    "nesterov": lambda w: torch.optim.SGD(w, lr=0.05, momentum=0.9, nesterov=True),
    "sgd weight decay": lambda w: torch.optim.SGD(w, lr=0.05, momentum=0.9, weight_decay=0.1),
    "adam": lambda w: torch.optim.Adam(w, lr=0.05),
    "adam betas": lambda w: torch.optim.Adam(w, lr=0.02, betas=(0.8, 0.95), eps=1e-3),
    "adam weight decay": lambda w: torch.optim.Adam(w, lr=0.05, weight_decay=0.1),
    "adamw": lambda w: torch.optim.AdamW(w, lr=0.05, weight_decay=0.1),
}


def run(rule):
    a, c = (torch.tensor(v, dtype=torch.float64) for v in (A, C))
    w = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    opt = rule([w])
    path = {}
    for step in range(1, max(STEPS) + 1):
        opt.zero_grad()
        ((a * (w - c) ** 2).sum() / 2 + torch.cos(3 * w).sum()).backward()
        opt.step()
        if step in STEPS:
            path[str(step)] = w.tolist()
    return path


def main(output):
    with open(output, "w") as f:
        json.dump(
            {
                "origin": f"tests/reference/optimizers.py, PyTorch {torch.__version__}, float64 on the CPU",
                "a": A,
                "c": C,
                "start": START,
                "after_steps": {name: run(rule) for name, rule in RULES.items()},
            },
            f,
            indent=1,
        )
        f.write("\n")


main(*sys.argv[1:])
