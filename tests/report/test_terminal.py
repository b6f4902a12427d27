"""Verdicts as sentences on the terminal."""

import pandas as pd
from rich.console import Console

from lowcap.report.terminal import show
from tests.report.told import CLAIMS, with_others


class Ran:
    claims = pd.concat([CLAIMS, CLAIMS.assign(primary=False)])
    report = "runs/x/report.html"


def test_the_terminal_says_sentences_with_their_verdict_in_front(capsys):
    show(Ran, Console(soft_wrap=True))
    out = capsys.readouterr().out
    assert "<b>first</b> Section 4" in out.splitlines()
    assert "  holds (a): f" in out.splitlines()
    assert "a: 1 holds, 1 not measured." in out.splitlines()
    assert "b: 1 undecided." in out.splitlines()
    assert "  not measured (a): f" in out.splitlines()
    assert "3 other readings are on the page: 1 holds, 1 undecided, 1 not measured." in out
    assert "report: runs/x/report.html" in out


def test_the_terminal_names_claims_about_other_data_in_one_sentence(capsys):
    class Other(Ran):
        claims = with_others()

    show(Other, Console(soft_wrap=True))
    out = capsys.readouterr().out.splitlines()
    sentence = "2 claims speak of handwritten digits and are not judged here: fours, nines."
    assert sentence in out
    assert "a: 1 holds, 1 not measured." in out
    assert sum("fours" in line for line in out) == 1
