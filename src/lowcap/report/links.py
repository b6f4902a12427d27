"""Where on the page claims and their findings stand, and the page's link to the one beside it."""

import re

EXPLORER = "explorer.html"
"""The page to play with, where a run has one."""

NO_EXPLORER = "<!-- no page to play with yet -->"
EXPLORER_LINK = (
    f'<p class="answer"><a href="{EXPLORER}">Play with these networks</a>: draw an image, prune, '
    "disturb, train one and watch.</p>"
)
"""What a page says where it has none beside it, and where it has one."""


def with_explorer(page: str) -> str:
    """A page that leads to the one to play with, which was written after it."""
    return page.replace(NO_EXPLORER, EXPLORER_LINK, 1)


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
