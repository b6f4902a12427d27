"""Runs of studies whose cells are computed in the process of the tests.

A process of its own imports everything anew, and compiles what the tests compile a second time.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from lowcap.studies.publish import Result
from lowcap.studies.study import Study, conduct


def conduct_here(study: Study, settings: Any, out: Path, **options: Any) -> Result:
    """Run a study in this process, and draw its figures here too."""
    with ThreadPoolExecutor(1) as executor:
        return conduct(study, settings, out, workers=1, executor=executor, **options)
