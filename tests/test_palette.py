"""Solving obeys the laws of weighted k-means, and its promises."""

import pickle

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import SPACES, histograms, pixels

from hueclid import Histogram, Palette

EFFORTS = st.sampled_from(["fast", "balanced", "best"])


@given(histograms(), st.integers(1, 30), SPACES, EFFORTS)
def test_exactly_as_many_distinct_used_colors_as_asked_for(histogram, k, space, effort):
    palette = Palette.solve(histogram, k, space=space, effort=effort)
    assert len(palette) == len(np.unique(palette.colors, axis=0)) == min(k, len(histogram))
    assert palette.weights.min() > 0
    assert palette.weights.sum() == histogram.total


@given(histograms(), SPACES)
def test_a_histogram_of_few_colors_is_its_own_palette(histogram, space):
    palette = Palette.solve(histogram, 256, space=space)
    order = np.lexsort(palette.colors.T[::-1])
    assert np.array_equal(palette.colors[order], histogram.colors)
    assert np.array_equal(palette.weights[order], histogram.weights)
    assert palette.error == 0


@given(histograms(), st.integers(1, 30), SPACES)
def test_doubling_all_weights_doubles_the_error_alone(histogram, k, space):
    twice = Palette.solve(histogram + histogram, k, space=space)
    once = Palette.solve(histogram, k, space=space)
    assert twice == once
    assert twice.error == pytest.approx(2 * once.error)


@given(pixels(), st.integers(1, 12), SPACES)
def test_the_place_of_a_pixel_does_not_matter(image, k, space):
    flat = image.reshape(1, -1, *image.shape[2:])
    shuffled = np.random.default_rng(1).permutation(flat, axis=1)
    assert Palette.solve(Histogram.count(shuffled), k, space=space) == Palette.solve(
        Histogram.count(image), k, space=space
    )


@given(histograms(), st.integers(1, 12))
def test_the_error_is_the_compactness_of_the_palette(histogram, k):
    palette = Palette.solve(histogram, k, space="srgb")
    _, squares = oracle.nearest(oracle.srgb_points(histogram.colors), oracle.srgb_points(palette.colors))
    assert palette.error == pytest.approx((squares * histogram.weights).sum(), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("k", [2, 3, 8, 16])
def test_a_slow_twin_from_random_starts_is_not_better(photo, k):
    histogram = Histogram.count(photo[::4, ::4].copy())
    points, weights = oracle.srgb_points(histogram.colors), histogram.weights.astype(float)
    random = np.random.default_rng(k)
    starts = [points[random.choice(len(points), k, replace=False)] for _ in range(5)]
    best = min(oracle.lloyd(points, weights, start, 20)[1] for start in starts)
    assert Palette.solve(histogram, k, space="srgb").error <= best * 1.01


def test_a_pass_of_the_slow_twin_finds_little_to_mend(photo):
    histogram = Histogram.count(photo)
    palette = Palette.solve(histogram, 16, space="srgb", effort="best")
    points, weights = oracle.srgb_points(histogram.colors), histogram.weights.astype(float)
    _, error = oracle.lloyd(points, weights, oracle.srgb_points(palette.colors), 3)
    # Rounding to 8 bits alone costs 1/12 a channel and pixel.
    assert error >= palette.error - 0.25 * histogram.total - 0.001 * palette.error


@pytest.mark.parametrize("space", ["oklab", "srgb", "linear", "lab"])
@pytest.mark.parametrize("k", [2, 16, 200])
def test_threads_and_repetition_change_nothing(photo, icon, space, k):
    for image in (photo, icon):
        histogram = Histogram.count(image)
        once = Palette.solve(histogram, k, space=space)
        for threads in (1, 2, 8, 0):
            again = Palette.solve(histogram, k, space=space, threads=threads)
            assert (again, again.error, again.passes) == (once, once.error, once.passes)
            assert np.array_equal(again.weights, once.weights)


def test_more_colors_lie_nearer(photo):
    histogram = Histogram.count(photo)
    errors = [Palette.solve(histogram, k).error for k in (1, 2, 4, 8, 16, 64, 256)]
    assert errors == sorted(errors, reverse=True)


def test_more_effort_pays_on_a_photograph(coffee):
    histogram = Histogram.count(coffee)
    for k in (8, 64):
        fast, balanced, best = (Palette.solve(histogram, k, effort=e).error for e in ("fast", "balanced", "best"))
        assert best <= balanced <= fast


def test_the_color_of_transparent_pixels_never_matters(icon):
    painted = icon.copy()
    painted[icon[..., 3] == 0, :3] = 77
    assert Palette.solve(Histogram.count(painted), 16) == Palette.solve(Histogram.count(icon), 16)


def test_what_is_fully_transparent_has_an_entry_of_its_own(icon):
    histogram = Histogram.count(icon)
    for k in (2, 5, 16):
        palette = Palette.solve(histogram, k)
        assert [0, 0, 0, 0] in palette.colors.tolist()
        assert len(palette) == k


def test_the_mean_of_translucent_colors_counts_each_by_its_alpha():
    histogram = Histogram.from_colors(np.array([[255, 0, 0, 200], [0, 0, 255, 50]], np.uint8))
    palette = Palette.solve(histogram, 1, space="srgb")
    assert palette.colors.tolist() == [[204, 0, 51, 125]]


def test_one_color_is_the_mean():
    histogram = Histogram.count(np.array([[0, 10, 50]], np.uint8))
    assert Palette.solve(histogram, 1, space="srgb").hex() == ["#141414"]


def test_passes_are_told_as_they_happen(photo):
    told = []
    palette = Palette.solve(Histogram.count(photo), 16, on_pass=lambda *args: told.append(args))
    assert [number for number, _ in told] == list(range(1, palette.passes + 1))
    assert all(error > 0 for _, error in told)


def test_an_exception_in_the_callback_ends_the_solving(photo):
    told = []

    def stop(number, error):
        told.append(number)
        if number == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Palette.solve(Histogram.count(photo), 64, on_pass=stop)
    assert told == [1, 2, 3]


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"colors": 0}, ValueError, "colors must be an integer from 1 to 65536, got 0"),
        ({"colors": -1}, ValueError, "got -1"),
        ({"colors": 65_537}, ValueError, "got 65537"),
        ({"colors": "many"}, TypeError, "got 'many'"),
        ({"colors": 2.5}, TypeError, "got 2.5"),
        ({"colors": True}, TypeError, "got True"),
        ({"space": "hsv"}, ValueError, "space must be one of 'oklab', 'srgb', 'linear', 'lab', got 'hsv'"),
        ({"space": None}, TypeError, "got None"),
        ({"effort": "much"}, ValueError, "'fast', 'balanced', 'best'"),
        ({"threads": -1}, ValueError, "threads must be an integer from 0"),
    ],
)
def test_wrong_options_say_what_is_allowed(photo, options, error, text):
    with pytest.raises(error, match=text):
        Palette.solve(Histogram.count(photo), **options)


def test_nothing_has_no_palette():
    with pytest.raises(ValueError, match="empty histogram"):
        Palette.solve(Histogram.empty(), 4)


def test_a_numpy_integer_is_an_integer(photo):
    assert len(Palette.solve(Histogram.count(photo), np.int64(5))) == 5


def test_hex_shows_alpha_where_there_is_some():
    assert Palette.from_colors([(0, 16, 255, 255), (1, 2, 3, 4)]).hex() == ["#0010ff", "#01020304"]


def test_it_can_be_sent_and_compared(photo):
    palette = Palette.solve(Histogram.count(photo), 4)
    copy = pickle.loads(pickle.dumps(palette))
    assert copy == palette
    assert (copy.error, copy.passes, copy.converged) == (palette.error, palette.passes, palette.converged)
    assert palette != Palette.from_colors([(0, 0, 0)])


@pytest.mark.parametrize(
    ("colors", "text"),
    [
        ([(0, 0)], r"\(1, 2\)"),
        ([(0, 0, 256)], "0 to 255"),
        ([(0, 0, 0.5)], "integers"),
        ([(1, 2, 3), (1, 2, 3)], "distinct"),
        (np.empty((0, 3), int), "1 to 65,536"),
    ],
)
def test_what_is_no_palette_is_refused(colors, text):
    with pytest.raises(ValueError, match=text):
        Palette.from_colors(colors)
