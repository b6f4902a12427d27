"""`lowcap data`: which data sets are here, where from, whether whole."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro
from rich.console import Console
from rich.table import Table

from lowcap.cli.words import complain
from lowcap.errors import LowcapError
from lowcap.studies.settings import otherwise

if TYPE_CHECKING:
    from lowcap.data import Dataset

WITHOUT = "LOWCAP_DATA, then the cache"
"""Where data sets are looked for without --data-dir."""


@dataclass(frozen=True)
class DataList:
    """Say which data sets are here, where, and whether they are whole.

    For example:
        lowcap data list
        lowcap data list --data-dir ~/datasets
    """

    data_dir: Annotated[Path | None, otherwise(WITHOUT)] = None
    """Look here first."""

    def __call__(self, console: Console) -> int:
        """List them."""
        from lowcap.data import BUILT_IN
        from lowcap.data.sources import SOURCES, locate, state

        table = Table(box=None, pad_edge=False)
        for column in ("data set", "what", "state", "where"):
            table.add_column(column, overflow="fold")
        table.add_row(BUILT_IN, "5,000 digits of MNIST, 28 x 28", "built in", "")
        for source in SOURCES.values():
            folder = locate(source, self.data_dir)
            found = state(source, folder) if folder else "missing"
            table.add_row(source.name, source.description, found, str(folder or ""))
        console.print(table)
        return 0


@dataclass(frozen=True)
class DataFetch:
    """Download a data set into the cache, each file checked against its SHA-256.

    For example:
        lowcap data fetch mnist fashion-mnist
        lowcap data fetch cifar-10
    """

    names: tyro.conf.Positional[tuple[Literal["mnist", "fashion-mnist", "cifar-10"], ...]]
    """Which data sets."""

    def __call__(self, console: Console) -> int:
        """Fetch them."""
        from lowcap.data.sources import FETCHED, SOURCES, fetch

        if not self.names:
            raise LowcapError(f"name at least one data set: {', '.join(FETCHED)}")
        for name in self.names:
            console.print(f"{name}: whole, in {fetch(SOURCES[name])}", highlight=False)
        return 0


@dataclass(frozen=True)
class DataCheck:
    """Read data sets whole and say what is wrong with them, if anything is.

    Without names, checks every data set that is here. For example:
        lowcap data check mnist --data-dir ~/datasets
        lowcap data check my-images.npz
    """

    names: tyro.conf.Positional[tuple[str, ...]] = ()
    """Names of data sets, or paths of .npz files."""
    data_dir: Annotated[Path | None, otherwise(WITHOUT)] = None
    """Look here first."""

    def __call__(self, console: Console) -> int:
        """Check them; 1 if any is damaged."""
        from lowcap.data import BUILT_IN, load_dataset
        from lowcap.data.sources import SOURCES, locate, missing

        here = [name for name, source in SOURCES.items() if locate(source, self.data_dir)]
        damaged = 0
        for name in self.names or (BUILT_IN, *here):
            if name in SOURCES and locate(SOURCES[name], self.data_dir) is None:
                complain(missing(SOURCES[name]))
                damaged += 1
                continue
            try:
                data = load_dataset(name, self.data_dir)
            except LowcapError as error:
                complain(str(error))
                damaged += 1
            else:
                console.print(_described(data, name), highlight=False, soft_wrap=True)
        return int(damaged > 0)


def _described(data: "Dataset", name: str) -> str:
    """What a whole data set holds, in one line."""
    from lowcap.data.sources import SOURCES

    classes = f"{len(data.classes)} classes"
    if data.class_names and data.class_names != tuple(map(str, data.classes)):
        classes += f" ({', '.join(data.class_names[label] for label in data.classes)})"
    what = f" ({SOURCES[name].description})" if name in SOURCES else ""
    return (
        f"{data.name}: whole{what}; {len(data.labels):,} training and "
        f"{len(data.test_labels):,} test images of {' x '.join(map(str, data.shape))}, {classes}"
    )


@dataclass(frozen=True)
class Data:
    """Say which data sets are here, fetch them, check them."""

    action: (
        Annotated[DataList, tyro.conf.subcommand("list")]
        | Annotated[DataFetch, tyro.conf.subcommand("fetch")]
        | Annotated[DataCheck, tyro.conf.subcommand("check")]
    )

    def __call__(self, console: Console) -> int:
        """Do it."""
        return self.action(console)
