"""Figures on saliency: the maps themselves, where they lie, who agrees."""

import numpy as np

from lowcap.claims import Tables
from lowcap.report import Figure, panels
from lowcap.studies.low_capacity.figures.common import by_protocol

_STATES = {
    "untrained": "#9aa2b1",
    "trained": "#2f74d0",
    "pruned": "#d0417e",
    "pruned as released": "#d98a1f",
    "independent": "#169c8a",
}


def maps_figure(tables: Tables, protocol: str) -> Figure:
    """Maps of a few test images, one signed scale a method, untrained to pruned."""
    table = by_protocol(tables["saliency_maps"])[protocol]
    images = table["image"].unique()
    methods = [name for name in table["method"].unique() if name]
    states = ("untrained", "trained", "pruned")
    columns = 1 + len(methods) * len(states)
    drawing, grid = panels(len(images), columns, (0.95 * columns, 1.05 * len(images) + 0.6))
    side = round(np.sqrt(table["pixel"].max() + 1))
    scale = (
        table[table["state"] != "image"]
        .groupby("method")["value"]
        .apply(lambda values: np.quantile(np.abs(values), 0.995))
    )
    for line, image in zip(grid, images, strict=True):
        mine = table[table["image"] == image]
        pixels = mine[mine["state"] == "image"]["value"].to_numpy().reshape(side, side)
        line[0].imshow(pixels, cmap="gray", vmin=0, vmax=1)
        place = 1
        for method in methods:
            for state in states:
                values = mine[(mine["method"] == method) & (mine["state"] == state)]["value"]
                top = scale.loc[method] or 1.0
                line[place].imshow(
                    values.to_numpy().reshape(side, side), cmap="RdBu_r", vmin=-top, vmax=top
                )
                place += 1
    for axes in grid.ravel():
        axes.set_xticks([])
        axes.set_yticks([])
        axes.grid(visible=False)
    for number, method in enumerate(methods):
        for offset, state in enumerate(states):
            axes = grid[0][1 + number * len(states) + offset]
            axes.set_title(f"{method}\n{state}" if offset == 0 else f"\n{state}", fontsize=7)
    caption = (
        f"Saliency of the 24-unit network on 4-9, {protocol} protocol, first seed: one 4 and one 9 "
        "classified right, and an image classified wrong if there is one. Red raises the answer "
        "9, blue lowers it (finite differences have no sign). Each method has one scale for all "
        "its maps, so they can be compared; pruned means exactly 95 % of each layer removed."
    )
    return Figure(f"saliency-{protocol}", f"Saliency, {protocol}", caption, drawing,
                  "paper's Figs. 7 to 9")  # fmt: skip


def shares_figure(tables: Tables) -> Figure:
    """Where maps lie by state and method, and how far relatives agree with the trained network."""
    shares, agree = by_protocol(tables["saliency"]), by_protocol(tables["saliency_agreement"])
    drawing, grid = panels(len(shares), 2, (10, 2.9 * len(shares)), sharex="col")
    methods = list(tables["saliency"]["method"].unique())
    words = []
    for (left, right), name in zip(grid, shares, strict=True):
        for axes, table, column in (
            (left, shares[name], "on_strokes"),
            (right, agree[name], "rank_correlation"),
        ):
            states = [state for state in _STATES if state in set(table["state"])]
            for number, state in enumerate(states):
                rows = table[table["state"] == state]
                values = rows.groupby(["method", "seed"])[column].mean().groupby("method")
                means, lows, highs = (
                    getattr(values, which)().reindex(methods) for which in ("mean", "min", "max")
                )
                place = np.arange(len(methods)) + 0.14 * (number - (len(states) - 1) / 2)
                axes.hlines(place, lows, highs, color=_STATES[state], lw=1.5)
                axes.plot(means, place, "o", ms=5, color=_STATES[state], label=state)
            axes.set_yticks(range(len(methods)), methods)
            axes.invert_yaxis()
        left.axvline(1, color="#9aa2b1", lw=1, ls=(0, (3, 3)))
        left.set_title(f"{name}: saliency on strokes over area")
        right.set_title(f"{name}: agreement with the trained network")
        right.axvline(0.9, color="#9aa2b1", lw=1, ls=(0, (3, 3)))
        right.set_yticklabels([])
        published = shares[name][shares[name]["method"] == "finite differences"]
        means = published.groupby("state")["on_strokes"].mean()
        words.append(f"{name}: trained {means['trained']:.2f}, untrained {means['untrained']:.2f}")
    handles, labels = grid[0][0].get_legend_handles_labels()
    more = grid[0][1].get_legend_handles_labels()
    every = dict(zip(labels + more[1], handles + more[0], strict=True))
    drawing.legend(every.values(), every.keys(), loc="outside lower center", ncols=5)
    caption = (
        "Left, the share of saliency on bright pixels over their share of the area (1 means the "
        "map does not know the digit); right, rank correlation over pixels with the trained "
        "network's map. Dots are means, bars the range over seeds. With the published finite "
        f"differences, strokes hold: {'; '.join(words)}."
    )
    return Figure("saliency-shares", "Does saliency know the digit?", caption, drawing)
