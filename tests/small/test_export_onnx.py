"""ONNX says what the model says, as onnxruntime computes it."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from lowcap.errors import SettingsError
from lowcap.networks import probabilities
from lowcap.small.export.export_onnx import onnx_bytes
from tests.small.made import named

onnx = pytest.importorskip("onnx", reason="the package onnx is not installed")
runtime = pytest.importorskip("onnxruntime", reason="the package onnxruntime is not installed")


def feeds(model, table):
    found = {}
    for one in model.columns:
        values = table[one.name]
        if one.kind == "number":
            found[one.name] = values.to_numpy(np.float32)[:, None]
        else:
            words = values.astype(object).where(values.notna(), "")
            found[one.name] = words.to_numpy(object)[:, None]
    return found


def session(content: bytes, *more: str):
    """The model in onnxruntime, with values from inside as further outputs."""
    loaded = onnx.load_from_string(content)
    for name in more:
        loaded.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    return runtime.InferenceSession(loaded.SerializeToString(), providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("seed", range(15))
def test_onnx_says_what_the_model_says(seed):
    model, table = named(seed)
    content = onnx_bytes(model)
    last = [n.output[0] for n in onnx.load_from_string(content).graph.node if n.op_type == "Gemm"]
    running = session(content, last[-1])
    assert [one.name for one in running.get_inputs()] == list(model.names())
    *said, logits = running.run(None, feeds(model, table))
    right = model.network.logits(model.inputs(table))
    size = max(1.0, np.abs(right).max())
    assert np.abs(logits - right).max() <= 1e-5 * size
    if not model.classes:
        assert said[0].shape == (len(table), 1)
        assert np.allclose(said[0][:, 0], model.predict(table), rtol=1e-5, atol=1e-4 * size)
        return
    label, chance = said
    expected = probabilities(right, model.network.kind)
    expected = np.stack([1 - expected, expected], axis=1) if expected.ndim == 1 else expected
    assert np.abs(chance - expected).max() <= 1e-5 * size
    ordered = np.sort(expected, axis=1)
    clear = ordered[:, -1] - ordered[:, -2] > 1e-4
    assert clear.mean() > 0.9
    assert (label[clear] == model.predict(table)[clear]).all()


def test_a_missing_package_is_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(SettingsError, match=r"pip install 'lowcap\[export\]'"):
        onnx_bytes(named(0)[0])


@pytest.mark.parametrize("classes", [(False, True), (0, 1), (1.5, 2.5), ("no", "yes")])
def test_labels_keep_their_kind(classes):
    model, table = named(19)
    assert len(model.classes) == 2
    model = replace(model, classes=classes)
    label = session(onnx_bytes(model)).run(None, feeds(model, table))[0]
    assert set(label.tolist()) <= set(classes)
    assert type(label.tolist()[0]) is type(classes[0])


def test_what_onnx_cannot_say_is_refused():
    model, _ = named(0)
    nameless = replace(model, columns=(replace(model.columns[0], name=""), *model.columns[1:]))
    with pytest.raises(SettingsError, match="name it"):
        onnx_bytes(nameless)
    mixed, _ = named(2)
    place = next(n for n, one in enumerate(mixed.columns) if one.kind == "category")
    words = ("", *mixed.columns[place].categories[1:])
    columns = list(mixed.columns)
    columns[place] = replace(columns[place], categories=words)
    with pytest.raises(SettingsError, match="means missing"):
        onnx_bytes(replace(mixed, columns=tuple(columns)))
