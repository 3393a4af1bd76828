"""A scale of quality: monotone, the same both ways, and what is asked for is reached."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hueclid
from hueclid import quality_scale
from hueclid.histogram import Histogram
from hueclid.indexed import Indexed
from hueclid.quality_scale import TABLE, measure, parse, target, within

LARGE, SMALL = np.zeros((8, 9), np.uint8), np.zeros((7, 90), np.uint8)
QUALITIES = st.floats(0, 100)


def limit(quality, pixels):
    goal = target(quality, pixels)
    return goal.min_psnr if goal.min_ssimulacra2 is None else goal.min_ssimulacra2


@pytest.mark.parametrize("pixels", [LARGE, SMALL])
@given(QUALITIES, QUALITIES)
def test_more_quality_asks_for_more(pixels, one, other):
    low, high = sorted((one, other))
    assert limit(low, pixels) <= limit(high, pixels)
    assert limit(high, pixels) - limit(low, pixels) >= (high - low) * 0.09


@pytest.mark.parametrize(("quality", "score", "decibels"), TABLE)
def test_the_table_is_what_it_says(quality, score, decibels):
    assert limit(quality, LARGE) == score
    assert limit(quality, SMALL) == decibels


@given(QUALITIES)
def test_there_and_back(quality):
    for column in (1, 2):
        value = quality_scale._between(quality, 0, column)
        assert quality_scale._between(value, column, 0) == pytest.approx(quality, abs=1e-9)


@pytest.mark.parametrize("shape", [(40, 50, 3), (7, 50, 3)])
def test_what_is_exact_has_100_and_nothing_else(shape):
    pixels = np.random.default_rng(0).integers(0, 4, shape, np.uint8) * 80
    assert measure(pixels, hueclid.quantize(pixels, 256)) == 100
    worse = hueclid.quantize(pixels, 63)
    assert measure(pixels, worse) < 100
    indexed = within(pixels, Histogram.count(pixels), 100, 100, 256, lambda k: hueclid.quantize(pixels, k))
    assert np.array_equal(indexed.to_pixels()[..., :3], pixels)
    with pytest.raises(hueclid.TargetError, match="where 100 was asked for"):
        within(pixels, Histogram.count(pixels), 100, 100, 63, lambda k: hueclid.quantize(pixels, k))


@pytest.mark.parametrize(("low", "high"), [(0, 30), (10, 55), (0, 80)])
def test_the_fewest_colors_reach_it(photo, low, high):
    tried = {}

    def reduce(colors: int) -> Indexed:
        tried[colors] = hueclid.quantize(photo, colors, effort="fast")
        return tried[colors]

    result = within(photo, Histogram.count(photo), low, high, 256, reduce)
    assert measure(photo, result) >= high
    assert measure(photo, tried[len(result.palette) - 1]) < high


def test_out_of_reach_gives_the_most_or_an_error(photo):
    def reduce(colors: int) -> Indexed:
        return hueclid.quantize(photo, colors, effort="fast")

    histogram = Histogram.count(photo)
    result = within(photo, histogram, 0, 100, 20, reduce)
    assert len(result.palette) == 20
    assert 0 < measure(photo, result) < 90
    with pytest.raises(hueclid.TargetError, match=r"20 colors reach a quality of \d+ where 90 was asked for"):
        within(photo, histogram, 90, 100, 20, reduce)


@given(st.integers(0, 100), st.integers(0, 100))
def test_ranges_are_read(one, other):
    low, high = sorted((one, other))
    assert parse(f"{low}-{high}") == (low, high)
    assert parse(f"-{high}") == (0, high)
    assert parse(f"{low}-") == (low, 100)
    assert parse(f"{high}") == (high * 9 // 10, high)


@pytest.mark.parametrize(
    "text", ["", "-", "abc", "60.5-80", "80-60", "101", "60-101", "1000", "60 - 80", " 60", "--60", "60-80-", "٣"]
)
def test_other_ranges_are_refused(text):
    with pytest.raises(ValueError, match="got"):
        parse(text)


@pytest.mark.parametrize("quality", [-1, 100.5, float("nan")])
def test_other_qualities_are_refused(quality):
    with pytest.raises(ValueError, match="from 0 to 100, got"):
        target(quality, LARGE)


def test_the_table_in_the_documents_is_the_table():
    page = (Path(__file__).parents[1] / "docs" / "coming-from-pngquant.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+) \| (\d+|exact) \| (\d+|exact) \|$", page, re.MULTILINE)
    expected = [(f"{quality}", f"{score:g}", f"{decibels:g}") for quality, score, decibels in TABLE[:-1]]
    assert rows == [*expected, ("100", "exact", "exact")]
