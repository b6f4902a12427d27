"""Claims held to account: statistic, interval, verdict. Knows no paper."""

from lowcap.claims.claim import Claim, Tables, evaluate
from lowcap.claims.statistics import (
    Interval,
    above,
    below,
    bootstrap_interval,
    false_discovery,
    gain_p_value,
    holm,
    mean_interval,
    rank_correlation,
    spread_ratio_test,
)
from lowcap.claims.verdict import Finding, NotMeasured, Verdict

__all__ = [
    "Claim",
    "Finding",
    "Interval",
    "NotMeasured",
    "Tables",
    "Verdict",
    "above",
    "below",
    "bootstrap_interval",
    "evaluate",
    "false_discovery",
    "gain_p_value",
    "holm",
    "mean_interval",
    "rank_correlation",
    "spread_ratio_test",
]
