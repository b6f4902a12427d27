"""Every study's settings refuse what their fields do not allow, and make its command."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import pytest

from lowcap.errors import SettingsError
from lowcap.studies import NAMES, find, settings_of
from lowcap.studies.settings import AtLeast, Epochs, HiddenSize, Seeds, StudySettings


@dataclass(frozen=True)
class Toy(StudySettings):
    study: ClassVar[str] = "toy"

    dataset: str = "mnist-5k"
    hidden: tuple[HiddenSize, ...] = (2, 4)
    seeds: Seeds | None = None
    epochs: Epochs = 10
    kind: Literal["one", "two"] = "one"
    learning_rate: Annotated[float, AtLeast(0)] = 0.1
    extra: tuple[str, ...] = ()


def test_what_the_fields_allow_is_kept():
    toy = Toy("mnist", (1,), 3, 10, "two", 0, ("more",))
    assert (toy.hidden, toy.seeds, toy.kind, toy.learning_rate) == ((1,), 3, "two", 0)
    assert toy.datasets == ("mnist",)
    assert Toy().extra == ()
    assert Toy(hidden=[8, 16]).hidden == (8, 16)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"hidden": ()}, r"--hidden: give at least one value"),
        ({"hidden": (4, 0)}, r"--hidden 0: must be at least 1"),
        ({"hidden": 4}, r"--hidden 4: must be a tuple of values"),
        ({"hidden": ("4",)}, r"--hidden '4': must be a whole number"),
        ({"seeds": 0}, r"--seeds 0: must be at least 1"),
        ({"seeds": 1.5}, r"--seeds 1.5: must be a whole number"),
        ({"seeds": True}, r"--seeds True: must be a whole number"),
        ({"kind": "three"}, r"--kind three: choose one or two"),
        ({"learning_rate": -0.1}, r"--learning-rate -0.1: must be at least 0"),
        ({"learning_rate": "fast"}, r"--learning-rate 'fast': must be a number"),
        ({"dataset": 5}, r"--dataset 5: must be text"),
        ({"hidden": (10**23,)}, rf"--hidden {10**23}: must be at most 1,048,576"),
        ({"hidden": (10**5000,)}, r"--hidden a number of thousands of digits: must be at most .*"),
        ({"hidden": (4, 2, 4)}, r"--hidden: 4 stands in it twice"),
        ({"seeds": 10**6}, r"--seeds 1000000: must be at most 10,000"),
        ({"epochs": 10**23}, rf"--epochs {10**23}: must be at most 1,000,000"),
        ({"learning_rate": float("nan")}, r"--learning-rate nan: must be a finite number"),
        ({"learning_rate": float("inf")}, r"--learning-rate inf: must be a finite number"),
    ],
)
def test_what_they_do_not_allow_is_refused(values, words):
    with pytest.raises(SettingsError, match=f"^{words}$"):
        Toy(**values)


@pytest.mark.parametrize("name", NAMES)
def test_every_study_agrees_with_the_list(name):
    study, settings = find(name), settings_of(name)
    assert study.name == settings.study == name
    assert study.settings is settings
    assert settings.grows == (study.extend is not None)
    assert settings().datasets
