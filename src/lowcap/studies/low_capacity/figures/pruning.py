"""Figures on pruning and dead neurons."""

from matplotlib.ticker import PercentFormatter

from lowcap.claims import Tables
from lowcap.report import INK, Figure, panels
from lowcap.studies.low_capacity.claims.common import RELEASED, REQUESTED
from lowcap.studies.low_capacity.claims.pruning import f1_drop
from lowcap.studies.low_capacity.figures.common import by_protocol, shown_sizes, size_colours


def pruning_figure(tables: Tables, protocol: str) -> Figure:
    """F1 change against requested sparsity, as requested and as the released code prunes."""
    mine = {"pruning": by_protocol(tables["pruning"])[protocol]}
    drops = {variant: f1_drop(mine, variant) for variant in (REQUESTED, RELEASED)}
    tasks = drops[REQUESTED]["task"].unique()
    sizes = shown_sizes(drops[REQUESTED]["hidden"].unique())
    colours = size_colours(sizes)
    size = max(2.2 * len(tasks), 5), 4.6
    drawing, grid = panels(2, len(tasks), size, sharex=True, sharey="row")
    for line, (variant, table) in enumerate(drops.items()):
        for column, task in enumerate(tasks):
            axes = grid[line][column]
            axes.axhline(0, color=INK, lw=0.8)
            for hidden in sizes:
                rows = table[(table["task"] == task) & (table["hidden"] == hidden)]
                means = -rows.groupby("sparsity")["drop"].mean()
                axes.plot(means.index, means, "o-", ms=2.5, color=colours[hidden], label=hidden)
            axes.xaxis.set_major_formatter(PercentFormatter(1))
            axes.yaxis.set_major_formatter(PercentFormatter(1))
        grid[line][0].set_ylabel(f"F1 change\n({variant})")
    for column, task in enumerate(tasks):
        grid[0][column].set_title(task)
        grid[1][column].set_xlabel("requested sparsity")
    handles, labels = grid[0][0].get_legend_handles_labels()
    drawing.legend(handles, labels, title="hidden size", loc="outside right center")
    worst = {name: table.groupby(["task", "hidden", "sparsity"])["drop"].mean().max()
             for name, table in drops.items()}  # fmt: skip
    largest = {
        name: table.groupby(["task", "hidden", "sparsity"])["drop"].mean().abs().max()
        for name, table in drops.items()
    }
    caption = (
        f"Relative change of F1 after one-shot magnitude pruning, {protocol} protocol, mean over "
        f"seeds. Above: exactly the requested share of each layer removed; the worst mean loss is "
        f"{worst[REQUESTED]:.0%}. Below: what the released code removes when asked for the same "
        f"(it divides the percentage by 100 twice); no mean changes by more than "
        f"{largest[RELEASED]:.3%}. The two rows have different scales."
    )
    return Figure(f"pruning-{protocol}", f"Pruning, {protocol}", caption, drawing)


def dead_neurons_figure(tables: Tables) -> Figure:
    """The share of dead hidden units against sparsity, every task and size."""
    table = tables["pruning"]
    mine = table[
        (table["rule"] == "exact") & (table["scope"] == "layer") & (table["split"] == "val")
    ]
    mine = mine.assign(share=mine["dead_neurons"] / mine["hidden"])
    parts = by_protocol(mine)
    tasks = mine["task"].unique()
    shown = list(tasks) if len(tasks) <= 5 else list(tasks[:5])
    size = max(2.2 * len(shown), 5), 2.3 * len(parts)
    drawing, grid = panels(len(parts), len(shown), size, sharex=True, sharey=True)
    sizes = shown_sizes(mine["hidden"].unique())
    colours = size_colours(sizes)
    for line, (name, part) in zip(grid, parts.items(), strict=True):
        for axes, task in zip(line, shown, strict=True):
            for hidden in sizes:
                rows = part[(part["task"] == task) & (part["hidden"] == hidden)]
                means = rows.groupby("requested_sparsity")["share"].mean()
                axes.plot(means.index, means, "o-", ms=2.5, color=colours[hidden], label=hidden)
            axes.xaxis.set_major_formatter(PercentFormatter(1))
            axes.yaxis.set_major_formatter(PercentFormatter(1))
        line[0].set_ylabel(f"dead units\n({name})")
    for axes, task in zip(grid[0], shown, strict=True):
        axes.set_title(task)
    for axes in grid[-1]:
        axes.set_xlabel("sparsity")
    handles, labels = grid[0][0].get_legend_handles_labels()
    drawing.legend(handles, labels, title="hidden size", loc="outside right center")
    at_95 = mine[mine["requested_sparsity"].round(4) == 0.95]
    dense = mine[mine["requested_sparsity"] == 0]
    words = "; ".join(
        f"{name}: {by_protocol(dense)[name]['share'].mean():.1%} dense, "
        f"{rows['share'].mean():.1%} at 95 %"
        for name, rows in by_protocol(at_95).items()
    )
    caption = (
        "Share of hidden units whose output is 0 on every validation image, after removing exactly "
        f"the share of each layer shown; mean over seeds. Over all networks, {words}."
    )
    return Figure("dead-neurons", "Dead neurons", caption, drawing, "paper's Table 1")
