"""Help names what an option takes, in words that need no Python."""

import pytest

from lowcap.cli import main
from lowcap.cli.optional import UNSET
from lowcap.studies import NAMES

COMMANDS = [["run", name] for name in NAMES] + [
    [name]
    for name in ("small", "export", "check", "calibrate", "bench", "explore", "verify", "report")
]
COMMANDS += [["data", name] for name in ("list", "fetch", "check")]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_writes_no_none(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert "--help" in told
    assert "None" not in told
    assert "}|" not in told
    assert UNSET not in told, "say what happens instead: lowcap.studies.settings.otherwise"


def test_values_that_may_be_left_out_are_still_checked(capsys):
    with pytest.raises(SystemExit):
        main(["run", "low-capacity", "--workers", "many"])
    assert "--workers INT" in "".join(capsys.readouterr())
