"""`lowcap explore RUN`: the page to play with."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro
from rich.console import Console

from lowcap.cli.words import complain
from lowcap.errors import LowcapError
from lowcap.studies.settings import otherwise

if TYPE_CHECKING:
    from lowcap.small.kept import Kept


@dataclass(frozen=True)
class Explore:
    """Write a page to play with: draw an image, prune a network, disturb it, train one and watch.

    Makes RUN/explorer.html of a run of low-capacity or of small: one file of at most 4 MB that any
    browser opens, without a server and without a network. It holds some of the run's trained
    networks and real images, or rows of your table; the address bar carries what is chosen, so
    that a link shows the same. `lowcap run low-capacity` and `lowcap small` write it by themselves.

    For example:
        lowcap explore runs/low-capacity-mnist-5k
        lowcap explore runs/low-capacity-mnist --data-dir ~/datasets
        lowcap explore runs/small-data
    """

    run: tyro.conf.Positional[Path]
    """The run's directory."""
    data_dir: Annotated[Path | None, otherwise("LOWCAP_DATA, the cache, then the mirrors")] = None
    """Look here first for the data set's files."""

    def __call__(self, console: Console) -> int:
        """Write it."""
        from lowcap.explorer import explore

        page = explore(self.run, data_dir=self.data_dir)
        console.print(f"explore: {page}", highlight=False, markup=False)
        return 0


def add_page(run: Path, console: Console, data_dir: Path | None = None) -> None:
    """Write the page of a run that has just ended, and say where; a run is no worse without."""
    from lowcap.explorer import explore

    try:
        page = explore(run, data_dir=data_dir)
    except LowcapError as error:
        complain(f"no page to play with: {error}")
    else:
        console.print(f"explore: {page}", highlight=False, markup=False)


def page_of_small(kept: "Kept") -> str | None:
    """The page of a run of `lowcap small` that is about to be written, or why there is none."""
    from lowcap.explorer import page_of_rows

    try:
        return page_of_rows(kept)
    except LowcapError as error:
        complain(f"no page to play with: {error}")
        return None
