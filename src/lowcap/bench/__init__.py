"""How fast populations train on this machine, beside other ways and the machine's own limit."""

from lowcap.bench.cases import CASES, Case, StackedCase, Workload, workload
from lowcap.bench.contenders import CONTENDERS
from lowcap.bench.measure import Cores, Timing, benchmark, gemm_limit, timed

__all__ = [
    "CASES",
    "CONTENDERS",
    "Case",
    "Cores",
    "StackedCase",
    "Timing",
    "Workload",
    "benchmark",
    "gemm_limit",
    "timed",
    "workload",
]
