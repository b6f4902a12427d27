"""Does exported code say what it should? Compiled, run on its test vectors, measured."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lowcap.errors import RunError, SettingsError
from lowcap.small.export.chips import CHIPS, HARNESS, Chip

_STRICT = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-Os")
_CONSTANT = (".text", ".rodata", ".progmem", ".data")
_FILES = ("model.h", "test_vectors.h")
_SAID = {"mismatches", "vectors", "ticks", "runs", "unit", "inputs"}
"""What the program says at its end."""
_SECONDS = 120
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_FULL = re.compile(
    r"will not fit|overflow|does not fit|is too large|truncated to fit|not within region"
)
_SLACK = 128
"""Bytes by which a compiler's arrays may differ from their sum: they are aligned, on some machines
to 32 bytes, and small ones become instructions."""


@dataclass(frozen=True)
class Checked:
    """What came of one chip. Without `trouble` everything was compiled, run and measured."""

    chip: str
    vectors: int = 0
    mismatches: int = 0
    """Test vectors of which the chip said something else than the reference; must be 0."""
    flash_bytes: int = 0
    """Instructions and constants of an object that can predict."""
    array_bytes: int = 0
    """The constants among them."""
    expected_array_bytes: int = 0
    """What they should be; see `flash_bytes` in c_parts."""
    library_bytes: int = 0
    """Instructions of the compiler's own library that come on top, such as floating point on a chip
    that has none. A program that computes with floats anyway has them already."""
    ram_bytes: int = 0
    """Static memory and stack of a prediction, but for the values that it is called with and for
    the compiler's library."""
    input_bytes: int = 0
    """Of the values that it is called with."""
    steps: float | None = None
    """What one prediction takes, on average over the test vectors."""
    counted: str = ""
    """What a step is: a cycle, or an instruction."""
    trouble: str = ""
    """One line: what is not installed, or what went wrong."""
    installed: bool = field(default=True)
    """Whether the compiler and the simulator are there."""

    @property
    def passed(self) -> bool:
        """Whether every test vector came out right and the size is what it should be."""
        near = abs(self.array_bytes - self.expected_array_bytes) <= _SLACK
        return not self.trouble and self.vectors > 0 and self.mismatches == 0 and near


def check(folder: Path, chip: str | None = None) -> list[Checked]:
    """Compile ``model.h`` and run its test vectors; see `Checked`.

    Args:
        folder: where ``model.h`` and ``test_vectors.h`` are.
        chip: "host", "cortex-m3", "cortex-m0" or "atmega328p"; unless given, all of them.

    Raises:
        SettingsError: there is no such chip.
        RunError: a file is missing.
    """
    if chip is not None and chip not in CHIPS:
        raise SettingsError(f"chip '{chip}': choose {', '.join(CHIPS)}")
    for name in _FILES:
        if not (folder / name).is_file():
            raise RunError(f"{folder}: no {name} here to check")
    return [_checked(folder, one) for name, one in CHIPS.items() if chip in (None, name)]


def _checked(folder: Path, chip: Chip) -> Checked:
    for program in (chip.compiler, chip.size, chip.simulator):
        if program and shutil.which(program) is None:
            trouble = f"{chip.name}: not checked, {program} is not installed"
            return Checked(chip.name, trouble=trouble, installed=False)
    with tempfile.TemporaryDirectory(prefix="lowcap-") as work:
        try:
            return _measured(folder, chip, Path(work))
        except _Failed as error:
            return Checked(chip.name, trouble=f"{chip.name}: {error}")


class _Failed(Exception):
    """A program ended with an error, or did not end."""


def _run(command: Sequence[str], work: Path) -> str:
    try:
        done = subprocess.run(
            command, cwd=work, capture_output=True, text=True, errors="replace",
            timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise _Failed(f"{command[0]} did not end within {_SECONDS} seconds") from None
    except OSError as error:
        raise _Failed(f"{command[0]} cannot be run ({error.strerror or error})") from None
    said = _COLOUR.sub("", done.stdout + done.stderr)
    if done.returncode:
        if _FULL.search(said):
            raise _Failed("model and test vectors do not fit the chip's memory")
        lines = [line for line in said.splitlines() if "rror" in line] or said.splitlines()
        reason = lines[0] if lines else f"exit code {done.returncode}"
        raise _Failed(f"{command[0]} failed: {reason}")
    return said


def _measured(folder: Path, chip: Chip, work: Path) -> Checked:
    shutil.copy(HARNESS / chip.board, work / "board.h")
    for name in _FILES:
        shutil.copy(folder / name, work / name)
    compile_ = (chip.compiler, *_STRICT, *chip.flags, "-I", str(work))
    _run((*compile_, "-fstack-usage", "-c", str(HARNESS / "probe.c"), "-o", "probe.o"), work)
    _run((*compile_, str(HARNESS / "main.c"), "-o", "main.elf", *chip.link), work)
    sections = _sections(_run((chip.size, "-A", "probe.o"), work))
    stack = sum(
        int(n) for n in re.findall(r"\t(\d+)\t", (work / "probe.su").read_text(encoding="utf-8"))
    )
    found = dict(re.findall(r"(\w+)=(\d+);", _run(chip.command(work / "main.elf"), work)))
    if not found.keys() >= _SAID or "fault" in found:
        raise _Failed("the program did not run to its end")
    numbers = {name: int(value) for name, value in found.items()}
    expected = re.search(r"^#define MODEL_FLASH_BYTES (\d+)$", _text(folder), re.MULTILINE)
    return Checked(
        chip.name,
        numbers["vectors"],
        numbers["mismatches"],
        _total(sections, *_CONSTANT),
        _total(sections, ".rodata", ".progmem"),
        int(expected[1]) if expected else 0,
        _library(chip, compile_, sections, work),
        _total(sections, ".data", ".bss") + stack,
        numbers["inputs"],
        _steps(chip, numbers),
        chip.counts,
    )


def _library(chip: Chip, compile_: Sequence[str], sections: dict[str, int], work: Path) -> int:
    """What linking adds to the object."""
    if not chip.libraries:
        return 0
    alone = ("-nostdlib", "-Wl,-e,probe", "probe.o", *chip.libraries, "-o", "probe.elf")
    _run((*compile_, *alone), work)
    linked = _sections(_run((chip.size, "-A", "probe.elf"), work))
    return _total(linked, *_CONSTANT) - _total(sections, *_CONSTANT)


def _text(folder: Path) -> str:
    return (folder / "model.h").read_text(encoding="utf-8", errors="replace")


def _sections(said: str) -> dict[str, int]:
    return {name: int(size) for name, size in re.findall(r"^(\.\S+)\s+(\d+)", said, re.MULTILINE)}


def _total(sections: dict[str, int], *names: str) -> int:
    return sum(size for name, size in sections.items() if name.startswith(names))


def _steps(chip: Chip, numbers: dict[str, int]) -> float | None:
    if not chip.counts:
        return None
    each = numbers["ticks"] / numbers["runs"]
    # Where the counter is slower than the instructions, 200,000 of them say by how much.
    return each * 200_000 / numbers["unit"] if numbers["unit"] else each
