"""The parts of the study put together."""

from collections.abc import Sequence

import numpy as np

from lowcap.claims import Tables
from lowcap.data import Dataset, Target, parse_task
from lowcap.errors import SettingsError
from lowcap.measures.blocks import BLOCKS
from lowcap.studies.measure import Work
from lowcap.studies.room import Largest, one_layer
from lowcap.studies.study import Study
from lowcap.studies.transfer.architectures import POOL, STRIDE, fresh
from lowcap.studies.transfer.claims import CLAIMS
from lowcap.studies.transfer.figures import figures, overview
from lowcap.studies.transfer.measures import MEASURES, keyed, wanted
from lowcap.studies.transfer.plan import plan
from lowcap.studies.transfer.settings import ARCHITECTURES, EPOCHS, Settings
from lowcap.studies.transfer.training import read, train
from lowcap.studies.transfer.words import describe


def check(settings: Settings, data: Sequence[Dataset]) -> None:
    """Refuse data sets that lack a class, have too few test images of one, or too small images."""
    for dataset in data:
        if not settings.names_of(dataset.name):
            first, second = (*dataset.classes, 0, 1)[:2]
            raise SettingsError(
                f"--tasks: name pairs of classes of {dataset.name} from easy to hard, such as "
                f"{first}-{second}"
            )
        for task in settings.names_of(dataset.name):
            for label in parse_task(task):
                if label not in dataset.classes:
                    raise SettingsError(f"--tasks {task}: {dataset.name} has no class {label}")
        for label in dataset.classes:
            count = int(np.sum(dataset.test_labels == label))
            if count < BLOCKS:
                raise SettingsError(
                    f"{dataset.name} has {count} test images of class {label}; at least {BLOCKS} "
                    "are needed"
                )
        target = Target("", "binary", 1, dataset.shape)
        for architecture in settings.architectures:
            try:
                fresh(architecture, (1,), 0, target)
            except SettingsError as error:
                raise SettingsError(f"--dataset {dataset.name}: {error}") from None


def largest(settings: Settings, dataset: Dataset) -> Largest:
    """All sizes of the fully connected networks, or of filters of 5 x 5 pixels with their head."""
    pixels, outputs = dataset.images.shape[1], max(settings.classes)
    weights, beside = one_layer(settings.hidden, pixels, outputs), 0
    if set(settings.architectures) - {ARCHITECTURES[0]}:
        maps = pixels // (STRIDE * POOL) ** 2 * outputs
        weights = max(weights, one_layer(settings.channels, 25 + maps))
        beside = 8 * settings.batch_size * max(settings.channels) * pixels // STRIDE**2
    epochs = settings.epochs or EPOCHS
    return Largest(len(settings.hidden), weights, epochs, 2 * settings.images, beside)


def conditions(tables: Tables, settings: Settings) -> list[str]:
    """Verdicts stand side by side for each architecture on each data set."""
    return list(dict.fromkeys(name for one in tables.values() for name in one["condition"]))


def replicates(tables: Tables, condition: str) -> int:
    """The number of seeds."""
    return max(
        int(one.loc[one["condition"] == condition, "seed"].nunique()) for one in tables.values()
    )


STUDY = Study(
    settings=Settings,
    check=check,
    largest=largest,
    plan=plan,
    work=Work(train, read, MEASURES, keyed),
    wanted=wanted,
    claims=CLAIMS,
    by="condition",
    conditions=conditions,
    replicates=replicates,
    figures=figures,
    describe=describe,
    overview=overview,
)
