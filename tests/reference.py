"""Plain NumPy in float64, one network at a time: what the fused engine is compared with."""

from typing import NamedTuple

import numpy as np


class Net(NamedTuple):
    w1: np.ndarray  # [hidden, pixels]
    b1: np.ndarray
    w2: np.ndarray
    b2: float


def logits(net: Net, x):
    return np.maximum(x @ net.w1.T + net.b1, 0) @ net.w2 + net.b2


def gradient(net: Net, x, y) -> Net:
    z = x @ net.w1.T + net.b1
    a = np.maximum(z, 0)
    p = 1 / (1 + np.exp(-(a @ net.w2 + net.b2)))
    d = (p - y) / len(y)
    dz = (d[:, None] * net.w2) * (z > 0)
    return Net(dz.T @ x, dz.sum(0), a.T @ d, d.sum())


def f1(net: Net, x, y) -> float:
    predicted = logits(net, x) >= 0
    pairs = predicted.sum() + y.sum()
    return float(2 * (predicted & (y > 0)).sum() / pairs) if pairs else 0.0


def loss(net: Net, x, y) -> float:
    z = logits(net, x)
    return float((np.logaddexp(0, z) - y * z).mean())


def train(net: Net, x, y, rate, batches):
    """Gradient descent over an iterable of row indices; yields the network before each step."""
    for rows in batches:
        yield net
        step = gradient(net, x[rows], y[rows])
        net = Net(*(w - rate * g for w, g in zip(net, step, strict=True)))
    yield net


def last(networks):
    *_, net = networks
    return net
