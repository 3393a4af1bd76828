"""Mapping is truly nearest, dithering is what its paper says, and exact colors stay exact."""

import pickle
from dataclasses import replace

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from strategies import SPACES, palettes, pixels

from hueclid import Histogram, Indexed, Palette, _core, quantize
from hueclid.options import DITHER_STRENGTH

DITHERS = st.sampled_from(["none", "floyd-steinberg"])
STRENGTH = DITHER_STRENGTH.default


def points(colors, space):
    """Colors as the core places them, in 64 bits."""
    return _core.to_space(np.ascontiguousarray(colors.reshape(-1, 4)), space).astype(float)


@given(pixels(), palettes() | palettes(opaque=True))
def test_no_entry_is_nearer_than_the_one_chosen(image, palette):
    indexed = Indexed.map(image, palette, dither="none")
    rgba = oracle.widen(image)
    rgba[rgba[..., 3] == 0] = 0
    given, entries = points(rgba, palette.space), points(palette.colors, palette.space)
    chosen = ((given - entries[indexed.indices.ravel()]) ** 2).sum(1)
    least = oracle.nearest(given, entries)[1]
    seen_through, opaque = palette.colors[:, 3] < 255, rgba.reshape(-1, 4)[:, 3] == 255
    if not seen_through.all():  # opaque pixels get opaque entries
        assert not seen_through[indexed.indices.ravel()[opaque]].any()
        least[opaque] = oracle.nearest(given[opaque], entries[~seen_through])[1]
    assert np.all(chosen <= least * (1 + 1e-5) + 1e-12)


@given(pixels(), pixels(), st.integers(1, 12), SPACES)
def test_what_solving_found_out_changes_nothing(image, other, colors, space):
    palette = Palette.solve(Histogram.count(image), colors, space=space)
    for some in (image, other):
        indexed = Indexed.map(some, palette, dither="none")
        assert indexed == Indexed.map(some, Palette.from_colors(palette.colors, space=space), dither="none")


def test_what_was_found_out_of_another_palette_is_not_used(photo):
    palette = Palette.solve(Histogram.count(photo), 12, space="srgb")
    for other in (replace(palette, colors=palette.colors[::-1]), replace(palette, space="oklab")):
        expected = Indexed.map(photo, Palette.from_colors(other.colors, space=other.space), dither="none")
        assert Indexed.map(photo, other, dither="none") == expected


def test_the_nearest_entry_is_the_nearest_in_the_working_space(photo):
    plain = quantize(photo, 40, space="oklab", dither="none", fit=0)
    alike = Palette.from_colors(plain.palette.colors, space="oklab")
    assert_array_equal(plain.indices, Indexed.map(photo, alike, dither="none").indices)


@given(pixels())
def test_ties_go_to_the_lower_index(image):
    palette = Palette.from_colors([(9, 9, 9), (200, 0, 0), (200, 200, 200), (0, 0, 200)], space="srgb")
    indexed = Indexed.map(image, palette, dither="none")
    rgba = oracle.widen(image)
    labels, _ = oracle.nearest(oracle.srgb_points(rgba.reshape(-1, 4)), oracle.srgb_points(palette.colors))
    if image.ndim == 2 or image.shape[2] == 3:  # whole numbers, so that 32 bits hold the squares exactly
        assert np.array_equal(indexed.indices.ravel(), labels)


@given(pixels(), DITHERS, SPACES)
def test_a_palette_with_every_color_is_lossless(image, dither, space):
    palette = Palette.solve(Histogram.count(image), 256, space=space)
    indexed = Indexed.map(image, palette, dither=dither)
    expected = oracle.widen(image)
    expected[expected[..., 3] == 0] = 0
    assert np.array_equal(indexed.to_pixels(), expected)


def excess(image, indexed, strength):
    """How much farther each chosen entry is than the nearest to what the slow twin says the pixel wants."""
    palette = indexed.palette
    given, entries = points(oracle.widen(image), palette.space), points(palette.colors, palette.space)
    wanted = oracle.diffused(given.reshape(*image.shape[:2], 4), entries, strength, indexed.indices).reshape(-1, 4)
    chosen = ((wanted - entries[indexed.indices.ravel()]) ** 2).sum(1)
    scale = entries[0, 3] ** 2
    return (chosen - oracle.nearest(wanted, entries)[1]) / scale


@given(pixels(channels=(1, 3)), palettes(most=8, opaque=True), st.floats(1e-3, 1))
def test_each_pixel_gets_what_is_nearest_once_errors_are_handed_on(image, palette, strength):
    indexed = Indexed.map(image, palette, dither_strength=strength)
    assert np.all(excess(image, indexed, strength) < 1e-4)


def test_diffusion_on_a_photograph_equals_its_slow_twin(photo):
    palette = Palette.solve(Histogram.count(photo), 16)
    band = photo[:64]
    assert np.all(excess(band, Indexed.map(band, palette), STRENGTH) < 1e-5)
    assert np.any(excess(band, Indexed.map(band, palette, dither="none"), STRENGTH) > 1e-3)
    assert np.array_equal(Indexed.map(photo, palette).indices[:64], Indexed.map(band, palette).indices)


@pytest.mark.parametrize("grey", [16, 64, 200])
def test_bands_show_no_lighter_or_darker_edges(grey):
    """Bands that each began without errors would be 0.02 to 0.05 off."""
    area = np.full((256, 96), grey, np.uint8)
    rows = Indexed.map(area, BLACK_AND_WHITE_SRGB, dither_strength=1.0).indices.mean(axis=1)
    sliding = np.convolve(rows, np.full(8, 1 / 8), mode="valid")[24:]
    assert np.abs(sliding - grey / 255).max() < 0.02


def test_diffusion_keeps_the_mean_of_a_grey_area():
    palette = Palette.from_colors([(0, 0, 0), (255, 255, 255)], space="linear")
    for grey in (40, 110, 188, 230):
        area = np.full((64, 64), grey, np.uint8)
        light = _core.to_space(np.array([[grey, grey, grey, 255]], np.uint8), "linear")[0, 0]
        assert Indexed.map(area, palette, dither_strength=1.0).indices.mean() == pytest.approx(light, abs=0.02)


def test_no_strength_is_nearest(photo):
    palette = Palette.solve(Histogram.count(photo), 16)
    assert Indexed.map(photo, palette, dither_strength=0) == Indexed.map(photo, palette, dither="none")


def test_dithering_serves_the_eye(photo):
    """Averaged over 8 x 8 pixels, the dithered picture is nearer than the nearest one."""
    palette = Palette.solve(Histogram.count(photo), 8, space="linear")

    def blurred(colors):
        light = points(colors, "linear")[:, :3].reshape(25, 8, 25, 8, 3)
        return light.mean(axis=(1, 3))

    original = blurred(oracle.widen(photo))
    errors = {
        dither: ((blurred(Indexed.map(photo, palette, dither=dither).to_pixels()) - original) ** 2).sum()
        for dither in ("none", "floyd-steinberg")
    }
    assert errors["floyd-steinberg"] < 0.7 * errors["none"]


def test_transparent_pixels_stay_transparent_and_hand_on_nothing(icon):
    palette = Palette.solve(Histogram.count(icon), 16)
    clear = icon[..., 3] == 0
    indexed = Indexed.map(icon, palette)
    assert not indexed.to_pixels()[clear].any()
    painted = icon.copy()
    painted[clear, :3] = 200
    assert Indexed.map(painted, palette) == indexed


@pytest.mark.parametrize("dither", ["none", "floyd-steinberg", "riemersma", "blue-noise-64"])
@pytest.mark.parametrize("colors", [3, 40, 400])
def test_threads_change_nothing(coffee, icon, dither, colors):
    for image in (coffee, icon):
        palette = Palette.solve(Histogram.count(image), colors, effort="fast")
        once = Indexed.map(image, palette, dither=dither)
        assert once.indices.dtype == (np.uint8 if colors <= 256 else np.uint16)
        assert once.indices.shape == image.shape[:2]
        for threads in (1, 2, 8):
            assert Indexed.map(image, palette, dither=dither, threads=threads) == once


def test_what_was_given_stays_as_it_was(photo):
    before = photo.copy()
    photo.flags.writeable = False
    Indexed.map(photo, Palette.solve(Histogram.count(photo), 4))
    assert np.array_equal(photo, before)


def test_numpy_takes_it_for_its_pixels(icon):
    indexed = quantize(icon, 16)
    assert np.array_equal(np.asarray(indexed), indexed.to_pixels())
    assert np.asarray(indexed).dtype == np.uint8
    assert np.array(indexed, np.float32).mean() == pytest.approx(indexed.to_pixels().mean())
    with pytest.raises(ValueError, match="copy=False"):
        indexed.__array__(copy=False)


def test_it_can_be_sent_and_compared(photo):
    indexed = Indexed.map(photo, Palette.solve(Histogram.count(photo), 4))
    assert pickle.loads(pickle.dumps(indexed)) == indexed
    assert indexed != Indexed(indexed.palette, 3 - indexed.indices)


BLACK_AND_WHITE = Palette.from_colors([(0, 0, 0), (255, 255, 255)])
BLACK_AND_WHITE_SRGB = Palette.from_colors([(0, 0, 0), (255, 255, 255)], space="srgb")


@pytest.mark.parametrize(
    ("indices", "error", "text"),
    [
        ([[0, 1]], TypeError, "got list"),
        (np.zeros((2, 2), np.int64), TypeError, "array of uint8, got int64"),
        (np.zeros((2, 2), np.uint16), TypeError, "array of uint8, got uint16"),
        (np.zeros(4, np.uint8), ValueError, r"\(H, W\)"),
        (np.zeros((0, 4), np.uint8), ValueError, "not empty"),
        (np.full((2, 2), 2, np.uint8), ValueError, "index 2 is beyond a palette of 2 colors"),
    ],
)
def test_what_is_no_indexed_image_is_refused(indices, error, text):
    with pytest.raises(error, match=text):
        Indexed(BLACK_AND_WHITE, indices)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"dither": "bayer"}, ValueError, "dither must be one of 'floyd-steinberg', .*, 'none', got 'bayer'"),
        ({"dither": False}, TypeError, "got False"),
        ({"dither_strength": 1.1}, ValueError, "dither_strength must be a number from 0.0 to 1.0, got 1.1"),
        ({"dither_strength": float("nan")}, ValueError, "got nan"),
        ({"threads": "all"}, TypeError, "got 'all'"),
        ({"palette": [(0, 0, 0)]}, TypeError, r"got list; Palette.from_colors\(colors\) makes one"),
    ],
)
def test_wrong_options_say_what_is_allowed(photo, options, error, text):
    with pytest.raises(error, match=text):
        Indexed.map(**{"pixels": photo, "palette": BLACK_AND_WHITE, **options})
