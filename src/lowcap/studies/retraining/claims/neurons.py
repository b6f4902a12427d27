"""Whether what a unit knows of the label tells its fate (the paper's open questions)."""

from functools import partial
from itertools import permutations

import numpy as np
import pandas as pd

from lowcap.claims import (
    Above,
    AllOf,
    Claim,
    Evidence,
    NotMeasured,
    Permuted,
    Reading,
    Student,
    Tables,
    World,
    mean_of,
)
from lowcap.streams import stream

FEWEST_UNITS = 8
"""Networks with fewer hidden units order too few of them to tell."""

FEWEST_SEEDS = 5
"""With fewer seeds no order of them is rare enough to reach a verdict."""

INFORMATION, SPECIALISATION = "information", "specialisation"


def _with_corrected(table: pd.DataFrame) -> pd.DataFrame:
    """Information less what chance gives: the plug-in estimator is biased upwards."""
    return table.assign(information=table["information"] - table["null_information"])


def _correlations(table: pd.DataFrame, column: str, fate: str) -> pd.Series:
    """By task, size and seed, the rank correlation over a network's units."""
    rows = table[table["hidden"] >= FEWEST_UNITS]
    if rows.empty:
        raise NotMeasured(f"it has no networks of at least {FEWEST_UNITS} units")
    networks = rows.groupby(["task", "hidden", "seed"], sort=False)
    ranks = networks[[column, fate]].rank()
    ranks -= ranks.groupby(networks.ngroup()).transform("mean")
    products = pd.DataFrame(
        {"both": ranks[column] * ranks[fate], "one": ranks[column] ** 2, "other": ranks[fate] ** 2}
    )
    sums = products.groupby([rows["task"], rows["hidden"], rows["seed"]], sort=False).sum()
    return (sums["both"] / np.sqrt(sums["one"] * sums["other"])).fillna(0)


RELATED, BEYOND = "correlation", "beyond that of shuffled labels"


def _by_seed(correlations: pd.Series) -> Student:
    return mean_of(correlations.groupby(level="seed", sort=False).mean().to_numpy())


def survive(tables: Tables, *, column: str, fate: str) -> Evidence:
    """Whether units that know more keep more of their weights.

    Units that hardly ever answer know little of anything, of shuffled labels too, and keep few
    weights. So the relation must go beyond that of what units seem to know of shuffled labels.
    """
    table = _with_corrected(tables["units"])
    if fate not in table:
        raise NotMeasured("it pruned no networks in this way")
    found = _correlations(table, column, fate)
    chance = _correlations(table, "null_information", fate)
    estimates = {RELATED: _by_seed(found), BEYOND: _by_seed(found - chance)}
    sizes = found.groupby(level="hidden").mean()
    words = ", ".join(f"{value:+.2f} with {size}" for size, value in sizes.items())
    sentence = (
        f"Over the units of a network the rank correlation of {_NAMES[column]} with the weights "
        f"that pruning leaves them is {estimates[RELATED].value:+.2f} on average ({words} units); "
        f"that of what they seem to know of shuffled labels is {chance.mean():+.2f}."
    )
    control = {
        "shuffled labels": float(chance.mean()),
        "norm of the weights": float(_correlations(table, "norm", fate).mean()),
    }
    return Evidence(estimates, sentence, control)


_NAMES = {
    INFORMATION: "mutual information with the label (less what chance gives)",
    SPECIALISATION: "specialisation",
}


def _survival_worlds(tables: Tables, *, column: str, fate: str) -> list[World]:
    """Units whose fate is another's of their network, or the order of what they know."""
    table = tables["units"][tables["units"]["hidden"] >= FEWEST_UNITS].reset_index(drop=True)
    network = table.groupby(["task", "hidden", "seed"], sort=False).ngroup().to_numpy()
    known = _with_corrected(table)[column].to_numpy()

    def unrelated(generator: np.random.Generator) -> np.ndarray:
        order = np.lexsort((generator.random(len(table)), network))
        fates = np.empty(len(table))
        fates[np.argsort(network, kind="stable")] = table[fate].to_numpy()[order]
        return fates

    def world(name: str, truth: bool | None, fates) -> World:
        return World(name, truth, lambda g: {"units": table.assign(**{fate: fates(g)})})

    return [
        world("no relation", None, unrelated),
        world("what is known decides", True, lambda _: known),
        world("the reverse", False, lambda _: -known),
    ]


def _networks(tables: Tables, column: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Mean of what units know and F1 kept under noise: a row for each task and size, a column a
    seed."""
    keys = ["task", "hidden", "seed"]
    known = _with_corrected(tables["units"]).groupby(keys)[column].mean().unstack()  # noqa: PD010
    noise = tables["noise"]
    by_kind = noise.assign(clean=noise["corruption"] == "none")
    scored = by_kind.groupby([*keys, "clean"])["f1"].mean().unstack()  # noqa: PD010
    kept = (scored[False] - scored[True]).unstack()  # noqa: PD010
    return known, kept.reindex_like(known)


def withstand(tables: Tables, *, column: str) -> Evidence:
    """Whether networks whose units know more lose less to noise than others of their size."""
    known, kept = _networks(tables, column)
    seeds = known.shape[1]
    if seeds < FEWEST_SEEDS:
        raise NotMeasured(f"a test over seeds needs at least {FEWEST_SEEDS} of them")
    ranks, others = (table.rank(axis=1).to_numpy() for table in (known, kept))

    def value(order) -> float:
        return float(np.mean(_row_correlations(ranks, others[:, order])))

    null = np.array([value(order) for order in _orders(seeds)])
    estimate = Permuted(value(np.arange(seeds)), null, (-1, 1))
    sentence = (
        f"Among networks of one task and size the rank correlation over {seeds} seeds of the "
        f"units' mean {_NAMES[column]} with the F1 kept under noise is {estimate.value:+.2f} on "
        f"average over {len(known)} tasks and sizes."
    )
    reached = float(np.quantile(null, 0.975))
    return Evidence(estimate, sentence, {"97.5 % of exchanges of seeds stay below": reached})


def _row_correlations(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    one, other = (a - a.mean(axis=1, keepdims=True) for a in (one, other))
    norms = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return (one * other).sum(axis=1) / np.where(norms > 0, norms, 1)


def _orders(count: int) -> list[np.ndarray]:
    """All orders of a few seeds, or 2,000 of many: the same order for every task and size."""
    if count <= 6:
        return [np.array(order) for order in permutations(range(count))]
    generator = stream("orders of seeds")
    return [generator.permutation(count) for _ in range(2000)]


def _noise_worlds(tables: Tables, *, column: str) -> list[World]:
    """Networks whose robustness is that of another seed, or in the order of what they know."""
    known, kept = _networks(tables, column)
    units, dataset = tables["units"], tables["units"]["dataset"].iloc[0]

    def as_table(values: np.ndarray) -> pd.DataFrame:
        table = pd.DataFrame(values, index=known.index, columns=known.columns).reset_index()
        noisy = table.melt(["task", "hidden"], var_name="seed", value_name="f1")
        clean = noisy.assign(f1=0.0, corruption="none")
        both = pd.concat([clean, noisy.assign(corruption="noise")], ignore_index=True)
        return both.assign(dataset=dataset)

    def world(name: str, truth: bool | None, values) -> World:
        return World(name, truth, lambda g: {"units": units, "noise": as_table(values(g))})

    count = known.shape[1]
    return [
        world("no relation", None, lambda g: kept.to_numpy()[:, g.permutation(count)]),
        world("what is known decides", True, lambda _: known.to_numpy()),
        world("the reverse", False, lambda _: -known.to_numpy()),
    ]


FATES = {"one-shot": "left_one-shot", "iterative": "left_iterative"}


def _survival(column: str) -> tuple[Reading, ...]:
    return tuple(
        Reading(
            name,
            f"rank correlation, over the hidden units of a network of at least {FEWEST_UNITS}, of "
            f"{_NAMES[column]} before pruning with the number of its weights on used inputs that "
            f"are left at 95 % sparsity, {name}; and that less the same of its information on "
            "shuffled labels (a part added after a first look at the data, which makes it "
            "stricter); means over tasks and sizes; intervals over seeds",
            AllOf({RELATED: Above(0), BEYOND: Above(0)}),
            partial(survive, column=column, fate=fate),
            ("units",),
            ("*",) if name == "one-shot" else (),
            worlds=partial(_survival_worlds, column=column, fate=fate),
        )
        for name, fate in FATES.items()
    )


def _robustness(column: str) -> tuple[Reading, ...]:
    return (
        Reading(
            "over seeds",
            f"rank correlation over seeds of the units' mean {_NAMES[column]} with the F1 under "
            "Gaussian noise (sigma 0.3 and 0.5) less that without; mean over tasks and sizes; test "
            "by exchange of seeds",
            Above(0),
            partial(withstand, column=column),
            ("units", "noise"),
            ("*",),
            worlds=partial(_noise_worlds, column=column),
        ),
    )


CLAIMS = (
    Claim("information-predicts-survival", "open question",
          "Units that know more of the label survive pruning.",
          _survival(INFORMATION), figure="neurons-{condition}"),
    Claim("specialisation-predicts-survival", "open question",
          "Units that specialise in a class survive pruning.",
          _survival(SPECIALISATION), figure="neurons-{condition}"),
    Claim("information-predicts-robustness", "open question",
          "Networks whose units know more of the label withstand noise better.",
          _robustness(INFORMATION), figure="neurons-{condition}"),
    Claim("specialisation-predicts-robustness", "open question",
          "Networks whose units specialise withstand noise better.",
          _robustness(SPECIALISATION), figure="neurons-{condition}"),
)  # fmt: skip
