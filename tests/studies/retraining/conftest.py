"""One small run of the study, which all tests of it read."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from lowcap.studies.retraining.settings import Settings
from lowcap.studies.retraining.study import STUDY
from tests.here import conduct_here


@pytest.fixture(scope="session")
def digits(tmp_path_factory):
    x, y = load_digits(return_X_y=True)
    x = (x.reshape(-1, 8, 8) * 15.9375).astype(np.uint8)
    path = tmp_path_factory.mktemp("retraining") / "digits.npz"
    np.savez(path, images=x[:1200], labels=y[:1200], test_images=x[1200:], test_labels=y[1200:])
    return path


@pytest.fixture(scope="session")
def settings(digits):
    return Settings(
        dataset=(str(digits),),
        tasks=("3-8", "4-9"),
        hidden=(4, 32),
        sparsity=(0.5, 0.9, 0.95, 0.99),
        seeds=3,
        epochs=6,
        batch_size=16,
        round_share=0.5,
    )


@pytest.fixture(scope="session")
def result(settings, tmp_path_factory):
    return conduct_here(STUDY, settings, tmp_path_factory.mktemp("retraining") / "run")
