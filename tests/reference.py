"""Plain NumPy in float64, one network at a time: what both kinds of population are compared with.

A network is a list of layers (w, b), w being [units, inputs]; ReLU stands between them.
"""

from typing import NamedTuple

import numpy as np


class Layer(NamedTuple):
    w: np.ndarray
    b: np.ndarray


Net = list[Layer]


def net_of(network) -> Net:
    """The layers of a fully connected `lowcap.Network`, in double precision."""
    numbers = range(1, len(network.architecture.layers) + 1)
    params = {name: np.asarray(values, float) for name, values in network.params.items()}
    return [Layer(params[f"w{n}"], params[f"b{n}"]) for n in numbers]


def one_hidden(w1, b1, w2, b2) -> Net:
    """A network with one hidden layer and one output, w2 being [hidden]."""
    return [Layer(w1, b1), Layer(np.atleast_2d(w2), np.atleast_1d(b2))]


def forward(net: Net, x) -> list[np.ndarray]:
    """The values of every layer before its activation."""
    before, values = [], x
    for layer in net:
        before.append(values @ layer.w.T + layer.b)
        values = np.maximum(before[-1], 0)
    return before


def logits(net: Net, x):
    return forward(net, x)[-1]


def slope_of_loss(kind: str, out, y):
    """The derivative of every row's loss by its outputs."""
    if kind == "binary":
        return 1 / (1 + np.exp(-out)) - y[:, None]
    if kind == "regression":
        return out - y[:, None]
    raised = np.exp(out - out.max(axis=1, keepdims=True))
    p = raised / raised.sum(axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    return p


def losses(kind: str, out, y):
    """The loss of every row: cross-entropy in nats, or half the squared error."""
    if kind == "binary":
        return np.logaddexp(0, out[:, 0]) - y * out[:, 0]
    if kind == "regression":
        return (out[:, 0] - y) ** 2 / 2
    return np.logaddexp.reduce(out, axis=1) - out[np.arange(len(y)), y]


def gradient(net: Net, x, y, kind: str = "binary", weight=None) -> Net:
    """Of the weighted mean loss, by every weight and bias."""
    weight = np.ones(len(y)) if weight is None else weight
    before = forward(net, x)
    back = slope_of_loss(kind, before[-1], y) * (weight / max(weight.sum(), 1e-12))[:, None]
    found: Net = []
    for number in reversed(range(len(net))):
        given = np.maximum(before[number - 1], 0) if number else x
        found.append(Layer(back.T @ given, back.sum(axis=0)))
        if number:
            back = (back @ net[number].w) * (before[number - 1] > 0)
    return found[::-1]


def loss(net: Net, x, y, kind: str = "binary", weight=None) -> float:
    each = losses(kind, logits(net, x), y)
    return float(np.average(each, weights=weight))


def score(net: Net, x, y, kind: str = "binary", weight=None) -> float:
    """F1 of class 1, accuracy, or R squared."""
    weight = np.ones(len(y)) if weight is None else weight
    out = logits(net, x)
    if kind == "classes":
        return float(np.average(out.argmax(axis=1) == y, weights=weight))
    if kind == "regression":
        mean = np.average(y, weights=weight)
        return float(1 - (weight * (out[:, 0] - y) ** 2).sum() / (weight * (y - mean) ** 2).sum())
    predicted = out[:, 0] >= 0
    pairs = (weight * predicted).sum() + (weight * y).sum()
    return float(2 * (weight * predicted * y).sum() / pairs) if pairs else 0.0


def train(net: Net, x, y, rate, batches, kind: str = "binary", weight=None):
    """Gradient descent over an iterable of row indices; yields the network before each step."""
    for rows in batches:
        yield net
        own = None if weight is None else weight[rows]
        step = gradient(net, x[rows], y[rows], kind, own)
        net = [Layer(a.w - rate * g.w, a.b - rate * g.b) for a, g in zip(net, step, strict=True)]
    yield net


def last(networks):
    *_, net = networks
    return net


def epochs_of_patience(losses, patience, min_delta=0.0):
    """After which epoch a validation loss stops training; the number of losses if it does not."""
    counted, waited = np.inf, 0
    for epoch, loss in enumerate(losses, start=1):
        if loss < counted * (1 - min_delta):
            counted, waited = loss, 0
        else:
            waited += 1
        if waited == patience:
            return epoch
    return len(losses)
