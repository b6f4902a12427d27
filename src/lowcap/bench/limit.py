"""The machine's own limit: the rate of its best single-precision matrix product."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from jaxtyping import Float32

from lowcap.bench.cases import AnyCase
from lowcap.bench.measure import found_at
from lowcap.bench.processes import measured, settings
from lowcap.streams import stream

Factor = Float32[np.ndarray, "_ _"]
Shape = tuple[int, int, int]
"""Rows, inner length and columns of a product."""

SQUARE: dict[str, Shape] = {"square": (2048, 2048, 2048)}
_ENOUGH = 2e9
"""Operations of one timing, at least: enough not to time the clock."""


def own_shapes(case: AnyCase, features: int) -> dict[str, Shape]:
    """The products of a case's first layers, all networks side by side, for one batch."""
    batch, units = case.batch_size or case.rows, case.first_units
    return {"forward": (units, features, batch), "gradient": (units, batch, features)}


def numpy_product(left: Factor, right: Factor) -> Callable[[], object]:
    """By NumPy's library, into memory that is there already."""
    out = np.empty((len(left), right.shape[1]), np.float32)
    return lambda: np.matmul(left, right, out=out)


def jax_product(left: Factor, right: Factor) -> Callable[[], object]:
    """By XLA, which is faster than NumPy's library on some machines and slower on others."""
    import jax

    product, one, other = jax.jit(jax.numpy.matmul), jax.device_put(left), jax.device_put(right)
    return lambda: jax.block_until_ready(product(one, other))


PRODUCTS = {
    "NumPy": "lowcap.bench.limit:numpy_product",
    "JAX": "lowcap.bench.limit:jax_product",
}
"""By library, where to import its product from."""


def times_each(shape: Shape) -> int:
    """How many products of a shape one timing holds."""
    return max(1, round(_ENOUGH / (2.0 * np.prod(shape))))


def _products(where: str, shapes: list[Shape]) -> list[Callable[[], object]]:
    generator = stream("benchmark data")
    found = []
    for rows, inner, columns in shapes:
        left = generator.random((rows, inner), dtype=np.float32)
        right = generator.random((inner, columns), dtype=np.float32)
        found.append(
            partial(_repeated, found_at(where)(left, right), times_each((rows, inner, columns)))
        )
    return found


def _repeated(product: Callable[[], object], times: int) -> None:
    for _ in range(times):
        product()


def rates(
    shapes: Mapping[str, Shape], products: Mapping[str, str], repetitions: int = 5
) -> dict[str, float]:
    """Operations a second of products, all cores at work, each library in its best setting.

    Args:
        shapes: by name.
        products: by library, such as `PRODUCTS`.
        repetitions: timings of each, of which the fastest counts.

    Returns:
        By library and shape, as in "JAX, square".

    Raises:
        RunError: a library failed.
    """
    every = list(shapes.values())
    work = np.array([2.0 * np.prod(shape) * times_each(shape) for shape in every])
    found: dict[str, float] = {}
    for library, where in products.items():
        prepare = partial(_products, where, every)
        seconds = [
            measured(prepare, cores, repetitions).seconds.min(axis=0) for cores in settings()
        ]
        best = work / np.min(seconds, axis=0)
        found |= {f"{library}, {name}": float(r) for name, r in zip(shapes, best, strict=True)}
    return found
