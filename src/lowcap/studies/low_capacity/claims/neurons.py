"""Dead and cut-off neurons in the networks of the paper's Table 1 (section 4.4)."""

from functools import partial

import pandas as pd

from lowcap.claims import (
    Above,
    Below,
    Claim,
    Evidence,
    Exact,
    NotMeasured,
    Reading,
    Share,
    Simulator,
    Tables,
    World,
    mean_of,
    of_seeds,
)
from lowcap.studies.low_capacity.claims.pruning import LEADING, readings_by_rule
from lowcap.studies.low_capacity.claims.scores import DIGIT_PAIRS, percent, setting
from lowcap.studies.low_capacity.protocols import LISTING

DEAD_NETWORKS = (("0-1", 12), ("3-8", 16), ("4-9", 24))
"""Table 1's networks: task and hidden size."""

FEW_NETWORKS = 0.2
"""Share of networks that may have a dead unit. Ours: the paper saw none in three networks."""

HALF = 0.5
"""Share of units that must still take part for activity to be spread over neurons. Ours."""

SILENT, CUT_OFF = "silent", "silent or cut off"
"""Units that put out 0 on every validation image, as the paper counts; and those besides that have
lost their last weight to the output or from the pixels."""


def table_1(tables: Tables, rule: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of the paper's three networks on validation images: dense, and at 95 %."""
    table = tables["pruning"]
    # First by what is compared fast: an index of pairs is made of few rows then.
    rows = table[(table["split"] == "val") & table["hidden"].isin([h for _, h in DEAD_NETWORKS])]
    rows = rows[pd.MultiIndex.from_frame(rows[["task", "hidden"]]).isin(DEAD_NETWORKS)]
    level = rows["requested_sparsity"].round(4)
    dense, pruned = rows[level == 0], rows[(level == 0.95) & (rows["rule"] == rule)]
    if dense.empty or pruned.empty:
        raise NotMeasured(
            "none of the three networks of the paper's Table 1 was pruned; "
            f"{setting('tasks', [task for task, _ in DEAD_NETWORKS])} "
            f"{setting('hidden', [hidden for _, hidden in DEAD_NETWORKS])} does so"
        )
    return dense.drop_duplicates(["task", "hidden", "seed"]), pruned


def dead_units(tables: Tables, *, rule: str, pruned: bool, kind: str) -> Evidence:
    """In how many of the networks of Table 1 a unit is dead, dense or at 95 %."""
    rows = table_1(tables, rule)[int(pruned)]
    dead = rows["dead_neurons"] if kind == SILENT else rows["hidden"] - rows["live_units"]
    share = Share(int((dead > 0).sum()), len(rows), "exact")
    silent = int(rows["dead_neurons"].sum())
    sentence = (
        f"{'Pruned by “' + rule + '”' if pruned else 'Before pruning'}, {share.successes} of "
        f"{len(rows)} networks have a unit that is {kind}: {int(dead.sum())} of "
        f"{int(rows['hidden'].sum())} units, of which {silent} put out 0 on every validation image."
    )
    attainable = None
    if pruned and kind == CUT_OFF:
        # A rule that leaves fewer output weights than units cuts some off whatever was learned.
        attainable = Exact(float((_most_linked(rows, rule) < rows["hidden"]).mean()))
    return Evidence(share, sentence, attainable=attainable)


def _most_linked(rows: pd.DataFrame, rule: str) -> pd.Series:
    """The most units that can keep a weight to the output at 95 % under a rule, by network."""
    if rule != LISTING.name:
        return rows["hidden"]
    sizes = rows["hidden"].to_numpy()
    left = [int(h) - min(LISTING.count(int(h), 0.95), int(h) - 1) for h in sizes]
    return pd.Series(left, index=rows.index)


def _dead_worlds(tables: Tables, *, rule: str, pruned: bool, kind: str) -> list[World]:
    both = table_1(tables, rule)
    rows, other = both[int(pruned)], both[1 - int(pruned)]

    def make(rate: float):
        def draw(g):
            dead = (g.random(len(rows)) < rate).astype(int)
            live = rows["hidden"].to_numpy() - dead
            return {"pruning": pd.concat([rows.assign(live_units=live, dead_neurons=dead), other])}

        return draw

    return [
        of_seeds("at the bound", None, make(FEW_NETWORKS)),
        of_seeds("none ever", True, make(0)),
        of_seeds("nearly always", False, make(0.9)),
    ]


def spread_over_weights(tables: Tables, *, rule: str) -> Evidence:
    """The share of hidden units that still take part at 95 %, in the networks of Table 1."""
    _, pruned = table_1(tables, rule)
    shares = (pruned["live_units"] / pruned["hidden"]).groupby(pruned["seed"]).mean().to_numpy()
    estimate = mean_of(shares)
    kept = 1 - pruned["achieved_sparsity"].mean()
    sentence = (
        f"With {percent(kept)} of the weights left, {percent(estimate.value)} of the hidden units "
        "still take part: active on some image, with a weight from the pixels and one to the "
        f"output. If weights went unit by unit, {percent(kept)} would."
    )
    attainable = Exact(float((_most_linked(pruned, rule) / pruned["hidden"]).mean()))
    return Evidence(estimate, sentence, {"unit by unit": float(kept)}, attainable)


def _spread_worlds(tables: Tables, *, rule: str) -> list[World]:
    _, pruned = table_1(tables, rule)
    if (_most_linked(pruned, rule) / pruned["hidden"]).mean() <= HALF:
        raise NotMeasured("the rule leaves too few output weights for any network to pass")
    simulator = Simulator(
        "pruning", pruned, ["task", "hidden"], ["live_units", "achieved_sparsity"]
    )
    names = ("rule", "requested_sparsity", "split", "protocol")
    dense = pruned.assign(requested_sparsity=0.0)

    def make(share: float):
        means = simulator.means.copy()
        live = simulator.where("live_units")
        hidden = simulator.columns.to_frame(index=False)["hidden"].to_numpy().astype(float)
        means[live] = share * hidden[live]

        def draw(g):
            table = simulator.draw(g, means)["pruning"]
            constant = {name: pruned[name].iloc[0] for name in names}
            return {"pruning": pd.concat([table.assign(**constant), dense])}

        return draw

    varies = (pruned["live_units"] / pruned["hidden"]).groupby(pruned["seed"]).mean().std() > 0
    # Where every seed gives the same share, none lies at the bound by chance.
    at_bound = [of_seeds("at the bound", None, make(HALF))] if varies else []
    return [
        *at_bound,
        of_seeds("nearly all take part", True, make(0.9)),
        of_seeds("few take part", False, make(0.1)),
    ]


def _dead(rule: str, pruned: bool, kind: str, primary: tuple[str, ...]) -> Reading:
    arguments = {"rule": rule, "pruned": pruned, "kind": kind}
    state = f"pruned to 95 % by the rule “{rule}”" if pruned else "dense"
    return Reading(
        f"{rule}, {kind}" if pruned else kind,
        "share of the networks of Table 1 (0-1 with 12 units, 3-8 with 16, 4-9 with 24), "
        f"{state}, in which a unit is {kind}"
        + (
            " (cut off: without a weight from any pixel in use or to the output)"
            * (kind == CUT_OFF)
        )
        + " (silent: 0 on every validation image); exact binomial interval",
        Below(FEW_NETWORKS, percent=True, ours=True),
        partial(dead_units, **arguments),
        ("pruning",),
        primary=primary,
        tasks=tuple(task for task, _ in DEAD_NETWORKS),
        worlds=partial(_dead_worlds, **arguments),
    )


CLAIMS = (
    Claim(
        "no-dead-neurons",
        "4.4",
        "No hidden neuron is dead before pruning.",
        (_dead("listing C.1", False, SILENT, ("*",)),),
        figure="dead-neurons",
        subject=DIGIT_PAIRS,
    ),
    Claim(
        "no-neuron-dies",
        "4.4",
        "No hidden neuron is dead after 95 % of the weights are pruned.",
        tuple(
            _dead(rule, True, kind, primary if kind == SILENT else ())
            for rule, primary in LEADING.items()
            for kind in (SILENT, CUT_OFF)
        ),
        figure="dead-neurons",
        subject=DIGIT_PAIRS,
    ),
    Claim(
        "spread-over-weights",
        "4.4",
        "At 95 % sparsity activity is spread over the neurons: weights go, neurons stay.",
        readings_by_rule(
            "share of hidden units of the networks of Table 1 that still take part at 95 % by "
            "the rule “{rule}”, mean over networks, jackknife over seeds",
            Above(HALF, percent=True, ours=True), spread_over_weights, _spread_worlds,
            ("pruning",), tuple(task for task, _ in DEAD_NETWORKS),
        ),
        figure="dead-neurons",
        subject=DIGIT_PAIRS,
    ),
)  # fmt: skip
