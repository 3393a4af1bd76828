"""Color spaces agree with colour-science, an independent implementation of the standards."""

import warnings

import numpy as np
import pytest

from hueclid import _core

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import colour

COLORS = np.random.default_rng(5).integers(0, 256, (2000, 4), np.uint8)
COLORS[:, 3] = 255
RGB = COLORS[:, :3] / 255


def reference(space):
    """The colors in a space, as colour-science has them."""
    if space == "srgb":
        return RGB * 255
    if space == "linear":
        return colour.cctf_decoding(RGB, "sRGB")
    xyz = colour.sRGB_to_XYZ(RGB)
    return colour.XYZ_to_Lab(xyz) if space == "lab" else colour.XYZ_to_Oklab(xyz)


@pytest.mark.parametrize(("space", "tolerance"), [("srgb", 0), ("linear", 1e-6), ("oklab", 2e-4), ("lab", 0.02)])
def test_conversion_agrees(space, tolerance):
    assert _core.to_space(COLORS, space)[:, :3] == pytest.approx(reference(space), abs=tolerance)


@pytest.mark.parametrize("space", ["oklab", "srgb", "linear", "lab"])
def test_white_black_and_back(space):
    scale = {"oklab": 1, "linear": 1, "srgb": 255, "lab": 100}[space]
    ends = np.array([[0, 0, 0, 255], [255, 255, 255, 255]], np.uint8)
    placed = _core.to_space(ends, space)
    assert placed[:, 0].tolist() == pytest.approx([0, scale], abs=1e-5 * scale)
    assert placed[:, 3].tolist() == [scale, scale]
    assert np.array_equal(_core.from_space(placed, space), ends)


@pytest.mark.parametrize("space", ["oklab", "srgb", "linear", "lab"])
def test_colors_come_back(space):
    """All 2^24 are tried by the core's own tests."""
    assert np.array_equal(_core.from_space(_core.to_space(COLORS, space), space), COLORS)


@pytest.mark.parametrize("space", ["oklab", "srgb", "linear", "lab"])
def test_points_beyond_the_gamut_are_clipped(space):
    far = np.array([[9e3, 0, 0, 9e3], [-9e3, 0, 0, 9e3]], np.float32)
    assert np.isin(_core.from_space(far, space)[:, :3], (0, 255)).any(axis=1).all()
