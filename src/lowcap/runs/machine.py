"""What a result was computed with: versions and machine, for the record and for comparison."""

import hashlib
import os
import platform
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

PACKAGES = (
    "lowcap",
    "jax",
    "jaxlib",
    "equinox",
    "optax",
    "numpy",
    "scipy",
    "scikit-learn",
    "pandas",
)


def environment() -> dict[str, dict[str, str]]:
    """Versions of Python and the packages that decide numbers, and the kind of machine."""
    return {
        "versions": {
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in PACKAGES},
        },
        "machine": {
            "system": platform.system(),
            "architecture": platform.machine(),
            "cores": str(os.cpu_count()),
        },
    }


@cache
def deciding_versions() -> dict[str, str]:
    """The versions that two processes must share if they are to give the same numbers.

    That of lowcap ends with a digest of its source, since two checkouts may carry one number.
    """
    found = {name: _version(name) for name in PACKAGES}
    found["lowcap"] += f" (source {_source_digest()})"
    return {"Python": ".".join(platform.python_version_tuple()[:2]), **found}


def difference(there: Mapping[str, str], here: Mapping[str, str]) -> str:
    """In words, the first version that another process has and this one has not; else nothing."""
    for name, wanted in here.items():
        other = there.get(name, "none")
        if other != wanted:
            return f"has {name} {other}, here {wanted}"
    return ""


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "none"


def _source_digest() -> str:
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]
