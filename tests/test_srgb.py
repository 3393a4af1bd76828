"""Every mode, orientation and profile of Pillow becomes the pixels that a viewer shows."""

import io

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageCms

from hueclid import srgb

RNG = np.random.default_rng(7)
GREY = RNG.integers(0, 256, (5, 7), dtype=np.uint8)
RGB = RNG.integers(0, 256, (5, 7, 3), dtype=np.uint8)
RGBA = RNG.integers(0, 256, (5, 7, 4), dtype=np.uint8)


def paletted(mode="RGB", transparency=None):
    image = Image.fromarray(GREY % 4)
    image.putpalette(bytes(range(40, 40 + 4 * len(mode))), mode)
    if transparency is not None:
        image.info["transparency"] = transparency
    return image


def to_pixels(image, orientation=1, **options):
    return srgb.shown(image, orientation, **options).pixels


def colors_of(mode="RGB"):
    return np.arange(40, 40 + 4 * len(mode), dtype=np.uint8).reshape(4, -1)[GREY % 4]


def with_alpha(pixels, alpha):
    return np.dstack([pixels, np.broadcast_to(alpha, pixels.shape[:2]).astype(np.uint8)])


def tagged(image, **info):
    image.info.update(info)
    return image


def grey_rgba(alpha):
    return np.dstack([GREY, GREY, GREY, np.broadcast_to(alpha, GREY.shape)]).astype(np.uint8)


def pa():
    image = paletted().convert("PA")
    image.putalpha(Image.fromarray(GREY))
    return image


KEY = tuple(int(v) for v in RGB[2, 3])
EXPECTED = {
    "1": (Image.fromarray(GREY > 99), np.where(GREY > 99, 255, 0)),
    "1 tRNS": (
        tagged(Image.fromarray(GREY > 99), transparency=255),
        np.dstack([np.where(GREY > 99, 255, 0)] * 3 + [np.where(GREY > 99, 0, 255)]),
    ),
    "L": (Image.fromarray(GREY), GREY),
    "L tRNS": (
        tagged(Image.fromarray(GREY), transparency=int(GREY[1, 1])),
        grey_rgba(np.where(GREY[1, 1] == GREY, 0, 255)),
    ),
    "LA": (Image.merge("LA", [Image.fromarray(GREY), Image.fromarray(GREY // 2)]), grey_rgba(GREY // 2)),
    "RGB": (Image.fromarray(RGB), RGB),
    "RGB tRNS": (
        tagged(Image.fromarray(RGB), transparency=KEY),
        with_alpha(RGB, np.where((RGB == KEY).all(axis=2), 0, 255)),
    ),
    "RGBA": (Image.fromarray(RGBA), RGBA),
    "RGBX": (Image.frombytes("RGBX", (7, 5), RGBA.tobytes()), RGBA[..., :3]),
    "P": (paletted(), colors_of()),
    "P RGBA": (paletted("RGBA"), colors_of("RGBA")),
    "P tRNS one": (
        paletted(transparency=2),
        with_alpha(colors_of(), np.where(GREY % 4 == 2, 0, 255)),
    ),
    "P tRNS bytes": (
        paletted(transparency=bytes([9, 0, 200])),
        with_alpha(colors_of(), np.array([9, 0, 200, 255])[GREY % 4]),
    ),
    "PA": (pa(), with_alpha(colors_of(), GREY)),
    "I;16": (Image.fromarray(GREY.astype(np.uint16) * 257 + 128), GREY),
    "I;16 half up": (Image.fromarray(np.array([[128, 129, 65406, 65407]], np.uint16)), [[0, 1, 254, 255]]),
    "I;16B": (Image.frombytes("I;16B", (7, 5), (GREY.astype(">u2") * 257).tobytes()), GREY),
    "I;16 tRNS": (
        tagged(Image.fromarray(np.array([[256, 257, 258]], np.uint16)), transparency=257),
        [[[1, 1, 1, 255], [1, 1, 1, 0], [1, 1, 1, 255]]],
    ),
    "I": (Image.fromarray(GREY.astype(np.int32) * 257), GREY),
}


@pytest.mark.parametrize(("image", "expected"), EXPECTED.values(), ids=EXPECTED)
def test_modes(image, expected):
    before = (image.mode, image.tobytes(), dict(image.info))
    pixels = to_pixels(image)
    assert pixels.dtype == np.uint8
    assert pixels.tolist() == np.asarray(expected).tolist()
    assert (image.mode, image.tobytes(), dict(image.info)) == before


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "HSV", "RGBa", "La"])
def test_modes_that_pillow_converts(mode):
    opaque = Image.fromarray(RGB).convert("RGBA")
    image = {"La": opaque.convert("LA")}.get(mode, opaque if mode == "RGBa" else Image.fromarray(RGB)).convert(mode)
    expected = (opaque.convert("LA").convert("RGBA") if mode == "La" else Image.fromarray(RGB)).convert("RGBA")
    pixels = Image.fromarray(to_pixels(image)).convert("RGBA")
    assert np.abs(np.asarray(pixels, int) - np.asarray(expected)).max() <= {"YCbCr": 3, "HSV": 12}.get(mode, 0)


def test_lab_is_converted():
    lab = Image.merge("LAB", [Image.new("L", (1, 1), v) for v in (138, 209, 198)])  # L 54, a 81, b 70 is red
    assert np.abs(to_pixels(lab).astype(int) - [[[255, 0, 0]]]).max() <= 6


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (Image.new("F", (2, 2)), "no agreed range"),
        (Image.new("I", (2, 2), 65_536), "0..65535"),
        (Image.new("I", (2, 2), -1), "0..65535"),
    ],
)
def test_numbers_without_a_range_are_refused(image, words):
    with pytest.raises(ValueError, match=words):
        to_pixels(image)


@given(st.integers(1, 8), st.sampled_from([GREY, RGB, RGBA]))
def test_orientations(orientation, array):
    pixels = to_pixels(Image.fromarray(array), orientation)
    assert np.array_equal(pixels, oracle.ORIENTED[orientation](array))
    assert pixels.flags.c_contiguous


def profile(primaries, gamma):
    """An ICC profile of three primaries, white D65 and a power curve, written by hand after ICC.1:2001-04."""
    xyz = np.array([[x / y, 1, (1 - x - y) / y] for x, y in primaries]).T
    white = np.array([0.95047, 1, 1.08883])
    matrix = xyz * np.linalg.solve(xyz, white)
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    d50 = np.array([0.9642, 1, 0.8249])
    adapt = np.linalg.inv(bradford) @ np.diag(bradford @ d50 / (bradford @ white)) @ bradford
    columns = (adapt @ matrix).T

    def fixed(values):
        return b"".join(round(v * 65536).to_bytes(4, "big", signed=True) for v in values)

    curve = b"curv" + bytes(4) + (1).to_bytes(4, "big") + int(gamma * 256).to_bytes(2, "big") + bytes(2)
    text = b"desc" + bytes(4) + (2).to_bytes(4, "big") + b"x\0" + bytes(78)
    tags = [(b"desc", text + bytes(-len(text) % 4)), (b"wtpt", b"XYZ " + bytes(4) + fixed(d50))]
    tags += [
        (name, b"XYZ " + bytes(4) + fixed(c)) for name, c in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)
    ]
    tags += [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    table, data, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, value in tags:
        table += name + (start + len(data)).to_bytes(4, "big") + len(value).to_bytes(4, "big")
        data += value
    size = start + len(data)
    head = size.to_bytes(4, "big") + bytes(4) + b"\x02\x10\0\0mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    head += fixed(d50) + bytes(48)
    return head + len(tags).to_bytes(4, "big") + table + data


ADOBE = profile([(0.64, 0.33), (0.21, 0.71), (0.15, 0.06)], 563 / 256)
P3_LINEAR = profile([(0.68, 0.32), (0.265, 0.69), (0.15, 0.06)], 1)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def srgb_of_adobe(colors):
    """Adobe RGB (1998) to sRGB by its definition."""
    linear = (colors / 255) ** (563 / 256)
    to_xyz = [[0.57667, 0.18556, 0.18823], [0.29734, 0.62736, 0.07529], [0.02703, 0.07069, 0.99134]]
    to_rgb = [[3.24097, -1.53738, -0.49861], [-0.96924, 1.87597, 0.04156], [0.05563, -0.20398, 1.05697]]
    linear = np.clip(linear @ np.transpose(to_xyz) @ np.transpose(to_rgb), 0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


@given(arrays.arrays(np.uint8, (3, 4, 3)), st.booleans())
def test_a_profile_is_converted(colors, alpha):
    array = np.dstack([colors, np.arange(12, dtype=np.uint8).reshape(3, 4)]) if alpha else colors
    image = tagged(Image.fromarray(array), icc_profile=ADOBE)
    pixels = to_pixels(image)
    # Near black a level of sRGB is a step that eight bits of a pure power curve can't tell.
    assert np.abs(pixels[..., :3] - srgb_of_adobe(colors)).max() <= 4
    assert np.array_equal(pixels[..., 3:], array[..., 3:])
    assert np.array_equal(np.asarray(image), array)


def test_a_wide_profile_moves_colors_far():
    image = tagged(Image.fromarray(np.array([[[128, 255, 128]]], np.uint8)), icc_profile=P3_LINEAR)
    # Linear 0.5, 1, 0.5 in P3 primaries: red 1.2249 * .502 - .2249 = .39, to sRGB 0.66 * 255.
    assert np.abs(to_pixels(image)[0, 0].astype(int) - [168, 255, 180]).max() <= 4


@given(arrays.arrays(np.uint8, (3, 4, 3)))
def test_a_profile_that_is_srgb_changes_nothing(array):
    assert np.array_equal(to_pixels(tagged(Image.fromarray(array), icc_profile=SRGB)), array)


def test_a_palette_is_converted_too():
    image = tagged(paletted(), icc_profile=ADOBE)
    assert np.abs(to_pixels(image) - srgb_of_adobe(colors_of())).max() <= 2


def test_a_grey_profile_is_a_curve():
    curve = b"curv" + bytes(4) + (1).to_bytes(4, "big") + (256).to_bytes(2, "big") + bytes(2)  # linear
    rgb = profile([(0.64, 0.33), (0.3, 0.6), (0.15, 0.06)], 1)
    grey = bytearray(rgb)
    grey[16:20] = b"GRAY"
    where = grey.index(b"rTRC")
    grey[where : where + 4] = b"kTRC"
    assert curve in grey
    linear = GREY / 255
    expected = 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    opaque = to_pixels(tagged(Image.fromarray(GREY), icc_profile=bytes(grey)))
    assert opaque.shape == GREY.shape
    assert np.abs(opaque - expected).max() <= 1.5
    both = Image.merge("LA", [Image.fromarray(GREY), Image.fromarray(GREY)])
    pixels = to_pixels(tagged(both, icc_profile=bytes(grey)))
    assert np.array_equal(pixels, np.dstack([opaque, opaque, opaque, GREY]))


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (b"", ""),
        (b"no profile", "is broken"),
        (SRGB[:200], "is broken"),
        (ADOBE[:-30], "the ICC profile is "),
        (ADOBE.replace(b"RGB ", b"CMYK"), "is for CMYK colors"),
    ],
)
@pytest.mark.parametrize("array", [GREY, RGB, RGBA], ids=["grey", "rgb", "rgba"])
@pytest.mark.parametrize("profile", ["srgb", "keep"])
def test_a_profile_that_is_of_no_use_is_ignored_and_noted(array, broken, words, profile):
    shown = srgb.shown(tagged(Image.fromarray(array), icc_profile=broken), profile=profile)
    assert np.array_equal(shown.pixels, array)
    assert shown.profile == b""
    assert words in shown.note
    assert bool(shown.note) == bool(broken)


@pytest.mark.parametrize("array", [RGB, RGBA], ids=["rgb", "rgba"])
def test_a_profile_is_kept_on_request(array):
    shown = srgb.shown(tagged(Image.fromarray(array), icc_profile=ADOBE), profile="keep")
    assert np.array_equal(shown.pixels, array)
    assert (shown.profile, shown.note) == (ADOBE, "")


def test_a_profile_that_says_nothing_is_not_kept():
    assert srgb.shown(tagged(Image.fromarray(RGB), icc_profile=SRGB), profile="keep").profile == b""
    grey = srgb.shown(tagged(Image.fromarray(GREY), icc_profile=SRGB), profile="keep")
    assert (grey.profile, grey.note[:38]) == (b"", "the ICC profile is for RGB colors, and")


def test_an_rgb_profile_on_a_cmyk_image_is_ignored():
    image = Image.fromarray(RGB).convert("CMYK")
    assert np.array_equal(to_pixels(tagged(image, icc_profile=ADOBE)), RGB)


def test_the_profiles_of_this_file_are_sound():
    description = ImageCms.ImageCmsProfile(io.BytesIO(ADOBE)).profile
    assert description.xcolor_space == "RGB "
    assert description.red_primary is not None
