"""Figures that look the same everywhere: files for papers, inline drawings for the page."""

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Drawing
from PIL import Image

from lowcap.report.grid import entitle
from lowcap.report.palette import INK, LINES, PAPER, QUIET, THEMED

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

_NAMES = re.compile(r' id="(?!C\d)[a-zA-Z][\w.]*_\d+"')
"""Names of groups such as "line2d_7", to which nothing refers, and which several drawings share."""

_PLACES, _DIGITS = re.compile(r' (?:d|x|y|points)="[^"]*"'), re.compile(r"(\.\d\d)\d+")
"""Places, which on a page are exact enough to a hundredth of a point."""
_INDENTS, _METADATA = re.compile(r"\n\s+"), re.compile(r"<metadata>.*?</metadata>", re.S)
_STYLES, _ALONE = re.compile(r' style="[^"]*"'), re.compile(r"<g>\n(<(?:use|path) [^>]*/>)\n</g>")
_UPRIGHT = re.compile(r' transform="rotate\(-?0 [^)]*\)"')
"""What takes room on a page and says nothing: blanks, a group's marks around a single thing, that
letters are turned by nothing."""


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
        text = io.StringIO()
        with mpl.rc_context(_STYLE):  # not by `savefig`, which draws everything twice
            canvas = FigureCanvasSVG(self.drawing)
            canvas.print_svg(text, metadata={"Date": None, "Creator": None})
            self.drawing.set_layout_engine("none")  # places are found now
            image = b"" if self.on_page_only else _png(self.drawing)
        caption = self.caption + remark
        return Printed(self.id, self.title, caption, text.getvalue(), image, self.label, self.links)


def _spare_searches(drawing: Drawing) -> None:
    """Spare matplotlib searches for places that are known, each of which sets all ticks anew."""
    for axes in drawing.axes:
        for spine in axes.spines.values():  # as large as the panel
            spine.set_in_layout(False)
        for axis in (axes.xaxis, axes.yaxis):
            if not axis.get_label_text():
                axis.set_label_coords(0.5, 0.5)


def _png(drawing: Drawing) -> bytes:
    """A drawing as a PNG file, without transparency, which it has none of."""
    drawing.set_dpi(DOTS)
    canvas = FigureCanvasAgg(drawing)
    canvas.draw()
    pixels = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    image = io.BytesIO()
    # Higher levels take longer and make drawings hardly any smaller.
    pixels.save(image, "png", dpi=(DOTS, DOTS), compress_level=3)
    return image.getvalue()


@dataclass(frozen=True)
class Printed:
    """A figure as files; see `Figure` for the words."""

    id: str
    title: str
    caption: str
    svg: str
    """An SVG file."""
    png: bytes
    """A PNG file, 160 dots an inch; empty for what is on the page only."""
    label: str = ""
    links: Mapping[str, str] = field(default_factory=dict)

    def inline(self) -> str:
        """The drawing as SVG inside a page, its neutral colours following the page's theme.

        The page learns its own width as `--width`, so that small drawings need not fill it. Its
        links have their names, which screen readers say and a resting pointer shows.
        """
        svg = self.svg[self.svg.index("<svg") :]
        for colour, variable in THEMED.items():
            svg = svg.replace(colour, variable)
        head, end, rest = svg.partition(">")
        width = re.search(r' width="([^"]*)"', head)
        head = re.sub(r' (width|height)="[^"]*"', "", head)
        svg = f'{head} style="--width:{width[1] if width else "none"}"{end}{rest}'
        svg = _PLACES.sub(lambda places: _DIGITS.sub(r"\1", places[0]), _NAMES.sub("", svg))
        svg = _INDENTS.sub("\n", _METADATA.sub("", svg))
        svg = _UPRIGHT.sub("", _ALONE.sub(r"\1", svg))
        svg = _STYLES.sub(lambda style: style[0].replace(": ", ":").replace("; ", ";"), svg)
        svg = re.sub(r'<a xlink:href="([^"]*)"[^>]*>', self._named, svg)
        svg = svg.replace("<use xlink:href=", "<use href=")
        return svg.replace("'DejaVu Sans'", "inherit").replace("DejaVu Sans", "inherit")

    def _named(self, link: re.Match) -> str:
        name = escape(self.links.get(unescape(link[1]), ""))
        title = f"<title>{name}</title>" if name else ""
        return f'<a href="{link[1]}" aria-label="{name}">{title}'


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the style of the report."""
    with mpl.rc_context(_STYLE):
        yield
