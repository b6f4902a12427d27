"""How training went."""

from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes

from lowcap.plot.sheet import axes_on, colours_of, size_name
from lowcap.report import styled
from lowcap.report.grid import label_ends
from lowcap.report.marks import line
from lowcap.training import Fitted


def training_curves(
    fitted: Fitted, *, value: Literal["loss", "score"] = "loss",
    part: Literal["train", "val"] = "val", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Loss or score after every epoch, a line for each hidden size: the mean over its networks.

    The band goes from the least to the most of them.

    Args:
        fitted: what `fit` gave.
        value: "loss", or "score": F1, accuracy or R squared.
        part: "train", or "val"; training rows where there are no validation rows.
        ax: where to draw.

    Example:
        >>> axes = lowcap.plot.training_curves(fitted, value="score")
        >>> axes.set_ylim(0.8, 1)
    """
    history = fitted.history
    if not np.isfinite(history.validation_loss).any():
        part = "train"
    name = "train" if part == "train" else "validation"
    values = getattr(history, f"{name}_{value}")
    keys = fitted.population.keys["hidden"]
    epochs = np.arange(1, len(values) + 1)
    sizes: list[Any] = list(dict.fromkeys(keys.tolist()))
    colours, ends = colours_of(sizes), {}
    with styled():
        axes = axes_on(ax, (6.4, 4))
        for size in sizes:
            own = values[:, (keys == size).to_numpy()]
            mean = own.mean(axis=1)
            line(axes, epochs, mean, colours[size], own.min(axis=1), own.max(axis=1))
            ends[size_name(size)] = (float(mean[-1]), colours[size])
        axes.set_xlim(1, max(len(values), 2))
        spoken = (
            value
            if value == "loss"
            else {"f1": "F1", "r2": "R squared"}.get(history.score, history.score)
        )
        part_name = {"train": "training", "validation": "validation"}[name]
        axes.set(xlabel="epochs", ylabel=f"{part_name} {spoken}")
        axes.set_title(f"{part_name.capitalize()} {spoken} of {len(keys)} networks by size")
        label_ends(axes, ends)
    return axes
