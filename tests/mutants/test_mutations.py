import ast
import tomllib
from pathlib import Path

import pytest

import lowcap
from tests.mutants.__main__ import limits, sample
from tests.mutants.mutations import mutants

SOURCE = '''
STEPS = 3

def size(x: "n 2", least=0.5) -> bool:
    """Text 1."""
    if x < 1 and not STEPS:
        raise ValueError(f"{x + 1} is é")
    return len(x) is STEPS
'''


def found():
    return list(mutants("lowcap/data/made.py", SOURCE))


def test_every_place_is_mistaken_once_and_types_and_messages_never():
    assert [(m.kind, m.before, m.after) for m in found()] == [
        ("constant", "3", "4"),
        ("constant", "0.5", "1.5"),
        ("operator", "x < 1 and not STEPS", "x < 1 or not STEPS"),
        ("condition", "x < 1 and not STEPS", "not (x < 1 and (not STEPS))"),
        ("comparison", "x < 1", "x <= 1"),
        ("constant", "1", "2"),
        ("operator", "not STEPS", "STEPS"),
        ("comparison", "len(x) is STEPS", "len(x) is not STEPS"),
    ]
    assert len({m.key for m in found()}) == len(found())


def test_a_mutant_differs_from_its_file_in_that_place_only():
    for mutant in found():
        at = mutant.text.splitlines()[mutant.line - 1]
        assert f"({mutant.after})" in at
        rest = mutant.text.replace(f"({mutant.after})", mutant.before, 1)
        assert ast.dump(ast.parse(rest)) == ast.dump(ast.parse(SOURCE))


def test_a_statement_is_reached_by_its_lines_a_default_by_its_function_a_constant_by_its_file():
    reach = {mutant.before: mutant.reach for mutant in found()}
    assert reach["3"] == (1, 8)
    assert reach["0.5"] == (5, 8)
    assert reach["x < 1"] == (6, 6)
    assert reach["len(x) is STEPS"] == (8, 8)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            {"tests/data/test_a.py::slow": [6], "tests/data/test_a.py::quick": [5, 6]},
            ["quick", "slow"],
        ),
        (
            {"tests/runs/test_b.py::quick": [6], "tests/data/test_a.py::slow": [6]},
            ["slow", "quick"],
        ),
        ({"tests/runs/test_b.py::dear": [6], "tests/data/test_a.py::slow": [6]}, ["slow"]),
        ({"tests/runs/test_b.py::quick": [], "tests/data/test_a.py::slow": []}, ["slow"]),
    ],
)
def test_tests_of_the_room_come_first_then_cheap_ones_that_reach_it(lines, expected):
    seconds = {"quick": 1.0, "slow": 2.0, "dear": 61.0}
    reach = {
        test: {"seconds": seconds[test.split("::")[1]], "lines": {"lowcap/data/made.py": some}}
        for test, some in lines.items()
    }
    (mutant,) = (m for m in found() if m.before == "x < 1")
    chosen = limits(mutant, reach, 60)
    assert [test.split("::")[1] for test in chosen if "::" in test] == expected
    assert ("tests/data/" in chosen) == (
        not any(lines.values())
    )  # then any test of the room may notice
    assert {"tests/data/test_a.py::slow", "tests/data/"} <= limits(found()[0], reach, 60).keys()


def test_a_larger_sample_of_the_same_seed_holds_the_smaller():
    small, large = sample(3, "a name", ["runs"]), sample(5, "a name", ["runs"])
    assert large[:3] == small
    assert sample(3, "another", ["runs"])[0] != small[0]


def test_every_accepted_mutant_is_of_a_line_that_still_stands():
    accepted = tomllib.loads(Path(__file__).with_name("accepted.toml").read_text())
    source = Path(lowcap.__file__).parents[1]
    for row in [one for kind in accepted.values() for one in kind]:
        assert row["code"] in (source / row["file"]).read_text(), row
