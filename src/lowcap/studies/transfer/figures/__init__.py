def figures(tables):
    return []
