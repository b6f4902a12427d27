"""Claims on saliency (section 4.7)."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from lowcap.claims import (
    Above,
    AllOf,
    BlockSimulator,
    Claim,
    Evidence,
    NotMeasured,
    Reading,
    Student,
    Tables,
    World,
    block_cube,
    mean_worlds,
)
from lowcap.studies.low_capacity.claims.scores import DIGIT_PAIRS, percent, place_of

PUBLISHED_MAP, INPUT_MAP = "published map", "gradient x input"
LEARNED, MEANT = "lead over the untrained network", "lead over shuffled labels"

LEARNED_LEAD = 0.1
"""Of the area's share: a smaller gain by training is next to none. Ours."""

METHOD_OF = {PUBLISHED_MAP: "finite differences", INPUT_MAP: "gradient x input"}


def _of_method(tables: Tables, name: str, method: str):
    table = tables[name]
    rows = table[table["method"] == METHOD_OF[method]]
    if rows.empty:
        raise NotMeasured(
            f"no maps were drawn by {METHOD_OF[method]}, which the first seeds of the published "
            "and the corrected protocol alone get"
        )
    return rows


def on_strokes(tables: Tables, *, method: str) -> Evidence:
    """How much more of a map lies on strokes after training than before."""
    scores = block_cube(_of_method(tables, "saliency", method), ["state"], "on_strokes")
    trained, untrained = (place_of(scores, state) for state in ("dense", "untrained"))
    shuffled = place_of(scores, "shuffled labels")
    estimates = {
        LEARNED: scores.estimate(lambda m: float(m[trained] - m[untrained])),
        MEANT: scores.estimate(lambda m: float(m[trained] - m[shuffled])),
    }
    means = scores.means.to_numpy()
    sentence = (
        f"By the {method}, strokes hold {means[trained]:.2f} times their share of the area in "
        f"saliency; in the same networks before training {means[untrained]:.2f} times, in networks "
        f"trained on shuffled labels {means[shuffled]:.2f} times."
    )
    control = {"untrained": float(means[untrained]), "shuffled labels": float(means[shuffled])}
    return Evidence(estimates, sentence, control)


def _strokes_worlds(tables: Tables, *, method: str) -> list[World]:
    rows = _of_method(tables, "saliency", method)
    simulator = BlockSimulator("saliency", rows, ["state"], ["on_strokes"])
    # The untrained network's share sets the first part, the shuffled labels' the second.
    moved = {
        LEARNED: simulator.where(state="untrained"),
        MEANT: simulator.where(state="shuffled labels"),
    }
    limits, clear = {LEARNED: LEARNED_LEAD, MEANT: 0.0}, {LEARNED: 3.0, MEANT: 3.0}
    judge = partial(on_strokes, method=method)
    return mean_worlds(judge, simulator, {}, moved, limits, clear)


# Misclassified images ----------------------------------------------------------------------------

FEWEST = 8
"""Images that some networks get right and others wrong; with fewer nothing is said."""


def _grid(tables: Tables, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Values and whether the answer was right, by network (seed) and image."""
    table = tables["misclassified"]
    values = table.pivot_table(index="seed", columns="image", values=method, dropna=False)
    right = table.pivot_table(index="seed", columns="image", values="correct", dropna=False)
    return values.to_numpy(float), right.to_numpy(float) > 0.5


def shift_by_answer(values: np.ndarray, right: np.ndarray) -> Student:
    """By image that networks disagree on: mean where right less mean where wrong; their mean.

    Each network's values are first taken relative to its own mean over the images that all
    networks get right, since some networks' maps lie there more than others' on all images. The
    error of these means is part of the standard error.
    """
    known = ~np.isnan(values).any(axis=0)
    values, right = values[:, known], right[:, known]
    agreed = right.all(axis=0)
    if agreed.sum() < FEWEST:
        raise NotMeasured(
            f"fewer than {FEWEST} images are right in all networks, by which networks are compared"
        )
    mixed = right.any(axis=0) & ~agreed
    count = int(mixed.sum())
    if count < FEWEST:
        raise NotMeasured(
            f"only {count} images are right in some networks and wrong in others, and the "
            f"comparison needs {FEWEST}"
        )
    answers = right[:, mixed]
    weights = answers / answers.sum(axis=0) - ~answers / (~answers).sum(axis=0)
    own = values[:, agreed].mean(axis=1)
    differences = (weights * (values[:, mixed] - own[:, None])).sum(axis=0)
    usual = weights.mean(axis=1)  # how the networks' own means enter the mean difference
    of_own = usual @ np.atleast_2d(np.cov(values[:, agreed])) @ usual / agreed.sum()
    error = float(np.sqrt(differences.var(ddof=1) / count + of_own))
    return Student(float(differences.mean()), error, count - 1)


def misclassified_shift(tables: Tables, *, method: str) -> Evidence:
    """Whether maps of a four lie less on the discriminating region where the answer is wrong."""
    values, right = _grid(tables, method)
    estimate = shift_by_answer(values, right)
    images = int((right.any(axis=0) & ~right.all(axis=0)).sum())
    sentence = (
        f"{images} test images of a 4 are right in some of {len(right)} networks and wrong in "
        f"others ({percent((~right).mean())} of all answers are wrong). On the most discriminating "
        f"tenth of the pixels the {method} holds, image by image, {estimate.value:+.3f} of the "
        "area's share more where the answer is right."
    )
    return Evidence(estimate, sentence)


def _shift_worlds(tables: Tables, *, method: str) -> list[World]:
    first = tables["misclassified"].iloc[0]
    constant = {name: first[name] for name in ("protocol", "dataset")}

    def table(values: np.ndarray, right: np.ndarray) -> Tables:
        return {"misclassified": answers_table(values, right, method).assign(**constant)}

    return shift_worlds(*_grid(tables, method), table)


def answers_table(values: np.ndarray, right: np.ndarray, name: str) -> pd.DataFrame:
    """Values and answers [networks, images] as rows: `seed, image, correct` and the values."""
    seed, image = np.indices(values.shape)
    return pd.DataFrame(
        {"seed": seed.ravel(), "image": image.ravel(), "correct": right.ravel(),
         name: values.ravel()}
    )  # fmt: skip


def shift_worlds(
    values: np.ndarray, right: np.ndarray, table: Callable[[np.ndarray, np.ndarray], Tables]
) -> list[World]:
    """Worlds in which maps of wrong answers lie elsewhere by a known amount, or do not.

    Args:
        values: shares of maps by network and image.
        right: whether the answer was.
        table: makes a run's tables of such arrays.
    """
    shift_by_answer(values, right)  # refuses where too few images are mixed
    values = np.where(np.isnan(values), np.nanmean(values), values)
    network = values.mean(axis=1, keepdims=True)
    image = values.mean(axis=0, keepdims=True)
    rest = values - network - image + values.mean()
    images = values.shape[1]

    def make(shift: float):
        def draw(g):
            # Whole images are drawn: their answers, their level and what is theirs alone.
            picks = g.integers(images, size=images)
            noise = rest[:, picks] * g.choice([-1.0, 1.0], size=images)
            scores = network + image[:, picks] + noise + shift * right[:, picks]
            return table(scores, right[:, picks])

        return draw

    clear = 4 * float(values.std())
    return [
        World("no shift", None, make(0.0)),
        World("less on the region where wrong", True, make(clear)),
        World("more on the region where wrong", False, make(-clear)),
    ]


# Pruned networks ---------------------------------------------------------------------------------

REACHED, CLOSER = "share of the attainable overlap", "lead over another seed"

HALF = 0.5
"""Of the overlap that maps with so few non-zero pixels can have. Ours."""


def reasoning_preserved(tables: Tables, *, rule: str) -> Evidence:
    """Whether the pruned network's strongest pixels are the dense one's, more than a stranger's."""
    rows = _of_method(tables, "saliency_agreement", PUBLISHED_MAP)
    long = rows.melt(
        ["seed", "block", "state"], ["top_overlap", "attainable"], "quantity", "overlap"
    )
    long["case"] = long["state"] + "/" + long["quantity"]
    scores = block_cube(long, ["case"], "overlap")
    names = list(scores.cases.get_level_values("case"))
    places = []
    for case in (f"pruned: {rule}/top_overlap", f"pruned: {rule}/attainable",
                 "another seed/top_overlap", "another seed/attainable"):  # fmt: skip
        if case not in names:
            raise NotMeasured(f"no maps were drawn of the network {case.split('/')[0]}")
        places.append(names.index(case))

    def share(m: np.ndarray, which: int) -> float:
        overlap, attainable = m[places[which]], m[places[which + 1]]
        return float(overlap / attainable) if attainable > 0 else 0.0

    reached = scores.estimate(lambda m: share(m, 0))
    closer = scores.estimate(lambda m: share(m, 0) - share(m, 2))
    means = scores.means.to_numpy()
    empty = rows.loc[rows["state"] == f"pruned: {rule}", "empty"].mean()
    sentence = (
        f"Of the strongest twentieth of the pixels, the maps of the network pruned to 95 % (rule "
        f"“{rule}”) and of the dense one share {percent(means[places[0]])}, where maps with so few "
        f"non-zero pixels can share {percent(means[places[1]])} at most; another seed's share "
        f"{percent(means[places[2]])}. {percent(empty)} of the pruned network's maps are empty and "
        "count as sharing nothing."
    )
    control = {
        state: float(means[names.index(f"{state}/top_overlap")])
        for state in ("another seed", "untrained", "shuffled labels")
        if f"{state}/top_overlap" in names
    }
    control["attainable"] = float(means[places[1]])
    return Evidence({REACHED: reached, CLOSER: closer}, sentence, control)


def _reasoning_worlds(tables: Tables, *, rule: str) -> list[World]:
    rows = _of_method(tables, "saliency_agreement", PUBLISHED_MAP)
    simulator = BlockSimulator(
        "saliency_agreement", rows, ["state"], ["attainable", "empty", "top_overlap"]
    )
    simulator.means[simulator.where("attainable")] = 0.9
    simulator.means[simulator.where("top_overlap")] = 0.3
    moved = {
        REACHED: simulator.where("top_overlap", state=f"pruned: {rule}"),
        CLOSER: simulator.where("top_overlap", state="another seed"),
    }
    judge = partial(reasoning_preserved, rule=rule)
    return mean_worlds(judge, simulator, {}, moved, {REACHED: HALF, CLOSER: 0.0},
                  {REACHED: 0.3, CLOSER: 0.2})  # fmt: skip


def _shift_reading(method: str, primary: tuple[str, ...]) -> Reading:
    return Reading(
        method,
        f"share of the {method} on the most discriminating tenth of the pixels (where the class "
        "means of the training images differ most, fixed before any network is looked at) over "
        "its share of the area"
        + (" and of the image's ink" if method == INPUT_MAP else "")
        + ", for test images of a 4: networks that get an image right less networks that get the "
        "same image wrong, each relative to its own mean; t interval over images",
        Above(0),
        partial(misclassified_shift, method=method),
        ("misclassified",),
        tasks=("4-9",),
        grows=False,
        primary=primary,
        worlds=partial(_shift_worlds, method=method),
    )


def _strokes(method: str, primary: tuple[str, ...]) -> Reading:
    return Reading(
        method,
        f"share of the {method} on pixels above 0.5 over their share of the area, less that of the "
        "same networks before training, and less that of networks trained on shuffled labels; 24 "
        "units on 4-9, jackknife over seeds and test images",
        AllOf({LEARNED: Above(LEARNED_LEAD, ours=True), MEANT: Above(0)}),
        partial(on_strokes, method=method),
        ("saliency",),
        tasks=("4-9",),
        grows=False,
        primary=primary,
        worlds=partial(_strokes_worlds, method=method),
    )


CLAIMS = (
    Claim(
        "saliency-on-strokes",
        "4.7",
        "Attribution sits on the strokes that define a digit: training puts it there.",
        (_strokes(PUBLISHED_MAP, ("*",)), _strokes(INPUT_MAP, ())),
        figure="saliency-shares",
        subject=DIGIT_PAIRS,
    ),
    Claim(
        "misclassified-shift",
        "4.7",
        "For a misclassified 4, attention leaves the strokes that tell 4 from 9.",
        (_shift_reading(PUBLISHED_MAP, ("*",)), _shift_reading(INPUT_MAP, ())),
        figure="misclassified",
        subject=DIGIT_PAIRS,
    ),
    Claim(
        "reasoning-preserved",
        "4.7",
        "The network pruned to 95 % attends to the same pixels as the dense one.",
        tuple(
            Reading(
                rule,
                "overlap of the strongest twentieth of the pixels of the published map, pruned by "
                f"the rule “{rule}” against dense, as a share of what maps with so few non-zero "
                "pixels can have; and its lead over a network trained from other weights; empty "
                "maps share nothing; jackknife over seeds and test images",
                AllOf({REACHED: Above(HALF, percent=True, ours=True), CLOSER: Above(0)}),
                partial(reasoning_preserved, rule=rule),
                ("saliency_agreement",),
                tasks=("4-9",),
                grows=False,
                primary=primary,
                worlds=partial(_reasoning_worlds, rule=rule),
            )
            for rule, primary in (
                ("listing C.1", ("published", "replicated")), ("global", ("corrected",))
            )
        ),
        figure="saliency-shares",
        subject=DIGIT_PAIRS,
    ),
)  # fmt: skip
