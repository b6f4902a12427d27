"""Claims on noise and occlusion (section 4.6)."""

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
    ordered,
)
from lowcap.studies.low_capacity.claims.scores import DIGIT_PAIRS, setting

TASK = "4-9"
"""The pair the paper corrupts."""

SIZES = (24, 48, 64)
SIGMAS = (0.1, 0.2, 0.3, 0.4, 0.5)


def _rows(tables: Tables, kinds: list[str]):
    """The dense networks' rows of the paper's pair, and those without blocks of images."""
    table = tables["robustness"]
    rows = table[
        (table["task"] == TASK)
        & (table["requested_sparsity"] == 0)
        & table["corruption"].isin(kinds)
        & table["hidden"].isin(SIZES)
    ]
    held = tables.get("robustness_blocks")
    if held is not None:
        held = held[held["corruption"].isin(kinds) & held["hidden"].isin(SIZES)]
    return rows, held


def _scores(tables: Tables, kind: str) -> Cube:
    """F1 by hidden size and severity; 0 is the clean score. Draws are averaged."""
    rows, held = _rows(tables, [kind, "none"])
    if set(rows["hidden"]) < set(SIZES) or kind not in set(rows["corruption"]):
        raise NotMeasured(
            f"it takes networks of {', '.join(map(str, SIZES))} units on {TASK} under {kind}; "
            f"{setting('tasks', [TASK])} {setting('hidden', SIZES)} gives them"
        )
    return cube(rows, ["hidden", "severity"], "f1", held)


def _place(scores: Cube, hidden: int, severity: float) -> int:
    return int(np.flatnonzero(scores.where(hidden=hidden, severity=severity))[0])


def noise(tables: Tables, *, relative: bool) -> Evidence:
    """By how much 64 units beat 24 under every strength of noise."""
    scores = _scores(tables, "gaussian noise")
    clean = [_place(scores, h, 0.0) for h in (64, 24)]
    estimates = {}
    for sigma in SIGMAS:
        large, small = (_place(scores, h, sigma) for h in (64, 24))

        def lead(m, large=large, small=small) -> float:
            base = m[clean[0]] - m[clean[1]] if relative else 0.0
            return float(m[large] - m[small] - base)

        estimates[f"sigma {sigma:g}"] = scores.estimate(lead)
    listed = ", ".join(f"{name} {one.value:+.4f}" for name, one in estimates.items())
    what = "loses less F1 than" if relative else "has more F1 than"
    sentence = f"By so much a network of 64 units {what} one of 24 under Gaussian noise: {listed}."
    return Evidence(estimates, sentence)


def occluded(tables: Tables) -> Evidence:
    """The trend of F1 over 24, 48 and 64 units under occlusion."""
    scores = _scores(tables, "occlusion")
    places = [_place(scores, h, 7.0) for h in SIZES]
    weights = np.log2(SIZES) - np.log2(SIZES).mean()
    weights = weights / (weights**2).sum()
    estimate = scores.estimate(lambda m: float(weights @ m[places]))
    means = scores.means.to_numpy()[places]
    listed = ", ".join(f"{h} units {m:.3f}" for h, m in zip(SIZES, means, strict=True))
    sentence = f"F1 under occlusion: {listed}; it changes by {estimate.value:+.4f} a doubling."
    return Evidence(estimate, sentence)


def occluded_in_order(tables: Tables) -> Evidence:
    """Whether 64 units beat 48, and 48 beat 24, under occlusion."""
    scores = _scores(tables, "occlusion")
    place = {h: _place(scores, h, 7.0) for h in SIZES}
    estimates = {
        f"{large} − {small}": scores.estimate(
            lambda m, a=place[large], b=place[small]: float(m[a] - m[b])
        )
        for large, small in ((64, 48), (48, 24))
    }
    listed = ", ".join(f"{name} {one.value:+.4f}" for name, one in estimates.items())
    return Evidence(estimates, f"Differences in F1 under occlusion: {listed}.")


def _simulator(tables: Tables, kind: str) -> Simulator:
    rows, held = _rows(tables, [kind, "none"])
    blocks = None if held is None else ("robustness_blocks", held)
    if rows.empty:
        raise NotMeasured(f"it corrupted no images of {TASK}")
    rows = rows.groupby(["protocol", "dataset", "task", "hidden", "seed", "corruption", "severity",
                         "requested_sparsity"], as_index=False)[["f1"]].mean()  # fmt: skip
    return Simulator("robustness", rows, ["hidden", "corruption", "severity"], ["f1"], blocks)


def _noise_worlds(tables: Tables, *, relative: bool) -> list[World]:
    simulator = _simulator(tables, "gaussian noise")
    simulator.means[:] = 0.8
    moved = {f"sigma {s:g}": simulator.where(hidden=64, severity=s) for s in SIGMAS}
    names = list(moved)
    judge = partial(noise, relative=relative)
    return mean_worlds(judge, simulator, {}, moved, dict.fromkeys(names, 0.0),
                  dict.fromkeys(names, 0.1))  # fmt: skip


def _occluded_worlds(tables: Tables) -> list[World]:
    simulator = _simulator(tables, "occlusion")
    moved = {"": simulator.where(hidden=64, severity=7.0)}
    return mean_worlds(occluded, simulator, {}, moved, {"": 0.0}, {"": 0.1})


_SHOWN = "jackknife over seeds and, where one test set is scored, blocks of its images"

CLAIMS = (
    Claim(
        "noise-robustness",
        "4.6",
        "Under Gaussian noise, 64 hidden units beat 24 at every strength.",
        (
            Reading(
                "F1",
                f"F1 at 64 units less F1 at 24 on 4-9, for each sigma of 0.1 to 0.5; {_SHOWN}",
                Every(Above(0)),
                partial(noise, relative=False),
                ("robustness", "robustness_blocks?"),
                tasks=(TASK,),
                primary=("*",),
                worlds=partial(_noise_worlds, relative=False),
            ),
            Reading(
                "F1 lost to noise",
                "F1 that 24 units lose to noise less what 64 units lose, each against its own "
                f"clean F1, for each sigma of 0.1 to 0.5; {_SHOWN}",
                Every(Above(0)),
                partial(noise, relative=True),
                ("robustness", "robustness_blocks?"),
                worlds=partial(_noise_worlds, relative=True),
            ),
        ),
        figure="noise",
        subject=DIGIT_PAIRS,
    ),
    Claim(
        "occlusion-robustness",
        "4.6",
        "Under occlusion larger networks do better: 64 units over 48 over 24, the last step small.",
        (
            Reading(
                "trend",
                "change of F1 for each doubling of the hidden size, over 24, 48 and 64 units on "
                f"4-9 with one 7 x 7 patch an image (least squares); {_SHOWN}",
                Above(0),
                occluded,
                ("robustness", "robustness_blocks?"),
                tasks=(TASK,),
                primary=("*",),
                worlds=_occluded_worlds,
            ),
            Reading(
                "in order",
                f"F1 at 64 units less F1 at 48, and at 48 less at 24; {_SHOWN}",
                ordered(("64", "48", "24")),
                occluded_in_order,
                ("robustness", "robustness_blocks?"),
            ),
        ),
        figure="noise",
        subject=DIGIT_PAIRS,
    ),
)
