"""Images of 16 bits a channel are read in full."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

import hueclid
from hueclid import deep
from hueclid.chunks import SIGNATURE, Chunk

COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}


def png(values: np.ndarray, *chunks: Chunk) -> bytes:
    """Encode `(H, W, channels)` uint16 as PNG of 16 bits."""
    height, width, channels = values.shape
    header = struct.pack(">IIBBBBB", width, height, 16, COLOR_TYPES[channels], 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    parts = (Chunk(b"IHDR", header), *chunks, Chunk(b"IDAT", zlib.compress(rows)), Chunk(b"IEND", b""))
    return SIGNATURE + b"".join(map(bytes, parts))


def tiff(values: np.ndarray, order: str) -> bytes:
    """Encode `(H, W, 3)` uint16 as TIFF without compression, of one strip."""
    height, width, channels = values.shape
    data = values.astype(order + "u2").tobytes()
    tags = [
        *((256, 4, 1, width), (257, 4, 1, height), (258, 3, channels, 8 + len(data)), (259, 3, 1, 1), (262, 3, 1, 2)),
        *((273, 4, 1, 8), (277, 3, 1, channels), (278, 4, 1, height), (279, 4, 1, len(data))),
    ]
    entries = b""
    for tag, kind, count, value in tags:
        short = kind == 3 and count == 1
        entries += struct.pack(order + ("HHIHxx" if short else "HHII"), tag, kind, count, value)
    depths = struct.pack(order + "3H", 16, 16, 16)
    place = 8 + len(data) + len(depths)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", place)
    return head + data + depths + struct.pack(order + "H", len(tags)) + entries + bytes(4)


def rounded(values: np.ndarray) -> np.ndarray:
    return np.rint(values / 257).astype(np.uint8)


def samples(channels: int) -> st.SearchStrategy:
    return arrays.arrays(np.uint16, st.tuples(st.integers(1, 5), st.integers(1, 5), st.just(channels)))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@given(st.data())
def test_sixteen_bits_of_a_png_are_rounded(channels, data):
    values = data.draw(samples(channels))
    expected = rounded(values if channels != 2 else np.take(values, [0, 0, 0, 1], axis=2))
    pixels = hueclid.read(png(values))
    assert np.array_equal(pixels, expected[..., 0] if channels == 1 else expected)


@pytest.mark.parametrize("order", ["<", ">"])
@given(samples(3))
def test_sixteen_bits_of_a_tiff_are_rounded(order, values):
    assert np.array_equal(hueclid.read(tiff(values, order)), rounded(values))


@given(samples(3), st.data())
def test_one_color_may_be_transparent_and_all_its_bits_count(values, data):
    height, width = values.shape[:2]
    key = values[data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))]
    pixels = hueclid.read(png(values, Chunk(b"tRNS", key.astype(">u2").tobytes())))
    assert np.array_equal(pixels[..., :3], rounded(values))
    assert np.array_equal(pixels[..., 3] == 0, (values == key).all(axis=2))


def test_rounding_is_that_of_exact_numbers():
    every = np.arange(1 << 16, dtype=np.uint16)
    assert np.array_equal(deep.rounded(every), np.rint(every / 257))


def test_a_truncated_one_is_refused():
    whole = png(np.random.default_rng(0).integers(0, 1 << 16, (40, 40, 3), np.uint16))
    with pytest.raises(hueclid.ReadError, match="damaged"):
        hueclid.read(whole[: len(whole) // 2])


def test_eight_bits_are_not_deep():
    file = io.BytesIO()
    Image.new("RGB", (3, 3)).save(file, "PNG")
    with Image.open(file) as image:
        assert not deep.is_deep(image)
