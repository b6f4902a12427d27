"""Figures that look the same everywhere: files for papers, inline drawings for the page."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import matplotlib as mpl
from matplotlib.axis import Axis
from matplotlib.figure import Figure as Drawing
from PIL import Image

from lowcap.report.grid import entitle
from lowcap.report.inline import inline
from lowcap.report.palette import INK, LINES, PAPER, QUIET
from lowcap.report.twice import Pixels, drawn_twice

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
    "axes.titley": 1.0,  # nothing stands above panels that a search for its place could meet
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
    "ytick.minor.size": 0,
    "xtick.bottom": False,  # else marks of no length are drawn
    "ytick.left": False,
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "font.family": "DejaVu Sans",
    "text.hinting": "no_hinting",  # letters of 160 dots an inch need none, and it takes long
    "svg.fonttype": "none",
    "svg.hashsalt": "lowcap",
}

DOTS = 160
"""Dots an inch, of PNG files."""


@dataclass(frozen=True)
class Figure:
    """A drawing with what a reader needs to know of it."""

    id: str
    title: str
    caption: str
    """What is drawn and how it is read. What it shows is said by findings, not here."""
    drawing: Drawing
    label: str = ""
    """Its counterpart in the paper, such as "Figure 3"."""
    links: Mapping[str, str] = field(default_factory=dict)
    """What parts of the drawing lead to on the page (their `set_url`), each with its name."""
    on_page_only: bool = False
    """Whether it is shown on the page alone, and needs no PNG file."""

    def printed(self, remark: str = "") -> "Printed":
        """The figure as files, `remark` added to its caption."""
        if not self.drawing.get_suptitle() and self.drawing.get_layout_engine() is not None:
            entitle(self.drawing, self.title)  # files stand alone
        _spare_searches(self.drawing)
        with mpl.rc_context(_STYLE):
            svg, pixels = drawn_twice(self.drawing, DOTS, painted=not self.on_page_only)
        shown, image = inline(svg, self.links), b"" if pixels is None else _png(pixels)
        caption = self.caption + remark
        return Printed(self.id, self.title, caption, svg, shown, image, self.label)


def _spare_searches(drawing: Drawing) -> None:
    """Spare matplotlib searches for places that are known, each of which sets all ticks anew."""
    for axes in drawing.axes:
        for spine in axes.spines.values():  # as large as the panel
            spine.set_in_layout(False)
        for axis in (axes.xaxis, axes.yaxis):
            if not axis.get_label_text():
                axis.set_label_coords(0.5, 0.5)
                axis.set_in_layout(_numbered(axis))


def _numbered(axis: Axis) -> bool:
    """Whether numbers stand at an axis, and not at that of another panel which shares it."""
    look = axis.get_tick_params()  # before matplotlib 3.10 those of x axes have the names of y axes
    near = look.get("labelbottom", look.get("labelleft", True))
    return near or look.get("labeltop", look.get("labelright", False))


def _png(pixels: Pixels) -> bytes:
    """Pixels as a PNG file, without transparency, which drawings have none of."""
    image = io.BytesIO()
    # Higher levels take longer and make drawings hardly any smaller.
    picture = Image.fromarray(pixels).convert("RGB")
    picture.save(image, "png", dpi=(DOTS, DOTS), compress_level=3)
    return image.getvalue()


@dataclass(frozen=True)
class Printed:
    """A figure as files; see `Figure` for the words."""

    id: str
    title: str
    caption: str
    svg: str
    """An SVG file."""
    inline: str
    """The drawing as SVG inside a page, made by `lowcap.report.inline`."""
    png: bytes
    """A PNG file, 160 dots an inch; empty for what is on the page only."""
    label: str = ""


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the style of the report."""
    with mpl.rc_context(_STYLE):
        yield
