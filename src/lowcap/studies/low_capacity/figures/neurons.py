"""The figure of what single neurons know: the paper's open questions."""

from lowcap.claims import Tables
from lowcap.report import QUIET, Figure, panels
from lowcap.studies.low_capacity.figures.common import by_protocol, size_axis, task_colours


def neurons_figure(tables: Tables) -> Figure:
    """Information and specialisation of neurons against hidden size, dense and pruned."""
    parts = by_protocol(tables["neurons"])
    drawing, grid = panels(len(parts), 2, (10, 3 * len(parts)), sharex=True, sharey="col")
    words = []
    for line, (name, table) in zip(grid, parts.items(), strict=True):
        colours = task_colours(table["task"].unique())
        titles = (("information", "information with the label (bits)"),
                  ("specialisation", "specialisation"))  # fmt: skip
        for axes, (column, title) in zip(line, titles, strict=True):
            for task, colour in colours.items():
                for state, style in (("dense", "-"), ("pruned", ":")):
                    rows = table[(table["task"] == task) & (table["state"] == state)]
                    means = rows.groupby("hidden")[column].mean()
                    label = task if state == "dense" else None
                    axes.plot(means.index, means, style, color=colour, label=label)
            axes.set_title(f"{name}: {title}")
            size_axis(axes, table["hidden"].unique())
        null = table.groupby("hidden")["null_information"].mean()
        line[0].plot(null.index, null, color=QUIET, lw=1, ls=(0, (1, 2)))
        of_state = table.groupby("state")
        informed = of_state["p_value"].apply(lambda values: (values < 0.05).mean())
        information, special = of_state["information"].mean(), of_state["specialisation"].mean()
        words.append(
            f"{name}: {informed['dense']:.0%} of neurons know the label better than chance when "
            f"dense and {informed['pruned']:.0%} at 95 % sparsity; mean information "
            f"{information['dense']:.2f} and {information['pruned']:.2f} bits, specialisation "
            f"{special['dense']:.2f} and {special['pruned']:.2f}"
        )
    grid[0][1].legend(title="task", loc="upper right", ncols=2)
    caption = (
        "What one neuron's output tells of the label, and how one-sided it is (|a1 − a0| / "
        "(a1 + a0), a0 and a1 its mean output by class); solid dense, dotted after removing 95 % "
        "of each layer, grey what chance gives. " + "; ".join(words) + "."
    )
    return Figure("neurons", "What single neurons know", caption, drawing, "open question")
