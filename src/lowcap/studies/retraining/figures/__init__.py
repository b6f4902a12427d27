"""The figures of this study."""


def figures(tables):
    return []
