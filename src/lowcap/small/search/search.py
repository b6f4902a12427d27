"""The search: scores of every hidden size by repeated cross-validation."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from lowcap.data import Task
from lowcap.errors import SettingsError
from lowcap.interrupt import check
from lowcap.networks import Dense, parameters
from lowcap.runs import default_workers
from lowcap.small.search.divisions import Division, divisions
from lowcap.small.search.metrics import Metric, find_metric
from lowcap.small.search.references import constant_score
from lowcap.small.search.settings import Settings
from lowcap.small.search.trial import Trial, best_of, scored, trial


@dataclass(frozen=True, eq=False)
class Searched:
    """What a search found."""

    task: str
    metric: Metric
    settings: Settings
    """As it was carried out: with the repeats that time allowed."""
    networks: pd.DataFrame
    """One row a network: `hidden, seed, learning_rate, epochs, inner_loss, repeat, fold, score`."""
    scores: Float[np.ndarray, "sizes folds"]
    """Of each size in each fold of each repeat: the score to expect of the best of `starts`."""
    constant: Float[np.ndarray, " folds"]
    """The score of the best constant prediction in each fold."""
    ratio: float
    """Held-out rows to rows that are not, which decides how far folds depend on one another."""
    parameters: tuple[int, ...]
    """Weights and biases of each size: a linear model of many classes has more than a few units."""
    divisions: tuple[Division, ...]
    seconds: float
    notes: tuple[str, ...] = ()
    """What a reader should know, such as that time allowed fewer repeats."""
    trials: tuple[Trial, ...] = ()
    """The trained networks of each division, to be thinned out and scored again."""

    @property
    def rows(self) -> int:
        """Rows that the folds of a repeat hold out together."""
        return len(np.unique(np.concatenate([one.held_out for one in self.divisions])))

    def table(self) -> pd.DataFrame:
        """The scores as one row per size, repeat and fold."""
        where = [(one.repeat, one.fold) for one in self.divisions]
        return pd.DataFrame(
            [
                {"hidden": size, "repeat": repeat, "fold": fold, "score": score}
                for size, scores in zip(self.settings.sizes, self.scores, strict=True)
                for (repeat, fold), score in zip(where, scores, strict=True)
            ]
        )


def search(
    task: Task,
    settings: Settings | None = None,
    *,
    metric: str | Metric | None = None,
    standardise: Bool[np.ndarray, " inputs"] | None = None,
    minutes: float | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Searched:
    """Score networks of every size on rows that neither trained nor chose them.

    In each fold of each repeat, an inner part of the training rows chooses when a network rests
    and its learning rate. All training rows of the task are divided; its test rows are not used.

    Args:
        task: features on a scale that networks learn well from, about -1 to 1.
        settings: the sizes, of which the largest is the reference, and how to train them.
        metric: scikit-learn's name of a score, or one of `metrics`; balanced accuracy or R squared
            unless given.
        standardise: inputs that get mean 0 and deviation 1 by the training rows of each fold.
        minutes: time that may be taken; repeats that do not fit are left out, but the first is
            always finished.
        progress: called with the number of folds done and their number in all.

    Raises:
        SettingsError: a setting is impossible.
        DataError: there are too few rows.

    Example:
        >>> searched = search(array_task(x, y), metric="accuracy", minutes=2)
        >>> answer(searched).sentence
    """
    settings = Settings() if settings is None else settings
    if len(settings.sizes) < 2:
        raise SettingsError("a search needs at least two sizes")
    if minutes is not None and not minutes > 0:
        raise SettingsError(f"minutes {minutes}: must be above 0")
    chosen = metric if isinstance(metric, Metric) else find_metric(metric, task.target.kind)
    everything = divisions(task, settings.folds, settings.repeats)
    started, notes = time.monotonic(), ()
    found: list[pd.DataFrame] = []
    trials: list[Trial] = []
    for trained, one in _trained(task, everything, settings, chosen, standardise, minutes):
        check()
        trials.append(trained)
        found.append(one)
        if progress is not None:
            progress(len(found), len(everything))
    whole = len(found) // settings.folds
    if whole < settings.repeats:
        notes = (f"{whole} of {settings.repeats} repeats: another one would not have fitted "
                 f"into the {minutes:g} minutes of the search",)  # fmt: skip
        settings = replace(settings, repeats=whole)
    done = tuple(everything[: len(found)])
    return Searched(
        task.id,
        chosen,
        settings,
        pd.concat(found, ignore_index=True),
        expected_scores(found, settings),
        np.array([constant_score(task, division, chosen) for division in done]),
        float(np.mean([len(one.held_out) / len(one.seen) for one in done])),
        tuple(_parameters(task, size) for size in settings.sizes),
        done,
        time.monotonic() - started,
        notes,
        tuple(trials),
    )


def _parameters(task: Task, size: int) -> int:
    return parameters(Dense(task.inputs, (size,) if size else (), task.target.outputs))


def _trained(
    task: Task,
    everything: list[Division],
    settings: Settings,
    metric: Metric,
    standardise: Bool[np.ndarray, " inputs"] | None,
    minutes: float | None,
) -> Iterator[tuple[Trial, pd.DataFrame]]:
    """The networks of each division and their scores, of all repeats that time allows.

    Divisions train in threads beside one another, since a small network does not fill two cores.
    The very first has them to itself: it compiles what the others share. A repeat begins while the
    last folds of the one before still train, unless there may not be time for it: then they are
    waited for, to know better.
    """
    started, done, workers = time.monotonic(), 1, default_workers()
    waiting: deque[Future[tuple[Trial, pd.DataFrame]]] = deque()

    def one(division: Division, own: Executor | None = None) -> tuple[Trial, pd.DataFrame]:
        trained = trial(task, division, settings, metric, standardise, own)
        return trained, scored(task, division, trained, metric)

    def fits(until: int) -> bool:
        """Whether so many divisions would be done in time."""
        return minutes is None or (time.monotonic() - started) * until <= 60 * minutes * done

    threads = ThreadPoolExecutor(workers)
    try:
        yield one(everything[0], threads)
        for number, division in enumerate(everything[1:], start=1):
            until = number + settings.folds
            if division.fold == 0 and not fits(until):
                while waiting:
                    yield waiting.popleft().result()
                    done += 1
                if not fits(until):
                    return
            waiting.append(threads.submit(one, division))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
                done += 1
        while waiting:
            yield waiting.popleft().result()
            done += 1
    finally:
        threads.shutdown(cancel_futures=True)


def expected_scores(
    found: list[pd.DataFrame], settings: Settings
) -> Float[np.ndarray, "sizes folds"]:
    """The score to expect of the best of `starts` networks, by size and fold."""
    scores = np.empty((len(settings.sizes), len(found)))
    for fold, networks in enumerate(found):
        by_size = networks.groupby("hidden")
        for place, size in enumerate(settings.sizes):
            own = by_size.get_group(size)
            losses, each = own["inner_loss"].to_numpy(), own["score"].to_numpy(float)
            scores[place, fold] = best_of(losses, each, settings.starts)
    return scores
