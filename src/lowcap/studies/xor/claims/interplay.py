"""Claims on why larger networks generalize: exploration at the start, clustering in training."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from lowcap.claims import (
    EVERYWHERE,
    Above,
    Claim,
    Every,
    Evidence,
    Exact,
    NotMeasured,
    Reading,
    Tables,
    World,
    mean_of,
)
from lowcap.studies.xor.claims.common import Counted, Difference, diverse, percents, row_of
from lowcap.studies.xor.exact import NEAR, coverage_chance
from lowcap.studies.xor.settings import GAMMA, LARGE, SMALL

BETWEEN = (4, 6, 8, 10)
"""Sizes that may start with every pattern covered, and may not: k = 2 never does, k = 120 always
does."""


def _differences(tables: Tables, event: str) -> dict[str, Difference]:
    """By size, success with an event at the start less success without it."""
    table = diverse(tables["frequencies"])
    found = {}
    for k in (k for k in BETWEEN if k in table.index):
        columns = ("runs", "perfect", event, f"{event}_perfect")
        runs, perfect, happened, both = (int(table[name].loc[k]) for name in columns)
        if 0 < happened < runs:
            found[f"k = {k}"] = Difference(
                Counted(both, happened), Counted(perfect - both, runs - happened)
            )
    if not found:
        sizes = ", ".join(map(str, BETWEEN))
        raise NotMeasured(f"none of k = {sizes} was simulated often enough")
    return found


def exploration(tables: Tables, *, event: str, words: str) -> Evidence:
    """How much more often networks generalize that start with an event than those without."""
    found = _differences(tables, event)
    listed = "; ".join(
        f"{name}: {one.one.value:.1%} of {one.one.runs:,} with, {one.other.value:.1%} of "
        f"{one.other.runs:,} without"
        for name, one in found.items()
    )
    sentence = f"Networks that generalize, with and without {words}: {listed}."
    return Evidence(found, sentence)


def coverage(tables: Tables) -> Evidence:
    """How often random positive filters cover all four patterns, large against k = 4."""
    few, many = (row_of(tables["frequencies"], k) for k in (4, LARGE))
    small, large = (Counted(int(row["covered"]), int(row["runs"])) for row in (few, many))
    sentence = (
        f"At the start, the positive filters cover all four patterns in {large.value:.2%} of "
        f"networks with k = {LARGE} (exact interval {percents(large.interval())}) and in "
        f"{small.value:.2%} of those with k = 4 ({percents(small.interval())}; in theory "
        f"{coverage_chance(LARGE):.2%} and {coverage_chance(4):.2%}). With k = {SMALL} they cannot."
    )
    return Evidence(Difference(large, small), sentence)


def _exploration_worlds(tables: Tables, *, event: str, clear: float = 0.15) -> Sequence[World]:
    parts = _differences(tables, event)
    names = list(parts)

    def make(lead: Mapping[str, float], generator: np.random.Generator) -> Tables:
        rows = []
        for name, part in parts.items():
            runs = part.one.runs + part.other.runs
            middle = (part.one.successes + part.other.successes) / runs
            middle = float(np.clip(middle, abs(lead[name]), 1 - abs(lead[name])))
            with_it = int(generator.binomial(part.one.runs, middle + lead[name] / 2))
            without = int(generator.binomial(part.other.runs, middle - lead[name] / 2))
            rows.append(
                {"k": int(name.removeprefix("k = ")), "gamma": GAMMA, "points": 0, "runs": runs,
                 "perfect": with_it + without, event: part.one.runs, f"{event}_perfect": with_it}
            )  # fmt: skip
        return {"frequencies": pd.DataFrame(rows)}

    def world(name: str, truth: bool | None, first: float, others: float) -> World:
        return World(name, truth, partial(make, {n: others for n in names} | {names[0]: first}))

    found = [
        world("at the bound", None, 0.0, 0.0),
        world("clearly true", True, clear, clear),
        world("clearly false", False, -clear, -clear),
    ]
    if len(names) > 1:
        found += [
            world("one size at the bound, the others clearly true", None, 0.0, clear),
            world("one size clearly false, the others clearly true", False, -clear, clear),
        ]
    return found


def _shares(tables: Tables, k: int, column: str) -> pd.DataFrame:
    """Shares of aligned filters by run, before and after training, of one size."""
    table = tables["angles"]
    table = table[(table["k"] == k) & (table["gamma"] == GAMMA)]
    if table.empty:
        raise NotMeasured(f"k = {k} was not simulated")
    return table.drop_duplicates(["state", "run"]).pivot_table(
        index="run", columns="state", values=column
    )


def clustering(tables: Tables, *, column: str) -> Evidence:
    """The share of filters near a pattern after training, in large networks."""
    large = _shares(tables, LARGE, column)
    found = mean_of(large["after"].to_numpy())
    control = {"untrained": float(large["before"].mean()), "random": 4 * 2 * NEAR / 360}
    small = ""
    if (tables["angles"]["k"] == SMALL).any():
        control[f"k = {SMALL}"] = float(_shares(tables, SMALL, column)["after"].mean())
        small = f"; {control[f'k = {SMALL}']:.1%} with k = {SMALL}"
    weighed = " (weighed by norm)" if column == "near_by_norm" else ""
    sentence = (
        f"With k = {LARGE}, {found.value:.1%} of the filters of both signs{weighed} lie within "
        f"{NEAR:g} degrees of a pattern after training, {control['untrained']:.1%} before{small}; "
        f"means over {len(large)} networks."
    )
    return Evidence(found, sentence, control, attainable=Exact(1.0))


def clustering_by_size(tables: Tables) -> Evidence:
    """The share of filters near a pattern after training, large less small."""
    large, small = (_shares(tables, k, "near")["after"].to_numpy() for k in (LARGE, SMALL))
    n = min(len(large), len(small))
    found = mean_of(large[:n] - small[:n])
    sentence = (
        f"After training, {large.mean():.1%} of the filters lie within {NEAR:g} degrees of a "
        f"pattern with k = {LARGE}, {small.mean():.1%} with k = {SMALL}."
    )
    return Evidence(found, sentence)


def _clustering_worlds(tables: Tables) -> Sequence[World]:
    real = _shares(tables, LARGE, "near")
    table = tables["angles"]
    table = table[(table["k"] == LARGE) & (table["gamma"] == GAMMA)]
    table = table.drop_duplicates(["state", "run"]).sort_values(["state", "run"])  # after, before
    deviations = (real["after"] - real["after"].mean()).to_numpy()
    before = real["before"].to_numpy()

    def make(mean: float, generator: np.random.Generator) -> Tables:
        after = mean + generator.choice(deviations, len(deviations))
        return {"angles": table.assign(near=np.concatenate([after, before]))}

    means = ((0.5, None), (0.6, True), (0.4, False))
    names = ("at the bound", "clearly true", "clearly false")
    return [
        World(name, truth, partial(make, mean))
        for name, (mean, truth) in zip(names, means, strict=True)
    ]


def _explored(
    name: str, event: str, words: str, limit: float = 0.0, primary: tuple[str, ...] = ()
) -> Reading:
    return Reading(
        name,
        f"share of networks with zero test error among those that start with {words}, less the "
        "share among the others, all training points diverse, gamma 8; "
        f"k = {', '.join(map(str, BETWEEN))} each (k = 2 cannot cover four patterns and k = 120 "
        "always does, so they tell nothing); Newcombe's interval from Clopper and Pearson's",
        Every(Above(limit, percent=True, ours=limit > 0)),
        partial(exploration, event=event, words=words),
        ("frequencies",),
        primary=primary,
        worlds=partial(_exploration_worlds, event=event) if limit == 0 else None,
    )


CLUSTERED = (
    "share of the filters of both signs within 10 degrees of one of the four patterns after "
    "training{}, k = 120, all training points diverse; t interval over networks"
)

INTERPLAY_CLAIMS = (
    Claim(
        "exploration",
        "abstract; 5",
        "Networks generalize because their filters explore at the start: those that start with "
        "some filter near every pattern do, the others less often.",
        (
            _explored(
                "every pattern covered", "covered",
                "every pattern nearest to some positive filter", primary=EVERYWHERE,
            ),
            _explored(
                "what each label needs", "found",
                "positive filters nearest to p1 and p3 and negative ones leaning to p2 and p4",
                limit=0.9,
            ),
            Reading(
                "coverage by size",
                "share of networks whose positive filters cover all four patterns at the start, "
                "k = 120 less k = 4, the smallest that can; Newcombe's interval",
                Above(0, percent=True),
                coverage,
                ("frequencies",),
            ),
        ),
        figure="coverage",
    ),
    Claim(
        "clustering",
        "abstract; 5",
        "After training, filters align with few directions.",
        (
            Reading(
                "all filters",
                CLUSTERED.format(""),
                Above(0.5, percent=True, ours=True),
                partial(clustering, column="near"),
                ("angles",),
                primary=EVERYWHERE,
                worlds=_clustering_worlds,
            ),
            Reading(
                "weighed by norm",
                CLUSTERED.format(", each weighed by its norm"),
                Above(0.5, percent=True, ours=True),
                partial(clustering, column="near_by_norm"),
                ("angles",),
            ),
            Reading(
                "large less small",
                CLUSTERED.format("").replace("k = 120", "k = 120 less k = 2"),
                Above(0, percent=True),
                clustering_by_size,
                ("angles",),
            ),
        ),
        figure="filters",
    ),
)  # fmt: skip
