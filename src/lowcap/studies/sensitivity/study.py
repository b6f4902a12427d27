"""The parts of the study put together."""

from collections.abc import Sequence

import pandas as pd

from lowcap.claims import Tables, evaluate
from lowcap.data import Dataset, sample
from lowcap.errors import SettingsError
from lowcap.studies.sensitivity.claims import CLAIMS
from lowcap.studies.sensitivity.compute import compute
from lowcap.studies.sensitivity.figures import figures
from lowcap.studies.sensitivity.plan import plan
from lowcap.studies.sensitivity.settings import Settings
from lowcap.studies.sensitivity.words import describe
from lowcap.studies.study import Study


def check(settings: Settings, data: Sequence[Dataset]) -> None:
    """Refuse data without a height and a width, or with too few images."""
    names = [dataset.name for dataset in data]
    if len(set(names)) < len(names):
        raise SettingsError(f"--dataset: two data sets have the same name ({', '.join(names)})")
    for dataset in data:
        if len(dataset.shape) != 2:
            raise SettingsError(f"{dataset.name}: images must be [n, height, width]")
        sample(dataset, settings.chosen.images, settings.chosen.tests)


def judge(tables: Tables, settings: Settings) -> pd.DataFrame:
    """Judge every claim on each data set."""
    return evaluate(CLAIMS, tables, tables["networks"]["dataset"].unique(), by="dataset")


STUDY = Study(
    name="sensitivity",
    settings=Settings,
    check=check,
    plan=plan,
    compute=compute,
    judge=judge,
    figures=figures,
    describe=describe,
)
