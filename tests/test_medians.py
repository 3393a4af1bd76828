"""k-medians: the sum of distances as what is made small."""

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from strategies import EFFORTS, INITS, SEEDS, SPACES, histograms

from hueclid import Histogram, Palette, _core

ROUNDING = 3**0.5 / 2  # the farthest that the nearest 8-bit color of an opaque color is


def parts(histogram):
    return oracle.srgb_points(histogram.colors), histogram.weights.astype(float)


def opaque(colors, weights):
    rgba = np.column_stack([np.asarray(colors, np.uint8), np.full(len(colors), 255, np.uint8)])
    return Histogram.from_colors(rgba, np.asarray(weights, np.uint64))


def solve(histogram, k, **options):
    return Palette.solve(histogram, k, **{"space": "srgb", "objective": "euclidean", **options})


@pytest.mark.parametrize("seed", range(8))
def test_one_center_is_where_scipy_ends(seed):
    random = np.random.default_rng(seed)
    histogram = opaque(random.integers(0, 256, (40, 3)), random.integers(1, 50, 40))
    points, weights = parts(histogram)
    start = np.append(np.average(points[:, :3], axis=0, weights=weights), 127.5 * np.sqrt(3))

    def total(rgb):
        return oracle.distance_sum(points, weights, np.append(rgb, 127.5 * np.sqrt(3))[None])

    best = minimize(total, start[:3], method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9, "maxiter": 5000})
    palette = solve(histogram, 1)
    assert np.abs(palette.colors[0, :3] - best.x).max() <= 0.5 + 1e-3
    assert palette.error == pytest.approx(total(palette.colors[0, :3].astype(float)))


@given(histograms(), SPACES)
def test_one_center_is_where_the_slow_twin_ends(histogram, space):
    points = _core.to_space(histogram.colors, space).astype(float)
    weights = histogram.weights.astype(float)
    median = oracle.median(points, weights, 300)
    rounded = _core.to_space(_core.from_space(median[None].astype(np.float32), space), space).astype(float)
    way = np.linalg.norm(rounded - median)
    lowest = oracle.distance_sum(points, weights, median[None])
    palette = Palette.solve(histogram, 1, space=space, objective="euclidean", effort="best", tolerance=0)
    assert palette.error <= lowest * (1 + 1e-3) + 2 * way * weights.sum() + 1e-9


@pytest.mark.parametrize("effort", ["fast", "balanced", "best"])
def test_a_color_that_holds_half_the_weight_is_the_median(effort):
    colors = [(10, 20, 30), (200, 0, 0), (0, 200, 0), (90, 90, 250)]
    palette = solve(opaque(colors, [30, 10, 10, 10]), 1, effort=effort)
    assert palette.hex() == ["#0a141e"]
    assert solve(opaque(colors, [30, 10, 10, 10]), 1, objective="squared").hex() != ["#0a141e"]


def test_a_start_on_a_color_that_is_not_the_median_is_left():
    """The mean of these lies on the third; plain Weiszfeld steps divide by zero there."""
    histogram = opaque([(0, 0, 0), (100, 0, 0), (50, 50, 0), (50, 150, 0), (50, 50, 200)], [40, 40, 1, 20, 1])
    points, weights = parts(histogram)
    start = histogram.colors[[2]]
    palette = solve(histogram, 1, init=start[:, :3], max_iterations=40)
    best = oracle.distance_sum(points, weights, oracle.median(points, weights)[None])
    assert palette.error <= best + ROUNDING * weights.sum()
    assert palette.error < oracle.distance_sum(points, weights, points[[2]])


@given(
    st.lists(st.tuples(st.integers(0, 255), st.integers(1, 1000)), min_size=1, max_size=40, unique_by=lambda p: p[0])
)
def test_on_a_line_it_is_the_weighted_median(greys):
    values, weights = np.array(sorted(greys)).T
    histogram = opaque(np.repeat(values[:, None], 3, axis=1), weights)
    palette = solve(histogram, 1, effort="best", tolerance=0)
    below = weights[values < palette.colors[0, 0]].sum()
    above = weights[values > palette.colors[0, 0]].sum()
    assert max(below, above) <= weights.sum() / 2


@given(histograms(), st.integers(1, 12), INITS, EFFORTS, SPACES, SEEDS)
def test_it_keeps_the_promises(histogram, k, init, effort, space, seed):
    options = {"init": init, "effort": effort, "space": space, "seed": seed}
    palette = Palette.solve(histogram, k, objective="euclidean", **options)
    assert len(palette) == min(k, len(histogram))
    assert palette.weights.min() > 0
    assert palette.weights.sum() == histogram.total
    assert palette.objective == "euclidean"
    points = _core.to_space(histogram.colors, space).astype(float)
    centers = _core.to_space(palette.colors, space).astype(float)
    total = oracle.distance_sum(points, histogram.weights.astype(float), centers)
    assert palette.error == pytest.approx(total, rel=1e-4, abs=1e-6)
    squared = Palette.solve(histogram, k, **options)
    centers = _core.to_space(squared.colors, space).astype(float)
    assert palette.error <= oracle.distance_sum(points, histogram.weights.astype(float), centers) * (1 + 1e-6) + 1e-9
    again = Palette.solve(histogram, k, objective="euclidean", threads=1, **options)
    assert (again, again.error, again.iterations) == (palette, palette.error, palette.iterations)


@given(histograms(), st.integers(1, 12), EFFORTS)
def test_more_effort_is_never_worse(histogram, k, effort):
    best = solve(histogram, k, effort="best")
    assert best.error <= solve(histogram, k, effort=effort).error


@given(histograms(), st.integers(1, 12))
def test_weights_are_copies(histogram, k):
    once, thrice = solve(histogram, k), solve(histogram + histogram + histogram, k)
    assert thrice == once
    assert thrice.error == pytest.approx(3 * once.error)


@given(histograms(), st.integers(1, 12), st.integers(0, 6))
def test_no_more_passes_than_allowed(histogram, k, most):
    palette = solve(histogram, k, max_iterations=most, effort="best")
    assert palette.iterations <= most
    if most == 0 and len(histogram) > k:
        assert palette.ended == "iterations"


@pytest.mark.parametrize("after", [1, 5, 20])
def test_an_exception_in_the_callback_ends_it(photo, after):
    def stop(passes, error):
        if passes >= after:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        solve(Histogram.count(photo), 8, effort="best", on_pass=stop)


def test_no_pass_of_medians_raises_the_sum(photo):
    told = []
    histogram = Histogram.count(photo[:100])  # of more colors the means would be found among cells
    palette = solve(histogram, 8, on_pass=lambda passes, error: told.append((passes, error)))
    means = Palette.solve(histogram, 8, space="srgb").iterations
    sums = [error for passes, error in told if passes > means]
    assert len(sums) > 1
    assert sums == sorted(sums, reverse=True)
    assert palette.error == pytest.approx(sums[-1], rel=0.01)  # rounding to 8 bits


def test_without_time_it_ends_at_once(photo):
    palette = solve(Histogram.count(photo), 8, time_limit=0)
    assert (palette.ended, palette.iterations, len(palette)) == ("time", 0, 8)


def test_outliers_draw_the_mean_and_not_the_median():
    paper = [(240 + i % 3, 236 + i % 5, 220 + i % 7) for i in range(105)]
    histogram = opaque([*paper, (20, 30, 160), (30, 10, 10)], [1] * 105 + [8, 4])
    median, mean = (solve(histogram, 1, objective=objective).colors[0, :3] for objective in ("euclidean", "squared"))
    assert np.abs(median - [241, 238, 223]).max() <= 1
    assert np.abs(mean - [241, 238, 223]).max() > 10
