"""How small can a network be for a user's own data: search, answer, frontier, export."""
