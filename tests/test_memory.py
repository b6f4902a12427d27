"""What a user writes about memory, and what is refused before it is taken."""

from pathlib import Path

import numpy as np
import pytest

from lowcap.data import array_task
from lowcap.errors import SettingsError
from lowcap.memory import MEMORY, allowed, free_memory, in_words, parse_bytes, share_of_free
from lowcap.networks import grid
from lowcap.training import fit


@pytest.mark.parametrize(
    ("text", "size"),
    [("2GB", 2 * 10**9), ("500 mb", 5 * 10**8), ("1.5GiB", 3 << 29), ("4k", 4000), ("7", 7)],
)
def test_sizes_as_people_write_them(text, size):
    assert parse_bytes(text) == size


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "2 potatoes", "0GB", "1e9", "4iB", "٤GB"])
def test_other_sizes_are_refused(text):
    with pytest.raises(SettingsError, match=f"--memory {text}: "):
        parse_bytes(text)


def test_sizes_as_people_say_them():
    assert [in_words(n) for n in (12, 43.2e9, 9.44e6, 1.5e15)] == [
        "12 bytes",
        "43 GB",
        "9.4 MB",
        "1,500 TB",
    ]


def test_workers_share_what_is_free():
    assert free_memory() > 0
    assert abs(4 * share_of_free(4) / share_of_free(1) - 1) < 0.2


def test_a_containers_limit_counts(monkeypatch):
    told = {"memory.max": "5000000\n", "memory.current": "2000000\n"}
    real = Path.read_text

    def read(path, *args, **kwargs):
        return told[path.name] if path.name in told else real(path, *args, **kwargs)

    monkeypatch.setattr(Path, "read_text", read)
    assert free_memory() == 3_000_000
    told["memory.max"] = "max\n"
    assert free_memory() > 3_000_000


@pytest.fixture
def split():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 5)).astype(np.float32)
    return array_task(x, (x[:, 0] > 0).astype(np.float32), kind="binary").split(0)


def test_a_population_that_does_not_fit_is_refused_with_numbers(split, monkeypatch):
    members = grid([64], seed=range(1000))
    monkeypatch.setenv(MEMORY, "68MB")
    with pytest.raises(SettingsError) as refused:
        fit(members, split, epochs=10)
    assert str(refused.value) == (
        "1,000 networks with 449,000 weights and 10 epochs of scores would need 74 MB, and may "
        "take 68 MB: try at most 132 at a time, or allow more with --memory or LOWCAP_MEMORY"
    )
    with pytest.raises(SettingsError, match="try smaller ones or fewer epochs"):
        fit(members[:1], split, epochs=10**6)


def test_a_limit_must_be_a_size(monkeypatch):
    monkeypatch.setenv(MEMORY, "much")
    with pytest.raises(SettingsError, match="LOWCAP_MEMORY much: write it like 2GB"):
        allowed()


def test_numbers_do_not_depend_on_what_a_fit_may_take(split, monkeypatch):
    members = grid([2, 64], seed=range(40))
    found = []
    for size in ("70MB", "7GB"):
        monkeypatch.setenv(MEMORY, size)
        found.append(fit(members, split, epochs=3, batch_size=8))
    scarce, plenty = found
    for name, values in scarce.population.arrays.items():
        np.testing.assert_array_equal(values, plenty.population.arrays[name])
    np.testing.assert_array_equal(scarce.history.train_loss, plenty.history.train_loss)
