"""Tables like those of a run, small, with what they show set by hand."""

import numpy as np
import pandas as pd

from lowcap.studies.xor.plan import FILTERS, FITTING, NETWORKS

ERRORS = dict(zip(NETWORKS, (0.10, 0.09, 0.085, 0.06, 0.04), strict=True))


def frequencies(fit_and_wrong=0.6875, large=1.0, covered=0.99, other=0.5, runs=40_000):
    """Diverse sets: k = 2 fits and errs, k = 120 is perfect, k = 4 to 10 by start, in shares."""
    rows = [
        {"k": 2, "runs": runs, "converged": int(0.75 * runs), "perfect": int(0.0625 * runs),
         "fit_and_wrong": int(fit_and_wrong * runs), "covered": 0, "covered_perfect": 0,
         "found": int(0.0625 * runs), "found_perfect": int(0.0625 * runs)},
        {"k": 120, "runs": 2000, "converged": 2000, "perfect": int(large * 2000),
         "fit_and_wrong": 0, "covered": 2000, "covered_perfect": int(large * 2000),
         "found": 2000, "found_perfect": int(large * 2000)},
    ]  # fmt: skip
    for k in (4, 6, 8, 10):
        happened = 1000
        both, lacking = int(covered * happened), int(other * 3000)
        rows.append(
            {"k": k, "runs": 4000, "converged": 4000, "perfect": both + lacking,
             "fit_and_wrong": 0, "covered": happened, "covered_perfect": both,
             "found": both + lacking, "found_perfect": both + lacking}
        )  # fmt: skip
    return pd.DataFrame(rows).assign(gamma=8.0, points=0, diversity=1.0)


def samples(large=0.9, other=0.7):
    """Sampled sets at p+ = p- = 0.98: shares that are perfect, with 2 to 256 points."""
    rows = [
        {"k": k, "points": m, "runs": runs, "perfect": round(share * runs)}
        for k, share, runs in (
            (2, 0.06, 1000),
            (4, 0.38, 1000),
            (10, other, 500),
            (120, large, 100),
        )
        for m in (2, 4, 8, 16, 32, 64, 128, 256)
    ]
    return pd.DataFrame(rows).assign(gamma=8.0, diversity=0.98)


def starts(share=0.6875, repeats=8, mixed=0):
    """Starts of k = 2, each with one outcome, but for the first `mixed` that have either."""
    chosen = np.arange(4096) >= (1 - share) * 4096
    counts = chosen * repeats
    counts[:mixed] = repeats // 2
    perfect = np.where(np.arange(4096) < 256, repeats - counts, 0)
    return pd.DataFrame(
        {"k": 2, "gamma": 8.0, "start": range(4096), "runs": repeats, "perfect": perfect,
         "fit_and_wrong": counts}
    )  # fmt: skip


def angles(after=0.85, runs=100):
    """Shares of aligned filters: 22 % before, `after` of k = 120 and 70 % of k = 2 after."""
    rng = np.random.default_rng(0)
    return pd.concat(
        [
            pd.DataFrame(
                {"k": k, "gamma": 8.0, "state": state, "run": range(runs), "angle": 1.0,
                 "near": share + 0.05 * rng.standard_normal(runs), "near_by_norm": 0.999}
            )
            for k, level in ((2, 0.7), (120, after))
            for state, share in (("before", 0.22), ("after", level))
        ]
    )  # fmt: skip


def compression(errors=ERRORS, seeds=6, unfit=()):
    """Networks of every choice with these test errors, differing over seeds and images by 0.002.

    Args:
        errors: mean test error of each network.
        seeds: how many.
        unfit: seeds whose small network, of those trained to zero error, did not reach it.
    """
    rng = np.random.default_rng(1)
    rows, blocks = [], []
    of_blocks = 0.002 * np.sqrt(10) * rng.standard_normal((10, len(NETWORKS)))
    of_blocks -= of_blocks.mean(axis=0)
    choices = [(*choice, False) for choice in FILTERS] + [(*FITTING, True)]
    for filter, pool, scale, fitted in choices:
        of_seeds = 0.002 * rng.standard_normal((seeds, len(NETWORKS)))
        for seed in range(seeds):
            for place, network in enumerate(NETWORKS):
                keys = {"filter": filter, "pool": pool, "scale": scale, "fitted": fitted,
                        "seed": seed, "network": network}  # fmt: skip
                level = errors[network] + of_seeds[seed, place]
                fits = fitted and not (seed in unfit and network == "small")
                rows.append(keys | {"images": 6000, "train_error": 0.0 if fits else 0.01,
                                    "test_error": level})  # fmt: skip
                blocks.append(
                    pd.DataFrame(
                        keys | {"block": range(10), "tested": 100,
                                "mistakes": 100 * (level + of_blocks[:, place])}
                    )
                )  # fmt: skip
    return {"compression": pd.DataFrame(rows), "compression_blocks": pd.concat(blocks)}


def everything():
    """All tables of a run in which every claim is true."""
    exact = {
        "frequencies": pd.concat([frequencies(), samples()]), "starts": starts(), "angles": angles()
    }  # fmt: skip
    exact = {name: table.assign(problem="exact simulation") for name, table in exact.items()}
    return exact | {name: t.assign(problem="images") for name, t in compression().items()}
