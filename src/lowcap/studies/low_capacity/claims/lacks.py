"""What a run did not do where a table is missing, in a user's words, and the setting that does it.

Close looks are taken at one task, the paper's; see `wanted` of the measures.
"""

LACKS = {
    "learning_rate": "learning rates were not compared; --tasks with 4-9 among them does so",
    "pruning": "no networks were pruned",
    "difficulty": "no linear classifier was fitted to tell how hard tasks are",
    "geometry": (
        "the hidden space of no network was looked at; --tasks with 4-9 and --hidden with 24 among "
        "them does so"
    ),
    "robustness": ("no network met corrupted images; --tasks with 4-9 among them does so"),
    **dict.fromkeys(
        ("saliency", "saliency_agreement", "misclassified"),
        "no maps of what networks look at were drawn; --tasks with 4-9 and --hidden with 24 among "
        "them does so",
    ),
    "capacity": "no networks were trained",
}
"""By table."""
