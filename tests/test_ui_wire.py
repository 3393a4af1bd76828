"""What goes to the page's canvas is the picture, pixel for pixel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueclid import Indexed, Palette
from hueclid.ui.wire import pack


def unpacked(data):
    """Read as the viewer reads: a head of three numbers, colors, indices."""
    width, height, count = np.frombuffer(data, "<u4", 3).tolist()
    colors = np.frombuffer(data, np.uint8, 4 * count, 12).reshape(count, 4)
    return colors, np.frombuffer(data, np.uint8, offset=12 + 4 * count).reshape(height, width)


@st.composite
def indexed(draw):
    seed, count = draw(st.integers(0, 2**32)), draw(st.integers(1, 256))
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    rng = np.random.default_rng(seed)
    colors = np.unique(rng.integers(0, 256, (count, 4), np.uint8), axis=0)
    colors[colors[:, 3] == 0] = 0
    colors = np.unique(colors, axis=0)
    indices = rng.integers(0, len(colors), (height, width)).astype(np.uint8)
    return Indexed(Palette.from_colors(colors), indices)


@given(indexed())
def test_what_is_packed_is_the_picture(image):
    data = pack(image)
    colors, indices = unpacked(data)
    assert np.array_equal(colors[indices], image.to_pixels())
    assert len(data) == 12 + 4 * len(image.palette) + image.indices.size


def test_an_index_is_a_byte():
    colors = np.stack([np.arange(257) % 256, np.arange(257) // 256, np.full(257, 9), np.full(257, 255)], axis=1)
    with pytest.raises(ValueError, match="got 257 colors, more than 256"):
        pack(Indexed(Palette.from_colors(colors.astype(np.uint8)), np.zeros((2, 2), np.uint16)))
