"""Figures whose dots are networks, or test points of networks."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullLocator

from lowcap.claims import NotMeasured, Tables
from lowcap.claims.statistics import rank_correlation
from lowcap.networks.activations import ACTIVATIONS
from lowcap.report import INK, QUIET, Figure, panels
from lowcap.studies.sensitivity.pairs import (
    FACTORS,
    KEYS,
    configurations,
    fitted,
    paired,
    usual,
)

_COLOURS = ("#2f74d0", "#d98a1f", "#169c8a", "#d0417e", "#8a63d2")


def coloured(values) -> dict:
    """A colour for each value, in order."""
    return {value: _COLOURS[i % len(_COLOURS)] for i, value in enumerate(values)}


def log_axis(axis: Axis) -> None:
    """A log axis with few plain labels, however short it is; call it when the data are drawn."""
    axes = axis.axes
    (axes.set_xscale if axis is axes.xaxis else axes.set_yscale)("log")
    low, high = axis.get_data_interval()
    short = low > 0 and high / low < 300
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if short else (1,), numticks=12))
    axis.set_major_formatter(lambda value, _: _plain(value))
    axis.set_minor_locator(NullLocator())


def _plain(value: float) -> str:
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def _key(axes: Axes, colours: dict, title: str) -> None:
    handles = [Line2D([], [], marker="o", ls="", color=c, label=str(v)) for v, c in colours.items()]
    axes.legend(handles=handles, title=title, loc="best")


def capacity_figure(tables: Tables) -> Figure:
    """Generalization gap and Jacobian norm against the number of parameters."""
    table = configurations(usual(tables["networks"]),
                           ["gap", "parameters", "jacobian_norm", "epochs"])  # fmt: skip
    reached = set(map(tuple, fitted(usual(tables["networks"]))[list(KEYS[:-1])].to_numpy()))
    datasets = list(table["dataset"].unique())
    drawing, grid = panels(2, len(datasets), (5 * len(datasets), 6), sharex=True, sharey="row")
    colours = coloured(np.sort(table["depth"].unique()))
    sentences = []
    for column, dataset in enumerate(datasets):
        rows = table[table["dataset"] == dataset]
        mine = np.array([tuple(row) in reached for row in rows[list(KEYS[:-1])].to_numpy()])
        for line, quantity in enumerate(("gap", "jacobian_norm")):
            axes = grid[line][column]
            shades = [colours[depth] for depth in rows["depth"]]
            axes.scatter(rows["parameters"][~mine], rows[quantity][~mine], s=14, facecolors="none",
                         edgecolors=QUIET, linewidths=0.8)  # fmt: skip
            chosen = [shade for shade, yes in zip(shades, mine, strict=True) if yes]
            axes.scatter(rows["parameters"][mine], rows[quantity][mine], s=18, c=chosen, alpha=0.8)
            log_axis(axes.xaxis)
        log_axis(grid[1][column].yaxis)
        grid[1][column].set_xlabel("parameters")
        grid[0][column].set_title(dataset)
        inside = rows[mine]
        interval = rank_correlation(inside["parameters"].to_numpy(), inside["gap"].to_numpy())
        sentences.append(
            f"{dataset}: {mine.sum()} of {len(rows)} kinds fit all training images; rank "
            f"correlation of gap and parameters {interval.estimate:+.2f}."
        )
    grid[0][0].set_ylabel("generalization gap")
    grid[1][0].set_ylabel("Jacobian norm")
    _key(grid[0][-1], colours, "hidden layers")
    caption = (
        "Each dot is a kind of ReLU network (shape, optimizer, learning rate, batch), mean over "
        "seeds; hollow ones did not fit all their training images and do not count. "
        + " ".join(sentences)
    )
    return Figure("capacity", "Do larger networks generalize better?", caption, drawing,
                  "paper's Fig. 1")  # fmt: skip


def factors_figure(tables: Tables) -> Figure:
    """Each factor's pairs: the treated network against its twin."""
    networks = tables["networks"]
    datasets = list(networks["dataset"].unique())
    colours = coloured(datasets)
    quantities = {
        "jacobian_norm": "Jacobian norm", "gap": "generalization gap", "transitions": "transitions",
    }  # fmt: skip
    drawing, grid = panels(3, len(FACTORS), (2.6 * len(FACTORS) + 0.6, 7.4))
    sentences = []
    for column, factor in enumerate(FACTORS.values()):
        try:
            pairs = paired(networks, factor)
        except NotMeasured as reason:
            sentences.append(f"{str(reason).capitalize()}.")
            continue
        for line, (quantity, name) in enumerate(quantities.items()):
            axes = grid[line][column]
            first, second = pairs[f"{quantity}_reference"], pairs[f"{quantity}_treated"]
            shades = [colours[dataset] for dataset in pairs["dataset"]]
            axes.scatter(first, second, s=16, c=shades, alpha=0.75, linewidths=0)
            low = min(first.min(), second.min())
            high = max(first.max(), second.max())
            axes.plot([low, high], [low, high], color=QUIET, lw=0.8, ls=(0, (4, 3)))
            if quantity != "gap" and low > 0:
                log_axis(axes.xaxis)
                log_axis(axes.yaxis)
            if column == 0:
                axes.set_ylabel(name)
        grid[0][column].set_title(factor.title)
        grid[-1][column].set_xlabel(f"{factor.column}: {factor.reference}")
        higher = (pairs["jacobian_norm_treated"] > pairs["jacobian_norm_reference"]).sum()
        sentences.append(f"{factor.title}: norm higher in {higher} of {len(pairs)} pairs.")
    _key(grid[0][0], colours, "")
    caption = (
        "Each dot is a pair of kinds of network equal in everything but one factor: across, the "
        "usual one; up, the one with the factor named above. Dots over the dashed line have more. "
        + " ".join(f"{text[0].upper()}{text[1:]}" for text in sentences)
    )
    return Figure("factors", "What raises sensitivity?", caption, drawing, "paper's Fig. 4")


def norm_gap_figure(tables: Tables) -> Figure:
    """Generalization gap against Jacobian norm."""
    networks = fitted(tables["networks"])
    table = configurations(networks[networks["labels"] == "true"], ["gap", "jacobian_norm"])
    datasets = list(tables["networks"]["dataset"].unique())
    drawing, grid = panels(1, len(datasets), (5 * len(datasets), 3.8))
    shown = [name for name in ACTIVATIONS if name in set(table["activation"])]
    colours = coloured(shown)
    sentences = []
    for axes, dataset in zip(grid[0], datasets, strict=True):
        rows = table[table["dataset"] == dataset]
        axes.scatter(rows["jacobian_norm"], rows["gap"], s=18, alpha=0.8,
                     c=[colours[name] for name in rows["activation"]])  # fmt: skip
        log_axis(axes.xaxis)
        axes.set_xlabel("Jacobian norm")
        axes.set_title(dataset)
        interval = rank_correlation(rows["jacobian_norm"].to_numpy(), rows["gap"].to_numpy())
        sentences.append(
            f"{dataset}: rank correlation {interval.estimate:+.2f} over {len(rows)} kinds."
        )
    grid[0][0].set_ylabel("generalization gap")
    _key(grid[0][0], colours, "activation")
    caption = (
        "Each dot is a kind of network that fits all its training images, mean over seeds. "
        + " ".join(sentences)
    )
    return Figure("norm-gap", "Does sensitivity predict generalization?", caption, drawing,
                  "paper's Fig. 5")  # fmt: skip


def binned_norms(points: pd.DataFrame, edges: np.ndarray) -> pd.DataFrame:
    """Mean norm and loss of the points in each bin of loss; bins with few points are left out."""
    place = np.digitize(points["loss"], edges)
    means = points.groupby(place)[["loss", "norm"]].mean()
    counts = points.groupby(place).size()
    return means[counts >= 10]


def points_figure(tables: Tables) -> Figure:
    """Norm against loss, test point by test point, beside what one rival class predicts."""
    points = tables["points"]
    datasets = list(points["dataset"].unique())
    drawing, grid = panels(1, len(datasets), (5 * len(datasets), 3.8), sharey=True)
    edges = np.geomspace(1e-3, 12, 19)
    sentences = []
    for axes, dataset in zip(grid[0], datasets, strict=True):
        rows = points[points["dataset"] == dataset]
        by = ["width", "depth", "optimizer", "learning_rate"]
        for _, kind in rows.groupby(by, sort=False):
            curve = binned_norms(kind, edges)
            axes.plot(curve["loss"], curve["norm"], color="#2f74d0", lw=0.6, alpha=0.35)
        every = binned_norms(rows, edges)
        axes.plot(every["loss"], every["norm"], color=INK, lw=2, label="all networks")
        loss = np.geomspace(1e-3, 12, 200)
        factor = 2 * np.exp(-loss) * (1 - np.exp(-loss))
        scale = every["norm"].max() / factor.max()
        axes.plot(loss, factor * scale, color="#d98a1f", lw=1.4, ls=(0, (4, 2)),
                  label="one rival class, scaled")  # fmt: skip
        log_axis(axes.xaxis)
        log_axis(axes.yaxis)
        axes.set_ylim(every["norm"].min() / 5, None)
        axes.set_xlabel("cross-entropy of a test point (nats)")
        axes.set_title(dataset)
        peak = every["loss"].iloc[int(every["norm"].to_numpy().argmax())]
        sentences.append(f"{dataset}: the norm is largest where the loss is {peak:.2f}.")
    grid[0][0].set_ylabel("Jacobian norm")
    grid[0][-1].legend(loc="lower right")
    caption = (
        "Mean norm of test points by their loss: thin, each kind of network; thick, all. Dashed, "
        "the shape that softmax alone gives against one rival class, 2 exp(-L) (1 - exp(-L)), "
        "largest at ln 2 = 0.69. " + " ".join(sentences)
    )
    return Figure("points", "Which points are sensitive?", caption, drawing, "paper's Fig. 6")
