"""Figures whose dots are networks, or test points of networks."""

import numpy as np
import pandas as pd

from lowcap.claims import NotMeasured, Tables
from lowcap.networks.activations import ACTIVATIONS
from lowcap.report import INK, QUIET, Figure, panels
from lowcap.report.grid import DASHES, entry, framed
from lowcap.report.palette import BLUE, GOLD, categories
from lowcap.report.scales import decades
from lowcap.studies.sensitivity.claims.correlations import GAP, variety
from lowcap.studies.sensitivity.layout import KEYS, USUAL, fitted, where


def _datasets(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows of each data set, in the table's order."""
    return {str(name): rows for name, rows in table.groupby("dataset", sort=False)}


def _note(networks: pd.DataFrame) -> str:
    """What a dot stands for, and on how many samples it rests."""
    samples = networks["sample"].nunique()
    return f"Dots: kinds of network, each the mean over n = {samples} samples of training images."


def capacity_figure(tables: Tables) -> Figure:
    """Generalization gap and Jacobian norm against the number of parameters."""
    networks = tables["networks"]
    parts = _datasets(networks)
    size = 5 * len(parts) + 1, 6
    names = "generalization gap", "Jacobian norm"
    drawing, grid = panels(names, parts, size, below="parameters", sharex=True, sharey="row")
    colours = categories(np.sort(networks["depth"].unique()))
    colours = {depth: colours[depth] for depth in sorted(_grid(networks)["depth"].unique())}
    for both, rows in zip(grid.T, parts.values(), strict=True):
        for axes, quantity in zip(both, ("gap", "jacobian_norm"), strict=True):
            means = _grid_means(rows, quantity)
            hollow, full = means[~means["fit"]], means[means["fit"]]
            axes.scatter(hollow["parameters"], hollow[quantity], s=18, facecolors="none",
                         edgecolors=QUIET, linewidths=0.8)  # fmt: skip
            shades = [colours[depth] for depth in full["depth"]]
            axes.scatter(full["parameters"], full[quantity], s=18, c=shades, alpha=0.85)
            decades(axes.xaxis)
        decades(both[1].yaxis)
    entries = [entry(str(depth), colour, "", "o") for depth, colour in colours.items()]
    entries.append(entry("not all\nimages fit", QUIET, "", "o", mfc="none"))
    title = "Do larger networks generalize better?"
    framed(drawing, title, _note(networks), entries, "hidden layers")
    caption = (
        "Each dot is a kind of ReLU network (width, depth, learning rate) after equally many "
        "updates, mean over training samples; hollow ones did not fit all their images on every "
        "sample and do not count."
    )
    return Figure("capacity", title, caption, drawing, "paper's Fig. 1")


def _grid(networks: pd.DataFrame) -> pd.DataFrame:
    """The networks of the grid of widths, depths and learning rates, trained equally long."""
    usual = {**USUAL, "optimizer": "momentum", "batch": "100", "length": "long"}
    return networks[where(networks, usual)]


def _grid_means(networks: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """Means over samples of the kinds of the grid, and whether a kind `fit` on all of them."""
    held = _grid(networks)
    by = ["width", "depth", "learning_rate"]
    return held.assign(fit=fitted(held)).groupby(by, as_index=False).agg(
        {quantity: "mean", "parameters": "first", "fit": "all"}
    )  # fmt: skip


def norm_gap_figure(tables: Tables) -> Figure:
    """Generalization gap against Jacobian norm."""
    parts = _datasets(tables["networks"])
    size = 5 * len(parts) + 1.2, 3.8
    drawing, grid = panels(["generalization gap"], parts, size, below="Jacobian norm")
    colours, present = categories(ACTIVATIONS), set()
    for axes, rows in zip(grid[0], parts.values(), strict=True):
        try:
            layout = variety({"networks": rows}, "long")
        except NotMeasured as reason:
            axes.text(0.5, 0.5, str(reason), transform=axes.transAxes, ha="center", wrap=True)
            continue
        norm, gap = layout["jacobian_norm", ""].mean(axis=0), layout[GAP].mean(axis=0)
        kinds = list(layout.column("activation"))
        present |= set(kinds)
        axes.scatter(norm, gap, s=18, alpha=0.8, c=[colours[name] for name in kinds])
        decades(axes.xaxis)
    entries = [entry(name, c, "", "o") for name, c in colours.items() if name in present]
    title = "Does sensitivity predict generalization?"
    framed(drawing, title, _note(tables["networks"]), entries, "activation")
    caption = (
        "Each dot is a kind of network that fits all its training images on every sample after "
        "equally many updates, mean over samples."
    )
    return Figure("norm-gap", title, caption, drawing, "paper's Fig. 5")


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
    parts = _datasets(_counting(tables))
    size = 5 * len(parts) + 1.4, 3.8
    below = "cross-entropy of a test point (nats)"
    drawing, grid = panels(["Jacobian norm"], parts, size, below=below, sharey=True)
    edges, loss = np.geomspace(1e-3, 12, 19), np.geomspace(1e-3, 12, 200)
    factor = 2 * np.exp(-loss) * (1 - np.exp(-loss))
    for axes, rows in zip(grid[0], parts.values(), strict=True):
        by = ["width", "depth", "optimizer", "learning_rate"]
        for _, kind in rows.groupby(by, sort=False):
            found = binned_norms(kind, edges)
            axes.plot(found["loss"], found["norm"], color=BLUE, lw=0.6, alpha=0.35)
        every = binned_norms(rows, edges)
        axes.plot(every["loss"], every["norm"], color=INK, lw=2)
        scaled = factor * every["norm"].max() / factor.max()
        axes.plot(loss, scaled, color=GOLD, lw=1.4, ls=DASHES)
        decades(axes.xaxis)
        decades(axes.yaxis)
        axes.set_ylim(every["norm"].min() / 5, None)
    entries = [
        entry("one kind", BLUE, lw=0.6),
        entry("all networks", INK, lw=2),
        entry("one rival\nclass, scaled", GOLD, DASHES, lw=1.4),
    ]
    shown = _counting(tables)
    note = f"n = {len(shown):,} test points of {len(shown[list(KEYS)].drop_duplicates())} networks."
    framed(drawing, "Which points are sensitive?", note, entries)
    caption = (
        "Mean norm of test points by their loss, in networks that fit all their training images "
        "after equally many updates: thin, each kind of network; thick, all. Dashed, "
        "the shape that softmax alone gives against one rival class, 2 exp(-L) (1 - exp(-L)), "
        "largest at ln 2 = 0.69."
    )
    return Figure("points", "Which points are sensitive?", caption, drawing, "paper's Fig. 6")
