"""The eight claims of arXiv 1802.08760, each judged for every data set."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from lowcap.claims import Interval, NotMeasured, Tables, Verdict
from lowcap.claims.legacy import Finding
from lowcap.claims.legacy import claim as Claim
from lowcap.claims.statistics import above, below, mean_interval, rank_correlation
from lowcap.studies.sensitivity.pairs import (
    FACTORS,
    KEYS,
    configurations,
    fitted,
    log_ratio,
    paired,
    usual,
)

PEAK, TAIL = (0.3, 1.5), 4.0
"""Cross-entropies in nats: around the predicted peak of the norm (ln 2), and of points that the
network gets wrong with confidence."""


def _ratio(logarithm: Interval) -> Interval:
    """A ratio from the interval of its logarithm."""
    return Interval(*(float(np.exp(value)) for value in logarithm))


def _fitted_configurations(tables: Tables, columns: list[str]) -> pd.DataFrame:
    table = configurations(usual(fitted(tables["networks"])), columns)
    if len(table) < 6:
        raise NotMeasured("fewer than six kinds of network fit all their training images")
    return table


def larger_generalize_better(tables: Tables, variant: str) -> Finding:
    """Rank correlation of the gap with the number of parameters."""
    table = _fitted_configurations(tables, ["gap", "parameters"])
    interval = rank_correlation(table["parameters"].to_numpy(), table["gap"].to_numpy())
    best = table.nsmallest(max(1, len(table) // 10), "gap")
    sentence = (
        f"Over {len(table)} kinds of network that fit all their training images, the "
        f"generalization gap and the number of parameters have a rank correlation of "
        f"{interval.estimate:+.2f} (95 % interval {interval.low:+.2f} to {interval.high:+.2f}); "
        f"the tenth with the smallest gap ({best['gap'].mean():.3f}) has a median of "
        f"{best['parameters'].median():,.0f} parameters, all have "
        f"{table['parameters'].median():,.0f}."
    )
    return Finding(*interval, below(interval, 0), sentence)


def norm_predicts_gap(tables: Tables, variant: str) -> Finding:
    """Rank correlation of the gap with the Jacobian norm, over all true-label networks."""
    networks = fitted(tables["networks"])
    table = configurations(networks[(networks["labels"] == "true")], ["gap", "jacobian_norm"])
    if len(table) < 6:
        raise NotMeasured("fewer than six kinds of network fit all their training images")
    interval = rank_correlation(table["jacobian_norm"].to_numpy(), table["gap"].to_numpy())
    relu = table[table["activation"] == "relu"]
    inside = rank_correlation(relu["jacobian_norm"].to_numpy(), relu["gap"].to_numpy())
    sentence = (
        f"Over {len(table)} kinds of network that fit all their training images, the Jacobian norm "
        f"and the generalization gap have a rank correlation of {interval.estimate:+.2f} (95 % "
        f"interval {interval.low:+.2f} to {interval.high:+.2f}); among ReLU networks alone it is "
        f"{inside.estimate:+.2f}."
    )
    return Finding(*interval, above(interval, 0), sentence)


def _ellipse(tables: Tables, kind: str) -> pd.DataFrame:
    """Of the networks with curves, one row a network: log ratios near to far on one ellipse."""
    table = tables["ellipses"]
    drawn = tables["curves"][list(KEYS)].drop_duplicates()
    table = table[table["ellipse"] == kind].merge(drawn, on=list(KEYS))
    means = table.groupby(list(KEYS), sort=False).mean(numeric_only=True)
    means["norm_ratio"] = np.log(means["norm_near"] / means["norm_far"])
    means["transitions_ratio"] = np.log(means["transitions_near"] / means["transitions_far"])
    return means


def robust_near_data(tables: Tables, variant: str) -> Finding:
    """Whether norm and transitions dip at training points, and less of both within a class."""
    quantity = "norm" if variant == NORM else "transitions"
    random, different, same = (
        _ellipse(tables, kind) for kind in ("random", "different classes", "same class")
    )
    dip = mean_interval(different[f"{quantity}_ratio"].to_numpy())
    flat = mean_interval(random[f"{quantity}_ratio"].to_numpy())
    apart = same[quantity].to_numpy() / different[quantity].to_numpy()
    lower = mean_interval(np.log(apart))
    if dip.high < 0 and lower.high < 0 and dip.high < flat.low:
        verdict = Verdict.HOLDS
    elif dip.low >= 0 or lower.low >= 0:
        verdict = Verdict.FAILS
    else:
        verdict = Verdict.UNDECIDED
    ratio = _ratio(dip)
    sentence = (
        f"Over {len(different)} networks of depth {_depths(tables)}, {_name(quantity)} near the "
        f"training points of an ellipse through three classes is {ratio.estimate:.2f} times that "
        f"far from them (95 % interval {ratio.low:.2f} to {ratio.high:.2f}); at the same places "
        f"of a random ellipse {np.exp(flat.estimate):.2f} times. Along the ellipse within one "
        f"class it is {np.exp(lower.estimate):.2f} times that along the one through three."
    )
    return Finding(*ratio, verdict, sentence)


def _depths(tables: Tables) -> str:
    return " and ".join(str(depth) for depth in np.sort(tables["curves"]["depth"].unique()))


def _name(quantity: str) -> str:
    return "the Jacobian norm" if quantity == "norm" else "the rate of transitions"


def random_labels(tables: Tables, variant: str) -> Finding:
    """The ratio of norms, random over true labels, in pairs."""
    pairs = paired(tables["networks"], FACTORS["random-labels"])
    interval = mean_interval(log_ratio(pairs, "jacobian_norm"))
    ratio = _ratio(interval)
    sentence = (
        f"In {len(pairs)} pairs of kinds of network equal but for the labels, random labels give "
        f"{ratio.estimate:.2f} times the Jacobian norm (95 % interval {ratio.low:.2f} to "
        f"{ratio.high:.2f})."
    )
    return Finding(*ratio, above(interval, 0), sentence)


def _both(gap: Interval, norm: Interval, sign: int) -> Verdict:
    """Holds when gap and norm both move the way of `sign`; fails when either moves against."""
    judge, against = (above, below) if sign > 0 else (below, above)
    if judge(gap, 0) == Verdict.HOLDS and judge(norm, 0) == Verdict.HOLDS:
        return Verdict.HOLDS
    if Verdict.HOLDS in (against(gap, 0), against(norm, 0)):
        return Verdict.FAILS
    return Verdict.UNDECIDED


def _factor(
    tables: Tables, name: str, **changes: Any
) -> tuple[pd.DataFrame, Interval, Interval, str]:
    factor = FACTORS[name]._replace(**changes)
    pairs = paired(tables["networks"], factor)
    gap = mean_interval((pairs["gap_treated"] - pairs["gap_reference"]).to_numpy())
    norm = mean_interval(log_ratio(pairs, "jacobian_norm"))
    sentence = (
        f"In {len(pairs)} pairs of kinds of network equal but for this, the gap changes by "
        f"{gap.estimate:+.4f} (95 % interval {gap.low:+.4f} to {gap.high:+.4f}) and the Jacobian "
        f"norm to {np.exp(norm.estimate):.2f} times ({np.exp(norm.low):.2f} to "
        f"{np.exp(norm.high):.2f})"
    )
    return pairs, gap, norm, sentence


def full_batch(tables: Tables, variant: str) -> Finding:
    """Gap, norm and transitions, full batch against mini-batches."""
    pairs, gap, norm, sentence = _factor(tables, "full-batch")
    crossed = mean_interval(log_ratio(pairs, "transitions"))
    verdict = _both(gap, norm, +1)
    if verdict == Verdict.HOLDS and crossed.low > 0:
        verdict = Verdict.FAILS  # the paper found that transitions do not follow
    ratio = _ratio(norm)
    sentence += (
        f"; transitions become {np.exp(crossed.estimate):.2f} times as many "
        f"({np.exp(crossed.low):.2f} to {np.exp(crossed.high):.2f})."
    )
    return Finding(*ratio, verdict, sentence)


def augmentation(tables: Tables, variant: str) -> Finding:
    """Gap and norm with translated training images against without."""
    stops = (False, variant == UNTIL_FIT)
    _, gap, norm, sentence = _factor(tables, "augmentation", stops=stops)
    return Finding(*_ratio(norm), _both(gap, norm, -1), sentence + ".")


def relu_vs_saturating(tables: Tables, variant: str) -> Finding:
    """Gap and norm of the hard sigmoid against ReLU: the claim is that both are larger."""
    stops = (variant == UNTIL_FIT, variant == UNTIL_FIT)
    _, gap, norm, sentence = _factor(tables, "relu-vs-saturating", stops=stops)
    return Finding(*_ratio(norm), _both(gap, norm, +1), f"Hard sigmoid for ReLU: {sentence}.")


def pointwise(tables: Tables, variant: str) -> Finding:
    """The norm at a test point as a detector of errors, and whether it falls again at high loss."""
    points = tables["points"]
    scores, falls = [], []
    for _, rows in points.groupby([key for key in KEYS if key != "seed"], sort=False):
        wrong = ~rows["correct"].to_numpy()
        if wrong.any() and not wrong.all():
            scores.append(roc_auc_score(wrong, rows["norm"]))
        peak = rows.loc[rows["loss"].between(*PEAK), "norm"]
        tail = rows.loc[rows["loss"] > TAIL, "norm"]
        if len(peak) >= 5 and len(tail) >= 5:
            falls.append(np.log(tail.mean() / peak.mean()))
    if len(scores) < 2:
        raise NotMeasured("fewer than two kinds of network make both right and wrong answers")
    auc = mean_interval(np.array(scores))
    verdict = above(auc, 0.5)
    more = "too few points have a high loss to tell whether the norm falls again there"
    if len(falls) >= 2:
        fall = mean_interval(np.array(falls))
        if verdict == Verdict.HOLDS:
            verdict = below(fall, 0)
        more = (
            f"where the loss exceeds {TAIL:g} nats the norm is {np.exp(fall.estimate):.2f} times "
            f"that around a loss of ln 2 (95 % interval {np.exp(fall.low):.2f} to "
            f"{np.exp(fall.high):.2f})"
        )
    elif verdict == Verdict.HOLDS:
        verdict = Verdict.UNDECIDED
    sentence = (
        f"Over {len(scores)} kinds of network, the norm at a test point detects its being "
        f"misclassified with an area under the curve of {auc.estimate:.3f} (95 % interval "
        f"{auc.low:.3f} to {auc.high:.3f}); {more}."
    )
    return Finding(*auc, verdict, sentence)


NORM, TRANSITIONS = "Jacobian norm", "transitions"

EQUAL, UNTIL_FIT = "same number of epochs", "training until all images fit"
"""Whether twins train equally long, as in the paper, or until each fits; with translations no
network does early, so that its twin trains far less."""

_PAIRS = (
    "by kind of network (means over seeds), t interval over kinds; only networks that fit all "
    "training images"
)

CLAIMS = (
    Claim(
        "larger-generalize-better",
        "4.1",
        "Among networks that fit all training images, the best generalization is at the largest "
        "parameter counts.",
        "Spearman rank correlation, over kinds of ReLU network (means over seeds), of the number "
        "of parameters with the gap of training and test accuracy",
        "holds when the bootstrap interval over kinds lies below 0",
        ("networks",),
        larger_generalize_better,
        figure="capacity",
    ),
    Claim(
        "norm-predicts-gap",
        "4.3",
        "Across networks, the Jacobian norm correlates with the generalization gap.",
        "Spearman rank correlation, over kinds of network of all activations, optimizers, batches "
        "and sizes on true labels, of the mean norm at test points with the gap",
        "holds when the bootstrap interval over kinds lies above 0",
        ("networks",),
        norm_predicts_gap,
        figure="norm-gap",
    ),
    Claim(
        "robust-near-data",
        "4.2",
        "A trained network is robust near training points: sensitivity dips there, is flat on a "
        "random ellipse, and lower along an ellipse within one class than through three.",
        "ratio of means within pi/12 of the three training points to at least pi/4 from them on "
        "the ellipse through three classes; ratio of the whole one-class ellipse to it; t "
        "intervals of logarithms over networks",
        "holds when both ratios' intervals lie below 1 and the first below that of a random "
        "ellipse; fails when either lies at or above 1",
        ("ellipses", "curves"),
        robust_near_data,
        variants=(NORM, TRANSITIONS),
        figure="ellipses",
    ),
    Claim(
        "random-labels",
        "4.3",
        "Training on random labels raises the norm.",
        f"ratio of norms in pairs, random over true labels, {_PAIRS}",
        "holds when the interval lies above 1, fails when at or below",
        ("networks",),
        random_labels,
        figure="factors",
    ),
    Claim(
        "full-batch",
        "4.3",
        "Full-batch training raises gap and norm, but not the number of transitions.",
        f"difference of gaps and ratios of norms and transitions, full over mini-batch, {_PAIRS}; "
        "the effect shown is the ratio of norms",
        "holds when gap and norm rise and transitions do not; fails when gap or norm falls, or "
        "transitions rise too",
        ("networks",),
        full_batch,
        figure="factors",
    ),
    Claim(
        "augmentation",
        "4.3",
        "Augmentation by translations lowers gap and norm.",
        "difference of gaps and ratio of norms, translated (up to 4 pixels, wrapped) over not, by "
        "kind of network, t interval over kinds; networks that do not fit all images count too; "
        "the effect shown is the ratio of norms",
        "holds when both fall, fails when either rises",
        ("networks",),
        augmentation,
        variants=(EQUAL, UNTIL_FIT),
        figure="factors",
    ),
    Claim(
        "relu-vs-saturating",
        "4.3",
        "ReLU gives a lower gap and norm than the hard sigmoid.",
        f"difference of gaps and ratio of norms, hard sigmoid over ReLU, {_PAIRS}; the effect "
        "shown is the ratio of norms",
        "holds when both are larger with the hard sigmoid, fails when either is smaller",
        ("networks",),
        relu_vs_saturating,
        variants=(EQUAL, UNTIL_FIT),
        figure="factors",
    ),
    Claim(
        "pointwise",
        "4.4",
        "The norm at a test point predicts its loss and its being misclassified; the relation is "
        "not monotone.",
        "area under the ROC curve of the norm as a detector of errors, by kind of ReLU network, t "
        "interval over kinds; and ratio of the mean norm at losses above 4 nats to that at 0.3 to "
        "1.5 nats",
        "holds when the area's interval lies above 0.5 and the ratio's below 1; fails when either "
        "lies beyond",
        ("points",),
        pointwise,
        figure="points",
    ),
)
