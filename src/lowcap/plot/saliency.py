"""Which pixels of an image a network's decision hangs on."""

import numpy as np
from matplotlib.axes import Axes

from lowcap.data import Labelled, Split
from lowcap.errors import SettingsError
from lowcap.measures.saliency import METHODS
from lowcap.networks import Network
from lowcap.plot.sheet import axes_on, image_shape, network_of, rows_of
from lowcap.report import styled
from lowcap.report.marks import picture
from lowcap.report.palette import DIVERGING, INK


def saliency(
    network: Network, data: Split | Labelled, image: int = 0, *, method: str = "gradient",
    shape: tuple[int, int] | None = None, ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """The map of one image: what more ink at each pixel would do to the decision.

    The image's strokes are outlined. Red speaks for class 1 (of several classes: for the one
    decided on), blue against it; both ends of the scale are equally far from 0.

    Args:
        network: one network.
        data: images, or a split, whose test images are meant.
        image: the number of the image.
        method: such as "gradient", "integrated gradients" or "SmoothGrad".
        shape: height and width, where `data` is no split.
        ax: where to draw.

    Raises:
        SettingsError: there is no such method or image.

    Example:
        >>> lowcap.plot.saliency(fitted.member(hidden=8, seed=0), split, image=3)
    """
    rows = rows_of(data)
    if method not in METHODS:
        raise SettingsError(f"unknown method '{method}': choose {', '.join(METHODS)}")
    if not -len(rows.y) <= image < len(rows.y):
        raise SettingsError(f"image {image}: there are {len(rows.y)}, from 0 on")
    own = rows.x[[image]]
    size = image_shape(shape, data, own.shape[1])
    found = METHODS[method](network_of(network), own)[0].reshape(size)
    said = network.predict_proba(own)[0]
    with styled():
        axes = axes_on(ax, (4.6, 4))
        most = float(np.abs(found).max()) or 1.0
        picture(axes, found, DIVERGING, -most, most)
        ink = own.reshape(size)
        if ink.min() < 0.5 < ink.max():
            axes.contour(ink, [0.5], colors=[INK], linewidths=1)
        bar = axes.figure.colorbar(axes.images[-1], ax=axes, shrink=0.8)
        says = int(said.argmax())
        whose = 1 if network.kind == "binary" else says
        bar.set_label(f"{method}, for (+) or against (−) class {whose}")
        true = int(rows.y[image])
        axes.set_title(f"Image {image} of class {true}\ntaken for class {says} ({said[says]:.2f})")
    return axes
