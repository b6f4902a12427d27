"""What bfloat16 products do to scores: python -m benchmarks.precision [--dataset mnist]."""

import argparse
import time

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from lowcap.claims.estimates import mean_of
from lowcap.data import pair_task
from lowcap.measures import capacity, scores_by_seed, stable_capacity
from lowcap.networks import grid
from lowcap.studies.low_capacity.settings import HIDDEN, LEARNING_RATE, PAIRS
from lowcap.training import fit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", default="mnist-5k")
    parser.add_argument("--data-dir")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--batch-size", type=int, default=128)
    arguments = parser.parse_args()
    scores, seconds = [], {"float32": [], "bfloat16": []}
    for name in PAIRS:
        first, second = map(int, name.split("-"))
        task = pair_task(arguments.dataset, first, second, data_dir=arguments.data_dir)
        for seed in range(arguments.seeds):
            split = task.split(seed)
            members = grid(HIDDEN, [LEARNING_RATE], [seed])
            for precision, spent in seconds.items():
                start = time.perf_counter()
                fitted = fit(
                    members, split, epochs=arguments.epochs, batch_size=arguments.batch_size,
                    seed=seed, precision=precision,  # type: ignore[arg-type]
                )  # fmt: skip
                if seed:  # the first compiles
                    spent.append(time.perf_counter() - start)
                scores.append(
                    capacity(fitted.population, split).assign(task=name, precision=precision)
                )
    _show(pd.concat(scores), seconds)


def _show(scores: pd.DataFrame, seconds: dict[str, list[float]]) -> None:
    """Effect of the precision on the test F1 of the same networks, beside the spread of seeds."""
    keys = ["task", "hidden", "seed"]
    f1, loss = (
        scores.pivot_table(index=keys, columns="precision", values=score)
        for score in ("test_f1", "val_loss")
    )
    change, of_loss = (each["bfloat16"] - each["float32"] for each in (f1, loss))
    table = Table(box=None, pad_edge=False, title="bfloat16 less float32, and minimum capacity")
    columns = (
        "task", "test F1", "95 % ±", "largest", "seeds' s.d.", "val. loss", "largest",
        "float32", "bfloat16",
    )  # fmt: skip
    for column in columns:
        table.add_column(column, justify="left" if column == "task" else "right")
    for task, rows in change.groupby("task", sort=False):
        by_seed = rows.groupby("seed").mean()  # a seed's data are shared
        mean = mean_of(by_seed.to_numpy()).interval()
        of_task = f1.loc[[task]].reset_index()
        spread = of_task.groupby("hidden")["float32"].std().mean()
        sizes = [stable_capacity(scores_by_seed(of_task, name)) for name in seconds]
        table.add_row(
            str(task), f"{mean.estimate:+.5f}", f"{mean.high - mean.estimate:.5f}",
            f"{rows.abs().max():.4f}", f"{spread:.4f}", f"{of_loss[task].mean():+.1e}",
            f"{of_loss[task].abs().max():.1e}", *(f"{size:g}" for size in sizes),
        )  # fmt: skip
    console = Console()
    console.print(table)
    ratio = np.median(np.divide(seconds["float32"], seconds["bfloat16"]))
    console.print(
        f"{len(change)} networks a precision; float32 takes {ratio:.2f} times as long (median)"
    )


if __name__ == "__main__":
    main()
