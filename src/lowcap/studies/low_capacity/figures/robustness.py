"""Figures on noise, occlusion and the wider set of corruptions."""

import numpy as np
import pandas as pd
from matplotlib.ticker import PercentFormatter

from lowcap.claims import Tables
from lowcap.report import QUIET, Figure, panels
from lowcap.studies.low_capacity.claims.robustness import TASK, scores
from lowcap.studies.low_capacity.figures.common import by_protocol, shown_sizes, size_colours

PUBLISHED_NOISE = {
    24: (0.881, 0.853, 0.802, 0.730, 0.669),
    64: (0.917, 0.908, 0.869, 0.819, 0.766),
}
"""Read off the paper's Fig. 6: F1 at sigma 0.1 to 0.5, by hidden size."""

PUBLISHED_OCCLUSION = {24: 0.847, 48: 0.860, 64: 0.862}
"""The paper's F1 under occlusion, by hidden size (sec. 4.6)."""

_SIZES = (24, 48, 64)


def noise_figure(tables: Tables) -> Figure:
    """F1 against the strength of noise, ours beside the paper's own curve."""
    parts = by_protocol(tables["robustness"])
    drawing, grid = panels(1, len(parts), (5 * len(parts), 3.8), sharey=True)
    sentences = []
    for axes, (name, table) in zip(grid[0], parts.items(), strict=True):
        square = scores({"robustness": table}, "gaussian noise")
        present = square.columns.get_level_values("hidden").unique()
        sizes = [h for h in _SIZES if h in present] or shown_sizes(present.to_numpy())
        colours = size_colours(sizes)
        for hidden in sizes:
            values = square.xs(hidden, axis=1, level="hidden").to_numpy()
            low, high = values.min(axis=1), values.max(axis=1)
            axes.plot(square.index, values.mean(axis=1), color=colours[hidden], label=f"{hidden}")
            axes.fill_between(square.index, low, high, color=colours[hidden], alpha=0.15, lw=0)
            if name == "published" and hidden in PUBLISHED_NOISE:
                axes.plot(
                    (0.1, 0.2, 0.3, 0.4, 0.5), PUBLISHED_NOISE[hidden], "x", color=colours[hidden]
                )
        axes.set_title(name)
        axes.set_xlabel("sigma of the noise")
        occluded = scores({"robustness": table}, "occlusion").drop(index=0.0).iloc[0]
        means = occluded.groupby("hidden").mean()
        listed = ", ".join(f"{h} units {means[h]:.3f}" for h in sizes)
        paper = ", ".join(f"{PUBLISHED_OCCLUSION[h]:.3f}" for h in sizes if h in _SIZES)
        beside = f" (paper: {paper})" if paper else ""
        sentences.append(f"{name.capitalize()}, F1 under occlusion: {listed}{beside}.")
    grid[0][0].set_ylabel(f"F1 on {TASK}")
    grid[0][-1].legend(title="hidden size", loc="lower left")
    caption = (
        "Mean F1 under additive Gaussian noise, bands are the range over seeds; crosses are the "
        "paper's own values, read off its figure. " + " ".join(sentences)
    )
    return Figure("noise", "Noise and occlusion", caption, drawing, "paper's Fig. 6")


def relative_loss(table: pd.DataFrame) -> pd.DataFrame:
    """Mean share of F1 that each corruption costs: corruption and severity by hidden size."""
    means = table.pivot_table(
        index=["corruption", "severity"], columns="hidden", values="f1", sort=False
    )
    clean = means.xs("none", level="corruption").iloc[0]
    return (1 - means / clean).drop(index="none", level="corruption")


def corruptions_figure(tables: Tables) -> Figure:
    """What each corruption costs each hidden size, all tasks together, on one scale."""
    dense = tables["robustness"][tables["robustness"]["requested_sparsity"] == 0]
    parts = by_protocol(dense)
    losses = {name: relative_loss(table) for name, table in parts.items()}
    rows = len(next(iter(losses.values())))
    drawing, grid = panels(1, len(parts), (5.4 * len(parts), 0.3 * rows + 1.2), sharey=True)
    top = max(np.nanmax(square.to_numpy()) for square in losses.values())
    for axes, (name, square) in zip(grid[0], losses.items(), strict=True):
        axes.imshow(square, cmap="magma_r", vmin=0, vmax=top, aspect="auto")
        for row, values in enumerate(square.to_numpy()):
            for column, value in enumerate(values):
                colour = "#f5f5f5" if value > top / 2 else "#111111"
                text = f"{100 * value:.0f}".replace("-0", "0")
                axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=7)
        axes.set_xticks(range(square.shape[1]), square.columns)
        axes.set_yticks(range(rows), [f"{kind} {severity:g}" for kind, severity in square.index])
        axes.grid(visible=False)
        axes.set_xlabel("hidden size")
        axes.set_title(f"{name}: % of F1 lost")
    words = []
    for name, square in losses.items():
        mean = square.mean(axis=1)
        (kind, severity) = mean.index[int(mean.to_numpy().argmax())]
        words.append(f"{name}, {kind} {severity:g} costs most ({mean.max():.0%} of F1)")
    caption = (
        "Share of F1 lost under each corruption, mean over tasks, seeds and draws; parameters are "
        f"listed in lowcap.data.corruptions. On average over sizes: {'; '.join(words)}."
    )
    return Figure("corruptions", "What each corruption costs", caption, drawing)


def pruned_robustness_figure(tables: Tables) -> Figure:
    """F1 clean and corrupted against sparsity: which goes first?"""
    table = tables["robustness"]
    kinds = {
        "clean": ("none", 0.0),
        "noise 0.3": ("gaussian noise", 0.3),
        "occlusion": ("occlusion", 7.0),
    }
    parts = by_protocol(table)
    drawing, grid = panels(1, len(parts), (5 * len(parts), 3.6), sharey=True)
    styles = dict(zip(kinds, ("-", "--", ":"), strict=True))
    sentences = []
    for axes, (name, part) in zip(grid[0], parts.items(), strict=True):
        kept = {}
        for label, (kind, severity) in kinds.items():
            rows = part[(part["corruption"] == kind) & np.isclose(part["severity"], severity)]
            means = rows.groupby("requested_sparsity")["f1"].mean()
            axes.plot(means.index, means / means.loc[0.0], styles[label], marker="o", ms=4,
                      color=QUIET if label == "clean" else "#d0417e", label=label)  # fmt: skip
            kept[label] = means / means.loc[0.0]
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.set_xlabel("sparsity")
        axes.set_title(name)
        half = kept["clean"].index[1]
        listed = ", ".join(f"{label} {values.loc[half]:.1%}" for label, values in kept.items())
        sentences.append(f"{name.capitalize()}, at {half:.0%} sparsity networks keep {listed}.")
    grid[0][0].set_ylabel("share of dense F1 kept")
    grid[0][-1].legend(loc="lower left")
    caption = (
        "Does pruning cost robustness before it costs accuracy? Share of the dense networks' mean "
        "F1 that is left, on clean and corrupted images alike. " + " ".join(sentences)
    )
    return Figure("pruned-robustness", "Pruned and corrupted", caption, drawing)


def examples_figure(tables: Tables) -> Figure:
    """One image of each class under every corruption, on one grey scale."""
    table = tables["corrupted_examples"]
    table = table[table["protocol"] == table["protocol"].iloc[0]]
    kinds = list(table[["corruption", "severity"]].drop_duplicates().itertuples(index=False))
    columns = -(-len(kinds) // 2)
    drawing, grid = panels(4, columns, (1.15 * columns, 5.4))
    side = round(np.sqrt(table["pixel"].max() + 1))
    for axes in grid.ravel():
        axes.set_axis_off()
    for number, (kind, severity) in enumerate(kinds):
        rows = table[(table["corruption"] == kind) & (table["severity"] == severity)]
        for label in (0, 1):
            axes = grid[2 * (number // columns) + label][number % columns]
            pixels = rows[rows["label"] == label]["value"].to_numpy().reshape(side, side)
            axes.imshow(pixels, cmap="gray", vmin=0, vmax=1)
            if label == 0:
                axes.set_title("clean" if kind == "none" else f"{kind}\n{severity:g}", fontsize=7)
    caption = (
        f"The first {' and the first '.join(TASK.split('-'))} of the scored images, clean and "
        f"under each of the {len(kinds) - 1} corruptions with its severity; black is 0, white 1."
    )
    return Figure("corrupted-examples", "What the networks are shown", caption, drawing)
