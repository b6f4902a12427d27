"""The parts of the study put together."""

from collections.abc import Sequence

import pandas as pd

from lowcap.claims import Tables, evaluate
from lowcap.data import Dataset, pair_task, parse_task
from lowcap.studies.low_capacity.claims import CLAIMS
from lowcap.studies.low_capacity.compute import compute
from lowcap.studies.low_capacity.figures import figures
from lowcap.studies.low_capacity.plan import plan
from lowcap.studies.low_capacity.settings import Settings
from lowcap.studies.low_capacity.words import describe
from lowcap.studies.study import Study


def check(settings: Settings, data: Sequence[Dataset]) -> None:
    """Refuse tasks whose classes the data set lacks."""
    (dataset,) = data
    for task in settings.tasks:
        pair_task(dataset, *parse_task(task))


def judge(tables: Tables, settings: Settings) -> pd.DataFrame:
    """Judge every claim under the protocols that were run."""
    return evaluate(CLAIMS, tables, settings.protocol)


STUDY = Study(
    name="low-capacity",
    settings=Settings,
    check=check,
    plan=plan,
    compute=compute,
    judge=judge,
    figures=figures,
    describe=describe,
)
