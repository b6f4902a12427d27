"""The parts of the study put together."""

from collections.abc import Sequence
from dataclasses import replace

from lowcap.claims import Claim, Reading, Tables
from lowcap.data import Dataset
from lowcap.errors import SettingsError
from lowcap.runs import Cell
from lowcap.studies.measure import Work
from lowcap.studies.room import Largest
from lowcap.studies.study import Study
from lowcap.studies.xor.claims import EXACT_CLAIMS, IMAGE_CLAIMS
from lowcap.studies.xor.compute import MEASURES, keyed, read, train, wanted
from lowcap.studies.xor.figures import figures
from lowcap.studies.xor.plan import Convolution, plan
from lowcap.studies.xor.settings import Settings
from lowcap.studies.xor.words import describe, facts


def check(settings: Settings, data: Sequence[Dataset]) -> None:
    """Refuse images that are not square, or too small to be pooled."""
    for dataset in data:
        if len(dataset.shape) != 2 or len(set(dataset.shape)) > 1 or dataset.shape[0] < 12:
            raise SettingsError(f"{dataset.name}: images must be square, at least 12 x 12")
        if min(settings.images, len(dataset.labels)) < 2 * len(dataset.classes):
            raise SettingsError(
                f"--images {settings.images}: needs at least two of each of the "
                f"{len(dataset.classes)} classes"
            )


def largest(settings: Settings, dataset: Dataset) -> Largest:
    """The simulation of most filters at once, each in two dimensions and with its steps."""
    filters = max(2 * k * settings.runs_of(k) for k in settings.hidden)
    return Largest(max(map(settings.runs_of, settings.hidden)), 2 * _COPIES * filters)


_COPIES = 4
"""Filters as they start and end, and what they are changed by, in double precision."""

EXACT = "exact simulation"
"""The condition of the claims judged by simulation; every other one is a data set of images."""


def conditions(tables: Tables, settings: Settings) -> Sequence[str]:
    """The exact problem, and the images that were trained on."""
    names = tables["compression"]["problem"].unique() if "compression" in tables else ["images"]
    return [EXACT, *names]


def replicates(tables: Tables, problem: str) -> int:
    """The fewest runs that a simulated frequency rests on; on images, the number of seeds."""
    if problem == EXACT:
        return int(tables["frequencies"]["runs"].min()) if "frequencies" in tables else 0
    table = tables.get("compression")
    return 0 if table is None else int(table.loc[table["problem"] == problem, "seed"].nunique())


def _suited(claims: Sequence[Claim], **fields: tuple[str, ...]) -> list[Claim]:
    readings = [tuple(replace(one, **fields) for one in claim.readings) for claim in claims]
    return [replace(claim, readings=r) for claim, r in zip(claims, readings, strict=True)]


CLAIMS = (*_suited(EXACT_CLAIMS, conditions=(EXACT,)), *_suited(IMAGE_CLAIMS, unsuited=(EXACT,)))


def concerns(cell: Cell, reading: Reading) -> bool:
    """Whether a reading is about the exact problem, or about images, as the cell is."""
    images = isinstance(cell.config, Convolution)
    return reading.suits(cell.config.dataset if images else EXACT)


STUDY = Study(
    settings=Settings,
    check=check,
    largest=largest,
    plan=plan,
    work=Work(train, read, MEASURES, keyed),
    wanted=wanted,
    concerns=concerns,
    claims=CLAIMS,
    by="problem",
    conditions=conditions,
    replicates=replicates,
    figures=figures,
    describe=describe,
    facts=facts,
)
