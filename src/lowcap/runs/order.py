"""In which order cells are computed."""

from collections.abc import Sequence

from lowcap.runs.cell import Cell

FIRST = 10
"""One cell in so many goes first, as a sample from which the time left can be told."""


def in_turn(cells: Sequence[Cell]) -> list[Cell]:
    """A tenth that is like all of them first; of the others the dear ones first.

    A sample of every cost and every set of measures tells how long the rest will take. Then the
    dear ones, so that none is left for the end; equals mixed, so that workers meet different shapes
    and one finds in the cache what another has compiled.
    """
    alike = sorted(cells, key=lambda cell: (-cell.cost, cell.measures, cell.fingerprint))
    count = round(len(alike) / FIRST)
    sample = {int(len(alike) * (number + 0.5) / count) for number in range(count)}
    others = [cell for place, cell in enumerate(alike) if place not in sample]
    others.sort(key=lambda cell: (-cell.cost, cell.fingerprint))
    return [alike[place] for place in sorted(sample)] + others
