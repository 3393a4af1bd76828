"""Points of a scene are colors of the picture, in their place, and stand for all of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import SPACES, histograms, palettes

from hueclid import Histogram, Palette, _core
from hueclid.plot.scenes import Scene, gamut, place, seen

SPACE_NAMES = ["oklab", "srgb", "linear", "lab"]


@given(histograms(), SPACES, st.integers(1, 200))
def test_a_scene_stands_for_all_pixels(histogram, space, points):
    scene = Scene.of(histogram, space, points)
    assert 1 <= len(scene.picked) <= points
    assert np.all(np.diff(scene.picked) > 0)
    assert np.array_equal(scene.colors, histogram.colors[scene.picked])
    assert int(scene.weights.sum()) == histogram.total
    assert np.all(scene.weights >= histogram.weights[scene.picked])
    if points >= len(histogram):
        assert np.array_equal(scene.weights, histogram.weights)


def test_thinning_keeps_most_of_what_it_may(photo):
    histogram = Histogram.count(photo)
    for points in (100, 1000, 5000):
        assert points / 3 < len(Scene.of(histogram, "oklab", points).picked) <= points


def test_a_cell_is_shown_by_its_most_frequent_color():
    colors = np.array([[8, 8, v, 255] for v in (0, 1, 2, 3)] + [[250, 0, 0, 255]], np.uint8)
    scene = Scene.of(Histogram(colors, np.array([2, 5, 5, 1, 1], np.uint64)), "srgb", 2)
    assert scene.colors.tolist() == [[8, 8, 1, 255], [250, 0, 0, 255]]
    assert scene.weights.tolist() == [13, 1]


@given(palettes(opaque=True), SPACES)
def test_places_keep_the_shape_of_the_space(palette, space):
    """Distances are those of the working space, but for one factor; all is within the unit sphere."""
    points = _core.to_space(palette.colors, space)
    places = place(points, space).astype(float)
    assert np.linalg.norm(places, axis=1).max() <= 1 + 1e-5
    black, white = place(_core.to_space(np.array([[0] * 3 + [255], [255] * 4], np.uint8), space), space)
    corners = _core.to_space(np.array([[0] * 3 + [255], [255] * 4], np.uint8), space).astype(float)
    factor = np.linalg.norm(white - black) / np.linalg.norm(corners[1, :3] - corners[0, :3])
    apart = np.linalg.norm(points[:, None, :3].astype(float) - points[None, :, :3], axis=-1)
    assert np.allclose(np.linalg.norm(places[:, None] - places[None], axis=-1), apart * factor, atol=1e-4)


@pytest.mark.parametrize("space", SPACE_NAMES)
def test_dark_is_below_light(space):
    greys = np.array([[v, v, v, 255] for v in range(0, 256, 15)], np.uint8)
    places = place(_core.to_space(greys, space), space)
    assert np.all(np.diff(places[:, 1]) > 0)
    assert np.allclose(places[:, [0, 2]], places[0, [0, 2]], atol=1e-3)


@pytest.mark.parametrize("space", SPACE_NAMES)
def test_the_gamut_has_twelve_edges_between_eight_corners(space):
    colors, places = gamut(space)
    assert colors.shape[:1] == places.shape[:1] == (12,)
    ends = colors[:, [0, -1]].reshape(-1, 4)
    assert np.all(np.isin(ends, [0, 255]))
    assert len(np.unique(ends, axis=0)) == 8
    assert np.all((colors[:, 0] != colors[:, -1]).sum(axis=1) == 1)
    assert np.linalg.norm(places.reshape(-1, 3), axis=1).max() == pytest.approx(1, abs=1e-5)


def test_views_are_in_perspective():
    spots = seen(np.array([[0, 0, 0], [0, 0.5, 0], [0, 0, 0.5], [0, 0, -0.5]], np.float32), 0.0, 100, (300, 200))
    assert spots[0, :3].tolist() == [300, 200, 100]
    assert spots[1, 1] < 200
    assert spots[2, 3] > 0 > spots[3, 3]
    assert spots[2, 2] < 100 < spots[3, 2]


def test_first_view_shows_the_width():
    for angle in (-1.2, -0.4, 0.3, 1.1):
        along = np.linspace(-0.5, 0.5, 9)
        line = np.stack([along * np.cos(angle), 0 * along, along * np.sin(angle)], axis=1).astype(np.float32)
        scene = Scene("oklab", np.arange(9), np.zeros((9, 4), np.uint8), np.ones(9, np.uint64), line)
        spots = seen(line, scene.yaw, 100, (0, 0))
        assert np.ptp(spots[:, 0]) > 95


def test_number_of_points_is_checked():
    histogram = Histogram.from_colors(Palette.from_colors([(1, 2, 3)]).colors)
    for points in (0, 100_001):
        with pytest.raises(ValueError, match="points must be"):
            Scene.of(histogram, "oklab", points)
