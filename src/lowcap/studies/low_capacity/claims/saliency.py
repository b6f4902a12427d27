"""Claims on saliency (section 4.7)."""

import numpy as np
import pandas as pd

from lowcap.claims import Interval, NotMeasured, Tables, Verdict
from lowcap.claims.legacy import Finding
from lowcap.claims.legacy import claim as Claim
from lowcap.claims.statistics import above
from lowcap.claims.statistics import mean_interval as interval_over_seeds
from lowcap.studies.low_capacity.claims.common import RELEASED, REQUESTED

PUBLISHED_MAP, INPUT_MAP = "published map", "gradient x input"
METHOD_OF = {PUBLISHED_MAP: "finite differences", INPUT_MAP: "gradient x input"}

PRUNED_STATE = {REQUESTED: "pruned", RELEASED: "pruned as released"}
"""The state of the saliency tables for each reading of 95 %."""


def by_seed(table: pd.DataFrame, state: str, method: str, column: str) -> np.ndarray:
    """The mean over images for each seed."""
    rows = table[(table["state"] == state) & (table["method"] == method)]
    if rows.empty:
        raise NotMeasured(f"it drew no {method} maps of a {state} network")
    return rows.groupby("seed")[column].mean().to_numpy()


def on_strokes(tables: Tables, variant: str) -> Finding:
    """How much of a map lies on strokes, against area and against an untrained network."""
    table, method = tables["saliency"], METHOD_OF[variant]
    trained = by_seed(table, "trained", method, "on_strokes")
    untrained = by_seed(table, "untrained", method, "on_strokes")
    ours = interval_over_seeds(trained)
    gain = interval_over_seeds(trained - untrained)
    verdicts = {above(ours, 1), above(gain, 0)}
    if verdicts == {Verdict.HOLDS}:
        verdict = Verdict.HOLDS
    else:
        verdict = Verdict.FAILS if Verdict.FAILS in verdicts else Verdict.UNDECIDED
    sentence = (
        f"Strokes hold {ours.estimate:.2f} times their share of the area in saliency; in the same "
        f"networks before training it is {untrained.mean():.2f} times "
        f"(difference {gain.estimate:+.2f}, 95 % interval {gain.low:+.2f} to {gain.high:+.2f})."
    )
    return Finding(*ours, verdict, sentence)


def misclassified_shift(tables: Tables, variant: str) -> Finding:
    """Whether maps of misclassified fours lie less on the discriminating region."""
    table = tables["saliency"]
    fours = table[
        (table["state"] == "trained")
        & (table["method"] == METHOD_OF[variant])
        & (table["label"] == 0)
    ]
    means = fours.pivot_table(index="seed", columns="correct", values="on_region")
    if True not in means or False not in means or means.dropna().shape[0] < 2:
        raise NotMeasured("fewer than two seeds misclassify any of the fours it looked at")
    means = means.dropna()
    difference = interval_over_seeds((means[True] - means[False]).to_numpy())
    wrong = int((~fours["correct"].astype(bool)).sum())
    sentence = (
        f"On the most discriminating tenth of the pixels, maps of the {wrong} misclassified fours "
        f"hold {means[False].mean():.2f} times the area's share, those of the others "
        f"{means[True].mean():.2f} times."
    )
    return Finding(*difference, above(difference, 0), sentence)


def reasoning_preserved(tables: Tables, variant: str) -> Finding:
    """Whether the pruned network's maps are the dense one's, more than a stranger's are."""
    table = tables["saliency_agreement"]
    method = METHOD_OF[PUBLISHED_MAP]
    pruned = by_seed(table, PRUNED_STATE[variant], method, "rank_correlation")
    stranger = by_seed(table, "independent", method, "rank_correlation")
    ours: Interval = interval_over_seeds(pruned)
    gain = interval_over_seeds(pruned - stranger)
    if ours.low >= 0.9 and gain.low > 0:
        verdict = Verdict.HOLDS
    elif ours.high < 0.9 or gain.high <= 0:
        verdict = Verdict.FAILS
    else:
        verdict = Verdict.UNDECIDED
    sentence = (
        f"Asked for 95 % sparsity, the pruned network's map has a rank correlation of "
        f"{ours.estimate:.3f} with the dense one's; that of a network trained on the same data "
        f"from other weights has {stranger.mean():.3f}."
    )
    return Finding(*ours, verdict, sentence)


CLAIMS = (
    Claim(
        "saliency-on-strokes",
        "4.7",
        "Attribution sits on the strokes that define a digit.",
        "share of saliency on pixels above 0.5 over their share of the area, mean over test images "
        "of the 24-unit network on 4-9, t interval over seeds; and its difference from the same "
        "network before training",
        "holds when the ratio's interval lies above 1 and the difference's above 0; fails when "
        "either lies at or below",
        ("saliency",),
        on_strokes,
        variants=(PUBLISHED_MAP, INPUT_MAP),
        figure="saliency-{condition}",
    ),
    Claim(
        "misclassified-shift",
        "4.7",
        "For a misclassified 4, attention leaves the strokes that tell 4 from 9.",
        "concentration of the map on the most discriminating tenth of pixels (by class means of "
        "the training images, fixed in advance): right less wrong fours, t interval over seeds",
        "holds when the interval lies above 0, fails when at or below",
        ("saliency",),
        misclassified_shift,
        variants=(PUBLISHED_MAP, INPUT_MAP),
        figure="saliency-shares",
    ),
    Claim(
        "reasoning-preserved",
        "4.7",
        "The network pruned to 95 % attends to the same pixels as the dense one.",
        "rank correlation over pixels of the published map, dense against pruned, mean over test "
        "images, t interval over seeds; and its lead over an independently trained network (same "
        "size, data and batches, other initial weights)",
        "holds when the interval lies at or above 0.9 and the lead above 0; fails when either "
        "lies beyond",
        ("saliency_agreement",),
        reasoning_preserved,
        variants=(REQUESTED, RELEASED),
        figure="saliency-shares",
    ),
)
