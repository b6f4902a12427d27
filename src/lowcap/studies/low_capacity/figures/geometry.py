"""The figure of hidden space before and after pruning."""

from lowcap.claims import Tables
from lowcap.report import Figure, panels
from lowcap.studies.low_capacity.claims.geometry import NETWORK
from lowcap.studies.low_capacity.figures.common import by_protocol

_CLASS_COLOURS = ("#2f74d0", "#d0417e")


def hidden_space_figure(tables: Tables) -> Figure:
    """t-SNE of the hidden activations, dense and pruned in one plane, for each protocol."""
    parts = by_protocol(tables["embedding"])
    task, hidden = NETWORK
    size = 3.4 * 2 * len(parts), 3.4
    drawing, grid = panels(1, 2 * len(parts), size, sharex=False)
    places = iter(grid[0])
    for name, table in parts.items():
        limits = [(table[axis].min() - 3, table[axis].max() + 3) for axis in ("x", "y")]
        for state in ("dense", "pruned"):
            axes = next(places)
            rows = table[table["state"] == state]
            for label, colour in enumerate(_CLASS_COLOURS):
                mine = rows[rows["label"] == label]
                axes.plot(
                    mine["x"], mine["y"], ".", ms=4, alpha=0.7, color=colour,
                    label=task.split("-")[label],
                )  # fmt: skip
            axes.set_xlim(limits[0])
            axes.set_ylim(limits[1])
            axes.set_xticks([])
            axes.set_yticks([])
            axes.set_title(f"{name}, {state}")
    grid[0][0].legend(title="digit", loc="best", markerscale=2)
    words = []
    for name, table in by_protocol(tables["geometry"]).items():
        rows = table[
            (table["task"] == task) & (table["hidden"] == hidden) & (table["rule"] == "exact")
        ]
        words.append(
            f"{name}: CKA {rows['cka'].mean():.2f}, silhouette "
            f"{rows['silhouette_dense'].mean():.2f} dense and "
            f"{rows['silhouette_pruned'].mean():.2f} pruned"
        )
    caption = (
        f"Hidden activations of one network with {hidden} units on {task}, before and after "
        f"removing exactly 95 % of each layer; both states are embedded together (t-SNE), so the "
        f"two pictures of a protocol share one plane. Means over seeds: {'; '.join(words)}."
    )
    return Figure("hidden-space", "Hidden space", caption, drawing, "paper's Fig. 5")
