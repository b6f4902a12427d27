"""Claims on noise and occlusion (section 4.6), on the hardest task of each data set."""

from functools import partial

import numpy as np

from lowcap.claims import (
    Above,
    Claim,
    Cube,
    Every,
    Evidence,
    NotMeasured,
    Reading,
    Simulator,
    Tables,
    World,
    cube,
    mean_worlds,
)
from lowcap.studies.transfer.claims.common import SHOWN, sizes_of

SIGMAS = (0.1, 0.2, 0.3, 0.4, 0.5)

ROBUSTNESS = ("robustness", "robustness_blocks")

KEYS = ["hidden", "corruption", "severity"]

STEPS = 2
"""How many doublings below the largest size the smaller one of a comparison is; the paper has 24
units against 64."""


def _rows(tables: Tables, kind: str):
    """Rows of one corruption and of clean images, and those without blocks of images.

    Raises:
        NotMeasured: the images were not corrupted.
    """
    found = [tables[name][tables[name]["corruption"].isin([kind, "none"])] for name in ROBUSTNESS]
    if kind not in set(found[0]["corruption"]):
        raise NotMeasured(f"its images were not corrupted by {kind}")
    return found


def _scores(tables: Tables, kind: str) -> Cube:
    rows, blocks = _rows(tables, kind)
    return cube(rows, KEYS, "f1", blocks)


def _place(scores: Cube, **wanted: object) -> int:
    return int(np.flatnonzero(scores.where(**wanted))[0])


def noise(tables: Tables, *, relative: bool) -> Evidence:
    """By how much the largest networks beat smaller ones under every strength of noise."""
    sizes = sizes_of(tables["robustness"])
    large, small = sizes[-1], sizes[-1 - STEPS]
    scores = _scores(tables, "gaussian noise")
    clean = [_place(scores, hidden=size, severity=0.0) for size in (large, small)]
    estimates = {}
    for sigma in SIGMAS:
        one, other = (_place(scores, hidden=size, severity=sigma) for size in (large, small))

        def lead(m: np.ndarray, one=one, other=other) -> float:
            base = m[clean[0]] - m[clean[1]] if relative else 0.0
            return float(m[one] - m[other] - base)

        estimates[f"sigma {sigma:g}"] = scores.estimate(lead)
    listed = ", ".join(f"{name} {one.value:+.4f}" for name, one in estimates.items())
    what = "less F1 they lose than" if relative else "more F1 they have than"
    sentence = (
        f"Networks of {large} under Gaussian noise: so much {what} those of {small}: {listed}."
    )
    return Evidence(estimates, sentence)


def _noise_worlds(tables: Tables, *, relative: bool) -> list[World]:
    sizes = sizes_of(tables["robustness"])
    simulated = _simulator(tables, "gaussian noise")
    simulated.means[:] = 0.8
    moved = {
        f"sigma {sigma:g}": simulated.where(hidden=sizes[-1], severity=sigma) for sigma in SIGMAS
    }
    names = list(moved)
    return mean_worlds(
        partial(noise, relative=relative), simulated, {}, moved,
        dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.15),
    )  # fmt: skip


def _simulator(tables: Tables, kind: str) -> Simulator:
    rows, blocks = _rows(tables, kind)
    rows = rows.groupby([*KEYS, "seed"], as_index=False)[["f1"]].mean()
    return Simulator("robustness", rows, KEYS, ["f1"], ("robustness_blocks", blocks))


def occluded(tables: Tables) -> Evidence:
    """The trend of F1 over the three largest sizes under occlusion."""
    sizes = sizes_of(tables["robustness"])[-1 - STEPS :]
    scores = _scores(tables, "occlusion")
    places = [_place(scores, hidden=size, corruption="occlusion") for size in sizes]
    weights = np.log2(sizes) - np.log2(sizes).mean()
    weights = weights / (weights**2).sum()
    estimate = scores.estimate(lambda m: float(weights @ m[places]))
    means = scores.means.to_numpy()[places]
    listed = ", ".join(f"{size} {mean:.3f}" for size, mean in zip(sizes, means, strict=True))
    sentence = (
        f"F1 under occlusion by size: {listed}; it changes by {estimate.value:+.4f} a doubling."
    )
    return Evidence(estimate, sentence)


def _occluded_worlds(tables: Tables) -> list[World]:
    simulated = _simulator(tables, "occlusion")
    largest = sizes_of(tables["robustness"])[-1]
    moved = {"": simulated.where(hidden=largest, corruption="occlusion")}
    return mean_worlds(occluded, simulated, {}, moved, {"": 0.0}, {"": 0.15})


def _noise_reading(name: str, relative: bool, primary: tuple[str, ...]) -> Reading:
    what = (
        "F1 that the smaller networks lose to noise less what the largest lose, each against its "
        "own clean F1"
        if relative
        else "F1 of the largest size less F1 of the size two doublings below"
    )
    return Reading(
        name,
        f"{what}, on the hardest task, for each sigma of 0.1 to 0.5; {SHOWN}",
        Every(Above(0)),
        partial(noise, relative=relative),
        ROBUSTNESS,
        primary,
        worlds=partial(_noise_worlds, relative=relative),
    )


CLAIMS = (
    Claim(
        "noise-robustness-travels",
        "4.6",
        "Under Gaussian noise large networks beat smaller ones at every strength.",
        (_noise_reading("F1", False, ("*",)), _noise_reading("F1 lost to noise", True, ())),
        figure="capacity-{dataset}",
    ),
    Claim(
        "occlusion-robustness-travels",
        "4.6",
        "Under occlusion larger networks do better.",
        (
            Reading(
                "trend",
                "change of F1 for each doubling of the size, over the three largest, on the "
                f"hardest task with one 7 x 7 patch an image (least squares); {SHOWN}",
                Above(0),
                occluded,
                ROBUSTNESS,
                ("*",),
                worlds=_occluded_worlds,
            ),
        ),
        figure="capacity-{dataset}",
    ),
)
