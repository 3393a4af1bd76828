"""Fewer levels of alpha: what stays, what looks the same on its page, and what is refused."""

import io
import json

import numpy as np
import pytest
from command import call
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

import hueclid
from hueclid import reduce_alpha
from hueclid.errors import WriteError

images = arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(4)))
colors = st.tuples(*[st.integers(0, 255)] * 3)
alphas = st.one_of(st.sampled_from(["full", "binary"]), st.integers(2, 256))


def over(pixels, page):
    """The colors of pixels on a page, not rounded."""
    alpha = pixels[..., 3:] / 255
    return pixels[..., :3] * alpha + np.array(page) * (1 - alpha)


@given(image=images, alpha=alphas)
def test_ends_stay_and_only_levels_are_left(image, alpha):
    before = image.copy()
    result = reduce_alpha(image, alpha)
    assert np.array_equal(image, before)
    clear, opaque = image[..., 3] == 0, image[..., 3] == 255
    assert np.array_equal(result[opaque], image[opaque])
    assert not result[clear][:, 3].any()
    steps = {"full": 255, "binary": 1}.get(alpha, alpha if isinstance(alpha, str) else alpha - 1)
    levels = np.floor(np.arange(steps + 1) * 255 / steps + 0.5)
    assert np.isin(result[..., 3], levels).all()
    kept = result[..., 3] > 0
    assert np.array_equal(result[kept][:, :3], image[kept][:, :3])


@given(image=images, alpha=alphas)
def test_the_level_is_the_nearest(image, alpha):
    steps = {"full": 255, "binary": 1}.get(alpha, alpha if isinstance(alpha, str) else alpha - 1)
    missed = np.abs(reduce_alpha(image, alpha)[..., 3].astype(int) - image[..., 3])
    assert missed.max() <= 255 / steps / 2 + 0.5


@given(image=images, threshold=st.integers(1, 255))
def test_a_threshold_is_the_least_alpha_that_is_opaque(image, threshold):
    result = reduce_alpha(image, "binary", alpha_threshold=threshold)
    assert np.array_equal(result[..., 3], np.where(image[..., 3] >= threshold, 255, 0))


@given(image=images, page=colors)
def test_all_over_a_matte_is_what_browsers_show(image, page):
    result = reduce_alpha(image, matte=page)
    if image[..., 3].min() < 255:
        assert (result[..., 3] == 255).all()
        assert np.array_equal(result[..., :3], np.floor(over(image, page) + 0.5))


@given(image=images, page=colors, alpha=st.one_of(st.just("binary"), st.integers(2, 256)))
def test_what_stays_looks_on_the_matte_as_it_did(image, page, alpha):
    """Where alpha grew, so that no color lies beyond what there is: but for the rounding of colors."""
    result = reduce_alpha(image, alpha, matte=page)
    grew = (result[..., 3] >= image[..., 3]) & (result[..., 3] > 0)
    assert np.abs(over(result, page) - over(image, page))[grew].max(initial=0) <= 0.5 + 1e-9


@given(alpha=st.integers(1, 254), color=colors, levels=st.one_of(st.just("binary"), st.integers(2, 16)))
def test_dithered_alpha_keeps_its_mean(alpha, color, levels):
    image = np.full((32, 32, 4), (*color, alpha), np.uint8)
    result = reduce_alpha(image, levels, alpha_dither="floyd-steinberg")
    assert abs(result[..., 3].mean() - alpha) < 8
    assert np.isin(result[result[..., 3] > 0][:, :3], color).all()


@given(image=images, levels=st.one_of(st.just("binary"), st.integers(2, 16)))
def test_dithered_alpha_leaves_what_is_opaque_or_transparent(image, levels):
    image[..., 3][image[..., 3] < 90] = 0
    result = reduce_alpha(image, levels, alpha_dither="floyd-steinberg")
    assert np.array_equal(result[image[..., 3] == 255], image[image[..., 3] == 255])
    assert not result[image[..., 3] == 0].any()


def test_dithered_alpha_equals_its_slow_twin(icon):
    image = icon[::2, ::2]
    wanted = np.zeros((image.shape[0] + 1, image.shape[1] + 2), np.float32)
    wanted[:-1, 1:-1] = image[..., 3]
    for y, row in enumerate(image):
        step = 1 if y % 2 == 0 else -1
        for x in range(image.shape[1])[::step]:
            if 0 < row[x, 3] < 255:
                level = np.clip(np.round(wanted[y, x + 1] / 85), 0, 3) * 85
                error, wanted[y, x + 1] = wanted[y, x + 1] - level, level
                for down, ahead, share in ((0, 1, 7), (1, -1, 3), (1, 0, 5), (1, 1, 1)):
                    wanted[y + down, x + 1 + ahead * step] += error * np.float32(share / 16)
            else:
                wanted[y, x + 1] = row[x, 3]
    result = reduce_alpha(image, 4, alpha_dither="floyd-steinberg")
    assert (result[..., 3] != wanted[:-1, 1:-1]).mean() < 0.01  # sums of another order round otherwise


@given(image=images, alpha=alphas, page=st.one_of(st.none(), colors))
def test_threads_never_change_the_result(image, alpha, page):
    assert np.array_equal(*[reduce_alpha(image, alpha, matte=page, threads=threads) for threads in (1, 3)])


@given(image=images, alpha=alphas, page=st.one_of(st.none(), colors))
def test_the_color_of_what_is_transparent_never_matters(image, alpha, page):
    other = image.copy()
    other[image[..., 3] == 0] = (9, 8, 7, 0)
    first, second = reduce_alpha(image, alpha, matte=page), reduce_alpha(other, alpha, matte=page)
    assert hueclid.Histogram.count(first) == hueclid.Histogram.count(second)


@pytest.mark.parametrize("shape", [(5, 6), (5, 6, 3), (5, 6, 4)])
def test_opaque_pixels_are_returned_as_they_are(shape):
    image = np.full(shape, 255, np.uint8)
    for options in ({}, {"alpha": "binary"}, {"alpha": 9}, {"matte": "#123456"}):
        assert np.shares_memory(reduce_alpha(image, **options), image)


@pytest.mark.parametrize("options", [{}, {"alpha": "binary"}, {"alpha": 3, "alpha_dither": "floyd-steinberg"}])
def test_what_is_all_transparent_is_one_color(options):
    indexed = hueclid.quantize(np.full((7, 5, 4), (200, 100, 50, 0), np.uint8), 16, **options)
    assert indexed.palette.colors.tolist() == [[0, 0, 0, 0]]
    assert not indexed.indices.any()


def test_what_is_all_transparent_takes_the_color_of_its_matte():
    indexed = hueclid.quantize(np.zeros((7, 5, 4), np.uint8), 16, matte="#102030")
    assert indexed.palette.hex() == ["#102030"]


@pytest.mark.parametrize(("alpha", "expected"), [("binary", 255), (2, 255), (3, 128), (256, 150)])
def test_an_image_of_one_alpha(photo, alpha, expected):
    image = np.dstack([photo[:40, :40], np.full((40, 40), 150, np.uint8)])
    assert (hueclid.quantize(image, 8, alpha=alpha).palette.colors[:, 3] == expected).all()


def test_quantize_reduces_before_it_counts(icon):
    options = {"alpha": "binary", "alpha_threshold": 60, "matte": "#ff8800"}
    expected = hueclid.quantize(reduce_alpha(icon, **options), 20)
    assert hueclid.quantize(icon, 20, **options) == expected


@pytest.mark.parametrize("dither", ["none", "floyd-steinberg"])
@pytest.mark.parametrize("space", ["oklab", "srgb"])
@pytest.mark.parametrize("k", [3, 16, 200])
def test_opaque_stays_opaque_and_transparent_transparent(icon, k, dither, space):
    result = hueclid.quantize(icon, k, dither=dither, space=space).to_pixels()
    assert (result[icon[..., 3] == 255][:, 3] == 255).all()
    assert (result[icon[..., 3] == 0][:, 3] == 0).all()


@given(image=images, entries=st.lists(st.tuples(*[st.integers(0, 255)] * 4), min_size=2, max_size=9, unique=True))
@pytest.mark.parametrize("dither", ["none", "floyd-steinberg"])
def test_opaque_pixels_get_opaque_entries_of_any_palette(image, entries, dither):
    image[..., 3][image[..., 3] > 99] = 255
    palette = hueclid.Palette.from_colors(
        [*entries, (10, 20, 30, 255)] if (10, 20, 30, 255) not in entries else entries
    )
    result = hueclid.Indexed.map(image, palette, dither=dither).to_pixels()
    assert (result[image[..., 3] == 255][:, 3] == 255).all()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"alpha": "some"},
            ValueError,
            "alpha must be one of 'full', 'binary', or an integer from 2 to 256, got 'some'",
        ),
        ({"alpha": 1}, ValueError, "alpha must be .* got 1"),
        ({"alpha": 257}, ValueError, "alpha must be .* got 257"),
        ({"alpha": 2.5}, TypeError, "alpha must be .* got 2.5"),
        ({"alpha": None}, TypeError, "alpha must be .* got None"),
        ({"alpha": "binary", "alpha_threshold": 0}, ValueError, "alpha_threshold must be an integer from 1 to 255"),
        ({"alpha_threshold": 9}, ValueError, "alpha_threshold must be left out unless alpha is 'binary'"),
        ({"alpha": 2, "alpha_threshold": 9}, ValueError, "alpha_threshold must be left out unless"),
        (
            {"alpha": "binary", "alpha_threshold": 9, "alpha_dither": "floyd-steinberg"},
            ValueError,
            "and not dithered, got 9",
        ),
        ({"alpha_dither": "floyd-steinberg"}, ValueError, "alpha_dither must be left out where alpha is 'full'"),
        ({"alpha": 4, "alpha_dither": "bayer"}, ValueError, "alpha_dither must be one of"),
        (
            {"alpha": 4, "alpha_dither": "floyd-steinberg", "matte": "#ffffff"},
            ValueError,
            "matte must be left out where alpha is dithered",
        ),
        (
            {"matte": "white"},
            ValueError,
            "matte must be a color, as '#ffffff' or three integers from 0 to 255, got 'white'",
        ),
        ({"matte": "#fffffff"}, ValueError, "matte must be a color"),
        ({"matte": (1, 2, 256)}, ValueError, "matte must be a color"),
        ({"matte": (1, 2)}, TypeError, "matte must be a color"),
        ({"matte": (1, 2, 3, 4)}, TypeError, "matte must be a color"),
        ({"matte": 7}, TypeError, "matte must be a color"),
    ],
)
def test_refusals(options, error, message):
    image = np.zeros((3, 3, 4), np.uint8)
    for function in (reduce_alpha, hueclid.quantize):
        with pytest.raises(error, match=message):
            function(image, **options)


@pytest.mark.parametrize("matte", ["#0a141e", "0A141E", (10, 20, 30), np.array([10, 20, 30])])
def test_a_matte_is_named_in_several_ways(matte):
    assert reduce_alpha(np.zeros((1, 1, 4), np.uint8), matte=matte).tolist() == [[[10, 20, 30, 255]]]


def test_binary_alpha_goes_into_a_gif(icon, tmp_path):
    with pytest.raises(WriteError, match=r"GIF holds one transparent color.* or binary alpha"):
        hueclid.quantize(icon, 16).save(tmp_path / "icon.gif")
    indexed = hueclid.quantize(icon, 16, alpha="binary")
    indexed.save(tmp_path / "icon.gif")
    assert np.array_equal(hueclid.read(tmp_path / "icon.gif")[..., 3], np.where(icon[..., 3] >= 128, 255, 0))


def test_a_matte_goes_into_a_bmp(icon):
    with pytest.raises(WriteError, match=r"BMP holds opaque colors only.* or a matte"):
        hueclid.quantize(icon, 16).save(io.BytesIO(), "bmp")
    file = io.BytesIO()
    hueclid.quantize(icon, 16, matte="#ffffff").save(file, "bmp")
    assert hueclid.read(file.getvalue()).shape == (*icon.shape[:2], 3)


@pytest.fixture
def drawn(icon, tmp_path):
    """A file with soft edges."""
    path = tmp_path / "icon.png"
    Image.fromarray(icon).save(path)
    return path


@pytest.mark.parametrize("words", [("-o", "icon.gif"), ("--format", "gif")])
def test_the_command_line_takes_binary_alpha_for_a_gif(drawn, words, monkeypatch):
    monkeypatch.chdir(drawn.parent)
    result = call("quantize", drawn.name, "-k", 16, *words, "--json")
    assert result.exit_code == 0, result.stderr
    expected = hueclid.quantize(drawn, 16, alpha="binary", lossy="auto", lossy_for="gif")
    assert np.array_equal(hueclid.read(json.loads(result.stdout)["output"]), expected.to_pixels())


def test_the_command_line_keeps_what_is_asked_for(drawn, tmp_path):
    result = call("quantize", drawn, "--alpha", "full", "-o", tmp_path / "icon.gif")
    assert (result.exit_code, "binary alpha" in " ".join(result.stderr.split())) == (1, True)
    assert not (tmp_path / "icon.gif").exists()
    words = ("--alpha", 5, "--alpha-dither", "floyd-steinberg")
    assert call("quantize", drawn, *words, "-o", tmp_path / "5.png").exit_code == 0
    assert set(hueclid.read(tmp_path / "5.png")[..., 3].ravel()) <= {0, 64, 128, 191, 255}
    assert call("quantize", drawn, "--matte", "#336699", "-o", tmp_path / "m.bmp").exit_code == 0
    assert hueclid.read(tmp_path / "m.bmp")[0, 0].tolist() == [0x33, 0x66, 0x99]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--alpha", "half"], "must be one of 'full', 'binary', or an integer from 2 to 256"),
        (["--alpha", "1"], "or an integer from 2 to 256"),
        (["--alpha-threshold", "9"], "must be left out unless alpha is 'binary'"),
        (["--alpha-dither", "floyd-steinberg"], "must be left out where alpha is 'full'"),
        (["--matte", "white"], "must be a color"),
    ],
)
def test_the_command_line_refuses(drawn, words, message):
    result = call("quantize", drawn, *words)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.replace("│", " ").split())
    assert [path.name for path in drawn.parent.iterdir()] == ["icon.png"]
