"""A comparison holds the original and every result, to the last index."""

import math

import numpy as np
import pytest
from hypothesis import given
from oracle import widen
from pages import data_of, file_of, image_of
from strategies import palettes, pixels

from hueclid import Indexed, Palette, measure
from hueclid.codec import encode
from hueclid.plot import Result, comparison


@given(pixels(most=10), palettes())
def test_pictures_come_back(image, palette):
    result = Indexed.map(image, palette, dither="none")
    data = data_of(comparison(image, [Result(result, "", "some")]))
    original = np.asarray(image_of(data["original"]["image"]).convert("RGBA"))
    assert np.array_equal(original, widen(image))
    assert (data["height"], data["width"]) == image.shape[:2]
    (entry,) = data["results"]
    shown = image_of(entry["image"])
    assert np.array_equal(np.asarray(shown.convert("RGBA")), result.to_pixels())
    assert entry["colors"] == palette.colors.tolist()
    assert entry["weights"] == [int((result.indices == i).sum()) for i in range(len(palette))]


def test_entries_tell_what_was_measured(photo):
    results = [
        Result(Indexed.map(photo, Palette.from_colors(colors), dither=dither), dither, f"K = {len(colors)}")
        for dither in ("none", "floyd-steinberg")
        for colors in ([(0, 0, 0), (255, 255, 255)], [(90, 60, 30), (9, 9, 9), (250, 240, 230)])
    ]
    data = data_of(comparison(photo, results, title="a", bytes_in=77))
    assert (data["rows"], data["columns"]) == (["none", "floyd-steinberg"], ["K = 2", "K = 3"])
    assert data["original"]["bytes"] == 77
    for entry, result in zip(data["results"], results, strict=True):
        quality = measure(photo, result.indexed)
        assert (entry["row"], entry["column"]) == (result.row, result.column)
        assert (entry["psnr"], entry["ssimulacra2"]) == (quality.psnr, quality.ssimulacra2)
        assert file_of(entry["image"]) == encode(result.indexed, "png")
        assert entry["bytes"] == len(file_of(entry["image"]))
        assert not entry["exact"]


def test_indices_are_those_of_the_result(photo):
    palette = Palette.from_colors([(20 * i, 12 * i, 9 * i) for i in range(13)])
    result = Indexed.map(photo, palette)
    (entry,) = data_of(comparison(photo, [Result(result, "", "")]))["results"]
    shown = image_of(entry["image"])
    assert shown.mode == "P"
    table = np.array(shown.getpalette("RGB")).reshape(-1, 3)
    assert np.array_equal(table[np.asarray(shown)], palette.colors[result.indices][..., :3])


def test_what_has_no_number_is_null():
    tiny = np.array([[0, 255]], np.uint8)
    (entry,) = data_of(
        comparison(tiny, [Result(Indexed.map(tiny, Palette.from_colors([(0,) * 3, (255,) * 3])), "", "")])
    )["results"]
    assert entry["exact"]
    assert entry["psnr"] is None
    assert entry["ssimulacra2"] is None
    assert math.isnan(measure(tiny, tiny).ssimulacra2)


def test_more_colors_than_a_palette_holds(photo):
    colors = np.unique(photo.reshape(-1, 3), axis=0)[:300]
    result = Indexed.map(photo, Palette.from_colors(colors))
    (entry,) = data_of(comparison(photo, [Result(result, "", "")]))["results"]
    assert np.array_equal(np.asarray(image_of(entry["image"]).convert("RGBA")), result.to_pixels())


def test_the_same_images_give_the_same_bytes(photo):
    result = Indexed.map(photo, Palette.from_colors([(0, 0, 0), (200, 150, 100)]))
    assert len({comparison(photo, [Result(result, "", "")], threads=threads) for threads in (1, 2, 5)}) == 1


def test_bad_input(photo):
    result = Result(Indexed.map(photo, Palette.from_colors([(1, 2, 3)])), "a", "b")
    for results in ([], [result, result]):
        with pytest.raises(ValueError, match="one or more results, each in a place of its own"):
            comparison(photo, results)
    with pytest.raises(ValueError, match="as large as original"):
        comparison(photo[1:], [result])
