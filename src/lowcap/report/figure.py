"""Figures that look the same everywhere: files for papers, inline drawings for the page."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure as Drawing

INK, QUIET, LINES, PAPER = "#1d2330", "#69707d", "#d9dce3", "#fdfdfc"
"""Text, secondary text, grid lines and background. On the page they follow the reader's theme."""

_THEMED = {INK: "var(--ink)", QUIET: "var(--quiet)", LINES: "var(--lines)", PAPER: "var(--card)"}

_STYLE: dict[Any, Any] = {
    "figure.facecolor": PAPER,
    "axes.facecolor": "none",
    "savefig.facecolor": PAPER,
    "axes.edgecolor": LINES,
    "axes.labelcolor": QUIET,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINES,
    "grid.linewidth": 0.6,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.minor.size": 0,
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "font.family": "DejaVu Sans",
    "svg.fonttype": "none",
    "svg.hashsalt": "lowcap",
}


@dataclass(frozen=True)
class Figure:
    """A drawing with what a reader needs to know of it."""

    id: str
    title: str
    caption: str
    """What it shows, in a sentence or two computed from the data."""
    drawing: Drawing
    label: str = ""
    """Its counterpart in the paper, such as "Figure 3"."""

    @cached_property
    def svg(self) -> str:
        """The drawing as an SVG file."""
        buffer = io.StringIO()
        with mpl.rc_context(_STYLE):
            self.drawing.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        self.drawing.set_layout_engine("none")  # places are found now; the PNG need not ask again
        return buffer.getvalue()

    def png(self) -> bytes:
        """The drawing as a PNG file, 160 dots an inch."""
        buffer = io.BytesIO()
        with mpl.rc_context(_STYLE):
            self.drawing.savefig(buffer, format="png", dpi=160)
        return buffer.getvalue()

    def inline(self) -> str:
        """The drawing as SVG inside a page, its neutral colours following the page's theme."""
        svg = self.svg[self.svg.index("<svg") :]
        for colour, variable in _THEMED.items():
            svg = svg.replace(colour, variable)
        width, height = (f"{72 * inches:g}pt" for inches in self.drawing.get_size_inches())
        svg = svg.replace(f'width="{width}" height="{height}"', "", 1)
        return svg.replace("'DejaVu Sans'", "inherit").replace("DejaVu Sans", "inherit")


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the style of the report."""
    with mpl.rc_context(_STYLE):
        yield


def panels(
    rows: int, columns: int, size: tuple[float, float], **options
) -> tuple[Drawing, np.ndarray]:
    """An empty drawing of `size` inches and its grid of axes; touches no global state."""
    drawing = Drawing(figsize=size, layout="constrained")
    return drawing, drawing.subplots(rows, columns, squeeze=False, **options)
