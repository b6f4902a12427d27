"""Ways to train a wide population in PyTorch, which lowcap itself never imports."""

import os
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import torch
from torch.nn import functional

from lowcap.bench.cases import Workload
from lowcap.bench.ready import Ready, assembled, start, steps
from lowcap.bench.vmapped import padded, unpadded, wide_start


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
    """Rows, targets and the rows of every step as tensors."""
    use_threads()
    x, y = torch.from_numpy(work.x), torch.from_numpy(work.y)
    return x, y, torch.from_numpy(steps(work).astype(np.int64))


def tensors(arrays: Iterable[np.ndarray], *, slopes: bool = False) -> list[torch.Tensor]:
    """Copies, since training writes into them."""
    return [torch.tensor(values, requires_grad=slopes) for values in arrays]


def sequential(params: Mapping[str, np.ndarray]) -> torch.nn.Sequential:
    """A network of linear layers with ReLUs between them, from the arrays of `Network.params`."""
    layers: list[torch.nn.Module] = []
    for number in range(1, len(params) // 2 + 1):
        weight, bias = params[f"w{number}"], params[f"b{number}"]
        linear = torch.nn.Linear(weight.shape[1], len(weight))
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(weight))
            linear.bias.copy_(torch.from_numpy(bias))
        layers += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def params_of(net: torch.nn.Sequential) -> dict[str, np.ndarray]:
    """The arrays of such a network."""
    found = {}
    for number, linear in enumerate(list(net)[::2], start=1):
        found[f"w{number}"] = linear.weight.detach().numpy()
        found[f"b{number}"] = linear.bias.detach().numpy()
    return found


def one_after_another(work: Workload, loss: Callable[..., torch.Tensor]) -> Ready:
    """A plain loop over networks: tensors in memory, autograd, plain SGD."""
    x, y, batches = prepared(work)
    initial = start(work)
    rates = initial.keys["learning_rate"]

    def train() -> list[torch.nn.Sequential]:
        nets = []
        for network, rate in zip(initial, rates, strict=True):
            net = sequential(network.params)
            optimizer = torch.optim.SGD(net.parameters(), lr=rate)
            for rows in batches:
                optimizer.zero_grad()
                loss(net(x[rows]), y[rows]).backward()
                optimizer.step()
            nets.append(net)
        return nets

    return Ready(train, lambda nets: assembled(initial, map(params_of, nets)))


def binary_cross_entropy(logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Of two classes, by the log-odds of the second."""
    return functional.binary_cross_entropy_with_logits(logits[:, 0], y)


def loop(work: Workload) -> Ready:
    """A plain loop: one network after another."""
    return one_after_another(work, binary_cross_entropy)


def padded_vmap(work: Workload) -> Ready:
    """`torch.func.vmap` of the gradient over members padded to the largest hidden size."""
    x, y, batches = prepared(work)
    initial = wide_start(work)
    beginning, real = padded(initial)
    rates = torch.tensor(initial.keys["learning_rate"].to_numpy(np.float32))

    def loss(weights, x, y):
        w1, b1, w2, b2 = weights
        logits = torch.relu(x @ w1.T + b1) @ w2 + b2
        return functional.binary_cross_entropy_with_logits(logits, y)

    slopes = torch.func.vmap(torch.func.grad(loss), in_dims=(0, None, None))

    def train() -> list[torch.Tensor]:
        weights = tensors(beginning)
        for rows in batches:
            for weight, slope in zip(
                weights, slopes(tuple(weights), x[rows], y[rows]), strict=True
            ):
                weight -= rates.reshape(-1, *[1] * (weight.dim() - 1)) * slope
        return weights

    return Ready(train, lambda weights: unpadded(initial, weights, real))


def fused(work: Workload) -> Ready:
    """First layers one product, second layers a scatter-add: ParallelMLPs (2206.08369)."""
    x, y, batches = prepared(work)
    initial = wide_start(work)
    owner = torch.from_numpy(np.asarray(initial.owner, np.int64))
    rates = torch.tensor(initial.keys["learning_rate"].to_numpy(np.float32))
    of_unit = rates[owner]

    def train() -> list[torch.Tensor]:
        weights = tensors((initial.w1, initial.b1, initial.w2[:, 0], initial.b2[:, 0]), slopes=True)
        w1, b1, w2, b2 = weights
        for rows in batches:
            hidden = torch.relu(functional.linear(x[rows], w1, b1)) * w2
            logits = hidden.new_zeros(len(rows), len(rates)).index_add(1, owner, hidden) + b2
            target = y[rows][:, None].expand_as(logits)
            total = functional.binary_cross_entropy_with_logits(
                logits, target, reduction="sum"
            ) / len(rows)
            slopes = torch.autograd.grad(total, weights)
            with torch.no_grad():
                for weight, slope, rate in zip(
                    weights, slopes, (of_unit[:, None], of_unit, of_unit, rates), strict=True
                ):
                    weight -= rate * slope
        return weights

    def population(weights):
        w1, b1, w2, b2 = (values.detach().numpy() for values in weights)
        return initial.with_arrays({"w1": w1, "b1": b1, "w2": w2[:, None], "b2": b2[:, None]})

    return Ready(train, population)
