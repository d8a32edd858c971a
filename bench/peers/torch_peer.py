"""PyTorch on the benchmark's work."""
import os

import torch
import torch.nn.functional as F
from torch import nn

from serve import serve

torch.set_num_threads(os.cpu_count())
torch.manual_seed(0)


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 5, padding=2)
        self.conv2 = nn.Conv2d(32, 64, 5, padding=2)
        self.dense1 = nn.Linear(64 * 8 * 8, 1000)
        self.dense2 = nn.Linear(1000, 1000)
        self.dense3 = nn.Linear(1000, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.dense1(torch.flatten(x, 1)))
        return self.dense3(F.relu(self.dense2(x)))


def trainer(model, rate, loss):
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss().backward()
        optimizer.step()

    return step


def cnn(batch, last=False, bf16=False):
    def make():
        model = CNN()
        x, y = torch.randn(batch, 3, 32, 32), torch.randint(0, 10, (batch,))
        if last:
            model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)

        def loss():
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
                return F.cross_entropy(model(x), y)

        return trainer(model, 0.01, loss)

    return make


def predict(last=False):
    def make():
        model, x = CNN().eval(), torch.randn(1, 3, 32, 32)
        if last:
            model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)

        def step():
            with torch.inference_mode():
                model(x)

        return step

    return make


def logistic(threads):
    def make():
        x, y = torch.randn(400, 784), torch.randint(0, 2, (400,)).float()
        w, b = torch.randn(784, requires_grad=True), torch.zeros((), requires_grad=True)

        def step():
            torch.set_num_threads(threads)
            p = torch.sigmoid(x @ w + b)
            entropy = -y * torch.log(p) - (1 - y) * torch.log(1 - p)
            cost = entropy.mean() + 0.01 * (w**2).sum()
            gw, gb = torch.autograd.grad(cost, (w, b))
            with torch.no_grad():
                w.sub_(0.1 * gw)
                b.sub_(0.1 * gb)
            torch.set_num_threads(os.cpu_count())

        return step

    return make


class Language(nn.Module):
    """Embedding, a recurrent layer, and a classifier of the next word."""

    def __init__(self, cell, words=1000, hidden=128):
        super().__init__()
        self.embedding = nn.Embedding(words, hidden)
        self.recurrent = getattr(nn, cell)(hidden, hidden)
        self.out = nn.Linear(hidden, words)

    def forward(self, x):
        return self.out(self.recurrent(self.embedding(x))[0])


def language(cell):
    def make():
        model = Language(cell)
        x, y = torch.randint(0, 1000, (100, 32)), torch.randint(0, 1000, (3200,))
        return trainer(model, 0.1, lambda: F.cross_entropy(model(x).view(-1, 1000), y))

    return make


class Block(nn.Module):
    """A pre-norm transformer layer with causal attention."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(a.transpose(1, 2).reshape(batch, length, width))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


def transformer():
    model = nn.Sequential(*[Block(256, 4) for _ in range(4)])
    x, y = torch.randn(8, 128, 256), torch.randn(8, 128, 256)
    return trainer(model, 0.01, lambda: F.mse_loss(model(x), y))


serve(
    "torch " + torch.__version__,
    {
        "cnn32:eager": cnn(32),
        "cnn32:channels_last": cnn(32, last=True),
        "cnn128:eager": cnn(128),
        "cnn128:channels_last": cnn(128, last=True),
        "cnn32bf16:autocast_channels_last": cnn(32, last=True, bf16=True),
        "predict1:eager": predict(),
        "predict1:channels_last": predict(last=True),
        "logistic:eager_1_thread": logistic(1),
        "rnn:fused": language("RNN"),
        "lstm:fused": language("LSTM"),
        "gru:fused": language("GRU"),
        "transformer:eager": transformer,
    },
)
