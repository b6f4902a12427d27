"""Larger networks generalize better; the Jacobian norm predicts the gap."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from lowcap.claims import Above, Below, Claim, NotMeasured, Tables
from lowcap.studies.sensitivity.claims.instrument import (
    Estimates,
    Instrument,
    Part,
    PerSample,
    counted,
    rank_correlation,
    spoken,
)
from lowcap.studies.sensitivity.layout import USUAL, Layout, lay
from lowcap.studies.sensitivity.plan import Length

FEWEST = 6
"""Kinds of network that a correlation needs."""

GAP = ("gap", "")


def grid(tables: Tables, length: Length) -> Layout:
    """The balanced grid: ReLU networks by width, depth and rate, one optimizer and batch size."""
    common = {**USUAL, "optimizer": "momentum", "batch": "100"}
    return _enough(lay(tables["networks"], {"": {"length": length}}, ["gap", "parameters"], common))


def variety(tables: Tables, length: Length) -> Layout:
    """All true-label kinds without augmentation: activations, optimizers, batches, rates, sizes."""
    columns = ["gap", "jacobian_norm", "untrained_norm"]
    common = {"labels": "true", "shift": 0}
    return _enough(lay(tables["networks"], {"": {"length": length}}, columns, common))


def _enough(layout: Layout) -> Layout:
    if len(layout.kinds) < FEWEST:
        raise NotMeasured("fewer than six kinds of network fit all their images on every sample")
    return layout


def _ranks(values: np.ndarray) -> Float[np.ndarray, " kinds"]:
    """Evenly from -1 to 1 in the order of the values, ties alike."""
    _, place = np.unique(values, return_inverse=True)
    return 2 * place / max(place.max(), 1) - 1.0


def _parameters(layout: Layout) -> Float[np.ndarray, " kinds"]:
    return layout["parameters", ""].reshape(-1, len(layout.kinds))[0].round()


def size_correlation(layout: Layout) -> PerSample:
    """Rank correlation of the number of parameters with the gap."""
    return rank_correlation(_parameters(layout), layout[GAP])


def largest_quarter(layout: Layout) -> PerSample:
    """Mean gap of the quarter of kinds with the most parameters less that of all others."""
    sizes = _parameters(layout)
    large = sizes >= np.quantile(sizes, 0.75)
    gap = layout[GAP]
    return gap[..., large].mean(axis=-1) - gap[..., ~large].mean(axis=-1)


def _by_size(layout: Layout) -> Float[np.ndarray, " kinds"]:
    return _ranks(_parameters(layout))


def _say_size(layout: Layout, found: Estimates) -> str:
    gap, sizes = layout[GAP].mean(axis=0), _parameters(layout)
    best = np.argsort(gap)[: max(1, len(gap) // 10)]
    return (
        f"Over {counted(layout)}, gap and number of parameters have a rank correlation of "
        f"{spoken(found[''], '+.2f')}; the tenth with the smallest gap ({gap[best].mean():.3f}) "
        f"has a median of {np.median(sizes[best]):,.0f} parameters, all have "
        f"{np.median(sizes):,.0f}."
    )


def _say_quarter(layout: Layout, found: Estimates) -> str:
    return (
        f"Over {counted(layout)}, the gap of the largest quarter less that of the rest is "
        f"{spoken(found[''], '+.4f')}."
    )


def norm_correlation(layout: Layout) -> PerSample:
    """Rank correlation of the Jacobian norm with the gap."""
    return rank_correlation(layout["jacobian_norm", ""], layout[GAP])


def norm_correlation_within_shapes(layout: Layout) -> PerSample:
    """The same among the kinds of one width and depth, mean over shapes that have enough."""
    groups = _shapes(layout)
    each = [
        rank_correlation(layout["jacobian_norm", ""][..., group], layout[GAP][..., group])
        for group in groups
    ]
    return np.mean(each, axis=0)


def _shapes(layout: Layout) -> list[np.ndarray]:
    shapes = np.stack([layout.column("width"), layout.column("depth")], axis=1)
    _, number = np.unique(shapes, axis=0, return_inverse=True)
    members = [np.flatnonzero(number == shape) for shape in range(number.max() + 1)]
    members = [group for group in members if len(group) >= FEWEST]
    if not members:
        raise NotMeasured("no shape has six kinds that fit all their images on every sample")
    return members


def _by_norm(layout: Layout) -> Float[np.ndarray, " kinds"]:
    norms = layout["jacobian_norm", ""]
    return _ranks(np.log(norms).reshape(-1, len(layout.kinds)).mean(axis=0))


def _by_norm_within_shapes(layout: Layout) -> Float[np.ndarray, " kinds"]:
    along, by_norm = np.zeros(len(layout.kinds)), _by_norm(layout)
    for group in _shapes(layout):
        along[group] = _ranks(by_norm[group])
    return along


def _say_norm(layout: Layout, found: Estimates) -> str:
    relu = layout.column("activation") == "relu"
    inside = rank_correlation(layout["jacobian_norm", ""][..., relu], layout[GAP][..., relu]).mean()
    return (
        f"Over {counted(layout)}, Jacobian norm and generalization gap have a rank correlation of "
        f"{spoken(found[''], '+.2f')}; among ReLU networks alone it is {inside:+.2f}."
    )


def _say_within(layout: Layout, found: Estimates) -> str:
    shapes = _shapes(layout)
    return (
        f"Among the {sum(map(len, shapes))} kinds of network of {len(shapes)} shapes, on each of "
        f"{len(layout.samples)} training samples, Jacobian norm and gap have a mean rank "
        f"correlation within a shape of {spoken(found[''], '+.2f')}."
    )


def _untrained(layout: Layout) -> Mapping[str, float]:
    """Before training the norm knows the design, but nothing that was learned."""
    return {
        "norm before training": float(
            rank_correlation(layout["untrained_norm", ""], layout[GAP]).mean()
        )
    }


def _sizes(length: Length) -> Instrument:
    part = Part(size_correlation, False, GAP, _by_size, 0.4, (-1.0, 1.0))
    return Instrument("networks", lambda tables: grid(tables, length), {"": part}, _say_size)


def _norms(length: Length) -> Instrument:
    part = Part(norm_correlation, False, GAP, _by_norm, 0.4, (-1.0, 1.0))
    return Instrument(
        "networks", lambda tables: variety(tables, length), {"": part}, _say_norm, _untrained
    )


QUARTER = Instrument(
    "networks", lambda tables: grid(tables, "long"),
    {"": Part(largest_quarter, False, GAP, _by_size, 0.01)}, _say_quarter,
)  # fmt: skip

WITHIN = Instrument(
    "networks", lambda tables: variety(tables, "long"),
    {"": Part(norm_correlation_within_shapes, False, GAP, _by_norm_within_shapes, 0.4,
              (-1.0, 1.0))},
    _say_within,
)  # fmt: skip

EQUAL, UNTIL_FIT = "equal number of updates", "until all images fit"
"""Whether all networks train equally long, or each until it fits: then those that fit early train
least, which is a factor of its own."""

OVER_SAMPLES = "taken on each training sample; t interval over samples"

_SIZES = "Spearman rank correlation, over the grid of ReLU networks by width, depth and rate that "
_NORMS = (
    "Spearman rank correlation of the mean norm at test points with the gap, over kinds of network "
    "of all activations, optimizers, rates and sizes (and batches, where they run) on true labels "
    "that "
)

CLAIMS = (
    Claim(
        "larger-generalize-better",
        "4.1",
        "Among networks that fit all training images, the best generalization is at the largest "
        "parameter counts.",
        (
            _sizes("long").reading(
                EQUAL,
                f"{_SIZES}fit after equally many updates, of the number of parameters with the gap "
                f"of training and test accuracy, {OVER_SAMPLES}",
                Below(0),
                primary=True,
            ),
            _sizes("until fit").reading(
                UNTIL_FIT, f"{_SIZES}train until they fit, {OVER_SAMPLES}", Below(0)
            ),
            QUARTER.reading(
                "largest quarter",
                "mean gap of the quarter of the grid with the most parameters less that of the "
                f"rest, after equally many updates, {OVER_SAMPLES}",
                Below(0),
            ),
        ),
        "capacity",
    ),
    Claim(
        "norm-predicts-gap",
        "abstract",
        "Across networks, the Jacobian norm correlates with the generalization gap.",
        (
            _norms("long").reading(
                EQUAL,
                f"{_NORMS}fit after equally many updates, {OVER_SAMPLES}",
                Above(0),
                primary=True,
            ),
            _norms("until fit").reading(
                UNTIL_FIT, f"{_NORMS}train until they fit, {OVER_SAMPLES}", Above(0)
            ),
            WITHIN.reading(
                "within one shape",
                "the same among networks of equal width and depth, mean over shapes with at least "
                f"{FEWEST} kinds, {OVER_SAMPLES}",
                Above(0),
            ),
        ),
        "norm-gap",
    ),
)
