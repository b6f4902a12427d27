"""Tables, verdicts and figures made into one page. Knows no networks."""

from lowcap.report.figure import INK, LINES, PAPER, QUIET, Figure, panels, styled
from lowcap.report.page import VERDICTS, Page, headlines, number, tally

__all__ = [
    "INK",
    "LINES",
    "PAPER",
    "QUIET",
    "VERDICTS",
    "Figure",
    "Page",
    "headlines",
    "number",
    "panels",
    "styled",
    "tally",
]
