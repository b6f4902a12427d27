"""Whole numbers: near to the network, bounded, and by the arithmetic that is documented."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lowcap.errors import SettingsError
from lowcap.networks import Dense, Network, one_hidden_layer
from lowcap.small.export.coding import integer_coding
from lowcap.small.export.quantise import quantise
from lowcap.small.export.quantised import Finish
from lowcap.small.model import Column, SmallModel
from tests.small.made import extreme, made


def by_hand(quantised, inputs) -> list[int]:
    """One row's outputs in Python's own whole numbers, every sum held against 32 bits."""

    def within(value: int) -> int:
        assert -(2**31) <= value < 2**31
        return value

    sums = []
    for row, bias in zip(quantised.first.tolist(), quantised.bias.tolist(), strict=True):
        total = bias
        for weight, value in zip(row, inputs, strict=True):
            total = within(total + weight * int(value))
        sums.append(total)
    if quantised.second is None:
        return sums
    hidden = []
    for total, shift in zip(sums, quantised.shifts.tolist(), strict=True):
        half = 2**shift // 2
        hidden.append(min(within(max(total, 0) + half) // 2**shift, 32767))
    outputs = []
    for row, bias in zip(quantised.second.tolist(), quantised.second_bias.tolist(), strict=True):
        total = bias
        for weight, value in zip(row, hidden, strict=True):
            total = within(total + weight * value)
        outputs.append(total)
    return outputs


@pytest.mark.parametrize("seed", range(20))
def test_outputs_are_the_documented_arithmetic_and_stay_in_32_bits(seed):
    model, table = made(seed, rows=25)
    quantised = quantise(model, table)
    rows = extreme(model, table).tail(65)
    codes = quantised.coding.encode(rows)
    outputs = quantised.outputs(codes)
    for inputs, said in zip(quantised.coding.inputs(codes), outputs, strict=True):
        assert by_hand(quantised, inputs) == said.tolist()


@pytest.mark.parametrize("seed", range(20))
def test_whole_numbers_say_nearly_what_the_network_says(seed):
    model, table = made(seed)
    said, right = quantise(model, table).predict(table), model.predict(table)
    if model.classes:
        assert np.mean(said == right) >= 0.93
    else:
        assert np.abs(said - right).max() <= 0.05 * np.ptp(right) + 1e-3 * np.abs(right).max()


def test_each_row_of_codes_stands_for_the_networks_inputs():
    for seed in range(12):
        model, table = made(seed)
        coding = integer_coding(model, table)
        seen = (coding.inputs(coding.encode(table)) - coding.centre) * coding.step
        # A step is at most 1/64 of a column's scale, a byte is exact.
        assert np.abs(seen - model.inputs(table)).max() <= 1 / 128 + 1e-9


def one_column(values, *, mean: float, scale: float) -> SmallModel:
    network = one_hidden_layer(np.ones((1, 1)), np.zeros(1), np.ones((1, 1)), np.zeros(1))
    return SmallModel((Column("x", "number", mean, mean, scale),), network, (0, 1))


@pytest.mark.parametrize(
    ("mean", "scale"),
    [(0.0, 1e-6), (0.0, 1e5), (2020.0, 1e-6), (2020.0, 1.0), (1.7e9, 1.0), (-3e12, 1e5)],
)
def test_a_column_far_from_0_keeps_its_resolution(mean, scale):
    values = pd.DataFrame({"x": mean + scale * np.linspace(-3, 3, 101)})
    coding = integer_coding(one_column(values, mean=mean, scale=scale), values)
    assert coding.form == "numbers"
    assert len(np.unique(coding.encode(values))) == 101


def test_values_out_of_range_are_held_and_missing_ones_filled():
    table = pd.DataFrame({"x": [0.5, -0.5, 1.25]})
    coding = integer_coding(one_column(table, mean=1.0, scale=1.0), table)
    codes = coding.encode(pd.DataFrame({"x": [1e9, -1e9, np.inf, np.nan, 0.25]}))
    assert codes[:, 0].tolist() == [32767, -32767, 32767, 512, 128]


def test_bytes_stay_bytes():
    table = pd.DataFrame({"x": [0, 255, 13]})
    coding = integer_coding(one_column(table, mean=13.0, scale=60.0), table)
    codes = coding.encode(pd.DataFrame({"x": [-4, 300, np.nan, 17.4]}))
    assert codes.dtype == np.uint8
    assert codes[:, 0].tolist() == [0, 255, 13, 17]


def test_categories_are_places_and_missing_is_the_documented_sentinel():
    words = Column("x", "category", "b", categories=("a", "b"), flagged=True)
    network = one_hidden_layer(np.ones((1, 3)), np.zeros(1), np.ones((1, 1)), np.zeros(1))
    model = SmallModel((words,), network, (0, 1))
    table = pd.DataFrame({"x": ["a", "b", "c", None]})
    coding = integer_coding(model, table)
    codes = coding.encode(table)
    assert codes[:, 0].tolist() == [0, 1, 2, -32768]
    expected = [[256, 0, 0], [0, 256, 0], [0, 0, 0], [0, 256, 256]]
    assert coding.inputs(codes).tolist() == expected


def test_units_that_cannot_matter_are_left_out_exactly():
    w1 = np.array([[1.0, 0.0], [0.0, 0.0], [0.5, -1.0]])
    columns = tuple(Column(name, "number", 0.0, 0.0, 1.0) for name in "ab")
    network = one_hidden_layer(
        w1, np.array([0.1, 2.0, 0.3]), np.array([[1.0, -3.0, 0.0]]), np.array([5.5])
    )
    model = SmallModel(columns, network, (0, 1))
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(50, 2)), columns=["a", "b"])
    quantised = quantise(model, table)
    assert quantised.first.shape == (1, 2)
    assert (quantised.predict(table) == model.predict(table)).all()


def test_a_network_without_any_weight_left_still_predicts():
    columns = (Column("a", "number", 0.0, 0.0, 1.0),)
    table = pd.DataFrame({"a": [0.5, 1.0, 2.25]})
    zero = np.zeros((2, 1))
    network = one_hidden_layer(zero, np.ones(2), zero.T, np.array([2.0]), "regression")
    model = SmallModel(columns, network, (), 100.0, 3.0)
    assert quantise(model, table).predict(table) == pytest.approx(106.0, rel=1e-3)


def test_halves_are_rounded_away_from_0():
    finish = Finish(1, 1, 0, 0, 0)
    assert finish(np.array([3, -3, 2, -2, 1, -1], np.int32)).tolist() == [2, -2, 1, -1, 1, -1]


def test_refusals_are_clear():
    model, table = made(2)
    with pytest.raises(SettingsError, match="no rows"):
        quantise(model, table.head(0))
    flat = replace(model, columns=(replace(model.columns[0], scale=0.0), *model.columns[1:]))
    with pytest.raises(SettingsError, match="scale"):
        quantise(flat, table)
    with pytest.raises(SettingsError, match="inputs"):
        quantise(replace(model, columns=model.columns[1:]), table)


def test_very_many_columns_cannot_overflow():
    count = 3000
    columns = tuple(Column(f"x{n}", "number", 0.0, 0.0, 1.0) for n in range(count))
    network = one_hidden_layer(np.ones((1, count)), np.zeros(1), np.ones((1, 1)), np.array([-50.0]))
    model = SmallModel(columns, network, (0, 1))
    values = np.random.default_rng(0).normal(size=(60, count))
    table = pd.DataFrame(values, columns=list(model.names()))
    quantised = quantise(model, table)
    # With 127 as the largest weight a sum could reach 3000 x 127 x 32768, six times 2^31.
    assert quantised.first.max() < 127
    codes = np.full((1, count), 32767, np.int16)
    assert by_hand(quantised, codes[0]) == quantised.outputs(codes)[0].tolist()
    assert np.mean(quantised.predict(table) == model.predict(table)) > 0.95


def test_a_bias_far_above_the_weights_cannot_overflow():
    columns = (Column("x", "number", 0.0, 0.0, 1.0),)
    network = one_hidden_layer(
        np.full((1, 1), 1e-3), np.full(1, 1e7), np.ones((1, 1)), np.full(1, -1e7), "regression"
    )
    table = pd.DataFrame({"x": np.linspace(-2, 2, 20)})
    model = SmallModel(columns, network, (), 0.0, 1.0)
    quantised = quantise(model, table)
    codes = np.array([[32767], [-32767], [0]], np.int16)
    for row, said in zip(codes, quantised.outputs(codes), strict=True):
        assert by_hand(quantised, row) == said.tolist()


@pytest.mark.parametrize(("hidden", "bend"), [((2, 2), "relu"), ((2,), "tanh")])
def test_other_networks_are_refused(hidden, bend):
    dense = Dense(1, hidden, 1, bend)
    model = SmallModel((Column("x", "number"),), Network(dense, dense.initial(0), "binary"), (0, 1))
    with pytest.raises(SettingsError, match="one hidden layer of ReLU"):
        quantise(model, pd.DataFrame({"x": [1.0]}))
