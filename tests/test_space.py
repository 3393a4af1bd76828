"""Color spaces agree with colour-science, an independent implementation of the standards."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueclid import _core, measure

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
    half = np.linalg.norm(placed[1, :3] - placed[0, :3]) / 2
    assert placed[:, 3].tolist() == pytest.approx([half, half])
    assert np.array_equal(_core.from_space(placed, space), ends)


@pytest.mark.parametrize("space", ["oklab", "srgb", "linear", "lab"])
def test_colors_come_back(space):
    """All 2^24 are tried by the core's own tests."""
    assert np.array_equal(_core.from_space(_core.to_space(COLORS, space), space), COLORS)


@pytest.mark.parametrize("space", ["oklab", "srgb", "linear", "lab"])
def test_points_beyond_the_gamut_are_clipped(space):
    far = np.array([[9e3, 0, 0, 9e3], [-9e3, 0, 0, 9e3]], np.float32)
    assert np.isin(_core.from_space(far, space)[:, :3], (0, 255)).any(axis=1).all()


SPACES = ["oklab", "srgb", "linear", "lab"]
byte = st.integers(0, 255)
any_colors = st.lists(st.tuples(byte, byte, byte, byte), min_size=2, max_size=40)


def squares(colors, space):
    """Squared distances between the points of all pairs of colors."""
    points = _core.to_space(colors, space).astype(float)
    return ((points[:, None] - points) ** 2).sum(2)


@pytest.mark.parametrize("space", SPACES)
@given(drawn=any_colors)
def test_squared_distances_are_the_mean_over_black_and_over_white(space, drawn):
    """Where colors mix as the coordinates of the space do."""
    colors = np.array(drawn, np.uint8)
    alpha = colors[:, 3:] / 255
    opaque = np.concatenate([colors[:, :3], np.full((len(colors), 1), 255, np.uint8)], axis=1)
    own = _core.to_space(opaque, space)[:, :3].astype(float)
    white = _core.to_space(np.full((1, 4), 255, np.uint8), space)[:, :3].astype(float)
    backdrops = [own * alpha, own * alpha + white * (1 - alpha)]
    expected = np.mean([((laid[:, None] - laid) ** 2).sum(2) for laid in backdrops], axis=0)
    assert squares(colors, space) == pytest.approx(expected, abs=1e-4 * (white**2).sum())


@given(drawn=any_colors, seed=byte)
def test_squared_distances_in_srgb_are_what_measure_finds(drawn, seed):
    """Over black and over white, but for the rounding of pixels that are laid over something."""
    colors = np.array(drawn, np.uint8)
    first, second = np.random.default_rng(seed).integers(0, len(colors), (2, 9, 11))
    expected = squares(colors, "srgb")[first, second].mean()
    if (colors[np.stack([first, second]), 3] < 255).any():
        assert np.sqrt(measure(colors[first], colors[second]).mse) == pytest.approx(np.sqrt(expected), abs=1)


@pytest.mark.parametrize("space", SPACES)
@given(drawn=any_colors)
def test_the_color_of_what_is_transparent_does_not_matter(space, drawn):
    colors = np.array(drawn, np.uint8)
    colors[:, 3] = 0
    assert not squares(colors, space).any()
    assert not _core.from_space(_core.to_space(colors, space), space).any()


@pytest.mark.parametrize("space", SPACES)
@given(drawn=any_colors)
def test_colors_of_little_alpha_are_near_transparent(space, drawn):
    """No farther than alpha's share of the way from black to white: what they can differ over some backdrop."""
    colors = np.array([(0, 0, 0, 0), *drawn], np.uint8)
    white = np.linalg.norm(_core.to_space(np.full((1, 4), 255, np.uint8), space)[0, :3])
    farthest = 1.5 * white * colors[:, 3] / 255  # saturated colors are beyond greys
    assert (np.sqrt(squares(colors, space)[0]) <= farthest + 1e-4 * white).all()
