"""Pages of the reference that are written from the package itself when the docs are built.

The Python API from each room's `__all__`, the command line from its own help, the columns of the
tables from `docs/reference/columns.toml`.
"""

import contextlib
import io
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from sphinx.application import Sphinx

ROOMS = {
    "lowcap": "What a notebook needs",
    "lowcap.data": "Data sets, tasks, folds",
    "lowcap.networks": "Populations, single networks, pruning",
    "lowcap.training": "Training",
    "lowcap.measures": "Measures",
    "lowcap.claims": "Claims, bounds, estimates",
}
"""Documented modules and what they hold, in the order in which data flows."""

FURTHER = {
    "lowcap": ("lowcap.studies.opened.Run", "lowcap.small.search.answer.Answer"),
    "lowcap.networks": ("lowcap.networks.activations.Activation",),
    "lowcap.claims": (
        "lowcap.claims.estimates.Transformed",
        "lowcap.claims.linear.Widest",
        "lowcap.claims.looks.Looked",
    ),
}
"""What the functions of a room give back without exporting it."""


FURTHER_PAGES = ("small", "explorer", "many-machines", "reliability")
"""Pages that stand beside the how-tos where they have been written."""


def add_further(app: Sphinx, docname: str, source: list[str]) -> None:
    """List further pages among the how-tos."""
    if docname == "how-to/index":
        there = [name for name in FURTHER_PAGES if (Path(app.srcdir) / f"{name}.md").exists()]
        source[0] = source[0].replace("% further pages", "\n".join(f"/{name}" for name in there))


def write_pages(app: Sphinx) -> None:
    """Write every generated page, if its text has changed."""
    folder = Path(app.srcdir) / "reference" / "generated"
    folder.mkdir(exist_ok=True)
    columns = tomllib.loads((Path(app.srcdir) / "reference" / "columns.toml").read_text())
    pages = {f"{name}.md": text for name, text in api_pages().items()}
    pages["command-line.md"] = command_line_page()
    pages["tables.md"] = tables_page(columns)
    pages["live.md"] = live_page(Path(app.srcdir).parent / "runs")
    pages |= {f"said-{name}.inc": text for name, text in said_texts().items()}
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def api_pages() -> dict[str, str]:
    """One page a room, each name documented once, where users import it from."""
    seen: set[int] = set()
    pages = {}
    for module, title in ROOMS.items():
        room, entries = import_module(module), []
        for name in sorted(room.__all__, key=str.lower):
            thing = getattr(room, name)
            documented = callable(thing) and getattr(thing, "__doc__", None)
            if id(thing) in seen or not documented or get_origin(thing) is not None:
                continue
            seen.add(id(thing))
            kind = "autoclass" if isinstance(thing, type) else "autofunction"
            entries.append(f".. {kind}:: {module}.{name}")
        entries += [f".. autoclass:: {name}" for name in FURTHER.get(module, ())]
        body = "\n\n".join(entries)
        pages[module] = f"# {module}: {title}\n\n```{{eval-rst}}\n{body}\n```\n"
    return pages


def said_texts() -> dict[str, str]:
    """By study, what its article includes: the paper's own words and the claims read from them."""
    from lowcap.report.page import section
    from lowcap.studies import NAMES, find

    texts = {}
    for name in NAMES:
        quoted: dict[tuple[str, str], list[str]] = {}
        claims = find(name).claims
        for claim in claims:
            if claim.said.quote:
                words = f"- {claim.statement} ({section(claim.section)}; `{claim.id}`)"
                quoted.setdefault((claim.said.quote, claim.said.quoted_from), []).append(words)
        parts = [f"> “{quote}” ({place})\n\n" + "\n".join(read)
                 for (quote, place), read in quoted.items()]  # fmt: skip
        others = len(claims) - sum(map(len, quoted.values()))
        more = (
            f"{others} more claims are given in our words, each with its section, on a run's page."
        )
        texts[name] = "\n\n".join(parts + [more] * (others > 0)) + "\n"
    return texts


def commands() -> Iterator[tuple[str, ...]]:
    """Every command of the command line, each after the one that it belongs to."""
    from lowcap.cli import Command
    from lowcap.cli.data import Data
    from lowcap.cli.run import Study

    nested = {"run": Study, "data": next(iter(Data.__annotations__.values()))}
    for name in subcommands(Command):
        yield (name,)
        for inner in subcommands(nested[name]) if name in nested else ():
            yield (name, inner)


def subcommands(union: Any) -> list[str]:
    """The names of the subcommands in a union of annotated types."""
    if get_origin(union) not in (Union, UnionType):
        return []
    marks = [mark for part in get_args(union) for mark in getattr(part, "__metadata__", ())]
    return [mark.name for mark in marks if getattr(mark, "name", None)]


def help_of(command: tuple[str, ...]) -> str:
    """What `--help` prints, as plain text."""
    from lowcap.cli import main

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        main([*command, "--help"])
    plain = re.sub(r"\x1b\[[0-9;]*m", "", printed.getvalue())
    return "\n".join(line.rstrip() for line in plain.strip().splitlines())


def command_line_page() -> str:
    """The help of the program and of each of its commands."""
    parts = [
        "# Command line",
        "Each command's own `--help`, as it is printed. `python -m lowcap` is the same program.",
        f"## lowcap\n\n```text\n{help_of(())}\n```",
    ]
    for command in commands():
        name = " ".join(("lowcap", *command))
        parts.append(f"{'#' * (1 + len(command))} {name}\n\n```text\n{help_of(command)}\n```")
    return "\n\n".join(parts) + "\n"


def tables_page(columns: Mapping[str, Any]) -> str:
    """What every column of every table means, and its unit."""
    parts = ["# Tables and their columns", columns["introduction"].strip()]
    for title, table in columns["tables"].items():
        head = f"## {title}\n\n{table['about'].strip()}"
        rows = ["| column | unit | meaning |", "|---|---|---|"]
        for name in table["columns"]:
            unit, meaning = describe(columns, title, name)
            rows.append(f"| `{name}` | {unit} | {meaning} |")
        parts.append(head + "\n\n" + "\n".join(rows))
    return "\n\n".join(parts) + "\n"


def describe(columns: Mapping[str, Any], table: str, name: str) -> list[str]:
    """Unit and meaning of a column: its table's own, or else the common ones."""
    own = columns["tables"][table].get("own", {})
    return own[name] if name in own else columns["columns"][name]


def live_page(runs: Path) -> str:
    """Links to the pages of the runs that lie beside the docs."""
    pages = [page for folder in sorted(runs.glob("*")) for page in sorted(folder.glob("*.html"))]
    links = [
        f'- <a href="../../live/{page.parent.name}/{page.name}">{page.parent.name}: {page.stem}</a>'
        for page in pages
    ]
    none = "There were no runs in `runs/` when these pages were built."
    about = "Pages of runs, whole: every claim, figure and table; each file stands alone."
    return f"# Live pages\n\n{about}\n\n" + ("\n".join(links) or none) + "\n"


def copy_live(app: Sphinx, error: Exception | None) -> None:
    """Put the pages of runs beside the docs that link to them."""
    for page in (Path(app.srcdir).parent / "runs").glob("*/*.html") if error is None else ():
        folder = Path(app.outdir) / "live" / page.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(page, folder)


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("builder-inited", write_pages, priority=100)
    app.connect("source-read", add_further)
    app.connect("build-finished", copy_live)
    return {"version": "1", "parallel_read_safe": True}
