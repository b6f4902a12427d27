"""`lowcap verify`: whether a run is whole and as it was written."""

from pathlib import Path

from lowcap.errors import RunError, SettingsError
from lowcap.runs import Store
from lowcap.runs.verify import Wrong, repair, wrong_files, wrong_plan
from lowcap.studies import find
from lowcap.studies.recorded import Recorded


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
    found = [*wrong_files(store.root), *_lacking(store)]
    if mend and found:
        repair(store, lambda: wrong_files(store.root))
    return found


def _lacking(store: Store) -> list[Wrong]:
    try:
        record = store.record()
        cells = Recorded(find(record.get("study", "")), store, record).cells
    except (RunError, SettingsError):  # told of already
        return []
    return wrong_plan(store, cells)
