"""Pruning with retraining, and the mechanisms behind it (next checks of arXiv 2507.16278)."""
