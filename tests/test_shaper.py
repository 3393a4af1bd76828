"""Profiles of curves and a matrix are converted with 16 bits, as Little CMS converts them with 8."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image
from test_deep import png
from test_srgb import ADOBE, P3_LINEAR, SRGB, profile, srgb_of_adobe

import hueclid
from hueclid.chunks import Chunk
from hueclid.shaper import Shaper

SAMPLES = arrays.arrays(np.uint16, (3, 4, 3))
COLORS = arrays.arrays(np.uint8, (3, 4, 3))


def with_curve(curve):
    """Adobe RGB with another curve."""
    start = ADOBE.index(b"curv")
    size = 12 * 3
    table = bytearray(ADOBE[: start - len(ADOBE)])
    for name in (b"rTRC", b"gTRC", b"bTRC"):
        place = table.index(name)
        table[place + 4 : place + 12] = struct.pack(">II", start, len(curve))
    assert len(ADOBE) - start >= size
    whole = bytes(table) + curve
    return len(whole).to_bytes(4, "big") + whole[4:]


def parametric(kind, *numbers):
    return b"para" + bytes(4) + struct.pack(f">Hxx{len(numbers)}i", kind, *(round(n * 65536) for n in numbers))


def read(values, icc):
    return hueclid.read(png(values, Chunk(b"iCCP", b"x\0\0" + zlib.compress(icc))))


@given(SAMPLES)
def test_colors_are_those_of_the_definition(values):
    assert np.abs(read(values, ADOBE) - srgb_of_adobe(values / 257)).max() < 1


@pytest.mark.parametrize(
    "curve",
    [
        b"curv" + bytes(8),
        b"curv" + bytes(4) + struct.pack(">I", 1) + b"\2\x33\0\0",
        b"curv" + bytes(4) + struct.pack(">I4H", 4, 0, 9000, 30_000, 65_535),
        parametric(0, 1.8),
        parametric(1, 2.0, 1.05, -0.05),
        parametric(2, 2.0, 0.95, 0.05, -0.0025),
        parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
        parametric(4, 2.2, 0.9, 0.05, 0.3, 0.1, 0.02, 0),
    ],
    ids=["identity", "gamma", "table", "para 0", "para 1", "para 2", "para 3", "para 4"],
)
def test_curves_mean_what_they_mean_to_little_cms(curve):
    icc = with_curve(curve)
    # Mixtures that stay within sRGB, as clipping differs: greys, and colors near them.
    greys = np.linspace(40, 215, 60).astype(int)
    colors = np.stack([greys, greys + 10, greys - 10], axis=1)[None].astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(colors).save(file, "PNG", icc_profile=icc)
    by_little_cms = hueclid.read(file.getvalue())
    assert not np.array_equal(by_little_cms, colors)
    assert np.abs(read(colors.astype(np.uint16) * 257, icc).astype(int) - by_little_cms).max() <= 2


def test_dark_shades_of_linear_light_keep_their_steps():
    values = np.repeat(np.arange(256, dtype=np.uint16).reshape(16, 16, 1), 3, axis=2)
    assert len(np.unique(read(values, P3_LINEAR)[..., 1])) == 14


@given(st.integers(0, 0xFFFF))
def test_grey_stays_grey_and_ends_stay(level):
    shades = Shaper(ADOBE).to_srgb(np.array([[[level] * 3, [0] * 3, [0xFFFF] * 3]], np.uint16))[0].astype(int)
    assert np.ptp(shades[0]) <= 1
    assert shades[1:].tolist() == [[0] * 3, [255] * 3]


def test_a_profile_that_is_srgb_changes_nothing():
    values = np.random.default_rng(0).integers(0, 1 << 16, (8, 8, 3), np.uint16)
    assert np.array_equal(read(values, SRGB), hueclid.read(png(values)))


def test_alpha_is_rounded():
    values = np.random.default_rng(0).integers(0, 1 << 16, (8, 8, 4), np.uint16)
    assert np.array_equal(read(values, ADOBE)[..., 3], hueclid.read(png(values))[..., 3])


@pytest.mark.parametrize("length", [0, 100, 130, 200, 300, len(ADOBE) - 30])
def test_a_broken_profile_is_told(length):
    with pytest.raises(ValueError, match="the profile"):
        Shaper(ADOBE[:length])


@given(st.data())
def test_whatever_a_profile_holds_nothing_else_is_raised(data):
    broken = bytearray(ADOBE)
    for place in data.draw(st.lists(st.integers(128, len(ADOBE) - 1), max_size=4)):
        broken[place] = data.draw(st.integers(0, 255))
    try:
        shaper = Shaper(bytes(broken))
    except ValueError:
        return
    assert shaper.to_srgb(np.full((1, 1, 3), 9999, np.uint16)).shape == (1, 1, 3)


def test_a_raised_black_is_left_to_little_cms():
    icc = with_curve(parametric(1, 2.0, 0.9, 0.1))
    with pytest.raises(ValueError, match="black"):
        Shaper(icc)
    assert read(np.zeros((2, 2, 3), np.uint16), icc).max() <= 1


def test_other_kinds_of_profiles_are_refused():
    grey = bytearray(profile([(0.64, 0.33), (0.3, 0.6), (0.15, 0.06)], 1))
    grey[16:20] = b"GRAY"
    with pytest.raises(ValueError, match="no matrix"):
        Shaper(bytes(grey))
