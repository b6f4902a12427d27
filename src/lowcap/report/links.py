"""Where on the page claims and their findings stand."""

import re


def claim_id(claim: str) -> str:
    """The id of a claim on the page."""
    return f"claim-{claim}"


def finding_id(claim: str, condition: str) -> str:
    """The id of a claim's primary finding under one condition."""
    return f"finding-{claim}-{slug(condition)}"


def slug(name: str) -> str:
    """A name in lower-case letters, digits, dots and hyphens: "mnist, conv 3x3" is
    "mnist-conv-3x3"."""
    return re.sub(r"[^\w.]+", "-", name.lower()).strip("-")
