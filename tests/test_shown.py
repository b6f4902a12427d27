"""What objects show: a line on a terminal, a card in a notebook."""

from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import lowcap
from lowcap.claims import Above, Claim, Evidence, Exact, Reading
from lowcap.networks import together
from lowcap.shown import Link, card, counted, grouped, line, listed, plain


class Balanced(HTMLParser):
    """Collects tags and words, and refuses a tag that is closed out of turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open, self.tags, self.words, self.links = [], [], "", []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data + " "


@pytest.fixture(scope="module")
def fitted(split):
    return lowcap.fit(lowcap.grid(hidden=[0, 2, 3], seed=range(2)), split, epochs=2)


@pytest.fixture(scope="module")
def objects(dataset, task, split, fitted):
    deep = lowcap.stack(lowcap.Dense(36, (3, 3), 1), range(2), 0.1, kind="binary")
    reading = Reading("", "a mean", Above(0), lambda tables: Evidence(Exact(1.0), "1."), ())
    claim = Claim("more-is-more", "4.2", "More <units> are better.", (reading,))
    return {
        "data set": dataset,
        "task": task,
        "split": split,
        "rows": split.train,
        "folds": lowcap.cross_validation(split, 3),
        "fit": fitted,
        "fused": fitted.population,
        "pruned": fitted.population.pruned(0.5),
        "stacked": deep,
        "network": fitted[3],
        "deep network": deep[0],
        "claim": claim,
    }


NAMES = ("data set", "task", "split", "rows", "folds", "fit", "fused", "pruned", "stacked",
         "network", "deep network", "claim")  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_objects_say_what_they_are_in_a_line_and_on_a_card(name, objects):
    one = objects[name]
    assert len(repr(one)) < 300
    assert "\n" not in repr(one)
    html = one._repr_html_()
    found = Balanced(html)
    assert len(html) < 6000
    assert not {"script", "style", "link", "img"} & set(found.tags)
    assert "#" not in html  # no colours of its own: light and dark notebooks have theirs


def test_numbers_of_a_population_stand_on_its_card(objects):
    found = Balanced(objects["pruned"]._repr_html_()).words.split()
    assert found[:4] == ["Population", "of", "6", "networks"]
    assert "pruned" in found
    assert "pruned" not in objects["fused"]._repr_html_()
    assert "0 to 1" not in repr(objects["fused"])
    assert "hidden 0, 2, 3; learning_rate 0.03; seed 0, 1" in repr(objects["fused"])
    assert "% of its weights 0>" in repr(objects["pruned"].member(hidden=3, seed=0))


def test_text_of_users_is_escaped(objects):
    assert "&lt;units&gt;" in objects["claim"]._repr_html_()
    frame = lowcap.array_task(np.eye(8), np.arange(8) % 2, name="<b>mine</b>")
    assert "<b>" not in frame._repr_html_()


def test_what_holds_large_arrays_is_short(objects, fitted, split):
    both = together([fitted.population, fitted.population.pruned(0.9)])
    responses = fitted.population.respond(fitted.population.prepare(split.test.x))
    for one in (both, responses, fitted.history, objects["claim"].readings[0]):
        assert len(repr(one)) < 400
        assert "array(" not in repr(one)


def test_long_tables_are_cut_and_say_so():
    rows = [{"n": number} for number in range(30)]
    assert "and 18 more rows" in card("a table", None, rows)
    assert "more row" not in card("a table", None, rows, most=30)
    link = Balanced(card("a link", None, [{"to": Link("a & b", "there?x=1&y=2")}]))
    assert link.links == ["there?x=1&y=2"]
    assert "a & b" in link.words


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([3, 1, 1, 2], "1 to 3"),
        ([2, 8, 4], "2, 4, 8"),
        ([0.1, 0.03], "0.03, 0.1"),
        (["64-64"], "64-64"),
        ([None, 0.1], "–, 0.1"),
        (list(range(0, 40, 2)), "0, 2, 4, ..., 38 (20 values)"),
    ],
)
def test_values_are_listed_in_few_letters(values, words):
    assert listed(values) == words


def test_words_of_values_and_members():
    assert [plain(v) for v in (True, 1000, 0.123456, float("nan"), "x")] == [
        "yes", "1,000", "0.1235", "–", "x",
    ]  # fmt: skip
    assert counted(1, "row") == "1 row"
    assert line("Thing", "a", "", "b") == "<Thing: a, b>"
    keys = pd.DataFrame({"hidden": [2, 2, 4], "seed": [0, 1, 0]})
    assert grouped(keys) == [
        {"hidden": "2", "networks": "2", "seed": "0, 1"},
        {"hidden": "4", "networks": "1", "seed": "0"},
    ]
