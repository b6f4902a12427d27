"""One small run of the study, which all tests of it read: grey digits and made coloured images."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from lowcap.studies.study import conduct
from lowcap.studies.transfer.settings import Settings
from lowcap.studies.transfer.study import STUDY

TASKS = ("0-1", "1-2", "0-2", "2-3")


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Digits of 16 x 16 pixels, and stripes of four colours that are bright all over."""
    folder = tmp_path_factory.mktemp("transfer-data")
    x, y = load_digits(n_class=4, return_X_y=True)
    each = np.stack([np.flatnonzero(y == label)[:120] for label in range(4)], axis=1).ravel()
    x, y = x[each], y[each]  # as many of each, so that few programs are compiled
    grey = np.kron(x.reshape(-1, 8, 8) * 15.9375, np.ones((2, 2))).astype(np.uint8)
    _save(folder / "digits.npz", grey, y)
    rng = np.random.default_rng(0)
    labels = np.arange(480) % 4
    coloured = rng.integers(120, 220, (480, 16, 16, 3))
    coloured[np.arange(480), 4 * labels + 1, :, labels % 3] = 255
    _save(folder / "stripes.npz", coloured.astype(np.uint8), labels)
    return folder


def _save(path, images, labels):
    half = len(labels) * 2 // 3
    np.savez(path, images=images[:half], labels=labels[:half], test_images=images[half:],
             test_labels=labels[half:])  # fmt: skip


@pytest.fixture(scope="session")
def settings(folder):
    return Settings(
        dataset=tuple(str(folder / f"{name}.npz") for name in ("digits", "stripes")),
        architectures=("fully connected", "conv 3x3"),
        tasks=TASKS,
        hidden=(1, 2, 8, 16),
        channels=(1, 2, 4, 12),
        classes=(2, 4),
        images=80,
        class_images=40,
        seeds=2,
        epochs=3,
        batch_size=16,
    )


@pytest.fixture(scope="session")
def result(settings, tmp_path_factory):
    return conduct(STUDY, settings, tmp_path_factory.mktemp("transfer") / "run", workers=1)
