"""Steps show the very passes of the engine, frame by frame."""

import io

import numpy as np
import pytest
from oracle import widen
from pages import data_of, image_of, unpacked
from PIL import Image

from hueclid import Histogram, Palette, _core
from hueclid.lloyd import passes
from hueclid.plot import steps
from hueclid.plot.clouds import UNIT
from hueclid.plot.scenes import Scene, place


def start_of(pixels, k=5, space="oklab"):
    return Palette.solve(Histogram.count(pixels), k, space=space, init="random", seed=3, max_iterations=0)


@pytest.mark.parametrize("space", ["oklab", "srgb"])
def test_page_holds_every_pass(photo, space):
    histogram, start = Histogram.count(photo), start_of(photo, space=space)
    data = data_of(steps(photo, start, max_iterations=6, tolerance=None, points=800))
    made = list(passes(histogram, start, max_iterations=6))
    scene = Scene.of(histogram, space, 800)
    assert len(made) == len(data["passes"]) == 7
    for shown, one in zip(data["passes"], made, strict=True):
        assert shown["centers"] == one.colors.tolist()
        assert shown["weights"] == one.weights.tolist()
        assert shown["error"] == one.error
        assert np.array_equal(unpacked(shown["labels"], "u2"), one.labels[scene.picked])
        places = unpacked(shown["at"], "i2").reshape(-1, 3) / UNIT
        assert np.allclose(places, place(one.centers, space), atol=0.6 / UNIT)


@pytest.mark.parametrize("name", ["photo", "icon"])
def test_pictures_are_recolored_with_the_nearest_center(request, name):
    pixels = request.getfixturevalue(name)  # 200 x 200: shown as it is
    start = start_of(pixels)
    data = data_of(steps(pixels, start, max_iterations=3))
    for shown, one in zip(data["passes"], passes(Histogram.count(pixels), start, max_iterations=3), strict=True):
        picture = np.asarray(image_of(shown["picture"]).convert("RGBA"))
        colors, centers = widen(pixels).reshape(-1, 4), one.colors
        own = _core.to_space(picture.reshape(-1, 4), "oklab").astype(float)
        points = _core.to_space(colors, "oklab").astype(float)
        distances = np.stack([((points - center) ** 2).sum(1) for center in one.centers.astype(float)])
        assert {*map(tuple, picture.reshape(-1, 4).tolist())} <= {*map(tuple, centers.tolist())}
        reached = ((points - own) ** 2).sum(1) ** 0.5
        assert np.all(reached <= distances.min(0) ** 0.5 + 0.01)  # a rounded center is that far off at most


def test_large_pictures_are_shown_small(coffee):
    data = data_of(steps(coffee, start_of(coffee), max_iterations=0))
    assert image_of(data["passes"][0]["picture"]).size == (480, 320)


@pytest.mark.parametrize("kind", ["gif", "webp", "png"])
def test_movies_have_a_frame_for_each_pass(photo, kind):
    start = start_of(photo)
    made = steps(photo, start, kind, max_iterations=4, tolerance=None, points=200)
    passed = list(passes(Histogram.count(photo), start, max_iterations=4))
    with Image.open(io.BytesIO(made)) as movie:
        assert (movie.format, movie.n_frames, movie.info["loop"]) == (kind.upper(), 5, 0)
        stays = []
        for number, one in enumerate(passed):
            movie.seek(number)
            frame = np.asarray(movie.convert("RGB"))
            stays.append(movie.info["duration"])
            shown = {*map(tuple, frame.reshape(-1, 3).tolist())}
            if kind != "gif":
                assert {tuple(color[:3]) for color in one.colors.tolist()} <= shown
    assert stays[-1] > stays[0] > 100


def test_a_gif_shares_one_palette(photo):
    with Image.open(io.BytesIO(steps(photo, start_of(photo), "gif", max_iterations=3, points=200))) as movie:
        colors = set()
        for number in range(movie.n_frames):
            movie.seek(number)
            colors |= {color for _, color in movie.convert("RGB").getcolors(1 << 20)}
    assert len(colors) <= 256


@pytest.mark.parametrize("kind", ["html", "gif"])
def test_the_same_picture_gives_the_same_bytes(photo, kind):
    start = start_of(photo)
    made = [steps(photo, start, kind, max_iterations=2, points=300, threads=threads) for threads in (1, 3)]
    assert made[0] == made[1]


def test_centers_that_round_to_one_color():
    """Two centers between two neighboring codes: different points, one color."""
    pixels = np.array([[10, 10, 10, 11, 11, 11, 200]], np.uint8)
    start = Palette.from_colors([(10,) * 3, (11,) * 3, (200,) * 3], space="srgb")
    data = data_of(steps(pixels, start))
    assert np.array_equal(np.asarray(image_of(data["passes"][0]["picture"]).convert("L")), pixels)


def test_bad_input(photo):
    start = start_of(photo)
    with pytest.raises(ValueError, match="up to 256 colors, got 300"):
        steps(photo, Palette.from_colors([(i // 256, i % 256, 0) for i in range(300)]))
    with pytest.raises(ValueError, match="format must be one of"):
        steps(photo, start, "mp4")
    with pytest.raises(ValueError, match="tolerance must be"):
        steps(photo, start, tolerance=-1)
