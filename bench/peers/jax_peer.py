"""JAX on the benchmark's work."""
import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
from jax import lax

from serve import serve

key = jax.random.PRNGKey(0)
normal = jax.random.normal


def descend(loss, rate):
    """Returns a compiled step of gradient descent on the parameters."""

    def step(p, *data):
        value, grads = jax.value_and_grad(loss)(p, *data)
        return jax.tree.map(lambda w, g: w - rate * g, p, grads), value

    return jax.jit(step, donate_argnums=0)


def trainer(loss, rate, params, *data):
    compiled, state = descend(loss, rate), [params]

    def step():
        state[0], value = compiled(state[0], *data)
        value.block_until_ready()

    return step


def cross_entropy(logits, y):
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[..., None], -1))


def cnn_parameters():
    k = jax.random.split(key, 5)
    return dict(
        c1=normal(k[0], (5, 5, 3, 32)) * 0.1, b1=jnp.zeros(32),
        c2=normal(k[1], (5, 5, 32, 64)) * 0.03, b2=jnp.zeros(64),
        w3=normal(k[2], (4096, 1000)) * 0.015, b3=jnp.zeros(1000),
        w4=normal(k[3], (1000, 1000)) * 0.03, b4=jnp.zeros(1000),
        w5=normal(k[4], (1000, 10)) * 0.03, b5=jnp.zeros(10),
    )


def network(p, x):
    def layer(x, w, b):
        x = lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        return lax.reduce_window(jax.nn.relu(x + b), -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    x = layer(layer(x, p["c1"], p["b1"]), p["c2"], p["b2"])
    x = jax.nn.relu(x.reshape(x.shape[0], -1) @ p["w3"] + p["b3"])
    x = jax.nn.relu(x @ p["w4"] + p["b4"])
    return x @ p["w5"] + p["b5"]


def cnn(batch):
    def make():
        x, y = normal(key, (batch, 32, 32, 3)), jax.random.randint(key, (batch,), 0, 10)
        return trainer(lambda p, x, y: cross_entropy(network(p, x), y), 0.01, cnn_parameters(), x, y)

    return make


def predict():
    p, x, f = cnn_parameters(), normal(key, (1, 32, 32, 3)), jax.jit(network)
    return lambda: f(p, x).block_until_ready()


def logistic_step():
    x, y = normal(key, (400, 784)), jax.random.randint(key, (400,), 0, 2).astype(jnp.float32)

    def cost(p):
        q = jax.nn.sigmoid(x @ p[0] + p[1])
        return jnp.mean(-y * jnp.log(q) - (1 - y) * jnp.log(1 - q)) + 0.01 * jnp.sum(p[0] ** 2)

    return lambda p: jax.tree.map(lambda a, g: a - 0.1 * g, p, jax.grad(cost)(p))


def logistic():
    one, state = jax.jit(logistic_step()), [(normal(key, (784,)), jnp.zeros(()))]

    def step():
        state[0] = one(state[0])
        jax.block_until_ready(state[0])

    return step


def logistic_loop():
    update, start = logistic_step(), (normal(key, (784,)), jnp.zeros(()))
    many = jax.jit(lambda p: lax.fori_loop(0, 10000, lambda i, q: update(q), p))
    return lambda: jax.block_until_ready(many(start))


def language(lstm):
    def make():
        length, batch, hidden, words = 100, 32, 128, 1000
        gates = 4 * hidden if lstm else hidden
        k = jax.random.split(key, 4)
        params = dict(
            e=normal(k[0], (words, hidden)) * 0.1, wi=normal(k[1], (hidden, gates)) * 0.08,
            wh=normal(k[2], (hidden, gates)) * 0.08, b=jnp.zeros(gates),
            o=normal(k[3], (hidden, words)) * 0.08, ob=jnp.zeros(words),
        )
        x = jax.random.randint(key, (length, batch), 0, words)
        y = jax.random.randint(k[1], (length, batch), 0, words)

        def loss(p, x, y):
            def rnn(h, u):
                h = jnp.tanh(u + h @ p["wh"])
                return h, h

            def long(state, u):
                h, c = state
                i, f, g, o = jnp.split(u + h @ p["wh"], 4, axis=1)
                c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
                h = jax.nn.sigmoid(o) * jnp.tanh(c)
                return (h, c), h

            zero = jnp.zeros((batch, hidden))
            inputs = p["e"][x] @ p["wi"] + p["b"]
            _, hs = lax.scan(long, (zero, zero), inputs) if lstm else lax.scan(rnn, zero, inputs)
            return cross_entropy(hs @ p["o"] + p["ob"], y)

        return trainer(loss, 0.1, params, x, y)

    return make


serve(
    "jax " + jax.__version__,
    {
        "cnn32:jit": cnn(32),
        "cnn128:jit": cnn(128),
        "predict1:jit": predict,
        "logistic:jit_step": logistic,
        "logistic10000:fori_loop": logistic_loop,
        "rnn:scan": language(False),
        "lstm:scan": language(True),
    },
)
