"""What is compiled to train: one program for all hidden sizes, and nothing beside it."""

import jax
import numpy as np
import pytest

from lowcap.networks import grid
from lowcap.training import fit, portions
from tests.training.test_fitting import data_of


def programs(caplog, work) -> list[str]:
    """The programs that are compiled while `work` runs."""
    caplog.clear()
    with jax.log_compiles(), caplog.at_level("WARNING", logger="jax"):
        work()
    said = [record.getMessage() for record in caplog.records]
    return [line for line in said if line.startswith("Finished XLA compilation of")]


@pytest.mark.parametrize("kind", ["binary", "classes"])
def test_a_table_is_trained_by_one_program(kind, caplog):
    """Nothing else is compiled: arrays are put on the device as they are."""
    split = data_of(kind, rows=77)
    members = grid([1, 2, 3, 5, 7], seed=range(3))
    found = programs(caplog, lambda: fit(members, split, epochs=2, batch_size=9, optimizer="adam"))
    assert len(found) == 1
    assert "jit(train)" in found[0]


@pytest.mark.parametrize("kind", ["binary", "classes"])
@pytest.mark.parametrize("units", [9, 20])
def test_members_in_portions_train_as_together(kind, units, monkeypatch):
    """Portions of all sizes, of one member of each, and of one size alike."""
    split = data_of(kind)
    members = grid([0, 1, 3, 5], seed=range(4))
    settings = {"epochs": 4, "batch_size": 13, "optimizer": "adam"}
    together = fit(members, split, **settings)
    told: list[int] = []
    monkeypatch.setattr(portions, "weights_at_once", lambda: units * 32 * 16)
    dealt = fit(members, split, progress=lambda done, _: told.append(done), **settings)
    assert len(told) > 1
    assert told[0] > 1  # several members a portion
    monkeypatch.setattr(portions, "LITTLE", 0)
    by_size = fit(members, split, **settings)
    for name, values in together.population.arrays.items():
        np.testing.assert_allclose(dealt.population.arrays[name], values, atol=1e-5)
        np.testing.assert_allclose(by_size.population.arrays[name], values, atol=1e-5)
