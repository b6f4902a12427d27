"""Help names what an option takes, in words that need no Python."""

import pytest

from lowcap.cli import main


@pytest.mark.parametrize("command", [["run", "low-capacity"], ["run", "sensitivity"], ["small"]])
def test_help_writes_no_none(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert "--out" in told
    assert "None" not in told
    assert "}|" not in told


def test_values_that_may_be_left_out_are_still_checked(capsys):
    with pytest.raises(SystemExit):
        main(["run", "low-capacity", "--workers", "many"])
    assert "--workers INT" in "".join(capsys.readouterr())
