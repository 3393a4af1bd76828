"""What counts and how pixels get their colors, where nobody says it."""

import numpy as np
import pytest
from command import call, decoded
from PIL import Image

import hueclid
from hueclid import Histogram, Indexed, Palette
from hueclid.look import Look
from hueclid.quality import Original

NEAR_TIES = 20  # pixels of 40,000 that are as near to one color as to another, but for the last bits


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ("masking", 2, 0)),
        ({"space": "lab"}, ("masking", 2, 0)),
        ({"effort": "fast"}, ("masking", 0, 0)),
        ({"effort": "best"}, ("masking", 4, 2)),
        ({"effort": "best", "mapping": {"dither": "none"}}, ("masking", 4, 0)),
        ({"space": "srgb", "effort": "best"}, ("uniform", 0, 0)),
        ({"space": "linear"}, ("uniform", 0, 0)),
        ({"method": "wu"}, ("uniform", 0, 0)),
        ({"importance": "uniform", "fit": 0, "effort": "best", "direct_search": 1}, ("uniform", 0, 1)),
        ({"space": "srgb", "importance": "masking", "fit": 3, "direct_search": 0}, ("masking", 3, 0)),
    ],
)
def test_what_is_left_out_depends_on_space_effort_and_method(options, expected):
    look = Look(**options)
    assert (look.importance, look.fit, look.direct_search) == expected


def test_quantize_is_count_solve_map(photo):
    histogram = Histogram.count(photo, importance="masking").accented(0.3)
    palette = Palette.solve(histogram, 12)
    by_hand = Indexed.map(photo, palette, seen=True, fit=2)
    assert hueclid.quantize(photo, 12, accents=0.3) == by_hand


def test_the_palette_of_a_result_is_of_its_picture(photo):
    for options in ({}, {"fit": 0}, {"objective": "euclidean", "fit": 0}, {"dither": "none"}, {"space": "srgb"}):
        palette = hueclid.quantize(photo, 9, **options).palette
        again = palette.recounted(photo)
        assert palette.weights.sum() == photo.shape[0] * photo.shape[1]
        assert palette.weights == pytest.approx(again.weights, abs=NEAR_TIES)
        assert palette.error == pytest.approx(again.error, rel=1e-5)


def test_recounting_is_what_solving_counted(photo):
    histogram = Histogram.count(photo)
    for options in ({}, {"space": "srgb"}, {"objective": "euclidean"}):
        palette = Palette.solve(histogram, 20, **options)
        again = palette.recounted(photo)
        assert again.weights == pytest.approx(palette.weights, abs=NEAR_TIES)
        assert again.error == pytest.approx(palette.error, rel=1e-5)


def test_it_pleases_the_eye(photo):
    original = Original(photo)
    for colors in (16, 64):
        scores = [
            original.ssimulacra2(hueclid.quantize(photo, colors, **options))
            for options in ({"effort": "best"}, {}, {"fit": 0}, {"fit": 0, "importance": "uniform"}, {"space": "srgb"})
        ]
        assert scores == sorted(scores, reverse=True)


def test_importances_may_be_an_image(photo, tmp_path):
    mask = np.zeros(photo.shape[:2], np.uint8)
    mask[50:90, 40:120] = 9
    expected = hueclid.quantize(photo, 5, importance=mask)
    Image.fromarray(mask).save(tmp_path / "mask.png")
    assert hueclid.quantize(photo, 5, importance=tmp_path / "mask.png") == expected
    assert hueclid.quantize(photo, 5, importance=Image.fromarray(mask)) == expected
    assert hueclid.quantize(photo, 5, importance=mask > 0) == expected  # all of them 9 or all of them 1
    alone = Palette.solve(Histogram.count(photo[50:90, 40:120]), 5)
    assert hueclid.quantize(photo, 5, importance=mask, fit=0).palette == alone


@pytest.mark.parametrize(
    ("importance", "error", "message"),
    [
        ("loud", hueclid.ReadError, "loud"),
        (np.zeros((200, 200), np.uint8), ValueError, "0 everywhere, so that no pixel counts; give some"),
        (np.ones((200, 199), np.uint8), ValueError, r"as high and wide as the image, \(200, 200\), got \(200, 199\)"),
        (np.ones((200, 200), np.float32), TypeError, "array of uint8 or bool .* got one of float32"),
        (Image.new("RGB", (200, 200), "red"), ValueError, "importance must be grey and opaque"),
    ],
)
def test_bad_importances(photo, importance, error, message):
    with pytest.raises(error, match=message):
        hueclid.quantize(photo, 5, importance=importance)


def berries():
    """Green leaves with a few small red berries, and a blue dragonfly."""
    random = np.random.default_rng(3)
    picture = np.clip(random.normal((60, 120, 50), (20, 30, 18), (160, 240, 3)), 0, 255).astype(np.uint8)
    for y, x in ((30, 40), (100, 180), (140, 20)):
        picture[y : y + 4, x : x + 4] = np.clip(random.normal((200, 25, 30), 8, (4, 4, 3)), 0, 255)
    picture[70:73, 90:98] = np.clip(random.normal((40, 60, 220), 8, (3, 8, 3)), 0, 255)
    return picture


def farthest(picture, result):
    """The mean distance of the small details' colors from what became of them."""
    details = np.s_[30:34, 40:44], np.s_[100:104, 180:184], np.s_[140:144, 20:24], np.s_[70:73, 90:98]
    shown = result.to_pixels()[..., :3].astype(float)
    return max(np.linalg.norm((picture[at] - shown[at]).mean((0, 1))) for at in details)


def test_accents_survive():
    picture = berries()
    lost, kept = (hueclid.quantize(picture, 8, dither="none", accents=accents) for accents in (0, 0.7))
    assert farthest(picture, lost) > 60
    assert farthest(picture, kept) < 30


def test_accents_are_for_colors_that_are_rare():
    histogram = Histogram.count(berries())
    assert histogram.accented(0) == histogram
    raised = histogram.accented(0.5)
    assert np.array_equal(raised.colors, histogram.colors)
    factors = raised.weights / histogram.weights
    reds = (histogram.colors[:, 0] > 150) & (histogram.colors[:, 1] < 60)
    assert factors[reds].min() > 3 * np.average(factors, weights=histogram.weights)
    assert (raised + raised).accented(1).total > 0
    assert len(Histogram.empty().accented(1)) == 0
    with pytest.raises(ValueError, match=r"accents must be a number from 0\.0 to 1\.0, got 2"):
        histogram.accented(2)


def faint(alpha):
    """A soft disc whose edge fades out over a wide rim of one low alpha, on nothing."""
    y, x = np.mgrid[:64, :64] - 32
    far = np.hypot(y, x)
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[far < 30] = 0, 0, 0, alpha
    soft = far < 22
    pixels[soft] = np.dstack([128 + 3 * x, 128 + 3 * y, 100 + x, np.clip((22 - far) * 24, 0, 255)])[soft]
    return pixels


def test_what_is_hardly_there_takes_no_entry_of_few():
    for alpha in (1, 2):
        pixels = faint(alpha)
        found = hueclid.quantize(pixels, 8).palette.colors[:, 3]
        assert np.count_nonzero(found == 0) == 1
        assert found[found > 0].min() > 2
    histogram = Histogram.count(faint(2))
    ways = [(Look(space="srgb"), 8), (Look(), 17), (Look(), len(histogram))]
    assert all(look.visible(histogram, colors) is histogram for look, colors in ways)
    visible = Look().visible(histogram, 8)
    assert visible.total == histogram.total
    assert set(visible.colors[1:, 3]).isdisjoint({0, 1, 2})
    opaque = faint(2)[20:44, 20:44]
    assert Look().visible(Histogram.count(opaque), 8) == Histogram.count(opaque)


def test_every_front_leaves_out_what_is_hardly_there(tmp_path):
    pixels = faint(2)
    Image.fromarray(pixels).save(tmp_path / "faint.png")
    expected = hueclid.quantize(pixels, 8)
    (row,) = hueclid.curve(pixels, [8], optimize="fast")
    assert row.error == expected.palette.error
    call("quantize", tmp_path / "faint.png", "-k", 8, "--lossy", 0, "-o", tmp_path / "few.png")
    assert np.array_equal(decoded(tmp_path / "few.png"), expected.to_pixels())
