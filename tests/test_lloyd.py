"""Lloyd's passes, against the slow twin."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from oracle import lloyd, nearest, srgb_points
from strategies import SPACES, histograms, palettes

from hueclid import Histogram, Palette, _core
from hueclid.lloyd import assign, passes


def test_passes_are_those_of_the_twin(photo):
    histogram = Histogram.count(photo)
    start = Palette.solve(histogram, 7, space="srgb", init="random", seed=5, max_iterations=0)
    points, weights = srgb_points(histogram.colors), histogram.weights.astype(float)
    for number, one in enumerate(passes(histogram, start, max_iterations=8)):
        centers, error = lloyd(points, weights, srgb_points(start.colors), number)
        assert np.allclose(one.centers, centers, atol=0.02)
        assert one.error == pytest.approx(error, rel=1e-6)


@given(histograms(), palettes(most=8))
def test_laws_of_a_pass(histogram, start):
    before = np.inf
    for one in passes(histogram, start, max_iterations=12):
        points = _core.to_space(histogram.colors, start.space).astype(float)
        _, squares = nearest(points, one.centers.astype(float))
        own = ((points - one.centers[one.labels]) ** 2).sum(1)
        reach = float(np.abs(points).max() + np.abs(one.centers).max()) ** 2
        assert np.all(own <= squares + 1e-5 * reach)
        assert np.array_equal(one.weights, [histogram.weights[one.labels == i].sum() for i in range(len(start))])
        assert one.error < before
        before = one.error
        served = one.weights > 0
        for i in np.flatnonzero(served):
            members = one.labels == i
            mean = np.average(points[members], axis=0, weights=histogram.weights[members].astype(float))
            assert np.allclose(one.means[i], mean, atol=1e-5 * reach**0.5 + 1e-6)


@given(histograms(), palettes(most=8), SPACES)
def test_passes_follow_one_another(histogram, start, space):
    start = Palette.from_colors(start.colors, space=space)
    made = list(passes(histogram, start))
    assert np.array_equal(made[0].centers, _core.to_space(start.colors, space))
    assert np.array_equal(made[0].colors[start.colors[:, 3] > 0], start.colors[start.colors[:, 3] > 0])
    for one, following in pairwise(made):
        assert np.array_equal(one.means, following.centers)
    again = assign(histogram, made[-1].means, space)
    assert again[2] >= made[-1].error * (1 - 1e-12)


def test_limits_and_threads(photo):
    histogram = Histogram.count(photo)
    start = Palette.solve(histogram, 12, init="random", seed=4, max_iterations=0)
    every = list(passes(histogram, start, max_iterations=30, threads=1))
    assert [one.error for one in passes(histogram, start, max_iterations=7)] == [one.error for one in every[:8]]
    some = list(passes(histogram, start, tolerance=0.01, threads=3))
    gains = [1 - b.error / a.error for a, b in pairwise(every)]
    last = next(i for i, gain in enumerate(gains, 1) if gain < 0.01)
    assert [one.error for one in some] == [one.error for one in every[: last + 1]]
    assert all(np.array_equal(a.centers, b.centers) for a, b in zip(some, every, strict=False))
    assert len(list(passes(histogram, start, max_iterations=0))) == 1


def test_bad_input(photo):
    histogram, start = Histogram.count(photo), Palette.from_colors([(0, 0, 0)])
    with pytest.raises(ValueError, match="empty histogram"):
        next(passes(Histogram.empty(), start))
    with pytest.raises(ValueError, match="tolerance must be"):
        next(passes(histogram, start, tolerance=2))
    with pytest.raises(TypeError, match="max_iterations must be"):
        next(passes(histogram, start, max_iterations="3"))
