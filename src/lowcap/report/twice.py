"""Drawings as SVG and as pixels in one go.

Matplotlib walks through all parts of a figure for each file that it writes; here it does so once.
"""

import io
from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import UInt8
from matplotlib.backend_bases import FigureCanvasBase, RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure as Drawing
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D, Bbox, TransformedPath

_INCH = 72
"""Units of SVG, which are points."""

_COARSE = 2
"""Pixels of an image that become one inside the SVG file, each way."""

Pixels = UInt8[np.ndarray, "height width rgba"]


def drawn_twice(drawing: Drawing, dots: int, *, painted: bool = True) -> tuple[str, Pixels | None]:
    """A drawing as the text of an SVG file and as pixels.

    Args:
        drawing: with a layout engine that has yet to find places, or without any.
        dots: pixels an inch, an even number; images inside the SVG file have half as many, which
            is enough there.
        painted: whether pixels are wanted.
    """
    drawing.set_dpi(_INCH)
    width, height = drawing.get_size_inches()
    across, down = round(width * dots), round(height * dots)  # else a pixel may be lost
    painter = RendererAgg(across, down, dots) if painted else None
    text, metadata = io.StringIO(), {"Date": None, "Creator": None}
    width, height = width * _INCH, height * _INCH
    writer = RendererSVG(width, height, text, image_dpi=dots // _COARSE, metadata=metadata)
    renderer = _Twice(writer, painter)
    _Canvas(drawing, renderer)
    drawing.draw(renderer)
    drawing.set_layout_engine("none")  # places are found now: drawn again, they stay
    writer.finalize()
    return text.getvalue(), None if painter is None else np.asarray(painter.buffer_rgba())


class _Canvas(FigureCanvasBase):
    """Lets places be searched by the renderer that will draw, so that no word is measured twice."""

    def __init__(self, drawing: Drawing, renderer: "_Twice") -> None:
        super().__init__(drawing)
        self._renderer = renderer

    def get_renderer(self) -> "_Twice":
        """What measures words."""
        return self._renderer


@lru_cache(maxsize=4096)
def _measured(words: str, font: FontProperties, ismath: Any) -> tuple[float, float, float]:
    """Width, height and descent of words in points; figures share most numbers at their axes.

    Fonts are to have their names: what "sans-serif" stands for must not change meanwhile.
    """
    return text_to_path.get_text_width_height_descent(words, font, ismath)


class _Twice(RendererBase):
    """Hands all that is drawn, in points, to a writer of SVG and, enlarged, to a painter."""

    def __init__(self, writer: RendererSVG, painter: RendererAgg | None) -> None:
        super().__init__()
        self._writer, self._painter = writer, painter
        self._scale = 1.0 if painter is None else painter.dpi / _INCH
        self._enlarge = Affine2D().scale(self._scale)

    def _paint(self, method: str, gc: Any, *args: Any, **options: Any) -> None:
        """Call a method of the painter's, its area of drawing enlarged."""
        area, (path, place) = gc.get_clip_rectangle(), gc.get_clip_path()
        if area is not None:
            gc.set_clip_rectangle(Bbox(self._scale * area.get_points()))
        if path is not None:
            gc.set_clip_path(TransformedPath(path, self._enlarged(place)))
        getattr(self._painter, method)(gc, *args, **options)
        gc.set_clip_rectangle(area)
        if path is not None:
            gc.set_clip_path(TransformedPath(path, place))

    def _enlarged(self, transform: Any) -> Affine2D:
        return Affine2D(self._enlarge.get_matrix() @ transform.get_matrix())

    def draw_path(self, gc, path, transform, rgbFace=None):
        self._writer.draw_path(gc, path, transform, rgbFace)
        if self._painter:
            self._paint("draw_path", gc, path, self._enlarged(transform), rgbFace)

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        self._writer.draw_markers(gc, marker_path, marker_trans, path, trans, rgbFace)
        if self._painter:
            marker_trans, trans = self._enlarged(marker_trans), self._enlarged(trans)
            self._paint("draw_markers", gc, marker_path, marker_trans, path, trans, rgbFace)

    def draw_path_collection(
        self, gc, master_transform, paths, all_transforms, offsets, offset_trans, *args, **options
    ):
        given = paths, all_transforms, offsets
        writer, painter = self._writer, self._painter
        writer.draw_path_collection(gc, master_transform, *given, offset_trans, *args, **options)
        if painter:
            large, places = self._enlarged(master_transform), self._enlarged(offset_trans)
            self._paint("draw_path_collection", gc, large, *given, places, *args, **options)

    def draw_quad_mesh(self, gc, master_transform, *args):
        columns, rows, corners, offsets, offset_trans, *looks = args
        given = columns, rows, corners, offsets
        self._writer.draw_quad_mesh(gc, master_transform, *given, offset_trans, *looks)
        if self._painter:
            large, places = self._enlarged(master_transform), self._enlarged(offset_trans)
            self._paint("draw_quad_mesh", gc, large, *given, places, *looks)

    def draw_image(self, gc, x, y, im: Any, transform=None):
        self._writer.draw_image(gc, x, y, im[::_COARSE, ::_COARSE], transform)
        if self._painter:  # it was sampled for so many pixels
            self._paint("draw_image", gc, self._scale * x, self._scale * y, im)

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        self._writer.draw_text(gc, x, y, s, prop, angle, ismath, mtext)
        if self._painter:
            place = self._scale * x, self._scale * y
            self._paint("draw_text", gc, *place, s, prop, angle, ismath, mtext)

    def get_text_width_height_descent(self, s, prop, ismath):
        return _measured(s, prop, ismath)

    def open_group(self, s, gid=None):
        self._writer.open_group(s, gid)

    def close_group(self, s):
        self._writer.close_group(s)

    def get_canvas_width_height(self):
        return self._writer.get_canvas_width_height()

    def get_image_magnification(self):
        return _COARSE * self._writer.get_image_magnification()

    def option_image_nocomposite(self):
        return self._writer.option_image_nocomposite()

    def flipy(self):
        return self._writer.flipy()
