"""Solving obeys the laws of weighted k-means, and its promises."""

import pickle

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import EFFORTS, SPACES, histograms, pixels

from hueclid import Histogram, Palette


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
            assert (again, again.error, again.iterations) == (once, once.error, once.iterations)
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
    histogram = Histogram.count(photo)
    palette = Palette.solve(histogram, 16, init="random", attempts=2, on_pass=lambda *args: told.append(args))
    numbers = [number for number, _ in told]
    assert numbers == sorted(set(numbers))  # passes that were tried side by side are told together
    assert numbers[0] == 1
    assert numbers[-1] == palette.iterations
    assert all(error > 0 for _, error in told)


@pytest.mark.parametrize("after", [1, 2, 3, 8, 20, 40])
def test_an_exception_in_the_callback_ends_the_solving(photo, after):
    histogram = Histogram.count(photo)
    told = []

    def stop(number, error):
        told.append(number)
        if len(told) == after:
            raise KeyboardInterrupt

    whole = Palette.solve(histogram, 24, init="random", attempts=2)
    with pytest.raises(KeyboardInterrupt):
        Palette.solve(histogram, 24, init="random", attempts=2, on_pass=stop)
    assert len(told) == after
    again = Palette.solve(histogram, 24, init="random", attempts=2)
    assert (again, again.attempt_errors) == (whole, whole.attempt_errors)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"colors": 0}, ValueError, "colors must be an integer from 1 to 65536, got 0"),
        ({"colors": -1}, ValueError, "got -1"),
        ({"colors": 65_537}, ValueError, "got 65537"),
        ({"colors": "many"}, TypeError, "got 'many'"),
        ({"colors": 2.5}, TypeError, "got 2.5"),
        ({"colors": True}, TypeError, "got True"),
        ({"objective": "cubed"}, ValueError, "'squared', 'euclidean', got 'cubed'"),
        ({"space": "hsv"}, ValueError, "space must be one of 'oklab', 'srgb', 'linear', 'lab', got 'hsv'"),
        ({"space": None}, TypeError, "got None"),
        ({"effort": "much"}, ValueError, "'fast', 'balanced', 'best'"),
        ({"threads": -1}, ValueError, "threads must be an integer from 0"),
        (
            {"init": "kmeans"},
            ValueError,
            "'divisive', 'k-means..', 'random', 'maximin', got 'kmeans'",
        ),
        ({"init": None}, TypeError, "or the 2 colors to start from, got None"),
        ({"init": 5}, TypeError, "got 5"),
        ({"init": [(0, 0, 0)]}, ValueError, "got 1 of them; give as many centers as colors"),
        ({"init": [(0, 0, 0)] * 2}, ValueError, "distinct"),
        ({"init": [(1, 2), (3, 4)]}, ValueError, r"3 or 4 integers from 0 to 255, got \(1, 2\)"),
        ({"init": [1, 2, 3]}, ValueError, "integers from 0 to 255, got 1$"),
        ({"init": np.arange(3)}, ValueError, r"of shape \(k, 3\) or \(k, 4\), got \(3,\)"),
        ({"init": [(1, 2, 3), (4, 5)]}, ValueError, "or the 2 colors to start from: .*inhomogeneous"),
        ({"init": [(0.0, 0, 0), (1, 1, 1)]}, ValueError, "integers from 0 to 255"),
        ({"init": [(0, 0, 256), (1, 1, 1)]}, ValueError, "integers from 0 to 255"),
        ({"init": [(0, 0, -1), (1, 1, 1)]}, ValueError, "integers from 0 to 255"),
        (
            {"init": [(0, 0, 0, 0), (9, 9, 9, 0)]},
            ValueError,
            "got 2 that are fully transparent; all of these are one",
        ),
        ({"attempts": 0, "init": "random"}, ValueError, "attempts must be an integer from 1 to 10000, got 0"),
        ({"attempts": 10_001, "init": "random"}, ValueError, "got 10001"),
        ({"attempts": True}, TypeError, "got True"),
        ({"attempts": 2.0}, TypeError, "got 2.0"),
        (
            {"attempts": 2},
            ValueError,
            "got 2; for more, init must be one of 'k-means..', 'random', 'maximin'",
        ),
        ({"attempts": 2, "init": [(0, 0, 0), (1, 1, 1)]}, ValueError, "attempts must be 1 .*, got 2"),
        ({"max_iterations": -1}, ValueError, "max_iterations must be an integer from 0 to 1000000000, or None, got -1"),
        ({"max_iterations": 2**64}, ValueError, "got 18446744073709551616"),
        ({"max_iterations": 1.0}, TypeError, "got 1.0"),
        ({"max_iterations": False}, TypeError, "got False"),
        ({"tolerance": float("nan")}, ValueError, "tolerance must be a number from 0.0 to 1.0, or None, got nan"),
        ({"tolerance": -1e-9}, ValueError, "got -1e-09"),
        ({"tolerance": 1.1}, ValueError, "got 1.1"),
        ({"tolerance": "little"}, TypeError, "got 'little'"),
        ({"tolerance": True}, TypeError, "got True"),
        ({"seed": -1}, ValueError, "seed must be an integer from 0 to 18446744073709551615, got -1"),
        ({"seed": 2**64}, ValueError, "got 18446744073709551616"),
        ({"seed": None}, TypeError, "got None"),
        ({"seed": 0.5}, TypeError, "got 0.5"),
        ({"time_limit": -0.1}, ValueError, "time_limit must be a number of at least 0.0, or None, got -0.1"),
        ({"time_limit": float("nan")}, ValueError, "got nan"),
        ({"time_limit": "soon"}, TypeError, "got 'soon'"),
        ({"time_limit": True}, TypeError, "got True"),
    ],
)
def test_wrong_options_say_what_is_allowed(photo, options, error, text):
    with pytest.raises(error, match=text):
        Palette.solve(Histogram.count(photo), **{"colors": 2} | options)


LINE = np.array([(i, i, i, 255) for i in range(0, 256, 3)], np.uint8)
AWKWARD = {
    "one color": Histogram(LINE[:1], np.array([7], np.uint64)),
    "two colors": Histogram(LINE[:2], np.array([1, 1 << 40], np.uint64)),
    "a line": Histogram(LINE, np.ones(len(LINE), np.uint64)),
    "a line, one weight of 2^40": Histogram(LINE, np.array([1 << 40, *[1] * (len(LINE) - 1)], np.uint64)),
    "clear and one": Histogram(np.array([(0, 0, 0, 0), (1, 2, 3, 4)], np.uint8), np.array([1 << 40, 1], np.uint64)),
}


@pytest.mark.parametrize("k", [1, 2, 3, 80, 300])
@pytest.mark.parametrize("init", ["divisive", "k-means++", "random", "maximin"])
@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_histograms_have_palettes(name, init, k):
    histogram = AWKWARD[name]
    for effort in ("fast", "balanced", "best"):
        palette = Palette.solve(histogram, k, init=init, effort=effort)
        assert len(palette) == min(k, len(histogram))
        assert palette.weights.min() > 0
        assert palette.weights.sum() == histogram.total
        assert (palette.error == 0) == (k >= len(histogram))


def test_a_color_of_great_weight_is_kept_and_so_are_the_others():
    palette = Palette.solve(AWKWARD["a line, one weight of 2^40"], 4, space="srgb", effort="best")
    assert palette.hex()[0] == "#000000"
    assert palette.weights[0] >= 1 << 40
    assert palette.weights[1:].sum() >= 60


def test_all_colors_there_are():
    codes = np.arange(1 << 24, dtype=np.uint32).view(np.uint8).reshape(4096, 4096, 4)
    histogram = Histogram.count(np.ascontiguousarray(codes[..., :3]))
    assert len(histogram) == 1 << 24
    palette = Palette.solve(histogram, 16, space="srgb", effort="fast")
    assert len(palette) == 16
    assert palette.weights.sum() == 1 << 24
    boxes = (64**2 + 2 * 128**2) / 12  # the mean squared error of 4 x 2 x 2 of them
    assert palette.error / (1 << 24) < 1.001 * boxes


def test_nothing_has_no_palette():
    with pytest.raises(ValueError, match="empty histogram"):
        Palette.solve(Histogram.empty(), 4)


def test_an_image_is_no_histogram(photo):
    with pytest.raises(TypeError, match=r"got ndarray; Histogram.count\(pixels\) makes one"):
        Palette.solve(photo, 4)


def test_a_numpy_integer_is_an_integer(photo):
    assert len(Palette.solve(Histogram.count(photo), np.int64(5))) == 5


def test_hex_shows_alpha_where_there_is_some():
    assert Palette.from_colors([(0, 16, 255, 255), (1, 2, 3, 4)]).hex() == ["#0010ff", "#01020304"]


def test_what_hex_says_makes_the_same_palette():
    palette = Palette.from_colors([(0, 16, 255), (1, 2, 3, 4), (0, 0, 0, 0), (255, 136, 0)])
    assert Palette.from_colors(palette.hex()) == palette
    assert Palette.from_colors(("#0010FF", np.array([1, 2, 3, 4]), "00000000", (255, 136, 0))) == palette


def test_given_colors_were_not_solved():
    palette = Palette.from_colors([(0, 0, 0)])
    assert (palette.iterations, palette.attempt_errors, palette.ended, palette.converged) == (0, (), "", False)


def test_it_can_be_sent_and_compared(photo):
    palette = Palette.solve(Histogram.count(photo), 4, init="random", attempts=3)
    copy = pickle.loads(pickle.dumps(palette))
    assert copy == palette
    for name in ("error", "iterations", "attempt_errors", "ended", "converged"):
        assert getattr(copy, name) == getattr(palette, name)
    assert np.array_equal(copy.weights, palette.weights)
    assert palette == Palette.from_colors(palette.colors)  # how it was found is no part of what it is
    assert palette != Palette.from_colors([(0, 0, 0)])


@pytest.mark.parametrize(
    ("colors", "text"),
    [
        ([(0, 0)], r"got \(0, 0\)"),
        (np.zeros((1, 2), int), r"got \(1, 2\)"),
        (np.full((1, 3), 256), "0 to 255"),
        ("#ff8800", "list of colors.*got '#ff8800'"),
        (["#ff8800", "orange"], "'#rrggbbaa'.*got 'orange'"),
        (["#ff8800", "#ff880"], "got '#ff880'"),
        (["#ff8800", (0, 0, 256)], r"got \(0, 0, 256\)"),
        (["#FF8800", "ff8800"], "distinct"),
        ([(0, 0, 256)], "0 to 255"),
        ([(0, 0, 0.5)], "integers"),
        ([(1, 2, 3), (1, 2, 3)], "distinct"),
        (np.empty((0, 3), int), "1 to 65,536"),
    ],
)
def test_what_is_no_palette_is_refused(colors, text):
    with pytest.raises(ValueError, match=text):
        Palette.from_colors(colors)
