"""Which networks are thinned out, and in how many folds, as far as time goes."""

import time
from collections.abc import Callable

import pandas as pd

from lowcap.small.folds import fold_scores
from lowcap.small.prepared import Prepared
from lowcap.small.search.answer import Answer
from lowcap.small.search.search import Searched


def sparse_scores(
    prepared: Prepared,
    searched: Searched,
    told: Answer,
    seconds: float,
    progress: Callable[[int, int], None] | None,
) -> tuple[pd.DataFrame, tuple[int, ...], tuple[str, ...]]:
    """Scores of thinned networks: all sizes in the first repeat, the answer's in all of them.

    Where time is short, fewer sizes; thinning all of them takes about as long as four repeats of
    the search.

    Args:
        prepared: the rows.
        searched: the dense networks.
        told: the answer that they give.
        seconds: that are left.
        progress: called with the number of folds done and of all folds.

    Returns:
        The scores as `fold_scores` has them, the sizes that were thinned out, and what a reader
        should know of how far time went.
    """
    sizes, folds = searched.settings.sizes, searched.settings.folds
    repeats = searched.settings.repeats
    kept = told.reference if told.hidden is None else told.hidden
    notes: tuple[str, ...] = ()
    started = time.monotonic()
    if 5 * searched.seconds / repeats > seconds:
        sizes = tuple(sorted({kept, told.reference}))
        notes = ("other sizes than the answer's and the largest were not thinned out: no time",)
    places = list(range(len(searched.divisions)))
    others = places[folds:] if told.hidden is not None else []
    total, done = folds + len(others), 0

    def one() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    found = [fold_scores(prepared, searched, places[:folds], sizes, progress=one)]
    for start in range(0, len(others), folds):
        if time.monotonic() - started > seconds:
            notes += (f"pruning was judged in {1 + start // folds} of {repeats} repeats: no time",)
            break
        some = others[start : start + folds]
        found.append(fold_scores(prepared, searched, some, [kept], progress=one))
    return pd.concat(found, ignore_index=True), sizes, notes
