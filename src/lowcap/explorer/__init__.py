"""The page to play with: a run's networks, real images or rows, and training, in one HTML file."""

from lowcap.explorer.explore import EXPLORED, explore, page_of_rows

__all__ = ["EXPLORED", "explore", "page_of_rows"]
