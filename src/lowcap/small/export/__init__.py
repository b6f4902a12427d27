"""A small network as files that run elsewhere, and trials of these files."""
