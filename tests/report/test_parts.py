"""The parts that figures are made of: grids of panels, marks and scales."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from lowcap.report import panels, styled
from lowcap.report.grid import apart, entry, framed, label_ends
from lowcap.report.marks import (
    curve,
    intervals,
    line,
    matrix,
    name_rows,
    offsets,
    picture,
    pictures,
    spread,
    spreads,
)
from lowcap.report.palette import DARK, LIGHT
from lowcap.report.scales import decades, doublings, percents, short


@pytest.fixture
def axes():
    with styled():
        _, grid = panels(1, 1, (4, 3))
        yield grid[0][0]


def ticks(axis) -> list[str]:
    axis.axes.figure.draw_without_rendering()
    return [label.get_text() for label in axis.get_ticklabels()]


def test_panels_name_rows_columns_and_the_axis_below():
    _, grid = panels(["f1", "loss"], ["0-1", "4-9", "3-8"], (6, 4), below="steps", sharey="row")
    assert grid.shape == (2, 3)
    assert [axes.get_title(loc="left") or axes.get_title() for axes in grid[0]] == [
        "0-1", "4-9", "3-8",
    ]  # fmt: skip
    assert [axes.get_ylabel() for axes in grid[:, 0]] == ["f1", "loss"]
    assert {axes.get_xlabel() for axes in grid[1]} == {"steps"}
    assert not any(axes.get_xlabel() or axes.get_title() for axes in grid[0, :0])


def test_a_frame_writes_title_note_and_legend():
    drawing, _ = panels(1, 1, (3, 3))
    framed(drawing, "a title " * 9, "a note", [entry("one", marker="o"), entry("two")], "rule")
    assert len(drawing.get_suptitle().splitlines()) > 1  # broken to the drawing's width
    assert drawing.get_supxlabel() == "a note"
    assert [text.get_text() for text in drawing.legends[0].get_texts()] == ["one", "two"]
    assert drawing.legends[0].get_title().get_text() == "rule"


def test_a_long_title_ends_before_the_legend_beside_it():
    with styled():
        drawing, _ = panels(1, 2, (6.4, 3))
        labels = ("a line with a name of its own", "two")
        framed(drawing, "What does it cost once networks are trained on again?", "",
               [entry(label) for label in labels])  # fmt: skip
        drawing.draw_without_rendering()
        title = next(text for text in drawing.texts if text.get_text().startswith("What"))
        assert title.get_window_extent().x1 < drawing.legends[0].get_window_extent().x0


def test_spread_is_over_replicates_after_their_own_rows_are_averaged():
    table = pd.DataFrame({"size": [2, 2, 2, 1], "seed": [0, 0, 1, 0], "f1": [0.2, 0.4, 0.9, 0.5]})
    found = spread(table, "size", "f1")
    assert found.index.tolist() == [1, 2]
    np.testing.assert_allclose(found.loc[2], [0.6, 0.3, 0.9])
    table["fold"] = [0, 1, 0, 0]
    np.testing.assert_allclose(spread(table, "size", "f1", ("seed", "fold")).loc[2, "min"], 0.2)


def test_a_curve_is_a_line_of_means_in_a_band_of_extremes(axes):
    found = pd.DataFrame({"mean": [2.0, 3.0], "min": [1.0, 2.5], "max": [4.0, 5.0]}, [10, 20])
    curve(axes, found, "#123456")
    assert axes.lines[0].get_xydata().tolist() == [[10, 2], [20, 3]]
    (band,) = axes.patches
    assert band.get_xy().tolist() == [[10, 1], [20, 2.5], [20, 5], [10, 4], [10, 1]]
    assert axes.lines[0].get_color() == to_hex(band.get_facecolor())


def test_a_band_is_interrupted_where_a_value_is_missing(axes):
    missing = [1.0, 2.0, np.nan, 2.0, 3.0]
    line(axes, range(5), missing, "#123456", missing, np.add(missing, 1))
    bands = axes.collections[0].get_paths()
    assert [sorted(set(band.vertices[:, 0])) for band in bands] == [[0, 1], [3, 4]]


def test_pictures_stand_side_by_side_in_one_panel(axes):
    one, other = np.zeros((4, 5)), np.ones((4, 5))
    assert pictures(axes, [one, None, other], gap=2) == [2.5, 9.5, 16.5]
    (image,) = axes.images
    shown = image.get_array()
    assert image.get_extent() == [0, 19, 4, 0]
    np.testing.assert_array_equal(shown[:, :5], one)
    assert shown[:, 5:14].mask.all()
    np.testing.assert_array_equal(shown[:, 14:], other)


def test_intervals_lie_in_named_rows(axes):
    found = pd.DataFrame({"mean": [0.5], "min": [0.4], "max": [0.7]})
    name_rows(axes, ["dense", "pruned"])
    intervals(axes, [1], found, "#123456")
    assert axes.collections[0].get_segments()[0].tolist() == [[0.4, 1], [0.7, 1]]
    assert axes.get_ylim() == (1.5, -0.5)
    assert ticks(axes.yaxis) == ["dense", "pruned"]
    np.testing.assert_allclose(offsets(3, 0.2), [-0.2, 0, 0.2])


def test_a_matrix_writes_its_numbers_so_that_they_can_be_read(axes):
    values = np.array([[0.5, 1.0], [np.nan, 0.6]])
    matrix(axes, values, (0.5, 1.0), "{:.1f}".format, ["low", "high"], [2, 4])
    written = {text.get_text(): text.get_color() for text in axes.texts}
    assert written == {"0.5": LIGHT, "1.0": DARK, "0.6": LIGHT}
    assert (ticks(axes.yaxis), ticks(axes.xaxis)) == (["low", "high"], ["2", "4"])


def test_a_picture_keeps_its_title_and_shows_no_axes(axes):
    axes.set_title("a four")
    picture(axes, np.eye(3))
    assert axes.get_title(loc="left") == "a four"
    assert not ticks(axes.xaxis)
    assert not any(spine.get_visible() for spine in axes.spines.values())


def test_sizes_are_labelled_each_while_they_are_few(axes):
    doublings(axes.xaxis, [1, 6, 24], {0.5: "0"})
    assert ticks(axes.xaxis) == ["0", "1", "6", "24"]
    doublings(axes.yaxis, [1, 2, 3, 4, 6, 8, 12, 16, 24, 32])
    assert ticks(axes.yaxis) == ["1", "2", "4", "8", "16", "32"]


@pytest.mark.parametrize(
    ("span", "some"),
    [((1, 1e6), ["1", "10k", "1M"]), ((10, 900), ["20", "500"]), ((1.0, 1.4), ["1.1", "1.3"])],
)
def test_decades_have_labels_however_short_they_are(axes, span, some):
    axes.plot(span, [0, 1])
    decades(axes.xaxis)
    assert set(some) <= set(ticks(axes.xaxis))
    assert short(2500) == "2.5k"


def test_shares_are_percent(axes):
    axes.set_ylim(0, 1)
    percents(axes.yaxis)
    assert "40%" in ticks(axes.yaxis)


def test_names_at_the_ends_of_lines_do_not_touch(axes):
    places = apart([0.1, 0.11, 0.5, 0.52, 0.53], 0.05)
    assert np.diff(places).min() >= 0.05 - 1e-12
    assert apart([0.1, 0.9], 0.05) == [0.1, 0.9]
    axes.set_ylim(0, 10)
    label_ends(axes, {"low": (5.0, "#111111"), "high": (5.1, "#222222")})
    assert [text.get_text() for text in axes.texts] == ["low", "high"]


def test_spreads_are_those_of_each_part():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "hidden": np.repeat([2, 8], 24),
            "epoch": np.tile(np.repeat([1, 2, 5, 9], 6), 2),
            "seed": np.tile([0, 0, 1, 1, 2, 2], 8),  # two draws each
            "f1": rng.random(48),
        }
    )
    found = spreads(table, "hidden", "epoch", "f1")
    assert list(found) == [2, 8]
    for hidden, part in table.groupby("hidden"):
        pd.testing.assert_frame_equal(found[hidden], spread(part, "epoch", "f1"))
