"""Initial weights, drawn on the host by NumPy so that they are the same on every device."""

from collections.abc import Callable, Mapping, Sequence

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from lowcap.errors import SettingsError
from lowcap.networks.layout import Layout
from lowcap.networks.members import Member, hidden_sizes
from lowcap.networks.wide import Wide
from lowcap.streams import stream

Weights = tuple[Float[np.ndarray, "hidden pixels"], Float[np.ndarray, " hidden"]]
AnyWeights = tuple[Float[np.ndarray, "_ pixels"], Float[np.ndarray, "_"]]
Initialiser = Callable[[np.random.Generator, int, int], Weights]
"""From a generator, the number of pixels and the hidden size, the two weight matrices."""


def xavier_uniform(generator: np.random.Generator, pixels: int, hidden: int) -> Weights:
    """Glorot and Bengio (2010): uniform within sqrt(6 / (fan in + fan out)) of 0."""
    first, second = np.sqrt(6 / (pixels + hidden)), np.sqrt(6 / (hidden + 1))
    w1 = generator.uniform(-first, first, (hidden, pixels))
    return w1, generator.uniform(-second, second, hidden)


def he_normal(generator: np.random.Generator, pixels: int, hidden: int) -> Weights:
    """He et al. (2015): normal with variance 2 / fan in."""
    w1 = generator.normal(0, np.sqrt(2 / pixels), (hidden, pixels))
    return w1, generator.normal(0, np.sqrt(2 / hidden), hidden)


def normal_01(generator: np.random.Generator, pixels: int, hidden: int) -> Weights:
    """Normal with standard deviation 0.1, as in arXiv 2507.16278's released code."""
    return generator.normal(0, 0.1, (hidden, pixels)), generator.normal(0, 0.1, hidden)


INITIALISERS: dict[str, Initialiser] = {
    "xavier_uniform": xavier_uniform,
    "he_normal": he_normal,
    "normal_01": normal_01,
}


def initialise(members: Sequence[Member], pixels: int) -> Wide:
    """Draw every member's initial weights from its seed and hidden size; biases are 0.

    Raises:
        SettingsError: a member names an unknown initialiser.
    """
    drawn = []
    for member in members:
        if member.initialiser not in INITIALISERS:
            raise SettingsError(
                f"unknown initialiser '{member.initialiser}': choose {', '.join(INITIALISERS)}"
            )
        generator = stream("initial weights", member.seed, member.hidden)
        drawn.append(INITIALISERS[member.initialiser](generator, pixels, member.hidden))
    return assemble(members, drawn)


def assemble(members: Sequence[Member], weights: Sequence[AnyWeights]) -> Wide:
    """Put single networks' weight matrices side by side; biases are 0."""
    layout = Layout(hidden_sizes(members))
    return Wide(
        jnp.asarray(np.concatenate([w1 for w1, _ in weights], dtype=np.float32)),
        jnp.zeros(layout.units),
        jnp.asarray(np.concatenate([w2 for _, w2 in weights], dtype=np.float32)),
        jnp.zeros(layout.members),
        layout,
    )


def replay_normal(
    seed: int,
    pixels: int,
    hidden: Sequence[int],
    tasks: Sequence[str],
    scale: float = 0.1,
) -> Mapping[tuple[int, str], AnyWeights]:
    """Draw networks one after another from NumPy's legacy generator, as a script would.

    The generator is seeded once and runs through: for each hidden size in the order given, for
    each task in the order given, the first layer [pixels, hidden], then the second [hidden, 1].

    Returns:
        The weights of each (hidden size, task), the first layer transposed to [hidden, pixels].
    """
    generator = np.random.RandomState(seed)
    drawn = {}
    for size in hidden:
        for task in tasks:
            w1 = generator.normal(0, scale, (pixels, size)).T
            drawn[size, task] = (w1, generator.normal(0, scale, (size, 1))[:, 0])
    return drawn
