"""Pruning with retraining as one would write it in PyTorch, with `torch.nn.utils.prune`."""

from collections.abc import Iterator

import torch
from torch.nn.utils import prune

from benchmarks.wide_peers import binary_cross_entropy, params_of, prepared, sequential
from lowcap.bench.cases import RetrainCase, Workload
from lowcap.bench.ready import Ready, assembled, start
from lowcap.networks import removed


def loop(work: Workload) -> Ready:
    """One network after another, its smallest weights removed before each epoch."""
    case = work.case
    assert isinstance(case, RetrainCase)
    x, y, batches = prepared(work)
    initial = start(work)
    rates = initial.keys["learning_rate"]
    of_epoch = batches.reshape(case.epochs, -1, batches.shape[1])
    rounds = list(zip(case.sparsities, of_epoch, strict=True))

    def train() -> list[torch.nn.Sequential]:
        nets = []
        for network, rate in zip(initial, rates, strict=True):
            net, before = sequential(network.params), 0.0
            for sparsity, epoch in rounds:
                remove_smallest(net, before, sparsity)
                before = sparsity
                optimizer = torch.optim.SGD(net.parameters(), lr=rate)
                for rows in epoch:
                    optimizer.zero_grad()
                    binary_cross_entropy(net(x[rows]), y[rows]).backward()
                    optimizer.step()
            nets.append(net)
        return nets

    def population(nets):
        for net in nets:
            make_permanent(net)
        return assembled(initial, map(params_of, nets))

    return Ready(train, population)


def remove_smallest(net: torch.nn.Sequential, before: float, sparsity: float) -> None:
    """Raise the share of a network's weights that is removed, all layers compared together.

    PyTorch counts among the weights that are left, so it is told how many more are to go. It would
    rank a pruned layer's `weight`, which is one step old: the mask was put on it before the last
    step. `weight_orig` is what the step changed.
    """
    layers = list(linears(net))
    count = sum(layer.weight.numel() for layer in layers)
    prune.global_unstructured(
        [(layer, "weight") for layer in layers],
        pruning_method=prune.L1Unstructured,
        importance_scores={
            (layer, "weight"): getattr(layer, "weight_orig", layer.weight) for layer in layers
        },
        amount=removed(count, sparsity) - removed(count, before),
    )


def make_permanent(net: torch.nn.Sequential) -> None:
    """Leave the removed weights at 0 and forget that they were removed, where that is not done."""
    for layer in linears(net):
        if prune.is_pruned(layer):
            prune.remove(layer, "weight")


def linears(net: torch.nn.Sequential) -> Iterator[torch.nn.Linear]:
    """The layers that have weights."""
    return (layer for layer in net if isinstance(layer, torch.nn.Linear))
