"""What a newcomer sees of the package at the prompt."""

import pydoc
import subprocess
import sys

import lowcap


def test_completion_shows_public_names_alone():
    names = dir(lowcap)
    assert names == sorted(lowcap.__all__)
    assert {"plot", "fit", "open", "classes_task"} <= set(names)
    assert not {"Any", "import_module", "metadata"} & set(vars(lowcap))


def test_help_says_what_to_do_first():
    text = pydoc.render_doc(lowcap, renderer=pydoc.plaintext)
    assert "What to do first" in text
    assert "_HOMES" not in text
    assert "_import_module" not in text
    assert 8 <= len(lowcap.__doc__.strip().splitlines()) <= 16


def test_import_is_light():
    code = "import sys, lowcap; sys.exit(bool({'jax', 'pandas', 'matplotlib'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
