"""Is pruning ahead for having trained longer? python -m benchmarks.trained_on, some minutes.

A pruned network of the frontier has trained on after every time that weights were removed, in as
many rounds as there are sparsities; a dense one has trained once. Here dense networks train on for
as many rounds too, each by the same rule (Adam anew, another order of batches, the best epoch by
the inner part), and nothing is removed. What that gains them, on rows that each fold holds out, is
what a pruned network may owe to its longer training.
"""

import argparse
import json
from pathlib import Path

import pandas as pd
from rich.console import Console

from lowcap.runs import environment, write_whole
from lowcap.small.prepared import prepare
from lowcap.small.search.divisions import divisions
from lowcap.small.search.intervals import corrected_mean
from lowcap.small.search.metrics import find_metric
from lowcap.small.search.settings import Settings
from lowcap.small.search.trial import trial
from lowcap.small.table.shipped import shipped_source
from lowcap.small.thin import SPARSITIES, thinned


def gains(dataset: str, settings: Settings) -> pd.DataFrame:
    """One row a size: mean score after one round and after all, and the gain with its interval."""
    prepared = prepare(shipped_source(dataset), folds=settings.folds)
    task, rows = prepared.task, []
    metric = find_metric(None, task.target.kind)
    for division in divisions(task, settings.folds, settings.repeats):
        one = trial(task, division, settings, metric, prepared.standardise)
        levels = thinned(task, division, one, settings, settings.sizes, (0.0,) * len(SPARSITIES))
        x = one.scaling.rows(task, division.held_out).x
        hidden = levels[0].population.keys["hidden"].to_numpy()
        for number, level in enumerate(levels):
            scores = metric(one.scaling.said(level.population.logits(x)), task.y[division.held_out])
            for size, score in zip(hidden.tolist(), scores.tolist(), strict=True):
                rows.append((size, division.repeat, division.fold, number, score))
    table = pd.DataFrame(rows, columns=["hidden", "repeat", "fold", "rounds", "score"])
    by_fold = table.pivot_table("score", ["hidden", "repeat", "fold"], "rounds")
    found = []
    for hidden, own in by_fold.groupby("hidden"):
        gain = corrected_mean((own[len(SPARSITIES)] - own[0]).to_numpy(), 1 / (settings.folds - 1))
        interval = gain.interval(0.95)
        found.append({"dataset": dataset, "hidden": hidden, "once": own[0].mean(),
                      "trained on": own[len(SPARSITIES)].mean(), "gain": interval.estimate,
                      "low": interval.low, "high": interval.high})  # fmt: skip
    return pd.DataFrame(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("datasets", nargs="*", default=["breast-cancer", "digits"])
    parser.add_argument("--sizes", type=int, nargs="+", default=[0, 2, 4, 8, 16, 64])
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    arguments = parser.parse_args()
    settings = Settings(sizes=tuple(arguments.sizes), repeats=arguments.repeats, seeds=3)
    table = pd.concat([gains(name, settings) for name in arguments.datasets], ignore_index=True)
    Console().print(table.round(4).to_string(index=False), highlight=False)
    record = {"rows": table.round(5).to_dict("records"), **environment()}
    write_whole(arguments.out / "trained-on.json", json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
