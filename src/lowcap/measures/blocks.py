"""Test images in blocks, so that a score's dependence on the choice of images can be told."""

from typing import Any

import numpy as np
from jaxtyping import Float, Int, Shaped

from lowcap.training import f1_score

BLOCKS = 20


def image_blocks(
    labels: Shaped[np.ndarray, " rows"], blocks: int = BLOCKS
) -> Int[np.ndarray, " rows"]:
    """The block, 0 to `blocks` - 1, of each image: dealt out in turn within each class."""
    block = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        where = np.flatnonzero(labels == label)
        block[where] = np.arange(len(where)) % blocks
    return block


def f1_without(
    logits: Float[np.ndarray, "members rows"],
    labels: Float[np.ndarray, " rows"],
    block: Int[np.ndarray, " rows"],
    blocks: int = BLOCKS,
) -> Float[np.ndarray, "members blocks"]:
    """Each member's F1 on all images but those of one block, for every block."""
    member = np.eye(blocks)[block]  # [rows, blocks]
    predicted = (logits >= 0).astype(float)
    hits, shown = (predicted * labels) @ member, predicted @ member
    positives = labels @ member
    return f1_score(
        hits.sum(axis=1, keepdims=True) - hits,
        shown.sum(axis=1, keepdims=True) - shown,
        positives.sum() - positives,
    )


def f1_blocks(
    logits: Float[np.ndarray, "members rows"], labels: Float[np.ndarray, " rows"]
) -> list[dict[str, Any]]:
    """Observations for `tidy`: `block`, and every member's `f1` on all images but that block's."""
    without = f1_without(logits, labels, image_blocks(labels))
    return [{"block": block, "f1": scores} for block, scores in enumerate(without.T)]
