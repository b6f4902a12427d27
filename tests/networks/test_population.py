"""One body of tests for both kinds of population, against single networks in plain NumPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcap.errors import DataError, SettingsError
from lowcap.networks import (
    FIRST_LAYER,
    GLOBAL,
    ROUNDED,
    Convolutional,
    Dense,
    Member,
    Population,
    initialise,
    joined,
    stack,
)
from tests import reference
from tests.networks.made import fused, stacked_like

X = np.random.default_rng(1).normal(size=(300, 10)).astype(np.float32)
"""More rows than one chunk."""
KINDS = ("binary", "classes", "regression")
LAYERS = {"no hidden layer": (), "one": (4,), "two": (5, 4)}


def populations(kind: str) -> dict[str, Population]:
    """Fused and stacked ones, with members of no, one and two hidden layers."""
    same = fused((4, 4, 4), kind=kind)
    found: dict[str, Population] = {
        "fused": fused((0, 0, 1, 3, 3, 7), kind=kind),
        "linear": fused((0, 0), kind=kind),
        "fused of one size": same,
        "stacked": stacked_like(same),
    }
    for name, hidden in LAYERS.items():
        deep = stack(Dense(10, hidden, same.outputs), range(3), kind=kind)
        moved = {n: a + 0.1 for n, a in deep.arrays.items()}  # biases too
        found[f"stacked, {name}"] = deep.with_arrays(moved)
    return found


EVERY = [
    pytest.param(kind, name, id=f"{kind}: {name}") for kind in KINDS for name in populations(kind)
]


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_members_are_single_networks_in_numpy(kind, name):
    population = populations(kind)[name]
    logits = population.logits(X)
    assert logits.shape == (len(population), len(X), population.outputs)
    assert len(population.keys) == len(population) == len(list(population))
    for member, network in enumerate(population):
        expected = reference.logits(reference.net_of(network), X)
        np.testing.assert_allclose(logits[member], expected, atol=2e-5)
        np.testing.assert_allclose(network.logits(X), expected, atol=2e-5)
        said = network(X)
        if kind == "binary":
            np.testing.assert_allclose(said, 1 / (1 + np.exp(-expected[:, 0])), atol=1e-5)
        elif kind == "regression":
            np.testing.assert_allclose(said, expected[:, 0], atol=2e-5)
        else:
            assert said.shape == expected.shape
            np.testing.assert_allclose(said.sum(axis=1), 1, atol=1e-6)
            np.testing.assert_array_equal(said.argmax(axis=1), network.logits(X).argmax(axis=1))
        assert network.parameters == sum(w.size + b.size for w, b in reference.net_of(network))


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_peaks_are_the_largest_outputs_of_hidden_units(kind, name):
    population = populations(kind)[name]
    peaks = population.respond(X).peaks
    assert len(peaks) == len(population.owner)
    for member, network in enumerate(population):
        hidden = reference.forward(reference.net_of(network), X)[:-1]
        expected = [np.maximum(z, 0).max(axis=0) for z in hidden]
        found = peaks[population.owner == member]
        np.testing.assert_allclose(found, np.concatenate([*expected, []]), atol=2e-5)


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_gradients_are_finite_differences(kind, name):
    network = populations(kind)[name][1]
    net, x = reference.net_of(network), X[:5].astype(float)
    largest = network.logits(X[:5]).argmax(axis=1)
    slopes = network.gradient(X[:5])
    for pixel in range(x.shape[1]):
        step = np.zeros(x.shape[1])
        step[pixel] = 1e-6
        ahead, behind = reference.logits(net, x + step), reference.logits(net, x - step)
        expected = (ahead - behind)[np.arange(5), largest] / 2e-6
        np.testing.assert_allclose(slopes[:, pixel], expected, atol=1e-4)


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_inputs_that_are_not_used_may_be_passed_over(kind, name):
    population = populations(kind)[name]
    used = np.arange(10) % 3 != 0
    x = X * used
    rows = population.prepare(x, used)
    np.testing.assert_allclose(population.logits(rows), population.logits(x), atol=2e-5)


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_a_file_gives_the_same_population_back(kind, name, tmp_path):
    population = populations(kind)[name].pruned(0.3)
    path = tmp_path / "some.safetensors"
    population.save(path)
    again = Population.load(path)
    assert type(again) is type(population)
    assert again.kind == kind
    assert again.keys.equals(population.keys)
    for one, other in ((again.arrays, population.arrays), (again.masks, population.masks)):
        assert one.keys() == other.keys()
        for array in one:
            np.testing.assert_array_equal(one[array], other[array])
    np.testing.assert_array_equal(again.logits(X), population.logits(X))


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_some_of_the_members_are_what_they_were(kind, name):
    population = populations(kind)[name].pruned(0.4)
    some = population.take([1])
    assert len(some) == 1
    for array, values in some[0].params.items():
        np.testing.assert_array_equal(values, population[1].params[array])
    np.testing.assert_allclose(some.logits(X), population.logits(X)[[1]], atol=2e-5)
    assert {n: m.shape for n, m in some.masks.items()} == {
        n: some.arrays[n].shape for n in population.masks
    }


@pytest.mark.parametrize("broken", ["", "nothing of the kind"])
def test_what_is_no_population_is_refused_in_one_line(tmp_path, broken):
    path = tmp_path / "some.safetensors"
    with pytest.raises(DataError, match="no such file"):
        Population.load(path)
    path.write_text(broken)
    with pytest.raises(DataError, match="holds no population"):
        Population.load(path)


@pytest.mark.parametrize("rule", [GLOBAL, ROUNDED, FIRST_LAYER])
@given(sparsity=st.floats(0, 1))
def test_pruning_removes_the_same_weights_in_either_kind(rule, sparsity):
    one = fused((4, 4), kind="classes")
    other = stacked_like(one)
    for a, b in zip(one.pruned(sparsity, rule), other.pruned(sparsity, rule), strict=True):
        for array in a.params:
            np.testing.assert_array_equal(a.params[array], b.params[array])
    np.testing.assert_array_equal(one.zeros_each(), other.zeros_each())
    np.testing.assert_array_equal(one.weights_each, other.weights_each)


def test_pruning_counts_and_keeps_biases():
    population = fused((0, 1, 5), kind="binary")
    sparse = population.pruned(0.6)
    np.testing.assert_array_equal(population.weights_each, [10, 11, 55])
    np.testing.assert_array_equal(sparse.zeros_each(), [6, 7, 33])
    np.testing.assert_array_equal(sparse.b1, population.b1)
    np.testing.assert_array_equal(sparse.b2, population.b2)
    assert population.pruned(0) is population
    np.testing.assert_array_equal(sparse.pruned(0.8).zeros_each(), [8, 9, 44])


def test_units_on_a_path_are_those_a_walk_finds():
    network = stack(Dense(4, (3, 2), 1), [0], kind="binary")[0]
    w1, w2, w3 = (np.zeros_like(network.params[n]) for n in ("w1", "w2", "w3"))
    w1[0, 0] = w1[1, 3] = w1[2, 2] = 1  # unit 1 hangs on an input that is never used
    w2[0, 0] = w2[1, 1] = w2[1, 2] = 1
    w3[0, 1] = 1  # the first unit of the second layer leads nowhere
    arrays = {"w1": w1, "w2": w2, "w3": w3}
    used = np.array([True, True, True, False])
    broken = type(network)(network.architecture, dict(network.params) | arrays, network.kind)
    first, second = broken.linked(used)
    assert first.tolist() == [False, False, True]
    assert second.tolist() == [False, True]


def test_probabilities_do_not_overflow():
    for kind in ("binary", "classes"):
        network = fused((2,), kind=kind)[0]
        with np.errstate(over="raise", invalid="raise"):
            assert np.isfinite(network(np.full((2, 10), 1e4, np.float32))).all()


def test_weights_of_other_members_are_refused():
    population = fused((2, 3))
    wrong = dict(population.arrays) | {"w1": population.w1[:-1], "b1": population.b1[:-1]}
    with pytest.raises(SettingsError, match="not those of the sorted members"):
        population.with_arrays(wrong)
    dense = Dense(3, (2,), 2)
    with pytest.raises(SettingsError, match="not those of the architecture"):
        joined(Dense(4, (2,), 2), [dense.initial(0)], [0])
    with pytest.raises(SettingsError, match="2 members, but 1 learning rates"):
        stack(dense, [0, 1], [0.1])
    with pytest.raises(SettingsError, match="at least one member"):
        stack(dense, [])


def test_convolutional_members_save_prune_and_answer_alike(tmp_path):
    architecture = Convolutional(3, filter=3, pool=2, stride=2, side=10, outputs=2)
    population = stack(architecture, [0, 1]).pruned(0.5)
    x = np.random.default_rng(0).normal(size=(6, 100)).astype(np.float32)
    population.save(tmp_path / "some")
    again = Population.load(tmp_path / "some")
    assert again.architecture == architecture
    for member, network in enumerate(again):
        np.testing.assert_allclose(population.logits(x)[member], network.logits(x), atol=1e-5)
    weights = 3 * 9 + architecture.units * 2
    np.testing.assert_array_equal(population.weights_each, [weights, weights])
    np.testing.assert_array_equal(population.zeros_each(), [round(weights / 2)] * 2)


def test_two_classes_may_have_an_output_each():
    start = initialise([Member(0), Member(2), Member(5)], 10, 2, "classes")
    moved = {name: values + 0.1 for name, values in start.arrays.items()}
    moved["b2"][0] = 0  # a member without a hidden layer has only its first layer's bias
    population = start.with_arrays(moved)
    for network, logits in zip(population, population.logits(X), strict=True):
        expected = reference.logits(reference.net_of(network), X)
        np.testing.assert_allclose(logits, expected, atol=2e-5)
