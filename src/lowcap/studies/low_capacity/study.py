"""The parts of the study put together."""

from collections.abc import Sequence
from dataclasses import replace

from lowcap.claims import Need, Reading, Tables
from lowcap.data import Dataset, pair_task, parse_task
from lowcap.runs import Cell
from lowcap.studies.low_capacity.claims import CLAIMS
from lowcap.studies.low_capacity.figures import figures
from lowcap.studies.low_capacity.measures import MEASURES, keyed, wanted
from lowcap.studies.low_capacity.plan import plan, seeds_of
from lowcap.studies.low_capacity.settings import (
    LEARNING_RATES,
    MORE_RATES,
    RATE_TASK,
    Settings,
)
from lowcap.studies.low_capacity.training import LONGEST, files_of, read
from lowcap.studies.low_capacity.words import describe
from lowcap.studies.measure import Work
from lowcap.studies.room import Largest, one_layer, pair_rows
from lowcap.studies.study import Study


def check(settings: Settings, data: Sequence[Dataset]) -> None:
    """Refuse tasks whose classes the data set lacks."""
    (dataset,) = data
    for task in settings.tasks:
        pair_task(dataset, *parse_task(task))


def largest(settings: Settings, dataset: Dataset) -> Largest:
    """The cell that compares learning rates, where there is one."""
    rates = len(LEARNING_RATES + MORE_RATES) if RATE_TASK in settings.tasks else 1
    rows = pair_rows(dataset)
    steps = LONGEST * settings.least_steps if "corrected" in settings.protocol else 0
    epochs = max(settings.epochs, round(steps * 128 / rows))
    inputs = dataset.images.shape[1]
    weights = rates * one_layer(settings.hidden, inputs)
    return Largest(rates * len(settings.hidden), weights, epochs, rows)


def conditions(tables: Tables, settings: Settings) -> Sequence[str]:
    """The protocols that were run."""
    return settings.protocol


def replicates(tables: Tables, protocol: str) -> int:
    """How many seeds the protocol's networks have, on the task that has fewest."""
    table = tables["capacity"]
    seeds = table[table["protocol"] == protocol].groupby("task")["seed"].nunique()
    return int(seeds.min()) if len(seeds) else 0


def extend(settings: Settings, needs: Sequence[Need]) -> Settings | None:
    """Twice the seeds of the tasks whose claims are open; the author's own three stay three."""
    counts = {
        (need.condition, task): 2 * len(seeds_of(settings, need.condition, task))
        for need in needs
        if need.condition != "published"
        for task in need.tasks or settings.tasks
        if task in settings.tasks
    }
    if not counts:
        return None
    for entry in settings.extra:
        protocol, task, seeds = entry.split()
        counts.setdefault((protocol, task), int(seeds))
    return replace(settings, extra=tuple(f"{p} {t} {n}" for (p, t), n in sorted(counts.items())))


def concerns(cell: Cell, reading: Reading) -> bool:
    """Whether a reading is about the cell's protocol and task."""
    config = cell.config
    task = not reading.tasks or config.task in reading.tasks
    return task and (bool(config.factors) or reading.suits(config.protocol))


STUDY = Study(
    settings=Settings,
    check=check,
    largest=largest,
    plan=plan,
    work=Work(files_of, read, MEASURES, keyed),
    wanted=wanted,
    concerns=concerns,
    counted=("capacity",),
    claims=CLAIMS,
    by="protocol",
    conditions=conditions,
    replicates=replicates,
    figures=figures,
    describe=describe,
    extend=extend,
)
