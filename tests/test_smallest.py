"""The smallest file that reaches a target, and the best picture that fits into a number of bytes."""

import math

import numpy as np
import pytest
from PIL import Image

import hueclid
from hueclid import TargetError, measure, quality_scale, smallest
from hueclid.codec import encode


def size(indexed):
    return len(encode(indexed, "png"))


@pytest.fixture(scope="module")
def picture(coffee):
    return coffee[:240, :320].copy()


@pytest.mark.parametrize("share", [0.9, 0.6, 0.4, 0.25, 0.12])
def test_budgets_are_kept_and_used(picture, share, monkeypatch):
    budget = int(share * size(hueclid.quantize(picture)))
    sizes, encoded = [], encode
    monkeypatch.setattr("hueclid.api.encode", lambda *args, **how: sizes.append(encoded(*args, **how)) or sizes[-1])
    found = hueclid.quantize(picture, max_bytes=budget)
    assert 0.97 * budget <= size(found) <= budget
    assert len(sizes) <= smallest.TRIALS


def test_a_budget_that_all_fit_into_costs_nothing(picture):
    assert hueclid.quantize(picture, max_bytes=10**6) == hueclid.quantize(picture)


@pytest.mark.parametrize("colors", [16, 64, 256])
@pytest.mark.parametrize(("height", "width"), [(80, 120), (64, 64), (7, 90)])
def test_thumbnails_lose_nothing_unasked_that_is_not_worth_it(height, width, colors, coffee):
    shrunk = Image.fromarray(coffee).resize((width, height), Image.Resampling.LANCZOS)
    thumbnail = np.asarray(shrunk)
    found, unharmed = hueclid.quantize(thumbnail, colors, lossy="auto"), hueclid.quantize(thumbnail, colors)
    if found != unharmed:
        lost = measure(thumbnail, unharmed).ssimulacra2 - measure(thumbnail, found).ssimulacra2
        sizes = [len(encode(indexed, "png", draft=True)) for indexed in (unharmed, found)]
        assert math.log(sizes[0] / sizes[1]) >= (0 if math.isnan(lost) else 0.02 * lost)
    asked = hueclid.quantize(thumbnail, colors, lossy=30)
    assert asked != unharmed


@pytest.mark.parametrize("target", [{"min_ssimulacra2": 60}, {"max_delta_e": 5.0}, {"min_psnr": 26.0}])
def test_the_smallest_is_smaller_than_the_fewest(picture, target):
    found, fewest = hueclid.quantize(picture, lossy="auto", **target), hueclid.quantize(picture, **target)
    quality = measure(picture, found)
    assert quality.ssimulacra2 >= target.get("min_ssimulacra2", -100)
    assert quality.delta_e <= target.get("max_delta_e", 100)
    assert quality.psnr >= target.get("min_psnr", 0)
    assert size(found) < size(fewest)


@pytest.mark.parametrize("score", [60, 70, 76])
def test_icons_reach_a_score_with_fewer_colors_where_a_loss_costs_more(score):
    y, x = np.mgrid[:96, :96]
    alpha = np.clip((44 - np.hypot(x - 48, y - 48)) * 70, 0, 255)
    icon = np.dstack([120 + 90 * np.sin(x / 17), 2 * y, 200 - x - y / 2, alpha])
    icon[20:50, 30:60, :3] = icon[20:50, 30:60, :3] * 0.3 + 170
    icon = icon.astype(np.uint8)
    found, fewest = (hueclid.quantize(icon, min_ssimulacra2=score, lossy=lossy) for lossy in ("auto", 0))
    assert measure(icon, found).ssimulacra2 >= score
    assert size(found) < 1.1 * size(fewest)


@pytest.mark.parametrize("score", [80, 90, 94])
def test_drawings_reach_a_score_with_fewer_colors_where_a_loss_costs_more(score):
    y, x = np.mgrid[:260, :320]
    image = np.full((260, 320, 3), 250.0)
    for number in range(56):  # the same rings again and again, with soft edges, in eight colors
        distance = np.hypot(x - 22 - 40 * (number % 8), y - 22 - 36 * (number // 8))
        share = np.clip(2.6 - abs(distance - 11), 0, 1)[..., None]
        image = image * (1 - share) + np.array([10 + 30 * (number % 8), 40, 220 - 25 * (number % 8)]) * share
    image = (image + 0.5).astype(np.uint8)
    found = hueclid.quantize(image, min_ssimulacra2=score, lossy="auto")
    quality = measure(image, found)
    assert quality.ssimulacra2 >= score
    others = [
        hueclid.quantize(image, colors, dither="none", fit=0, importance="uniform") for colors in (12, 24, 48, 96)
    ]
    reached = [
        other
        for other, looks in ((other, measure(image, other)) for other in others)
        if looks.ssimulacra2 >= score and looks.blurred_error <= max(quality.blurred_error, 0.01)
    ]
    assert reached
    assert size(found) <= min(map(size, reached))


def test_qualities_are_reached_or_as_good_as_it_gets(picture):
    found = hueclid.quantize(picture, quality="40-60")
    assert quality_scale.measure(picture, found) == pytest.approx(60.5, abs=0.6)
    best = hueclid.quantize(picture, 8)
    assert hueclid.quantize(picture, 8, quality="0-100") == best
    assert hueclid.quantize(picture, 8, quality="-100") == best


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"max_bytes": 20}, "bytes are the smallest file where 20 were allowed"),
        ({"quality": "99-100", "colors": 4}, "4 colors reach ssimulacra2"),
        ({"min_ssimulacra2": 99, "lossy": "auto"}, "256 colors reach ssimulacra2 .* where 99 was asked for"),
        ({"max_bytes": 9000, "min_ssimulacra2": 80}, "within 9,000 bytes, .* colors reach ssimulacra2"),
        ({"max_bytes": 9000, "quality": "80-90"}, "within 9,000 bytes, .* colors reach ssimulacra2"),
    ],
)
def test_what_is_out_of_reach_is_said(picture, options, said):
    with pytest.raises(TargetError, match=said):
        hueclid.quantize(picture, **options)


def test_other_dithers_give_up_colors_alone(picture):
    found = hueclid.quantize(picture, max_bytes=20_000, dither="bayer-8")
    assert size(found) <= 20_000
    colors = len(found.palette)
    assert found == hueclid.quantize(picture, colors, dither="bayer-8")
    assert size(hueclid.quantize(picture, 2 * colors, dither="bayer-8")) > 20_000


def test_flat_pictures_have_fewer_colors_where_these_are_enough():
    y, x = np.mgrid[:200, :300]
    image = np.full((200, 300, 3), 255, np.uint8)
    for number in range(40):  # discs with soft edges, as letters have
        distance = np.hypot(x - 20 - 31 * (number % 9), y - 20 - 37 * (number // 9))
        share = np.clip(11 - distance, 0, 1)[..., None]
        image = (image * (1 - share) + np.array([10, 20 + number, 3 * number]) * share + 0.5).astype(np.uint8)
    lossless, found = hueclid.quantize(image), hueclid.quantize(image, lossy=36)
    assert len(found.palette) < len(lossless.palette)
    assert size(found) < 0.9 * size(lossless)
    assert measure(image, found).ssimulacra2 > 84


@pytest.mark.parametrize("colors", [2, 3, 4, 8, 16])
def test_colors_that_are_missing_already_do_not_become_fewer(colors):
    tiles = np.random.default_rng(5).integers(0, 256, (10, 15, 3), np.uint8)
    opaque = tiles.repeat(20, axis=0).repeat(20, axis=1)
    holes = np.kron(np.arange(150).reshape(10, 15) % 7 > 0, np.ones((20, 20))) * 255
    for image in (opaque, np.dstack([opaque, holes.astype(np.uint8)])):
        assert len(hueclid.quantize(image, colors, lossy="auto").palette) == colors


def test_an_image_with_no_more_colors_stays_exact(photo):
    image = hueclid.quantize(photo, 60).to_pixels()
    assert np.array_equal(hueclid.quantize(image, 60, lossy=100).to_pixels(), image)


def test_few_colors_give_way_to_a_budget():
    y, x = np.mgrid[:96, :128]
    image = np.array([[20, 20, 30], [220, 60, 40], [240, 220, 90], [60, 120, 200]], np.uint8)[(x // 3 + y * y // 7) % 4]
    budget = int(0.8 * size(hueclid.quantize(image)))
    assert size(hueclid.quantize(image, max_bytes=budget)) <= budget
