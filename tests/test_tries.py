"""Of several looks the nearest to the eye is kept."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

import hueclid
from hueclid import Histogram, Indexed, Palette
from hueclid.look import Look
from hueclid.quality import Original
from hueclid.tries import Judge, Kind, kind_of, nearest, others


def made(image, look, colors):
    palette = Palette.solve(
        look.count(image), colors, anchors=look.anchors(image), space=look.space, effort=look.effort_of_search(colors)
    )
    return look.map(image, palette)


@pytest.fixture(scope="module")
def drawing():
    """Flat areas, a gradient and soft edges."""
    y, x = np.mgrid[:60, :80]
    image = np.stack([3 * x, 4 * y, 255 - 2 * x - y], axis=-1).astype(np.uint8)
    image[10:30, 10:40] = 230, 40, 30
    image[35:55, 20:70] = 250, 250, 245
    ring = np.clip((np.hypot(y - 30, x - 50) - 12) * 64, 0, 255)[..., None]
    return (image * (ring / 255) + 20 * (1 - ring / 255)).astype(np.uint8)


@pytest.mark.parametrize("effort", ["balanced", "best"])
@pytest.mark.parametrize("colors", [4, 16, 64])
def test_none_that_was_tried_is_nearer(drawing, effort, colors):
    look = Look(effort=effort)
    original = Original(drawing)
    found = original.ssimulacra2(hueclid.quantize(drawing, colors, effort=effort))
    first = look.of_effort("balanced")
    kind = kind_of(drawing, len(Histogram.count(drawing)), flat=True, thorough=effort == "best")
    tried = [first, *others(first, kind, colors)]
    assert len(tried) > 1
    assert found >= max(original.ssimulacra2(made(drawing, way, colors)) for way in tried)


@pytest.mark.parametrize("colors", [4, 16, 64])
def test_best_is_never_farther_than_balanced(photo, icon, colors):
    for image in (photo, icon):
        judge = Judge(image, threads=0)
        scores = [judge.score(hueclid.quantize(image, colors, effort=e)) for e in ("balanced", "best")]
        assert scores[0] <= scores[1]


def test_the_palette_is_in_the_space_asked_for(drawing):
    found = hueclid.quantize(drawing, 32)
    assert found.palette.space == "oklab"
    assert found.palette == found.palette.recounted(drawing)
    assert found.palette.error == found.palette.recounted(drawing).error


@pytest.mark.parametrize(
    "asked",
    [{"space": "srgb"}, {"effort": "fast"}, {"method": "wu"}, {"time_limit": 60.0}, {"space": "srgb", "fit": 2}],
)
def test_what_is_not_to_please_the_eye_is_made_once(drawing, asked, monkeypatch):
    solve, solved = Palette.solve.__func__, []

    def counted(cls, histogram, colors, **more):
        solved.append(colors)
        return solve(cls, histogram, colors, **more)

    monkeypatch.setattr(Palette, "solve", classmethod(counted))
    hueclid.quantize(drawing, 16, **asked)
    assert solved == [16]


def test_what_was_said_stays(drawing):
    importance = np.full(drawing.shape[:2], 7, np.uint8)
    looks = [
        Look(mapping={"dither": "bayer-8"}),
        Look(mapping={"dither_strength": 0.5}),
        Look(mapping={"dither_path": "raster"}),
        Look(mapping={"dither_mask": importance}),
    ]
    drawn = [Kind(drawn=True), Kind(drawn=True, sparse=True)]
    for kind, look in itertools.product([Kind(small=True), *drawn, Kind(rich=True), Kind(grey=True)], looks):
        for way in others(replace(look, importance=importance, effort="best"), kind, 16):
            assert way.mapping == look.mapping
            assert way.importance is importance


@pytest.mark.parametrize("effort", ["balanced", "best"])
def test_small_pictures_take_any_path(photo, effort):
    assert len(hueclid.quantize(photo[:40, :50], 8, dither_path="raster", effort=effort).palette) == 8


@pytest.mark.parametrize(("height", "width"), [(256, 257), (1024, 1025)])
def test_large_pictures_are_made_once_unless_time_does_not_matter(height, width):
    image = np.zeros((height, width, 3), np.uint8)
    image[0, 0, 0] = 1
    flat = height * width > 1 << 20

    def ways(image, effort="balanced"):
        thorough = effort == "best"
        return list(others(Look(effort=effort), kind_of(image, 1000, flat=flat, thorough=thorough), 16))

    assert not ways(image)
    assert ways(image[1:])
    assert ways(image, effort="best")


def test_what_a_picture_is_like(photo, drawing, icon):
    large = np.tile(photo, (4, 4, 1))
    assert kind_of(large, 40_000, flat=False, thorough=True) == Kind()
    assert kind_of(large, 40_000, flat=True, thorough=False) == Kind(rich=True)
    area = large.shape[0] * large.shape[1]
    assert kind_of(large, area // 30, flat=True, thorough=False) == Kind(drawn=True)
    assert kind_of(large, 300, flat=True, thorough=False) == Kind(drawn=True, sparse=True)
    assert kind_of(drawing, 3000, flat=True, thorough=False) == Kind(small=True, drawn=True)
    assert kind_of(icon, 3000, flat=False, thorough=False) == Kind(small=True)
    for greys in (large[..., 0], large[..., :1].repeat(3, axis=-1)):
        assert kind_of(greys, 256, flat=False, thorough=False) == Kind(grey=True)
    assert not kind_of(
        np.dstack([large[..., :1].repeat(3, axis=-1), large[..., 1]]), 256, flat=False, thorough=False
    ).grey


def test_drawings_of_many_colors_are_tried_in_few():
    assert not list(others(Look(), Kind(drawn=True), 64))
    assert list(others(Look(), Kind(drawn=True), 16))
    assert list(others(Look(), Kind(drawn=True, sparse=True), 64))


@pytest.mark.parametrize("colors", [16, 64])
def test_greys_come_nearer_in_srgb(photo, colors):
    grey = np.tile(photo[..., 1], (4, 4))
    original = Original(grey)
    softer = made(grey, Look(space="srgb", importance="uniform", fit=2, mapping={"dither_strength": 0.7}), colors)
    assert original.ssimulacra2(hueclid.quantize(grey, colors)) >= original.ssimulacra2(softer)


def test_drawings_of_few_colors_are_polished(drawing):
    large = np.tile(drawing, (6, 6, 1))
    original = Original(large)
    found = original.ssimulacra2(hueclid.quantize(large, 16))
    assert found > max(
        original.ssimulacra2(made(large, way, 16)) for way in [Look(), *others(Look(), Kind(drawn=True), 16)]
    )


def test_too_small_to_be_judged(drawing):
    image = np.ascontiguousarray(drawing[:7])
    look = Look()
    found = nearest(image, 8, look, lambda way, colors: made(image, way, colors), distinct=500)
    assert isinstance(found, Indexed)
    assert found == made(image, look, 8)
    assert found == hueclid.quantize(image, 8)


def test_no_more_colors_stay_exact(drawing):
    few = hueclid.quantize(drawing, 20).to_pixels()
    assert np.array_equal(hueclid.quantize(few, len(Histogram.count(few)), effort="best").to_pixels(), few)


@pytest.mark.parametrize("colors", [4, 16, 64])
def test_polished_is_nearer(photo, colors):
    original = Original(photo)
    plain = original.ssimulacra2(hueclid.quantize(photo, colors, effort="best", fit=4, direct_search=1))
    assert original.ssimulacra2(hueclid.quantize(photo, colors, effort="best")) > plain


@pytest.mark.parametrize("effort", ["balanced", "best"])
def test_polished_is_the_same_on_any_number_of_threads(photo, icon, effort):
    for image in (photo, icon):
        one, two = (hueclid.quantize(image, 24, effort=effort, threads=threads) for threads in (1, 2))
        assert one == two


def test_what_is_pinned_is_not_polished_away(photo):
    pinned = [(255, 0, 0, 255), (1, 2, 3, 255)]
    found = hueclid.quantize(photo, 8, effort="best", pinned=pinned)
    assert found.palette.colors[:2].tolist() == [list(color) for color in pinned]
    assert len(np.unique(found.palette.colors, axis=0)) == 8


def test_opaque_pixels_stay_opaque(icon):
    whole = icon[..., 3] == 255
    for colors in (8, 64):
        found = hueclid.quantize(icon, colors, effort="best").to_pixels()
        assert (found[whole][:, 3] == 255).all()
        assert (found[icon[..., 3] == 0][:, 3] == 0).all()


def test_polishing_refuses_what_it_cannot_do(photo):
    indexed = hueclid.quantize(photo, 300)
    with pytest.raises(ValueError, match="up to 256"):
        indexed.polished(photo)
    with pytest.raises(ValueError, match="as large"):
        hueclid.quantize(photo, 30).polished(photo[1:])
    with pytest.raises(ValueError, match="rounds must be an integer from 0 to 100, got -1"):
        hueclid.quantize(photo, 30).polished(photo, rounds=-1)


def test_polishing_what_is_too_small_changes_nothing(drawing):
    image = np.ascontiguousarray(drawing[:7])
    indexed = hueclid.quantize(image, 8)
    assert indexed.polished(image) == indexed


@pytest.mark.parametrize("colors", [8, 32])
def test_small_pictures_are_polished_from_two_starts(icon, colors):
    judge, look = Judge(icon, threads=0), Look()
    looks = [look, *others(look, Kind(small=True), colors)]
    results = [(way.mapping.get("dither") == "none", made(icon, way, colors)) for way in looks]
    kinds = [[result for plain, result in results if plain == kind] for kind in (False, True)]
    starts = [max(some, key=judge.score) for some in kinds]
    ends = [Indexed(replace(one.palette, space="oklab"), one.indices).polished(icon, rounds=12) for one in starts]
    assert judge.score(hueclid.quantize(icon, colors)) >= max(map(judge.score, ends))
