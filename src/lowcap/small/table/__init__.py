"""A user's file: read, checked, and turned into what networks see."""
