"""How fast populations train on this machine, beside other ways and the machine's own limit."""

from lowcap.bench.cases import CASES, Case, Workload, workload
from lowcap.bench.contenders import CONTENDERS
from lowcap.bench.measure import Timing, benchmark, gemm_limit

__all__ = [
    "CASES",
    "CONTENDERS",
    "Case",
    "Timing",
    "Workload",
    "benchmark",
    "gemm_limit",
    "workload",
]
