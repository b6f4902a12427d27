"""Figures on saliency: the maps themselves, where they lie, who agrees."""

from itertools import product

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lowcap.claims import Tables
from lowcap.report import Figure, panels
from lowcap.report.grid import entry, framed
from lowcap.report.marks import (
    colour_bar,
    intervals,
    level,
    name_rows,
    offsets,
    pictures,
    spreads,
)
from lowcap.report.palette import BLUE, DARK, DIVERGING, GOLD, GREY, PINK, PURPLE, TEAL
from lowcap.studies.low_capacity.claims.scores import of_digits
from lowcap.studies.low_capacity.figures.corrupted import side_of
from lowcap.studies.low_capacity.protocols import PROTOCOLS, by_protocol, of_protocol

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
    table = of_protocol(tables["saliency_maps"], protocol)
    task, images = str(table["task"].iloc[0]), list(table["image"].unique())
    methods = [name for name in table["method"].unique() if name]
    columns, shown = len(images) * len(SHOWN), list(product(images, SHOWN))
    size = 1.12 * columns + 2.4, 1.32 * (len(methods) + 1) + 0.8
    drawing, (first, *lines) = panels(["", *methods], 2, size, width_ratios=[columns, 0.12])
    first[1].set_axis_off()
    squares = _squares(table)
    originals = [
        squares[image, "image", ""] if state == SHOWN[1] else None for image, state in shown
    ]
    places = pictures(first[0], originals)
    for x, name in zip(places[1 :: len(SHOWN)], _names(images, task), strict=True):
        _above(first[0], x, name, 8)
    for (axes, bar), method in zip(lines, methods, strict=True):
        of_method = table[table["method"] == method]
        top = float(np.quantile(np.abs(of_method["value"]), 0.998)) or 1.0
        maps = [squares[image, state, method] for image, state in shown]
        _maps(axes, maps, top)
        axes.set_ylabel(method.replace(" ", "\n"), fontsize=8)
        colour_bar(drawing, DIVERGING, -top, top, cax=bar).ax.tick_params(labelsize=6)
    for x, (_, state) in zip(places, shown, strict=True):
        _above(lines[0][0], x, state, 7.5)
    framed(
        drawing,
        f"Saliency of one network ({task}, {table['hidden'].iloc[0]} units, {protocol} protocol)",
        "Red raises the answer of the second class, blue lowers it (finite differences have no "
        "sign). One scale a row; below each map its largest magnitude. n = 1 network.",
    )
    caption = (
        f"Saliency maps of {len(images)} test images"
        + (": one of each class classified right, one classified wrong" if len(images) > 2 else "")
        + ". Each method has one scale for all its maps; pruned means 95 %, by "
        f"“{PROTOCOLS[protocol].pruning.name}”. Finite differences are changes of the probability, "
        "which hardly moves where a network is sure of its answer."
    )
    title = f"Saliency, {protocol}"
    return Figure(f"saliency-{protocol}", title, caption, drawing, "paper's Figs. 7 to 9")


def _squares(table: pd.DataFrame) -> dict[tuple, np.ndarray]:
    """By image, state and method the map, with the state "image" the image: pixels [side, side]."""
    side = side_of(table) or 1
    parts = table.sort_values("pixel").groupby(["image", "state", "method"], dropna=False)["value"]
    return {key: values.to_numpy().reshape(side, side) for key, values in parts}


def _names(images: list, task: str) -> list[str]:
    """What the images are, in the order in which they were picked."""
    one, other = task.split("-")
    names = [f"a {one}, classified right", f"a {other}, classified right", "classified wrong"]
    return names if len(images) == len(names) else [f"image {i + 1}" for i in range(len(images))]


def _above(axes: Axes, x: float, words: str, size: float) -> None:
    """What an image shows, above it."""
    axes.text(x, -1, words, fontsize=size, ha="center", va="bottom", weight="bold")


def _maps(axes: Axes, maps: list[np.ndarray], top: float) -> None:
    """Maps on a scale up to `top`, each with its largest magnitude; in words if it looks empty."""
    places = pictures(axes, maps, DIVERGING, -top, top)
    magnitudes = [float(np.abs(one).max()) for one in maps]
    axes.set_xticks(places, [f"{largest:.2g}" for largest in magnitudes], fontsize=6.5)
    axes.tick_params(axis="x", pad=1)
    for x, largest in zip(places, magnitudes, strict=True):
        if largest < FAINT * top:
            words = "0\neverywhere" if largest == 0 else "too small\nfor the\nscale"
            height = len(maps[0]) / 2
            axes.text(x, height, words, fontsize=7, ha="center", va="center", color=DARK)


def shares_figure(tables: Tables) -> Figure:
    """Where maps lie by state and method, and how far relatives agree with the trained network."""
    shares = by_protocol(tables["saliency"])
    agreement = by_protocol(tables["saliency_agreement"])
    counts = [table["method"].nunique() for table in shares.values()]
    size = 11.5, 0.42 * sum(counts) + 0.4 * len(shares) + 1.0
    drawing, grid = panels(
        len(shares), 2, size, sharex="col", sharey="row", height_ratios=[n + 0.4 for n in counts]
    )
    for (left, right), (name, table) in zip(grid, shares.items(), strict=True):
        seeds = table.groupby("method", sort=False)["seed"].nunique()
        methods = list(map(str, seeds.index))
        _dots(left, table, "on_strokes", methods)
        name_rows(left, [f"{method} (n = {n})" for method, n in seeds.items()])
        level(left, x=1)
        left.set_title(f"{name}: saliency on strokes over their area")
        if name in agreement:
            _dots(right, agreement[name], "top_overlap", methods)
            _attainable(right, agreement[name], methods)
        right.set_title(f"{name}: overlap with the trained network's map")
    shown = "digit" if of_digits(tables["saliency"]) else "object"
    grid[-1][0].set_xlabel(f"1: the map does not know the {shown}")
    grid[-1][1].set_xlabel("share of the strongest twentieth of the pixels in common")
    present = set(tables["saliency"]["state"])
    entries = [
        entry(label, colour, "", marker, ms=5)
        for state, (label, colour, marker) in STATES.items()
        if state in present
    ]
    entries.append(entry("most that is\nattainable", GREY, "", "|", ms=9, mew=1.6))
    first = tables["saliency"].iloc[0]
    images = tables["saliency"].groupby(["protocol", "seed", "state", "method"])["images"].sum()
    framed(
        drawing,
        f"Does saliency know the {shown}? ({first['task']}, {first['hidden']} units)",
        "Means over images and seeds, bars from the least to the most seed; n: seeds, each with "
        f"{images.max()} test images.",
        entries,
        "network",
    )
    caption = (
        "Left, the share of saliency on bright pixels over their share of the area, of trained, "
        "untrained and wrongly taught networks: what an untrained network's map scores is owed to "
        "the method, not to learning. Right, how many of a map's strongest pixels it shares with "
        "the trained network's; a tick marks the most that maps with so few non-zero pixels can "
        "share."
    )
    return Figure("saliency-shares", f"Does saliency know the {shown}?", caption, drawing)


def _dots(axes: Axes, table: pd.DataFrame, column: str, methods: list[str]) -> None:
    found = spreads(table, "state", "method", column)
    for state, heights in _heights(table, methods).items():
        _, colour, marker = STATES[state]
        intervals(axes, heights, found[state].reindex(methods), colour, marker)


def _heights(table: pd.DataFrame, methods: list[str]) -> dict[str, np.ndarray]:
    """By state, the heights of its marks, one for each method."""
    states = [state for state in STATES if state in set(table["state"])]
    aside = offsets(len(states), 0.13)
    return {s: np.arange(len(methods)) + a for s, a in zip(states, aside, strict=True)}


def _attainable(axes: Axes, table: pd.DataFrame, methods: list[str]) -> None:
    means = table.groupby(["state", "method"])["attainable"].mean()
    for state, heights in _heights(table, methods).items():
        most = means[state].reindex(methods).to_numpy()
        axes.plot(most, heights, "|", ms=7, mew=1.4, color=STATES[state][1])
    axes.set_xlim(-0.03, 1.05)
