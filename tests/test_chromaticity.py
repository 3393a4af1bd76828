"""Gamma and chromaticities of a PNG are converted to sRGB."""

import struct
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from test_deep import png

import hueclid
from hueclid.chromaticity import SRGB, SRGB_PRIMARIES, Encoding
from hueclid.chunks import Chunk

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # colour speaks up about optional packages that it misses
    import colour

P3 = ((0.3127, 0.3290), (0.68, 0.32), (0.265, 0.69), (0.15, 0.06))
ADOBE = ((0.3127, 0.3290), (0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
PROPHOTO = ((0.3457, 0.3585), (0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001))


def flat(primaries):
    return [number for pair in primaries for number in pair]


def gama(gamma):
    return Chunk(b"gAMA", struct.pack(">I", round(gamma * 100_000)))


def chrm(primaries):
    return Chunk(b"cHRM", struct.pack(">8I", *(round(number * 100_000) for number in flat(primaries))))


def expected(colors, gamma, primaries):
    """The same by colour-science."""
    white, *rest = primaries
    space = colour.RGB_Colourspace("theirs", rest, white, cctf_decoding=lambda values: values ** (1 / gamma))
    light = colour.RGB_to_RGB(
        space.cctf_decoding(colors), space, colour.RGB_COLOURSPACES["sRGB"], chromatic_adaptation_transform="Bradford"
    )
    return 255 * colour.cctf_encoding(np.clip(light, 0, 1), function="sRGB")


@pytest.mark.parametrize(
    ("gamma", "primaries"), [(1, P3), (1 / 1.8, PROPHOTO), (1 / 2.6, P3), (0.3, SRGB_PRIMARIES), (1 / 1.8, ADOBE)]
)
@given(arrays.arrays(np.uint16, (2, 3, 3)))
def test_colors_are_those_of_colour_science(gamma, primaries, values):
    pixels = hueclid.read(png(values, gama(gamma), chrm(primaries)))
    gamma = round(gamma * 100_000) / 100_000
    assert (
        np.abs(pixels - expected(values / 65535, gamma, primaries)).max() < 1
    )  # the matrices of others have four digits


@given(arrays.arrays(np.uint8, (2, 3, 4)))
def test_eight_bits_are_converted_alike_and_alpha_stays(colors):
    deep = Encoding.of(1, flat(P3)).to_srgb(colors.astype(np.uint16) * 257)
    assert np.array_equal(Encoding.of(1, flat(P3)).to_srgb(colors), deep)
    assert np.array_equal(deep[..., 3], colors[..., 3])


def test_dark_shades_of_linear_light_keep_their_steps():
    values = np.arange(256, dtype=np.uint16).reshape(16, 16, 1)
    assert len(np.unique(hueclid.read(png(values, gama(1))))) == 14
    assert len(np.unique(hueclid.read(png(values)))) == 2


@pytest.mark.parametrize(
    ("gamma", "primaries"),
    [
        (0.45455, flat(SRGB_PRIMARIES)),
        (0.4366, None),
        (None, [number + 0.004 for number in flat(SRGB_PRIMARIES)]),
        (0, None),
        (1e9, None),
        (None, [0.3] * 8),
        (None, [0.0] * 8),
        (None, flat((P3[1], *P3[1:]))),
        (None, None),
    ],
)
def test_what_means_srgb_or_nothing_changes_nothing(gamma, primaries):
    assert Encoding.of(gamma, primaries) == SRGB


@pytest.mark.parametrize("stronger", [Chunk(b"sRGB", b"\0")])
def test_a_png_that_calls_itself_srgb_is(stronger):
    values = np.random.default_rng(0).integers(0, 1 << 16, (4, 4, 3), np.uint16)
    assert np.array_equal(hueclid.read(png(values, stronger, gama(1), chrm(P3))), hueclid.read(png(values)))


@given(st.floats(0.2, 2), st.integers(0, 255))
def test_grey_stays_grey_and_ends_stay(gamma, level):
    encoding = Encoding.of(gamma, flat(ADOBE))
    grey = encoding.to_srgb(np.full((1, 1), level, np.uint8))
    color = encoding.to_srgb(np.full((1, 1, 3), level, np.uint8))
    assert np.abs(color.astype(int) - int(grey[0, 0])).max() <= 1
    assert encoding.to_srgb(np.array([[0, 255]], np.uint8)).tolist() == [[0, 255]]
