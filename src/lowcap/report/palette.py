"""Every colour of figures and page, by what it stands for. No other module names a colour.

Colours of lines and dots reach a contrast of 3:1 on the white and on the dark page, and the
categories stay apart for readers with red-green blindness (both are tested).
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

import matplotlib as mpl
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_hex

Key = TypeVar("Key")

INK, QUIET, LINES, PAPER = "#1d2330", "#69707d", "#d9dce3", "#fdfdfc"
"""Text, secondary text, grid lines and background. On the page they follow the reader's theme."""

BLUE, GOLD, TEAL, PINK, PURPLE, RED = (
    "#3695fe", "#c0890d", "#037c6a", "#e95fb4", "#8152ca", "#c43828",
)  # fmt: skip
CATEGORIES = (BLUE, GOLD, TEAL, PINK, PURPLE, RED)
"""Things without an order, such as tasks, rules or data sets."""

GREY = "#7d8492"
"""What other lines are held against: untrained networks, chance, levels."""

ORDERED = LinearSegmentedColormap.from_list(
    "ordered", ("#3d6ac4", "#725ebe", "#9b58ae", "#ba568f", "#ce5b69", "#d36b3c", "#c98200")
)
"""Lines with an order, such as hidden sizes, from blue (small) to yellow (large)."""

SEQUENTIAL, DIVERGING, IMAGES = (mpl.colormaps[name] for name in ("viridis", "RdBu_r", "gray"))
"""Filled areas: scores or shares; signed values; images of grey."""

AREAS = ("#9ecae9", "#fdd0a2", "#c7e9c0", "#f4b6c8", "#d8c9ec", "#e2d3c0", "#c6dbef", "#fdae6b",
         "#a1d99b", "#dadaeb")  # fmt: skip
"""Areas of up to ten classes, pale enough to draw on."""

DARK, LIGHT = "#111111", "#f5f5f5"
"""Text and marks on filled areas, whose colours no theme changes."""

LIGHT_PAGE = {
    "ink": INK, "quiet": QUIET, "lines": LINES, "page": "#f4f4f1", "card": PAPER,
    "accent": "#2b5fb3", "holds": "#1f7a4d", "holds-bg": "#dff2e7", "fails": "#b3312c",
    "fails-bg": "#fbe3e0", "undecided": "#8a6100", "undecided-bg": "#fbefcf", "none": "#5b6270",
    "none-bg": "#e8eaee",
}  # fmt: skip
DARK_PAGE = {
    "ink": "#e8eaf0", "quiet": "#9aa2b1", "lines": "#363c49", "page": "#14171d", "card": "#1c2028",
    "accent": "#8ab4f8", "holds": "#7bd8a6", "holds-bg": "#173527", "fails": "#ff9d94",
    "fails-bg": "#43201f", "undecided": "#f0c667", "undecided-bg": "#3a3014", "none": "#b0b7c4",
    "none-bg": "#2c313c",
}  # fmt: skip
"""The page's colours by theme and by the name of their CSS variable."""

HELD, FAILED, UNDECIDED, NONE = (LIGHT_PAGE[k] for k in ("holds", "fails", "undecided", "none"))
"""Areas of verdicts, on which PAPER can be read."""
HELD_PALE, FAILED_PALE, UNDECIDED_PALE, NONE_PALE = (
    LIGHT_PAGE[f"{name}-bg"] for name in ("holds", "fails", "undecided", "none")
)
"""Pale areas, on which their own colours can be read."""

ACCENT = LIGHT_PAGE["accent"]
"""Links."""

THEMED = {colour: f"var(--{name})" for name, colour in LIGHT_PAGE.items() if name != "page"}
"""What stands for the colours of texts, lines and verdicts in a drawing inside the page."""


def categories(names: Iterable[Key]) -> dict[Key, str]:
    """A colour for each name, in order; they repeat when there are more than six."""
    return {name: CATEGORIES[i % len(CATEGORIES)] for i, name in enumerate(dict.fromkeys(names))}


def ordered(sizes: Sequence[int] | np.ndarray) -> dict[int, str]:
    """A colour for each size, by its logarithm."""
    logs = np.log2(np.asarray(sizes, float))
    places = (logs - logs.min()) / (np.ptp(logs) or 1)
    return {int(size): to_hex(ORDERED(p)) for size, p in zip(sizes, places, strict=True)}
