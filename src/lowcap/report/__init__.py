"""Tables, verdicts and figures made into one page. Knows no networks."""

from lowcap.report.figure import Figure, Printed, styled
from lowcap.report.grid import panels
from lowcap.report.overview import overview_figure
from lowcap.report.page import VERDICTS, Page, Words, headlines, number, tally
from lowcap.report.palette import INK, LINES, PAPER, QUIET
from lowcap.report.rates import draw_rates, rates_figure
from lowcap.report.sketch import Sketch, printing

__all__ = [
    "INK",
    "LINES",
    "PAPER",
    "QUIET",
    "VERDICTS",
    "Figure",
    "Page",
    "Printed",
    "Sketch",
    "Words",
    "draw_rates",
    "headlines",
    "number",
    "overview_figure",
    "panels",
    "printing",
    "rates_figure",
    "styled",
    "tally",
]
