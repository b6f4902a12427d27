"""How good networks of each size are."""

from typing import Any

from matplotlib.axes import Axes

from lowcap.data import Split
from lowcap.errors import SettingsError
from lowcap.measures import capacity as measure
from lowcap.measures import constant_f1
from lowcap.plot.sheet import axes_on, population_of, size_axis
from lowcap.report import styled
from lowcap.report.marks import level
from lowcap.report.palette import BLUE, INK, QUIET

NAMES = {"f1": "F1", "auc": "AUC", "accuracy": "accuracy", "r2": "R squared", "loss": "loss"}
PARTS = {"train": "training", "val": "validation", "test": "test"}


def capacity(
    population: Any, split: Split, *, score: str | None = None, part: str = "test",
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """The score of every network against its hidden size: a dot each, and the mean of each size.

    Args:
        population: networks, or a fit.
        split: the task's data.
        score: such as "f1", "auc", "accuracy", "r2" or "loss"; by default the first but the loss.
        part: "train", "val" or "test".
        ax: where to draw.

    Raises:
        SettingsError: there is no such score.

    Example:
        >>> fitted = lowcap.fit(lowcap.grid(hidden=[1, 2, 4, 8], seed=range(5)), split)
        >>> axes = lowcap.plot.capacity(fitted, split)
        >>> axes.figure.savefig("capacity.png")
    """
    table = measure(population_of(population), split)
    columns = [str(name) for name in table]
    known = [name for name in columns if name.startswith(f"{part}_")]
    if score is None and len(known) > 1:
        score = known[1].removeprefix(f"{part}_")
    column = f"{part}_{score}"
    if column not in known:
        here = [name for name in columns if name.partition("_")[0] in PARTS]
        raise SettingsError(f"there is no {column}: choose {', '.join(here)}")
    sizes = sorted(table["hidden"].unique(), key=lambda size: (str(type(size)), size))
    rows = len({"train": split.train, "val": split.validation}.get(part, split.test).y)
    with styled():
        axes = axes_on(ax, (6.4, 4))
        places = size_axis(axes, sizes)
        means = table.groupby("hidden")[column].mean()
        axes.plot([places[s] for s in sizes], means[sizes], color=BLUE, label="mean")
        x = table["hidden"].map(places)
        axes.plot(x, table[column], "o", ms=4, color=BLUE, alpha=0.5, label="a network")
        if score == "f1":
            constant = constant_f1(split.test.y if part == "test" else split.train.y)
            level(axes, y=constant)
            axes.annotate(
                f"always class 1: {constant:.2f}", (0, constant), (2, 3), fontsize=8, color=QUIET,
                xycoords=("axes fraction", "data"), textcoords="offset points",
            )  # fmt: skip
        name = f"{PARTS[part]} {NAMES.get(str(score), str(score))}"
        axes.set(xlabel="hidden units of a network", ylabel=name)
        axes.set_title(
            f"{name[0].upper()}{name[1:]} by size, task {split.target.id}\n"
            f"{len(table)} networks, {rows:,} rows",
            color=INK,
        )
        axes.legend(loc="lower right")
    return axes
