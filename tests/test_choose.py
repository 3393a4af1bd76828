"""How many colors: the knee, and the fewest that reach a target."""

import numpy as np
import pytest
from hypothesis import given
from strategies import SPACES, histograms

import hueclid
from hueclid import Histogram, Palette, TargetError, knee, measure
from hueclid.choose import Target
from hueclid.quality import psnr

TARGETS = [
    {"max_error": 40.0},
    {"min_psnr": 24.0},
    {"min_psnr": 26.0, "dither": "none", "space": "srgb"},
    {"min_ssimulacra2": 40.0},
    {"min_psnr": 22.0, "min_ssimulacra2": 30.0, "max_error": 60.0, "effort": "fast"},
    {"max_error": 2000.0, "objective": "euclidean"},
]


def reaches(pixels, indexed, *, max_error=None, min_psnr=None, min_ssimulacra2=None, **_):
    return (
        (max_error is None or indexed.palette.error <= max_error)
        and (min_psnr is None or psnr(pixels, indexed) >= min_psnr)
        and (min_ssimulacra2 is None or measure(pixels, indexed).ssimulacra2 >= min_ssimulacra2)
    )


def options(target):
    return {name: value for name, value in target.items() if not name.startswith(("max_e", "min_p", "min_s"))}


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_the_fewest_reach_the_target_and_one_less_does_not(photo, target):
    found = hueclid.quantize(photo, **target)
    k = len(found.palette)
    assert 1 < k < 256
    assert found == hueclid.quantize(photo, k, **options(target))
    assert reaches(photo, found, **target)
    assert not reaches(photo, hueclid.quantize(photo, k - 1, **options(target)), **target)


@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_it_takes_a_handful_of_solutions(photo, target, monkeypatch):
    solve, tried, first = Palette.solve.__func__, [], []

    def counted(cls, histogram, colors, **more):
        first.append(histogram)
        if histogram is first[0]:  # as the look that was asked for counts it
            tried.append(colors)
        return solve(cls, histogram, colors, **more)

    monkeypatch.setattr(Palette, "solve", classmethod(counted))
    hueclid.quantize(photo, **target)
    assert len(tried) == len(set(tried))
    assert len(tried) <= 9


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ({"min_psnr": 60}, r"12 colors reach psnr \d\d\.\d+ where 60 was asked for; allow more"),
        ({"min_ssimulacra2": 99}, "12 colors reach ssimulacra2 .* where 99 was asked for"),
        ({"max_error": 1e-3}, "12 colors reach error .* where 0.001 was asked for"),
        ({"max_error": 0, "min_psnr": 50}, "reach error .* and psnr .* where 50"),
    ],
)
def test_out_of_reach_is_said(photo, target, words):
    with pytest.raises(TargetError, match=words):
        hueclid.quantize(photo, 12, **target)


@pytest.mark.parametrize("target", [{"max_error": 0}, {"min_psnr": 500}, {"min_ssimulacra2": 100}])
@pytest.mark.parametrize("colors", [1, 2, 9, 37])
def test_exact_takes_all_colors(target, colors):
    random = np.random.default_rng(colors)
    some = random.integers(0, 256, (colors, 3), np.uint8)
    picture = some[np.arange(400) % colors].reshape(20, 20, 3)
    assert len(hueclid.quantize(picture, **target).palette) == len(np.unique(some, axis=0))


def test_an_error_that_is_just_reached_or_not(photo):
    error = hueclid.quantize(photo, 12).palette.error
    assert len(hueclid.quantize(photo, max_error=error).palette) == 12
    assert len(hueclid.quantize(photo, max_error=np.nextafter(error, 0)).palette) == 13


def test_a_target_that_one_color_reaches(photo):
    assert len(hueclid.quantize(photo, min_psnr=0).palette) == 1
    assert len(hueclid.quantize(photo, max_error=1e9).palette) == 1


def test_a_small_image_has_no_ssimulacra2():
    with pytest.raises(TargetError, match="at least 8 x 8 pixels, got 5 x 3"):
        hueclid.quantize(np.zeros((3, 5, 3), np.uint8), min_ssimulacra2=50)


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        ({"min_psnr": -1}, ValueError, "min_psnr must be a number of at least 0.0, or None, got -1"),
        ({"min_ssimulacra2": 101}, ValueError, "from 0.0 to 100.0"),
        ({"max_error": "3"}, TypeError, "max_error must be a number"),
        ({"colors": "auto", "min_psnr": 30}, ValueError, "leave one of them out"),
        ({"colors": "many"}, TypeError, "an integer from 1 to 65536, or 'auto', got 'many'"),
        ({"colors": "auto", "init": [(0, 0, 0)]}, ValueError, "must be a way to start"),
        ({"colors": 1, "min_psnr": 30, "init": [(0, 0, 0)]}, ValueError, "must be a way to start"),
    ],
)
def test_wrong_targets_say_what_is_allowed(photo, wrong, error, words):
    with pytest.raises(error, match=words):
        hueclid.quantize(photo, **wrong)


def test_no_goal_is_no_target():
    assert not Target()
    assert Target(max_error=0)


def clusters(colors, noise, seed):
    """A picture of so many colors, at least 40 codes apart, in even shares, with noise."""
    random = np.random.default_rng(seed)
    centers = [random.integers(20, 236, 3)]
    while len(centers) < colors:
        one = random.integers(20, 236, 3)
        if min(np.linalg.norm(one - other) for other in centers) >= 40:
            centers.append(one)
    picture = np.array(centers)[random.integers(0, colors, (160, 160))] + random.normal(0, noise, (160, 160, 3))
    return Histogram.count(np.clip(np.round(picture), 0, 255).astype(np.uint8))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("colors", [2, 3, 4, 6, 8, 12, 16, 24])
def test_the_knee_of_clean_colors_is_their_number(colors, seed):
    assert knee(clusters(colors, 0, seed)) == colors
    assert abs(knee(clusters(colors, 1, seed)) - colors) <= 1 + colors / 10


def test_auto_takes_the_knee(photo):
    histogram = Histogram.count(photo, importance="masking")
    assert hueclid.quantize(photo, "auto") == hueclid.quantize(photo, knee(histogram))
    assert hueclid.quantize(photo, "auto", space="lab") == hueclid.quantize(
        photo, knee(histogram, space="lab"), space="lab"
    )
    assert 8 <= knee(histogram) <= 40


def test_colors_that_are_nearly_alike_are_as_many_as_they_are():
    grays = hueclid.Histogram.count(np.array([[100, 101]], np.uint8))
    for space in ("oklab", "srgb", "linear", "lab"):
        assert knee(grays, space=space) <= 2


@given(histograms(), SPACES)
def test_the_knee_is_a_number_of_colors(histogram, space):
    found = knee(histogram, space=space)
    assert 1 <= found <= min(256, len(histogram))
    assert found == knee(histogram, space=space, threads=1)
    assert found == knee(histogram + histogram, space=space)


def test_nothing_has_no_knee():
    with pytest.raises(ValueError, match="count at least one pixel"):
        knee(Histogram.empty())
