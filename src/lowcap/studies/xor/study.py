"""The parts of the study put together."""

from collections.abc import Sequence

import pandas as pd

from lowcap.claims import Tables, evaluate
from lowcap.data import Dataset
from lowcap.errors import SettingsError
from lowcap.studies.study import Study
from lowcap.studies.xor.claims import EXACT_CLAIMS, IMAGE_CLAIMS
from lowcap.studies.xor.compute import compute
from lowcap.studies.xor.figures import figures
from lowcap.studies.xor.plan import plan
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


def judge(tables: Tables, settings: Settings) -> pd.DataFrame:
    """Judge six claims by simulation, two on images."""
    exact = evaluate(EXACT_CLAIMS, tables, ["exact simulation"], by="problem")
    names = tables["compression"]["problem"].unique() if "compression" in tables else ["images"]
    images = evaluate(IMAGE_CLAIMS, tables, names, by="problem")
    return pd.concat([exact, images], ignore_index=True)


STUDY = Study(
    name="xor",
    settings=Settings,
    check=check,
    plan=plan,
    compute=compute,
    judge=judge,
    figures=figures,
    describe=describe,
    facts=facts,
)
