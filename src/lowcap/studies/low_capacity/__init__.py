"""The study of arXiv 2507.16278: low-capacity networks on pairs of digits."""
