"""Flat areas: their colors stay exact, no noise gets into them; gradients and photographs are none."""

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import palettes, pixels

import hueclid
from hueclid import Histogram, Indexed, Palette, _core, flat_colors
from hueclid.options import EFFORT


def window():
    """A window with letters: paper, a bar, a field with a soft shadow, and noisy edges between them."""
    random = np.random.default_rng(7)
    image = np.full((120, 160, 3), (250, 248, 245), np.uint8)
    image[:20] = (98, 0, 238)
    image[40:100, 20:140] = (225, 232, 240)
    for i in range(4):
        image[36 + i : 104 - i, 16 + i], image[36 + i : 104 - i, 143 - i] = (249 - 2 * i,) * 3, (249 - 2 * i,) * 3
    letters = random.random((60, 100)) < 0.08
    image[44:96, 30:130][letters[:52]] = random.integers(0, 256, (int(letters[:52].sum()), 3), np.uint8)
    return image


FLAT = [(98, 0, 238), (225, 232, 240), (250, 248, 245)]


@given(pixels(), palettes())
def test_shares_equal_their_slow_twin(image, palette):
    image = np.repeat(np.repeat(image, 2, axis=0), 3, axis=1)
    colors = np.concatenate([palette.colors, [[*oracle.widen(image)[0, 0]]]]).astype(np.uint8)
    keyed = np.where(oracle.widen(image)[..., 3:] == 0, 0, oracle.widen(image))
    colors[colors[:, 3] == 0] = 0
    firm = flat_colors(image)
    apart = np.abs(firm[:, None].astype(int) - colors)
    lone = ((apart <= 4).all(-1) & (apart[..., 3] == 0)).any(1) & ((apart <= 24).all(-1).sum(1) == 1)
    known = np.concatenate([colors, firm[lone]])
    expected = oracle.flat(image) & (keyed[:, :, None] == known).all(-1).any(-1)
    shares = _core.flat_shares(image, colors, 1)
    if shares is not None:
        assert np.array_equal(shares, oracle.shares(expected))
    elif expected.any():
        assert oracle.flat(image).mean() < 9 / 200


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 90),
    st.integers(1, 90),
    st.integers(0, 12),
    st.sampled_from([(), (3,), (4,)]),
)
def test_pictures_with_hardly_any_flat_pixel_have_no_flat_areas(seed, height, width, patch, channels):
    random = np.random.default_rng(seed)
    image = random.integers(0, random.choice([3, 60, 256]), (height, width, *channels), np.uint8)
    y, x = random.integers(0, height), random.integers(0, width)
    image[y : y + patch, x : x + patch] = 7
    wide = np.where(oracle.widen(image)[..., 3:] == 0, 0, oracle.widen(image))
    around = np.pad(wide, [(1, 1), (1, 1), (0, 0)], "edge")
    shifted = [around[i : i + height, j : j + width] for i in range(3) for j in range(3)]
    middles = np.all([(other == wide).all(-1) for other in shifted], axis=0).sum()
    is_rare = middles == 0 or middles * 200 < height * width
    assert (_core.flat_shares(image, np.full((1, 4), 255, np.uint8), 1) is None) == is_rare


@given(pixels())
def test_colors_of_flat_areas_are_some_of_the_image(image):
    image = np.repeat(np.repeat(image, 3, axis=0), 3, axis=1)
    found = flat_colors(image)
    assert {*map(tuple, found.tolist())} <= oracle.count(image).keys()
    assert np.array_equal(flat_colors(image, threads=2), found)
    assert np.array_equal(flat_colors(np.ascontiguousarray(image[::-1, ::-1])), found)


def test_a_window_has_flat_areas_and_its_letters_have_not():
    assert [tuple(color) for color in flat_colors(window())[:, :3].tolist()] == FLAT


def swatches():
    """Swatches, of which two are nearly equal, with a rim where they were scaled, in noise."""
    random = np.random.default_rng(3)
    image = random.integers(0, 256, (60, 4 * SIDE + 10, 3)).astype(np.uint8)
    for i, color in enumerate(SWATCHES):
        swatch = image[10 : SIDE + 10, SIDE * i + 5 : SIDE * (i + 1) + 5]
        swatch[:] = color
        # Darker on two sides and lighter on two.
        swatch[0] = swatch[:, 0] = np.subtract(color, 2)
        swatch[-1] = swatch[:, -1] = np.add(color, 2)
    return image


SIDE = 40
SWATCHES = [(4, 135, 135), (90, 60, 120), (6, 132, 133), (240, 200, 30)]


def test_rims_of_swatches_are_no_gradients():
    assert {tuple(color) for color in flat_colors(swatches())[:, :3].tolist()} == {*SWATCHES}


@pytest.mark.parametrize("effort", EFFORT.choices)
def test_areas_that_are_nearly_of_an_entry_are_not_dotted(effort):
    quantized = hueclid.quantize(swatches(), 128, effort=effort)
    indices = quantized.indices[12:48, 5:-5].reshape(36, 4, SIDE)[:, :, 2:-2]
    assert all(len(np.unique(indices[:, i])) == 1 for i in range(4))


@pytest.mark.parametrize("k", [4, 8, 16, 64])
@pytest.mark.parametrize("effort", EFFORT.choices)
def test_their_colors_stay_exact_and_no_noise_gets_in(k, effort):
    image = window()
    indexed = hueclid.quantize(image, k, effort=effort)
    inside = oracle.flat(image) & (image[:, :, None] == np.array(FLAT)).all(-1).any(-1)
    assert inside.mean() > 0.5
    assert np.array_equal(indexed.to_pixels()[inside, :3], image[inside])
    assert len(indexed.palette) == k
    palette = Palette.solve(Histogram.count(image), k, effort=effort, anchors=flat_colors(image))
    assert palette.weights.tolist() == sorted(palette.weights.tolist(), reverse=True)


def test_means_are_nearer_in_sum():
    image = window()
    exact, mean = (
        hueclid.quantize(image, 8, importance="uniform", fit=0, flat=flat).palette for flat in ("exact", "mean")
    )
    assert mean == Palette.solve(Histogram.count(image), 8)
    assert mean.error <= exact.error <= mean.error * 1.2


@pytest.mark.parametrize("down", [True, False])
def test_gradients_are_dithered(down):
    """Though each of their steps, 5 pixels wide, is flat."""
    line = np.repeat(np.arange(40, 120, dtype=np.uint8), 5)
    image = np.repeat(line[:, None], 60, axis=1)
    image = np.ascontiguousarray(image if down else image.T)
    inner = {*map(tuple, flat_colors(image).tolist())} - {(40, 40, 40, 255), (119, 119, 119, 255)}
    assert inner == set()
    rows = hueclid.quantize(image, 4).to_pixels()[..., 0].astype(float).mean(axis=1 if down else 0)
    means = rows.reshape(-1, 20).mean(axis=1)
    assert (np.diff(means) > 0.5).mean() > 0.6  # nearest colors would make 3 steps in all


def test_this_photograph_has_none(coffee, photo):
    for image in (coffee, photo):
        assert flat_colors(image).shape == (0, 4)
        assert _core.flat_shares(image, np.zeros((1, 4), np.uint8), 0) is None
        assert hueclid.quantize(image, 16) == hueclid.quantize(image, 16, flat="mean")


def test_pins_and_transparent_areas_come_first():
    image = np.dstack([window(), np.full((120, 160), 255, np.uint8)])
    image[100:] = 0
    palette = hueclid.quantize(image, 8, pinned=["#00ff00", "#fafafa"]).palette
    assert palette.hex()[:2] == ["#00ff00", "#fafafa"]
    assert [0, 0, 0, 0] in palette.colors.tolist()
    assert [98, 0, 238, 255] in palette.colors.tolist()
    assert palette.weights.sum() == image[..., 0].size


def test_threads_change_nothing():
    image = np.tile(window(), (2, 2, 1))
    once = hueclid.quantize(image, 12)
    for threads in (1, 2, 5):
        assert hueclid.quantize(image, 12, threads=threads) == once


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2), (3, 3)])
def test_small_images(shape):
    image = np.full(shape, 9, np.uint8)
    assert flat_colors(image).tolist() == [[9, 9, 9, 255]]
    assert Indexed.map(image, Palette.from_colors([(9, 9, 9), (0, 0, 0)])).indices.max() == 0


@pytest.mark.parametrize("anchors", [[[1, 2, 3, 4]], np.zeros((2, 3), np.uint8), np.zeros((2, 4), int), "exact"])
def test_anchors_are_colors(photo, anchors):
    with pytest.raises(TypeError, match=r"anchors must be an \(n, 4\) array of uint8"):
        Palette.solve(Histogram.count(photo), 4, anchors=anchors)


@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(8, 60), min_size=4, max_size=4),
    st.sampled_from(["floyd-steinberg", "sierra-lite", "none"]),
    st.integers(0, 2),
)
def test_the_width_of_a_flat_margin_changes_nothing_else(seed, margins, dither, fit):
    random = np.random.default_rng(seed)
    thing = random.integers(0, 200, (70, 30, 3), np.uint8)
    top, bottom, left, right = margins
    images = [
        np.pad(thing, [*sides, (0, 0)], constant_values=250)
        for sides in ([(60, 60)] * 2, [(top, bottom), (left, right)])
    ]
    palette = Palette.from_colors([(250, 250, 250), *random.integers(0, 200, (6, 3)).tolist()])
    wide, other = (Indexed.map(image, palette, dither=dither, fit=fit, seen=True) for image in images)
    inner = other.indices[top : top + 70, left : left + 30]
    assert np.array_equal(wide.indices[60:130, 60:90], inner)
    assert wide.palette == other.palette
    for found in (wide, other):
        assert found.palette.colors[0].tolist() == [250, 250, 250, 255]
        assert not found.indices[:8].any()
        assert not found.indices[:, -8:].any()
