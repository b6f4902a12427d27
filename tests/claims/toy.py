"""A study that takes no time: numbers drawn from a normal distribution, claims on their mean."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from lowcap.claims import Above, Claim, Evidence, Reading, World, mean_of
from lowcap.data import BUILT_IN
from lowcap.report import Words, headlines
from lowcap.runs import Cell
from lowcap.streams import stream
from lowcap.studies.measure import Measure, Work
from lowcap.studies.settings import Positive, StudySettings
from lowcap.studies.study import Study

TASKS = ("easy", "open", "hard")
MEANS = {"easy": 2.0, "open": 0.6, "hard": -2.0}


@dataclass(frozen=True)
class Settings(StudySettings):
    study: ClassVar[str] = "toy"
    grows: ClassVar[bool] = True
    dataset: str = BUILT_IN
    seeds: Positive = 4
    extra: tuple[str, ...] = ()

    def of(self, task):
        more = [int(entry.split()[1]) for entry in self.extra if entry.split()[0] == task]
        return max([self.seeds, *more])


@dataclass(frozen=True)
class Config:
    protocol: str
    task: str
    seed: int


def plan(settings, data):
    return [
        Cell("toy", Config(protocol, task, seed), data[0].sha256, 1, data[0].source)
        for protocol in ("grows", "stays")
        for task in TASKS
        for seed in range(settings.of(task) if protocol == "grows" else settings.seeds)
    ]


def measured(cell, fit):
    config = cell.config
    score = stream("toy", config.protocol, config.task, config.seed).normal(MEANS[config.task], 1)
    row = {"protocol": config.protocol, "task": config.task, "seed": config.seed, "score": score}
    return {"scores": pd.DataFrame([row])}


def keyed(cell, table):
    return table


def train(cell):
    return {}


def read(cell, files):
    return None


def reading(task):
    def judge(tables):
        scores = tables["scores"]
        mean = mean_of(scores.loc[scores["task"] == task, "score"].to_numpy())
        return Evidence(mean, f"The mean of {task} is {mean.value:.2f}.", {"nothing": 0.0})

    def worlds(tables):
        scores = tables["scores"]
        count = int((scores["task"] == task).sum())

        def world(name, truth, mean):
            def looks(generator, multiples):
                drawn = generator.normal(mean, 1, count * max(multiples))
                return [
                    {"scores": pd.DataFrame({"task": task, "score": drawn[: count * times]})}
                    for times in multiples
                ]

            return World(name, truth, lambda g: looks(g, [1])[0], looks)

        return [world("at", None, 0.0), world("up", True, 3.0), world("down", False, -3.0)]

    return Reading("mean", "the mean", Above(0), judge, ("scores",), ("*",), tasks=(task,),
                   worlds=worlds)  # fmt: skip


def claim(task):
    main = reading(task)
    other = replace(main, name="other", bound=Above(1, percent=True), primary=())
    return Claim(f"{task}-claim", "1", f"What is {task} is above 0.", (main, other))


def extend(settings, needs):
    grown = {
        task: 2 * settings.of(task)
        for need in needs
        if need.condition == "grows"
        for task in need.tasks or TASKS
    }
    if not grown:
        return None
    counts = {task: settings.of(task) for task in TASKS} | grown
    return replace(settings, extra=tuple(f"{task} {n}" for task, n in counts.items()))


def describe(tables, claims, settings, datasets):
    return Words(
        title="A toy", subtitle="", answer="It ran.", facts={"numbers": "many"},
        headlines=headlines(claims, {}), notes=[],
        conditions={"grows": "can grow", "stays": "cannot"},
    )  # fmt: skip


STUDY = Study(
    settings=Settings,
    check=lambda settings, data: None,
    plan=plan,
    work=Work(train, read, {"scores": Measure(measured, ("scores",))}, keyed),
    wanted=lambda config: ["scores"],
    concerns=lambda cell, reading: cell.config.task in reading.tasks,
    claims=tuple(map(claim, TASKS)),
    by="protocol",
    conditions=lambda tables, settings: list(tables["scores"]["protocol"].unique()),
    replicates=lambda tables, name: int(np.unique(tables["scores"]["seed"]).size),
    figures=lambda tables: [],
    describe=describe,
    extend=extend,
)
