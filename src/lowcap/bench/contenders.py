"""Who takes part in a benchmark.

A contender takes a workload and gives what is `Ready` to train it. What it does before that is not
timed, nor is the first training, in which it may compile.
"""

from typing import NamedTuple


class Contender(NamedTuple):
    """A way to train the populations of one family."""

    where: str
    """Where to import it from, as "module:function": contenders run in processes of their own."""
    too_long: tuple[str, ...] = ()
    """Cases that it would spend most of the whole benchmark on: left out there, not estimated."""
    coarse: bool = False
    """Whether its products are of lower precision than single: their rate has another limit, and
    its losses may differ more."""
    proof: str = ""
    """What proves that it makes the same update, where it takes batches of its own."""
    other: bool = False
    """Whether it trains other networks, beside which to see the cost of these: it proves nothing.
    """


_MLP = Contender("lowcap.bench.scikit:loop", too_long=("large",))

CONTENDERS: dict[str, dict[str, Contender]] = {
    "wide": {
        "lowcap": Contender("lowcap.bench.fits:together"),
        "jax.vmap, padded": Contender("lowcap.bench.vmapped:padded_vmap"),
        "scikit-learn": _MLP,
    },
    "stacked": {
        "lowcap": Contender("lowcap.bench.fits:together"),
        "lowcap, one by one": Contender("lowcap.bench.fits:one_by_one"),
        "scikit-learn": _MLP,
    },
    "table": {
        "lowcap": Contender("lowcap.bench.fits:together"),
        "scikit-learn": Contender("lowcap.bench.scikit:search", proof="lowcap.bench.scikit:loop"),
    },
    "retrain": {
        "lowcap": Contender("lowcap.bench.fits:retrained"),
        "lowcap, dense": Contender("lowcap.bench.fits:together", other=True),
    },
}
"""By family of populations and name."""
