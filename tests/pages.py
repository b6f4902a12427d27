"""Pages as their readers see them."""

import re
from pathlib import Path


def read_page(path: Path) -> str:
    """A page whose commands are one text again, without the marks that keep their words whole."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r'<span class="whole">([^<]*)</span>', r"\1", text)
