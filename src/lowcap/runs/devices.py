"""Accelerators of this machine, found without JAX: one worker process computes on each."""

import os
import re
import subprocess
from importlib.util import find_spec

_PLUGINS = ("jax_cuda12_plugin", "jax_cuda13_plugin")

_FORCED = re.compile(r"--xla_force_host_platform_device_count=(\d+)")

HOST = "host:"
"""Begins the name of a device that is only a part of the processor, by XLA_FLAGS."""


def devices() -> list[str]:
    """The devices that JAX would compute on; none where that is the processor.

    Names of NVIDIA's devices are as in CUDA_VISIBLE_DEVICES. JAX is not imported for this: a
    process that starts workers must not take hold of their devices.
    """
    forced = _FORCED.findall(os.environ.get("XLA_FLAGS", ""))
    if forced:
        return [f"{HOST}{number}" for number in range(int(forced[-1]))]
    platforms = os.environ.get("JAX_PLATFORMS", "").split(",")
    if platforms != [""] and not {"cuda", "gpu"} & set(platforms):
        return []
    if not any(find_spec(name) for name in _PLUGINS):
        return []
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [one.strip() for one in visible.split(",") if one.strip() not in ("", "-1")]
    return _installed()


def _installed() -> list[str]:
    """All of NVIDIA's devices, as its own tool counts them."""
    try:
        found = subprocess.run(
            ["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in found.stdout.splitlines() if line.strip().isdigit()]


def see_only(device: str, alone: bool) -> None:
    """Compute on one device in this process, which has not used JAX yet.

    Args:
        device: one of `devices`.
        alone: whether no other process is known to compute on it.
    """
    if device.startswith(HOST):
        import jax

        number = int(device.removeprefix(HOST))
        jax.config.update("jax_default_device", jax.devices()[number])
        return
    os.environ["CUDA_VISIBLE_DEVICES"] = device
    if not alone:
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
