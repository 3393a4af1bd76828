"""Counting is exact, and merging is counting together."""

import pickle

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from strategies import histograms, pixels

from hueclid import Histogram, _core


def as_dict(histogram):
    return {tuple(c): w for c, w in zip(histogram.colors.tolist(), histogram.weights.tolist(), strict=True)}


@given(pixels())
def test_counts_equal_those_of_a_dict(image):
    histogram = Histogram.count(image)
    assert as_dict(histogram) == oracle.count(image)
    assert histogram.total == image.shape[0] * image.shape[1]
    assert histogram.colors.tolist() == sorted(histogram.colors.tolist())


@given(pixels(channels=(4,)), pixels(channels=(4,)))
def test_counting_apart_equals_counting_together(a, b):
    together = np.concatenate([a.reshape(1, -1, 4), b.reshape(1, -1, 4)], axis=1)
    assert Histogram.count(a) + Histogram.count(b) == Histogram.count(together)


@given(histograms(), histograms(), histograms())
def test_addition_is_a_commutative_monoid(a, b, c):
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a + Histogram.empty() == a
    assert sum([a, b, c]) == a + b + c


@given(histograms())
def test_a_weight_of_n_equals_n_copies(histogram):
    weights = histogram.weights % np.uint64(4) + np.uint64(1)
    copies = np.repeat(histogram.colors, weights.astype(int), axis=0)
    assert Histogram.from_colors(histogram.colors, weights) == Histogram.count(copies[None])


@given(pixels(), st.data())
def test_a_pixel_of_importance_n_counts_n_times(image, data):
    times = data.draw(arrays(np.uint8, image.shape[:2], elements=st.integers(0, 255)).filter(lambda a: a.any()))
    flat = oracle.widen(image).reshape(-1, 4)
    copies = np.repeat(flat, times.ravel(), axis=0)
    assert Histogram.count(image, importance=times) == Histogram.count(copies[None])
    assert Histogram.count(image, importance=np.ones_like(times)) == Histogram.count(image)
    assert Histogram.count(image, importance=times > 0) == Histogram.count(flat[None, times.ravel() > 0])


@given(pixels(most=14))
def test_masking_is_the_variance_around_a_pixel(image):
    rgba = oracle.widen(image)
    points = _core.to_space(rgba.reshape(-1, 4), "oklab").astype(float).reshape(rgba.shape)
    assert _core.masking(image, 1) == pytest.approx(oracle.masking(points), abs=0.51)
    times = _core.masking(image, 1)
    assert times.min() >= 1
    assert Histogram.count(image, importance="masking") == Histogram.count(image, importance=times)


def test_masking_is_the_same_at_any_number_of_threads_and_in_large_pictures(photo):
    once, again = (_core.masking(photo, threads) for threads in (1, 8))
    assert np.array_equal(once, again)
    part = _core.masking(np.ascontiguousarray(photo[40:140]), 1)
    assert np.array_equal(once[45:135], part[5:-5])
    assert np.all(_core.masking(np.full((70, 9), 77, np.uint8), 0) == 255)


@given(histograms())
def test_order_of_colors_does_not_matter(histogram):
    order = np.random.default_rng(0).permutation(len(histogram))
    assert Histogram.from_colors(histogram.colors[order], histogram.weights[order]) == histogram


@given(pixels(), pixels())
def test_grey_and_rgb_count_as_rgba(a, b):
    assert Histogram.count(a) == Histogram.count(oracle.widen(a))
    assert (Histogram.count(a) == Histogram.count(b)) == (oracle.count(a) == oracle.count(b))


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_threads_change_nothing(photo, threads):
    assert Histogram.count(photo, threads=threads) == Histogram.count(photo)


def test_every_color_there_is():
    rgb = np.arange(1 << 24, dtype=np.uint32).view(np.uint8).reshape(4096, 4096, 4)[..., :3]
    histogram = Histogram.count(np.ascontiguousarray(rgb))
    assert len(histogram) == 1 << 24
    assert histogram.weights.min() == histogram.weights.max() == 1


def test_all_transparent_pixels_are_one_color():
    image = np.zeros((3, 3, 4), np.uint8)
    image[..., 0] = np.arange(9).reshape(3, 3)
    assert as_dict(Histogram.count(image)) == {(0, 0, 0, 0): 9}


def test_it_can_be_sent_and_not_changed(photo):
    histogram = Histogram.count(photo)
    assert pickle.loads(pickle.dumps(histogram)) == histogram
    for array in (histogram.colors, pickle.loads(pickle.dumps(histogram)).weights):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_what_was_given_stays_as_it_was(photo):
    before = photo.copy()
    colors, weights = np.array([[9, 8, 7, 0], [1, 2, 3, 255]], np.uint8), np.array([1, 2], np.uint64)
    Histogram.count(photo)
    Histogram.from_colors(colors, weights)
    assert np.array_equal(photo, before)
    assert colors.tolist() == [[9, 8, 7, 0], [1, 2, 3, 255]]
    assert colors.flags.writeable
    assert weights.flags.writeable


ONE = np.array([[1, 2, 3, 255]], np.uint8)


@pytest.mark.parametrize(
    ("colors", "weights", "error", "text"),
    [
        (
            ONE.astype(float),
            np.ones(1, np.uint64),
            TypeError,
            "colors must be an array of uint8, got an array",
        ),
        (ONE, [1], TypeError, "weights must be an array of uint64, got 'list'"),
        (ONE[:, :3], np.ones(1, np.uint64), ValueError, r"\(1, 3\)"),
        (ONE, np.ones(2, np.uint64), ValueError, r"\(2,\)"),
        (ONE, np.zeros(1, np.uint64), ValueError, "at least 1"),
        (np.repeat(ONE, 2, 0), np.ones(2, np.uint64), ValueError, "from_colors"),
        (np.array([[1, 2, 3, 0]], np.uint8), np.ones(1, np.uint64), ValueError, "from_colors"),
    ],
)
def test_what_is_no_histogram_is_refused(colors, weights, error, text):
    with pytest.raises(error, match=text):
        Histogram(colors, weights)
