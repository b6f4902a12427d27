"""What a run found, and the content of its ``answer.json``."""

from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lowcap.runs import environment
from lowcap.small.candidates import Candidates
from lowcap.small.export.c_parts import Exported
from lowcap.small.frontier import cost
from lowcap.small.prepared import Prepared
from lowcap.small.request import Request
from lowcap.small.scored import Scored
from lowcap.small.search.answer import Answer
from lowcap.small.search.search import Searched
from lowcap.small.search.wording import number
from lowcap.small.settle import Settled


class Found(NamedTuple):
    """What a run found, before it is written."""

    prepared: Prepared
    searched: Searched
    told: Answer
    table: pd.DataFrame
    settled: Settled
    exported: Exported
    models: Candidates
    calibration: pd.DataFrame
    """Rows to set the ranges of whole numbers by."""
    vectors: pd.DataFrame
    """Rows to test exported code with."""
    references: pd.DataFrame
    test: Scored
    notes: tuple[str, ...]


def answer_fields(request: Request, found: Found, seconds: float) -> dict[str, Any]:
    """The content of ``answer.json``, in values that JSON knows."""
    told, settled, prepared = found.told, found.settled, found.prepared
    row = found.table[
        (found.table["hidden"] == settled.hidden)
        & (found.table["sparsity"] == settled.sparsity)
        & (found.table["bits"] == settled.bits)
    ].iloc[0]
    holds = settled.verdict == "holds"
    form = "in whole numbers" if settled.bits == 8 else "in floating point"
    test = found.test._asdict() | {"shared": prepared.test.shared}
    test["sentence"] = (
        f"On {_rows_in_words(found.test.rows, prepared.test.shared)}, the network that is "
        f"exported, {form}, scores {number(found.test.score)} [{number(found.test.low)}, "
        f"{number(found.test.high)}]."
    )
    fields = {
        "sentence": settled.sentence,
        "verdict": settled.verdict,
        "dense_verdict": told.verdict,
        "hidden": settled.hidden if holds else None,
        "sparsity": settled.sparsity if holds else None,
        "bits": settled.bits,
        "score": settled.score,
        "low": settled.low,
        "high": settled.high,
        "reference": told.reference,
        "reference_score": told.reference_score,
        "constant_score": told.constant_score,
        "not_excluded": list(told.not_excluded),
        "tolerance": told.tolerance,
        "at_least": told.at_least,
        "metric": told.metric,
        "positive": _positive(found),
        "reason": settled.reason,
        "parameters": int(row["parameters"]),
        **cost(found.exported)._asdict(),
        "kept": {"hidden": settled.hidden, "sparsity": settled.sparsity,
                 **{name: float(row[name]) for name in ("score", "low", "high")}},
        "test": test,
        "budget": dict(request.budget),
        "data": {
            "name": prepared.train.path.name,
            "sha256": prepared.train.sha256,
            "training_rows": len(prepared.task.y),
            "of": prepared.train.sampled.of,
            "columns": list(prepared.words),
            "rows": list(prepared.notes),
            "target": prepared.target.name,
            "kind": prepared.target.kind,
        },
        "settings": asdict(found.searched.settings),
        "notes": list(found.notes),
        "seconds": round(seconds, 1),
        "versions": environment()["versions"],
    }  # fmt: skip
    return _finite(fields)


def _rows_in_words(rows: int, shared: int) -> str:
    """Test rows, and what may be claimed of them."""
    if not shared:
        return f"{rows:,} test rows that nothing was chosen on"
    stands = "stands" if shared == 1 else "stand"
    return f"{rows:,} test rows, {shared:,} of which also {stands} among the training rows"


def _positive(found: Found) -> Any:
    """The label that F1 is of; None of other metrics."""
    metric = found.searched.metric
    return found.prepared.target.classes[metric.positive] if metric.name == "f1" else None


def _finite(value: Any) -> Any:
    """The same without infinities, which JSON does not know."""
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
