"""One self-contained page: what a paper said and what was found, verdicts, figures, claims."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jinja2
import numpy as np
import pandas as pd

from lowcap.claims import Verdict, expected_false, subject_of
from lowcap.report.figure import Printed
from lowcap.report.glossary import Glossary, term_id
from lowcap.report.links import EXPLORER_LINK, NO_EXPLORER, claim_id, finding_id
from lowcap.report.palette import DARK_PAGE, LIGHT_PAGE

ELSEWHERE = str(Verdict.ELSEWHERE)

VERDICTS = (
    "holds", "fails", "undecided", "not measurable this way", "not measured", ELSEWHERE
)  # fmt: skip

UNTOLD = ("not measured", ELSEWHERE)
"""Verdicts without a number."""


@dataclass(frozen=True)
class Words:
    """What a study says on its page, each number taken from the run."""

    title: str
    subtitle: str
    answer: str
    """The first paragraph: what the run found, in words computed from its verdicts."""
    headlines: Sequence[Mapping[str, Any]]
    """The paper's main findings: each a `title` and the `rows` of claims that settle it."""
    notes: Sequence[str]
    """Paragraphs a reader needs to judge the rest fairly."""
    conditions: Mapping[str, str]
    """What verdicts stand side by side for (protocols, data sets): each name and what it is."""
    facts: Mapping[str, str]
    """Counts and times shown beside the title."""
    source: str = ""
    """Where the paper can be read."""


@dataclass(frozen=True)
class Page:
    """What a report says."""

    words: Words
    claims: pd.DataFrame
    figures: Sequence[Printed]
    command: str
    redraw: str
    """The command that makes the figures again from the stored cells."""
    calibrate: str
    """The command that finds how often the judges err on runs like this one."""
    configuration: Mapping[str, Any]
    environment: Mapping[str, Mapping[str, str]]
    overview: Printed | None = None
    """The figure that sums up all verdicts, above the others."""
    narrow: Printed | None = None
    """The same for narrow screens; without it the other is moved sideways there."""
    explorer: bool = False
    """Whether the page to play with lies beside it."""

    def html(self) -> str:
        """The page as one HTML document that needs no network."""
        loader = jinja2.PackageLoader("lowcap.report")
        env = jinja2.Environment(
            loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True
        )
        env.filters["number"] = number
        env.filters["interval"] = interval
        env.filters["section"] = section
        env.filters["telling"] = telling
        env.filters["places"] = places
        env.filters["quantity"] = quantity
        env.globals["claim_id"], env.globals["finding_id"] = claim_id, finding_id
        env.globals["term_id"] = term_id
        glossary = Glossary()
        env.filters["share"] = lambda value: f"{100 * value:.1f} %"
        template = env.get_template("page.html.j2")
        listed = judged_here(self.claims)
        primary = listed[listed["primary"]]
        titles = {figure.id: figure.title for figure in self.figures}
        return template.render(
            page=self,
            light=LIGHT_PAGE,
            dark=DARK_PAGE,
            verdicts=VERDICTS,
            tally=tally(self.claims),
            expected=expected_words(*expected_of(self.claims)),
            calibrated=int(primary["simulations"].notna().sum()),
            primaries=len(primary),
            groups=_grouped(listed, titles),
            others=about_others(self.claims),
            titles=titles,
            explorer=EXPLORER_LINK if self.explorer else NO_EXPLORER,
            present=set(primary["verdict"]),
            glossary=glossary,
            explained=glossary.explain,
            shown={figure.id: _shown(self.claims, figure.id) for figure in self.figures},
        )


class Others(NamedTuple):
    """Claims that are not judged, since they speak of other data than the run's."""

    subject: str
    """Of what data they speak, in words."""
    rows: list[dict[str, Any]]
    """One a claim."""

    def __str__(self) -> str:
        """How many they are, and why they are not judged: the head of their list."""
        one = len(self.rows) == 1
        return (
            f"{len(self.rows)} claim{'' if one else 's'} speak{'s' if one else ''} of "
            f"{self.subject} and {'is' if one else 'are'} not judged here"
        )


def judged_here(claims: pd.DataFrame) -> pd.DataFrame:
    """The rows of claims that speak of data like the run's, under one condition at least."""
    known = claims.loc[claims["verdict"] != ELSEWHERE, "claim"]
    return claims[claims["claim"].isin(known)]


def about_others(claims: pd.DataFrame) -> list[Others]:
    """The claims that speak of other data than the run's, by the data that they speak of."""
    listed = judged_here(claims)["claim"]
    rows = claims[~claims["claim"].isin(listed)].drop_duplicates("claim")
    return [
        Others(subject_of(words), found) for words, found in _by(_records(rows), "finding").items()
    ]


def tally(claims: pd.DataFrame) -> dict[str, dict[str, int]]:
    """How many claims got each verdict in their primary reading, by condition.

    Claims that speak of other data are not among them; see `about_others`.
    """
    return {
        str(condition): {
            name: int((rows["verdict"] == name).sum()) for name in VERDICTS if name != ELSEWHERE
        }
        for condition, rows in claims[claims["primary"]].groupby("condition", sort=False)
    }


def headlines(claims: pd.DataFrame, settled_by: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """A page's headlines: each title with the primary rows of the claim that settles it."""
    primary = claims[claims["primary"]]
    return [
        {"title": title, "rows": primary[primary["claim"] == claim].to_dict("records")}
        for title, claim in settled_by.items()
    ]


def told_first(
    claims: pd.DataFrame, settled_by: Mapping[str, str], count: int = 3
) -> dict[str, str]:
    """Of possible headlines the first so many whose claims were judged under some condition."""
    judged = set(claims[claims["primary"] & ~claims["verdict"].isin(UNTOLD)]["claim"])
    found = {title: claim for title, claim in settled_by.items() if claim in judged}
    return dict(list(found.items())[:count])


def first_statements(claims: pd.DataFrame, count: int = 3) -> dict[str, str]:
    """The statements of the first claims, as headlines of a page that names none."""
    once = claims[claims["primary"]].drop_duplicates("claim").head(count)
    return dict(zip(once["statement"], once["claim"], strict=True))


def counted(verdicts: Iterable[str]) -> str:
    """How many of each verdict, in words: "3 holds, 1 undecided"."""
    counts = Counter(verdicts)
    return ", ".join(f"{counts[name]} {name}" for name in VERDICTS if name in counts)


def expected_of(claims: pd.DataFrame) -> tuple[float, int, int]:
    """At most how many false primary verdicts to expect; how many were tested, and decided."""
    primary = claims[claims["primary"]]["verdict"]
    decided = int(primary.isin(["holds", "fails"]).sum())
    return expected_false(claims), decided + int((primary == "undecided").sum()), decided


def expected_words(expected: float, tested: int, decided: int) -> str:
    """A plain sentence on how many of the primary verdicts to expect to be false."""
    if not tested:
        return "No primary reading could be tested, so none can be false."
    return (
        f"{tested} could be tested and {decided} {'is' if decided == 1 else 'are'} decided "
        "(“holds” or “fails”). If the truth lay exactly at the bound everywhere, about "
        f"{expected:.1f} of them would be decided "
        "wrongly by chance; where truths are clearer, fewer."
    )


def _shown(claims: pd.DataFrame, figure: str) -> list[dict[str, Any]]:
    """What a figure shows: the measured primary findings of each claim that names it."""
    rows = claims[claims["primary"] & (claims["figure"] == figure)]
    rows = rows[~rows["verdict"].isin(UNTOLD)]
    return [
        {"claim": name, "statement": found[0]["statement"], "rows": found}
        for name, found in _by(_records(rows), "claim").items()
    ]


def _grouped(claims: pd.DataFrame, titles: Collection[str]) -> list[dict[str, Any]]:
    """The claims as the page lists them: primary rows, then the other readings of each."""
    groups = []
    for name, rows in _by(_records(claims), "claim").items():
        readings = [{"head": found[0], "rows": found} for found in _by(rows, "reading").values()]
        others = [row for row in rows if not row["primary"]]
        groups.append(
            {
                "claim": name,
                "head": rows[0],
                "readings": readings,
                "primary": [row for row in rows if row["primary"]],
                "others": others,
                "counted": counted(row["verdict"] for row in others),
                "figure": next((row["figure"] for row in rows if row["figure"] in titles), ""),
            }
        )
    return groups


def _records(claims: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows by column name."""
    return claims.to_dict("records")  # type: ignore[return-value]


def _by(rows: Sequence[dict[str, Any]], column: str) -> dict[str, list[dict[str, Any]]]:
    """Rows that share a value, in the order in which their values come."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return found


def quantity(statistic: str) -> str:
    """What a claim's number is, without how its interval was found."""
    return statistic.partition(";")[0].partition(", t interval")[0]


def telling(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Of a claim's rows the one to be told in words: the last that was measured, if any was."""
    measured = [row for row in rows if row["verdict"] not in UNTOLD]
    return (measured or rows)[-1]


def section(name: str) -> str:
    """Where a paper says something, in words: "section 4.1"."""
    if name[:1].isdigit():
        return f"Section {name}"
    return name[:1].upper() + name[1:]


def places(row: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The places in a paper's released code that a claim names: each with its URL and its words."""
    columns = (str(row[name]).split("\n") for name in ("code", "code_url", "code_does"))
    return list(zip(*columns, strict=True))


def number(value: float, unit: str = "") -> str:
    """A number as a reader wants it: three digits, a real minus, words for the extremes."""
    if np.isnan(value):
        return "–"
    if np.isinf(value):
        return "less than was tried" if value < 0 else "more than was tried"
    if unit == "%":
        value = 100 * value
    if value and not 1e-6 <= abs(value) < 1e9:
        return "about 0" if abs(value) < 1 else "beyond measure"
    return f"{value:.3g}".replace("-", "−") + (f" {unit}" if unit else "")


def interval(row: Mapping[str, Any]) -> str:
    """The interval of a row of the claims table, in words where a limit is missing."""
    low, high, unit = row["low"], row["high"], row["unit"]
    if np.isnan(low) or np.isnan(high):
        return ""
    if low == -np.inf and high == np.inf:
        return "no interval: one seed"
    if low == -np.inf:
        return f"up to {number(high, unit)}"
    if high == np.inf and np.isfinite(low):
        return f"{number(low, unit)} or more"
    return f"[{number(low, unit)}, {number(high, unit)}]"
