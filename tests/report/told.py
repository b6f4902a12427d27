"""A claims table, a figure and a reader of links, for tests of what is shown."""

from html.parser import HTMLParser

import numpy as np
import pandas as pd

from lowcap.report import Figure, panels, styled

CLAIMS = pd.DataFrame(
    {
        "claim": ["one", "one", "two"],
        "condition": ["a", "b", "a"],
        "reading": "",
        "primary": True,
        "section": "4",
        "statement": ["<b>first</b>", "<b>first</b>", "second"],
        "statistic": "s",
        "bound": "above 0",
        "effect": [1.0, -0.5, np.nan],
        "low": [0.5, -np.inf, np.nan],
        "high": [1.5, np.inf, np.nan],
        "unit": ["%", "", ""],
        "look": [2, 1, 1],
        "looks": [4, 1, 1],
        "verdict": ["holds", "undecided", "not measured"],
        "finding": "f",
        "part": "",
        "control": ["untrained 7.65", "", ""],
        "false_holds": [0.02, np.nan, np.nan],
        "false_fails": [0.01, np.nan, np.nan],
        "power_holds": [0.9, np.nan, np.nan],
        "power_fails": np.nan,
        "simulations": [400, np.nan, np.nan],
        "figure": ["drawn", "drawn", ""],
        "holds_from": 0.0,
        "holds_to": np.inf,
        "quote": ["its <own> words", "its <own> words", ""],
        "quoted_from": ["abstract", "abstract", ""],
        "paper_value": ["about 1", "about 1", ""],
        "paper_effect": [1.0, 1.0, np.nan],
        "code": ["a.py, line 1\nb.py, line 2", "a.py, line 1\nb.py, line 2", ""],
        "code_url": ["https://example.org/a\nhttps://example.org/b"] * 2 + [""],
        "code_does": ["halves it\nhalves it again"] * 2 + [""],
    }
)


def with_others() -> pd.DataFrame:
    """The claims, and two that speak of other data than the run's."""
    row = CLAIMS.iloc[2].to_dict() | {
        "verdict": "about other data",
        "finding": "Not judged here: it speaks of handwritten digits.",
    }
    others = [
        {**row, "claim": name, "statement": f"of {name}", "condition": condition}
        for name in ("fours", "nines")
        for condition in ("a", "b")
    ]
    return pd.concat([CLAIMS, pd.DataFrame(others)], ignore_index=True)


def drawn():
    with styled():
        drawing, grid = panels(1, 1, (4, 3))
        grid[0][0].plot([1, 2], [3, 4])
        grid[0][0].set_title("axes")
    return Figure("drawn", "A drawing", "What it shows", drawing)


class Links(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.targets, self.outside = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name == "href" and tag == "a":
                self.targets.append(value)
            if name == "src" or (name == "href" and tag != "a" and value[0] != "#"):
                self.outside.append(value)
