"""Drawings as SVG and as pixels in one go, held against matplotlib's own writers of each."""

import io

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG

from lowcap.report.figure import DOTS, Figure, styled
from lowcap.report.grid import blank, panels
from lowcap.report.marks import colour_bar, matrix
from lowcap.report.palette import SEQUENTIAL
from lowcap.report.sheet import mark, sheet
from lowcap.report.twice import drawn_twice


def lines():
    """Lines with markers, a filled band, dashes, letters upright, turned and in formulas."""
    drawing, ((left, right),) = panels(["y"], ["Title", "$x^2$"], (5, 3), below="x", sharey=True)
    left.plot([1, 2, 3], [1, 3, 2], "o-", label="a line")
    left.fill_between([1, 2, 3], [0, 2, 1], [2, 4, 3], alpha=0.2)
    left.axhline(2, ls="--")
    left.legend()
    right.hlines([1, 2], [0, 1], [2, 3])
    right.text(0.5, 1.5, "turned", rotation=30)
    right.errorbar([1, 2], [2, 3], yerr=0.3)
    return drawing


def collections():
    """Many points, a mesh of colours, and what a round shape cuts off."""
    drawing, ((left, right),) = panels(1, 2, (5, 3))
    place = np.linspace(0, 1, 25)
    left.scatter(place, place**2, c=place, s=30 * place + 5)
    right.pcolormesh(np.outer(place[:6], place[:6]))
    wide = right.plot([0, 6], [0, 6], lw=9)[0]
    wide.set_clip_path(mpl.patches.Circle((3, 3), 2, transform=right.transData))
    return drawing


DRAWINGS = [lines, collections]


def svg_alone(drawing):
    text = io.StringIO()
    FigureCanvasSVG(drawing).print_svg(text, metadata={"Date": None, "Creator": None})
    return text.getvalue()


def pixels_alone(drawing):
    drawing.set_layout_engine("none")  # the places that were found for SVG
    drawing.set_dpi(DOTS)
    canvas = FigureCanvasAgg(drawing)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


@pytest.mark.parametrize("draw", DRAWINGS)
def test_svg_is_what_matplotlib_writes(draw):
    with styled():
        svg, _ = drawn_twice(draw(), DOTS)
        assert svg == svg_alone(draw())


@pytest.mark.parametrize("draw", DRAWINGS)
def test_pixels_are_what_matplotlib_paints(draw):
    with styled():
        drawing = draw()
        svg_alone(drawing)
        wanted = pixels_alone(drawing).astype(int)
        _, found = drawn_twice(draw(), DOTS)
    assert found is not None
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).mean() < 0.3  # of 255; letters may stand half a pixel aside
    assert (np.abs(found - wanted).max(axis=2) > 100).mean() < 0.002


def test_images_are_as_fine_as_the_pixels_and_half_as_fine_inside_svg():
    def draw():
        drawing, ((axes,),) = panels(1, 1, (4, 3))
        matrix(axes, np.arange(12.0).reshape(3, 4), (0, 11), str, list("abc"))
        return drawing

    with styled():
        drawing = draw()
        svg, found = drawn_twice(drawing, DOTS)
        assert found is not None
        axes = drawing.axes[0]
        wanted = pixels_alone(drawing).astype(int)
    assert svg.count("<image") == 1
    assert np.abs(found - wanted).mean() < 0.3
    width = float(svg.partition("<image")[2].partition('width="')[2].partition('"')[0])
    assert width == pytest.approx(axes.bbox.width * 72 / DOTS, abs=1)


def test_without_pixels_only_svg_is_written():
    with styled():
        svg, pixels = drawn_twice(lines(), DOTS, painted=False)
        assert pixels is None
        assert svg == drawn_twice(lines(), DOTS)[0]


def test_sizes_are_whole_numbers_of_pixels():
    drawing = blank((17.6 - 1e-9, 2))  # whose width in floating point is a little less
    _, pixels = drawn_twice(drawing, DOTS)
    assert pixels is not None
    assert pixels.shape == (320, 2816, 4)


def test_a_colour_bar_is_one_image_with_the_numbers_of_its_scale():
    drawing, ((axes,),) = panels(1, 1, (4, 3))
    bar = colour_bar(drawing, SEQUENTIAL, 0.5, 1, ax=axes, label="mean")
    printed = Figure("bar", "A bar", "", drawing).printed()
    assert printed.svg.count("<image") == 1
    assert bar.ax.get_ylim() == (0.5, 1)
    assert ">0.5<" in printed.svg
    assert ">mean<" in printed.svg
    (image,) = bar.ax.images
    assert np.array_equal(image.get_array()[:, 0], np.sort(image.get_array()[:, 0]))


def test_a_colour_bar_in_a_panel_of_its_own_has_no_grid_and_may_lie():
    with styled():
        drawing, ((upper,), (lower,)) = panels(2, 1, (4, 3))
        upright = colour_bar(drawing, SEQUENTIAL, 0, 1, cax=upper)
        lying = colour_bar(drawing, SEQUENTIAL, 0, 1, cax=lower, orientation="horizontal")
    shapes = [bar.ax.images[0].get_array().shape for bar in (upright, lying)]
    assert shapes == [(SEQUENTIAL.N, 1), (1, SEQUENTIAL.N)]
    for axes in (upper, lower):
        assert not any(line.get_visible() for line in axes.get_xgridlines() + axes.get_ygridlines())


def test_a_figure_is_the_same_when_it_is_printed_again():
    with styled():
        figure = Figure("lines", "Lines", "", lines())
        assert figure.printed() == figure.printed()


def test_a_marker_on_a_sheet_is_no_line():
    drawing, axes = sheet(2, 1)
    mark(axes, 1, 0.5, "o", color="red")
    mark(axes, (0, 2), (0.5, 0.5), color="blue")
    svg, _ = drawn_twice(drawing, DOTS)
    assert svg.count("stroke: #ff0000") + svg.count("fill: #ff0000") > 0
    assert svg.count("<path") == 3  # the paper, the marker's shape, the line


def test_searches_are_spared_only_where_no_number_stands():
    drawing, grid = panels(["one", "two"], ["a", "b"], (4, 4), sharex=True, sharey=True)
    Figure("shared", "Shared", "", drawing).printed()
    spared = [[axes.xaxis.get_in_layout(), axes.yaxis.get_in_layout()] for axes in grid.flat]
    assert spared == [[False, True], [False, False], [True, True], [True, False]]
