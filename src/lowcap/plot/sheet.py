"""What all plots share: axes to draw on, and what users may hand over instead of a population."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lowcap.data import Labelled, Split
from lowcap.errors import DataError, SettingsError
from lowcap.networks import Network, Population
from lowcap.report.palette import GREY, categories, ordered
from lowcap.report.scales import doublings


def axes_on(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """The axes that were given, or new ones on a figure of so many inches.

    Call it inside `lowcap.report.styled`, which decides how new axes look.
    """
    if ax is not None:
        return ax
    from matplotlib import pyplot  # slow to import, and it chooses a window system

    return pyplot.subplots(figsize=size, layout="constrained")[1]


def population_of(given: Any) -> Population:
    """The population itself, or that of a fit.

    Raises:
        SettingsError: it is neither.
    """
    found = getattr(given, "population", given)
    if not isinstance(found, Population):
        raise SettingsError(f"give a population or a fit, not a {type(given).__name__}")
    return found


def network_of(given: Any) -> Network:
    """The network.

    Raises:
        SettingsError: it is none; it says how to take one.
    """
    if not isinstance(given, Network):
        raise SettingsError(
            f"give one network, such as fitted.member(hidden=8, seed=0), not a "
            f"{type(given).__name__}"
        )
    return given


def rows_of(data: Split | Labelled) -> Labelled:
    """The rows themselves, or the test rows of a split (validation rows where it has none).

    Raises:
        DataError: there are none.
    """
    if isinstance(data, Split):
        data = data.test if len(data.test.y) else data.validation
    if not len(data.y):
        raise DataError("there are no rows to draw")
    return data


def image_shape(shape: tuple[int, ...] | None, data: Any, inputs: int) -> tuple[int, int]:
    """Height and width of an image: as given, as the split says, or a square.

    Raises:
        DataError: none of these.
    """
    if shape is None and isinstance(data, Split):
        shape = data.target.shape
    side = int(np.sqrt(inputs))
    if shape is None and side**2 == inputs:
        shape = (side, side)
    if shape is None or len(shape) != 2 or shape[0] * shape[1] != inputs:
        raise DataError(f"{inputs} features are no grey image; give shape=(height, width)")
    return shape[0], shape[1]


def colours_of(sizes: Sequence[Any]) -> dict[Any, str]:
    """A colour for each hidden size: by its logarithm, or in turn where sizes are no numbers."""
    if all(isinstance(size, int | np.integer) for size in sizes):
        found = ordered([int(size) for size in sizes if size > 0] or [1])
        return {size: found.get(int(size), GREY) for size in sizes}
    return categories(sizes)


def size_name(size: Any) -> str:
    """A hidden size in words: "1 unit", "8 units", "64-64 units", "linear"."""
    return "linear" if size == 0 else f"{size} {'unit' if size == 1 else 'units'}"


def size_axis(axes: Axes, sizes: Sequence[Any]) -> dict[Any, float]:
    """Where each hidden size stands on the x axis, which is labelled with them."""
    if all(isinstance(size, int | np.integer) for size in sizes):
        none = {0.5: "0"} if 0 in sizes else {}
        doublings(axes.xaxis, [size for size in sizes if size > 0], none)
        return {size: float(size) or 0.5 for size in sizes}
    axes.set_xticks(range(len(sizes)), [str(size) for size in sizes])
    return {size: float(place) for place, size in enumerate(sizes)}
