"""The parts of the study put together."""

from collections.abc import Sequence

from lowcap.claims import Tables
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


def conditions(tables: Tables, settings: Settings) -> Sequence[str]:
    """The protocols that were run."""
    return settings.protocol


def replicates(tables: Tables, protocol: str) -> int:
    """How many seeds the protocol's networks have, on the task that has fewest."""
    table = tables["capacity"]
    seeds = table[table["protocol"] == protocol].groupby("task")["seed"].nunique()
    return int(seeds.min()) if len(seeds) else 0


STUDY = Study(
    name="low-capacity",
    settings=Settings,
    check=check,
    plan=plan,
    compute=compute,
    claims=CLAIMS,
    by="protocol",
    conditions=conditions,
    replicates=replicates,
    figures=figures,
    describe=describe,
)
