"""Words are explained where they first stand."""

import re

from lowcap.report.glossary import TERMS, Glossary, term_id


def test_the_first_place_of_a_word_leads_to_its_explanation():
    glossary = Glossary({"F1": "A score.", "hidden unit": "A neuron."})
    text = glossary.explain("F1 < 0.9 with 2 hidden units, and F1 again; F12 is none.")
    assert text == (
        '<a class="term" href="#word-f1" title="A score.">F1</a> &lt; 0.9 with 2 '
        '<a class="term" href="#word-hidden-unit" title="A neuron.">hidden units</a>, and F1 '
        "again; F12 is none."
    )
    assert "<a" not in glossary.explain("F1 of one hidden unit")
    assert glossary.met == {"F1": "A score.", "hidden unit": "A neuron."}


def test_longer_words_come_first():
    text = Glossary({"unit": "u", "hidden unit": "h"}).explain("A hidden unit is a unit")
    assert re.findall(r">([\w ]+)</a>", text) == ["hidden unit", "unit"]


def test_gradient_descent_is_no_map_of_pixels():
    text = Glossary().explain("gradient descent, its gradient steps, and a gradient")
    assert re.findall(r'#word-([\w-]+)" title', text) == [
        "gradient-descent", "gradient-step", "gradient",
    ]  # fmt: skip


def test_every_word_has_an_address_of_its_own_and_whole_sentences():
    assert len({term_id(term) for term in TERMS}) == len(TERMS)
    assert all((meaning.endswith(".") and meaning[0].isupper()) or meaning.startswith("log(")
               for meaning in TERMS.values())  # fmt: skip
