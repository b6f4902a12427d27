"""Tables, verdicts and figures made into one page. Knows no networks."""

from lowcap.report.figure import Figure, Printed, styled
from lowcap.report.forest import forest_figure
from lowcap.report.grid import panels
from lowcap.report.links import EXPLORER, with_explorer
from lowcap.report.overview import overview_figure
from lowcap.report.page import (
    VERDICTS,
    Page,
    Words,
    about_others,
    first_statements,
    headlines,
    judged_here,
    number,
    tally,
    told_first,
)
from lowcap.report.palette import INK, LINES, PAPER, QUIET
from lowcap.report.rates import draw_rates, rates_sketches
from lowcap.report.sketch import Sketch, printing
from lowcap.report.summary import summed_up

__all__ = [
    "EXPLORER",
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
    "about_others",
    "draw_rates",
    "first_statements",
    "forest_figure",
    "headlines",
    "judged_here",
    "number",
    "overview_figure",
    "panels",
    "printing",
    "rates_sketches",
    "styled",
    "summed_up",
    "tally",
    "told_first",
    "with_explorer",
]
