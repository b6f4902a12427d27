"""What the page says of tables made by hand."""

import re

import numpy as np
import pandas as pd
import pytest

from lowcap.studies.low_capacity.other_data import other_data
from lowcap.studies.low_capacity.pruned_words import hardest
from lowcap.studies.low_capacity.settings import Settings
from lowcap.studies.low_capacity.words import describe
from tests.studies.low_capacity.crossed import ALL, made


def claims(verdict="holds") -> pd.DataFrame:
    """A claims table of one claim under every protocol."""
    rows = [
        {"claim": "hard-task-pruning", "condition": name, "reading": "global", "primary": True,
         "verdict": verdict, "bound": "below 0.1 (our threshold)", "finding": "So it is."}
        for name in ALL
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_words_give_the_real_numbers_of_seeds_and_the_story_of_pruning():
    tables = made(seeds=2)
    said = describe(tables, claims(), Settings(), ["mnist-5k"])
    assert set(said.conditions) == set(ALL)
    for text in said.conditions.values():
        assert "2 seeds a task" in text
    story = " ".join(said.notes)
    assert "divides the percentage of weights to prune by 100 twice" in story
    for words in ("listing C.1", "no path leads", "both layers"):
        assert words in story
    assert "still falls" in story  # a third of these losses fall by more than 0.005
    assert "not handwritten digits" not in story
    assert "under the corrected protocol 1 of 1 hold and 0 fail" in said.answer


@pytest.mark.parametrize("protocols", [("replicated",), ("corrected",)])
def test_words_of_other_data_say_what_is_not_judged(protocols):
    tables = made(protocols, tasks=("2-3",), hidden=(4,), seeds=1, dataset="wine")
    settings = Settings(protocol=protocols, tasks=("2-3",))
    words = describe(tables, claims("not measured"), settings, ["wine"])
    first = words.notes[0]
    assert "not handwritten digits" in first
    assert "lowcap run transfer --dataset" in first
    assert not words.headlines
    assert "none could be judged" in words.answer
    assert not re.search(r"\bnan\b|\binf\b", " ".join([words.answer, *words.notes]))
    assert "1 seed a task" in words.conditions[protocols[0]]


def test_words_of_other_data_say_what_was_not_looked_at():
    tables = made(("published",), tasks=("2-3",), hidden=(4,), seeds=1, dataset="wine")
    settings = Settings(protocol=("published",), tasks=("2-3",))
    small = {
        n: t for n, t in tables.items() if n not in ("robustness", "geometry", "learning_rate")
    }
    (_, left_out) = other_data(small, settings)
    for words in ("14 x 14 pixels", "saliency maps (of 24 units on 4-9", "learning rates"):
        assert words in left_out
    assert "drawn anew" in describe(tables, claims(), settings, ["wine"]).conditions["published"]
    assert other_data(made(), Settings()) == []


def test_the_hardest_task_is_the_papers_last_pair_or_has_most_linear_errors():
    assert hardest(made(tasks=("4-9", "0-1"))) == "4-9"
    tables = made(tasks=("2-3", "5-8"), dataset="wine")
    tables["difficulty"]["linear_error"] = np.where(tables["difficulty"]["task"] == "2-3", 0.3, 0.1)
    assert hardest(tables) == "2-3"
