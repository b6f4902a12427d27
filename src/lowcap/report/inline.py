"""Drawings inside a page: SVG that follows the page's theme and takes little room."""

import re
from collections.abc import Mapping
from html import escape, unescape

from lowcap.report.palette import THEMED

_NAMES = re.compile(r' id="(?!C\d)[a-zA-Z][\w.]*_\d+"')
"""Names of groups such as "line2d_7", to which nothing refers, and which several drawings share."""

_PLACES, _DIGITS = re.compile(r' (?:d|x|y|points)="[^"]*"'), re.compile(r"(\.\d\d)\d+")
"""Places, which on a page are exact enough to a hundredth of a point."""
_INDENTS, _METADATA = re.compile(r"\n\s+"), re.compile(r"<metadata>.*?</metadata>", re.S)
_STYLES, _ALONE = re.compile(r' style="[^"]*"'), re.compile(r"<g>\n(<(?:use|path) [^>]*/>)\n</g>")
_UPRIGHT = re.compile(r' transform="rotate\(-?0 [^)]*\)"')
"""What takes room on a page and says nothing: blanks, a group's marks around a single thing, that
letters are turned by nothing."""


def inline(svg: str, links: Mapping[str, str]) -> str:
    """An SVG file as it stands inside a page, its neutral colours following the page's theme.

    It learns its own width as `--width`, so that small drawings need not fill the page.

    Args:
        svg: the file, written by matplotlib.
        links: what parts of the drawing lead to, each with its name, which screen readers say and
            a resting pointer shows.
    """
    svg = svg[svg.index("<svg") :]
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
    svg = re.sub(r'<a xlink:href="([^"]*)"[^>]*>', lambda link: _named(link[1], links), svg)
    svg = svg.replace("<use xlink:href=", "<use href=")
    return svg.replace("'DejaVu Sans'", "inherit").replace("DejaVu Sans", "inherit")


def _named(target: str, links: Mapping[str, str]) -> str:
    name = escape(links.get(unescape(target), ""))
    title = f"<title>{name}</title>" if name else ""
    return f'<a href="{target}" aria-label="{name}">{title}'
