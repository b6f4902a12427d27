"""Sensitivity and Generalization in Neural Networks: an Empirical Study (arXiv 1802.08760)."""
