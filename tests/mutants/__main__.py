"""Sample mutants, try the tests on each, and keep a table of what noticed them."""

import argparse
import csv
import os
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from tests.mutants.mutations import Mutant, mutants
from tests.mutants.trial import HERE, Copy

ROOMS = ("data", "networks", "training", "measures", "claims", "runs")
LEFT_OUT = ("studies", "bench", "mutants")
"""Tests of whole studies and of the benchmark are too dear to run for every mutant."""

COLUMNS = ("key", "file", "line", "code", "kind", "before", "after", "killed by", "seconds")


def sample(count: int, seed: str, rooms: Sequence[str] = ROOMS) -> list[Mutant]:
    """Those of all mutants with the smallest hashes: an edit elsewhere changes few of them."""
    ranked = []
    for path in sorted(p for room in rooms for p in (HERE / "src/lowcap" / room).glob("*.py")):
        seen: Counter[tuple[str, ...]] = Counter()
        for mutant in mutants(str(path.relative_to(HERE / "src")), path.read_text()):
            seen[mutant.name] += 1
            text = repr((seed, mutant.name, seen[mutant.name]))
            ranked.append((sha256(text.encode()).digest(), mutant))
    return [mutant for _, mutant in sorted(ranked, key=lambda pair: pair[0])[:count]]


def limits(mutant: Mutant, reach: dict[str, dict], dearest: float) -> dict[str, float]:
    """The tests to try, in order, with seconds for each: those of the mutant's room, then others.

    Other rooms' tests are tried until they are dearer than `dearest` in all. What runs at import,
    or in other processes alone, any test of the room may notice, those with new names too.
    """
    first, last = mutant.reach
    room = f"tests/{mutant.file.split('/')[1]}/"
    lines = {test: noted["lines"].get(mutant.file, ()) for test, noted in reach.items()}
    found = {test for test in reach if any(first <= line <= last for line in lines[test])}
    anywhere = mutant.at_import or not found
    found |= {test for test in reach if anywhere and test.startswith(room)}
    chosen, spent = {}, 0.0
    for test in sorted(found, key=lambda t: (not t.startswith(room), reach[t]["seconds"])):
        spent += 0 if test.startswith(room) else reach[test]["seconds"]
        if spent < dearest:
            chosen[test] = 30 + 5 * reach[test]["seconds"]
    return chosen | ({room: 60.0} if anywhere else {})


def read(table: Path) -> dict[str, str]:
    """By key of a mutant, what killed it; a later row of the table replaces an earlier one."""
    if not table.exists():
        return {}
    with table.open(newline="") as stream:
        return {row["key"]: row["killed by"] for row in csv.DictReader(stream)}


def write(table: Path, mutant: Mutant, killed_by: str, seconds: float) -> None:
    """Add a row to the table."""
    row = (mutant.key, mutant.file, mutant.line, mutant.code, mutant.kind, mutant.before)
    new = not table.exists()
    with table.open("a", newline="") as stream:
        rows = [(*row, mutant.after, killed_by, f"{seconds:.1f}")]
        csv.writer(stream).writerows([COLUMNS, *rows] if new else rows)


def accepted() -> dict[tuple[str, ...], tuple[str, str]]:
    """By file, line of code, before and after: how a mutant that lives is counted, and why."""
    known = tomllib.loads((Path(__file__).parent / "accepted.toml").read_text())
    return {
        (entry["file"], entry["code"], entry["before"], entry["after"]): (outcome, entry["why"])
        for outcome, entries in known.items()
        for entry in entries
    }


def report(results: dict[str, str], chosen: list[Mutant]) -> Iterator[str]:
    """The survivors, then the counts."""
    counts: Counter[str] = Counter()
    known = accepted()
    for mutant in sorted(chosen, key=lambda mutant: (mutant.file, mutant.line)):
        killed_by = results.get(mutant.key)
        outcome = "not tried" if killed_by is None else "killed"
        if killed_by == "":
            outcome, why = known.get(mutant.words, ("survived", ""))
            yield f"{outcome}  {mutant.file}:{mutant.line}  {mutant.code}"
            yield f"    {mutant.before}  ->  {mutant.after}  {why}"
        counts[outcome] += 1
    yield ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common())
    changing = counts["killed"] + counts["survived"] + counts["setting"]
    yield f"{counts['killed'] / max(1, changing):.1%} of those that change something were killed"


def attempt(table: Path, chosen: list[Mutant], options: argparse.Namespace) -> None:
    """Try mutants without a result yet; with `again`, also those that survived unexplained."""
    copies: SimpleQueue[Copy] = SimpleQueue()
    for number in range(options.processes):
        copies.put(Copy(table.parent, number))

    def in_a_copy(work: Callable[[Copy, Any], Any], item: Any) -> Any:
        copy = copies.get()
        try:
            return work(copy, item)
        finally:
            copies.put(copy)

    def one(copy: Copy, mutant: Mutant) -> None:
        start = time.perf_counter()
        killed_by = copy.trial(mutant, limits(mutant, reached, options.dearest))
        write(table, mutant, killed_by, time.perf_counter() - start)
        print(f"{mutant.file}:{mutant.line}", killed_by or "SURVIVED", flush=True)

    tests = [
        path
        for path in sorted((HERE / "tests").rglob("test_*.py"))
        if path.relative_to(HERE / "tests").parts[0] not in LEFT_OUT
    ]
    results, known = read(table), accepted()
    left = [mutant for mutant in chosen if mutant.key not in results]
    if options.again:
        left += [m for m in chosen if results.get(m.key) == "" and m.words not in known]
    with ThreadPoolExecutor(options.processes) as pool:
        found = pool.map(lambda test: in_a_copy(Copy.reach, test), tests)
        reached = {test: noted for some in found for test, noted in some.items()}
        print(f"{len(reached)} tests, {len(left)} mutants to try", flush=True)
        list(pool.map(lambda mutant: in_a_copy(one, mutant), left))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="mutants to sample")
    parser.add_argument("--seed", default="lowcap", help="names the sample")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--dearest", type=float, default=60, help="seconds of other rooms' tests")
    parser.add_argument("--again", action="store_true", help="try unexplained survivors again")
    parser.add_argument("--report", action="store_true", help="try nothing, print what is known")
    options = parser.parse_args()
    work = HERE / "build" / "mutants"
    work.mkdir(parents=True, exist_ok=True)
    os.environ["JAX_COMPILATION_CACHE_DIR"] = str(work / "compiled")
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
    table, chosen = work / "table.csv", sample(options.count, options.seed)
    if not options.report:
        attempt(table, chosen, options)
    print(*report(read(table), chosen), sep="\n")


if __name__ == "__main__":
    main()
