"""TensorFlow on the benchmark's work."""
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import tensorflow as tf
from tensorflow import keras

from serve import serve

tf.config.threading.set_intra_op_parallelism_threads(os.cpu_count())
layers = keras.layers


def network():
    return keras.Sequential([
        keras.Input((32, 32, 3)),
        layers.Conv2D(32, 5, padding="same", activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(64, 5, padding="same", activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dense(1000, activation="relu"), layers.Dense(1000, activation="relu"),
        layers.Dense(10),
    ])


def cnn(batch):
    def make():
        model, optimizer = network(), keras.optimizers.SGD(0.01)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        x, y = tf.random.normal((batch, 32, 32, 3)), tf.random.uniform((batch,), 0, 10, tf.int32)

        @tf.function
        def step(x, y):
            with tf.GradientTape() as tape:
                value = loss(y, model(x, training=True))
            optimizer.apply_gradients(zip(tape.gradient(value, model.trainable_variables), model.trainable_variables))
            return value

        return lambda: step(x, y).numpy()

    return make


def predict():
    model, x = network(), tf.random.normal((1, 32, 32, 3))
    f = tf.function(lambda x: model(x, training=False))
    return lambda: f(x).numpy()


def logistic():
    x, y = tf.random.normal((400, 784)), tf.cast(tf.random.uniform((400,), 0, 2, tf.int32), tf.float32)
    w, b = tf.Variable(tf.random.normal((784,))), tf.Variable(0.0)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            p = tf.sigmoid(tf.linalg.matvec(x, w) + b)
            cost = tf.reduce_mean(-y * tf.math.log(p) - (1 - y) * tf.math.log(1 - p)) + 0.01 * tf.reduce_sum(w**2)
        gw, gb = tape.gradient(cost, (w, b))
        w.assign_sub(0.1 * gw)
        b.assign_sub(0.1 * gb)
        return cost

    return step


serve(
    "tensorflow " + tf.__version__,
    {
        "cnn32:tf_function": cnn(32),
        "cnn128:tf_function": cnn(128),
        "predict1:tf_function": predict,
        "logistic:tf_function": logistic,
    },
)
