"""A palette is fitted to its picture, and pixels search better entries: what is seen of the errors gets less."""

import numpy as np
import oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import SPACES, palettes, pixels

from hueclid import Histogram, Indexed, Palette, _core

FITTED, PLAIN, SEARCHED = (1.0, 0.05), (1.0, 0.2), (0.7, 0.1)


def points(colors, space):
    return _core.to_space(np.ascontiguousarray(colors.reshape(-1, 4)), space).astype(float)


def energy(image, indexed, sigma, sharp):
    """The sum over all pairs of pixels of B(p - q) e(p) e(q)."""
    space = indexed.palette.space
    given = points(oracle.widen(image), space).reshape(*image.shape[:2], 4)
    errors = points(indexed.palette.colors, space)[indexed.indices] - given
    return (errors * oracle.seen(errors, sigma, sharp)).sum()


def same_indices(image, palette, **options):
    """The palette fitted once, to the indices that it had before."""
    before = Indexed.map(image, palette, **options)
    return before, Indexed(Indexed.map(image, palette, fit=1, **options).palette, before.indices)


@pytest.mark.parametrize(("dither", "sight"), [("floyd-steinberg", FITTED), ("none", PLAIN)])
@pytest.mark.parametrize("colors", [2, 16, 64])
@pytest.mark.parametrize("space", ["oklab", "srgb"])
def test_colors_are_where_least_is_seen_of_the_errors(photo, space, colors, dither, sight):
    image = photo[:80, :90]
    palette = Palette.solve(Histogram.count(image), colors, space=space)
    before, after = same_indices(image, palette, dither=dither)
    first, fitted = energy(image, before, *sight), energy(image, after, *sight)
    assert fitted < first
    assert fitted < 1.01 * least(image, before, *sight)


def least(image, indexed, sigma, sharp):
    """The energy of the best colors for the indices, by a dense system of linear equations, rounded to 8 bits."""
    space, k = indexed.palette.space, len(indexed.palette)
    given = points(oracle.widen(image), space).reshape(*image.shape[:2], 4)
    painted = np.eye(k)[indexed.indices]
    blurred = oracle.seen(painted, sigma, sharp).reshape(-1, k)
    matrix = painted.reshape(-1, k).T @ blurred
    held = np.diag(0.02 * painted.sum((0, 1)) + 1e-6 * indexed.indices.size / k)
    old = points(indexed.palette.colors, space)
    wanted = painted.reshape(-1, k).T @ oracle.seen(given, sigma, sharp).reshape(-1, 4) + held @ old
    used, own = painted.sum((0, 1)), painted.reshape(-1, k).T @ given.reshape(-1, 4)
    chroma = np.hypot(own[:, 1], own[:, 2]) / np.maximum(used, 1)
    tied = min(8 / k, 1) ** 3 * np.exp(-((chroma / 0.02) ** 2)) if space == "oklab" and k <= 24 else np.zeros(k)
    best = np.empty((k, 4), np.float32)
    for d in range(4):
        tie = tied if d in (1, 2) else np.zeros(k)
        best[:, d] = np.linalg.solve(matrix + held + np.diag(tie * used), wanted[:, d] + tie * own[:, d])
    errors = points(_core.from_space(best, space), space)[indexed.indices] - given
    return (errors * oracle.seen(errors, sigma, sharp)).sum()


@given(pixels(), palettes(), st.sampled_from(["none", "floyd-steinberg"]), st.integers(0, 3), st.integers(0, 2))
def test_a_palette_keeps_its_size_and_its_alpha(image, palette, dither, fit, passes):
    result = Indexed.map(image, palette, dither=dither, fit=fit, direct_search=passes)
    assert result.palette.colors.shape == palette.colors.shape  # a Palette of equal colors can't be made
    assert np.array_equal(result.palette.colors[:, 3], palette.colors[:, 3])
    if not fit:
        assert result.palette is palette


@given(pixels(), st.sampled_from(["none", "floyd-steinberg"]), SPACES)
def test_exact_colors_stay_exact(image, dither, space):
    palette = Palette.solve(Histogram.count(image), 256, space=space)
    result = Indexed.map(image, palette, dither=dither, seen=True, fit=2, direct_search=2)
    expected = oracle.widen(image)
    expected[expected[..., 3] == 0] = 0
    assert np.array_equal(result.to_pixels(), expected)


@settings(max_examples=30)
@given(pixels(most=9), palettes(most=6))
def test_direct_search_never_shows_more(image, palette):
    one, two, three = (Indexed.map(image, palette, direct_search=passes) for passes in (0, 1, 3))
    scale = points(np.full((1, 4), 255, np.uint8), palette.space)[0, 3] ** 2
    assert energy(image, two, *SEARCHED) <= energy(image, one, *SEARCHED) + 1e-5 * scale * image.size
    assert energy(image, three, *SEARCHED) <= energy(image, two, *SEARCHED) + 1e-5 * scale * image.size


@pytest.mark.parametrize("colors", [2, 16, 256])
def test_no_single_pixel_can_do_better(photo, colors):
    image = photo[:40, :50]
    palette = Palette.solve(Histogram.count(image), colors)
    found = Indexed.map(image, palette, direct_search=30)
    best = energy(image, found, *SEARCHED)
    random = np.random.default_rng(0)
    for y, x in zip(random.integers(0, 40, 60), random.integers(0, 50, 60), strict=True):
        other = found.indices.copy()
        other[y, x] = random.integers(colors)
        assert energy(image, Indexed(palette, other), *SEARCHED) >= best - 1e-6


def test_transparent_pixels_stay_transparent(icon):
    palette = Palette.solve(Histogram.count(icon), 16)
    result = Indexed.map(icon, palette, fit=3, direct_search=2).to_pixels()
    assert np.all(result[..., 3][icon[..., 3] == 0] == 0)


def test_large_pictures_are_fitted_by_a_sample(photo):
    """The palette suits all of the picture, whose every pixel gets its entry as the palette has it at the end."""
    height, width = photo.shape[:2]
    large = np.tile(photo, (1700 // height + 1, 1700 // width + 1, 1))
    palette = Palette.solve(Histogram.count(photo), 16)
    result = Indexed.map(large, palette, seen=True, fit=2)
    assert result == Indexed(result.palette, Indexed.map(large, result.palette, seen=True).indices)
    before, after = (energy(photo, Indexed.map(photo, p, seen=True), *FITTED) for p in (palette, result.palette))
    whole = energy(photo, Indexed.map(photo, palette, seen=True, fit=2), *FITTED)
    assert after - whole < 0.1 * (before - whole)


@pytest.mark.parametrize("colors", [3, 300])
def test_threads_change_nothing(photo, colors):
    palette = Palette.solve(Histogram.count(photo), colors)
    once, again, third = (Indexed.map(photo, palette, fit=2, direct_search=2, threads=threads) for threads in (1, 2, 8))
    assert once == again == third
    assert once.palette.error == again.palette.error == third.palette.error


@pytest.mark.parametrize("name", ["fit", "direct_search"])
def test_bad_numbers(photo, name):
    palette = Palette.from_colors([(0, 0, 0), (9, 9, 9)])
    with pytest.raises(ValueError, match=f"{name} must be an integer from 0 to 100, or None, got 101"):
        Indexed.map(photo, palette, **{name: 101})
    with pytest.raises(TypeError, match=f"{name} must be .*got 1.5"):
        Indexed.map(photo, palette, **{name: 1.5})
