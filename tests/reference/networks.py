"""Small networks of PyTorch: weights, loss, gradients, and three steps of SGD.

    python3 networks.py DIR

For each network DIR gets NAME.safetensors, its state_dict as PyTorch users save
it, and NAME-reference.safetensors with the inputs x, the targets y and, computed
in float64, the loss, the gradients "gradient/PARAMETER", the state_dict "after/…"
three steps of SGD with learning rate 0.1 and momentum 0.9 on the same batch,
and the output in evaluation after them.
"""

import os
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn


class Last(nn.Module):
    """The last step of a recurrent layer, which is "rnn" in the state_dict."""

    def __init__(self, rnn, head):
        super().__init__()
        self.rnn, self.head = rnn, head

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])


class Language(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.lstm, self.head = nn.Embedding(20, 6), nn.LSTM(6, 8, num_layers=2, batch_first=True), nn.Linear(8, 20)

    def forward(self, x):
        return self.head(self.lstm(self.words(x))[0])


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(20, 8)
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, activation="gelu", batch_first=True, norm_first=True) for _ in range(2))
        self.norm, self.head = nn.LayerNorm(8), nn.Linear(8, 20)

    def forward(self, x):
        h = self.words(x)
        n, d = h.shape[1:]
        at = torch.arange(n, dtype=h.dtype)[:, None] / 10000 ** (torch.arange(0, d, 2, dtype=h.dtype) / d)
        h = h + torch.stack([torch.sin(at), torch.cos(at)], -1).flatten(1)
        mask = nn.Transformer.generate_square_subsequent_mask(n, dtype=h.dtype)
        for b in self.blocks:
            h = b(h, src_mask=mask)
        return self.head(self.norm(h))


def cnn():
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(4, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU(),
        nn.Flatten(), nn.Linear(96, 3),
    )


def words(*shape):
    return torch.randint(0, 20, shape)


NETWORKS = {
    "elman": (lambda: Last(nn.RNN(5, 8, batch_first=True), nn.Linear(8, 3)), lambda: (torch.randn(4, 12, 5), torch.randint(0, 3, (4,)))),
    "lstm": (Language, lambda: (words(4, 10), words(4, 10))),
    "transformer": (Transformer, lambda: (words(4, 9), words(4, 9))),
    "cnn": (cnn, lambda: (torch.randn(8, 3, 8, 8), torch.randint(0, 3, (8,)))),
}


def main(dir):
    os.makedirs(dir, exist_ok=True)
    for name, (make, data) in NETWORKS.items():
        torch.manual_seed(7)
        net, (x, y) = make(), data()
        save_file(net.state_dict(), f"{dir}/{name}.safetensors")
        net.double()
        wide = x.double() if x.is_floating_point() else x
        rule = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
        out = {"x": x, "y": y}
        for step in range(3):
            rule.zero_grad()
            o = net(wide)
            loss = F.cross_entropy(o.flatten(0, -2), y.flatten())
            loss.backward()
            if step == 0:
                out["loss"] = loss.detach()
                out.update({f"gradient/{n}": p.grad.clone() for n, p in net.named_parameters()})
            rule.step()
        out.update({f"after/{n}": v.clone() for n, v in net.state_dict().items()})
        net.eval()
        out["output"] = net(wide).detach().contiguous()
        save_file(out, f"{dir}/{name}-reference.safetensors", metadata={"origin": f"tests/reference/networks.py, PyTorch {torch.__version__}"})


main(*sys.argv[1:])
