"""Named optimizers and a user's own, against plain loops over optax; and L-BFGS against SciPy."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from scipy.optimize import minimize

from lowcap.data import Labelled
from lowcap.errors import SettingsError
from lowcap.networks import Member, initialise, stack
from lowcap.training import OPTIMIZERS, fit
from tests.training.test_fitting import batches_of, data_of, start_of


def loss_of(kind, params, x, y):
    """The mean loss of a fully connected network in JAX, written here anew."""
    layers = [n for n in sorted(params) if n.startswith("w")]
    values = x
    for name in layers:
        z = values @ params[name].T + params[name.replace("w", "b")]
        values = jax.nn.relu(z)
    if kind == "binary":
        return optax.sigmoid_binary_cross_entropy(z[:, 0], y).mean()
    if kind == "regression":
        return ((z[:, 0] - y) ** 2 / 2).mean()
    return optax.softmax_cross_entropy_with_integer_labels(z, y).mean()


def plain(optimizer, params, kind, split, epochs):
    """A Python loop over optax, as its documentation shows it."""
    params = {name: jnp.asarray(values) for name, values in params.items()}
    state = optimizer.init(params)
    for batches in epochs:
        for rows in batches:
            x, y = split.train.x[rows], split.train.y[rows]
            gradient = jax.grad(lambda p, x=x, y=y: loss_of(kind, p, x, y))(params)
            updates, state = optimizer.update(gradient, state, params)
            params = optax.apply_updates(params, updates)
    return params


USUAL = {
    "sgd": lambda rate: optax.sgd(rate),
    "momentum": lambda rate: optax.sgd(rate, momentum=0.9),
    "adam": lambda rate: optax.adam(rate),
    "rmsprop": lambda rate: optax.rmsprop(rate, decay=0.99),
}


@pytest.mark.parametrize(
    ("form", "kind", "name"),
    [
        *(("deep", "binary", name) for name in USUAL),
        ("fused", "classes", "momentum"),
        ("fused", "classes", "adam"),
    ],
)
def test_named_optimizers_are_optaxs(name, form, kind):
    """Ragged last batch included; each member at its own rate."""
    split, start = data_of(kind), start_of(form, kind)
    rates = start.keys["learning_rate"] / 10
    start = (
        start.with_rates(rates.tolist())
        if form == "deep"
        else start.with_members(
            [Member(m.hidden, m.learning_rate / 10, m.seed) for m in start.members]
        )
    )
    fitted = fit(start, split, epochs=3, batch_size=25, optimizer=name, seed=7)
    epochs = list(batches_of(3, len(split.train.y), 25, seed=7))
    for member in (0, 3):
        optimizer = USUAL[name](rates[member])
        expected = plain(optimizer, start[member].params, kind, split, epochs)
        for array, values in fitted.population[member].params.items():
            np.testing.assert_allclose(values, expected[array], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("form", "factor"), [("fused", 3.0), ("stacked", None)])
def test_an_optax_optimizer_goes_downhill_as_in_a_plain_optax_loop(form, factor):
    """At its own rate, unless a member multiplies it."""
    split = data_of("binary")
    start = start_of(form, "binary")
    if form == "fused":
        start = start.with_members([Member(m.hidden, factor, m.seed) for m in start.members])
    else:
        start = start.with_rates([factor] * 4)
    fitted = fit(start, split, epochs=15, batch_size=None, optimizer=optax.adam(0.01))
    everything = [[np.arange(len(split.train.y))]] * 15
    for member in (1, 3):
        optimizer = optax.adam(0.01 * (factor or 1))
        expected = plain(optimizer, start[member].params, "binary", split, everything)
        for array, values in fitted.population[member].params.items():
            np.testing.assert_allclose(values, expected[array], atol=1e-3)
        losses = fitted.history.train_loss[:, member]
        assert losses[-1] < losses[0]
    assert (fitted.population.keys["learning_rate"] == (factor or 1)).all()


@pytest.mark.parametrize("name", ["adam", "l-bfgs"])
def test_unless_given_the_rate_is_the_optimizers_usual_one(name):
    fitted = fit([Member(2)], data_of("binary"), epochs=1, batch_size=None, optimizer=name)
    assert fitted.population.keys["learning_rate"].item() == OPTIMIZERS[name].usual_rate


def test_what_would_mix_members_up_is_refused_where_they_share_arrays():
    clipping = optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(0.1))
    split = data_of("binary")
    with pytest.raises(SettingsError, match="would mix the members"):
        fit(start_of("fused", "binary"), split, optimizer=clipping)
    together = fit(start_of("stacked", "binary"), split, epochs=3, optimizer=clipping)
    alone = fit(start_of("stacked", "binary").take([1]), split, epochs=3, optimizer=clipping)
    for array, values in alone.population.arrays.items():
        np.testing.assert_allclose(together.population.arrays[array][1], values[0], atol=1e-5)


@pytest.mark.parametrize("form", ["fused", "stacked"])
def test_lbfgs_reaches_the_optimum_that_scipy_finds(form):
    """A network without a hidden layer is logistic regression, whose optimum is unique."""
    split = data_of("binary", rows=120)
    y = split.train.y.copy()
    y[:20] = 1 - y[:20]  # not separable: weights stay finite
    split = replace(split, train=Labelled(split.train.x, y))
    x = split.train.x.astype(float)
    start = initialise([Member(0, seed=1), Member(0, seed=2)], 10)
    if form == "stacked":
        start = stack(start[0].architecture, [1, 2], kind="binary")

    def convex(w):
        z = x @ w[:10] + w[10]
        return (np.logaddexp(0, z) - y * z).mean()

    best = minimize(convex, np.zeros(11))
    fitted = fit(start, split, epochs=60, batch_size=None, optimizer="l-bfgs")
    np.testing.assert_allclose(fitted.history.train_loss[-1], best.fun, atol=1e-4)
    acting = x.any(axis=0)
    for network in fitted.population:
        found = network.params["w1"][0, acting]
        np.testing.assert_allclose(found, best.x[:10][acting], atol=0.02)


def test_lbfgs_members_of_many_sizes_do_better_than_a_linear_one():
    split = data_of("regression")
    start = start_of("fused", "regression").take([0, 3])
    start = start.with_members([Member(m.hidden, None, m.seed) for m in start.members])
    fitted = fit(start, split, epochs=40, batch_size=None, optimizer="l-bfgs")
    losses = fitted.history.train_loss[-1]
    assert losses[1] < 0.7 * losses[0]
    alone = fit(start.take([0]), split, epochs=40, batch_size=None, optimizer="l-bfgs")
    assert alone.history.train_loss[-1, 0] == pytest.approx(losses[0], rel=1e-3)
