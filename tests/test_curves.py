"""The curve of error, PSNR and bytes, as a table."""

import math
import pickle

import numpy as np
import pytest

import hueclid
from hueclid import Histogram, Indexed, Palette, curve, knee
from hueclid.codec import encode
from hueclid.curves import COLORS_OF_A_CURVE, Row
from hueclid.quality import psnr


@pytest.mark.parametrize(
    "options", [{}, {"lossy": 36}, {"dither": "none", "space": "srgb", "effort": "fast", "objective": "euclidean"}]
)
def test_a_row_is_what_quantize_gives(photo, options):
    found = curve(photo, [2, 9, 40], optimize="fast", **options)
    for row in found:
        indexed = hueclid.quantize(photo, row.colors, **options)
        size = len(encode(indexed, "png", optimize="fast"))
        assert row == Row(len(indexed.palette), indexed.palette.error, psnr(photo, indexed), size)
    assert [row.colors for row in found] == [2, 9, 40]
    importance = "uniform" if "space" in options else "masking"
    assert found.knee == knee(Histogram.count(photo, importance=importance), space=options.get("space", "oklab"))


def test_left_alone_it_goes_by_half_octaves_and_has_the_knee(photo):
    found = curve(photo, effort="fast", optimize="fast")
    assert [row.colors for row in found] == sorted({*COLORS_OF_A_CURVE, found.knee})
    errors = [row.error for row in found]
    assert errors == sorted(errors, reverse=True)


def test_rows_end_at_the_colors_there_are():
    picture = np.array([[0, 90, 200, 200]] * 9, np.uint8)
    found = curve(picture)
    assert [row.colors for row in found] == [1, 2, 3]
    assert (found[-1].error, found[-1].psnr) == (0, math.inf)
    assert "exact" in str(found)


def test_a_histogram_knows_no_bytes(photo):
    histogram = Histogram.count(photo)
    for row in curve(histogram, [3, 20]):
        palette = Palette.solve(histogram, row.colors)
        mapped = Indexed.map(photo, palette, dither="none")
        assert row.bytes is None
        assert row.error == palette.error
        assert row.psnr == pytest.approx(psnr(photo, mapped))


def test_a_translucent_histogram_counts_like_its_image(icon):
    histogram = Histogram.count(icon)
    (row,) = curve(histogram, [12])
    mapped = Indexed.map(icon, Palette.solve(histogram, 12), dither="none")
    assert row.psnr == pytest.approx(psnr(icon, mapped))


def test_many_colors_have_no_bytes(photo):
    assert [row.bytes is None for row in curve(photo, [256, 257], optimize="fast", effort="fast")] == [False, True]


def test_the_table_marks_the_knee(photo):
    found = curve(photo, effort="fast", optimize="fast")
    head, *lines = str(found).splitlines()
    assert head.split() == ["colors", "error", "psnr", "bytes"]
    assert [line.split()[0] for line in lines if line.endswith("knee")] == [str(found.knee)]
    assert len(lines) == len(found)


def test_it_is_a_sequence_that_can_be_sent(photo):
    found = curve(photo, [2, 3], optimize="fast")
    assert pickle.loads(pickle.dumps(found)) == found
    assert found[1] in found
    assert len(found[:1]) == 1


@pytest.mark.parametrize(
    ("colors", "error", "words"),
    [
        ([], ValueError, "one number of colors or more"),
        ([0], ValueError, "from 1 to 65536, got 0"),
        (["2"], TypeError, "got '2'"),
        (5, TypeError, r"several numbers, such as range\(2, 9\), got 5"),
    ],
)
def test_wrong_numbers_are_refused(photo, colors, error, words):
    with pytest.raises(error, match=words):
        curve(photo, colors)


def test_the_function_is_not_hidden_by_its_module():
    import hueclid.curves

    assert callable(hueclid.curve)
