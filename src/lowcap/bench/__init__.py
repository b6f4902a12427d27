"""How fast populations train on this machine, beside other ways and the machine's own limit.

Nothing is imported here: a cold start counts what it imports (see `cold`).
"""
