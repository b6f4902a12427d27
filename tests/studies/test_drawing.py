"""Processes that draw a page's figures."""

import os

import pytest

from lowcap.studies import FOLDERS
from lowcap.studies.drawing import FORKED, drawing, figures_of, make_ready


@pytest.mark.skipif(not FORKED, reason="processes are started anew on this system")
def test_processes_are_forked_from_one_between():
    make_ready("xor")
    with drawing(2) as pool:
        assert pool is not None
        assert pool.submit(os.getppid).result() != os.getpid()


def test_one_worker_draws_here():
    with drawing(1) as pool:
        assert pool is None


def test_every_study_has_its_figures_where_they_are_made_ready_from():
    names = [figures_of(folder.replace("_", "-")) for folder in FOLDERS]
    assert names == [f"lowcap.studies.{folder}.figures" for folder in FOLDERS]
    assert figures_of("no such study") is None
