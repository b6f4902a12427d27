"""What `fit` refuses, each in one clear line."""

from dataclasses import replace

import numpy as np
import pytest

from lowcap.errors import DataError, SettingsError
from lowcap.networks import Member, initialise
from lowcap.training import fit, fitting
from tests.training.test_fitting import data_of, start_of


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs 0: must be at least 1"),
        ({"batch_size": 0}, "batch size 0: must be at least 1"),
        ({"patience": 0}, "patience 0: must be at least 1"),
        ({"min_delta": 1.0}, "min_delta 1.0: must be at least 0 and below 1"),
        ({"optimizer": "sdg"}, "choose sgd"),
        ({"optimizer": "l-bfgs"}, "needs the full batch"),
        ({"labels": np.zeros((2, 3))}, "labels of shape"),
        ({"weights": np.zeros((2, 3))}, "weights of shape"),
        ({"weights": np.full((1, 48), -1.0)}, "must be finite and not negative"),
        ({"order": np.zeros((2, 3), int), "epochs": 5}, "an order of 2 epochs, but 5"),
    ],
)
def test_impossible_settings_are_refused_in_one_line(options, message):
    split = data_of("binary")
    if "weights" in options and len(options["weights"]) == 1:
        options = {"weights": np.full((1, len(split.train.y)), -1.0)}
    with pytest.raises(SettingsError, match=message):
        fit([Member(2)], split, **options)


def test_words_that_mean_nothing_are_refused():
    for given, message in (
        ({"precision": "float8"}, "choose float32 or bfloat16"),
        ({"stop": "never"}, "choose"),
    ):
        usual = {"precision": "float32", "stop": ""} | given
        with pytest.raises(SettingsError, match=message):
            fitting._check(1, 1, "sgd", usual["precision"], usual["stop"], 1, 0.0)


def test_networks_of_another_shape_are_refused():
    split = data_of("classes")
    with pytest.raises(SettingsError, match="4 inputs and 1 outputs, but the task has 10 and 3"):
        fit(initialise([Member(2)], 4), split)
    with pytest.raises(SettingsError, match="only fused populations"):
        fit(start_of("deep", "classes"), split, precision="bfloat16")
    with pytest.raises(DataError, match="needs grey images"):
        fit([Member(2)], split, epochs=2, shifts=np.zeros((2, 48, 2), int))
    nothing = replace(split, train=split.train.none)
    with pytest.raises(SettingsError, match="no training rows"):
        fit([Member(2)], nothing)
