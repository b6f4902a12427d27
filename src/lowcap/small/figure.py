"""The frontier as a figure: what networks score against the flash that they take."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from lowcap.report import PAPER, QUIET, Figure, panels, styled
from lowcap.report.grid import entry, framed, label_ends
from lowcap.report.marks import level
from lowcap.report.palette import BLUE, GOLD, GREY, INK, RED, TEAL
from lowcap.report.scales import decades
from lowcap.small.search.answer import Answer
from lowcap.small.search.wording import number, units
from lowcap.small.settle import Settled

ID = "frontier"
COLOURS = {8: BLUE, 32: GOLD}
NAMES = {8: "int8", 32: "float32"}


def draw(table: pd.DataFrame, told: Answer, settled: Settled, references: pd.DataFrame) -> Figure:
    """Scores against bytes, all of them and close by; the network that is kept is marked.

    Args:
        table: the frontier.
        told: the answer, with the reference that networks are held against.
        settled: the network that is kept.
        references: scores of other models on the same folds.
    """
    others = references.groupby("model")["score"].mean()
    enough = told.at_least if told.at_least is not None else told.reference_score - told.tolerance
    lines = {
        "good enough": (enough, RED),
        "a constant": (told.constant_score, GREY),
        "decision tree": (float(others["tree"]), TEAL),
        "linear model": (float(others["linear"]), QUIET),
    }
    if told.at_least is None:
        lines |= {units(told.reference): (told.reference_score, INK)}
    with styled():
        plain = told.words.replace("$", r"\$")  # a label may be in it, which is no formula
        titles = ("All networks", "Close to good enough")
        drawing, grid = panels([plain], titles, (10, 4.6), below="bytes of flash, code apart")
        whole, near = grid[0]
        for axes in (whole, near):
            _points(axes, table, settled)
            for height, colour in lines.values():
                level(axes, y=height, colour=colour)
        best = max(float(table["score"].max()), enough, *(others[["tree", "linear"]]))
        step = max(told.tolerance, (best - enough) / 2, 1e-9)
        near.set_ylim(enough - 3 * step, best + step)
        whole.set_ylim(*_limits(table, told, enough))
        for axes in (whole, near):
            decades(axes.xaxis)
        low, high = near.get_ylim()
        close = {name: end for name, end in lines.items() if low <= end[0] <= high}
        label_ends(near, close)
        _name_lines(whole, {name: end for name, end in lines.items() if name not in close})
        _name_sizes(near, table, settled)
        entries = [
            *(entry(NAMES[bits], colour, "", "o", ms=5) for bits, colour in COLOURS.items()),
            entry("pruned", QUIET, "", "o", ms=5, mfc="none"),
            entry("kept", INK, "", "o", ms=11, mfc="none", mew=1.6),
        ]
        framed(drawing, entries=entries, above=True)
    return Figure(ID, "Score and size", _caption(table, told, settled), drawing)


def _points(axes: Axes, table: pd.DataFrame, settled: Settled) -> None:
    for bits, colour in COLOURS.items():
        own = table[table["bits"] == bits].sort_values("flash_bytes")
        best = own[own["score"] >= own["score"].cummax()]
        axes.plot(
            best["flash_bytes"], best["score"], color=colour, lw=1.2, alpha=0.7,
            drawstyle="steps-post",
        )  # fmt: skip
        for dense, face in ((True, colour), (False, "none")):
            some = own[(own["sparsity"] == 0) == dense]
            axes.plot(
                some["flash_bytes"], some["score"], "o", ms=4, color=colour, mfc=face, mew=1,
                alpha=1 if dense else 0.75,
            )  # fmt: skip
    kept = _kept(table, settled)
    axes.errorbar(
        kept["flash_bytes"], kept["score"], [[kept["score"] - kept["low"]],
        [kept["high"] - kept["score"]]], fmt="o", ms=11, mfc="none", color=INK, mew=1.6, lw=1.2,
        zorder=5,
    )  # fmt: skip


def _name_lines(axes: Axes, lines: Mapping[str, tuple[float, str]]) -> None:
    """Lines' names above their right ends, inside the panel; of close ones together.

    In ink: what is bright enough for a line is too pale for letters.
    """
    low, high = axes.get_ylim()
    groups: list[list[str]] = []
    for name in sorted(lines, key=lambda name: lines[name][0]):
        if groups and lines[name][0] - lines[groups[-1][-1]][0] < 0.05 * (high - low):
            groups[-1].append(name)
        else:
            groups.append([name])
    for names in groups:
        height, _ = lines[names[-1]]
        axes.annotate(
            ", ".join(names), (0.99, height), (0, 3), xycoords=("axes fraction", "data"),
            textcoords="offset points", ha="right", fontsize=8, color=INK, annotation_clip=True,
        )  # fmt: skip


def _kept(table: pd.DataFrame, settled: Settled) -> pd.Series:
    same = (table["hidden"] == settled.hidden) & (table["sparsity"] == settled.sparsity)
    return table[same & (table["bits"] == settled.bits)].iloc[0]


def _limits(table: pd.DataFrame, told: Answer, enough: float) -> tuple[float, float]:
    """From about the constant's score on: what is far below it would flatten the rest."""
    low = min(told.constant_score, enough)
    high = max(float(table["score"].max()), enough, told.constant_score)
    room = 0.05 * (high - low) or 0.1
    return low - room, high + room


def _name_sizes(axes: Axes, table: pd.DataFrame, settled: Settled) -> None:
    """The hidden size beside every dense network of the bits that are exported."""
    low, high = axes.get_ylim()
    own = table[(table["sparsity"] == 0) & (table["bits"] == settled.bits)]
    for row in own.to_dict("records"):
        if low < row["score"] < high:
            axes.annotate(
                str(row["hidden"]), (row["flash_bytes"], row["score"]), (0, 5),
                textcoords="offset points", ha="center", fontsize=7.5, color=QUIET,
                path_effects=[withStroke(linewidth=2.5, foreground=PAPER)],
            )  # fmt: skip


def _caption(table: pd.DataFrame, told: Answer, settled: Settled) -> str:
    kept = _kept(table, settled)
    thin = f" without {100 * settled.sparsity:.3g} % of the weights" if settled.sparsity else ""
    folds = sorted(set(table["folds"]))
    count = f"{folds[0]}" if len(folds) == 1 else f"{folds[0]} (the answer's size: {folds[-1]})"
    enough = (
        f"{number(told.at_least)}"
        if told.at_least is not None
        else f"{number(told.tolerance)} below {units(told.reference)}"
    )
    return (
        f"{told.words[0].upper()}{told.words[1:]} on held-out rows, a mean over {count} folds, "
        "against the bytes that weights and tables take in the exported C code. Numbers: hidden "
        "units. Lines: the best score for as many bytes or fewer. Good enough is "
        f"{enough}. Marked: {units(settled.hidden)}{thin}, {int(kept['flash_bytes']):,} bytes, "
        "with its 95 % interval."
    )
