"""Ways to train deeper networks of one shape in PyTorch."""

from itertools import pairwise

import torch
from torch.nn import functional

from benchmarks.peers import prepared
from lowcap.bench.cases import Workload
from lowcap.bench.contenders import Train
from lowcap.bench.stacked import stacked_case


def loop(work: Workload) -> Train:
    """A plain loop: one network after another, tensors in memory, autograd, plain SGD."""
    x, y, batches = prepared(work)
    case, y = stacked_case(work), y.long()
    widths = case.architecture(x.shape[1]).widths

    def train() -> None:
        for seed in range(case.networks):
            torch.manual_seed(seed)
            layers = []
            for before, after in pairwise(widths):
                layers += [torch.nn.Linear(before, after, bias=False), torch.nn.ReLU()]
            net = torch.nn.Sequential(*layers[:-1])
            optimizer = torch.optim.SGD(net.parameters(), lr=case.rate)
            for rows in batches:
                optimizer.zero_grad()
                functional.cross_entropy(net(x[rows]), y[rows]).backward()
                optimizer.step()

    return train


def vmap(work: Workload) -> Train:
    """`torch.func.vmap` of the gradient over members."""
    x, y, batches = prepared(work)
    case, y = stacked_case(work), y.long()
    widths = case.architecture(x.shape[1]).widths

    def loss(weights, x, y):
        for weight in weights[:-1]:
            x = torch.relu(x @ weight.T)
        return functional.cross_entropy(x @ weights[-1].T, y)

    slopes = torch.func.vmap(torch.func.grad(loss), in_dims=(0, None, None))

    def train() -> None:
        torch.manual_seed(0)
        weights = [
            torch.randn(case.networks, after, before) * (2 / before) ** 0.5
            for before, after in pairwise(widths)
        ]
        for rows in batches:
            found = slopes(tuple(weights), x[rows], y[rows])
            for weight, slope in zip(weights, found, strict=True):
                weight -= case.rate * slope

    return train
