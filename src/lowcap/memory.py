"""Memory that trainings may take: as a user writes it, or a share of what is free here."""

import os
import re
from pathlib import Path

from lowcap.errors import SettingsError

MEMORY = "LOWCAP_MEMORY"
"""The environment variable that tells a process how many bytes its trainings may take."""

_SHARE = 0.8
"""Of what is free; the rest is left for the process that plans, and for everybody else."""

_UNITS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def parse_bytes(text: str, option: str = "--memory") -> int:
    """Bytes from text such as "2GB", "500 MB" or "1.5GiB".

    Raises:
        SettingsError: it is no such text.
    """
    found = re.fullmatch(r"(?a)\s*(\d+(?:\.\d*)?)\s*([kmgt]?)(i?)b?\s*", text, re.IGNORECASE)
    if not found or (found[3] and not found[2]):
        raise SettingsError(f"{option} {text}: write it like 2GB or 500MB")
    size = int(float(found[1]) * (1024 if found[3] else 1000) ** _UNITS[found[2].lower()])
    if size < 1:
        raise SettingsError(f"{option} {text}: must be above 0")
    return size


def in_words(size: float) -> str:
    """Bytes as people say them."""
    units = ["bytes", "kB", "MB", "GB", "TB"]
    while size >= 1000 and len(units) > 1:
        size /= 1000
        units.pop(0)
    return f"{size:,.0f} {units[0]}" if size >= 100 else f"{size:.2g} {units[0]}"


def allowed() -> int | None:
    """Bytes that a training in this process was told to take at most, if it was.

    Raises:
        SettingsError: the environment variable holds something else.
    """
    told = os.environ.get(MEMORY, "")
    return parse_bytes(told, MEMORY) if told else None


def share_of_free(workers: int) -> int:
    """Bytes for each of so many workers on this machine."""
    return int(_SHARE * free_memory() / max(1, workers))


def free_memory() -> int:
    """Bytes that new processes can take here without others having to give way."""
    free = [_available()]
    group = _control_group()
    if group is not None:
        free.append(group)
    return max(0, min(free))


def _available() -> int:
    """What the system could hand out now."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (ValueError, OSError, AttributeError):  # not on every system
        return 4 << 30


def _control_group() -> int | None:
    """What a container's own limit leaves, if it has one."""
    root = Path("/sys/fs/cgroup")
    try:
        most = (root / "memory.max").read_text(encoding="ascii").strip()
        now = int((root / "memory.current").read_text(encoding="ascii"))
        return None if most == "max" else int(most) - now
    except (OSError, ValueError):
        return None
