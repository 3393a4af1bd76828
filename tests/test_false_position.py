"""Roots found with few trials."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueclid.false_position import Search

TRIALS = 8
ends = st.sampled_from([(0.0, 200.0), (200.0, 0.0), (41.5, 0.0)])


@given(ends, st.floats(0.01, 0.99), st.floats(0.3, 3), st.floats(0.001, 0.1), st.floats(0.001, 0.05), st.booleans())
def test_a_root_is_approached_from_the_good_side(between, share, power, slope, near, jumps):
    good, bad = between
    root, asked = good + share * (bad - good), []

    def excess(place):
        asked.append(place)
        away = abs(place - root) * (1 if abs(place - bad) < abs(root - bad) else -1)
        return float(np.sign(away) * (slope * abs(away)) ** power)

    first = good if good < 100 else 30.0
    found = Search(good, bad, 0.02, near, 1.0, TRIALS, jumps).root(excess, first)
    assert found is not None
    assert all(min(between) <= place <= max(between) for place in asked)
    assert len(asked) <= TRIALS + 1
    assert excess(found) <= 0


@given(ends, st.floats(0.1, 0.9), st.floats(0.85, 1.25), st.floats(0.5, 2), st.booleans())
def test_what_is_continuous_comes_near_enough(between, share, power, steep, jumps):
    good, bad = between
    root, slope = good + share * (bad - good), 2.0 / abs(bad - good)

    def excess(place):
        away = abs(place - root) * (1 if abs(place - bad) < abs(root - bad) else -1)
        return float(np.sign(away) * (steep * slope * abs(away)) ** power)

    found = Search(good, bad, slope, 0.03, 1.0, TRIALS, jumps).root(excess, good if good < 100 else 30.0)
    assert -0.03 <= excess(found) <= 0


@given(st.lists(st.floats(0, 2), min_size=2, max_size=12), st.floats(0.01, 0.99), st.floats(0.005, 0.02))
def test_budgets_are_kept_where_files_jump(falls, share, slope):
    sizes = np.exp(-np.cumsum(falls))
    budget, asked = share * sizes[0], []

    def excess(dial):
        asked.append(dial)
        return float(np.log(np.interp(dial, np.linspace(0, 200, len(sizes)), sizes) / budget))

    found = Search(200.0, 0.0, slope, 0.03, 1.0, TRIALS, jumps=True).root(excess, 30.0)
    assert (found is None) == (sizes[-1] > budget)
    if found is not None:
        assert excess(found) <= 0
    assert len(asked) <= TRIALS + 2
    assert all(0 <= dial <= 200 for dial in asked)


@given(st.floats(1, 100), st.floats(-1, -0.05), st.floats(0.001, 0.08), st.integers(2, 7))
def test_where_it_begins_is_good_enough(lossy, value, slope, trials):
    asked = []

    def excess(place):
        asked.append(place)
        return value + slope * (lossy - place)

    found = Search(lossy, 0.0, 0.02, 0.03, 1.0, trials).root(excess, lossy)
    assert 0 <= found <= lossy
    assert len(asked) <= trials
    assert excess(found) <= 0


@pytest.mark.parametrize(("good", "bad"), [(0.0, 200.0), (200.0, 0.0)])
def test_there_may_be_no_root(good, bad):
    search = Search(good, bad, 0.03, 0.01, 10.0, TRIALS)
    assert search.root(lambda _: 1.0, 30.0) is None
    assert search.root(lambda _: -1.0, 30.0) == bad


def test_alike_places_end_it():
    asked = []

    def excess(place):
        asked.append(place)
        return 1.0 if place < 100 else -1.0

    found = Search(200.0, 0.0, 0.02, 0.03, 1.0, TRIALS).root(excess, 30.0, lambda low, high: abs(low - high) < 100)
    assert found >= 100
    assert len(asked) < TRIALS
