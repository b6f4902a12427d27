"""Long trials of what must not break, outside the normal suite."""
