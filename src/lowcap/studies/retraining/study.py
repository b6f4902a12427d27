"""The parts of the study put together."""

from collections.abc import Sequence

import numpy as np

from lowcap.claims import Tables
from lowcap.data import Dataset, parse_task
from lowcap.errors import SettingsError
from lowcap.measures.blocks import BLOCKS
from lowcap.studies.measure import Work
from lowcap.studies.retraining.claims import CLAIMS
from lowcap.studies.retraining.figures import figures
from lowcap.studies.retraining.measures import MEASURES, keyed, wanted
from lowcap.studies.retraining.plan import plan
from lowcap.studies.retraining.settings import Settings
from lowcap.studies.retraining.training import read, train
from lowcap.studies.room import Largest, one_layer, pair_rows
from lowcap.studies.study import Study


def check(settings: Settings, data: Sequence[Dataset]) -> None:
    """Refuse data sets that lack a class, or have too few test images of one."""
    for dataset in data:
        for task in settings.tasks:
            for label in parse_task(task):
                count = int(np.sum(dataset.test_labels == label))
                if label not in dataset.classes:
                    raise SettingsError(f"--tasks {task}: {dataset.name} has no class {label}")
                if count < BLOCKS:
                    raise SettingsError(
                        f"--tasks {task}: {dataset.name} has {count} test images of {label}; "
                        f"at least {BLOCKS} are needed"
                    )


def largest(settings: Settings, dataset: Dataset) -> Largest:
    """Everything that is pruned once and then trained on, side by side."""
    usual = settings.usual(dataset.name)
    kinds = len(settings.sparsity) * (len(settings.scope) + _OTHERS)
    weights = kinds * one_layer(settings.hidden, dataset.images.shape[1])
    members = kinds * len(settings.hidden)
    return Largest(members, weights, 2 * usual["epochs"], pair_rows(dataset))


_OTHERS = 2
"""Ways at least, beside fine-tuning, in which networks are pruned to each sparsity."""


def conditions(tables: Tables, settings: Settings) -> list[str]:
    """Verdicts stand side by side for data sets."""
    return list(tables["retraining"]["dataset"].unique())


def replicates(tables: Tables, dataset: str) -> int:
    """The number of seeds."""
    table = tables["retraining"]
    return int(table.loc[table["dataset"] == dataset, "seed"].nunique())


STUDY = Study(
    settings=Settings,
    check=check,
    largest=largest,
    plan=plan,
    work=Work(train, read, MEASURES, keyed),
    wanted=wanted,
    claims=CLAIMS,
    by="dataset",
    conditions=conditions,
    replicates=replicates,
    figures=figures,
)
