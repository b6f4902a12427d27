"""From a run's directory to its page to play with."""

from contextlib import suppress
from pathlib import Path

from lowcap.errors import RunError
from lowcap.explorer.images import image_content
from lowcap.explorer.page import html
from lowcap.explorer.rows import row_content
from lowcap.runs import Store, write_whole
from lowcap.runs.store import RECORD
from lowcap.small.export.manifest import PAGE
from lowcap.small.kept import ANSWER, Kept, read_kept
from lowcap.studies.publish import link_explorer

EXPLORED = ("low-capacity",)
"""Studies whose runs have such a page; so have those of `lowcap small`."""


def explore(run: Path | str, *, data_dir: Path | str | None = None) -> Path:
    """Write RUN/explorer.html: the run's networks to look into, and training to watch.

    The page of a study, RUN/report.html, leads there from then on.

    Args:
        run: the directory of a run of low-capacity, or of `lowcap small`.
        data_dir: a folder to look in first for the data set's files.

    Returns:
        The page: one file that needs no server and asks for nothing.

    Raises:
        RunError: there is no such run, or none of its networks is stored.
        DataError: the data set is not here.

    Example:
        >>> lowcap.explore("runs/low-capacity-mnist-5k")
    """
    folder = Path(run)
    if (folder / ANSWER).is_file():
        content = row_content(read_kept(folder))
    else:
        study = _study(folder)
        if study not in EXPLORED:
            raise RunError(
                f"{folder}: a run of {study}; there are pages to play with of "
                f"{', '.join(EXPLORED)} and small"
            )
        content = image_content(folder, Path(data_dir) if data_dir else None)
    page = folder / PAGE
    write_whole(page, html(content))
    if not (folder / ANSWER).is_file():
        with suppress(RunError):  # who writes to the run now finds the page
            link_explorer(Store(folder))
    return page


def page_of_rows(kept: Kept) -> str:
    """The page of a run of `lowcap small`, which `explore` writes of one that stands on disk.

    Raises:
        RunError: its networks are too large for a page.
    """
    return html(row_content(kept))


def _study(folder: Path) -> str:
    store = Store(folder)
    if not store.has_record():
        raise RunError(f"{folder}: no run here (it has no {RECORD} and no {ANSWER})")
    return str(store.record().get("study"))
