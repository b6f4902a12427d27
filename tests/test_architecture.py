"""Data flows down the list of folders, and imports point up it."""

import ast
import re
from pathlib import Path

import pytest

import lowcap

ROOT = Path(lowcap.__file__).parent
ORDER = (
    "errors",
    "shown",
    "given",
    "json_files",
    "streams",
    "interrupt",
    "memory",
    "data",
    "networks",
    "training",
    "measures",
    "claims",
    "runs",
    "report",
    "plot",
    "bench",
    "small",
    "studies",
    "explorer",
    "cli",
)
FORBIDDEN = {
    "measures": {"runs", "studies"},
    "claims": {"data", "networks", "training", "measures"},
    "runs": {"data", "networks", "training", "measures", "claims"},
    "report": {"data", "networks", "training", "measures", "runs"},
    "plot": {"claims", "runs"},
}
OTHERS = ("os.", "tarfile.", "zipfile.", "archive.", "gzip.", "lowcap.")
"""Whose `open` is another one."""
MODULES = sorted(ROOT.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """The rooms that a module imports from."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        rooms |= {n.split(".")[1] for n in names if n.startswith("lowcap.")}
    return rooms


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_up(path):
    room = path.relative_to(ROOT).parts[0].removesuffix(".py")
    if room in ("__init__", "__main__"):
        return
    allowed = set(ORDER[: ORDER.index(room) + 1]) - FORBIDDEN.get(room, set())
    assert imported(path) <= allowed


def test_nothing_reads_pickles_or_evaluates_text():
    for path in MODULES:
        calls = {
            ast.unparse(node.func)
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call)
        }
        assert not calls & {"eval", "exec", "pickle.load", "pickle.loads", "joblib.load"}, path


def test_text_is_read_and_written_as_utf_8():
    """Whatever the locale says; what else `open` is given here is bytes."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            given = {one.arg for one in node.keywords}
            if node.func.attr in ("read_text", "write_text"):
                assert "encoding" in given, f"{path}:{node.lineno}"
            elif node.func.attr == "open" and not ast.unparse(node.func).startswith(OTHERS):
                mode = ast.literal_eval(node.args[0]) if node.args else ""
                assert "encoding" in given or "b" in mode, f"{path}:{node.lineno}"


def test_the_palette_alone_names_colours():
    styles = [*(ROOT / "report" / "templates").iterdir(), *(ROOT / "explorer" / "page").iterdir()]
    for path in [*MODULES, *styles]:
        if path.name != "palette.py":
            text = path.read_text()
            assert not re.search(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b", text), path
            assert not re.search(r"cmap=\"", text), path


def test_every_public_name_is_there_and_help_needs_no_jax():
    import subprocess
    import sys

    for name in lowcap.__all__:
        assert getattr(lowcap, name) is not None
    code = "import sys, lowcap.cli; sys.exit('jax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
