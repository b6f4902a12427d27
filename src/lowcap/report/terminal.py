"""What a run and a calibration say on the terminal: sentences with their verdicts in front."""

from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from lowcap.claims import LEVEL, misses, wilson
from lowcap.report.page import (
    about_others,
    counted,
    expected_of,
    expected_words,
    judged_here,
    section,
)

COLOURS = {
    "holds": "green",
    "fails": "red",
    "undecided": "yellow",
    "not measurable this way": "magenta",
    "not measured": "dim",
    "about other data": "dim",
}


CHANCE = "chance alone marks about one in forty worlds at the bound"


def show(result: Any, console: Console) -> None:
    """The primary verdicts as sentences, a count of the other readings, and where the page is."""
    claims = judged_here(result.claims)
    for _, rows in claims[claims["primary"]].groupby("claim", sort=False):
        statement, where = rows.iloc[0][["statement", "section"]]
        place = escape(section(where))
        console.print(f"[bold]{escape(statement)}[/] [dim]{place}[/]", highlight=False)
        for row in rows.to_dict("records"):
            verdict = row["verdict"]
            line = f"[{COLOURS[verdict]}]{verdict}[/] ({escape(row['condition'])}): "
            _indented(line + escape(row["finding"]), console)
    others = claims[~claims["primary"]]
    console.print()
    for condition, rows in claims[claims["primary"]].groupby("condition", sort=False):
        console.print(f"{escape(str(condition))}: {counted(rows['verdict'])}.", highlight=False)
    for aside in about_others(result.claims):
        names = ", ".join(row["claim"] for row in aside.rows)
        console.print(f"\n{escape(str(aside))}: {escape(names)}.", highlight=False)
    console.print(f"\n{expected_words(*expected_of(claims))}", highlight=False)
    if len(others):
        console.print(
            f"{len(others)} other readings are on the page: {counted(others['verdict'])}.",
            highlight=False,
        )
    console.print(f"\nreport: {result.report}", highlight=False)


def _indented(words: str, console: Console) -> None:
    """Folded under itself on a terminal, one line elsewhere."""
    if console.is_terminal:
        console.print(Padding(words, (0, 0, 0, 2)), highlight=False, soft_wrap=False)
    else:
        console.print(f"  {words}", highlight=False)


def show_rates(found: Any, console: Console) -> None:
    """A table of the rates, those that miss 2.5 % marked, and where the figure is."""
    leads = found.calibration.groupby(["claim", "condition", "reading", "looks"])["primary"].first()
    table = Table(box=None, pad_edge=False)
    table.add_column("claim", overflow="fold")
    for column in ("false holds", "false fails", "power"):
        table.add_column(column, no_wrap=True)
    missing = 0
    for name, rows in found.rates.groupby(["claim", "reading"], sort=False):
        table.add_row(f"[bold]{escape(': '.join(filter(None, name)))}[/]")
        for row in rows.to_dict("records"):
            primary = leads[row["claim"], row["condition"], row["reading"], row["looks"]]
            sides = [row["false_holds"], row["false_fails"]]
            missing += sum(misses(share, row["simulations"]) for share in sides)
            table.add_row(
                f"  {escape(row['condition'])}",
                *(_rate(share, row["simulations"]) for share in sides),
                f"{_percent(row['power_holds'])} / {_percent(row['power_fails'])}",
                style="" if primary else "dim",
            )
    console.print(table)
    tried = int(np.isfinite(found.rates[["false_holds", "false_fails"]].to_numpy(float)).sum())
    verdict = f"{missing} of {tried} rates lie" if missing else f"None of {tried} rates lies"
    console.print(
        f"\n{verdict} above {100 * LEVEL:g} % by its whole Wilson interval"
        + (
            ", marked !; chance alone marks about one in forty worlds at the bound"
            if missing
            else ""
        )
        + ". Power: right verdicts where the truth is clearly true / false. Not primary: dim.",
        highlight=False,
    )
    console.print(f"figure: {found.run.out / 'figures' / 'calibration.svg'}", highlight=False)
    console.print(f"report: {found.run.report}", highlight=False)


def _rate(share: float, trials: float) -> str:
    if not np.isfinite(share):
        return "–"
    low, high = wilson(share, trials)
    text = f"{_percent(share)} \\[{100 * low:.1f}, {100 * high:.1f}]"
    return f"[red]! {text}[/]" if misses(share, trials) else text


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if np.isfinite(share) else "–"
