"""GIF: indices as they are, or chosen while they are packed."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hueclid import Indexed, Palette, _core, codec, measure, quantize


def decoded(data):
    """The pixels of a GIF, by Pillow."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGBA"))


def lossy(indexed, pixels, bit_worth):
    return _core.encode_gif(indexed.indices, indexed.palette.colors, pixels, bit_worth, True)


def picture(seed, height, width):
    """Smooth hills with a little noise."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    hills = [np.sin(x / random.uniform(5, 40)) + np.cos(y / random.uniform(5, 40)) for _ in range(3)]
    return np.clip(128 + 50 * np.stack(hills, -1) + random.normal(0, 4, (height, width, 3)), 0, 255).astype(np.uint8)


@settings(max_examples=20)
@given(
    seed=st.integers(0, 99),
    sides=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    colors=st.integers(2, 256),
    bit_worth=st.floats(0, 20, width=32),
)
def test_a_lossy_gif_has_colors_of_the_palette_and_is_no_larger(seed, sides, colors, bit_worth):
    pixels = picture(seed, *sides)
    indexed = quantize(pixels, colors, effort="fast")
    data = lossy(indexed, pixels, bit_worth)
    assert data == lossy(indexed, pixels, bit_worth)
    assert len(data) <= len(codec.encode(indexed, "gif"))
    found = {tuple(color) for color in decoded(data).reshape(-1, 4)}
    assert found <= {tuple(color) for color in indexed.palette.colors}


def test_at_little_loss_most_pixels_stay_as_they_were_dithered():
    pixels = picture(7, 160, 240)
    indexed = quantize(pixels, 128)
    data = lossy(indexed, pixels, 0.8)
    changed = (decoded(data) != indexed.to_pixels()).any(axis=-1).mean()
    assert len(data) < len(codec.encode(indexed, "gif"))
    assert 0 < changed < 0.1


def test_a_bit_that_is_worth_more_makes_a_smaller_file_that_looks_worse():
    pixels = picture(7, 160, 240)
    indexed = quantize(pixels, 128)
    files = [lossy(indexed, pixels, worth) for worth in (0.2, 0.8, 3.2)]
    exact = codec.encode(indexed, "gif")
    sizes = [len(data) for data in (exact, *files)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[3] < 0.8 * sizes[0]
    scores = [measure(pixels, decoded(data)).ssimulacra2 for data in files]
    assert scores == sorted(scores, reverse=True)


def test_what_is_transparent_stays_so_and_nothing_else_becomes_so():
    pixels = picture(3, 60, 80)
    indexed = quantize(pixels, 63)
    colors = np.vstack([indexed.palette.colors, [[255, 0, 255, 0]]]).astype(np.uint8)
    hole = np.hypot(*np.mgrid[-30:30, -40:40]) < 22
    indexed = Indexed(Palette.from_colors(colors), np.where(hole, len(colors) - 1, indexed.indices).astype(np.uint8))
    for worth in (0.5, 8.0):
        assert np.array_equal(decoded(lossy(indexed, pixels, worth))[..., 3] == 0, hole)


@pytest.mark.parametrize("shape", [(40, 60), (40, 60, 3), (40, 60, 4)])
def test_any_pixels(shape):
    pixels = np.resize(picture(1, 40, 60), shape)
    grey = np.repeat(np.arange(0, 256, 8, np.uint8)[:, None], 3, axis=1)
    indexed = Indexed.map(pixels, Palette.from_colors(grey), dither="none")
    assert decoded(lossy(indexed, pixels, 1.0)).shape == (40, 60, 4)


def test_pixels_of_another_size_are_refused():
    indexed = quantize(picture(1, 8, 9), 4)
    with pytest.raises(ValueError, match="one size"):
        lossy(indexed, picture(1, 9, 8), 1.0)


def test_a_gif_is_smaller_than_pillows():
    image = Image.fromarray(picture(5, 300, 400)).quantize(200)
    theirs = io.BytesIO()
    image.save(theirs, "GIF", optimize=True)
    colors = np.array(image.getpalette(), np.uint8).reshape(-1, 3)
    ours = codec.encode(Indexed(Palette.from_colors(colors), np.asarray(image)), "gif")
    assert np.array_equal(decoded(ours), decoded(theirs.getvalue()))
    assert len(ours) < len(theirs.getvalue())
