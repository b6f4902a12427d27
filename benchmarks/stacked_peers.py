"""Ways to train deeper networks of one shape in PyTorch."""

import torch
from torch.nn import functional

from benchmarks.wide_peers import one_after_another, prepared, tensors
from lowcap.bench.cases import Workload
from lowcap.bench.ready import Ready, start


def cross_entropy(logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Of classes, whatever kind of whole number names them."""
    return functional.cross_entropy(logits, y.long())


def loop(work: Workload) -> Ready:
    """A plain loop: one network after another."""
    return one_after_another(work, cross_entropy)


def vmap(work: Workload) -> Ready:
    """`torch.func.vmap` of the gradient over members."""
    x, y, batches = prepared(work)
    y, initial = y.long(), start(work)
    rates = torch.tensor(initial.keys["learning_rate"].to_numpy("float32"))
    names = list(initial.arrays)
    depth = len(names) // 2

    def loss(weights, x, y):
        for number in range(1, depth):
            x = torch.relu(x @ weights[f"w{number}"].T + weights[f"b{number}"])
        return functional.cross_entropy(x @ weights[f"w{depth}"].T + weights[f"b{depth}"], y)

    slopes = torch.func.vmap(torch.func.grad(loss), in_dims=(0, None, None))

    def train() -> dict[str, torch.Tensor]:
        weights = dict(zip(names, tensors(initial.arrays.values()), strict=True))
        for rows in batches:
            found = slopes(weights, x[rows], y[rows])
            for name, weight in weights.items():
                weight -= rates.reshape(-1, *[1] * (weight.dim() - 1)) * found[name]
        return weights

    return Ready(train, lambda last: initial.with_arrays({n: w.numpy() for n, w in last.items()}))
