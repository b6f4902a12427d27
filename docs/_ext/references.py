"""Links of the reference: a type is found under the name by which users import it."""

from importlib import import_module
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

OUTSIDE = (
    "numpy",
    "np",
    "pandas",
    "pd",
    "jax",
    "jaxlib",
    "jaxtyping",
    "optax",
    "equinox",
    "matplotlib",
    "sklearn",
    "safetensors",
    "pathlib",
    "collections",
    "typing",
    "concurrent",
    "os",
    "enum",
    "tyro",
    "rich",
)
"""Packages whose own documentation is elsewhere; there is no network to look it up in."""

INTERNAL = (
    "lowcap.networks.mixing.Alike",
    "lowcap.networks.rows.Rows",
    "lowcap.plot.forest._Judged",
    "lowcap.studies.recorded.Recorded",
    "lowcap.studies.shown.Finding",
)
"""Classes that users meet in a signature only."""


def found_elsewhere(app: Sphinx, env: Any, node: Any, text: Any) -> Any:
    """The documented name of a class that annotations name by the file it stands in."""
    target = node.get("reftarget", "")
    if node.get("refdomain") != "py":
        return None
    if target.split(".")[0] in OUTSIDE or "." not in target:
        return _plain(text, target)
    parts = target.split(".")
    objects = env.get_domain("py").objects
    for name in (f"lowcap.{parts[-1]}", ".".join([*parts[:2], parts[-1]])):
        if name in objects:
            made = nodes.reference("", "", text, internal=True)
            docname = objects[name].docname
            made["refuri"] = f"{app.builder.get_relative_uri(node['refdoc'], docname)}#{name}"
            return made
    return None if target not in INTERNAL and _is_class(target) else _plain(text, target)


def _is_class(target: str) -> bool:
    """Whether a name of this package is a class, which the reference should have; or only a word
    of annotations, such as the name of a shape or a type variable."""
    module, _, name = target.rpartition(".")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError):
        return True
    return isinstance(found, type) and not hasattr(found, "dims")


def _plain(text: Any, target: str) -> Any:
    """A short name without a link, for what belongs to another package or is a word of types."""
    short = target.split(".")[-1]
    return nodes.inline("", short) if text.astext() == target else text


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("missing-reference", found_elsewhere)
    return {"version": "1", "parallel_read_safe": True}
