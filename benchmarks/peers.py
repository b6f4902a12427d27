"""Who joins lowcap's own contenders in the whole benchmark.

PyTorch is not imported here: every process of the benchmark would wait for it.
"""

from lowcap.bench.contenders import Contender

PEERS = {
    "wide": {
        "PyTorch loop": Contender("benchmarks.wide_peers:loop", too_long=("large",)),
        "torch.func.vmap, padded": Contender(
            "benchmarks.wide_peers:padded_vmap", too_long=("large",)
        ),
        "PyTorch, fused": Contender("benchmarks.wide_peers:fused"),
        "lowcap, bfloat16": Contender("lowcap.bench.fits:bfloat16", coarse=True),
    },
    "stacked": {
        "PyTorch loop": Contender("benchmarks.stacked_peers:loop"),
        "torch.func.vmap": Contender("benchmarks.stacked_peers:vmap"),
    },
    "table": {},
    "retrain": {"PyTorch loop, prune": Contender("benchmarks.retrain_peers:loop")},
}
"""By family of populations and name, what joins `CONTENDERS` in the whole benchmark."""

PRODUCT = "benchmarks.wide_peers:product"
"""PyTorch's matrix product, for the machine's limit."""
