"""Where solving starts, how often, and when it ends."""

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import CHANCE, EFFORTS, INITS, SEEDS, SPACES, histograms

from hueclid import Histogram, Palette


@given(histograms(), st.integers(1, 12), INITS, EFFORTS, SEEDS)
def test_every_start_keeps_the_promises_and_repeats(histogram, k, init, effort, seed):
    options = {"space": "srgb", "init": init, "effort": effort, "seed": seed}
    palette = Palette.solve(histogram, k, **options)
    assert len(palette) == min(k, len(histogram))
    assert palette.weights.min() > 0
    assert palette.weights.sum() == histogram.total
    again = Palette.solve(histogram, k, **options, threads=1)
    assert again == palette
    assert np.array_equal(again.weights, palette.weights)
    for name in ("error", "iterations", "attempt_errors", "ended"):
        assert getattr(again, name) == getattr(palette, name)


@given(histograms(), st.integers(1, 12), CHANCE, st.integers(1, 5), SEEDS)
def test_the_best_attempt_counts(histogram, k, init, attempts, seed):
    options = {"init": init, "seed": seed, "effort": "fast"}
    palette = Palette.solve(histogram, k, **options, attempts=attempts)
    one = Palette.solve(histogram, k, **options)
    if len(histogram) > k:
        assert len(palette.attempt_errors) == attempts
        assert palette.error == min(palette.attempt_errors)
        assert palette.attempt_errors[0] == one.error
    else:
        assert (palette.attempt_errors, palette.error, palette.iterations) == ((), 0, 0)
        assert palette.converged


@given(histograms(), st.integers(1, 12), INITS, EFFORTS, st.integers(0, 6))
def test_no_more_iterations_than_allowed(histogram, k, init, effort, most):
    attempts = 1 if init == "divisive" else 3
    palette = Palette.solve(histogram, k, init=init, effort=effort, attempts=attempts, max_iterations=most)
    assert palette.iterations <= most * attempts
    assert len(palette) == min(k, len(histogram))
    if most == 0 and len(histogram) > k:
        assert palette.ended == "iterations"


@given(histograms(), st.integers(1, 12), INITS, EFFORTS)
def test_more_effort_is_never_worse(histogram, k, init, effort):
    best = Palette.solve(histogram, k, init=init, effort="best")
    assert best.error <= Palette.solve(histogram, k, init=init, effort=effort).error


@given(histograms(), st.data(), SPACES, EFFORTS)
def test_centers_come_back_from_no_pass_at_all(histogram, data, space, effort):
    chosen = data.draw(st.lists(st.sampled_from(range(len(histogram))), min_size=1, max_size=12, unique=True))
    if not histogram.colors[0, 3] and len(chosen) > 1:
        chosen = sorted({0, *chosen})
    centers = histogram.colors[chosen]
    palette = Palette.solve(histogram, len(centers), space=space, effort=effort, init=centers, max_iterations=0)
    assert {*map(tuple, palette.colors.tolist())} == {*map(tuple, centers.tolist())}


@given(histograms(), st.integers(1, 12), INITS, EFFORTS, SEEDS)
def test_no_time_is_no_pass(histogram, k, init, effort, seed):
    told = []
    options = {"init": init, "effort": effort, "seed": seed}
    attempts = 1 if init == "divisive" else 3
    palette = Palette.solve(
        histogram, k, **options, attempts=attempts, time_limit=0, on_pass=lambda *args: told.append(args)
    )
    assert palette == Palette.solve(histogram, k, **options, max_iterations=0)
    assert (told, palette.iterations) == ([], 0)
    if len(histogram) > k:
        assert palette.ended == "time"
        assert len(palette.attempt_errors) == 1


@pytest.mark.parametrize("init", ["k-means++", "random", "maximin"])
def test_another_seed_starts_elsewhere(photo, init):
    histogram = Histogram.count(photo)
    starts = [Palette.solve(histogram, 8, init=init, seed=seed, max_iterations=0) for seed in (0, 1, 2**64 - 1)]
    assert starts[0] != starts[1] != starts[2] != starts[0]
    assert len({*Palette.solve(histogram, 8, init=init, effort="fast", attempts=4).attempt_errors}) > 1


def test_a_seed_does_not_reach_what_is_not_left_to_chance(photo):
    histogram = Histogram.count(photo)
    for init in ("divisive", histogram.colors[:: len(histogram) // 7][:8]):
        assert Palette.solve(histogram, 8, init=init, seed=7) == Palette.solve(histogram, 8, init=init)


def test_centers_are_read_like_colors_of_a_palette(photo):
    histogram = Histogram.count(photo)
    rgb = [(0, 0, 0), (128, 0, 0), (255, 255, 255)]
    expected = Palette.solve(histogram, 3, init=[(*color, 255) for color in rgb], max_iterations=2)
    for init in (rgb, np.array(rgb), np.array(rgb, np.uint8), np.array(rgb, np.int64)):
        assert Palette.solve(histogram, 3, init=init, max_iterations=2) == expected


def test_centers_without_pixels_go_where_there_are_some(photo):
    centers = [(0, 255, blue) for blue in range(8)]
    palette = Palette.solve(Histogram.count(photo), 8, init=centers, max_iterations=0)
    assert len(palette) == 8
    assert palette.weights.min() > 0


def test_a_pass_from_given_centers_lowers_the_error_of_the_slow_twin(photo):
    histogram = Histogram.count(photo)
    points, weights = oracle.srgb_points(histogram.colors), histogram.weights.astype(float)
    centers = histogram.colors[:: len(histogram) // 5][:6]
    _, start = oracle.lloyd(points, weights, oracle.srgb_points(centers), 0)
    stay, go = (Palette.solve(histogram, 6, space="srgb", init=centers, max_iterations=most) for most in (0, 20))
    assert stay.error == pytest.approx(start, rel=1e-6)
    assert go.error < start


def test_one_center_is_fully_transparent_when_some_pixels_are(icon):
    histogram = Histogram.count(icon)
    visible = [(20, 10, 0), (200, 100, 50)]
    with pytest.raises(ValueError, match="make one of them fully transparent, as some pixels are"):
        Palette.solve(histogram, 2, init=visible)
    palette = Palette.solve(histogram, 3, init=[(*visible[0], 255), (9, 9, 9, 0), (*visible[1], 255)], max_iterations=0)
    assert sorted(palette.hex()) == ["#00000000", "#140a00", "#c86432"]
    assert len(Palette.solve(histogram, 1, init=visible[:1])) == 1
    assert len(Palette.solve(histogram, 1, init=[(0, 0, 0, 0)])) == 1


def test_a_tolerance_ends_passes_early(photo):
    histogram = Histogram.count(photo)
    early, late = (Palette.solve(histogram, 16, effort="best", tolerance=tolerance) for tolerance in (1, 0))
    assert early.iterations < late.iterations
    assert early.converged
    assert late.error < early.error
