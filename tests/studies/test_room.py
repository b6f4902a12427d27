"""What would not fit into memory is refused before a directory is made."""

import pytest

from lowcap.cli import main
from lowcap.errors import SettingsError
from lowcap.memory import MEMORY, free_memory
from lowcap.runs import check_workers
from lowcap.studies import NAMES, find, study
from tests.conftest import synthetic


@pytest.fixture(autouse=True)
def no_work(monkeypatch):
    """What is refused here would take hours if it were not."""

    def begun(*_):
        raise AssertionError("work began")

    monkeypatch.setattr(study, "Store", begun)


@pytest.mark.parametrize("name", NAMES)
def test_every_study_says_what_its_largest_training_takes(name):
    found = find(name)
    assert found.largest is not None
    largest = found.largest(found.settings(), synthetic(400, 28, 10))
    assert 0 < largest.members < 10**6
    assert 0 < largest.weights < 10**8
    assert largest.epochs >= 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["low-capacity", "--hidden", "1000000"], "7 networks with 5,502,000,007 weights"),
        (["low-capacity", "--epochs", "1000000", "--tasks", "0-1"], "1,000,000 epochs of scores"),
        (["low-capacity", "--memory", "1MB"], "and may take 1 MB"),
        (["sensitivity", "--dataset", "mnist-5k", "--seeds", "10000"], "20,000 networks"),
        (["xor", "--dataset", "mnist-5k", "--runs", "1000000000"], "1,000,000,000 networks"),
        (["retraining", "--hidden", "1000000"], "with"),
        (["transfer", "--hidden", "1000000"], "with"),
        (["transfer", "--channels", "1000000"], "networks"),
        (["pairs", "--steps", "100000000", "--memory", "1GB"], "epochs of scores would need"),
    ],
)
def test_what_cannot_fit_is_refused_with_both_numbers(
    arguments, words, tmp_path, capfd, monkeypatch
):
    monkeypatch.setenv(MEMORY, "4GB")
    assert main(["run", *arguments, "--out", str(tmp_path / "run")]) == 1
    (line,) = capfd.readouterr().err.strip().splitlines()
    assert words in line
    assert "would need" in line
    assert "and may take" in line
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--hidden", "9" * 23], "must be at most 1,048,576"),
        (["--epochs", "1" + "0" * 23], "must be at most 1,000,000"),
        (["--seeds", "1000000"], "must be at most 10,000"),
        (["--least-steps", "9999999999"], "must be at most 1,000,000"),
        (["--workers", "100000"], "--workers 100000: would need 40 TB, and this machine has"),
        (["--protocol", "published", "--seeds", "30"], "has its author's own 3"),
        (["--tasks", "٤-٩"], "write two class numbers"),
        (["--tasks", f"0-{10**30}"], f"no training images of class {10**30}"),
        (["--tasks", "0-1", "0-1"], "--tasks: 0-1 stands in it twice"),
        (["--hidden", "-3"], "must be at least 1"),
        (["--out", "~nobody-of-this-name/run"], "nobody-of-this-name|home"),
        (["--out", "a\0b"], "no option may hold a NUL"),
        (["--dataset", "x" * 5000 + ".npz"], "File name too long"),
        (["--data-dir", "~nobody-of-this-name"], "nobody-of-this-name|home"),
        (["--memory", "nan"], "write it like 2GB"),
    ],
)
def test_nonsense_is_refused_before_work_begins(arguments, words, tmp_path, capfd, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["run", "low-capacity", *arguments]) == 1
    (line,) = capfd.readouterr().err.strip().splitlines()
    assert any(word in line for word in words.split("|"))
    assert not list(tmp_path.iterdir())


def test_workers_are_held_against_the_memory_that_is_free():
    check_workers(None)
    check_workers(1)
    with pytest.raises(SettingsError, match="--workers 0: must be at least 1"):
        check_workers(0)
    most = free_memory() // 10**7
    with pytest.raises(SettingsError, match=r"would need .*, and this machine has .* try at most"):
        check_workers(most)
