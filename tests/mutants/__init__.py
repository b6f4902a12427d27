"""Do the tests notice a mistake? Small mistakes are put into the package, one at a time.

    python -m tests.mutants      # or: make mutants

`mutations.py` finds the places and what to put there, `plugin.py` tells which test reaches which
line and runs the tests in a given order, `trial.py` runs them on one mutant, `__main__.py` samples
mutants and keeps the table of results.

Why no library: mutmut 3 leaves out decorated functions and all that is not in a function, and its
trampolines hide the signatures that beartype checks; Cosmic Ray mutates the working tree and runs
one test command for every mutant; mutatest has been left since Python 3.7.
"""
