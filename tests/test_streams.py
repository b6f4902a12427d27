import ast
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import lowcap
from lowcap.streams import seed_of, state_of, stream

keys = st.lists(st.integers(-(2**40), 2**40) | st.text(max_size=5), max_size=4)


@given(st.text(), keys, st.text(), keys)
def test_different_calls_have_different_streams(name, one, other_name, other):
    same = (name, one) == (other_name, other)
    assert (seed_of(name, *one) == seed_of(other_name, *other)) == same


def test_trailing_zeros_and_types_matter_as_they_do_not_to_numpy():
    seeds = [seed_of("x", 0, 1), seed_of("x", 0, 1, 0), seed_of("x", 1), seed_of("x", "1")]
    assert len(set(seeds)) == 4


def test_a_stream_is_the_same_everywhere():
    assert stream("check", 1).integers(1000, size=3).tolist() == CHECK
    assert 0 <= state_of("check") < 2**32


CHECK = stream("check", 1).integers(1000, size=3).tolist()

REPLAYED = {"studies/low_capacity/protocols.py", "networks/initialisers.py"}
"""Where the released code's own generators are replayed draw for draw."""


def test_generators_are_made_in_one_place():
    root = Path(lowcap.__file__).parent
    made = {}
    for path in root.rglob("*.py"):
        text = {ast.unparse(n.func) for n in ast.walk(ast.parse(path.read_text()))
                if isinstance(n, ast.Call)}  # fmt: skip
        found = text & {"np.random.default_rng", "np.random.RandomState", "np.random.seed"}
        if found and str(path.relative_to(root)) != "streams.py":
            made[str(path.relative_to(root))] = found
    assert set(made) <= REPLAYED
