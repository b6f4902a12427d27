"""Figures."""


def figures(tables):
    """None yet."""
    return []
