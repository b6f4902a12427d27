"""Why do Larger Models Generalize Better? A Theoretical Perspective via the XOR Problem
(arXiv 1810.03037)."""
