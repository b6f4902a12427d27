"""The parts of the study put together."""

from collections.abc import Sequence

from lowcap.claims import Tables
from lowcap.data import Dataset, sample
from lowcap.errors import SettingsError
from lowcap.studies.measure import Work
from lowcap.studies.room import Largest, one_layer
from lowcap.studies.sensitivity.claims import CLAIMS
from lowcap.studies.sensitivity.compute import MEASURES, keyed, read, train, wanted
from lowcap.studies.sensitivity.figures import figures
from lowcap.studies.sensitivity.plan import plan
from lowcap.studies.sensitivity.settings import Settings
from lowcap.studies.sensitivity.words import describe
from lowcap.studies.study import Study


def check(settings: Settings, data: Sequence[Dataset]) -> None:
    """Refuse data without a height and a width, or with too few images."""
    for dataset in data:
        if len(dataset.shape) != 2:
            raise SettingsError(f"{dataset.name}: images must be [n, height, width]")
        sample(dataset, settings.effective_scale.images, settings.effective_scale.tests)


def largest(settings: Settings, dataset: Dataset) -> Largest:
    """The widest and deepest networks, with two learning rates."""
    scale = settings.effective_scale
    members, width = 2 * scale.seeds, max(scale.widths)
    outputs = len(dataset.classes)
    inner = (max(scale.depths) - 1) * width * (width + 1)
    weights = members * (one_layer([width], dataset.images.shape[1], outputs) + inner)
    return Largest(members, weights, max(scale.epochs, scale.updates), scale.images)


def conditions(tables: Tables, settings: Settings) -> Sequence[str]:
    """The data sets that were trained on."""
    return list(tables["networks"]["dataset"].unique())


def replicates(tables: Tables, dataset: str) -> int:
    """How many training samples a data set's networks were trained on."""
    table = tables["networks"]
    return int(table.loc[table["dataset"] == dataset, "sample"].nunique())


STUDY = Study(
    settings=Settings,
    check=check,
    largest=largest,
    plan=plan,
    work=Work(train, read, MEASURES, keyed),
    wanted=wanted,
    counted=("networks",),
    claims=CLAIMS,
    by="dataset",
    conditions=conditions,
    replicates=replicates,
    figures=figures,
    describe=describe,
)
