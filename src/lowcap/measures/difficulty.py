"""How hard a task is, measured without any network of a study."""

import numpy as np
import pandas as pd
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import f1_score
from sklearn.neighbors import KNeighborsClassifier

from lowcap.data import Split


def difficulty(split: Split) -> pd.DataFrame:
    """Three views of a task's difficulty, one row.

    Columns: `linear_error`, the test error of a linear least-squares classifier (ridge, strength
    1); `linear_f1`, its F1; `test_images`, their number; `neighbour_error`, the error of the
    nearest training image; `class_distance`, the Euclidean distance of the class means over the
    root mean square distance of images to their class mean (larger is easier).
    """
    x, y = split.train.x[:, split.active], split.train.y
    test_x, test_y = split.test.x[:, split.active], split.test.y
    linear = RidgeClassifier(alpha=1.0).fit(x, y)
    nearest = KNeighborsClassifier(1, algorithm="brute").fit(x, y)
    means = np.stack([x[y == label].mean(axis=0) for label in (0, 1)])
    within = np.sqrt(((x - means[y.astype(int)]) ** 2).sum(axis=1).mean())
    return pd.DataFrame(
        {
            "linear_error": [float(np.mean(linear.predict(test_x) != test_y))],
            "linear_f1": [float(f1_score(test_y, linear.predict(test_x)))],
            "test_images": [len(test_y)],
            "neighbour_error": [float(np.mean(nearest.predict(test_x) != test_y))],
            "class_distance": [float(np.linalg.norm(means[1] - means[0]) / within)],
        }
    )
