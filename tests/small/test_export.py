"""Folders that appear whole, are read back as they were, and notice what was changed."""

import json
import os
import sys
from dataclasses import replace

import numpy as np
import pytest

from lowcap.errors import RunError, SettingsError
from lowcap.small.export import manifest
from lowcap.small.export.export_safetensors import load_model, safetensors_files
from lowcap.small.export.folder import export
from lowcap.small.export.manifest import verify, write_folder
from lowcap.small.export.quantise import quantise
from tests.small.made import made, named


@pytest.mark.parametrize("seed", range(6))
def test_safetensors_come_back_as_they_were(tmp_path, seed):
    model, table = made(seed)
    write_folder(tmp_path / "out", safetensors_files(model), "digest")
    back = load_model(tmp_path / "out")
    assert back.columns == model.columns
    assert back.classes == model.classes
    assert (back.target_mean, back.target_scale) == (model.target_mean, model.target_scale)
    for name, values in model.network.params.items():
        assert back.network.params[name].dtype == values.dtype
        assert (back.network.params[name] == values).all()
    assert (back.predict(table) == model.predict(table)).all()


def test_labels_of_numpy_become_plain(tmp_path):
    model, _ = made(0)
    model = replace(model, classes=(np.int64(3), np.int64(7)))
    write_folder(tmp_path / "out", safetensors_files(model), "digest")
    assert load_model(tmp_path / "out").classes == (3, 7)


def test_a_damaged_model_is_refused(tmp_path):
    files = safetensors_files(made(0)[0])
    said = json.loads(files["model.json"])
    wrong = {
        "weights": {**files, "model.safetensors": files["model.safetensors"][:-5]},
        "text": {**files, "model.json": b"{"},
        "shape": {**files, "model.json": json.dumps({**said, "network": {
            **said["network"], "inputs": 3_000}}).encode()},
        "lacking": {**files, "model.json": b'{"format": 1}'},
        "version": {**files, "model.json": json.dumps({**said, "format": 9}).encode()},
        "absent": {"model.json": files["model.json"]},
    }  # fmt: skip
    for name, content in wrong.items():
        write_folder(tmp_path / name, content, "digest")
        with pytest.raises(RunError):
            load_model(tmp_path / name)


def test_without_its_package_onnx_is_left_out_unless_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr("lowcap.small.export.folder.find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "onnx", None)
    model, table = named(0)
    export(model, tmp_path / "out", table, "digest")
    assert {"model.h", "model.html"} < set(verify(tmp_path / "out"))
    assert not (tmp_path / "out" / "model.onnx").exists()
    with pytest.raises(SettingsError, match="needs the package onnx"):
        export(model, tmp_path / "other", table, "digest", ["onnx"])


def test_an_export_holds_every_file_and_its_digest(tmp_path):
    pytest.importorskip("onnx", reason="the package onnx is not installed")
    model, table = named(0)
    export(quantise(model, table), tmp_path / "out", table, "digest of the data")
    names = {"model.h", "test_vectors.h", "model.onnx", "model.safetensors", "model.json"}
    assert set(verify(tmp_path / "out")) == {*names, "model.html"}
    said = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert said["data"] == "digest of the data"
    assert said["versions"]["lowcap"]
    with pytest.raises(SettingsError, match="choose c, onnx"):
        export(model, tmp_path / "out", table, "", ["pickle"])


def test_the_same_model_is_the_same_bytes(tmp_path):
    model, table = made(2)
    for name in ("a", "b"):
        export(quantise(model, table), tmp_path / name, table, "d", ("c", "safetensors"))
    assert verify(tmp_path / "a") == verify(tmp_path / "b")


def test_tampering_is_noticed(tmp_path):
    folder = tmp_path / "out"
    files = {"one.txt": "1", "two.txt": b"22"}

    def fresh():
        write_folder(folder, files, "digest")
        assert len(verify(folder)) == 2

    fresh()
    (folder / "one.txt").write_text("2")
    with pytest.raises(RunError, match="not as it was written"):
        verify(folder)
    fresh()
    (folder / "two.txt").unlink()
    with pytest.raises(RunError, match="missing"):
        verify(folder)
    fresh()
    (folder / "three.txt").write_text("3")
    with pytest.raises(RunError, match="was not written"):
        verify(folder)
    (folder / "three.txt").unlink()
    (folder / "manifest.json").write_text("[]")
    with pytest.raises(RunError, match="cannot be read"):
        verify(folder)
    (folder / "manifest.json").unlink()
    with pytest.raises(RunError, match="no export"):
        verify(folder)


def test_a_folder_of_someone_elses_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(RunError, match="no export"):
        write_folder(tmp_path, {"one.txt": "1"}, "digest")
    write_folder(tmp_path / "out", {"one.txt": "1"}, "digest")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(RunError, match="no export"):
        write_folder(tmp_path / "out", {"one.txt": "1"}, "digest")
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    with pytest.raises(RunError, match="no name for a file"):
        write_folder(tmp_path / "new", {"../one.txt": "1"}, "digest")


@pytest.mark.parametrize("first", [True, False], ids=["new", "replacing"])
def test_what_fails_leaves_what_was_there(tmp_path, monkeypatch, first):
    folder = tmp_path / "out"
    if not first:
        write_folder(folder, {"one.txt": "old"}, "digest")
    real, left = os.rename, [1 if first else 2]

    def failing(source, target):
        left[0] -= 1
        if left[0] == 0:
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(manifest.os, "rename", failing)
    with pytest.raises(RunError, match="No space left"):
        write_folder(folder, {"one.txt": "new"}, "digest")
    assert folder.exists() is not first
    if not first:
        verify(folder)
        assert (folder / "one.txt").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ([] if first else ["out"])


def test_an_earlier_export_is_replaced_and_nothing_is_left_over(tmp_path):
    folder = tmp_path / "out"
    write_folder(folder, {"one.txt": "1", "two.txt": "2"}, "digest")
    write_folder(folder, {"one.txt": "new"}, "digest")
    assert set(verify(folder)) == {"one.txt"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
