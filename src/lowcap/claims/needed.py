"""How many more seeds would decide what is undecided, as far as its estimates can tell."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from lowcap.claims.bounds import ALPHA, Bound, Estimates
from lowcap.claims.estimates import Exact, Share, Student, Transformed
from lowcap.claims.verdict import Verdict

_STEP, _MOST = 1.1, 1000


def needed(bound: Bound, estimates: Estimates, alpha: float = ALPHA) -> str:
    """A sentence on what would decide an undecided verdict if its estimates stayed as they are.

    The part of a standard error that comes from seeds shrinks as they grow, the part that comes
    from test images does not (`Student.replicate_error`). Empty where an estimate does not know
    how it would shrink.
    """
    try:
        times = _times(bound, estimates, alpha, images=1.0)
        enough_images = times is not None or _times(bound, estimates, alpha, images=0.0) is None
    except TypeError:
        return ""
    seeds, unit = _replicates(estimates)
    if times is None:
        if enough_images:
            return (
                f"It lies so close to its bound that no number of {unit} within reach decides it."
            )
        return f"More {unit} alone would not decide it: it takes more test images."
    if not seeds:
        return f"As it stands, about {times:.2g} times as many trials would decide it."
    count = np.ceil(times * seeds)
    step = 10 ** max(0, int(np.log10(count)) - 1)
    return (
        f"As it stands, about {int(np.ceil(count / step) * step):,} {unit} would decide it "
        f"({seeds} now)."
    )


def _times(bound: Bound, estimates: Estimates, alpha: float, images: float) -> float | None:
    """By how many times the seeds must grow; None when not even a thousand times decides."""

    def decided(times: float) -> bool:
        scaled = _scaled(estimates, times, images)
        return bound.decide(scaled, alpha).verdict != Verdict.UNDECIDED

    if not decided(_MOST):
        return None
    times = _STEP
    while not decided(times):
        times *= _STEP
    return times


def _scaled(estimates: Any, times: float, images: float) -> Any:
    """The same estimates from so many times the seeds, and with this share of the images' error.

    Raises:
        TypeError: an estimate does not know how it would shrink.
    """
    if isinstance(estimates, Mapping):
        return {name: _scaled(one, times, images) for name, one in estimates.items()}
    if isinstance(estimates, Exact):
        return estimates
    if isinstance(estimates, Transformed):
        return replace(estimates, inner=_scaled(estimates.inner, times, images))
    if isinstance(estimates, Share):
        grown = (round(count * times) for count in (estimates.successes, estimates.trials))
        return replace(estimates, **dict(zip(("successes", "trials"), grown, strict=True)))
    if isinstance(estimates, Student) and np.isfinite(estimates.replicate_error):
        of_seeds = estimates.replicate_error**2
        of_images = max(estimates.error**2 - of_seeds, 0.0)
        error = np.sqrt(of_seeds / times + images * of_images)
        return replace(estimates, error=float(error), df=estimates.df * times)
    raise TypeError(f"{type(estimates).__name__} does not know how it shrinks")


def _replicates(estimates: Any) -> tuple[int, str]:
    """How many replicates the estimates rest on at most, and what these are."""
    if isinstance(estimates, Mapping):
        return max(map(_replicates, estimates.values()), default=(0, "trials"))
    if isinstance(estimates, Transformed):
        return _replicates(estimates.inner)
    if isinstance(estimates, Student):
        return estimates.replicates, estimates.unit
    return 0, "trials"
