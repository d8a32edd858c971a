"""Where the rules of torch.optim get to in 50 steps.

    python3 optimizers.py OUTPUT.json

Each rule minimises f(w) = sum(a (w - c)^2) / 2 + sum(cos(3 w)) from the same
start in float64; what is written is w after each of the steps in STEPS.
Its first two elements are one parameter, the others another. Then the
learning rates of the schedules.
"""

import json
import sys

import torch

A = [1.0, 0.3, 2.0, 0.05]
C = [0.5, -1.0, 0.2, 3.0]
START = [2.0, 1.0, -1.5, 0.3]
STEPS = [1, 2, 3, 20, 50]

T = torch.optim
RULES = {
    "sgd": lambda w, v: T.SGD([w, v], lr=0.05),
    "momentum": lambda w, v: T.SGD([w, v], lr=0.05, momentum=0.9),
    "nesterov": lambda w, v: T.SGD([w, v], lr=0.05, momentum=0.9, nesterov=True),
    "sgd weight decay": lambda w, v: T.SGD([w, v], lr=0.05, momentum=0.9, weight_decay=0.1),
    "adam": lambda w, v: T.Adam([w, v], lr=0.05),
    "adam betas": lambda w, v: T.Adam([w, v], lr=0.02, betas=(0.8, 0.95), eps=1e-3),
    "adam weight decay": lambda w, v: T.Adam([w, v], lr=0.05, weight_decay=0.1),
    "amsgrad": lambda w, v: T.Adam([w, v], lr=0.05, amsgrad=True),
    "adamw": lambda w, v: T.AdamW([w, v], lr=0.05, weight_decay=0.1),
    "adamax": lambda w, v: T.Adamax([w, v], lr=0.05, weight_decay=0.1),
    "nadam": lambda w, v: T.NAdam([w, v], lr=0.05),
    "radam": lambda w, v: T.RAdam([w, v], lr=0.05, betas=(0.9, 0.9)),
    "rmsprop": lambda w, v: T.RMSprop([w, v], lr=0.02),
    "rmsprop centered": lambda w, v: T.RMSprop([w, v], lr=0.01, alpha=0.9, momentum=0.5, centered=True),
    "adagrad": lambda w, v: T.Adagrad([w, v], lr=0.3),
    "adadelta": lambda w, v: T.Adadelta([w, v], lr=1.0, weight_decay=0.1),
    "rprop": lambda w, v: T.Rprop([w, v], lr=0.05),
    "clip value": lambda w, v: T.SGD([w, v], lr=0.05, momentum=0.9),
    "clip norm": lambda w, v: T.Adam([w, v], lr=0.05),
    "groups": lambda w, v: T.SGD([{"params": [w]}, {"params": [v], "lr": 0.01, "momentum": 0.9, "weight_decay": 0.1}], lr=0.05),
}
CLIP = {
    "clip value": lambda ps: torch.nn.utils.clip_grad_value_(ps, 0.5),
    "clip norm": lambda ps: torch.nn.utils.clip_grad_norm_(ps, 0.7),
}


def run(name):
    a, c, start = (torch.tensor(v, dtype=torch.float64) for v in (A, C, START))
    w, v = start[:2].clone().requires_grad_(), start[2:].clone().requires_grad_()
    opt = RULES[name](w, v)
    path = {}
    for step in range(1, max(STEPS) + 1):
        opt.zero_grad()
        both = torch.cat([w, v])
        ((a * (both - c) ** 2).sum() / 2 + torch.cos(3 * both).sum()).backward()
        if name in CLIP:
            CLIP[name]([w, v])
        opt.step()
        if step in STEPS:
            path[str(step)] = w.tolist() + v.tolist()
    return path


LR = torch.optim.lr_scheduler
SCHEDULES = {
    "step": lambda o: LR.StepLR(o, 5, 0.5),
    "multistep": lambda o: LR.MultiStepLR(o, [3, 7, 20], 0.3),
    "exponential": lambda o: LR.ExponentialLR(o, 0.9),
    "linear": lambda o: LR.LinearLR(o, 0.25, 1.0, 8),
    "polynomial": lambda o: LR.PolynomialLR(o, 20, 2.0),
    "cosine": lambda o: LR.CosineAnnealingLR(o, 29, 0.1),
    "restarts": lambda o: LR.CosineAnnealingWarmRestarts(o, 4, 2, 0.1),
    "onecycle": lambda o: LR.OneCycleLR(o, 1.0, 30, cycle_momentum=False),
}


def rates(schedule):
    """The learning rates of 30 steps, of which the initial one is 1."""
    o = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    s = schedule(o)
    out = []
    for _ in range(30):
        out.append(o.param_groups[0]["lr"])
        o.step()
        s.step()
    return out


def main(output):
    with open(output, "w") as f:
        json.dump(
            {
                "origin": f"tests/reference/optimizers.py, PyTorch {torch.__version__}, float64 on the CPU",
                "a": A,
                "c": C,
                "start": START,
                "after_steps": {name: run(name) for name in RULES},
                "schedules": {name: rates(s) for name, s in SCHEDULES.items()},
            },
            f,
            indent=1,
        )
        f.write("\n")


main(*sys.argv[1:])
