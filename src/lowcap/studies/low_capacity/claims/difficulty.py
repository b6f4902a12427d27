"""Claims on how the difficulty of a task shows: in size, in order, under pruning."""

from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd

from lowcap.claims import (
    Above,
    Claim,
    Evidence,
    NotMeasured,
    Reading,
    Student,
    Tables,
    World,
    ordered,
)
from lowcap.studies.low_capacity.claims.ranks import correlation, hardness, relabelled
from lowcap.studies.low_capacity.claims.scores import (
    DIGIT_PAIRS,
    capacity_cube,
    in_words,
    level_in_words,
    level_of,
    percent,
    protocol_of,
    pruning_cube,
    setting,
)
from lowcap.studies.low_capacity.settings import HIGH_SPARSITY, PAIRS, PAPER_HIDDEN

PLATEAU, PUBLISHED = "within 0.01 (ours) of the best size", "mean F1 above 0.90"

MARGIN = 0.01
"""F1 below the best size's, for the plateau rule. Ours."""


def minimum_sizes(tables: Tables, rule: str) -> pd.Series:
    """Each task's smallest hidden size from which on every size is sufficient, by a rule.

    By the plateau rule validation data choose the best size where the protocol has test data to
    report, and test data say which sizes come within the margin of it.
    """
    table = tables["capacity"]
    table = table[table["hidden"].isin(PAPER_HIDDEN)]
    means = capacity_cube({"capacity": table}).means
    selects = means
    if protocol_of(table).score == "test_f1":
        selects = capacity_cube({"capacity": table}, "val_f1").means
    found, of_task = {}, np.asarray(selects.index.get_level_values("task"))
    for task, rows in means.groupby(level="task", sort=False):
        sizes = rows.index.get_level_values("hidden").to_numpy()
        if rule == PUBLISHED:
            good = rows.to_numpy() > level_of(table[table["task"] == task])
        else:
            best = int(selects.to_numpy()[of_task == task].argmax())
            good = rows.to_numpy() >= rows.to_numpy()[best] - MARGIN
        suffix = np.logical_and.accumulate(good[::-1])[::-1]
        found[str(task)] = float(sizes[suffix.argmax()]) if suffix.any() else np.inf
    return pd.Series(found)


def capacity_tracks_difficulty(tables: Tables, *, rule: str) -> Evidence:
    """Whether harder tasks need more units, over tasks.

    Raises:
        NotMeasured: all tasks need what lies outside the sizes that were tried.
    """
    sizes = minimum_sizes(tables, rule)
    hard = hardness(tables, sizes.index)
    estimate = correlation(hard, sizes)
    level = f"mean F1 above {level_in_words(tables['capacity'])}"
    words = level if rule == PUBLISHED else rule
    if len(set(sizes)) == 1:
        return Evidence(estimate, _same_size(sizes.iloc[0], tables, words))
    listed = ", ".join(f"{task} {in_words(sizes[task])}" for task in hard.sort_values().index[:10])
    more = f" and {len(hard) - 10} more" if len(hard) > 10 else ""
    sentence = (
        f"Minimum sizes ({words}), easiest task first: {listed}{more}. Their rank correlation with "
        f"the error of a linear classifier is {estimate.value:+.2f} over {len(hard)} tasks."
    )
    return Evidence(estimate, sentence)


def _same_size(size: float, tables: Tables, rule: str) -> str:
    """What to say where all tasks need the same.

    Raises:
        NotMeasured: smaller or larger sizes may tell them apart.
    """
    if np.isinf(size):
        raise NotMeasured(
            f"none of its sizes suffices on any task ({rule}); --hidden with larger ones may tell"
        )
    tried = tables["capacity"]["hidden"]
    smaller = tried[tried.isin(PAPER_HIDDEN) & (tried < size)]
    if smaller.empty:
        raise NotMeasured(
            f"{size:.0f} units, the smallest size of the grid, suffice on every task ({rule}), so "
            "that sizes cannot tell which task needs more"
        )
    return (
        f"The minimum size ({rule}) is {size:.0f} on every task, so that harder tasks need no more "
        f"than easier ones; {smaller.max():.0f} suffices on none of them."
    )


LARGEST = (32, 48, 64)
"""The sizes that have something to lose on every task."""

SMALL = 8
"""Hidden units up to which networks count as small."""


def shortfalls(tables: Tables) -> pd.Series:
    """By task, how much less F1 small networks have on average than the best size."""
    means = capacity_cube(tables).means
    small = means[means.index.get_level_values("hidden") <= SMALL]
    if small.empty:
        raise NotMeasured(
            f"no networks of at most {SMALL} units were trained; --hidden 2 4 8 does so"
        )
    best = means.groupby(level="task", sort=False).max()
    found = best - small.groupby(level="task", sort=False).mean()
    found.index = found.index.astype(str)
    return found


def shortfall_tracks_difficulty(tables: Tables) -> Evidence:
    """Whether small networks fall further behind on harder tasks."""
    missing = shortfalls(tables)
    hard = hardness(tables, missing.index)
    estimate = correlation(hard, missing)
    listed = ", ".join(f"{task} {missing[task]:.4f}" for task in hard.sort_values().index[:10])
    sentence = (
        f"F1 by which networks of at most {SMALL} units fall behind the best size, easiest task "
        f"first: {listed}. Rank correlation with the error of a linear classifier "
        f"{estimate.value:+.2f} over {len(hard)} tasks."
    )
    return Evidence(estimate, sentence)


def lost_to_pruning(tables: Tables, rule: str) -> pd.Series:
    """By task, the mean F1 lost at 50 to 95 % sparsity by the largest sizes.

    Small networks of a hard task may know so little that they have nothing to lose, which would
    look like tolerance.
    """
    tasks = list(tables["pruning"]["task"].unique())
    cube = pruning_cube(tables, rule, tasks, HIGH_SPARSITY)
    largest = cube.where(hidden=list(LARGEST))
    if not largest.any():
        raise NotMeasured(
            f"no networks of {', '.join(map(str, LARGEST))} units were trained, which have "
            f"something to lose on every task; {setting('hidden', LARGEST)} does so"
        )
    cube = cube.only(largest)
    means = cube.means
    pruned = cube.cases.get_level_values("requested_sparsity") > 0
    lost = means[~pruned].groupby(level="task").mean() - means[pruned].groupby(level="task").mean()
    lost.index = lost.index.astype(str)
    return lost[[task for task in tasks if task in lost.index]]


def tolerance(tables: Tables, *, rule: str) -> Evidence:
    """Whether harder tasks lose more to pruning, over tasks."""
    lost = lost_to_pruning(tables, rule)
    hard = hardness(tables, lost.index)
    estimate = correlation(hard, lost)
    listed = ", ".join(f"{task} {lost[task]:.4f}" for task in hard.sort_values().index[:10])
    *most, last = (str(h) for h in LARGEST if h in set(tables["pruning"]["hidden"]))
    sizes = f"{', '.join(most)} and {last}" if most else last
    sentence = (
        f"Mean F1 lost at 50 to 95 % sparsity by {sizes} units, easiest task first: "
        f"{listed}. Rank correlation with the error of a linear classifier {estimate.value:+.2f} "
        f"over {len(hard)} tasks."
    )
    return Evidence(estimate, sentence)


def difficulty_order(tables: Tables) -> Evidence:
    """Whether a linear classifier errs more on each pair than on the one the paper calls easier."""
    means = tables["difficulty"].groupby("task")[["linear_error", "test_images"]].mean()
    of_task = {str(t): (float(e), float(n)) for t, e, n in means.itertuples()}
    missing = [task for task in PAIRS if task not in of_task]
    if missing:
        raise NotMeasured(
            f"{' and '.join(missing)} {'was' if len(missing) == 1 else 'were'} not run; "
            f"{setting('tasks', PAIRS)} does so"
        )
    estimates = {}
    for easier, harder in pairwise(PAIRS):
        both = of_task[easier], of_task[harder]
        variance = sum(max(error, 1 / images) / images for error, images in both)
        value = both[1][0] - both[0][0]
        estimates[f"{harder} − {easier}"] = Student(value, float(np.sqrt(variance)), 1e6)
    listed = ", ".join(f"{task} {percent(of_task[task][0])}" for task in PAIRS)
    sentence = f"Test error of a linear classifier, in the paper's order: {listed}."
    return Evidence(estimates, sentence)


def _order_worlds(tables: Tables) -> list[World]:
    table = tables["difficulty"]
    images = table.groupby("task")["test_images"].mean()
    if not set(PAIRS) <= set(images.index):
        raise NotMeasured("it did not run all five pairs")

    def make(errors: list[float]):
        of_task = dict(zip(PAIRS, errors, strict=True))

        def draw(g):
            observed = {t: g.binomial(int(images[t]), p) / images[t] for t, p in of_task.items()}
            return {"difficulty": table.assign(linear_error=table["task"].map(observed))}

        return draw

    return [
        World("all equally hard", None, make([0.02] * 5)),
        World("two equally hard, the rest in order", None, make([0.001, 0.05, 0.05, 0.15, 0.25])),
        World("clearly in order", True, make([0.001, 0.05, 0.12, 0.2, 0.3])),
        World("clearly in reverse", False, make([0.3, 0.2, 0.12, 0.05, 0.001])),
    ]


def _tracks(rule: str, primary: tuple[str, ...]) -> Reading:
    return Reading(
        rule,
        f"Spearman rank correlation over tasks of the smallest sufficient hidden size ({rule}) "
        "with the test error of a linear least-squares classifier; exact permutation test, or with "
        "many pairs a bootstrap over digits",
        Above(0),
        partial(capacity_tracks_difficulty, rule=rule),
        ("capacity", "difficulty"),
        primary=primary,
        grows=False,
        worlds=partial(relabelled, other=partial(minimum_sizes, rule=rule)),
    )


CLAIMS = (
    Claim(
        "capacity-tracks-difficulty",
        "abstract",
        "Harder pairs need more hidden units.",
        (
            _tracks(PUBLISHED, ("published", "replicated")),
            _tracks(PLATEAU, ("corrected",)),
            Reading(
                "shortfall of small networks",
                "Spearman rank correlation over tasks of the F1 by which networks of at most "
                f"{SMALL} units fall behind the best size, which needs no rule of sufficiency, "
                "with the test error of a linear classifier; permutation test as above",
                Above(0),
                shortfall_tracks_difficulty,
                ("capacity", "difficulty"),
                worlds=partial(relabelled, other=shortfalls),
            ),
        ),
        figure="difficulty",
    ),
    Claim(
        "difficulty-order",
        "set-up",
        "The pairs are ordered by difficulty: 0-1, 1-7, 5-6, 3-8, 4-9.",
        (
            Reading(
                "a linear classifier's error",
                "test error of a linear least-squares classifier on each pair less that on the "
                "pair before it in the paper's order; normal intervals of two proportions",
                ordered(tuple(reversed(PAIRS))),
                difficulty_order,
                ("difficulty",),
                primary=("corrected",),
                grows=False,
                conditions=("corrected",),
                worlds=_order_worlds,
            ),
        ),
        figure="difficulty",
        subject=DIGIT_PAIRS,
    ),
    Claim(
        "simpler-tolerate-more",
        "4.3",
        "Simpler tasks tolerate more pruning.",
        tuple(
            Reading(
                rule,
                "Spearman rank correlation over tasks of the mean F1 that networks of 32, 48 and "
                f"64 units lose at 50 to 95 % by the rule “{rule}” with the test error of a linear "
                "classifier; exact permutation test",
                Above(0),
                partial(tolerance, rule=rule),
                ("pruning", "difficulty"),
                primary=primary,
                grows=False,
                worlds=partial(relabelled, other=partial(lost_to_pruning, rule=rule)),
            )
            for rule, primary in (
                ("listing C.1", ("published", "replicated")), ("global", ("corrected",))
            )
        ),
        figure="pruning-rules-{condition}",
    ),
)  # fmt: skip
