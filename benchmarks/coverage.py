"""Does the answer hold what is true? python -m benchmarks.coverage, some minutes.

Searches data whose smallest good size is known, and counts how often the answer's set (its size
with those that are not excluded) has it, and how often a size that is too small is said to suffice.
Of noise no size is good: there the answer is right unless it says that one is.
"""

import argparse
import json
import time
from pathlib import Path

import pandas as pd
from rich.console import Console

from lowcap.claims.estimates import Share
from lowcap.runs import environment, write_whole
from lowcap.small.search.answer import Answer, answer
from lowcap.small.search.known import KNOWN, Known, attainable, smallest_good
from lowcap.small.search.search import search
from lowcap.small.search.settings import Settings

SETTINGS = Settings(
    sizes=(0, 1, 2, 3, 4, 6, 12), repeats=2, seeds=3, starts=3, learning_rates=(0.02,), epochs=100
)
ROWS, TOLERANCE = 400, 0.04


def set_of(found: Answer) -> tuple[int, ...]:
    """The sizes that may be the smallest good one, by the answer."""
    own = found.reference if found.hidden is None else found.hidden
    return (*found.not_excluded, own)


def searched(known: Known, truth: int, runs: int) -> pd.DataFrame:
    """One row a run: `name, truth, verdict, hidden, covered, false, width`."""
    rows = []
    for seed in range(runs):
        found = answer(search(known.task(ROWS, seed), SETTINGS), tolerance=TOLERANCE)
        none = known.name == "noise"
        holds = found.verdict == "holds"
        rows.append({
            "name": known.name, "truth": truth, "verdict": found.verdict,
            "hidden": found.hidden,
            "covered": not holds if none else truth in set_of(found),
            "false": holds and (none or found.hidden < truth),
            "width": len(set_of(found)),
        })  # fmt: skip
    return pd.DataFrame(rows)


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """One row a kind of data: counts and means of its runs."""
    shares = {verdict: table["verdict"] == verdict for verdict in ("holds", "not reached")}
    by_name = table.assign(**shares).groupby("name", sort=False)
    columns = ["truth", "holds", "not reached", "covered", "false", "width"]
    return by_name[columns].mean().assign(runs=by_name.size())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50, help="of each kind of data")
    parser.add_argument("--draws", type=int, default=100, help="to find the truth from")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    arguments = parser.parse_args()
    started, parts, truths = time.monotonic(), [], {}
    for name, known in KNOWN.items():
        scores = attainable(known, ROWS, SETTINGS, draws=arguments.draws)
        truths[name] = dict(zip(map(str, SETTINGS.sizes), scores.mean(axis=1).tolist(),
                                strict=True))  # fmt: skip
        truth = smallest_good(scores, SETTINGS.sizes, TOLERANCE)
        parts.append(searched(known, truth, arguments.runs))
        Console().print(f"{name}: smallest good size {truth}", highlight=False)
    table = pd.concat(parts, ignore_index=True)
    Console().print(summary(table).round(3).to_string(), highlight=False)
    told = {}
    for column in ("covered", "false"):
        interval = Share(int(table[column].sum()), len(table)).interval()
        told[column] = [round(value, 4) for value in interval]
        Console().print(f"{column}: {interval.estimate:.1%} [{interval.low:.1%}, "
                        f"{interval.high:.1%}] of {len(table)} runs")  # fmt: skip
    record = {
        "rows": summary(table).reset_index().round(4).to_dict("records"), "attainable": truths,
        **told, "seconds": round(time.monotonic() - started), **environment(),
    }  # fmt: skip
    write_whole(arguments.out / "coverage.json", json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
