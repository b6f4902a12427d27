"""How small a network can be: scores by cross-validation, and the answer they give."""
