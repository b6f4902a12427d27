"""Claims on saliency (section 4.7), on the hardest task; and whether architectures look alike."""

import numpy as np

from lowcap.claims import (
    Above,
    AllOf,
    BlockSimulator,
    Claim,
    Cube,
    Evidence,
    NotMeasured,
    Reading,
    Tables,
    World,
    block_cube,
    mean_worlds,
)
from lowcap.studies.low_capacity.claims.saliency import (
    CLOSER,
    HALF,
    LEARNED,
    LEARNED_LEAD,
    MEANT,
    REACHED,
    answers_table,
    shift_by_answer,
    shift_worlds,
)
from lowcap.studies.low_capacity.claims.scores import percent
from lowcap.studies.transfer.claims.common import SHOWN, by_state, mean_of_state
from lowcap.studies.transfer.training import DENSE, SHUFFLED, STRANGER, UNTRAINED

PRUNED = "pruned"

PARTNER = "fully connected"
"""The fully connected network beside convolutional ones."""


def on_region(tables: Tables) -> Evidence:
    """How much more of a map lies where the classes differ after training than before."""
    # Maps of pruned networks may be empty, which lie nowhere; they are not asked about here.
    table = tables["saliency"]
    asked = table[table["state"].isin([DENSE, UNTRAINED, SHUFFLED])]
    scores = by_state({"saliency": asked}, "saliency", "on_region")
    dense, untrained, shuffled = (
        mean_of_state(scores, state) for state in (DENSE, UNTRAINED, SHUFFLED)
    )
    estimates = {
        LEARNED: scores.estimate(lambda m: dense(m) - untrained(m)),
        MEANT: scores.estimate(lambda m: dense(m) - shuffled(m)),
    }
    means = scores.means.to_numpy()
    control = {UNTRAINED: untrained(means), SHUFFLED: shuffled(means)}
    sentence = (
        f"The tenth of the pixels in which the classes differ most holds {dense(means):.2f} times "
        f"its share of the area in saliency; in the same networks before training "
        f"{control[UNTRAINED]:.2f} times, in networks trained on shuffled labels "
        f"{control[SHUFFLED]:.2f} times."
    )
    return Evidence(estimates, sentence, control)


def _region_worlds(tables: Tables) -> list[World]:
    table = tables["saliency"]
    asked = table[table["state"].isin([DENSE, UNTRAINED, SHUFFLED])]
    simulated = BlockSimulator("saliency", asked, ["state"], ["on_region"])
    moved = {
        LEARNED: simulated.where(state=UNTRAINED),
        MEANT: simulated.where(state=SHUFFLED),
    }
    limits, clear = {LEARNED: LEARNED_LEAD, MEANT: 0.0}, {LEARNED: 3.0, MEANT: 3.0}
    return mean_worlds(on_region, simulated, {}, moved, limits, clear)


def _overlaps(tables: Tables) -> Cube:
    """Overlap with the dense network's strongest pixels, and the most there can be, by state."""
    columns = ["seed", "block", "state"]
    long = tables["saliency_agreement"].melt(
        columns, ["top_overlap", "attainable"], "quantity", "overlap"
    )
    return block_cube(long, ["state", "quantity"], "overlap")


def _overlap_of(scores: Cube, state: str, quantity: str = "top_overlap"):
    kept = scores.where(state=state, quantity=quantity)
    if not kept.any():
        raise NotMeasured(f"it drew no maps of a network “{state}”")
    place = int(np.flatnonzero(kept)[0])
    return lambda means: float(means[place])


def reasoning_preserved(tables: Tables) -> Evidence:
    """Whether the pruned network's strongest pixels are the dense one's, more than a stranger's."""
    scores = _overlaps(tables)
    own, most = (_overlap_of(scores, PRUNED, q) for q in ("top_overlap", "attainable"))
    other = _overlap_of(scores, STRANGER)
    estimates = {
        REACHED: scores.estimate(lambda m: own(m) / most(m) if most(m) > 0 else 0.0),
        CLOSER: scores.estimate(lambda m: own(m) - other(m)),
    }
    means = scores.means.to_numpy()
    sentence = (
        "Of the strongest twentieth of the numbers of an image, the maps of the network without "
        f"95 % of its weights and of the dense one share {percent(own(means))}, of "
        f"{percent(most(means))} that they could; another seed's share {percent(other(means))}."
    )
    control = {
        state: _overlap_of(scores, state)(means) for state in (STRANGER, UNTRAINED, SHUFFLED)
    }
    return Evidence(estimates, sentence, control)


def _agreement_simulator(tables: Tables) -> BlockSimulator:
    simulated = BlockSimulator(
        "saliency_agreement", tables["saliency_agreement"], ["state"], ["attainable", "top_overlap"]
    )
    simulated.means[simulated.where("attainable")] = 0.9
    simulated.means[simulated.where("top_overlap")] = 0.3
    return simulated


def _reasoning_worlds(tables: Tables) -> list[World]:
    simulated = _agreement_simulator(tables)
    moved = {
        REACHED: simulated.where("top_overlap", state=PRUNED),
        CLOSER: simulated.where("top_overlap", state=STRANGER),
    }
    return mean_worlds(reasoning_preserved, simulated, {}, moved, {REACHED: HALF, CLOSER: 0.0},
                       {REACHED: 0.3, CLOSER: 0.2})  # fmt: skip


KIN, BEYOND = "share of another seed's overlap", "lead over the untrained network"


def architectures_agree(tables: Tables) -> Evidence:
    """Whether a fully connected network looks where a convolutional one does, as a seed of it."""
    scores = _overlaps(tables)
    if PARTNER not in scores.cases.get_level_values("state"):
        raise NotMeasured("a fully connected network is what others are compared with")
    partner, other, before = (
        _overlap_of(scores, state) for state in (PARTNER, STRANGER, UNTRAINED)
    )
    estimates = {
        KIN: scores.estimate(lambda m: partner(m) / max(other(m), 1e-9)),
        BEYOND: scores.estimate(lambda m: partner(m) - before(m)),
    }
    means = scores.means.to_numpy()
    sentence = (
        "Of the strongest twentieth of the numbers of an image, the maps of convolutional and "
        f"fully connected networks share {percent(partner(means))}; of two convolutional ones "
        f"{percent(other(means))}; of a trained and an untrained one {percent(before(means))}."
    )
    return Evidence(estimates, sentence, {STRANGER: other(means), UNTRAINED: before(means)})


def _agree_worlds(tables: Tables) -> list[World]:
    simulated = _agreement_simulator(tables)
    if not simulated.where(state=PARTNER).any():
        return []
    moved = {
        KIN: simulated.where("top_overlap", state=PARTNER),
        BEYOND: simulated.where("top_overlap", state=UNTRAINED),
    }
    return mean_worlds(architectures_agree, simulated, {}, moved, {KIN: HALF, BEYOND: 0.0},
                       {KIN: 0.35, BEYOND: 0.2})  # fmt: skip


# Wrong answers -----------------------------------------------------------------------------------


def _answers(tables: Tables) -> tuple[np.ndarray, np.ndarray]:
    """Shares on the region, and whether the answer was right, by network (seed) and image."""
    table = tables["misclassified"]
    values = table.pivot_table(index="seed", columns="image", values="on_region", dropna=False)
    right = table.pivot_table(index="seed", columns="image", values="correct", dropna=False)
    return values.to_numpy(float), right.to_numpy(float) > 0.5


def misclassified_shift(tables: Tables) -> Evidence:
    """Whether maps lie less where the classes differ for images that a network gets wrong."""
    values, right = _answers(tables)
    estimate = shift_by_answer(values, right)
    images = int((right.any(axis=0) & ~right.all(axis=0)).sum())
    sentence = (
        f"{images} test images are right in some of {len(right)} networks and wrong in others "
        f"({percent((~right).mean())} of all answers are wrong). On the tenth of the pixels in "
        f"which the classes differ most the gradient holds, image by image, {estimate.value:+.3f} "
        "of the area's share more where the answer is right."
    )
    return Evidence(estimate, sentence)


def _shift_worlds(tables: Tables) -> list[World]:
    def table(values: np.ndarray, right: np.ndarray) -> Tables:
        return {"misclassified": answers_table(values, right, "on_region")}

    return shift_worlds(*_answers(tables), table)


CLAIMS = (
    Claim(
        "saliency-on-region",
        "4.7",
        "Attribution sits where the classes differ: training puts it there.",
        (
            Reading(
                "gradient",
                "share of the gradient's magnitude on the tenth of the pixels in which the mean "
                "training images of the classes differ most over its share of the area, less that "
                "of the same networks before training, and less that of networks trained on "
                f"shuffled labels; hardest task, middle size; {SHOWN}",
                AllOf({LEARNED: Above(LEARNED_LEAD, ours=True), MEANT: Above(0)}),
                on_region,
                ("saliency",),
                ("*",),
                worlds=_region_worlds,
            ),
        ),
        figure="inside-{dataset}",
    ),
    Claim(
        "misclassified-shift-travels",
        "4.7",
        "For a misclassified image, attention leaves the pixels that tell the classes apart.",
        (
            Reading(
                "gradient",
                "share of the gradient's magnitude on the tenth of the pixels in which the classes "
                "differ most over its share of the area: networks that get an image right less "
                "networks that get the same image wrong, each relative to its own mean; hardest "
                "task, middle size; t interval over images",
                Above(0),
                misclassified_shift,
                ("misclassified",),
                ("*",),
                worlds=_shift_worlds,
            ),
        ),
        figure="inside-{dataset}",
    ),
    Claim(
        "reasoning-preserved-travels",
        "4.7",
        "The network pruned to 95 % attends to the same pixels as the dense one.",
        (
            Reading(
                "gradient",
                "overlap of the strongest twentieth of the gradient, pruned against dense, as a "
                "share of what maps with so few non-zero pixels can have; and the overlap's lead "
                "over that of a network of another seed, as it is, so that a map that pruning left "
                "empty shares nothing (made stricter after a first look at mnist-5k, where most "
                f"maps of pruned filters are empty); hardest task, middle size; {SHOWN}",
                AllOf({REACHED: Above(HALF, percent=True, ours=True), CLOSER: Above(0)}),
                reasoning_preserved,
                ("saliency_agreement",),
                ("*",),
                worlds=_reasoning_worlds,
            ),
        ),
        figure="inside-{dataset}",
    ),
)

KIN_CLAIMS = (
    Claim(
        "architectures-agree",
        "open question",
        "Convolutional networks look at the same pixels as fully connected ones.",
        (
            Reading(
                "gradient",
                "overlap of the strongest twentieth of the gradient of convolutional and of fully "
                "connected networks, as a share of that of two convolutional ones; and its lead "
                "over that of a trained and an untrained convolutional network; hardest task, "
                f"middle sizes; {SHOWN}",
                AllOf({KIN: Above(HALF, percent=True, ours=True), BEYOND: Above(0)}),
                architectures_agree,
                ("saliency_agreement",),
                ("*",),
                worlds=_agree_worlds,
            ),
        ),
        figure="inside-{dataset}",
    ),
)
