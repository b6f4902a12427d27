"""Initial weights, drawn on the host by NumPy so that they are the same on every device."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from jaxtyping import Float

from lowcap.data import Kind
from lowcap.errors import SettingsError
from lowcap.networks.fused import Fused
from lowcap.networks.layout import Layout
from lowcap.networks.members import Member, hidden_sizes
from lowcap.streams import stream

Weights = tuple[Float[np.ndarray, "hidden inputs"], Float[np.ndarray, "hidden outputs"]]
AnyWeights = tuple[Float[np.ndarray, "_ inputs"], Float[np.ndarray, "..."]]
Initialiser = Callable[[np.random.Generator, int, int, int], Weights]
"""From a generator, the numbers of inputs, hidden units and outputs, the two weight matrices."""


def xavier_uniform(
    generator: np.random.Generator, inputs: int, hidden: int, outputs: int
) -> Weights:
    """Glorot and Bengio (2010): uniform within sqrt(6 / (fan in + fan out)) of 0."""
    first, second = np.sqrt(6 / (inputs + hidden)), np.sqrt(6 / (hidden + outputs))
    w1 = generator.uniform(-first, first, (hidden, inputs))
    return w1, generator.uniform(-second, second, (hidden, outputs))


def he_normal(generator: np.random.Generator, inputs: int, hidden: int, outputs: int) -> Weights:
    """He et al. (2015): normal with variance 2 / fan in."""
    w1 = generator.normal(0, np.sqrt(2 / inputs), (hidden, inputs))
    return w1, generator.normal(0, np.sqrt(2 / hidden), (hidden, outputs))


def normal_01(generator: np.random.Generator, inputs: int, hidden: int, outputs: int) -> Weights:
    """Normal with standard deviation 0.1, as in arXiv 2507.16278's released code."""
    w1 = generator.normal(0, 0.1, (hidden, inputs))
    return w1, generator.normal(0, 0.1, (hidden, outputs))


INITIALISERS: dict[str, Initialiser] = {
    "xavier_uniform": xavier_uniform,
    "he_normal": he_normal,
    "normal_01": normal_01,
}


def initialise(
    members: Sequence[Member], inputs: int, outputs: int = 1, kind: Kind = "binary"
) -> Fused:
    """Initial weights of every member, from its seed and hidden size; biases are 0.

    A member without hidden units draws its only layer as the first layer of `outputs` units.

    Raises:
        SettingsError: a member names an unknown initialiser.
    """
    weights = []
    for member in members:
        if member.initialiser not in INITIALISERS:
            raise SettingsError(
                f"unknown initialiser '{member.initialiser}': choose {', '.join(INITIALISERS)}"
            )
        generator = stream("initial weights", member.seed, member.hidden)
        first_units = member.hidden or outputs
        w1, w2 = INITIALISERS[member.initialiser](generator, inputs, first_units, outputs)
        w2 = w2 if member.hidden else np.zeros((0, outputs))
        weights.append((w1.astype(np.float32), w2.astype(np.float32)))  # half of the memory
    return assemble(members, weights, outputs, kind)


def assemble(
    members: Sequence[Member],
    weights: Sequence[AnyWeights],
    outputs: int = 1,
    kind: Kind = "binary",
) -> Fused:
    """A population from single networks' weight matrices, [hidden, inputs] and [hidden, outputs].

    Biases are 0.
    """
    layout = Layout(hidden_sizes(members), outputs)
    w1 = np.concatenate([first for first, _ in weights], dtype=np.float32)
    w2 = np.concatenate([second.reshape(-1, outputs) for _, second in weights], dtype=np.float32)
    b1, b2 = np.zeros(len(w1), np.float32), np.zeros((layout.members, outputs), np.float32)
    return Fused(tuple(members), w1, b1, w2, b2, kind)


def replay_normal(
    seed: int,
    inputs: int,
    hidden: Sequence[int],
    tasks: Sequence[str],
    scale: float = 0.1,
) -> Mapping[tuple[int, str], AnyWeights]:
    """Draw networks one after another from NumPy's legacy generator, as a script would.

    The generator is seeded once and runs through: for each hidden size in the order given, for
    each task in the order given, the first layer [inputs, hidden], then the second [hidden, 1].

    Returns:
        The weights of each (hidden size, task), the first layer transposed to [hidden, inputs].
    """
    generator = np.random.RandomState(seed)
    weights = {}
    for size in hidden:
        for task in tasks:
            w1 = generator.normal(0, scale, (inputs, size)).T
            weights[size, task] = (w1, generator.normal(0, scale, (size, 1))[:, 0])
    return weights
