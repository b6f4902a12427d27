"""What a result was computed with: versions and machine, for the record."""

import os
import platform
from importlib import metadata

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
