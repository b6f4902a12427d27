"""The whole search beside scikit-learn's: python -m benchmarks.search [digits breast-cancer].

lowcap searches hidden sizes 0 to 64 with its usual settings: five folds four times, six starts, two
learning rates. `GridSearchCV(MLPClassifier)` gets the same sizes but 0, as many folds, the same
rates, batch and patience, on all cores. Of its networks one start of one repeat is trained, and the
time taken times starts and repeats: another start or another division into folds is as much work
again, and nothing of it is shared.

Beside it stands the same grid with `MLPClassifier` as it comes: batches of 200, no part of the rows
that stops it, 200 epochs at most.

All train in turns in this process; the fastest turn of each counts. The first of lowcap's turns
also compiles all there is to compile, and is told apart ("cold").
"""

import argparse
import json
import os
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console

from lowcap.runs import environment, write_whole
from lowcap.small.search.settings import Settings

CASES = {"small-digits": "digits", "small-breast-cancer": "breast-cancer"}


def ours(dataset: str) -> float:
    """Seconds that lowcap's search takes."""
    from lowcap.small.prepared import prepare
    from lowcap.small.search.search import search
    from lowcap.small.table.shipped import shipped_source

    prepared = prepare(shipped_source(dataset))
    started = time.perf_counter()
    search(prepared.task, Settings(), standardise=prepared.standardise)
    return time.perf_counter() - started


def theirs(dataset: str, cores: int, *, as_it_comes: bool = False) -> float:
    """Seconds that one start of one repeat takes GridSearchCV."""
    from sklearn.model_selection import GridSearchCV, StratifiedKFold
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import StandardScaler

    from lowcap.small.prepared import prepare
    from lowcap.small.table.shipped import shipped_source

    settings, task = Settings(), prepare(shipped_source(dataset)).task
    fitted = len(task.y) * (settings.folds - 1) // settings.folds * 4 // 5
    network = MLPClassifier(random_state=0)
    if not as_it_comes:
        network.set_params(
            batch_size=settings.batch(fitted), max_iter=settings.epochs, early_stopping=True,
            validation_fraction=0.2, n_iter_no_change=settings.patience,
        )  # fmt: skip
    grid = {
        "hidden_layer_sizes": [(size,) for size in settings.sizes if size],
        "learning_rate_init": list(settings.learning_rates),
    }
    folds = StratifiedKFold(settings.folds, shuffle=True, random_state=0)
    whole = GridSearchCV(network, grid, cv=folds, n_jobs=cores, refit=False,
                         scoring="balanced_accuracy")  # fmt: skip
    x, y = StandardScaler().fit_transform(task.x), task.y.astype(int)
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.environ["PYTHONWARNINGS"] = "ignore"  # of the processes that it starts
        whole.fit(x, y)
    return time.perf_counter() - started


def timed(dataset: str, turns: int, cores: int) -> dict[str, float | str]:
    """One row: seconds of both, cold and warm, and how many times longer scikit-learn takes."""
    settings = Settings()
    cold, warm, other, plain = ours(dataset), [], [], []
    for _ in range(turns):
        other.append(theirs(dataset, cores))
        warm.append(ours(dataset))
        plain.append(theirs(dataset, cores, as_it_comes=True))
    trained = settings.seeds * settings.repeats
    whole = min(other) * trained
    return {
        "dataset": dataset, "lowcap": min(warm), "lowcap, cold": cold, "sampled": min(other),
        "GridSearchCV": whole, "times": whole / min(warm), "times, cold": whole / cold,
        "as it comes": min(plain) * trained, "times, as it comes": min(plain) * trained / min(warm),
        "spread": float((np.max(warm) - np.min(warm)) / np.min(warm)),
    }  # fmt: skip


def compare(names: list[str], console: Console, out: Path | None, turns: int = 3) -> None:
    """Time both on some data sets, show the table, and write it if a folder is given."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    table = pd.DataFrame([timed(name, turns, int(cores or 1)) for name in names])
    console.print(table.round(2).to_string(index=False), highlight=False)
    if out is not None:
        record = {"rows": table.round(4).to_dict("records"), **environment()}
        write_whole(out / "search.json", json.dumps(record, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("datasets", nargs="*", default=list(CASES.values()))
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    arguments = parser.parse_args()
    compare(arguments.datasets, Console(), arguments.out, arguments.turns)


if __name__ == "__main__":
    main()
