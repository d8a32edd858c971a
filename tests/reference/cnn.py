"""Loss and gradients of the CIFAR-10 network on one batch, by PyTorch.

    python3 cnn.py INPUTS OUTPUT.json

INPUTS is a folder that `go run ./tests/reference/export` wrote; it holds the
first 32 training pictures of the embedded sample (uint8, NCHW) and their
labels. Pixels are divided by 255 in float32. The network is

    conv 5x5 same 3->32, relu, maxpool 2, conv 5x5 same 32->64, relu,
    maxpool 2, dense 1000, relu, dense 1000, relu, dense 10

with the mean softmax cross-entropy as the loss. Element k (row-major) of
parameter i, of the ten in the order weights, biases, layer by layer, is

    h = k + i * 0x9e3779b9;  h ^= h >> 16;  h *= 0x85ebca6b;  h ^= h >> 13
    h *= 0xc2b2ae35;  h ^= h >> 16           (all modulo 2^32)
    element = (h / 2^32 - 0.5) * 2 * limit   (float64, then rounded to float32)

where limit is sqrt(6 / fan_in) for weights and 0.1 for biases. Dense weights
are (in, out), convolution weights (out, in, 5, 5).

The numbers are computed in float64 from the float32 inputs. What float32 gives
for the loss is written beside it.
"""

import json
import sys

import numpy as np
import torch
import torch.nn.functional as F

SHAPES = [
    (32, 3, 5, 5), (32,),
    (64, 32, 5, 5), (64,),
    (64 * 8 * 8, 1000), (1000,),
    (1000, 1000), (1000,),
    (1000, 10), (10,),
]
ENTRIES = 5  # entries of each gradient that are written


def parameter(i, shape):
    n = int(np.prod(shape))
    mask = np.uint64(0xFFFFFFFF)
    h = (np.arange(n, dtype=np.uint64) + np.uint64(i * 0x9E3779B9)) & mask
    h ^= h >> np.uint64(16)
    h = (h * np.uint64(0x85EBCA6B)) & mask
    h ^= h >> np.uint64(13)
    h = (h * np.uint64(0xC2B2AE35)) & mask
    h ^= h >> np.uint64(16)
    if len(shape) == 1:
        limit = 0.1
    elif len(shape) == 2:
        limit = np.sqrt(6 / shape[0])
    else:
        limit = np.sqrt(6 / np.prod(shape[1:]))
    v = (h.astype(np.float64) / 2**32 - 0.5) * 2 * limit
    return v.astype(np.float32).reshape(shape)


def run(x, y, dtype):
    p = [torch.tensor(parameter(i, s)).to(dtype).requires_grad_() for i, s in enumerate(SHAPES)]
    h = x.to(dtype)
    h = F.max_pool2d(F.relu(F.conv2d(h, p[0], p[1], padding=2)), 2)
    h = F.max_pool2d(F.relu(F.conv2d(h, p[2], p[3], padding=2)), 2)
    h = h.flatten(1)
    h = F.relu(h @ p[4] + p[5])
    h = F.relu(h @ p[6] + p[7])
    logits = h @ p[8] + p[9]
    loss = F.cross_entropy(logits, y)
    loss.backward()
    return loss.item(), logits.detach(), [q.grad for q in p]


def main(inputs, output):
    x = torch.tensor(np.load(f"{inputs}/batch_x.npy")).to(torch.float32) / 255
    y = torch.tensor(np.load(f"{inputs}/batch_y.npy"))
    loss32, _, _ = run(x, y, torch.float32)
    loss, logits, grads = run(x, y, torch.float64)
    parameters = []
    for i, (shape, g) in enumerate(zip(SHAPES, grads)):
        flat = g.flatten()
        # Spread over the array; the largest is always among them.
        at = sorted({int(flat.abs().argmax()), *(int(k) for k in np.linspace(0, len(flat) - 1, ENTRIES - 1))})
        parameters.append(
            {
                "shape": shape,
                "first": float(parameter(i, shape).flat[0]),
                "gradient_norm": float(flat.norm()),
                "gradient_at": at,
                "gradient_entries": [float(flat[k]) for k in at],
            }
        )
    with open(output, "w") as f:
        json.dump(
            {
                "origin": f"tests/reference/cnn.py, PyTorch {torch.__version__}, float64 on the CPU",
                "loss": loss,
                "loss_float32": loss32,
                "logits_of_first_picture": logits[0].tolist(),
                "parameters": parameters,
            },
            f,
            indent=1,
        )
        f.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
