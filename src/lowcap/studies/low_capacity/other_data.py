"""What the page says first on data that are not the paper's: what is judged, and what is not."""

import shlex

from lowcap.claims import Tables
from lowcap.studies.low_capacity.claims.geometry import NETWORK
from lowcap.studies.low_capacity.claims.scores import F1_LEVEL, of_digits
from lowcap.studies.low_capacity.measures import LARGEST_PATCH
from lowcap.studies.low_capacity.settings import RATE_TASK, Settings


def other_data(tables: Tables, settings: Settings) -> list[str]:
    """Notes on a run that is not on digits; none on digits."""
    if of_digits(tables["capacity"]):
        return []
    missing = left_out(tables, settings)
    drawn = [f"Not looked at, so that there are no figures of it: {'; '.join(missing)}."]
    return [_judged(settings), *(drawn if missing else [])]


def _judged(settings: Settings) -> str:
    """What is judged, by which level, and which study asks more."""
    return (
        "These data are not handwritten digits. What the paper says of pairs of digits (which are "
        "hard, how many units each needs, where their strokes are) is not judged here; only what "
        "it says of small networks in general is. A network is sufficient here if its F1 comes as "
        f"far on the way from that of a constant answer to 1 as the paper's {F1_LEVEL:.2f} does "
        "where both classes are of one size. What pruning costs on an easy and on a hard task, "
        "dead units, noise, hidden space and saliency are judged on any images by another study: "
        f"lowcap run transfer --dataset {shlex.quote(settings.dataset)} --tasks, with pairs of "
        "classes from easy to hard."
    )


def left_out(tables: Tables, settings: Settings) -> list[str]:
    """The instruments that the run's tasks or images were not put under, and why."""
    task, hidden = NETWORK
    found = []
    if "learning_rate" not in tables:
        found.append(f"other learning rates (tried on {RATE_TASK} alone)")
    if "geometry" not in tables:
        found.append(f"hidden space and saliency maps (of {hidden} units on {task} alone)")
    if "robustness" not in tables and set(settings.protocol) != {"replicated"}:
        found.append(
            f"corrupted images (of {LARGEST_PATCH} x {LARGEST_PATCH} pixels or more alone, since "
            "a patch would hide most of a smaller one)"
        )
    return found
