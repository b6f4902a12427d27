"""Numbers that NumPy makes, for the page's scripts to be held against."""

from dataclasses import asdict
from typing import Any

import numpy as np

from lowcap.explorer.packing import pack
from lowcap.explorer.rows import cells, whole
from lowcap.measures.saliency import METHODS
from lowcap.networks import Dense, Network, grid, initialise
from lowcap.networks.pruning import GLOBAL, MagnitudeRanks, removed
from lowcap.small.export.quantise import quantise
from tests import reference
from tests.small.made import made

SHOWN = ("gradient x input", "gradient", "integrated gradients", "finite differences")


def plain(network: Network) -> dict[str, Any]:
    """A network as the scripts have it."""
    dense = network.dense
    arrays = {
        name: np.asarray(v, np.float32).ravel().tolist() for name, v in network.params.items()
    }
    hidden = dense.hidden[0] if dense.hidden else 0
    return {"inputs": dense.inputs, "hidden": hidden, "outputs": dense.outputs, **arrays}


def network(hidden: int, outputs: int, seed: int, levels: int = 0) -> Network:
    """A network of float32 weights; with `levels` many of them are equal in size."""
    rng = np.random.default_rng(seed)
    shapes = [(hidden, 12), (outputs, hidden)] if hidden else [(outputs, 12)]
    params = {}
    for number, shape in enumerate(shapes, start=1):
        weights = rng.normal(0, 0.7, shape)
        if levels:
            weights = np.rint(weights * levels) / levels
        params[f"w{number}"] = weights.astype(np.float32)
        params[f"b{number}"] = rng.normal(0, 0.2, shape[0]).astype(np.float32)
    kind = "binary" if outputs == 1 else "classes"
    return Network(Dense(12, (hidden,) if hidden else (), outputs), params, kind)


def responses() -> list[dict[str, Any]]:
    found = []
    for number, (hidden, outputs) in enumerate([(5, 1), (1, 1), (0, 1), (4, 3)]):
        one = network(hidden, outputs, number)
        x = np.random.default_rng(100 + number).random((6, 12)).astype(np.float32)
        x[:, ::3] = 0
        found.append(
            {
                "network": plain(one),
                "x": x.tolist(),
                "hidden": one.hidden(x).tolist() if hidden else None,
                "logits": one.logits(x).tolist(),
                "maps": {name: METHODS[name](one, x).tolist() for name in SHOWN},
            }
        )
    return found


def pruned() -> list[dict[str, Any]]:
    found = []
    for number, (hidden, levels) in enumerate([(5, 0), (5, 3), (0, 2), (24, 1), (2, 0)]):
        one = network(hidden, 1, 50 + number, levels)
        layers = [one.params[name] for name in one.dense.layers]
        ranks = MagnitudeRanks(layers)
        used = np.random.default_rng(number).random(12) < 0.6
        for sparsity in (0.0, 0.1, 0.25, 0.5, 0.77, 0.9, 0.95, 1.0):
            kept = ranks.keep(sparsity, GLOBAL)
            masked = [layer * mask for layer, mask in zip(layers, kept, strict=True)]
            params = {**one.params, **dict(zip(one.dense.layers, masked, strict=True))}
            thin = Network(one.architecture, params, one.kind)
            linked = thin.linked(used)[0].tolist() if hidden else []
            found.append({"network": plain(one), "sparsity": sparsity, "pruned": plain(thin),
                          "used": used.tolist(), "linked": linked})  # fmt: skip
    return found


def tables() -> list[dict[str, Any]]:
    found = []
    for seed in range(12):
        model, table = made(seed, rows=25)
        exported = quantise(model, table)
        codes = exported.coding.encode(table)
        said = exported.predictions(codes).astype(float)
        if exported.finish is not None:
            said = np.ldexp(said, -exported.finish.digits)
        found.append(
            {
                "columns": [asdict(column) for column in model.columns],
                "whole": whole(exported),
                "rows": cells(model.columns, table),
                "inputs": model.inputs(table).tolist(),
                "network": plain(model.network),
                "logits": model.network.logits(model.inputs(table)).tolist(),
                "outputs": exported.outputs(codes).tolist(),
                "predictions": said.tolist(),
            }
        )
    return found


def training() -> list[dict[str, Any]]:
    rng = np.random.default_rng(7)
    images = rng.integers(0, 256, (50, 16)).astype(np.uint8)
    images[rng.random((50, 16)) < 0.6] = 0
    x, y = images / 255, (images[:, 3].astype(int) + images[:, 8] > 120).astype(float)
    start = initialise(grid([6], [0.3]), 16)[0]
    found = []
    for batch in (50, 16):
        order = np.stack([rng.permutation(50) for _ in range(25)])
        steps = [rows[at : at + batch] for rows in order for at in range(0, 50, batch)]
        *before, trained = reference.train(reference.net_of(start), x, y, 0.3, steps)
        losses = [
            reference.loss(net, x[rows], y[rows]) for net, rows in zip(before, steps, strict=True)
        ]
        found.append(
            {
                "images": images.ravel().tolist(), "labels": y.tolist(), "inputs": 16,
                "initial": plain(start), "batch": batch, "order": order.tolist(),
                "losses": losses, "f1": reference.score(before[0], x, y),
                "trained": {f"{name}{layer}": np.ravel(getattr(trained[layer - 1], name)).tolist()
                            for layer in (1, 2) for name in "wb"},
            }
        )  # fmt: skip
    return found


def packed() -> dict[str, Any]:
    rng = np.random.default_rng(5)
    arrays = {
        "floats": rng.normal(size=37).astype(np.float32),
        "wholes": rng.integers(-(2**31), 2**31, 11).astype(np.int32),
        "bytes": rng.integers(0, 256, 13).astype(np.uint8),
        "none": np.zeros(0, np.float32),
    }
    index, text = pack(arrays)
    return {"index": index, "text": text, "arrays": {n: v.tolist() for n, v in arrays.items()}}


def numbers() -> dict[str, Any]:
    """All of them, as plain values."""
    sizes = [(size, sparsity) for size in (1, 2, 5, 10, 18840) for sparsity in
             (0.0, 0.05, 0.1, 0.25, 0.5, 0.7, 0.9, 0.95, 0.99, 1.0)]  # fmt: skip
    return {
        "responses": responses(),
        "removed": [[size, share, removed(size, share)] for size, share in sizes],
        "pruned": pruned(),
        "tables": tables(),
        "training": training(),
        "packed": packed(),
    }
