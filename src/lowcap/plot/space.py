"""What a network makes of its rows: the space of its hidden units, in a plane."""

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes

from lowcap.data import Labelled, Split
from lowcap.measures.geometry import balanced
from lowcap.networks import Network
from lowcap.plot.sheet import axes_on, network_of, rows_of
from lowcap.report import styled
from lowcap.report.palette import categories


def hidden_space(
    network: Network, data: Split | Labelled, *, rows: int = 400, ax: Axes | None = None
) -> Axes:
    """Rows as dots in the plane of a network's hidden units, coloured by class.

    Two units are the axes themselves; of more the plane is that of their two principal components,
    whose labels say how much of the variance they show.

    Args:
        network: one network.
        data: rows, or a split, whose test rows are shown.
        rows: how many rows at most, as many of each class.
        ax: where to draw.

    Example:
        >>> lowcap.plot.hidden_space(fitted.member(hidden=2, seed=0), split)
    """
    shown = balanced(rows_of(data), rows)
    hidden = network_of(network).hidden(shown.x).astype(np.float64)
    places, names = _plane(hidden)
    with styled():
        axes = axes_on(ax, (5, 4.4))
        for label, colour in categories(np.unique(shown.y).astype(int).tolist()).items():
            own = places[shown.y == label]
            axes.plot(*own.T, "o", ms=4, mew=0, alpha=0.6, color=colour, label=f"class {label}")
        axes.set(xlabel=names[0], ylabel=names[1])
        axes.set_title(f"{len(shown.y)} rows in the space of {hidden.shape[1]} hidden units")
        axes.legend(loc="best")
    return axes


def _plane(
    hidden: Float[np.ndarray, "rows units"],
) -> tuple[Float[np.ndarray, "rows 2"], list[str]]:
    """Where each row stands, and what the two directions are."""
    units = hidden.shape[1]
    if units <= 2:
        names = ["output of unit 0", "output of unit 1" if units == 2 else "(one unit only)"]
        return np.column_stack([hidden, np.zeros((len(hidden), 2 - units))]), names
    centred = hidden - hidden.mean(axis=0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    shares = s**2 / max(float((s**2).sum()), 1e-12)
    names = [f"component {k + 1} ({100 * shares[k]:.0f} % of the variance)" for k in (0, 1)]
    return u[:, :2] * s[:2], names
