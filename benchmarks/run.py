"""lowcap beside its peers, in one run: python -m benchmarks.run [CASE ...]."""

import argparse
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from benchmarks import search
from benchmarks.peers import PEERS, PRODUCT
from lowcap.bench.cases import CASES
from lowcap.bench.command import compare
from lowcap.bench.contenders import CONTENDERS
from lowcap.bench.limit import PRODUCTS
from lowcap.errors import LowcapError

EVERYONE = {family: ours | PEERS[family] for family, ours in CONTENDERS.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    names = [*CASES, *search.CASES]
    parser.add_argument(
        "cases", nargs="*", metavar="CASE", help=f"all, or some of {', '.join(names)}"
    )
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    arguments = parser.parse_args()
    asked = arguments.cases or names
    engine = [name for name in asked if name not in search.CASES]
    whole = [search.CASES[name] for name in asked if name in search.CASES]
    try:
        if whole:
            search.compare(whole, Console(), arguments.out, arguments.repetitions)
        if not engine:
            return
        compare(
            engine, EVERYONE, Console(), arguments.out,
            repetitions=arguments.repetitions,
            products=PRODUCTS | {"PyTorch": PRODUCT},
            extra={"torch": version("torch")},
        )  # fmt: skip
    except LowcapError as error:
        raise SystemExit(f"lowcap: {error}") from error


if __name__ == "__main__":
    main()
