import numpy as np
import pytest

from lowcap.studies.xor.clusters import (
    angles_to_centres,
    cluster_centres,
    random_directions,
    random_members,
)
from lowcap.studies.xor.exact import (
    aligned,
    angles_to,
    coverage_chance,
    diverse_chance,
    frequency,
    initial_failure,
    large_bound,
    outputs,
    small_bound,
    wrong,
)
from lowcap.studies.xor.filters import (
    constructed,
    covered,
    draw_filters,
    draw_in_octants,
    found,
)
from lowcap.studies.xor.problem import PATTERNS


def test_the_constructed_network_is_exact():
    for gamma in (1.0, 8.0):
        values = outputs(*constructed(gamma))
        assert not wrong(values).any()
        assert values[values > 0].min() >= gamma
        assert values[values < 0].max() <= -1


def test_bounds_are_the_papers_numbers():
    assert small_bound() == pytest.approx(33 / 48, abs=1e-6)
    assert large_bound(120) == pytest.approx(1 - 16 * np.exp(-8))
    assert initial_failure(2) == pytest.approx(2 / (np.sqrt(np.pi) * np.exp(16)))
    assert diverse_chance(4, 0.9, 0.8) == pytest.approx(0.72**2)


def test_coverage_is_inclusion_and_exclusion():
    assert [coverage_chance(k) for k in (1, 2, 3)] == pytest.approx([0, 0, 0])
    assert coverage_chance(4) == pytest.approx(24 / 256)
    w, _ = draw_filters(20_000, 6, 1.0, np.random.default_rng(0))
    assert covered(w).mean() == pytest.approx(coverage_chance(6), abs=0.015)
    assert covered(PATTERNS[None].astype(float)).all()


def test_frequency_is_wilsons():
    n, count, z = 200, 30, 1.959964
    p = count / n
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    found = frequency(count, n)
    assert found == pytest.approx((p, middle - half, middle + half), rel=1e-5)
    assert frequency(0, 10).low == pytest.approx(0, abs=1e-12)


def test_angles_are_to_the_nearest_direction():
    filters = np.array([[1.0, 0], [3, 3], [0, 0], [1, -0.9]])
    degrees = angles_to(filters, PATTERNS)
    assert degrees[:2] == pytest.approx([45, 0], abs=1e-5)
    assert np.isnan(degrees[2])
    assert degrees[3] == pytest.approx(45 - np.degrees(np.arctan(0.9)))


def test_clusters_are_found_where_they_are():
    rng = np.random.default_rng(0)
    centres = 5 * np.eye(6)[:3]
    tight = np.repeat(centres, 20, axis=0) + rng.normal(0, 0.1, (60, 6))
    found = cluster_centres(tight, 3)
    apart = np.linalg.norm(found[:, None] - centres, axis=2).min(axis=0)
    assert apart.max() < 0.2
    assert angles_to_centres(tight, 3).mean() < 5
    assert angles_to_centres(rng.normal(size=(60, 6)), 3).mean() > 20


def test_aligned_counts_filters_near_a_pattern_and_weighs_them():
    ten = np.radians(45 + np.array([9.0, 11.0]))
    filters = np.stack([[np.cos(ten[0]), np.sin(ten[0])], [3 * np.cos(ten[1]), 3 * np.sin(ten[1])]])
    near, by_norm = aligned(filters[None])
    assert near == pytest.approx([0.5])
    assert by_norm == pytest.approx([0.25])
    random, _ = draw_filters(2000, 20, 1.0, np.random.default_rng(0))
    assert aligned(random)[0].mean() == pytest.approx(2 / 9, abs=0.01)


def test_starts_lie_in_their_octants_and_look_normal():
    starts = np.repeat(np.arange(8**4), 3)
    w, u = draw_in_octants(starts, 2.0, np.random.default_rng(0))
    both = np.concatenate([w, u], axis=1)
    octants = np.arctan2(both[..., 1], both[..., 0]) % (2 * np.pi) // (np.pi / 4)
    np.testing.assert_array_equal(octants @ 8.0 ** np.arange(4), starts)
    assert both.std() == pytest.approx(2.0, rel=0.02)


def test_found_asks_for_what_each_label_needs():
    w, u = PATTERNS[[0, 2]] * 1.0, np.array([[1.0, 0.9], [1.0, 1.1]])
    assert found(w[None], u[None]).all()
    assert not found(w[None], u[None][:, [0, 0]]).any()  # both negative ones lean to (1, -1)
    assert not found(w[None][:, [0, 0]], u[None]).any()
    w, u = draw_filters(20_000, 2, 1.0, np.random.default_rng(1))
    assert found(w, u).mean() == pytest.approx(1 / 16, abs=0.006)


def test_controls_have_the_centres_norms():
    rng = np.random.default_rng(0)
    filters, centres = rng.normal(size=(12, 5)), rng.normal(size=(4, 5))
    for control in (random_directions(centres, 1), random_members(filters, centres, 1)):
        np.testing.assert_allclose(np.linalg.norm(control, axis=1), np.linalg.norm(centres, axis=1))
    picked = random_members(filters, centres, 1)
    unit, units = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (picked, filters))
    nearest = (unit @ units.T).argmax(axis=1)
    np.testing.assert_allclose((unit * units[nearest]).sum(axis=1), 1)
    assert len(set(nearest)) == 4
    assert (random_directions(centres, 1) != random_directions(centres, 2)).all()
