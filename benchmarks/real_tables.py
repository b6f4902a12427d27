"""lowcap's answer for twenty real tables: python -m benchmarks.real_tables [NAME ...], an hour.

Beside it what `MLPClassifier` (or -Regressor) of 100 hidden units and gradient boosting (four
settings, chosen by three folds of the training rows) score on the same test rows, which nobody
chose anything on. The tables come from ten sources that are installed with scikit-learn and mlxtend
or lie in the folder LOWCAP_DATA: some share rows and differ in what is predicted of them.

A row is written as soon as it is there; a table that has one is not searched again.
"""

import argparse
import json
import os
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console

from lowcap.data import load_dataset
from lowcap.runs import environment, write_whole
from lowcap.small.model import inputs_of
from lowcap.small.prepared import Prepared, prepare
from lowcap.small.request import Request
from lowcap.small.run import conduct
from lowcap.small.search.metrics import find_metric
from lowcap.streams import stream

Rows = pd.DataFrame | tuple[np.ndarray, np.ndarray]
"""A table with its target, or images and labels."""


@dataclass(frozen=True)
class Real:
    """A table, where it is from, and what is predicted."""

    source: str
    make: Callable[[], Rows]
    target: str | None = None
    drop: tuple[str, ...] = ()
    kind: Any = None


def shipped(name: str) -> pd.DataFrame:
    """One of scikit-learn's tables, its target last."""
    from sklearn import datasets

    bunch: Any = getattr(datasets, f"load_{name}")(as_frame=True)
    return bunch.frame


def even_digits() -> pd.DataFrame:
    table = shipped("digits")
    return table.assign(target=np.where(table["target"] % 2, "odd", "even"))


def eight_or_not() -> pd.DataFrame:
    table = shipped("digits")
    return table.assign(target=np.where(table["target"] == 8, "eight", "another"))


def of_mlxtend(name: str, columns: str) -> pd.DataFrame:
    from mlxtend import data

    x, y = getattr(data, f"{name}_data")()
    names = columns.split()
    return pd.DataFrame(np.column_stack([x, y]), columns=names)


BOSTON = "crim zn indus chas nox rm age dis rad tax ptratio b lstat price"
CARS = "cylinders displacement horsepower weight acceleration year origin name miles"


def cars() -> pd.DataFrame:
    """Without the number of a car's name, which nobody should learn."""
    from mlxtend.data import autompg_data

    x, y = autompg_data()
    names = CARS.split()[: x.shape[1]]
    table = pd.DataFrame(x, columns=names).assign(miles=y).astype(float)
    return table.drop(columns="name", errors="ignore")


def dear_houses() -> pd.DataFrame:
    table = of_mlxtend("boston_housing", BOSTON)
    above = table["price"] > table["price"].median()
    return table.drop(columns="price").assign(price=np.where(above, "above", "below"))


@cache
def images(dataset: str, rows: int, classes: tuple[int, ...] = (), halved: bool = False) -> tuple:
    """So many rows of a data set of images, of some classes; halved, means of two by two pixels.

    Of whole images in ten classes boosting takes many minutes.
    """
    if dataset.endswith(".npz"):
        dataset = str(Path(os.environ["LOWCAP_DATA"]) / dataset)
    whole = load_dataset(dataset)
    y = whole.labels
    there = np.flatnonzero(np.isin(y, classes)) if classes else np.arange(len(y))
    some = np.sort(stream("real tables", rows, *classes).permutation(there)[:rows])
    shown = whole.images[some].reshape(len(some), *whole.shape)
    if halved:
        height, width = whole.shape[0] // 2, whole.shape[1] // 2
        means = shown.reshape(len(some), height, 2, width, 2).mean(axis=(2, 4))
        shown = np.round(means).astype(np.uint8)
    return shown, y[some]


TABLES: Mapping[str, Real] = {
    "breast cancer": Real("breast cancer", partial(shipped, "breast_cancer"), "target"),
    "breast cancer, fractal dimension": Real(
        "breast cancer", partial(shipped, "breast_cancer"), "mean fractal dimension",
        ("worst fractal dimension", "fractal dimension error"),
    ),
    "wine": Real("wine", partial(shipped, "wine"), "target"),
    "wine, alcohol": Real("wine", partial(shipped, "wine"), "alcohol", ("target",)),
    "iris": Real("iris", partial(shipped, "iris"), "target"),
    "iris, petal width": Real("iris", partial(shipped, "iris"), "petal width (cm)", ("target",)),
    "digits": Real("digits", partial(shipped, "digits"), "target"),
    "digits, odd or even": Real("digits", even_digits, "target"),
    "digits, eight or not": Real("digits", eight_or_not, "target"),
    "diabetes": Real("diabetes", partial(shipped, "diabetes"), "target", kind="regression"),
    "diabetes, sex": Real("diabetes", lambda: shipped("diabetes").assign(
        sex=np.where(shipped("diabetes")["sex"] > 0, "one", "other")), "sex", ("target",)),
    "boston": Real("boston", partial(of_mlxtend, "boston_housing", BOSTON), "price"),
    "boston, above the median": Real("boston", dear_houses, "price"),
    "auto mpg": Real("auto mpg", cars, "miles"),
    "auto mpg, origin": Real("auto mpg", cars, "origin", ("miles",), "classes"),
    "mnist, 14 x 14": Real("mnist", partial(images, "mnist", 4000, halved=True)),
    "mnist, 4 or 9": Real("mnist", partial(images, "mnist", 2000, (4, 9))),
    "fashion-mnist, 14 x 14": Real(
        "fashion-mnist", partial(images, "fashion-mnist", 4000, halved=True)
    ),
    "fashion-mnist, T-shirt or shirt": Real(
        "fashion-mnist", partial(images, "fashion-mnist", 2000, (0, 6))
    ),
    "cifar-10, cat or dog": Real("cifar-10", partial(images, "cifar-10-small.npz", 2000, (3, 5))),
}  # fmt: skip


def written(real: Real, folder: Path) -> Path:
    """The table as a user's file."""
    rows = real.make()
    if isinstance(rows, pd.DataFrame):
        path = folder / "table.csv"
        rows.to_csv(path, index=False)
        return path
    path = folder / "table.npz"
    np.savez(path, images=rows[0], labels=rows[1])
    return path


def ours(real: Real, path: Path, minutes: float) -> dict[str, Any]:
    """What `lowcap small` says."""
    request = Request(str(path), real.target, drop=real.drop, kind=real.kind, minutes=minutes)
    told = conduct(request, path.parent / "run").answer
    kept = f"{told['kept']['hidden']}"
    if told["kept"]["sparsity"]:
        kept += f", {100 * told['kept']['sparsity']:.3g} % gone"
    return {
        "rows": told["data"]["training_rows"], "metric": told["metric"],
        "verdict": told["verdict"], "network": kept, "bytes": told["flash_bytes"],
        "score": told["test"]["score"], "low": told["test"]["low"], "high": told["test"]["high"],
        "seconds": told["seconds"], "sentence": told["sentence"],
    }  # fmt: skip


def peers(real: Real, path: Path) -> dict[str, Any]:
    """Scores on the test rows, bytes and seconds of scikit-learn's models."""
    from sklearn import ensemble, neural_network
    from sklearn.model_selection import GridSearchCV

    prepared = prepare(Request(str(path), real.target, drop=real.drop).read(), kind=real.kind)
    kind = "Regressor" if prepared.target.kind == "regression" else "Classifier"
    network = getattr(neural_network, f"MLP{kind}")(hidden_layer_sizes=(100,), random_state=0)
    boosting = getattr(ensemble, f"HistGradientBoosting{kind}")(random_state=0)
    tuned = GridSearchCV(boosting, {"learning_rate": [0.05, 0.2], "max_leaf_nodes": [7, 31]}, cv=3)
    found: dict[str, Any] = {}
    for name, model in (("mlp", network), ("boosting", tuned)):
        started = time.perf_counter()
        found[f"{name} score"] = _score(prepared, model, name == "mlp")
        found[f"{name} seconds"] = round(time.perf_counter() - started, 1)
    arrays = [*network.coefs_, *network.intercepts_]
    found["mlp bytes"] = 4 * sum(values.size for values in arrays)
    # Of each node a feature, a threshold and two places: 8 bytes, written tightly.
    trees = [tree for each in tuned.best_estimator_._predictors for tree in each]
    found["boosting bytes"] = 8 * sum(len(tree.nodes) for tree in trees)
    return found


def _score(prepared: Prepared, model: Any, scaled: bool) -> float:
    """Fit on the training rows, score on the test rows by the metric of the search.

    A network gets features and a target of mean 0 and deviation 1, as lowcap's do.
    """
    x = inputs_of(prepared.columns, prepared.train.table)
    other = inputs_of(prepared.columns, prepared.test.table)
    if scaled:
        spread = np.where(x.std(axis=0) > 0, x.std(axis=0), 1)
        x, other = (x - x.mean(axis=0)) / spread, (other - x.mean(axis=0)) / spread
    y, true = (prepared.target.encode(one.target) for one in (prepared.train, prepared.test))
    metric = find_metric(None, prepared.target.kind)
    regression = prepared.target.kind == "regression"
    middle, unit = (y.mean(), y.std()) if scaled and regression else (0.0, 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has not converged
        model.fit(x, (y - middle) / unit if regression else y)
    if regression:
        logits = (middle + unit * model.predict(other))[:, None]
    else:
        logits = np.log(model.predict_proba(other).clip(1e-12))
        if prepared.target.kind == "binary":
            logits = logits[:, 1:] - logits[:, :1]
    return float(metric(np.asarray(logits, float)[None], true)[0])


def markdown(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """The table for the documentation."""
    lines = [
        "| table | rows | score by | answer | hidden units kept | bytes | score "
        "| MLP (100): score, bytes | boosting: score, bytes |",
        "| --- | --: | --- | --- | --- | --: | --- | --- | --- |",
    ]  # fmt: skip
    for name, row in rows.items():
        lines.append(
            f"| {name} | {row['rows']:,} | {row['metric']} | {row['verdict']} | {row['network']} | "
            f"{row['bytes']:,} | {row['score']:.3f} [{row['low']:.3f}, {row['high']:.3f}] | "
            f"{row['mlp score']:.3f}, {row['mlp bytes']:,} | {row['boosting score']:.3f}, "
            f"{row['boosting bytes']:,} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(TABLES)}")
    parser.add_argument("--minutes", type=float, default=1.0, help="of each search")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    arguments = parser.parse_args()
    path = arguments.out / "real-tables.json"
    rows = json.loads(path.read_text())["rows"] if path.exists() else {}
    for name in arguments.names or TABLES:
        if name in rows:
            continue
        with tempfile.TemporaryDirectory() as folder:
            file = written(TABLES[name], Path(folder))
            rows[name] = {"source": TABLES[name].source, **ours(TABLES[name], file,
                          arguments.minutes), **peers(TABLES[name], file)}  # fmt: skip
        Console().print(f"{name}: {rows[name]['sentence']}", highlight=False)
        record = {"rows": rows, "minutes": arguments.minutes, **environment()}
        write_whole(path, json.dumps(record, indent=2) + "\n")
    Console().print(markdown(rows), highlight=False)
    write_whole(arguments.out / "real-tables.md", markdown(rows))


if __name__ == "__main__":
    main()
