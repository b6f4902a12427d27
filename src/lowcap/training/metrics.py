"""Scores of every member at once, from logits or from counts."""

import numpy as np
from jaxtyping import Float
from scipy.stats import rankdata

Logits = Float[np.ndarray, "*members rows"]
PerMember = Float[np.ndarray, "*members"]
Labels = Float[np.ndarray, " rows"]


def f1_score(true_positives, predicted_positives, positives) -> np.ndarray:
    """F1 of class 1 from counts: 2 TP / (predicted + actual positives), 0 where both are 0."""
    pairs = np.asarray(predicted_positives) + np.asarray(positives)
    return np.where(pairs > 0, 2 * np.asarray(true_positives) / np.maximum(pairs, 1), 0.0)


def loss(logits: Logits, labels: Labels) -> PerMember:
    """Mean binary cross-entropy in nats."""
    logits = logits.astype(np.float64)
    return (np.logaddexp(0, logits) - labels * logits).mean(axis=-1)


def f1(logits: Logits, labels: Labels) -> PerMember:
    """F1 of class 1, predicted where the probability is at least 0.5,
    as the released code of 2507.16278 decides."""
    predicted = logits >= 0
    return f1_score((predicted & (labels > 0)).sum(axis=-1), predicted.sum(axis=-1), labels.sum())


def auc(logits: Logits, labels: Labels) -> PerMember:
    """Area under the ROC curve, ties counted half; NaN when a class is absent."""
    positives, rows = labels.sum(), len(labels)
    if positives in (0, rows):
        return np.full(logits.shape[:-1], np.nan)
    ranks = rankdata(logits, axis=-1)
    above = (ranks * labels).sum(axis=-1) - positives * (positives + 1) / 2
    return above / (positives * (rows - positives))


def best_threshold(logits: Logits, labels: Labels) -> PerMember:
    """The logit from which on class 1 is said with the largest F1, halfway between two images."""
    order = np.argsort(-logits, axis=-1, kind="stable")
    ordered = np.take_along_axis(logits, order, axis=-1).astype(np.float64)
    hits = np.cumsum(labels[order], axis=-1)
    said = np.arange(1, logits.shape[-1] + 1)
    scores = f1_score(hits, said, labels.sum())
    # A threshold between two equal logits cannot be had.
    following = np.concatenate([ordered[..., 1:], ordered[..., -1:] - 1], axis=-1)
    scores = np.where(ordered > following, scores, -1.0)
    best = scores.argmax(axis=-1)[..., None]
    middle = (np.take_along_axis(ordered, best, -1) + np.take_along_axis(following, best, -1)) / 2
    return middle[..., 0]
