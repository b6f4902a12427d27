"""Figures whose dots are networks, or test points of networks."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from lowcap.claims import NotMeasured, Tables, mean_of
from lowcap.networks.activations import ACTIVATIONS
from lowcap.report import INK, QUIET, Figure, panels
from lowcap.report.palette import BLUE, GOLD, categories
from lowcap.studies.sensitivity.claims.correlations import (
    GAP,
    grid,
    norm_correlation,
    size_correlation,
    variety,
)
from lowcap.studies.sensitivity.claims.instrument import spoken
from lowcap.studies.sensitivity.layout import KEYS, USUAL, fitted, where


def log_axis(axis: Axis) -> None:
    """A log axis with few plain labels, however short it is; call it when the data are drawn."""
    axes = axis.axes
    (axes.set_xscale if axis is axes.xaxis else axes.set_yscale)("log")
    low, high = axis.get_data_interval()
    decades = np.log10(high / low) if low > 0 else np.inf
    if decades < 0.6:
        axis.set_major_locator(MaxNLocator(5))
    else:
        subs = (1, 2, 5) if decades < 2.5 else (1,)
        axis.set_major_locator(LogLocator(subs=subs, numticks=12))
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


def _of(tables: Tables, dataset: str) -> Tables:
    networks = tables["networks"]
    return {"networks": networks[networks["dataset"] == dataset]}


def capacity_figure(tables: Tables) -> Figure:
    """Generalization gap and Jacobian norm against the number of parameters."""
    datasets = list(tables["networks"]["dataset"].unique())
    drawing, axes_of = panels(2, len(datasets), (5 * len(datasets), 6), sharex=True, sharey="row")
    colours = categories(np.sort(tables["networks"]["depth"].unique()))
    colours = {depth: colours[depth] for depth in _grid_depths(tables)}
    sentences = []
    for column, dataset in enumerate(datasets):
        seen = _of(tables, dataset)
        for line, quantity in enumerate(("gap", "jacobian_norm")):
            axes = axes_of[line][column]
            for reached in (False, True):
                rows = _grid_means(seen["networks"], quantity, reached)
                shades = [colours[depth] for depth in rows["depth"]]
                look = {"c": shades, "alpha": 0.85} if reached else {
                    "facecolors": "none", "edgecolors": QUIET, "linewidths": 0.8}  # fmt: skip
                axes.scatter(rows["parameters"], rows[quantity], s=18, **look)
            log_axis(axes.xaxis)
        log_axis(axes_of[1][column].yaxis)
        axes_of[1][column].set_xlabel("parameters")
        axes_of[0][column].set_title(dataset)
        sentences.append(_said(dataset, seen, grid, size_correlation, "gap and parameters"))
    axes_of[0][0].set_ylabel("generalization gap")
    axes_of[1][0].set_ylabel("Jacobian norm")
    _key(axes_of[0][-1], colours, "hidden layers")
    caption = (
        "Each dot is a kind of ReLU network (width, depth, learning rate) after equally many "
        "updates, mean over training samples; hollow ones did not fit all their images on every "
        "sample and do not count. " + " ".join(sentences)
    )
    return Figure("capacity", "Do larger networks generalize better?", caption, drawing,
                  "paper's Fig. 1")  # fmt: skip


_GRID = {**USUAL, "optimizer": "momentum", "batch": "100", "length": "long"}


def _grid_depths(tables: Tables) -> list[int]:
    networks = tables["networks"]
    return sorted(networks[where(networks, _GRID)]["depth"].unique().tolist())


def _grid_means(networks: pd.DataFrame, quantity: str, reached: bool) -> pd.DataFrame:
    """Means over samples of the kinds of the grid that fitted on all samples, or of the others."""
    held = networks[where(networks, _GRID)]
    by = ["width", "depth", "learning_rate"]
    means = held.assign(fit=fitted(held)).groupby(by, as_index=False).agg(
        {quantity: "mean", "parameters": "first", "fit": "all"}
    )  # fmt: skip
    return means[means["fit"] == reached]


def _said(dataset: str, seen: Tables, laid_by, statistic, what: str) -> str:
    """A rank correlation with its interval, as the claim has it."""
    try:
        layout = laid_by(seen, "long")
        estimate = mean_of(statistic(layout))
    except NotMeasured as reason:
        return f"{dataset}: {reason}."
    return (
        f"{dataset}: rank correlation of {what} {spoken(estimate, '+.2f')} over "
        f"{len(layout.kinds)} kinds."
    )


def norm_gap_figure(tables: Tables) -> Figure:
    """Generalization gap against Jacobian norm."""
    datasets = list(tables["networks"]["dataset"].unique())
    drawing, grid_of = panels(1, len(datasets), (5 * len(datasets), 3.8))
    sentences, drawn = [], {}
    for dataset in datasets:
        try:
            drawn[dataset] = variety(_of(tables, dataset), "long")
        except NotMeasured as reason:
            sentences.append(f"{dataset}: {reason}.")
    present = {name for layout in drawn.values() for name in layout.column("activation")}
    colours = categories([name for name in ACTIVATIONS if name in present])
    for axes, dataset in zip(grid_of[0], datasets, strict=True):
        axes.set_title(dataset)
        axes.set_xlabel("Jacobian norm")
        if dataset not in drawn:
            continue
        layout = drawn[dataset]
        norm, gap = layout["jacobian_norm", ""].mean(axis=0), layout[GAP].mean(axis=0)
        shades = [colours[name] for name in layout.column("activation")]
        axes.scatter(norm, gap, s=18, alpha=0.8, c=shades)
        log_axis(axes.xaxis)
        sentences.append(
            _said(dataset, _of(tables, dataset), variety, norm_correlation, "norm and gap")
        )
    grid_of[0][0].set_ylabel("generalization gap")
    _key(grid_of[0][0], colours, "activation")
    caption = (
        "Each dot is a kind of network that fits all its training images on every sample after "
        "equally many updates, mean over samples. " + " ".join(sentences)
    )
    return Figure("norm-gap", "Does sensitivity predict generalization?", caption, drawing,
                  "paper's Fig. 5")  # fmt: skip


def binned_norms(points: pd.DataFrame, edges: np.ndarray) -> pd.DataFrame:
    """Mean norm and loss of the points in each bin of loss; bins with few points are left out."""
    place = np.digitize(points["loss"], edges)
    means = points.groupby(place)[["loss", "norm"]].mean()
    counts = points.groupby(place).size()
    return means[counts >= 10]


def _counting(tables: Tables) -> pd.DataFrame:
    """Points of networks that fit all their images, trained equally long; of all if none does."""
    networks = tables["networks"]
    counting = networks[fitted(networks) & where(networks, {"length": "long"})]
    points = tables["points"].merge(counting[list(KEYS)], on=list(KEYS))
    return points if len(points) else tables["points"]


def points_figure(tables: Tables) -> Figure:
    """Norm against loss, test point by test point, beside what one rival class predicts."""
    points = _counting(tables)
    datasets = list(points["dataset"].unique())
    drawing, grid = panels(1, len(datasets), (5 * len(datasets), 3.8), sharey=True)
    edges = np.geomspace(1e-3, 12, 19)
    sentences = []
    for axes, dataset in zip(grid[0], datasets, strict=True):
        rows = points[points["dataset"] == dataset]
        by = ["width", "depth", "optimizer", "learning_rate"]
        for _, kind in rows.groupby(by, sort=False):
            curve = binned_norms(kind, edges)
            axes.plot(curve["loss"], curve["norm"], color=BLUE, lw=0.6, alpha=0.35)
        every = binned_norms(rows, edges)
        axes.plot(every["loss"], every["norm"], color=INK, lw=2, label="all networks")
        loss = np.geomspace(1e-3, 12, 200)
        factor = 2 * np.exp(-loss) * (1 - np.exp(-loss))
        scale = every["norm"].max() / factor.max()
        axes.plot(loss, factor * scale, color=GOLD, lw=1.4, ls=(0, (4, 2)),
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
        "Mean norm of test points by their loss, in networks that fit all their training images "
        "after equally many updates: thin, each kind of network; thick, all. Dashed, "
        "the shape that softmax alone gives against one rival class, 2 exp(-L) (1 - exp(-L)), "
        "largest at ln 2 = 0.69. " + " ".join(sentences)
    )
    return Figure("points", "Which points are sensitive?", caption, drawing, "paper's Fig. 6")
