"""`lowcap verify`: whether a run is whole and as it was written."""

from collections.abc import Sequence
from pathlib import Path

from lowcap.errors import RunError
from lowcap.runs import Store
from lowcap.runs.store import RECORD, RUNNING
from lowcap.runs.verify import Wrong, repair, wrong_files, wrong_plan
from lowcap.studies.recorded import read_recorded


def verify_run(run: Path | str, *, mend: bool = False) -> list[Wrong]:
    """Check every file of a run: cells, tables, verdicts, figures and page.

    Args:
        run: the run's directory.
        mend: remove what is damaged, so that the same command computes or publishes it again.

    Returns:
        All that is wrong; after mending, what was.

    Raises:
        RunError: there is no run, or it cannot be written.
    """
    store = Store(Path(run))
    found = wrong_files(store.root)
    found += _lacking(store, found)
    if mend and found:
        repair(store, lambda: wrong_files(store.root))
    return found


def _lacking(store: Store, found: Sequence[Wrong]) -> list[Wrong]:
    try:
        cells = read_recorded(store).cells
    except RunError as error:
        if any(wrong.path.name in (RECORD, RUNNING) for wrong in found):  # told of already
            return []
        return [Wrong(store.root / RECORD, str(error), gone=True)]
    return wrong_plan(store, cells)
