"""The eight claims of arXiv 1810.03037: six by exact simulation, two on real images."""

from typing import Any

import numpy as np
import pandas as pd

from lowcap.claims import Interval, NotMeasured, Tables, Verdict
from lowcap.claims.legacy import Finding
from lowcap.claims.legacy import claim as Claim
from lowcap.claims.statistics import above, mean_interval
from lowcap.measures.xor import (
    coverage_chance,
    frequency,
    large_bound,
    outputs,
    small_bound,
    wrong,
)
from lowcap.networks.filters import constructed
from lowcap.studies.xor.plan import FILTERS
from lowcap.studies.xor.settings import GAMMA, LARGE, SMALL

SLACK = 0.01
"""How far below its bound a frequency's interval may reach; sampling does that to equality."""

OFTEN = 0.5
"""A size generalizes at m points when at least this share of its runs does."""

COMPLEXITY = 0.98
"""p+ = p- at which sample complexity is judged."""


def diverse(frequencies: pd.DataFrame, gamma: float = GAMMA) -> pd.DataFrame:
    """The runs on diverse training sets; the largest cell of each k."""
    chosen = frequencies[(frequencies["points"] == 0) & (frequencies["gamma"] == gamma)]
    return chosen.sort_values("runs").drop_duplicates("k", keep="last").set_index("k").sort_index()


def _of(frequencies: pd.DataFrame, k: int) -> dict[Any, Any]:
    table = diverse(frequencies)
    if k not in table.index:
        raise NotMeasured(f"k = {k} was not simulated")
    return table.loc[[k]].to_dict("records")[0]


def small_can_express(tables: Tables, variant: str) -> Finding:
    """The error of the constructed network of two filters of each sign."""
    values = outputs(*constructed(GAMMA))
    errors = int(wrong(values).sum())
    verdict = Verdict.HOLDS if errors == 0 else Verdict.FAILS
    sentence = (
        f"Positive filters on (1, 1) and (-1, -1), negative ones on (1, -1) and (-1, 1): "
        f"{errors} of the 15 inputs are classified wrong; positive inputs get at least "
        f"{values[values > 0].min():g}, negative ones at most {values[values < 0].max():g}."
    )
    return Finding(errors, errors, errors, verdict, sentence)


def small_fails(tables: Tables, variant: str) -> Finding:
    """How often k = 2 fits and yet errs."""
    row = _of(tables["frequencies"], SMALL)
    found, bound = frequency(row["fit_and_wrong"], row["runs"]), small_bound()
    verdict = _against(found.low, found.high, bound)
    stuck = 1 - row["converged"] / row["runs"]
    sentence = (
        f"Of {row['runs']:,.0f} networks with k = 2 and diverse training sets, "
        f"{found.estimate:.2%} reach zero loss with non-zero test error (Wilson interval "
        f"{found.low:.2%} to {found.high:.2%}; the bound is {bound:.2%}); {stuck:.2%} never "
        f"reach zero loss and {row['perfect'] / row['runs']:.2%} generalize."
    )
    return Finding(*found, verdict, sentence)


def _against(low: float, high: float, bound: float) -> Verdict:
    if low >= bound - SLACK:
        return Verdict.HOLDS
    return Verdict.FAILS if high < bound - SLACK else Verdict.UNDECIDED


def large_generalizes(tables: Tables, variant: str) -> Finding:
    """How often k = 120 has zero test error."""
    row = _of(tables["frequencies"], LARGE)
    found, bound = frequency(row["perfect"], row["runs"]), large_bound(LARGE)
    sentence = (
        f"Of {row['runs']:,.0f} networks with k = {LARGE} and diverse training sets, "
        f"{found.estimate:.2%} have zero test error (Wilson interval {found.low:.2%} to "
        f"{found.high:.2%}; the bound is {bound:.2%}); {row['converged'] / row['runs']:.2%} reach "
        f"zero loss."
    )
    return Finding(*found, _against(found.low, found.high, bound), sentence)


def exploration(tables: Tables, variant: str) -> Finding:
    """How often random positive filters cover all four patterns, large against small."""
    small, large = (_of(tables["frequencies"], k) for k in (SMALL, LARGE))
    few, many = (frequency(row["covered"], row["runs"]) for row in (small, large))
    verdict = Verdict.HOLDS if many.low > few.high else Verdict.UNDECIDED
    if many.high < few.low:
        verdict = Verdict.FAILS
    sentence = (
        f"At the start, the positive filters cover all four patterns in {many.estimate:.2%} of "
        f"networks with k = {LARGE} and in {few.estimate:.2%} of those with k = {SMALL} (Wilson "
        f"intervals {many.low:.2%} to {many.high:.2%} and {few.low:.2%} to {few.high:.2%}; "
        f"in theory {coverage_chance(LARGE):.2%} and {coverage_chance(SMALL):.2%}; four patterns "
        f"need four filters, {coverage_chance(4):.2%} at k = 4)."
    )
    difference = Interval(many.estimate - few.estimate, many.low - few.high, many.high - few.low)
    return Finding(*difference, verdict, sentence)


def clustering(tables: Tables, variant: str) -> Finding:
    """How much nearer to a pattern training brings the filters of the large network."""
    table = tables["angles"]
    table = table[(table["k"] == LARGE) & (table["gamma"] == GAMMA)]
    if table.empty:
        raise NotMeasured(f"k = {LARGE} was not simulated")
    square = table.drop_duplicates(["state", "run"]).pivot_table(
        index="run", columns="state", values="angle"
    )
    gain = mean_interval((square["before"] - square["after"]).to_numpy())
    sentence = (
        f"With k = {LARGE}, the positive filters that training moved are "
        f"{square['after'].mean():.1f} degrees from the nearest pattern on average, and were "
        f"{square['before'].mean():.1f} before (22.5 for random ones), over {len(square)} "
        "networks."
    )
    return Finding(*gain, above(gain, 0), sentence)


def smallest_sample(rows: pd.DataFrame) -> Interval:
    """The smallest m at which the share of runs that generalize is OFTEN and stays so.

    Returns:
        By the estimate, by the upper and by the lower Wilson limit; infinite if none.
    """
    rows = rows.sort_values("points")
    found = [
        frequency(perfect, runs)
        for perfect, runs in zip(rows["perfect"], rows["runs"], strict=True)
    ]

    def first(values: list[float]) -> float:
        good = np.logical_and.accumulate(np.array(values)[::-1] >= OFTEN)[::-1]
        return float(rows["points"].to_numpy()[good.argmax()]) if good.any() else np.inf

    return Interval(
        first([f.estimate for f in found]),
        first([f.high for f in found]),
        first([f.low for f in found]),
    )


def sample_complexity(tables: Tables, variant: str) -> Finding:
    """The ratio of the smallest sufficient training sets, k = 2 over k = 120."""
    table = tables["frequencies"]
    table = table[(table["points"] > 0) & (table["diversity"] == COMPLEXITY)]
    if not {SMALL, LARGE} <= set(table["k"]):
        raise NotMeasured("the sample complexity of both sizes was not simulated")
    small, small_low, small_high = smallest_sample(table[table["k"] == SMALL])
    large, large_low, large_high = smallest_sample(table[table["k"] == LARGE])
    largest = float(table["points"].max())
    if np.isinf(large):
        raise NotMeasured(f"no training set of up to {largest:.0f} suffices for k = {LARGE}")
    # A size for which no measured sample suffices needs more than the largest: that much is known.
    least = min(small_low, largest)
    ratio = Interval(small / large, least / large_high, small_high / large_low)
    said = f"more than {largest:.0f}" if np.isinf(small) else f"{small:.0f}"
    sentence = (
        f"With p+ = p- = {COMPLEXITY:g}, {OFTEN:.0%} of networks generalize from {large:.0f} "
        f"training points on with k = {LARGE}, and from {said} on with k = {SMALL}."
    )
    return Finding(*ratio, above(ratio, 2), sentence)


def _errors(tables: Tables, variant: str) -> pd.DataFrame:
    """Test errors by seed and network, of one choice of filter and pool."""
    table = tables["compression"]
    names = [
        choice(*values)
        for values in zip(table["filter"], table["pool"], table["scale"], strict=True)
    ]
    chosen = table[[name == variant for name in names]]
    if chosen.empty:
        raise NotMeasured("no networks of this choice were trained")
    return chosen.pivot_table(index="seed", columns="network", values="test_error")


def choice(filter: int, pool: int, scale: float) -> str:
    """A choice of sizes and of the initial filters' scale in words."""
    start = "" if scale < 1 else ", large initial filters"
    return f"filters {filter} x {filter}, pool {pool} x {pool}{start}"


def mnist_larger_better(tables: Tables, variant: str) -> Finding:
    """Test error of the small network less that of the large one, paired by seed."""
    square = _errors(tables, variant)
    gain = mean_interval((square["small"] - square["large"]).to_numpy())
    images = tables["compression"]["images"].iloc[0]
    sentence = (
        f"Trained on {images:,} images, 120 channels have a test error of "
        f"{square['large'].mean():.2%}, 4 channels {square['small'].mean():.2%} ({len(square)} "
        f"seeds, paired difference {gain.estimate:+.2%}, 95 % interval {gain.low:+.2%} to "
        f"{gain.high:+.2%})."
    )
    return Finding(*gain, above(gain, 0), sentence)


def mnist_compress(tables: Tables, variant: str) -> Finding:
    """The share of the gap between small and large that initial filters from clusters close."""
    square = _errors(tables, variant)
    gain = mean_interval((square["small"] - square["small from clusters"]).to_numpy())
    rest = mean_interval((square["small from clusters"] - square["large"]).to_numpy())
    gap = (square["small"] - square["large"]).mean()
    verdict = above(gain, 0)
    if verdict == Verdict.HOLDS and rest.estimate > gap / 2:
        verdict = Verdict.FAILS  # better, but not close to the large network
    sentence = (
        "Started from the centres of the large network's clusters, 4 channels have a test error "
        f"of {square['small from clusters'].mean():.2%}, from random filters "
        f"{square['small'].mean():.2%} (paired difference {gain.estimate:+.2%}, 95 % interval "
        f"{gain.low:+.2%} to {gain.high:+.2%}), 120 channels {square['large'].mean():.2%}: "
        f"{gain.estimate / gap:.0%} of the gap is closed."
    )
    return Finding(*gain, verdict, sentence)


CHOICES = tuple(choice(*values) for values in FILTERS)

EXACT_CLAIMS = (
    Claim(
        "small-can-express",
        "3",
        "Two filters of each sign represent the XORD function exactly.",
        "number of the 15 inputs that a constructed network with k = 2 classifies wrong",
        "holds when it is 0",
        (),
        small_can_express,
        figure="bounds",
    ),
    Claim(
        "small-fails",
        "4, theorem 4.2",
        "Gradient descent with k = 2 reaches zero loss with non-zero test error at least as "
        "often as the bound says.",
        "share of runs with zero training loss and non-zero test error, all training points "
        "diverse, gamma 8, Wilson interval; against (1 - c') 33/48",
        "holds when the lower limit is at least the bound less 0.01",
        ("frequencies",),
        small_fails,
        figure="bounds",
    ),
    Claim(
        "large-generalizes",
        "4, theorem 4.1",
        "Gradient descent with k = 120 has zero test error at least as often as its bound says.",
        "share of runs with zero test error, all training points diverse, gamma 8, Wilson "
        "interval; against 1 - c' - 16 e^-8",
        "holds when the lower limit is at least the bound less 0.01",
        ("frequencies",),
        large_generalizes,
        figure="bounds",
    ),
    Claim(
        "exploration",
        "5",
        "Large networks start with some filter near every pattern, small ones often do not.",
        "share of networks whose positive filters cover all four patterns at the start (each "
        "pattern nearest to some filter), k = 120 less k = 2, Wilson intervals",
        "holds when the intervals lie apart, large above small",
        ("frequencies",),
        exploration,
        figure="coverage",
    ),
    Claim(
        "clustering",
        "5",
        "After training, filters align with few directions.",
        "mean angle of the positive filters that training moved to the nearest pattern, before "
        "less after, k = 120, t interval over networks",
        "holds when the interval lies above 0",
        ("angles",),
        clustering,
        figure="filters",
    ),
    Claim(
        "sample-complexity",
        "6",
        "The large network needs far fewer training points.",
        "smallest training set from which on half of the networks have zero test error at p+ = "
        "p- = 0.98, k = 2 over k = 120; limits by Wilson limits",
        "holds when the ratio's lower limit is above 2",
        ("frequencies",),
        sample_complexity,
        figure="samples",
    ),
)

IMAGE_CLAIMS = (
    Claim(
        "mnist-larger-better",
        "7",
        "120 channels beat 4 at 6,000 training images.",
        "test error with 4 channels less that with 120, paired by seed, t interval",
        "holds when the interval lies above 0",
        ("compression",),
        mnist_larger_better,
        variants=CHOICES,
        figure="compression",
    ),
    Claim(
        "mnist-compress",
        "7",
        "4 channels started from the large network's cluster centres beat 4 from random "
        "filters, and come close to the large network.",
        "test error from random filters less that from cluster centres, paired by seed, t "
        "interval; and the share of the gap to 120 channels that is closed",
        "holds when the interval lies above 0 and at least half of the gap is closed",
        ("compression",),
        mnist_compress,
        variants=CHOICES,
        figure="compression",
    ),
)
