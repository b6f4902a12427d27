"""The chips that exported code can be tried on: this machine, and three in simulators."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

HARNESS = Path(__file__).parent / "harness"
"""C that feeds the test vectors to the model on each chip."""


@dataclass(frozen=True)
class Chip:
    """A compiler, what it is told, and what runs the program."""

    name: str
    board: str
    """The file with what is the board's own."""
    compiler: str
    size: str
    flags: tuple[str, ...]
    link: tuple[str, ...]
    libraries: tuple[str, ...]
    """What arithmetic that the chip lacks is linked from, where it has no system to lend it."""
    simulator: str
    """The program that runs the test; empty: it runs by itself."""
    command: Callable[[Path], Sequence[str]]
    counts: str
    """What its counter counts: cycles, instructions, or nothing."""


def _qemu(machine: str) -> Callable[[Path], Sequence[str]]:
    return lambda program: (
        "qemu-system-arm", "-M", machine, "-kernel", str(program), "-icount", "shift=0",
        "-semihosting-config", "enable=on,target=native", "-display", "none",
        "-monitor", "none", "-serial", "none",
    )  # fmt: skip


def _cortex(name: str, machine: str) -> Chip:
    # The -m0 has no multiplication of 64 bits and no division: libgcc may be needed, libc is not.
    link = ("-nostdlib", "-nostartfiles", "-T", str(HARNESS / "cortex.ld"), "-lgcc")
    return Chip(
        name, "cortex.h", "arm-none-eabi-gcc", "arm-none-eabi-size",
        (f"-mcpu={name}", "-mthumb", "-ffreestanding"), link, ("-lgcc",),
        "qemu-system-arm", _qemu(machine), "instructions",
    )  # fmt: skip


HOST = Chip(
    "host", "host.h", "cc", "size", (), (), (), "", lambda program: (str(program),), ""
)  # fmt: skip
CHIPS = {
    chip.name: chip
    for chip in (
        HOST,
        _cortex("cortex-m3", "lm3s6965evb"),
        _cortex("cortex-m0", "microbit"),
        Chip(
            "atmega328p", "avr.h", "avr-gcc", "avr-size", ("-mmcu=atmega328p",), (),
            ("-lm", "-lgcc", "-lc", "-lgcc"), "simavr",
            lambda program: ("simavr", "-m", "atmega328p", "-f", "16000000", str(program)),
            "cycles",
        ),
    )
}  # fmt: skip
"""By name."""
