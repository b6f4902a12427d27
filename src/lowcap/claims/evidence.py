"""What a judge reads off a run's tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import shorten
from typing import Any

from lowcap.claims.estimates import Estimate


@dataclass(frozen=True)
class Evidence:
    """What a judge read off the tables: estimates for the bound to decide on, and words.

    Example:
        >>> Evidence(Share(66, 100), "66 of 100 networks generalize.", {"untrained": 0.1})
    """

    estimates: Estimate | Mapping[str, Any]
    """One estimate, or by name those that a bound of several parts asks for."""
    sentence: str
    """One sentence that a reader understands, with the numbers in it."""
    control: Mapping[str, float] = field(default_factory=dict)
    """The same instrument read on something whose answer is known: `untrained`, `shuffled
    labels`, `another seed`, `attainable`."""
    attainable: Estimate | Mapping[str, Any] | None = None
    """What the instrument gives where the claim is true by construction. If the bound fails even
    there, the claim is not measurable this way."""

    def __repr__(self) -> str:
        return f"<Evidence: {shorten(self.sentence, 200)}>"
