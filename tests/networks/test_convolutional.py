"""Convolutional networks against plain loops, SciPy's correlation and JAX's derivatives."""

from dataclasses import asdict, replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.signal import correlate2d

from lowcap.errors import SettingsError
from lowcap.networks import Convolutional, Dense, Network, Population, Stacked, parameters, stack

RNG = np.random.default_rng(0)

SMALL = Convolutional(3, 3, 2, 2, 14, outputs=2)
SHAPES = {
    "grey": SMALL,
    "large pools": Convolutional(2, 5, 4, 2, 28, outputs=1),
    "places left over": Convolutional(2, 5, 2, 2, 28, outputs=1),
    "one window": Convolutional(4, 3, 2, 1, 4, outputs=3),
    "far strides": Convolutional(2, 3, 1, 3, 9, outputs=1),
    "colours": Convolutional(3, 3, 2, 2, 12, outputs=2, colours=3),
    "padded": Convolutional(3, 5, 2, 1, 8, outputs=2, padding=2),
    "all": Convolutional(2, 3, 2, 1, 7, outputs=3, colours=2, padding=1, filter_bias=True),
}


@pytest.fixture(params=SHAPES)
def network(request) -> Network:
    """A network with biases of its own."""
    start = stack(SHAPES[request.param], [0])[0]
    biases = {n: RNG.normal(0, 0.3, a.shape) for n, a in start.params.items() if "bias" in n}
    params = {name: biases.get(name, a).astype(np.float32) for name, a in start.params.items()}
    return Network(start.architecture, params, "classes")


def images(architecture: Convolutional, rows: int = 4) -> np.ndarray:
    return RNG.normal(size=(rows, architecture.inputs)).astype(np.float32)


def jax_params(network: Network) -> dict[str, jax.Array]:
    return {name: jnp.asarray(values) for name, values in network.params.items()}


def sizes_of(network: Network) -> Convolutional:
    assert isinstance(network.architecture, Convolutional)
    return network.architecture


def features_by_hand(network: Network, image: np.ndarray) -> np.ndarray:
    """Pooled answers before rectification, by SciPy's correlation."""
    a, params, pad = sizes_of(network), network.params, sizes_of(network).padding
    square = np.pad(image.reshape(a.side, a.side, a.colours), ((pad, pad), (pad, pad), (0, 0)))
    features = []
    for channel, kernel in enumerate(
        params["filters"].reshape(a.channels, a.filter, a.filter, a.colours)
    ):
        parts = [
            correlate2d(square[..., colour], kernel[..., colour], mode="valid")
            for colour in range(a.colours)
        ]
        full = sum(parts, np.zeros(1))[:: a.stride, :: a.stride]
        full = full[: a.windows * a.pool, : a.windows * a.pool]
        pooled = full.reshape(a.windows, a.pool, a.windows, a.pool).max(axis=(1, 3))
        features.append(pooled + (params["filter_bias"][channel] if a.filter_bias else 0))
    return np.stack(features, axis=-1).ravel()


def test_answers_are_scipys_correlation_pooled(network):
    x = images(sizes_of(network))
    before = np.stack([features_by_hand(network, image) for image in x])
    hidden = np.maximum(before, 0)
    logits = hidden @ network.params["dense"] + network.params["bias"]
    np.testing.assert_allclose(network.before(x)[0], before, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(network.hidden(x), hidden, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(network.logits(x), logits, rtol=1e-4, atol=1e-4)
    in_jax = network.architecture.responses(jax_params(network), jnp.asarray(x))
    np.testing.assert_allclose(in_jax[0][0], before, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(in_jax[1], logits, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("shape", "windows"), [
    ((3, 2, 2, 14), 3), ((5, 4, 2, 28), 3), ((5, 2, 2, 28), 6), ((3, 2, 1, 4), 1),
    ((3, 1, 3, 9), 3),
])  # fmt: skip
def test_windows_fill_what_pools_fit_into(shape, windows):
    assert Convolutional(3, *shape).windows == windows


def test_gradient_is_jaxs_and_that_of_finite_differences(network):
    x = images(sizes_of(network)).astype(np.float64)
    outputs = network.architecture.outputs
    towards = RNG.normal(size=(len(x), outputs))
    decisive = np.eye(outputs)[network.logits(x).argmax(axis=1)]
    for given, factors in ((towards, towards), (None, decisive)):
        found = network.gradient(x, given)

        def total(z, factors=factors):
            logits = network.architecture.responses(jax_params(network), z)[1]
            return (logits * jnp.asarray(factors, jnp.float32)).sum()

        expected = jax.grad(total)(jnp.asarray(x, jnp.float32))
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)
        for pixel in range(0, x.shape[1], 7):
            moved = x.copy()
            moved[:, pixel] += 1e-6
            change = ((network.logits(moved) - network.logits(x)) * factors).sum(axis=1)
            np.testing.assert_allclose(found[:, pixel], change / 1e-6, rtol=1e-3, atol=1e-5)


def test_gradient_of_the_weights_is_that_of_a_plain_maximum(network):
    """Training's rule of who won a window: JAX's own derivative of the same, by reduction."""
    a, x = sizes_of(network), jnp.asarray(images(sizes_of(network)))
    params = jax_params(network)
    towards = jnp.asarray(RNG.normal(size=(len(x), a.outputs)), jnp.float32)

    def plain(params):
        answers = jnp.einsum("ci,pia->pca", params["filters"], a.patches(x)).max(axis=0)
        pooled = answers.reshape(a.channels, len(x), -1)
        if a.filter_bias:
            pooled = pooled + params["filter_bias"][:, None, None]
        features = jax.nn.relu(pooled).transpose(1, 2, 0).reshape(len(x), -1)
        return ((features @ params["dense"] + params["bias"]) * towards).sum()

    expected = jax.grad(plain)(params)
    found = jax.grad(lambda params: (a.responses(params, x)[1] * towards).sum())(params)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-3, atol=1e-4)


def test_a_pixel_adds_its_column_to_the_first_layer(network):
    x = images(sizes_of(network))
    first = network.first(x)
    np.testing.assert_allclose(network.onward(first), network(x), atol=1e-6)
    for pixel in range(0, x.shape[1], 11):
        moved = x.copy()
        moved[:, pixel] += 0.5
        np.testing.assert_allclose(
            first + 0.5 * network.column(pixel), network.first(moved), rtol=1e-4, atol=1e-5
        )


def test_multiply_adds_are_those_of_a_loop(network):
    a, counted = sizes_of(network), 0
    for _ in range(a.windows * a.pool):
        for _ in range(a.windows * a.pool):
            for kernel in network.params["filters"]:
                for _ in kernel:
                    counted += 1
    for row in network.params["dense"]:
        for _ in row:
            counted += 1
    assert network.multiply_adds == a.multiply_adds == counted
    assert network.parameters == parameters(a)
    dense = stack(Dense(5, (4, 3), 2), [0])[0]
    assert dense.multiply_adds == sum(dense.params[name].size for name in ("w1", "w2", "w3"))


def test_units_on_a_path_are_those_that_moving_a_used_pixel_reaches(network):
    """With weights of one sign nothing cancels, so that a path is what an input can move."""
    a = sizes_of(network)
    kept = {name: np.abs(network.params[name]) for name in ("filters", "dense")}
    for name, values in kept.items():
        values[RNG.random(values.shape) < (0.8 if name == "filters" else 0.6)] = 0
    thinned = Network(a, dict(network.params) | kept, "classes")
    used = RNG.random(a.inputs) < 0.1
    (dark,), (bright,) = (thinned.before(row[None].astype(np.float32)) for row in (0 * used, used))
    (linked,) = thinned.linked(used)
    np.testing.assert_array_equal(linked, (bright > dark)[0] & (kept["dense"] != 0).any(axis=1))
    assert thinned.connected(used) == linked.any()
    assert not thinned.connected(np.zeros(a.inputs, bool))
    assert network.linked(np.ones(a.inputs, bool))[0].all()


def test_channels_are_numbered_as_the_features_are():
    population = stack(SMALL, [0])
    one = population.arrays["filters"].copy()
    one[:, [0, 2]] = 0
    hidden = population.with_arrays(population.arrays | {"filters": one})[0].hidden(images(SMALL))
    answering = hidden.any(axis=0)
    assert set(SMALL.channel_of_unit[answering]) == {1}
    assert len(SMALL.channel_of_unit) == SMALL.units


def test_impossible_sizes_are_refused_in_one_line():
    for wrong, told in {
        "images of 8 x 8 are too small for filters of 5 x 5": {"side": 8, "filter": 5, "pool": 4},
        "images of 14 x 14 are too small": {"side": 14, "filter": 5, "pool": 8},
        "images of 3 x 3 are too small": {"side": 3, "filter": 5, "pool": 1},
        "at least 1": {"channels": 0},
        "padding less than": {"filter": 3, "padding": 3},
    }.items():
        with pytest.raises(SettingsError, match=wrong) as caught:
            replace(Convolutional(4), **told)
        assert "\n" not in str(caught.value)


def test_weights_follow_the_rule_and_filters_their_scale():
    drawn = {scale: Convolutional(200, 5, scale=scale).initial(0) for scale in (1.0, 0.5)}
    assert drawn[1.0]["filters"].std() == pytest.approx(np.sqrt(2 / 25), rel=0.05)
    np.testing.assert_allclose(drawn[0.5]["filters"], drawn[1.0]["filters"] / 2, rtol=1e-6)
    assert Convolutional(200, 5) == Convolutional(200, 5, scale=1.0)
    for weights in drawn.values():
        assert weights["dense"].std() == pytest.approx(np.sqrt(2 / (9 * 200)), rel=0.05)
        assert weights["filters"].mean() == pytest.approx(0, abs=0.02)
        assert weights["dense"].mean() == pytest.approx(0, abs=0.002)
        assert not weights["bias"].any()
    coloured = Convolutional(200, 5, colours=3, filter_bias=True).initial(0)
    assert coloured["filters"].std() == pytest.approx(np.sqrt(2 / 75), rel=0.05)
    assert not coloured["filter_bias"].any()


def test_a_file_from_before_there_were_colours_is_read():
    population = stack(SMALL, [3, 4])
    described = population._described()
    name, sizes = described["architecture"]
    older = {n: v for n, v in sizes.items() if n not in ("colours", "padding", "filter_bias")}
    assert len(older) == len(asdict(SMALL)) - 3
    again = Stacked.restored(described | {"architecture": [name, older]}, population.arrays, None)
    assert again.architecture == SMALL


def test_every_shape_comes_back_from_a_file(network):
    population = stack(sizes_of(network), [0, 1])
    again = Population.from_bytes(population.to_bytes())
    assert isinstance(again, Stacked)
    assert again.architecture == network.architecture
    x = images(sizes_of(network), 5)
    for member, one in enumerate(again):
        np.testing.assert_allclose(population.logits(x)[member], one.logits(x), atol=1e-4)
