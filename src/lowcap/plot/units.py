"""Hidden units as cards: what each looks for, what it votes for, what breaks without it."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from lowcap.data import Labelled, Split
from lowcap.errors import SettingsError
from lowcap.networks import Network, probabilities
from lowcap.networks.network import decisions
from lowcap.plot.sheet import axes_on, image_shape, network_of, rows_of
from lowcap.report import styled
from lowcap.report.marks import bare, picture
from lowcap.report.palette import DIVERGING, INK, QUIET

MOST_CARDS = 12


class Unit(NamedTuple):
    """What is known of one hidden unit."""

    number: int
    weights: Float[np.ndarray, " inputs"]
    out: Float[np.ndarray, " outputs"]
    """Its weight in every output."""
    favourites: list[int]
    """Numbers of the rows that it answers to most, strongest first; none for a dead unit."""
    on: float
    """The share of rows that it answers to at all."""
    wrong_without: int
    """Rows that are wrong without it..."""
    wrong: int
    """...and with it."""


def units_of(network: Network, rows: Labelled, likes: int = 4) -> list[Unit]:
    """All hidden units of a network with one hidden layer, those that matter most first.

    Raises:
        SettingsError: it has no or several hidden layers, or predicts numbers.
    """
    if len(network.dense.hidden) != 1 or network.kind == "regression":
        raise SettingsError("unit cards are for classifiers with one hidden layer")
    hidden, logits = network.hidden(rows.x), network.logits(rows.x)
    wrong = _wrong(logits, rows, network)
    found = []
    for unit in range(hidden.shape[1]):
        answers, out = hidden[:, unit], network.w2[:, unit]
        without = _wrong(logits - answers[:, None] * out, rows, network)
        strongest = np.argsort(-answers, kind="stable")[:likes]
        favourites = [int(row) for row in strongest if answers[row] > 0]
        on = float((answers > 0).mean())
        found.append(Unit(unit, network.w1[unit], out, favourites, on, without, wrong))
    return sorted(found, key=lambda one: (-one.wrong_without, one.number))


def _wrong(logits: Float[np.ndarray, "rows outputs"], rows: Labelled, network: Network) -> int:
    return int((decisions(probabilities(logits, network.kind), network.kind) != rows.y).sum())


def unit_cards(
    network: Network, data: Split | Labelled, *, units: int = MOST_CARDS, likes: int = 4,
    shape: tuple[int, int] | None = None, ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """A card for each hidden unit, those without which most rows would be wrong first.

    A card shows the unit's weights as an image, red where ink excites it and blue where ink quiets
    it, on one scale for all units; the images that it answers to most; its weight in the output;
    and how many rows are wrong without it.

    Args:
        network: one network with one hidden layer.
        data: images, or a split, whose test images are meant.
        units: how many cards at most.
        likes: how many images a card shows.
        shape: height and width of an image, where `data` is no split.
        ax: where to draw; cards stand in rows inside it.

    Raises:
        SettingsError: the network has no or several hidden layers.
        DataError: its inputs are no grey image.

    Example:
        >>> axes = lowcap.plot.unit_cards(fitted.member(hidden=4, seed=0), split)
        >>> axes.figure.savefig("units.png", dpi=150)
    """
    rows = rows_of(data)
    found = units_of(network_of(network), rows, likes)
    size = image_shape(shape, data, len(found[0].weights))
    shown = found[:units]
    most = max(float(np.abs(one.weights).max()) for one in found) or 1.0
    high = len(shown)
    with styled():
        axes = axes_on(ax, (2.6 + 1.1 * likes + 2.4, 0.7 + 1.15 * high))
        bare(axes)
        parts = 1 + likes + 2.2
        for place, unit in enumerate(shown):
            _card(
                axes, unit, rows, size, most, (1 - (place + 1) / high, 1 / high, 1 / parts), likes
            )
        axes.set_title(
            f"{len(shown)} of {len(found)} hidden units; {len(rows.y):,} images, "
            f"{found[0].wrong} of them wrong\n"
            "weights (ink in the red excites, in the blue quiets), and what it answers to most"
        )
    return axes


def _card(axes: Axes, unit: Unit, rows: Labelled, size: tuple[int, int], most: float,
          place: tuple[float, float, float], likes: int) -> None:  # fmt: skip
    """One row of cards: weights, favourite images, words."""
    bottom, height, width = place
    inset = 0.06 * height

    def cell(column: float) -> Axes:
        box = (column * width + 0.005, bottom + inset, width - 0.01, height - 2 * inset)
        return axes.inset_axes(box)

    picture(cell(0), unit.weights.reshape(size), DIVERGING, -most, most)
    for number, row in enumerate(unit.favourites):
        picture(cell(1 + number), rows.x[row].reshape(size))
    votes = unit.out
    if len(votes) == 1:
        vote = f"output weight {votes[0]:+.2f}: for class {int(votes[0] > 0)}"
    else:
        vote = f"most for class {int(votes.argmax())} ({votes.max():+.2f})"
    lines = [
        vote.replace("-", "−"),
        f"answers to {100 * unit.on:.0f} % of the images" if unit.on else "dead: never answers",
        f"without it {unit.wrong_without} are wrong ({unit.wrong_without - unit.wrong:+d})".replace(
            "-", "−"
        ),
    ]
    left = (1 + likes) * width + 0.01
    middle = bottom + height / 2
    axes.text(
        left, middle + 0.3 * height, f"unit {unit.number}", transform=axes.transAxes, va="center",
        fontsize=9, fontweight="bold", color=INK,
    )  # fmt: skip
    axes.text(
        left, middle - 0.08 * height, "\n".join(lines), transform=axes.transAxes, va="center",
        fontsize=8, color=QUIET,
    )  # fmt: skip
