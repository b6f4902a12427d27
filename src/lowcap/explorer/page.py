"""The page put together: its scripts joined, its data packed, never larger than it may be."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import jinja2
import numpy as np

from lowcap.errors import RunError
from lowcap.explorer.networks import Shown, fitting, laid_out
from lowcap.explorer.packing import pack
from lowcap.report.palette import BLUE, DARK, DARK_PAGE, GOLD, LIGHT, LIGHT_PAGE, RED

MOST_BYTES = 4_000_000
"""Of the whole page."""

SHARED = ("corruption", "training")
"""Modules that the page and its worker both need."""
SCRIPTS = (
    "data", "network", "pruning", *SHARED, "drawing", "state", "table", "marks", "units", "pad",
    "controls", "choosing", "decision", "images", "rows", "curves", "train", "main",
)  # fmt: skip
WORKER = (*SHARED, "worker")
"""In the order in which they are joined; each is a module of its own to node and to editors."""

BYTES_PER_VALUE = 4.3
"""What one weight takes in the page at least, packed and in base64."""

_IMPORT = re.compile(r"^import (\{[^}]*\}) from \"\./(\w+)\.js\";$", re.M)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|class|const) (\w+))", re.M)


@dataclass(frozen=True, eq=False)
class Content:
    """What a page holds."""

    description: Mapping[str, Any]
    """Plain values for the page's scripts; `kind` says which of its sides is shown."""
    arrays: Mapping[str, np.ndarray]
    networks: Sequence[Shown]
    """Those that are wanted first come first: the last ones may find no room."""


def joined(names: Sequence[str]) -> str:
    """Modules as one script: each a function called once, whose result is what it exports."""
    folder = files("lowcap.explorer") / "page"
    parts = []
    for name in names:
        text = (folder / f"{name}.js").read_text(encoding="utf-8")
        exported = ", ".join(match[1] for match in _EXPORT.findall(text))
        body = _EXPORT.sub(r"\1", _IMPORT.sub(r"const \1 = module_\2;", text))
        parts.append(f"const module_{name} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();")
    return "\n".join(parts)


def html(content: Content, most: int = MOST_BYTES) -> str:
    """The page as one document that asks for nothing from outside.

    Raises:
        RunError: not even one network has room.
    """
    free = most - len(_rendered(content, []))
    room = free / BYTES_PER_VALUE
    while shown := fitting(content.networks, int(room)):
        page = _rendered(content, shown)
        taken = len(page.encode()) - (most - free)
        if taken <= free:
            return page
        room *= min(0.98, 0.995 * free / taken)
    raise RunError("the networks of this run are too large for a page")


def _rendered(content: Content, shown: Sequence[Shown]) -> str:
    entries, weights = laid_out(shown)
    packed = pack({**content.arrays, "weights": weights})
    described = {
        **content.description,
        "networks": entries,
        "left_out": len(content.networks) - len(shown),
        "arrays": packed.index,
    }
    loader = jinja2.ChoiceLoader(
        [jinja2.PackageLoader("lowcap.explorer", "page"), jinja2.PackageLoader("lowcap.report")]
    )
    env = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    # "</" would end the script element that the text stands in.
    safe = json.dumps(described, allow_nan=False).replace("</", "<\\/")
    return env.get_template("explorer.html.j2").render(
        title=described["title"],
        kind=described["kind"],
        task=described.get("task"),
        sentence=described.get("sentence", ""),
        shown=len(shown),
        left_out=described["left_out"],
        description=safe,
        arrays=packed.text,
        script=joined(SCRIPTS),
        worker=joined(WORKER),
        light=LIGHT_PAGE,
        dark=DARK_PAGE,
        marks={"positive": RED, "negative": BLUE, "gold": GOLD, "black": DARK, "white": LIGHT},
    )
