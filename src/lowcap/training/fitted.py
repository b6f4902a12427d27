"""What training gives: the population, and how its losses and scores went."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Int, Shaped
from safetensors.numpy import load, save

from lowcap.data import Kind
from lowcap.networks import Network, Population, metadata_of
from lowcap.shown import card, counted, line
from lowcap.training.losses import Totals
from lowcap.training.metrics import f1_score

SCORES = {"binary": "f1", "classes": "accuracy", "regression": "r2"}
"""The score that a history holds, by kind of task."""


POPULATION = "population.safetensors"
"""The name of the file that holds the trained population."""

_CURVES = ("train_loss", "train_score", "validation_loss", "validation_score")


@dataclass(frozen=True, eq=False)
class History:
    """Loss and score of every member after each epoch, each an array [epochs, members].

    The loss is cross-entropy in nats, or half the mean squared error; the score F1 of class 1,
    accuracy, or R squared. The training scores are those of the batches as they were trained on,
    before each one's step (or of the end of the epoch, where members stop once they fit); the
    validation scores are taken at the end of the epoch. NaN where there was nothing to score. A
    member that rests is scored as it is until the last one rests.
    """

    train_loss: Float[np.ndarray, "epochs members"]
    train_score: Float[np.ndarray, "epochs members"]
    validation_loss: Float[np.ndarray, "epochs members"]
    validation_score: Float[np.ndarray, "epochs members"]
    score: str = "f1"

    def __repr__(self) -> str:
        epochs, members = self.train_loss.shape
        return line("History", counted(epochs, "epoch"), counted(members, "member"), self.score)


@dataclass(frozen=True, eq=False)
class Fitted:
    """A trained population and how it came about."""

    population: Population
    history: History
    epochs: Int[np.ndarray, " members"]
    """After how many epochs each member rested, by the rule of `stop`; -1 if it never did."""

    def __len__(self) -> int:
        return len(self.population)

    def __iter__(self) -> Iterator[Network]:
        """The trained networks one after another."""
        return iter(self.population)

    def __getitem__(self, member: int) -> Network:
        """One trained network by its number in `population.keys`."""
        return self.population[member]

    def __repr__(self) -> str:
        return f"<Fitted, {counted(len(self.history.train_loss), 'epoch')}: {self.population!r}>"

    def _repr_html_(self) -> str:
        name = self.history.score
        scored = np.isfinite(self.history.validation_score).any()
        part = "validation" if scored else "training"
        last = self.history.validation_score[-1] if scored else self.history.train_score[-1]
        losses = self.history.train_loss[-1]
        first = self.population.keys.columns[0]
        groups = self.population.keys.groupby(first, sort=False).indices
        rows = [
            {
                first: value,
                "networks": len(some),
                "last training loss": float(np.mean(losses[some])),
                f"last {part} {name}": float(np.mean(last[some])),
                "least": float(np.min(last[some])),
                "most": float(np.max(last[some])),
            }
            for value, some in groups.items()
        ]
        facts = {"epochs": len(self.history.train_loss), "kind": self.population.kind}
        note = (
            "Scores on test rows: lowcap.capacity(fitted.population, split); one network: "
            "fitted.member(hidden=..., seed=...); curves: lowcap.plot.training_curves(fitted)"
        )
        return card(f"{counted(len(self), 'trained network')}", facts, rows, note)

    def member(self, **keys: Any) -> Network:
        """The one trained network with these keys; see `Population.member`.

        Example:
            >>> fitted.member(hidden=8, seed=3).predict(split.test.x)
        """
        return self.population.member(**keys)

    def select(self, **keys: Any) -> Population:
        """The trained networks with these keys; see `Population.select`."""
        return self.population.select(**keys)

    def predict(self, x: Any) -> Shaped[np.ndarray, "members rows"]:
        """What every trained network says of each row; see `Network.predict`."""
        return self.population.predict(x)

    def predict_proba(self, x: Any) -> Float[np.ndarray, "members rows classes"]:
        """Every trained network's probabilities; see `Network.predict_proba`."""
        return self.population.predict_proba(x)

    def save(self, path: str | Path) -> None:
        """Write the trained networks, without their history, to a safetensors file.

        `lowcap.Population.load` reads it.
        """
        self.population.save(path)

    def files(self) -> dict[str, bytes]:
        """Contents of two safetensors files by name: the population, and how it came about."""
        history = {name: np.ascontiguousarray(getattr(self.history, name)) for name in _CURVES}
        history["epochs"] = np.ascontiguousarray(self.epochs)
        record = save(history, {"score": self.history.score})
        return {POPULATION: self.population.to_bytes(), "history.safetensors": record}

    @staticmethod
    def of_files(files: Mapping[str, bytes]) -> "Fitted":
        """The inverse of `files`.

        Raises:
            DataError: there is no population in them.
        """
        content = files["history.safetensors"]
        arrays = load(content)
        curves = [arrays[name] for name in _CURVES]
        history = History(*curves, score=metadata_of(content)["score"])
        return Fitted(Population.from_bytes(files[POPULATION]), history, arrays["epochs"])

    def table(self) -> pd.DataFrame:
        """The history as one row per member, epoch (from 1) and split (train, val).

        Columns: those of the members' keys, `epoch, split, loss`, and the score by its name.
        """
        keys, history = self.population.keys, self.history
        parts = []
        for split, name in (("train", "train"), ("val", "validation")):
            losses = getattr(history, f"{name}_loss")
            scores = getattr(history, f"{name}_score")
            epochs = len(losses)
            table = keys.loc[np.tile(keys.index, epochs)].reset_index(drop=True)
            table["epoch"] = np.repeat(np.arange(1, epochs + 1), len(keys))
            table["split"] = split
            table["loss"], table[history.score] = losses.ravel(), scores.ravel()
            parts.append(table)
        return pd.concat(parts, ignore_index=True)


def mean_scores(
    kind: Kind,
    sums: Totals,
    y: Shaped[np.ndarray, "*members rows"],
    weights: Float[np.ndarray, "members rows"] | None = None,
    used: Int[np.ndarray, "epochs places"] | None = None,
) -> tuple[Float[np.ndarray, "epochs members"], Float[np.ndarray, "epochs members"]]:
    """Mean loss and score of every epoch from sums over rows.

    Args:
        kind: of the task.
        sums: of every epoch and member.
        y: targets, of all members or of each.
        weights: of the rows for each member; all 1 unless given.
        used: rows of each epoch, if not all of them.
    """
    if not y.shape[-1]:
        return np.full(sums.loss.shape, np.nan), np.full(sums.loss.shape, np.nan)
    y = np.atleast_2d(y)  # one row where all members share them: they may be many
    w = np.ones(y.shape) if weights is None else weights
    if used is None:
        size, positives = w.sum(axis=1), (w * y).sum(axis=1)
    else:
        size = np.stack([w[:, rows].sum(axis=1) for rows in used])
        positives = np.stack([(w * y)[:, rows].sum(axis=1) for rows in used])
    size = np.maximum(size, 1e-12)
    loss, hits, claimed = (np.asarray(total, np.float64) for total in sums)
    if kind == "classes":
        return loss / size, hits / size
    if kind == "binary":
        found = f1_score(hits, claimed, positives)
        return loss / size, np.where(np.isfinite(loss), found, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        return loss / size, 1 - 2 * loss / (hits - claimed**2 / size)
