"""One process a device: found without JAX, tried on devices forced onto the processor."""

import subprocess
import sys

import pandas as pd
import pytest

from lowcap.runs import Cell, CellResult, Store, execute
from lowcap.runs import devices as module
from lowcap.runs.devices import devices, see_only
from tests.runs.work import MEASURES, Job

FORCED = "--xla_force_host_platform_device_count"


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    for name in ("XLA_FLAGS", "JAX_PLATFORMS", "CUDA_VISIBLE_DEVICES"):
        monkeypatch.delenv(name, raising=False)


def plugin(monkeypatch, listed="0\n1\n"):
    """As if JAX's plugin and NVIDIA's tool were here."""
    monkeypatch.setattr(module, "find_spec", lambda name: name == "jax_cuda12_plugin")

    def run(words, **how):
        assert words[0] == "nvidia-smi"
        if listed is None:
            raise FileNotFoundError
        return subprocess.CompletedProcess(words, 0, listed)

    monkeypatch.setattr(module.subprocess, "run", run)


def test_a_machine_without_the_plugin_has_none(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert devices() == []


def test_all_that_nvidia_counts_or_those_that_are_named(monkeypatch):
    plugin(monkeypatch)
    assert devices() == ["0", "1"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3, GPU-1a")
    assert devices() == ["3", "GPU-1a"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert devices() == []


@pytest.mark.parametrize(("platforms", "count"), [("cpu", 0), ("cuda,cpu", 2), ("cuda", 2)])
def test_the_platform_that_was_asked_for(monkeypatch, platforms, count):
    plugin(monkeypatch)
    monkeypatch.setenv("JAX_PLATFORMS", platforms)
    assert len(devices()) == count


def test_a_driver_that_does_not_answer_has_none(monkeypatch):
    plugin(monkeypatch, listed=None)
    assert devices() == []


def test_a_process_sees_its_own_device_alone(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    monkeypatch.delenv("XLA_PYTHON_CLIENT_PREALLOCATE", raising=False)
    see_only("1", alone=True)
    assert module.os.environ["CUDA_VISIBLE_DEVICES"] == "1"
    assert "XLA_PYTHON_CLIENT_PREALLOCATE" not in module.os.environ
    monkeypatch.setenv("XLA_PYTHON_CLIENT_PREALLOCATE", "")
    monkeypatch.delenv("XLA_PYTHON_CLIENT_PREALLOCATE")
    see_only("0", alone=False)
    assert module.os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] == "false"


def where(cell, names, files) -> CellResult:
    """The device that a cell computes on, and how many its process has."""
    import jax
    import jax.numpy as jnp

    (device,) = jnp.zeros(3).devices()
    row = pd.DataFrame({"device": [device.id], "devices": [jax.device_count()]})
    return CellResult({"none": b""}, {"squares": {"squares": row}})


def test_one_process_a_device(monkeypatch, tmp_path):
    monkeypatch.setenv("XLA_FLAGS", f"{FORCED}=2")
    assert devices() == ["host:0", "host:1"]
    cells = [Cell("test", Job(n), "data", 1, measures=MEASURES) for n in range(6)]
    store = Store(tmp_path / "run")
    with store.locked():
        assert execute(cells, where, store).failures == []
        told = store.collect(cells)["squares"]
    assert set(told["devices"]) == {2}
    assert set(told["device"]) <= {0, 1}


def test_finding_devices_does_not_import_jax():
    code = "import sys, lowcap.runs.devices as d; d.devices(); sys.exit('jax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
