"""The figure of what single neurons know: the paper's open questions."""

from matplotlib.lines import Line2D

from lowcap.claims import Tables
from lowcap.report import Figure, panels
from lowcap.report.grid import framed, label_ends
from lowcap.report.palette import GREY, categories
from lowcap.report.scales import doublings
from lowcap.studies.low_capacity.figures.common import capitalised, seeds_in_words
from lowcap.studies.low_capacity.protocols import PROTOCOLS, by_protocol


def neurons_figure(tables: Tables) -> Figure:
    """Information and specialisation of neurons against hidden size, dense and pruned."""
    parts = by_protocol(tables["neurons"])
    size = 10, 2.7 * len(parts) + 0.9
    drawing, grid = panels(len(parts), 2, size, sharex=True, sharey="col")
    words = []
    for line, (name, table) in zip(grid, parts.items(), strict=True):
        colours = categories(table["task"].unique())
        titles = (("information", "information with the label (bits)"),
                  ("specialisation", "specialisation (0 to 1)"))  # fmt: skip
        for axes, (column, title) in zip(line, titles, strict=True):
            means = table.groupby(["task", "state", "hidden"])[column].mean()
            for task, colour in colours.items():
                for state, style in (("dense", "-"), ("pruned", ":")):
                    curve = means.xs((task, state))
                    axes.plot(curve.index, curve, style, marker=".", ms=4, color=colour)
            axes.set_title(name)
            axes.set_ylabel(title)
            doublings(axes.xaxis, table["hidden"].unique())
            axes.set_xlabel("hidden size")
        null = table.groupby("hidden")["null_information"].mean()
        line[0].plot(null.index, null, color=GREY, lw=1.2, ls="--")
        words.append(capitalised(_in_words(name, table)))
    for line, table in zip(grid, parts.values(), strict=True):
        for axes, column in zip(line, ("information", "specialisation"), strict=True):
            dense = table[table["state"] == "dense"]
            last = dense[dense["hidden"] == dense["hidden"].max()].groupby("task")[column].mean()
            colours = categories(table["task"].unique())
            if len(colours) <= 8:
                label_ends(
                    axes, {task: (float(last[task]), colour) for task, colour in colours.items()}
                )
    handles = [
        Line2D([], [], color=GREY, label="dense (named at its end)"),
        Line2D([], [], color=GREY, ls=":", label="95 % pruned"),
        Line2D([], [], color=GREY, ls="--", lw=1.2, label="shuffled labels (left only)"),
    ]
    drawing.legend(handles=handles, loc="outside upper right", ncols=3)
    framed(
        drawing,
        "What single neurons know",
        f"Mean over neurons and seeds. n = {seeds_in_words(tables['neurons'])} per size and task.",
    )
    caption = (
        "What one neuron's output tells of the label, and how one-sided it is (|a1 − a0| / "
        "(a1 + a0), a0 and a1 its mean output by class); solid dense, dotted after 95 % of the "
        "weights were pruned by the protocol's own rule, dashed what shuffled labels give. "
        + " ".join(words)
    )
    return Figure("neurons", "What single neurons know", caption, drawing, "open question")


def _in_words(name: str, table) -> str:
    of_state = table.groupby("state")
    informed = of_state["p_value"].apply(lambda values: (values < 0.05).mean())
    information, special = of_state["information"].mean(), of_state["specialisation"].mean()
    dense, pruned = (f"{100 * informed[state]:.0f} %" for state in ("dense", "pruned"))
    return (
        f"{name} ({PROTOCOLS[name].pruning.name}): {dense} of neurons know the label better than "
        f"chance when dense and {pruned} at 95 % sparsity; mean information "
        f"{information['dense']:.2f} and {information['pruned']:.2f} bits, "
        f"specialisation {special['dense']:.2f} and {special['pruned']:.2f}."
    )
