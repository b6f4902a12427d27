"""Figures on saliency: the maps themselves, where they lie, who agrees."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lowcap.claims import Tables
from lowcap.report import Figure, panels
from lowcap.report.grid import blank, framed
from lowcap.report.palette import (
    BLUE,
    DARK,
    DIVERGING,
    GOLD,
    GREY,
    IMAGES,
    PINK,
    PURPLE,
    TEAL,
    scale,
)
from lowcap.studies.low_capacity.figures.common import capitalised
from lowcap.studies.low_capacity.figures.corrupted import side_of
from lowcap.studies.low_capacity.protocols import PROTOCOLS, by_protocol

STATES = {
    "dense": ("trained", BLUE, "o"),
    "pruned: global": ("95 % pruned, global", PURPLE, "s"),
    "pruned: listing C.1": ("95 % pruned, listing C.1", PINK, "s"),
    "another seed": ("another seed", TEAL, "D"),
    "untrained": ("untrained", GREY, "v"),
    "shuffled labels": ("shuffled labels", GOLD, "^"),
}
"""How each state is called, its colour and marker."""

SHOWN = ("untrained", "trained", "pruned")

FAINT = 0.05
"""A map whose largest value is below this share of its method's scale looks empty: it says so."""


def maps_figure(tables: Tables, protocol: str) -> Figure:
    """Maps of a few test images, one signed scale a method, untrained to pruned."""
    table = by_protocol(tables["saliency_maps"])[protocol]
    images = list(table["image"].unique())
    methods = [name for name in table["method"].unique() if name]
    side = side_of(table) or 1
    columns = len(images) * len(SHOWN)
    drawing = blank((1.12 * columns + 2.4, 1.32 * (len(methods) + 1) + 0.8))
    grid = drawing.add_gridspec(len(methods) + 1, columns + 1, width_ratios=[*[1] * columns, 0.12])
    names = _names(images, str(table["task"].iloc[0]))
    for number, image in enumerate(images):
        of_image = table[table["image"] == image]
        axes = drawing.add_subplot(grid[0, len(SHOWN) * number : len(SHOWN) * (number + 1)])
        axes.imshow(_square(of_image, "image", "", side), cmap=IMAGES, vmin=0, vmax=1)
        axes.set_title(names[number], fontsize=8, loc="center")
        _bare(axes)
    faint = 0
    for line, method in enumerate(methods, 1):
        of_method = table[table["method"] == method]
        top = float(np.quantile(np.abs(of_method["value"]), 0.998)) or 1.0
        for number, image in enumerate(images):
            of_image = of_method[of_method["image"] == image]
            for place, state in enumerate(SHOWN):
                axes = drawing.add_subplot(grid[line, len(SHOWN) * number + place])
                values = _square(of_image, state, method, side)
                axes.imshow(values, cmap=DIVERGING, vmin=-top, vmax=top)
                faint += _labelled(axes, values, top)
                if line == 1:
                    axes.set_title(state, fontsize=7.5, loc="center")
                if number == place == 0:
                    axes.set_ylabel(method.replace(" ", "\n"), fontsize=8)
        key = drawing.colorbar(
            scale(DIVERGING, -top, top), cax=drawing.add_subplot(grid[line, columns])
        )
        key.ax.tick_params(labelsize=6)
    title = f"Saliency, {protocol}"
    framed(
        drawing,
        f"Saliency of one network ({table['task'].iloc[0]}, {table['hidden'].iloc[0]} units, "
        f"{protocol} protocol)",
        "Red raises the answer of the second class, blue lowers it (finite differences have no "
        "sign). One scale a row; below each map its largest magnitude. n = 1 network.",
    )
    caption = _maps_caption(table, len(images), faint)
    return Figure(f"saliency-{protocol}", title, caption, drawing, "paper's Figs. 7 to 9")


def _square(table: pd.DataFrame, state: str, method: str, side: int) -> np.ndarray:
    rows = table[(table["state"] == state) & (table["method"] == method)]
    return rows.sort_values("pixel")["value"].to_numpy().reshape(side, side)


def _names(images: list, task: str) -> list[str]:
    """What the images are, in the order in which they were picked."""
    one, other = task.split("-")
    names = [f"a {one}, classified right", f"a {other}, classified right", "classified wrong"]
    return names if len(images) == len(names) else [f"image {i + 1}" for i in range(len(images))]


def _bare(axes: Axes) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _labelled(axes: Axes, values: np.ndarray, top: float) -> bool:
    """Write the map's largest magnitude below it; say so where the map looks empty."""
    _bare(axes)
    largest = float(np.abs(values).max())
    axes.set_xlabel(f"{largest:.2g}", fontsize=6.5, labelpad=1)
    faint = largest < FAINT * top
    if faint:
        words = "0\neverywhere" if largest == 0 else "too small\nfor the\nscale"
        axes.text(
            0.5, 0.5, words, transform=axes.transAxes, fontsize=7, ha="center", va="center",
            color=DARK,
        )  # fmt: skip
    return faint


def _maps_caption(table: pd.DataFrame, images: int, faint: int) -> str:
    published = table[table["method"] == "finite differences"]
    largest = published.groupby("state")["value"].apply(lambda values: np.abs(values).max())
    words = (
        f"Saliency maps of {images} test images"
        + (": one of each class classified right, one classified wrong" if images > 2 else "")
        + ". Each method has one scale for all its maps; pruned means 95 %, by "
        f"“{PROTOCOLS[table['protocol'].iloc[0]].pruning.name}”."
    )
    if {"untrained", "trained"} <= set(largest.index):
        words += (
            " The largest change of the probability by the published finite differences is "
            f"{largest['trained']:.2g} trained and {largest['untrained']:.2g} untrained"
        )
        words += (
            "; where the network is sure of its answer the probability saturates and hardly moves."
            if faint
            else "."
        )
    return words


def shares_figure(tables: Tables) -> Figure:
    """Where maps lie by state and method, and how far relatives agree with the trained network."""
    shares = by_protocol(tables["saliency"])
    agreement = by_protocol(tables["saliency_agreement"])
    counts = [table["method"].nunique() for table in shares.values()]
    size = 11.5, 0.42 * sum(counts) + 0.4 * len(shares) + 1.0
    drawing, grid = panels(
        len(shares), 2, size, sharex="col", sharey="row", height_ratios=[n + 0.4 for n in counts]
    )
    words = []
    for (left, right), (name, table) in zip(grid, shares.items(), strict=True):
        seeds = table.groupby("method", sort=False)["seed"].nunique()
        methods = list(map(str, seeds.index))
        _dots(left, table, "on_strokes", methods)
        left.set_yticks(range(len(methods)), [f"{m} (n = {n})" for m, n in seeds.items()])
        left.set_ylim(len(methods) - 0.5, -0.5)
        left.axvline(1, color=GREY, lw=1, ls=(0, (3, 3)))
        left.set_title(f"{name}: saliency on strokes over their area")
        if name in agreement:
            _dots(right, agreement[name], "top_overlap", methods)
            _attainable(right, agreement[name], methods)
        right.set_title(f"{name}: overlap with the trained network's map")
        words.append(capitalised(_in_words(name, table, agreement.get(name))))
    grid[-1][0].set_xlabel("1: the map does not know the digit")
    grid[-1][1].set_xlabel("share of the strongest twentieth of the pixels in common")
    present = set(tables["saliency"]["state"])
    handles = [
        Line2D([], [], color=colour, marker=marker, ls="", ms=5, label=label)
        for state, (label, colour, marker) in STATES.items()
        if state in present
    ]
    handles.append(Line2D([], [], color=GREY, marker="|", ls="", ms=9, mew=1.6,
                          label="most that is\nattainable"))  # fmt: skip
    drawing.legend(handles=handles, loc="outside right upper", title="network")
    first = tables["saliency"].iloc[0]
    images = tables["saliency"].groupby(["protocol", "seed", "state", "method"])["images"].sum()
    framed(
        drawing,
        f"Does saliency know the digit? ({first['task']}, {first['hidden']} units)",
        "Means over images and seeds, bars from the least to the most seed; n: seeds, each with "
        f"{images.max()} test images.",
    )
    caption = (
        "Left, the share of saliency on bright pixels over their share of the area, of trained, "
        "untrained and wrongly taught networks: what an untrained network's map scores is owed to "
        "the method, not to learning. Right, how many of a map's strongest pixels it shares with "
        "the trained network's; a tick marks the most that maps with so few non-zero pixels can "
        "share. " + " ".join(words)
    )
    return Figure("saliency-shares", "Does saliency know the digit?", caption, drawing)


def _dots(axes: Axes, table: pd.DataFrame, column: str, methods: list[str]) -> None:
    for state, place in _places(table).items():
        _, colour, marker = STATES[state]
        rows = table[table["state"] == state]
        by_seed = rows.groupby(["method", "seed"])[column].mean().groupby("method")
        found = by_seed.agg(["mean", "min", "max"]).reindex(methods)
        y = np.arange(len(methods)) + place
        axes.hlines(y, found["min"], found["max"], color=colour, lw=1.3)
        axes.plot(found["mean"], y, marker, ms=4.5, color=colour, ls="")


def _places(table: pd.DataFrame) -> dict[str, float]:
    states = [state for state in STATES if state in set(table["state"])]
    return {state: 0.13 * (i - (len(states) - 1) / 2) for i, state in enumerate(states)}


def _attainable(axes: Axes, table: pd.DataFrame, methods: list[str]) -> None:
    for state, place in _places(table).items():
        rows = table[table["state"] == state].groupby("method")["attainable"].mean()
        y = np.arange(len(methods)) + place
        axes.plot(rows.reindex(methods), y, "|", ms=7, mew=1.4, color=STATES[state][1])
    axes.set_xlim(-0.03, 1.05)


def _in_words(name: str, shares: pd.DataFrame, agreement: pd.DataFrame | None) -> str:
    published = shares[shares["method"] == "finite differences"]
    means = published.groupby("state")["on_strokes"].mean()
    parts = [
        f"{STATES[state][0]} {means[state]:.2f}"
        for state in ("dense", "untrained", "shuffled labels")
        if state in means
    ]
    words = f"{name}: with the published finite differences strokes hold {', '.join(parts)} times"
    words += " their area"
    if agreement is not None:
        rows = agreement[agreement["method"] == "gradient x input"].groupby("state")["top_overlap"]
        overlap = rows.mean()
        parts = [f"{STATES[state][0]} {overlap[state]:.2f}" for state in STATES if state in overlap]
        words += f"; gradient x input shares of its strongest pixels {', '.join(parts)}"
    return words + "."
