"""Each plot draws on the axes that it is given, or makes some, and shows the numbers it has."""

from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

import lowcap
from lowcap import plot
from lowcap.errors import DataError, RunError, SettingsError
from lowcap.plot.forest import FURTHEST, _span
from lowcap.plot.sheet import image_shape, network_of, population_of
from lowcap.plot.units import units_of


@pytest.fixture(autouse=True)
def without_windows():
    before = mpl.get_backend()
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")
    pyplot.switch_backend(before)


@pytest.fixture(scope="module")
def fitted(split):
    return lowcap.fit(lowcap.grid(hidden=[0, 1, 4], learning_rate=0.3, seed=range(2)), split)


@pytest.fixture(scope="module")
def claims():
    end, no = np.inf, np.nan
    rows = [
        ("one", "corrected", 0.9, end, 0.95, 0.93, 0.97, "", "holds"),
        ("two", "corrected", -end, 0.05, 0.2, 0.1, 0.3, "%", "fails"),
        ("three", "corrected", no, no, 0.2, 0.1, 0.3, "", "undecided"),
        ("four", "corrected", 0.0, end, no, no, no, "", "not measured"),
        ("one", "published", 0.9, end, 0.8, 0.7, 0.95, "", "undecided"),
        ("five", "published", -0.1, 0.1, 0.02, 0.01, 0.03, "", "holds"),
    ]
    names = ["claim", "condition", "holds_from", "holds_to", "effect", "low", "high", "unit",
             "verdict"]  # fmt: skip
    table = pd.DataFrame(rows, columns=names).assign(paper_effect=no)
    return table.assign(primary=True, statement=table["claim"] + " is so")


FRONTIER = pd.DataFrame(
    {
        "hidden": [2, 4, 8],
        "parameters": [65, 129, 257],
        "score": [0.9, 0.96, 0.95],
        "low": [0.88, 0.95, 0.94],
        "high": [0.92, 0.97, 0.96],
        "standing": ["too small", "answer", "larger"],
    }
)


def drawn(name, fitted, split, claims, ax):
    network = fitted.member(hidden=4, seed=0)
    return {
        "capacity": lambda: plot.capacity(fitted, split, ax=ax),
        "training_curves": lambda: plot.training_curves(fitted, value="score", ax=ax),
        "hidden_space": lambda: plot.hidden_space(network, split, ax=ax),
        "saliency": lambda: plot.saliency(network, split, image=1, ax=ax),
        "unit_cards": lambda: plot.unit_cards(network, split, likes=2, ax=ax),
        "frontier": lambda: plot.frontier(FRONTIER, enough=0.94, ax=ax),
        "forest": lambda: plot.forest(claims, condition="corrected", ax=ax),
    }[name]()


@pytest.mark.parametrize("name", plot.__all__)
def test_every_plot_takes_axes_and_returns_them(name, fitted, split, claims):
    given = Figure(figsize=(4, 3)).subplots()
    assert drawn(name, fitted, split, claims, given) is given
    made = drawn(name, fitted, split, claims, None)
    assert made.figure in map(pyplot.figure, pyplot.get_fignums())
    assert made.get_title(loc="left")
    assert ">>> " in (getattr(plot, name).__doc__ or "")


def test_capacity_shows_every_network_and_the_means(fitted, split):
    axes = plot.capacity(fitted.population, split, score="auc")
    scores = lowcap.capacity(fitted.population, split)
    dots = next(one for one in axes.lines if one.get_label() == "a network")
    np.testing.assert_allclose(dots.get_ydata(), scores["test_auc"])
    means = next(one for one in axes.lines if one.get_label() == "mean")
    np.testing.assert_allclose(means.get_ydata(), scores.groupby("hidden")["test_auc"].mean())
    with pytest.raises(SettingsError, match=r"no test_f2: choose train_loss, train_f1"):
        plot.capacity(fitted, split, score="f2")
    with pytest.raises(SettingsError, match="give a population or a fit, not a Split"):
        population_of(split)


def test_curves_are_the_means_of_each_size(fitted):
    axes = plot.training_curves(fitted, part="train")
    loss = fitted.history.train_loss
    np.testing.assert_allclose(axes.lines[1].get_ydata(), loss[:, 2:4].mean(axis=1))
    assert {"linear", "1 unit", "4 units"} == {text.get_text() for text in axes.texts}


def test_the_plane_of_two_units_is_theirs(split):
    fitted = lowcap.fit(lowcap.grid(hidden=2), split, epochs=3)
    axes = plot.hidden_space(fitted[0], split.test)
    hidden = fitted[0].hidden(split.test.x[split.test.y == 0])
    np.testing.assert_allclose(np.transpose(axes.lines[0].get_data()), hidden, atol=1e-6)


def test_a_map_has_a_signed_scale_and_refuses_what_is_not_there(fitted, split):
    network = fitted.member(hidden=4, seed=1)
    low, high = plot.saliency(network, split).images[0].get_clim()
    assert low == -high < 0
    with pytest.raises(SettingsError, match="unknown method 'magic': choose finite"):
        plot.saliency(network, split, method="magic")
    with pytest.raises(SettingsError, match="image 999: there are"):
        plot.saliency(network, split, image=999)
    with pytest.raises(SettingsError, match=r"such as fitted\.member\(hidden=8, seed=0\)"):
        network_of(fitted)
    with pytest.raises(DataError, match="35 features are no grey image"):
        image_shape(None, split.test, 35)


def test_cards_say_what_breaks_without_a_unit(fitted, split):
    """Held against the network itself with the unit's output weight set to 0."""
    network = fitted.member(hidden=4, seed=0)
    units = units_of(network, split.test)
    wrong = [one.wrong_without for one in units]
    assert wrong == sorted(wrong, reverse=True)
    for unit in units:
        w2 = network.w2.copy()
        w2[:, unit.number] = 0
        maimed = lowcap.Network(network.architecture, {**network.params, "w2": w2}, network.kind)
        assert unit.wrong_without == (maimed.predict(split.test.x) != split.test.y).sum()
        answers = network.hidden(split.test.x)[:, unit.number]
        assert unit.favourites == [int(row) for row in np.argsort(-answers, kind="stable")[:4]
                                   if answers[row] > 0]  # fmt: skip
    with pytest.raises(SettingsError, match="one hidden layer"):
        plot.unit_cards(fitted.member(hidden=0, seed=0), split)


def test_weights_of_all_units_share_a_scale(fitted, split):
    axes = plot.unit_cards(fitted.member(hidden=4, seed=0), split, likes=1)
    scales = {inset.images[0].get_clim() for inset in axes.child_axes[::2]}
    ((low, high),) = scales
    assert low == -high


@pytest.mark.parametrize("rows", [1, 3, 12])
def test_the_words_of_a_forest_lie_on_its_figure_and_not_on_one_another(claims, rows):
    few = pd.concat([claims] * 12).head(rows).assign(condition="corrected")
    figure = plot.forest(few).figure
    figure.canvas.draw()
    (axes,) = figure.axes
    legend, label = axes.get_legend().get_window_extent(), axes.xaxis.label.get_window_extent()
    assert 0 <= legend.y0 < legend.y1 <= label.y0


def test_intervals_of_a_forest_lie_on_the_side_of_their_verdict(claims):
    spans = [_span(row) for row in claims.to_dict("records")]
    assert min(spans[0]) > 0  # holds
    assert max(spans[1]) < 0  # fails: 20 % where less than 5 % was claimed
    assert spans[2] is None  # no single limit
    assert spans[3] is None
    assert spans[4][0] < 0 < spans[4][2]
    assert np.allclose(spans[5], (7, 8, 9))  # from the nearer of two limits, in half-widths
    axes = plot.forest(claims, condition="corrected")
    assert max(abs(x) for one in axes.lines[:-1] for x in one.get_xdata()) <= FURTHEST
    with pytest.raises(SettingsError, match="give a condition: corrected, published"):
        plot.forest(claims)


def test_a_frontier_marks_the_answer_and_refuses_other_things(split):
    axes = plot.frontier(FRONTIER)
    circled = axes.lines[-1]
    assert list(circled.get_xdata()) == [129]
    with pytest.raises(SettingsError, match="give a fitted SmallestNetworkCV"):
        plot.frontier(split)


def test_folders_and_runs_are_drawn_as_their_tables_are(tmp_path, claims):
    FRONTIER.to_parquet(tmp_path / "frontier.parquet")
    (tmp_path / "answer.json").write_text("{}", encoding="utf-8")
    assert plot.frontier(tmp_path).get_title(loc="left") == plot.frontier(FRONTIER).get_title(
        loc="left"
    )
    with pytest.raises(SettingsError, match="no run of `lowcap small` here"):
        plot.frontier(str(tmp_path / "elsewhere"))
    with pytest.raises(RunError, match=r"a run of `lowcap small`.*lowcap.plot.frontier"):
        lowcap.open(tmp_path)
    run = SimpleNamespace(claims=claims)
    drawn = [plot.forest(one, condition="corrected") for one in (run, claims)]
    assert len(drawn[0].texts) == len(drawn[1].texts) > 0
