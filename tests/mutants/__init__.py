"""Do the tests notice a mistake? Small mistakes are put into the package, one at a time.

    python -m tests.mutants      # or: make mutants

`mutations.py` finds the places and what to put there, `plugin.py` tells which test reaches which
line and runs the tests in a given order, `trial.py` runs them on one mutant, `__main__.py` samples
mutants and keeps the table of results.

Why no library: mutmut 3.8 runs pytest several times in one process, which jaxtyping's import hook
refuses ("already imported: lowcap"), and leaves out decorated functions and what runs at import, a
seventh of these mutants. Cosmic Ray 8.7 has one test command for all mutants, and brings twelve
packages. mutatest 3.1 asks for coverage older than 6.
"""
