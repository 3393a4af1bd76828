"""Pinned colors: in the palette whatever comes, first and in order; the others are found around them."""

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import EFFORTS, INITS, METHODS, SEEDS, SPACES, histograms

import hueclid
from hueclid import Histogram, Palette, options

BYTES = st.integers(0, 255)
OPAQUE = st.tuples(BYTES, BYTES, BYTES, st.just(255))
VISIBLE = st.tuples(BYTES, BYTES, BYTES, st.integers(1, 255))
OBJECTIVES = st.sampled_from(["squared", "euclidean"])


@st.composite
def pinned(draw):
    """A histogram and some pins: its own colors, and others."""
    histogram = draw(histograms())
    own = st.sampled_from([tuple(color) for color in histogram.colors.tolist()])
    return histogram, draw(st.lists(own | OPAQUE | VISIBLE | st.just((0, 0, 0, 0)), max_size=12, unique=True))


def room(histogram, pins, more):
    """A number of colors that holds the pins, the transparent one where some pixels are, and some more."""
    clear = not histogram.colors[0, 3] and (0, 0, 0, 0) not in pins
    return max(1, len(pins) + clear + more)


def union(histogram, pins):
    return {*pins, *map(tuple, histogram.colors.tolist())}


def check(histogram, palette, pins, k):
    """What holds of every palette."""
    assert [tuple(color) for color in palette.colors[: len(pins)].tolist()] == pins
    assert len(palette) == min(k, len(union(histogram, pins)))
    assert palette.weights.sum() == histogram.total
    others = palette.weights[len(pins) :].tolist()
    assert others == sorted(others, reverse=True)
    assert not others or min(others) > 0


@given(pinned(), st.integers(0, 20), SPACES, EFFORTS, INITS, OBJECTIVES, SEEDS)
def test_no_pin_is_ever_lost(given_, more, space, effort, init, objective, seed):
    histogram, pins = given_
    k = room(histogram, pins, more)
    search = {"space": space, "effort": effort, "init": init, "objective": objective, "seed": seed}
    palette = Palette.solve(histogram, k, pinned=pins, **search)
    check(histogram, palette, pins, k)
    again = Palette.solve(histogram, k, pinned=pins, threads=2, **search)
    assert (again, again.error) == (palette, palette.error)


@given(pinned(), st.integers(0, 20), SPACES, METHODS)
def test_no_method_loses_one(given_, more, space, method):
    histogram, pins = given_
    k = room(histogram, pins, more)
    palette = Palette.solve(histogram, k, pinned=pins, method=method, space=space)
    check(histogram, palette, pins, min(k, len(palette)) if method == "uniform" else k)
    assert Palette.solve(histogram, k, pinned=pins, method=method, space=space, threads=2).error == palette.error


@given(pinned(), st.integers(0, 12))
def test_the_error_is_that_of_the_palette(given_, more):
    histogram, pins = given_
    palette = Palette.solve(histogram, room(histogram, pins, more), pinned=pins, space="srgb")
    _, squares = oracle.nearest(oracle.srgb_points(histogram.colors), oracle.srgb_points(palette.colors))
    assert palette.error == pytest.approx((squares * histogram.weights).sum(), rel=1e-4, abs=1e-6)


@given(histograms(), st.integers(1, 12), SPACES)
def test_a_palette_that_is_pinned_comes_back(histogram, k, space):
    found = Palette.solve(histogram, k, space=space)
    again = Palette.solve(histogram, len(found), pinned=found.colors, space=space)
    assert again == found
    assert np.array_equal(again.weights, found.weights)
    assert again.error == pytest.approx(found.error, rel=1e-6, abs=1e-9)


@given(histograms(), st.integers(1, 12), st.integers(1, 12), SPACES)
def test_pinning_a_palette_is_pinning_its_colors(histogram, few, more, space):
    found = Palette.solve(histogram, few)
    of_palette = Palette.solve(histogram, few + more, pinned=found, space=space)
    assert of_palette == Palette.solve(histogram, few + more, pinned=found.colors, space=space)
    assert of_palette.pinned == len(found)
    assert Palette.from_colors(found) == Palette.from_colors(found.colors)


@given(histograms(), st.integers(1, 12), SPACES, EFFORTS)
def test_no_pins_are_as_good_as_none(histogram, k, space, effort):
    assert Palette.solve(histogram, k, pinned=[], space=space, effort=effort) == Palette.solve(
        histogram, k, space=space, effort=effort
    )


def nearest_error(histogram, colors):
    """The error of colors, in Oklab."""
    points, centers = (hueclid._core.to_space(c, "oklab").astype(float) for c in (histogram.colors, colors))
    return (oracle.nearest(points, centers)[1] * histogram.weights).sum()


PINS = ["#ff0000", "#00ff00", "#ffffff", "#000000", "#123456", "#806040"]


@pytest.mark.parametrize("k", [7, 16, 40])
@pytest.mark.parametrize("effort", ["fast", "balanced", "best"])
def test_the_others_know_of_the_pins(photo, k, effort):
    """Nearer than with others found as if there were no pins; and with pins that fit, nearly as near as without."""
    histogram = Histogram.count(photo[::2, ::2].copy())
    palette = Palette.solve(histogram, k, pinned=PINS, effort=effort)
    rest = Palette.solve(histogram, k - len(PINS), effort=effort)
    pins = palette.colors[: len(PINS)]
    assert palette.error < nearest_error(histogram, np.concatenate([pins, rest.colors]))
    free = Palette.solve(histogram, k, effort=effort)
    fits = Palette.solve(histogram, k, pinned=free.colors[: k // 2], effort=effort)
    assert fits.error <= free.error * 1.03


@pytest.mark.parametrize("method", options.METHOD.choices)
def test_a_pin_takes_the_place_of_what_is_nearest(photo, method):
    """So each method's palette is only a little worse with pins of its own."""
    histogram = Histogram.count(photo[::2, ::2].copy())
    free = Palette.solve(histogram, 24, method=method)
    fits = Palette.solve(histogram, 24, method=method, pinned=free.colors[::3])
    assert fits.error <= free.error * 1.1


def test_pins_hold_through_several_attempts(photo):
    histogram = Histogram.count(photo[::2, ::2].copy())
    palette = Palette.solve(histogram, 12, pinned=PINS, init="random", attempts=5, seed=3)
    check(histogram, palette, [tuple(bytes.fromhex(pin[1:] + "ff")) for pin in PINS], 12)
    assert palette.error == min(palette.attempt_errors)
    first = Palette.solve(histogram, 12, pinned=PINS, max_iterations=0)
    assert palette.error < first.error
    assert first.iterations == 0
    assert first.hex()[:6] == PINS


def test_given_centers_are_those_of_the_others(photo):
    histogram = Histogram.count(photo)
    start = Palette.solve(histogram, 6, max_iterations=0)
    palette = Palette.solve(histogram, 8, pinned=PINS[:2], init=start.colors, max_iterations=0)
    assert palette.hex()[:2] == PINS[:2]
    assert {*palette.hex()[2:]} == {*start.hex()}


def test_a_pin_that_serves_nothing_stays(photo):
    histogram = Histogram.count(np.full((4, 4), 7, np.uint8))
    palette = Palette.solve(histogram, 3, pinned=["#00ff00", "#ff0000"])
    assert palette.hex() == ["#00ff00", "#ff0000", "#070707"]
    assert palette.weights.tolist() == [0, 0, 16]
    assert Palette.solve(histogram, 1, pinned=["#00ff00"]).weights.tolist() == [16]


def test_the_transparent_color_may_be_pinned_to_its_place(icon):
    histogram = Histogram.count(icon)
    for pins in (["#ff0000", "#00000000"], [(9, 9, 9, 0)], ["#ff0000"]):
        palette = Palette.solve(histogram, 8, pinned=pins)
        assert [0, 0, 0, 0] in palette.colors.tolist()
        assert len(palette) == 8
    assert Palette.solve(histogram, 8, pinned=["#ff0000", "#00000000"]).hex()[1] == "#00000000"
    opaque = Palette.solve(Histogram.count(icon[..., :3]), 8, pinned=["#00000000"])
    assert opaque.weights[0] == 0
    assert opaque.hex()[0] == "#00000000"


def test_clusterers_leave_room(photo):
    sklearn = pytest.importorskip("sklearn.cluster")
    clusterer = sklearn.KMeans(6, n_init=1, random_state=0)
    histogram = Histogram.count(photo[::4, ::4].copy())
    assert Palette.solve(histogram, method=clusterer, pinned=PINS[:2]).hex()[:2] == PINS[:2]
    assert len(Palette.solve(histogram, method=clusterer, pinned=PINS[:2])) == 6


def test_quantize_takes_them_and_looks_for_numbers_that_hold_them(photo):
    assert hueclid.quantize(photo, 9, pinned=PINS).palette.hex()[:6] == PINS
    assert hueclid.quantize(photo, "auto", pinned=PINS).palette.hex()[:6] == PINS
    few = hueclid.quantize(photo, 40, pinned=PINS, min_psnr=5)
    assert few.palette.hex() == PINS
    flat = np.full((4, 4), 7, np.uint8)
    assert hueclid.quantize(flat, "auto", pinned=PINS).palette.hex()[:6] == PINS
    assert len(hueclid.quantize(flat, 40, pinned=PINS, min_psnr=99).palette) == 7
    with pytest.raises(ValueError, match="at most the 3 colors, got 6"):
        hueclid.quantize(photo, 3, pinned=PINS, min_psnr=5)


@pytest.mark.parametrize(
    "pins", [["#0a141e", "#010203"], [(10, 20, 30), (1, 2, 3)], np.array([[10, 20, 30], [1, 2, 3]], np.uint8)]
)
def test_ways_to_say_a_color(photo, pins):
    palette = Palette.solve(Histogram.count(photo), 4, pinned=pins)
    assert palette.colors[:2].tolist() == [[10, 20, 30, 255], [1, 2, 3, 255]]


@pytest.mark.parametrize(
    ("pins", "error", "text"),
    [
        (["#fff"], ValueError, "pinned must be distinct colors, each '#rrggbb', .* got '#fff'"),
        (["red"], ValueError, "got 'red'"),
        (["#gggggg"], ValueError, "got '#gggggg'"),
        (["#12 34 56"], ValueError, "got '#12 34 56'"),
        ("#ff0000", TypeError, "in a list, got '#ff0000'"),
        (None, TypeError, "in a list, got None"),
        (5, TypeError, "got 5"),
        ([1, 2, 3], TypeError, "got 1"),
        ([(1, 2)], ValueError, r"got \(1, 2\)"),
        ([(1, 2, 3, 4, 5)], ValueError, r"got \(1, 2, 3, 4, 5\)"),
        ([(0, 0, 256)], ValueError, r"got \(0, 0, 256\)"),
        ([(0, 0, -1)], ValueError, "got"),
        ([(0.5, 0, 0)], ValueError, "got"),
        (np.zeros((1, 3), np.float32), ValueError, "got"),
        (np.zeros((1, 3, 1), int), ValueError, "got"),
        (["#010203", (1, 2, 3, 255)], ValueError, "got #010203 twice; leave one out"),
        ([(1, 2, 3, 0), (4, 5, 6, 0)], ValueError, "got #00000000 twice"),
        (["#010203", "#040506", "#070809"], ValueError, "at most the 2 colors, got 3; pin fewer, or ask for more"),
    ],
)
def test_wrong_pins_say_what_is_allowed(photo, pins, error, text):
    with pytest.raises(error, match=text):
        Palette.solve(Histogram.count(photo), 2, pinned=pins)


def test_pins_leave_room_for_what_is_transparent(icon):
    histogram = Histogram.count(icon)
    with pytest.raises(ValueError, match=r"leave room for the fully transparent color.* got 2 of 2"):
        Palette.solve(histogram, 2, pinned=PINS[:2])
    with pytest.raises(ValueError, match="got 2 of them; give as many centers as colors that are not pinned"):
        Palette.solve(histogram, 4, pinned=PINS[:1], init=[(0, 0, 0, 0), (9, 9, 9, 255)])
