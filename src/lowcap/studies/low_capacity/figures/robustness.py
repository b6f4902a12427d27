"""Figures on noise, occlusion and the wider set of corruptions."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from lowcap.claims import Tables
from lowcap.report import INK, Figure, panels
from lowcap.report.grid import framed
from lowcap.report.palette import DARK, GREY, LIGHT, SEQUENTIAL, TEAL, ordered, scale
from lowcap.report.scales import doublings
from lowcap.studies.low_capacity.claims.scores import of_digits
from lowcap.studies.low_capacity.figures.common import capitalised, seeds_in_words, shown_sizes
from lowcap.studies.low_capacity.protocols import PROTOCOLS, by_protocol

TASK = "4-9"
"""The task that the paper corrupts."""

PUBLISHED_NOISE = {
    24: (0.881, 0.853, 0.802, 0.730, 0.669),
    64: (0.917, 0.908, 0.869, 0.819, 0.766),
}
"""Read off the paper's Fig. 6: F1 at sigma 0.1 to 0.5, by hidden size."""

PUBLISHED_OCCLUSION = {24: 0.847, 48: 0.860, 64: 0.862}
"""The paper's F1 under occlusion, by hidden size (sec. 4.6)."""

_SIZES = (24, 48, 64)


def looked_at(tables: Tables) -> str:
    """The task whose corrupted images the figure of noise is about: the paper's, if it is there."""
    tasks = list(map(str, tables["robustness"]["task"].unique()))
    return TASK if TASK in tasks else tasks[0]


def noise_figure(tables: Tables) -> Figure:
    """F1 against the strength of noise, and under occlusion, ours beside the paper's own."""
    task = looked_at(tables)
    table = tables["robustness"]
    table = table[(table["task"] == task) & (table["requested_sparsity"] == 0)]
    parts = by_protocol(table)
    digits = of_digits(table) and task == TASK
    size = max(4 * len(parts) + 1.6, 6.5), 5.6
    drawing, grid = panels(2, len(parts), size, sharey="row", height_ratios=(1.5, 1))
    present = table["hidden"].unique()
    sizes = [h for h in _SIZES if h in present] or shown_sizes(present, at_most=3)
    sentences = []
    for (upper, lower), (name, rows) in zip(grid.T, parts.items(), strict=True):
        paper = digits and PROTOCOLS[name].score == "train_f1_best"
        _noise(upper, rows, sizes, paper=paper)
        words = _occlusion(lower, rows, paper=paper)
        upper.set_title(f"{name}: {_scored(name)} F1")
        if words:
            sentences.append(capitalised(f"{name}: {words}"))
    grid[0][0].set_ylabel("F1 under noise")
    grid[1][0].set_ylabel("F1 under occlusion")
    colours = ordered(sizes)
    handles = [Line2D([], [], color=colours[h], label=f"{h} units") for h in sizes]
    handles += [
        Line2D([], [], color=GREY, marker=".", label="clean, by size"),
        Line2D([], [], color=TEAL, marker=".", label="occluded, by size"),
    ]
    if digits and any(PROTOCOLS[name].score == "train_f1_best" for name in parts):
        handles.append(Line2D([], [], color=INK, marker="x", ls="", label="the paper's\n(Fig. 6)"))
    drawing.legend(handles=handles, loc="outside right upper")
    framed(
        drawing,
        f"Noise and occlusion ({task})",
        "Lines: mean over seeds and draws of the corruption; bands: range over seeds. n = "
        f"{seeds_in_words(table)} per size.",
    )
    beside = "; crosses are the paper's own values, read off its figure" if digits else ""
    caption = (
        f"F1 on {task} under additive Gaussian noise (above) and with one 7x7 patch set to 0 at a "
        f"random place (below){beside}. {' '.join(sentences)}"
    )
    return Figure("noise", "Noise and occlusion", caption, drawing, "paper's Fig. 6")


def _scored(name: str) -> str:
    return {"val": "validation", "test": "test"}[PROTOCOLS[name].scored_split]


def _noise(axes: Axes, rows: pd.DataFrame, sizes: list[int], *, paper: bool) -> None:
    colours = ordered(sizes)
    noise = rows[rows["corruption"].isin(("none", "gaussian noise"))]
    for hidden in sizes:
        of_size = noise[noise["hidden"] == hidden]
        by_seed = of_size.groupby(["severity", "seed"])["f1"].mean().groupby("severity")
        means = by_seed.mean()
        axes.plot(means.index, means, ".-", color=colours[hidden])
        axes.fill_between(
            means.index, by_seed.min(), by_seed.max(), color=colours[hidden], alpha=0.13, lw=0
        )
        if paper and hidden in PUBLISHED_NOISE:
            sigmas = (0.1, 0.2, 0.3, 0.4, 0.5)
            axes.plot(sigmas, PUBLISHED_NOISE[hidden], "x", color=colours[hidden], mew=1.6)
    axes.set_xlabel("sigma of the noise (pixels are 0 to 1)")


def _occlusion(axes: Axes, rows: pd.DataFrame, *, paper: bool) -> str:
    """Clean and occluded F1 of every size; in words, the occluded F1 of the paper's sizes."""
    for kind, colour in (("none", GREY), ("occlusion", TEAL)):
        of_kind = rows[rows["corruption"] == kind]
        by_seed = of_kind.groupby(["hidden", "seed"])["f1"].mean().groupby("hidden")
        means = by_seed.mean()
        axes.plot(means.index, means, ".-", color=colour)
        axes.fill_between(means.index, by_seed.min(), by_seed.max(), color=colour, alpha=0.13, lw=0)
    if paper:
        axes.plot(
            list(PUBLISHED_OCCLUSION), list(PUBLISHED_OCCLUSION.values()), "x", color=INK, mew=1.6
        )
    doublings(axes.xaxis, rows["hidden"].unique())
    axes.set_xlabel("hidden size")
    occluded = rows[rows["corruption"] == "occlusion"].groupby("hidden")["f1"].mean()
    sizes = [h for h in _SIZES if h in occluded] or list(occluded.index[-2:])
    if not sizes:
        return ""
    words = ", ".join(f"{h} units {occluded[h]:.3f}" for h in sizes)
    if paper and len(sizes) == len(_SIZES):
        words += f" (paper: {', '.join(f'{PUBLISHED_OCCLUSION[h]:.3f}' for h in sizes)})"
    return f"F1 under occlusion {words}."


def wider(tables: Tables) -> dict[str, pd.DataFrame]:
    """The dense networks' rows of protocols that met more than the paper's corruptions."""
    table = tables["robustness"]
    table = table[table["requested_sparsity"] == 0]
    return {
        name: rows for name, rows in by_protocol(table).items() if rows["corruption"].nunique() > 3
    }


def relative_loss(table: pd.DataFrame) -> pd.DataFrame:
    """Mean share of F1 that each corruption costs: corruption and severity by hidden size."""
    means = table.pivot_table(
        index=["corruption", "severity"], columns="hidden", values="f1", sort=False
    )
    clean = means.xs("none", level="corruption").iloc[0]
    return (1 - means / clean.where(clean > 0)).drop(index="none", level="corruption")


def corruptions_figure(tables: Tables) -> Figure:
    """What each corruption costs each hidden size, all tasks together, on one scale."""
    parts = wider(tables)
    found = {name: relative_loss(_few_seeds(table)) for name, table in parts.items()}
    rows = max(map(len, found.values()))
    size = max(5.0 * len(parts) + 2.2, 7), 0.29 * rows + 1.7
    drawing, grid = panels(1, len(parts), size, sharey=True)
    top = max(0.01, *(np.nanmax(square.to_numpy()) for square in found.values()))
    for axes, (name, square) in zip(grid[0], found.items(), strict=True):
        axes.imshow(square, cmap=SEQUENTIAL, vmin=0, vmax=top, aspect="auto")
        for (line, column), value in np.ndenumerate(square.to_numpy()):
            if np.isfinite(value):
                axes.text(
                    column, line, f"{100 * value:.0f}".replace("-0", "0"),
                    ha="center", va="center", fontsize=7,
                    color=DARK if value > 0.55 * top else LIGHT,
                )  # fmt: skip
        axes.set_xticks(range(square.shape[1]), list(map(str, square.columns)))
        axes.set_yticks(range(rows), [f"{kind} {severity:g}" for kind, severity in square.index])
        axes.grid(visible=False)
        axes.set_xlabel("hidden size")
        axes.set_title(f"{name}: % of {_scored(name)} F1 lost")
    percents = PercentFormatter(1, decimals=0)
    colours = scale(SEQUENTIAL, 0, top)
    drawing.colorbar(
        colours, ax=list(grid[0]), label="share of F1 lost", format=percents, aspect=25
    )
    table = pd.concat([_few_seeds(part) for part in parts.values()])
    tasks = table["task"].nunique()
    framed(
        drawing,
        "What each corruption costs",
        f"Mean over {tasks} task{'s' * (tasks > 1)} and seeds, relative to the clean F1 of the "
        f"same size. n = {seeds_in_words(table)} per size and task.",
    )
    words = []
    for name, square in found.items():
        mean = square.mean(axis=1)
        (kind, severity) = mean.index[int(mean.to_numpy().argmax())]
        words.append(f"{name}, {kind} {severity:g} costs most ({100 * mean.max():.0f} % of F1)")
    caption = (
        "Share of F1 lost under each corruption, with its severity, mean over tasks, seeds and "
        f"draws. On average over sizes: {'; '.join(words)}."
    )
    return Figure("corruptions", "What each corruption costs", caption, drawing)


def _few_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """The seeds that met every corruption, so that all of its rows are about the same networks."""
    kinds = table.groupby(["task", "seed"])["corruption"].nunique()
    whole = kinds[kinds == kinds.max()].index
    return table[pd.MultiIndex.from_frame(table[["task", "seed"]]).isin(whole)]
