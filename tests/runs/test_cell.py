from dataclasses import dataclass, make_dataclass

from hypothesis import given
from hypothesis import strategies as st

from lowcap.runs import Cell, non_defaults


@dataclass(frozen=True)
class Config:
    task: str
    seed: int
    hidden: tuple[int, ...] = (2, 4)
    rate: float = 0.03


CONFIGS = st.builds(
    Config,
    st.sampled_from(["0-1", "4-9"]),
    st.integers(0, 3),
    st.lists(st.integers(1, 4), max_size=3).map(tuple),
    st.sampled_from([0.03, 0.1]),
)


def cell(config, data="d", numerics=1, **rest):
    return Cell("study", config, data, numerics, **rest)


@given(CONFIGS, CONFIGS)
def test_fingerprints_are_equal_exactly_when_configurations_are(one, two):
    assert (cell(one).fingerprint == cell(two).fingerprint) == (one == two)


@given(CONFIGS)
def test_data_and_numerics_count_but_source_and_cost_do_not(config):
    base = cell(config).fingerprint
    assert cell(config, data="other").fingerprint != base
    assert cell(config, numerics=2).fingerprint != base
    assert cell(config, source=("elsewhere", "/data"), cost=9.0).fingerprint == base
    assert cell(config, measures=(("pruning", 3),)).fingerprint == base


@given(CONFIGS)
def test_a_new_field_with_a_default_changes_no_fingerprint(config):
    values = {name: getattr(config, name) for name in ("task", "seed", "hidden", "rate")}
    fields = [
        ("task", str), ("seed", int), ("momentum", float, 0.0),
        ("hidden", tuple, (2, 4)), ("rate", float, 0.03),
    ]  # fmt: skip
    wider = make_dataclass("Wider", fields, frozen=True)
    assert cell(wider(**values)).fingerprint == cell(config).fingerprint
    assert cell(wider(momentum=0.9, **values)).fingerprint != cell(config).fingerprint


def test_chosen_leaves_defaults_out():
    assert non_defaults(Config("4-9", 1)) == {"task": "4-9", "seed": 1}
    assert str(cell(Config("4-9", 1))) == "task=4-9 seed=1"
