"""The picture of the explorer for the documents: python -m tests.explorer.picture RUN."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NINE = "qTpOmLhJdIYJVMTRSVTaWdbffgkfncpXqT.qTqeoqk1"
"""A nine as the page's links write strokes."""
CHOSEN = f"#task=4-9&protocol=corrected&hidden=24&sparsity=0.9&noise=0.12&strokes={NINE}"
TARGET = Path(__file__).parents[2] / "docs" / "explorer.png"


def take(page: Path, target: Path, fragment: str = CHOSEN) -> None:
    """The page as it looks 1280 pixels wide."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        tab = browser.new_page(viewport={"width": 1280, "height": 1120})
        tab.goto(f"{page.resolve().as_uri()}{fragment}")
        tab.wait_for_selector("html[data-ready]", state="attached")
        tab.wait_for_timeout(500)  # until the chart above the slider is drawn
        tab.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    from lowcap.explorer import explore  # slow to import: only when needed

    take(explore(sys.argv[1]), TARGET)
