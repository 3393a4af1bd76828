"""Pillow's `quantize`: the calls, results and errors of the original, and what works better."""

import io

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image
from strategies import pixels

import hueclid
from hueclid import Histogram, Indexed, Palette
from hueclid.compat.pillow import quantize

NONE, DIFFUSED = Image.Dither.NONE, Image.Dither.FLOYDSTEINBERG
METHODS = list(Image.Quantize)
OPAQUE = [Image.Quantize.MEDIANCUT, Image.Quantize.MAXCOVERAGE, Image.Quantize.FASTOCTREE]
pillows = Image.Image.quantize


@pytest.fixture
def picture(photo):
    return Image.fromarray(photo)


@pytest.fixture
def cutout(icon):
    return Image.fromarray(icon)


def palette_image(*colors, mode="RGB"):
    image = Image.new("P", (1, 1))
    image.putpalette(bytes(code for color in colors for code in color), mode)
    return image


def mean_error(a, b):
    """Mean absolute difference of the channels, added up, as Pillow's tests measure."""
    return np.abs(np.asarray(a, int) - np.asarray(b, int)).sum(-1).mean()


@given(pixels(), st.integers(1, 40), st.sampled_from([None, *METHODS]))
def test_as_many_colors_as_asked_for_all_used(image, colors, method):
    im = Image.fromarray(image)
    if im.mode == "RGBA" and method in OPAQUE[:2]:
        return
    result = quantize(im, colors, method, dither=NONE)
    expected = min(colors, len(Histogram.count(image)))
    assert (result.mode, result.size) == ("P", im.size)
    assert len(result.getcolors()) == expected
    assert result.palette.mode == ("RGBA" if im.mode == "RGBA" else "RGB")
    assert len(result.palette.palette) == expected * len(result.palette.mode)


@given(pixels())
def test_few_colors_come_back_exact(image):
    im = Image.fromarray(image)
    result = quantize(im).convert("RGBA")
    visible = oracle.widen(image)[..., 3] > 0
    assert np.array_equal(np.asarray(result)[visible], oracle.widen(image)[visible])
    assert np.array_equal(np.asarray(result)[..., 3], oracle.widen(image)[..., 3])


def test_the_default_is_quantize(photo, picture, icon, cutout):
    for image, im in ((photo, picture), (icon, cutout)):
        for dither, name in ((NONE, "none"), (DIFFUSED, "floyd-steinberg")):
            expected = hueclid.quantize(image, 16, dither=name)
            result = quantize(im, 16, dither=dither)
            assert np.array_equal(np.asarray(result), expected.indices)
            shown, wanted = np.asarray(result.convert("RGBA")), expected.to_pixels()
            assert np.array_equal(shown[..., 3], wanted[..., 3])
            assert np.array_equal(shown[wanted[..., 3] > 0], wanted[wanted[..., 3] > 0])


@pytest.mark.parametrize(("method", "name"), [*zip(METHODS, ["median-cut", "maxmin", "octree", "kmeans"], strict=True)])
def test_a_method_is_ours_in_srgb(photo, picture, method, name):
    palette = Palette.solve(Histogram.count(photo), 20, method=name, space="srgb")
    for number in (method, int(method)):
        result = quantize(picture, 20, number, dither=NONE)
        assert np.array_equal(np.asarray(result), Indexed.map(photo, palette, dither="none").indices)
        assert result.getpalette("RGB") == palette.colors[:, :3].ravel().tolist()


@pytest.mark.parametrize("method", OPAQUE)
def test_k_means_goes_on_from_a_method(picture, method):
    before, after = (quantize(picture, 16, method, kmeans=passes, dither=NONE) for passes in (0, 1))
    assert before.tobytes() != after.tobytes()
    square = [((np.asarray(i.convert("RGB"), int) - np.asarray(picture, int)) ** 2).mean() for i in (before, after)]
    assert square[1] < square[0]
    assert quantize(picture, 16, method, kmeans=5, dither=NONE).tobytes() == after.tobytes()


def test_dithering_works_without_a_palette():
    """Blocks of a ramp, mixed from four greys, are nearer to it than the four alone."""
    ramp = Image.fromarray(np.tile(np.arange(256, dtype=np.uint8), (64, 1)))

    def blocks(im):
        return np.asarray(im.convert("L"), float).reshape(8, 8, 32, 8).mean((1, 3))

    plain, mixed = (
        np.abs(blocks(quantize(ramp, 4, dither=dither)) - blocks(ramp)).mean() for dither in (NONE, DIFFUSED)
    )
    assert mixed < 0.6 * plain
    for method in METHODS:
        undithered, dithered = (quantize(ramp, 4, method, dither=dither) for dither in (NONE, DIFFUSED))
        assert undithered.tobytes() != dithered.tobytes()


def test_rgba_is_reduced_in_full_and_saved_so(cutout, icon):
    for method in (None, Image.Quantize.FASTOCTREE, Image.Quantize.LIBIMAGEQUANT):
        result = quantize(cutout, 24, method)
        assert result.palette.mode == "RGBA"
        assert result.convert().mode == "RGBA"
        back = np.asarray(result.convert("RGBA"))
        assert len(np.unique(back[..., 3])) > 2
        assert not back[icon[..., 3] == 0, 3].any()
        assert (back[icon[..., 3] == 255, 3] > 200).all()
        file = io.BytesIO()
        result.save(file, "PNG")
        with Image.open(file) as saved:
            assert saved.mode == "P"
            assert np.array_equal(np.asarray(saved.convert("RGBA")), back)


def test_what_is_transparent_has_the_color_of_its_first_pixel():
    im = Image.new("RGBA", (1, 3), (7, 8, 9, 0))
    im.putpixel((0, 1), (255, 255, 255, 0))
    im.putpixel((0, 2), (1, 2, 3, 255))
    result = quantize(im)
    assert [result.getpixel((0, y)) for y in range(3)] == [0, 0, 1]
    assert result.convert("RGB").getpixel((0, 1)) == (7, 8, 9)


@pytest.mark.parametrize("mode", ["L", "RGB", "P"])
def test_a_transparent_color_of_other_modes_is_kept(picture, mode):
    im = picture.convert(mode)
    before = im.convert("RGBA")
    clear = im.getpixel((3, 3))
    im.info["transparency"] = clear
    expected = im.convert("RGBA")
    assert expected.getpixel((3, 3))[3] == 0
    result = quantize(im, 64)
    assert result.palette.mode == "RGBA"
    assert "transparency" not in result.info
    assert np.array_equal(np.asarray(result.convert("RGBA"))[..., 3], np.asarray(expected)[..., 3])
    assert result.convert("RGB").getpixel((3, 3)) == before.getpixel((3, 3))[:3]


def test_modes_keep_their_colors(picture):
    for im in (picture.convert("L"), picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=99)):
        result = quantize(im)
        assert result.palette.mode == "RGB"
        assert np.array_equal(np.asarray(result.convert("RGB")), np.asarray(im.convert("RGB")))


@given(
    hnp.arrays(np.uint8, st.tuples(st.integers(1, 8), st.integers(1, 8), st.just(3))),
    st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=30),
)
def test_a_given_palette_is_kept_and_the_nearest_entry_taken(image, colors):
    colors = colors + colors[:1]  # of equal entries the first is taken
    palette = palette_image(*colors)
    for im in (Image.fromarray(image), Image.fromarray(np.ascontiguousarray(image[..., 0]))):
        result = quantize(im, palette=palette, dither=NONE)
        points = np.asarray(im.convert("RGB")).reshape(-1, 3).astype(float)
        labels, _ = oracle.nearest(points, np.array(colors, float))
        assert np.array_equal(np.asarray(result).ravel(), labels)
        assert bytes(result.palette.palette) == bytes(palette.palette.palette)
        dithered = quantize(im, 1, palette=palette)
        assert dithered.getpalette() == result.getpalette()
        assert max(dithered.tobytes()) < len(colors) - 1


def test_a_given_palette_may_have_transparent_entries(picture):
    colors = [(255, 255, 255, 0), (0, 0, 0, 255), (200, 100, 50, 255)]
    result = quantize(picture, palette=palette_image(*colors, mode="RGBA"))
    assert result.palette.mode == "RGBA"
    assert result.getpalette("RGBA") == [code for color in colors for code in color]
    assert {index for _, index in result.getcolors()} == {1, 2}


CALLS = [
    ("RGB", {"colors": 0}),
    ("RGB", {"colors": 257}),
    ("RGB", {"colors": 2.5}),
    ("RGB", {"method": 7}),
    ("RGB", {"method": "octree"}),
    ("RGB", {"kmeans": -1}),
    ("RGB", {"kmeans": 1.5}),
    ("RGBA", {"method": 0}),
    ("RGBA", {"method": Image.Quantize.MAXCOVERAGE}),
    ("LA", {}),
    ("LA", {"method": 2}),
    ("I", {}),
    ("F", {}),
    ("CMYK", {}),
    ("1", {}),
    ("RGB", {"palette": "RGB"}),
    ("RGBA", {"palette": "P"}),
    ("CMYK", {"palette": "P"}),
    ("RGB", {"palette": "P", "dither": None}),
    ("RGB", {"palette": "P", "dither": "none"}),
]


@pytest.mark.parametrize(("mode", "given"), CALLS, ids=str)
def test_errors_are_those_of_pillow(mode, given):
    kind = given.get("palette")
    if kind:
        given = {**given, "palette": palette_image((0, 0, 0)) if kind == "P" else Image.new(kind, (1, 1))}
    im = Image.new(mode, (3, 2))
    with pytest.raises((TypeError, ValueError)) as expected:
        pillows(im, **given)
    with pytest.raises(expected.type) as got:
        quantize(im, **given)
    assert str(got.value).startswith(str(expected.value))


def test_an_empty_palette_is_an_error(picture):
    with pytest.raises(ValueError, match=r"^empty palette"):
        quantize(picture, palette=Image.new("P", (1, 1)))


@pytest.mark.parametrize("size", [(0, 0), (0, 3), (3, 0)])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P"])
def test_nothing_stays_nothing(size, mode):
    im = Image.new(mode, size)
    assert (quantize(im).mode, quantize(im).size) == ("P", size)
    if mode in ("L", "RGB"):
        assert quantize(im, palette=palette_image((0, 0, 0))).size == size


def test_the_image_is_left_alone_and_its_info_handed_on(picture):
    picture.info["dpi"] = (72, 72)
    before = picture.tobytes()
    result = quantize(picture, 4)
    assert result.info == {"dpi": (72, 72)}
    result.info["dpi"] = result.putpixel((0, 0), 0)
    assert picture.info == {"dpi": (72, 72)}
    assert (picture.mode, picture.tobytes()) == ("RGB", before)


def test_an_image_of_a_file_is_loaded(picture):
    file = io.BytesIO()
    picture.save(file, "PNG")
    with Image.open(file) as im:
        assert quantize(im, 9).tobytes() == quantize(picture, 9).tobytes()


def test_in_the_place_of_pillows(monkeypatch, picture, cutout):
    """What Pillow's own tests ask of `quantize`, said again."""
    monkeypatch.setattr(Image.Image, "quantize", quantize)
    assert mean_error(picture.quantize().convert("RGB"), picture) <= 10
    onto = picture.quantize(palette=picture.convert("P"))
    assert mean_error(onto.convert("RGB"), picture) <= 60
    octree = picture.quantize(100, Image.Quantize.FASTOCTREE)
    assert len(octree.getcolors()) == 100
    assert mean_error(octree.convert("RGB"), picture) <= 20
    best = picture.quantize(100, Image.Quantize.LIBIMAGEQUANT)
    assert len(best.getcolors()) == 100
    assert mean_error(best.convert("RGB"), picture) <= 15
    with pytest.raises(ValueError, match="only valid methods for quantizing RGBA"):
        cutout.quantize(method=0)
    assert cutout.quantize().convert().mode == "RGBA"
    assert len(picture.quantize(2).palette.palette) == 6
    greys = Image.new("RGB", (9, 1))
    for x in range(9):
        greys.putpixel((x, 0), (4 * x,) * 3)
    halves = greys.quantize(palette=palette_image((0, 0, 0), (32, 32, 32)), dither=Image.Dither.NONE)
    assert halves.tobytes() == bytes([0] * 5 + [1] * 4)
    web = picture.convert("P")
    assert picture.quantize(palette=web, dither=1).tobytes() != picture.quantize(palette=web, dither=0).tobytes()
    for method, color in [*((method, (0, 0, 0)) for method in OPAQUE), (Image.Quantize.FASTOCTREE, (0, 0, 0, 0))]:
        one = Image.new("RGBA" if len(color) == 4 else "RGB", (1, 1), color).quantize(method=method)
        assert one.getpixel((0, 0)) == one.palette.colors[color]
    assert len(picture.quantize(palette=palette_image((255, 0, 0), (0, 0, 255))).getcolors()) == 2
    assert picture.convert("RGBA").convert("P").mode == "P"  # which calls it
