"""Sample mutants, try the tests on each, and keep a table of what noticed them."""

import argparse
import csv
import os
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue

from tests.mutants.mutations import Mutant, mutants
from tests.mutants.trial import HERE, Copy

ROOMS = ("data", "networks", "training", "measures", "claims", "runs")
LEFT_OUT = ("studies", "bench", "mutants")
"""Tests of whole studies and of the benchmark are too dear to run for every mutant."""

COLUMNS = ("key", "file", "line", "scope", "kind", "before", "after", "killed by", "seconds")


def sample(count: int, seed: str) -> list[Mutant]:
    """Those of all mutants with the smallest hashes: an edit elsewhere changes few of them."""
    ranked = []
    for path in sorted(p for room in ROOMS for p in (HERE / "src/lowcap" / room).glob("*.py")):
        seen: Counter[tuple[str, ...]] = Counter()
        for mutant in mutants(str(path.relative_to(HERE / "src")), path.read_text()):
            name = (mutant.file, mutant.place.scope, mutant.before, mutant.after)
            seen[name] += 1
            ranked.append((sha256(repr((seed, name, seen[name])).encode()).digest(), mutant))
    return [mutant for _, mutant in sorted(ranked, key=lambda pair: pair[0])[:count]]


def limits(mutant: Mutant, reach: dict[str, dict], dearest: float) -> dict[str, float]:
    """The tests to try, in order, with seconds for each: those of the mutant's room, then others.

    Other rooms' tests are left out when they are dearer than `dearest` in all. What no test reaches
    in its own process may be reached in another, so there all tests of the room are tried.
    """
    first, last = mutant.place.reach
    room = f"tests/{mutant.file.split('/')[1]}/"
    lines = {test: noted["lines"].get(mutant.file, ()) for test, noted in reach.items()}
    found = [test for test in reach if any(first <= line <= last for line in lines[test])]
    found = found or [test for test in reach if test.startswith(room)]
    found.sort(key=lambda test: (not test.startswith(room), reach[test]["seconds"]))
    chosen, spent = {}, 0.0
    for test in found:
        spent += 0 if test.startswith(room) else reach[test]["seconds"]
        if spent < dearest:
            chosen[test] = 30 + 5 * reach[test]["seconds"]
    return chosen


class Table:
    """Results on disk, a row a mutant, written as they come."""

    def __init__(self, path: Path):
        self.path, self.lock = path, threading.Lock()
        self.rows: dict[str, dict[str, str]] = {}
        if path.exists():
            with path.open(newline="") as stream:
                self.rows = {row["key"]: row for row in csv.DictReader(stream)}

    def add(self, mutant: Mutant, killed_by: str, seconds: float) -> None:
        """A later row of a mutant replaces its earlier one."""
        values = (mutant.key, mutant.file, mutant.line, mutant.place.scope, mutant.kind,
                  mutant.before, mutant.after, killed_by, f"{seconds:.1f}")  # fmt: skip
        with self.lock:
            self.rows[mutant.key] = dict(zip(COLUMNS, map(str, values), strict=True))
            new = not self.path.exists()
            with self.path.open("a", newline="") as stream:
                csv.writer(stream).writerows([COLUMNS, values] if new else [values])


def accepted() -> dict[tuple[str, ...], str]:
    """Why a mutant may live, by file, scope, before and after."""
    text = (Path(__file__).parent / "accepted.toml").read_text()
    entries = tomllib.loads(text)["mutant"]
    return {(e["file"], e["scope"], e["before"], e["after"]): e["why"] for e in entries}


def report(table: Table, chosen: list[Mutant]) -> Iterator[str]:
    """The survivors, then the counts."""
    counts: Counter[str] = Counter()
    reasons = accepted()
    for mutant in sorted(chosen, key=lambda mutant: (mutant.file, mutant.line)):
        row = table.rows.get(mutant.key)
        outcome = "not tried" if row is None else "killed" if row["killed by"] else "survived"
        why = reasons.get((mutant.file, mutant.place.scope, mutant.before, mutant.after), "")
        if outcome == "survived" and why:
            outcome = "equivalent"
        counts[outcome] += 1
        if outcome in ("survived", "equivalent"):
            place = f"{mutant.file}:{mutant.line} {mutant.place.scope}"
            yield f"{outcome}  {place}  {mutant.before}  ->  {mutant.after}  {why}"
    changing = counts["killed"] + counts["survived"]
    share = counts["killed"] / changing if changing else 0
    yield ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common())
    yield f"{share:.1%} of those that change what the package does were killed"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="mutants to sample")
    parser.add_argument("--seed", default="lowcap", help="names the sample")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--dearest", type=float, default=60, help="seconds of other rooms' tests")
    parser.add_argument("--again", action="store_true", help="try the survivors again")
    parser.add_argument("--report", action="store_true", help="try nothing, print the table's")
    parser.add_argument("--work", type=Path, default=HERE / "build" / "mutants")
    options = parser.parse_args()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    os.environ["JAX_COMPILATION_CACHE_DIR"] = str(work / "compiled")
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
    table, chosen = Table(work / "table.csv"), sample(options.count, options.seed)
    if not options.report:
        attempt(table, chosen, work, options)
    print(*report(table, chosen), sep="\n")


def attempt(table: Table, chosen: list[Mutant], work: Path, options: argparse.Namespace) -> None:
    """Try the mutants that have no result yet."""
    start = time.perf_counter()
    copies: SimpleQueue[Copy] = SimpleQueue()
    for number in range(options.processes):
        copies.put(Copy(work, number))

    def reach(test: Path) -> dict[str, dict]:
        copy = copies.get()
        try:
            return copy.reach(test)
        finally:
            copies.put(copy)

    def one(mutant: Mutant) -> None:
        copy, began = copies.get(), time.perf_counter()
        try:
            killed_by = copy.trial(mutant, limits(mutant, reached, options.dearest))
            table.add(mutant, killed_by, time.perf_counter() - began)
        finally:
            copies.put(copy)
        print(
            f"{len(table.rows)} {mutant.file}:{mutant.line} {killed_by or 'SURVIVED'}", flush=True
        )

    tests = [
        path
        for path in sorted((HERE / "tests").rglob("test_*.py"))
        if path.relative_to(HERE / "tests").parts[0] not in LEFT_OUT
    ]
    with ThreadPoolExecutor(options.processes) as pool:
        reached = {test: found for some in pool.map(reach, tests) for test, found in some.items()}
        print(f"{len(reached)} tests after {time.perf_counter() - start:.0f} s", flush=True)
        results = {key: row["killed by"] for key, row in table.rows.items()}
        again = [m for m in chosen if options.again and results.get(m.key) == ""]
        list(pool.map(one, [m for m in chosen if m.key not in results] + again))
    print(f"{time.perf_counter() - start:.0f} s in all")


if __name__ == "__main__":
    main()
