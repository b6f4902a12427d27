"""What tables, verdicts, figures and page of a run cost: python -m benchmarks.publishing RUN.

`lowcap report RUN` is timed phase by phase, as its own words on the terminal tell them; start and
end of Python are told apart. The page of the run is written again, as that command does.
"""

import argparse
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pandas as pd
from rich.console import Console

PHASES = ("collecting tables", "judging claims", "drawing figures", "writing the page")


def measured(run: Path) -> dict[str, float]:
    """Seconds before publishing, of each phase and of all of them, and of the whole command.

    Raises:
        RuntimeError: the command fails, or tells other phases.
    """
    command = [sys.executable, "-u", "-m", "lowcap", "report", str(run)]
    started = time.perf_counter()
    begun: dict[str, float] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            name = line.strip()
            if name in PHASES:
                begun[name] = time.perf_counter()
            elif begun:
                begun.setdefault("end", time.perf_counter())
    ended = time.perf_counter()
    if process.returncode or list(begun) != [*PHASES, "end"]:
        raise RuntimeError(f"{' '.join(command)}: exit {process.returncode}, told {list(begun)}")
    places = list(begun.values())
    lengths = [after - before for before, after in pairwise(places)]
    return {
        "starting": places[0] - started,
        **dict(zip(PHASES, lengths, strict=True)),
        "publishing": places[-1] - places[0],
        "command": ended - started,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, metavar="RUN")
    parser.add_argument("--times", type=int, default=3, help="how often")
    asked = parser.parse_args()
    table = pd.DataFrame([measured(asked.run) for _ in range(asked.times)])
    Console(width=120).print(table.round(2).to_string(index=False), highlight=False)


if __name__ == "__main__":
    main()
