"""Does the answer hold what is true? python -m benchmarks.coverage [--levels], some minutes.

Searches data whose smallest good size is known, and counts how often the answer's set (its size
with those that are not excluded) has it, and how often a size that is too small is said to suffice.
Of noise no size is good: there the answer is right unless it says that one is.

Good enough is a score at most `TOLERANCE` below the largest size's or, with --levels, a level that
the user names: for each kind of data two of them, `TOLERANCE` below what the largest size attains
(some size is good) and `TOLERANCE` above that (none is: "holds" would be false, and nothing else).
--rows asks it of fewer rows, or more; what is true is then that of networks trained on as many.
"""

import argparse
import json
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float
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


class Asked(NamedTuple):
    """A question, and what is true."""

    level: float | None
    """The score that is good enough; None for `TOLERANCE` below the largest size's."""
    truth: int | None
    """The smallest good size; None where no size is good."""


def set_of(found: Answer) -> tuple[int, ...]:
    """The sizes that may be the smallest good one, by the answer."""
    own = found.reference if found.hidden is None else found.hidden
    return (*found.not_excluded, own)


def searched(known: Known, asked: list[Asked], runs: int, count: int) -> pd.DataFrame:
    """One row a run of `count` rows and question.

    Columns: `name, truth, verdict, hidden, covered, false, width`.
    """
    rows = []
    for seed in range(runs):
        networks = search(known.task(count, seed), SETTINGS)
        for one in asked:
            level = {"tolerance": TOLERANCE} if one.level is None else {"at_least": one.level}
            found = answer(networks, **level)
            holds = found.verdict == "holds"
            rows.append({
                "name": known.name if one.level is None else f"{known.name} {one.level:.3f}",
                "truth": one.truth, "verdict": found.verdict, "hidden": found.hidden,
                "covered": not holds if one.truth is None else one.truth in set_of(found),
                "false": holds and (one.truth is None or found.hidden < one.truth),
                "width": len(set_of(found)),
            })  # fmt: skip
    return pd.DataFrame(rows)


def questions(known: Known, scores: Float[np.ndarray, "sizes draws"], levels: bool) -> list[Asked]:
    """What is asked of a kind of data that attains such scores."""
    if not levels:
        good = smallest_good(scores, SETTINGS.sizes, TOLERANCE)
        return [Asked(None, None if known.name == "noise" else good)]
    if known.name == "noise":
        return [Asked(0.5 + TOLERANCE, None)]
    best = float(scores.mean(axis=1).max())
    above = min(best + TOLERANCE, (best + 1) / 2)
    asked = (float(scores[-1].mean()) - TOLERANCE, above)
    return [Asked(one, smallest_good(scores, SETTINGS.sizes, at_least=one)) for one in asked]


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """One row a kind of data: counts and means of its runs."""
    shares = {verdict: table["verdict"] == verdict for verdict in ("holds", "not reached")}
    table = table.assign(truth=table["truth"].astype(float))
    by_name = table.assign(**shares).groupby("name", sort=False)
    columns = ["truth", "holds", "not reached", "covered", "false", "width"]
    return by_name[columns].mean().assign(runs=by_name.size())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50, help="of each kind of data")
    parser.add_argument("--draws", type=int, default=100, help="to find the truth from")
    parser.add_argument("--rows", type=int, default=ROWS, help="of each run")
    parser.add_argument("--levels", action="store_true", help="ask for levels, not a tolerance")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    arguments = parser.parse_args()
    started, parts, truths = time.monotonic(), [], {}
    for name, known in KNOWN.items():
        scores = attainable(known, arguments.rows, SETTINGS, draws=arguments.draws)
        truths[name] = dict(zip(map(str, SETTINGS.sizes), scores.mean(axis=1).tolist(),
                                strict=True))  # fmt: skip
        asked = questions(known, scores, arguments.levels)
        parts.append(searched(known, asked, arguments.runs, arguments.rows))
        for one in asked:
            words = "" if one.level is None else f" for at least {one.level:.3f}"
            Console().print(f"{name}: smallest good size{words}: {one.truth}", highlight=False)
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
    name = "coverage-levels" if arguments.levels else "coverage"
    name += f"-{arguments.rows}" if arguments.rows != ROWS else ""
    write_whole(arguments.out / f"{name}.json", json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
