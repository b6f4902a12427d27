"""Tasks: what is to be predicted from what, and the train / validation / test splits."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Float32, Int, Shaped

from lowcap.errors import DataError
from lowcap.shown import card, counted, line

VALIDATION_SHARE = 0.2

Kind = Literal["binary", "classes", "regression"]
"""Two classes (0 and 1), several (0, 1, 2, ...), or a number."""


class Labelled(NamedTuple):
    """Rows of features and what is to be predicted of each.

    Pixels of images lie in [0, 1]. The target is 0.0 or 1.0 if there are two classes, the number of
    the class if there are more, or any number.
    """

    x: Float32[np.ndarray, "rows features"]
    y: Shaped[np.ndarray, " rows"]

    @property
    def none(self) -> "Labelled":
        """No rows of the same kind."""
        return Labelled(self.x[:0], self.y[:0])

    def __repr__(self) -> str:
        return line("Labelled", _sizes(self.x))

    def _repr_html_(self) -> str:
        return card("Labelled rows", _sizes_by_name(self.x), _by_class({"rows": self.y}, None))


@dataclass(frozen=True)
class Target:
    """What a task is about, in words and sizes; every split of it knows this."""

    id: str
    """The name of the task in tables, such as ``4-9``."""
    kind: Kind
    outputs: int
    """Outputs that a network needs: one for two classes or a number, else one for each class."""
    shape: tuple[int, ...] | None = None
    """Height and width (and channels) of an image; None for plain features."""

    @property
    def about(self) -> str:
        """What is told of each row, in words."""
        if self.kind == "regression":
            return "a number"
        return "two classes" if self.kind == "binary" else f"{self.outputs} classes"


@dataclass(frozen=True, eq=False)
class Split:
    """One division of a task. Validation data choose, test data report."""

    train: Labelled
    validation: Labelled
    test: Labelled
    active: Bool[np.ndarray, " features"]
    """Features that are not 0 in every row of the task; only these can change a weight."""
    target: Target
    weights: Float[np.ndarray, " train"] | None = None
    """The weight of each training row, if they differ."""
    groups: Int[np.ndarray, " train"] | None = None
    """Training rows of one group never stand on both sides of a fold."""

    @property
    def image_shape(self) -> tuple[int, int]:
        """Height and width of an image.

        Raises:
            DataError: the features are no grey images.
        """
        shape = self.target.shape
        if shape is None or len(shape) != 2:
            raise DataError(f"task {self.target.id}: needs grey images, [height, width]")
        return shape

    @property
    def _parts(self) -> dict[str, Labelled]:
        return {"train": self.train, "validation": self.validation, "test": self.test}

    def __repr__(self) -> str:
        rows = " + ".join(f"{len(part.y):,} {name}" for name, part in self._parts.items())
        features = f"{self.train.x.shape[1]} features ({int(self.active.sum())} in use)"
        return line(f"{type(self).__name__} {self.target.id}", f"{rows} rows", features)

    def _repr_html_(self) -> str:
        facts = {
            "to tell": self.target.about,
            "features": self.train.x.shape[1],
            "in use": int(self.active.sum()),
            "image": _image(self.target.shape),
            "row weights": self.weights is not None or None,
            "groups": None if self.groups is None else len(np.unique(self.groups)),
        }
        rows = _by_class({name: part.y for name, part in self._parts.items()}, self.target)
        note = "Next: fitted = lowcap.fit(lowcap.grid(hidden=[2, 8, 32], seed=range(3)), split)"
        return card(f"Split of task {self.target.id}", facts, rows, note)


@dataclass(frozen=True, eq=False)
class Task:
    """Features and targets, with a test set that nothing is chosen on."""

    target: Target
    x: Shaped[np.ndarray, "rows features"]
    """Unsigned bytes mean 0 to 255 and are scaled to [0, 1]; floats stay as they are."""
    y: Shaped[np.ndarray, " rows"]
    test_x: Shaped[np.ndarray, "tests features"]
    test_y: Shaped[np.ndarray, " tests"]
    weights: Float[np.ndarray, " rows"] | None = None
    groups: Int[np.ndarray, " rows"] | None = None

    @property
    def id(self) -> str:
        """The name of the task in tables."""
        return self.target.id

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Height and width of one image; None for plain features."""
        return self.target.shape

    @property
    def inputs(self) -> int:
        """Features of one row."""
        return self.x.shape[1]

    def __repr__(self) -> str:
        rows = f"{len(self.y):,} rows + {len(self.test_y):,} for the test"
        return line(f"Task {self.id}", self.target.about, rows, f"{self.inputs} features")

    def _repr_html_(self) -> str:
        facts = {
            "to tell": self.target.about,
            "features": self.inputs,
            "image": _image(self.shape),
            "row weights": self.weights is not None or None,
            "groups": None if self.groups is None else len(np.unique(self.groups)),
        }
        rows = _by_class({"train and validation": self.y, "test": self.test_y}, self.target)
        return card(f"Task {self.id}", facts, rows, "Next: split = task.split(seed=0)")

    def split(self, seed: int) -> Split:
        """An 80/20 split of all training rows that follows from `seed`, stratified by class."""
        return self.divide(np.arange(len(self.y)), seed)

    def divide(self, rows: Int[np.ndarray, " some"], seed: int) -> Split:
        """Split the training rows at the indices `rows`, in that order, 80/20 by label.

        The indices go through scikit-learn's `train_test_split` with ``random_state=seed``, so
        the same order and seed give the same division as code that splits the arrays themselves.
        With groups, whole groups go to either side.

        Raises:
            DataError: there are too few rows.
        """
        from sklearn.model_selection import (  # slow to import: only when needed
            GroupShuffleSplit,
            train_test_split,
        )

        by_class = None if self.target.kind == "regression" else self.y[rows]
        train: Any
        validation: Any
        try:
            if self.groups is None:
                train, validation = train_test_split(
                    rows, test_size=VALIDATION_SHARE, stratify=by_class, random_state=seed
                )
            else:
                splitter = GroupShuffleSplit(1, test_size=VALIDATION_SHARE, random_state=seed)
                places = next(splitter.split(rows, groups=self.groups[rows]))
                train, validation = (rows[part] for part in places)
        except ValueError as error:
            raise DataError(f"task {self.id}: too few rows to split ({error})") from error
        return self._split(train, validation)

    def whole(self) -> Split:
        """All rows for training and none for validation, as cross-validation wants them."""
        return self._split(np.arange(len(self.y)), np.arange(0))

    def _split(
        self, train: Int[np.ndarray, " train"], validation: Int[np.ndarray, " validation"]
    ) -> Split:
        return Split(
            Labelled(as_floats(self.x[train]), self.y[train]),
            Labelled(as_floats(self.x[validation]), self.y[validation]),
            Labelled(as_floats(self.test_x), self.test_y),
            (self.x != 0).any(axis=0) | (self.test_x != 0).any(axis=0),
            self.target,
            None if self.weights is None else self.weights[train],
            None if self.groups is None else self.groups[train],
        )


def _sizes(x: Shaped[np.ndarray, "rows features"]) -> str:
    return f"{counted(len(x), 'row')} of {counted(x.shape[1], 'feature')}"


def _sizes_by_name(x: Shaped[np.ndarray, "rows features"]) -> dict[str, int]:
    return {"rows": len(x), "features": x.shape[1]}


def _image(shape: tuple[int, ...] | None) -> str:
    return "" if shape is None else " x ".join(map(str, shape))


def _by_class(parts: dict[str, Any], target: Target | None) -> list[dict[str, Any]]:
    """How many rows each part has, in all and of each class, or of what numbers, for a card."""
    rows = []
    numbers = target is None or target.kind == "regression"
    classes = [] if numbers else np.unique(np.concatenate(list(parts.values()))).astype(int)
    for name, y in parts.items():
        row: dict[str, Any] = {"part": name, "rows": len(y)}
        row |= {f"class {label}": int((y == label).sum()) for label in classes}
        if numbers:
            row |= {"target": f"{y.min():.4g} to {y.max():.4g}" if len(y) else "–"}
        rows.append(row)
    return rows


def as_floats(x: Shaped[np.ndarray, "rows features"]) -> Float32[np.ndarray, "rows features"]:
    """Features in single precision; bytes are scaled from 0 to 255 to [0, 1]."""
    scaled = x.astype(np.float32)
    if x.dtype == np.uint8:
        scaled /= 255
    return scaled
