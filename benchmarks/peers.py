"""Ways to train a population in PyTorch, which lowcap itself never imports."""

import os
from collections.abc import Callable

import numpy as np
import torch
from torch.nn import functional

from lowcap.bench.cases import Workload
from lowcap.bench.contenders import Contender, Train, batch_order, wide_case


def use_threads() -> None:
    """Keep to as many threads as the benchmark allows this process."""
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))


def product(left: np.ndarray, right: np.ndarray) -> Callable[[], object]:
    """A matrix product, for the machine's limit."""
    use_threads()
    one, other = torch.from_numpy(left), torch.from_numpy(right)
    out = torch.empty(len(left), right.shape[1])
    return lambda: torch.matmul(one, other, out=out)


def prepared(work: Workload):
    use_threads()
    x, y = torch.from_numpy(work.x), torch.from_numpy(work.y)
    return x, y, torch.from_numpy(batch_order(work).astype(np.int64))


def loop(work: Workload) -> Train:
    """A plain loop: one network after another, tensors in memory, autograd, plain SGD."""
    x, y, batches = prepared(work)

    def train() -> None:
        for member in wide_case(work).members:
            torch.manual_seed(member.seed)
            net = torch.nn.Sequential(
                torch.nn.Linear(x.shape[1], member.hidden), torch.nn.ReLU(),
                torch.nn.Linear(member.hidden, 1),
            )  # fmt: skip
            optimizer = torch.optim.SGD(net.parameters(), lr=member.learning_rate)
            for rows in batches:
                optimizer.zero_grad()
                logits = net(x[rows])[:, 0]
                functional.binary_cross_entropy_with_logits(logits, y[rows]).backward()
                optimizer.step()

    return train


def padded_vmap(work: Workload) -> Train:
    """`torch.func.vmap` of the gradient over members padded to the largest hidden size."""
    x, y, batches = prepared(work)
    members = wide_case(work).members
    largest = max(work.case.hidden)
    mask = torch.arange(largest) < torch.tensor([m.hidden for m in members])[:, None]
    rates = torch.tensor([m.learning_rate for m in members])

    def loss(weights, x, y):
        w1, b1, w2, b2 = weights
        logits = torch.relu(x @ w1.T + b1) @ w2 + b2
        return functional.binary_cross_entropy_with_logits(logits, y)

    slopes = torch.func.vmap(torch.func.grad(loss), in_dims=(0, None, None))

    def train() -> None:
        torch.manual_seed(0)
        weights = [
            torch.randn(len(members), largest, x.shape[1]) * 0.05 * mask[..., None],
            torch.zeros(len(members), largest),
            torch.randn(len(members), largest) * 0.05 * mask,
            torch.zeros(len(members)),
        ]
        for rows in batches:
            for weight, slope in zip(
                weights, slopes(tuple(weights), x[rows], y[rows]), strict=True
            ):
                weight -= rates.reshape(-1, *[1] * (weight.dim() - 1)) * slope

    return train


def fused(work: Workload) -> Train:
    """First layers one product, second layers a scatter-add: ParallelMLPs (2206.08369)."""
    x, y, batches = prepared(work)
    members = wide_case(work).members
    sizes = torch.tensor([m.hidden for m in members])
    owner = torch.repeat_interleave(torch.arange(len(members)), sizes)
    rates = torch.tensor([m.learning_rate for m in members])
    of_unit = rates[owner]

    def train() -> None:
        torch.manual_seed(0)
        w1 = (torch.randn(len(owner), x.shape[1]) * 0.05).requires_grad_()
        b1 = torch.zeros(len(owner), requires_grad=True)
        w2 = (torch.randn(len(owner)) * 0.05).requires_grad_()
        b2 = torch.zeros(len(members), requires_grad=True)
        for rows in batches:
            hidden = torch.relu(functional.linear(x[rows], w1, b1)) * w2
            logits = hidden.new_zeros(len(rows), len(members)).index_add(1, owner, hidden) + b2
            target = y[rows][:, None].expand_as(logits)
            total = functional.binary_cross_entropy_with_logits(
                logits, target, reduction="sum"
            ) / len(rows)
            slopes = torch.autograd.grad(total, (w1, b1, w2, b2))
            with torch.no_grad():
                for weight, slope, rate in zip(
                    (w1, b1, w2, b2), slopes, (of_unit[:, None], of_unit, of_unit, rates),
                    strict=True,
                ):  # fmt: skip
                    weight -= rate * slope

    return train


PEERS = {
    "wide": {
        "PyTorch loop": Contender("benchmarks.peers:loop", too_long=("large",)),
        "torch.func.vmap, padded": Contender("benchmarks.peers:padded_vmap", too_long=("large",)),
        "PyTorch, fused": Contender("benchmarks.peers:fused"),
        "lowcap, bfloat16": Contender("lowcap.bench.contenders:wide_bfloat16", coarse=True),
    },
    "stacked": {
        "PyTorch loop": Contender("benchmarks.stacked_peers:loop"),
        "torch.func.vmap": Contender("benchmarks.stacked_peers:vmap"),
    },
    "table": {},
}
"""By family of populations and name, what joins `CONTENDERS` in the whole benchmark."""
