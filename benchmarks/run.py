"""lowcap beside its peers, in one run: python -m benchmarks.run [CASE ...]."""

import argparse
from pathlib import Path

import torch
from rich.console import Console

from benchmarks.peers import PEERS
from lowcap.bench import CASES, CONTENDERS
from lowcap.bench.command import compare

UNBEARABLE = {
    "large": ("scikit-learn", "PyTorch loop"),
}
"""Contenders that would take hours: they are left out, not estimated."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "cases", nargs="*", default=list(CASES), choices=list(CASES), metavar="CASE"
    )
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    arguments = parser.parse_args()
    compare(
        arguments.cases, {**CONTENDERS, **PEERS}, Console(), arguments.out,
        repetitions=arguments.repetitions, without=UNBEARABLE,
        extra={"torch": torch.__version__},
    )  # fmt: skip


if __name__ == "__main__":
    main()
