"""Compilers and simulators: what they say of exported code, and what is said without them."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from lowcap.cli import main
from lowcap.errors import RunError, SettingsError
from lowcap.small.export import checking
from lowcap.small.export.c_parts import flash_bytes
from lowcap.small.export.checking import Checked, check
from lowcap.small.export.chips import CHIPS
from lowcap.small.export.export_c import model_header, vectors_header
from lowcap.small.export.fits import beside_budget
from lowcap.small.export.manifest import sensible_budget
from lowcap.small.export.quantise import quantise
from tests.explorer.made import row_run
from tests.small.made import made


def write(folder, exported, rows, *, vectors_of=None):
    folder.mkdir(exist_ok=True)
    (folder / "model.h").write_text(model_header(exported), encoding="utf-8")
    text = vectors_header(vectors_of or exported, rows, limit=2000)
    (folder / "test_vectors.h").write_text(text, encoding="utf-8")
    return folder


def or_skip(chip: str) -> None:
    wanted = (CHIPS[chip].compiler, CHIPS[chip].simulator)
    for program in wanted:
        if program and shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("floating", [False, True], ids=["int8", "float"])
def test_every_chip_says_what_the_reference_says(tmp_path, chip, floating):
    or_skip(chip)
    for seed in (1, 2, 6, 15):  # numbers and a regression, prepared twice, uneven bytes
        model, table = made(seed)
        exported = model if floating else quantise(model, table)
        (found,) = check(write(tmp_path / f"m{seed}", exported, table), chip)
        assert found.trouble == ""
        assert found.passed, found
        assert found.vectors >= 3
        assert found.array_bytes <= found.flash_bytes
        assert found.expected_array_bytes == flash_bytes(exported)
        assert found.ram_bytes > 0
        each = 4 if floating else 1 if exported.coding.form == "bytes" else 2
        assert found.input_bytes == each * len(model.columns)
        # Sums and shifts of 32 bits need next to nothing; floating point needs a library.
        assert (found.library_bytes > 300) == (floating and chip != "host")
        assert (found.steps is None) == (chip == "host")


def test_a_mismatch_fails(tmp_path):
    or_skip("host")
    model, table = made(1)
    quantised = quantise(model, table)
    other = replace(quantised, bias=quantised.bias + np.int32(1000))
    folder = write(tmp_path, other, table, vectors_of=quantised)
    (found,) = check(folder, "host")
    assert found.mismatches > 0
    assert not found.passed


def test_a_missing_compiler_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    found = check(write(tmp_path / "m", *made(1)))
    assert [one.chip for one in found] == list(CHIPS)
    for one in found:
        assert not one.passed
        assert not one.installed
        assert "is not installed" in one.trouble
        assert "\n" not in one.trouble


def test_code_that_does_not_compile_is_one_line(tmp_path):
    or_skip("host")
    folder = write(tmp_path, *made(1))
    (folder / "model.h").write_text("this is not C\n")
    (found,) = check(folder, "host")
    assert found.installed
    assert "failed" in found.trouble
    assert "\n" not in found.trouble


def test_a_program_that_never_ends_is_ended(tmp_path, monkeypatch):
    or_skip("host")
    folder = write(tmp_path, *made(1))
    text = (folder / "test_vectors.h").read_text()
    text = text.replace("return mismatches;", "while (mismatches == 0) {} return mismatches;")
    (folder / "test_vectors.h").write_text(text)
    monkeypatch.setattr(checking, "_SECONDS", 1)
    (found,) = check(folder, "host")
    assert "did not end" in found.trouble


def test_a_run_that_is_not_exported_says_how(tmp_path, capsys):
    row_run(tmp_path / "run")
    assert main(["check", str(tmp_path / "run")]) == 1
    assert "nothing is exported yet; run 'lowcap export " in capsys.readouterr().err


def test_what_cannot_be_checked_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="choose host"):
        check(tmp_path, "z80")
    with pytest.raises(RunError, match=r"no model\.h"):
        check(tmp_path)


def test_what_was_measured_stands_beside_the_budget():
    one = Checked("cortex-m3", vectors=3, flash_bytes=900, library_bytes=200, ram_bytes=48,
                  input_bytes=8)  # fmt: skip
    assert beside_budget(one, {"flash": 1100, "ram": 55}) == (
        "cortex-m3: the budget: 1,100 of 1,100 bytes of flash with the code (fits), "
        "56 of 55 bytes of RAM with stack and inputs (does not fit)"
    )
    assert beside_budget(one, {"ram": 56}).endswith(" bytes of RAM with stack and inputs (fits)")
    assert "as compiled for this machine" in beside_budget(replace(one, chip="host"), {"ram": 56})
    assert beside_budget(one, {}) == beside_budget(replace(one, trouble="no"), {"ram": 56}) == ""


@pytest.mark.parametrize("told", [None, 7, [], {"ram": -1}, {"ram": "64"}, {"disk": 9}])
def test_a_budget_that_is_none_is_no_budget(told):
    assert sensible_budget(told) == {}


def test_wrong_sizes_do_not_pass():
    right = Checked("host", vectors=3, array_bytes=500, expected_array_bytes=500)
    assert right.passed
    assert not Checked("host", vectors=3, array_bytes=900, expected_array_bytes=500).passed
    assert not Checked("host", vectors=0, array_bytes=500, expected_array_bytes=500).passed
