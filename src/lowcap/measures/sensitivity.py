"""A stacked population's generalization, and its sensitivity along paths (1802.08760, sec. 4)."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int
from scipy.stats import rankdata

from lowcap.data import Sample
from lowcap.measures.jacobian import jacobian_norms
from lowcap.measures.regions import transitions
from lowcap.measures.trajectories import angles, ellipse, nearness, random_ellipse, translation
from lowcap.networks import Stacked, parameters
from lowcap.streams import stream
from lowcap.training import Fitted, History

PEAK, TAIL = (0.3, 1.5), 4.0
"""Cross-entropies in nats: around ln 2, where the norm of a point between two classes is largest;
and of points that the network gets wrong with confidence."""

FEWEST = 5
"""Points that a mean norm at the peak or in the tail needs."""

NEAR, FAR = np.pi / 12, np.pi / 4
"""Up to this angle from a training point an ellipse is near it; from that one on, far from all.
No place is more than pi/3 away."""

KINDS = ("random", "different classes", "same class")
"""The three ellipses of the paper."""


class Answers(NamedTuple):
    """How members answer to test images: loss (nats), margin, doubt and correctness of each."""

    loss: Float[np.ndarray, "members images"]
    margin: Float[np.ndarray, "members images"]
    """The probability of the true class less the largest other one."""
    doubt: Float[np.ndarray, "members images"]
    """The probability of all classes but the likeliest."""
    correct: Bool[np.ndarray, "members images"]


def answers(
    logits: Float[np.ndarray, "members images classes"], labels: Int[np.ndarray, " images"]
) -> Answers:
    """What logits say of labelled images."""
    shifted = logits.astype(np.float64) - logits.max(axis=2, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))
    place = labels[None, :, None]
    own = np.take_along_axis(log_p, place, axis=2)[..., 0]
    others = log_p.copy()
    np.put_along_axis(others, np.broadcast_to(place, (len(logits), *place.shape[1:])), -np.inf, 2)
    margin = np.exp(own) - np.exp(others.max(axis=2))
    doubt = np.exp(np.sort(log_p, axis=2)[..., :-1]).sum(axis=2)
    return Answers(-own, margin, doubt, logits.argmax(axis=2) == labels)


def sensitivity(
    fitted: Fitted, sample: Sample, initial: Stacked, *, points: int = 500, paths: int = 20
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """How members generalize, and how sensitive they are around test images.

    Args:
        fitted: the trained population, its training scores taken at the end of training.
        sample: its data.
        initial: the population before training, a control: norms that say as much before as after
            say nothing of what was learned.
        points: at how many test images the Jacobian is taken.
        paths: how many test images are translated.

    Returns:
        Two tables, each with the members' keys and number `member` in front. One row per member:
        `parameters, epochs` (until 100 %, or -1), `train_accuracy,
        train_loss, test_accuracy, test_loss, gap` (train less test accuracy), `jacobian_norm`
        (mean over points), `untrained_norm` (likewise, before training), `transitions` (mean over
        translated images), and the columns of `pointwise`. One row per member and point: `point,
        norm, loss, margin, correct`.
    """
    population = fitted.population
    assert isinstance(population, Stacked)  # norms and regions are those of deep networks
    answered = answers(population.logits(sample.test.x), sample.test.y)
    norms = jacobian_norms(population, sample.test.x[:points])
    untrained = jacobian_norms(initial, sample.test.x[:points])
    height, width = sample.image_shape
    moved = np.stack([translation(x, (height, width)) for x in sample.test.x[:paths]])
    crossed = transitions(population, moved).sum(axis=2)
    accuracy = answered.correct.mean(axis=1)
    members = np.arange(len(population))
    networks = population.keys.assign(
        member=members,
        parameters=parameters(population.architecture),
        epochs=epochs_to_fit(fitted.history),
        train_accuracy=fitted.history.train_score[-1],
        train_loss=fitted.history.train_loss[-1],
        test_accuracy=accuracy,
        test_loss=answered.loss.mean(axis=1),
        gap=fitted.history.train_score[-1] - accuracy,
        jacobian_norm=norms.mean(axis=1),
        untrained_norm=untrained.mean(axis=1),
        transitions=crossed.mean(axis=1),
    )
    count = norms.shape[1]
    at_points = Answers(*(values[:, :count] for values in answered))
    networks = networks.join(pointwise(norms, at_points, untrained))
    each = population.keys.loc[np.repeat(members, count)].reset_index(drop=True)
    each = each.assign(
        member=np.repeat(members, count),
        point=np.tile(np.arange(count), len(members)),
        norm=norms.ravel(),
        loss=at_points.loss.ravel().astype(np.float32),
        margin=at_points.margin.ravel().astype(np.float32),
        correct=at_points.correct.ravel(),
    )
    return networks, each


def epochs_to_fit(history: History) -> Int[np.ndarray, " members"]:
    """Epochs until every training image was right; -1 if that never came."""
    right = history.train_score == 1
    return np.where(right.any(axis=0), right.argmax(axis=0) + 1, -1)


def pointwise(
    norms: Float[np.ndarray, "members points"],
    answered: Answers,
    untrained: Float[np.ndarray, "members points"],
) -> pd.DataFrame:
    """What the norm at a point says of that point's answer, one row a member.

    Returns:
        `error_auc`, the area under the ROC curve of the norm as a detector of wrong answers;
        `doubt_auc` and `untrained_auc`, those of the network's own doubt and of the norm before
        training; `loss_correlation`, the rank correlation of norm and loss; `peak_norm` and
        `tail_norm`, the mean norm at losses in `PEAK` and above `TAIL`. NaN where the points do
        not allow it.
    """
    rows = []
    for member, correct in enumerate(answered.correct):
        norm, loss, wrong = norms[member], answered.loss[member], ~correct
        rows.append(
            {
                "error_auc": area_under_curve(norm, wrong),
                "doubt_auc": area_under_curve(answered.doubt[member], wrong),
                "untrained_auc": area_under_curve(untrained[member], wrong),
                "loss_correlation": _rank_correlation(norm, loss),
                "peak_norm": _mean_of_several(norm[(loss >= PEAK[0]) & (loss <= PEAK[1])]),
                "tail_norm": _mean_of_several(norm[loss > TAIL]),
            }
        )
    return pd.DataFrame(rows)


def area_under_curve(score: Float[np.ndarray, " points"], wrong: Bool[np.ndarray, " points"]):
    """Probability that a wrong answer scores above a right one, ties half; NaN without either."""
    positive = int(wrong.sum())
    negative = len(wrong) - positive
    if not positive or not negative:
        return np.nan
    ranks = rankdata(score)[wrong].sum()
    return float((ranks - positive * (positive + 1) / 2) / (positive * negative))


def _rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    first, second = rankdata(one), rankdata(other)
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return np.nan
    return float(np.corrcoef(first, second)[0, 1])


def _mean_of_several(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) >= FEWEST else np.nan


def ellipse_paths(
    sample: Sample, replicates: int, steps: int, seed: int = 0
) -> Float[np.ndarray, "kinds replicates steps inputs"]:
    """Ellipses of the three kinds: random, through training points of three classes, of one."""
    generator = stream("ellipses", seed)
    inputs = sample.train.x.shape[1]
    paths = np.empty((len(KINDS), replicates, steps, inputs), np.float32)
    by_class = [np.flatnonzero(sample.train.y == label) for label in range(sample.target.outputs)]
    several = [places for places in by_class if len(places) >= 3]
    for number in range(replicates):
        paths[0, number] = random_ellipse(inputs, steps, generator)
        classes = generator.choice(len(by_class), 3, replace=len(by_class) < 3)
        different = [generator.choice(by_class[label]) for label in classes]
        paths[1, number] = ellipse(sample.train.x[different], steps)
        same = generator.choice(several[generator.integers(len(several))], 3, replace=False)
        paths[2, number] = ellipse(sample.train.x[same], steps)
    return paths


def along_ellipses(
    stacked: Stacked, paths: Float[np.ndarray, "kinds replicates steps inputs"]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Jacobian norm and transitions along ellipses, near the training points and far from them.

    Returns:
        Two tables, each with the members' keys and number `member` in front. One row a member,
        ellipse and replicate: `ellipse, replicate, norm,
        norm_near, norm_far, transitions` (of the whole path), `transitions_near,
        transitions_far` (a step). One row a member, ellipse and angle, means over replicates:
        `ellipse, angle` (radians), `norm, transitions` (a step).
    """
    kinds, replicates, steps, inputs = paths.shape
    flat = paths.reshape(-1, inputs)
    norms = jacobian_norms(stacked, flat).reshape(-1, kinds, replicates, steps)
    crossed = transitions(stacked, paths.reshape(-1, steps, inputs))
    crossed = crossed.reshape(-1, kinds, replicates, steps)
    members = len(norms)
    t = angles(steps)
    here = nearness(t)
    between = nearness((t + np.pi / steps) % (2 * np.pi))  # a transition lies between two steps
    where = np.indices((members, kinds, replicates)).reshape(3, -1)
    keys = stacked.keys
    summary = keys.loc[where[0]].reset_index(drop=True)
    summary = summary.assign(
        member=where[0],
        ellipse=np.array(KINDS)[where[1]],
        replicate=where[2],
        norm=norms.mean(axis=3).ravel(),
        norm_near=norms[..., here <= NEAR].mean(axis=3).ravel(),
        norm_far=norms[..., here >= FAR].mean(axis=3).ravel(),
        transitions=crossed.sum(axis=3).ravel(),
        transitions_near=crossed[..., between <= NEAR].mean(axis=3).ravel(),
        transitions_far=crossed[..., between >= FAR].mean(axis=3).ravel(),
    )
    where = np.indices((members, kinds, steps)).reshape(3, -1)
    curves = keys.loc[where[0]].reset_index(drop=True)
    curves = curves.assign(
        member=where[0],
        ellipse=np.array(KINDS)[where[1]],
        angle=t[where[2]],
        norm=norms.mean(axis=2).ravel(),
        transitions=crossed.mean(axis=2).ravel(),
    )
    return summary, curves
