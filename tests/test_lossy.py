"""Indices chosen with the file in mind."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import palettes, pixels

import hueclid
from hueclid import Histogram, Indexed, Palette, measure
from hueclid.codec import encode
from hueclid.flat import flat_colors
from hueclid.look import Look
from hueclid.lossy import SAFE, unasked, worth
from hueclid.options import LOSSY_FOR, OPTIMIZE

LOSSES = st.sampled_from([0.5, 10.0, 36.0, 100.0])
DITHERS = st.sampled_from(["none", "floyd-steinberg"])


def size(indexed: Indexed) -> int:
    return len(encode(indexed, "png"))


def solved(image, colors=64):
    return Palette.solve(Histogram.count(image), colors)


@given(pixels(), palettes(), LOSSES, DITHERS)
def test_threads_change_nothing(image, palette, lossy, dither):
    image = np.tile(image, (40, 1) if image.ndim == 2 else (40, 1, 1))
    one, many = (Indexed.map(image, palette, lossy=lossy, dither=dither, threads=threads) for threads in (1, 8))
    assert one == many


@given(pixels(channels=(4,)), palettes(), LOSSES, DITHERS)
def test_opaque_stays_opaque_and_clear_stays_clear(image, palette, lossy, dither):
    result = Indexed.map(image, palette, lossy=lossy, dither=dither).to_pixels()
    alphas = palette.colors[:, 3]
    if 255 in alphas:
        assert (result[image[..., 3] == 255][:, 3] == 255).all()
    if 0 in alphas:
        assert (result[image[..., 3] == 0][:, 3] == 0).all()


@given(pixels(), LOSSES)
def test_no_loss_is_the_nearest_and_a_little_finds_exact_colors(image, lossy):
    palette = solved(image)
    nearest = Indexed.map(image, palette, dither="none")
    assert Indexed.map(image, palette, dither="none", lossy=0) == nearest
    assert np.array_equal(Indexed.map(image, palette, lossy=1e-3).to_pixels(), nearest.to_pixels())


def test_flat_areas_keep_their_colors(photo):
    image = np.full((300, 400, 3), 250, np.uint8)
    image[50:250, 100:300] = photo
    image[:40, :40] = (20, 90, 200)
    flat = {tuple(color[:3]) for color in flat_colors(image).tolist()}
    assert flat == {(250, 250, 250), (20, 90, 200)}
    result = hueclid.quantize(image, 32, lossy=60).to_pixels()[..., :3]
    assert np.array_equal(result[:40, :40], image[:40, :40])
    assert np.array_equal(result[:, 310:], image[:, 310:])


@pytest.mark.parametrize("image", ["photo", "icon"])
def test_more_loss_is_fewer_bytes_and_a_lower_score(image, request):
    image = request.getfixturevalue(image)
    look = Look()
    palette = Palette.solve(look.count(image), 256)
    results = [look.map(image, palette, lossy=lossy) for lossy in (0.0, 15.0, 30.0, 50.0, 80.0)]
    sizes = [size(result) for result in results]
    scores = [measure(image, result).ssimulacra2 for result in results]
    assert sizes == sorted(sizes, reverse=True)
    # The palette is fitted once more to what was chosen at a loss, which may gain a little.
    assert all(less < more + 0.5 for more, less in pairwise(scores))
    assert scores[4] < scores[2] - 5 < scores[0] - 5
    assert sizes[2] < 0.9 * sizes[0]


def test_a_little_loss_is_dithered_as_none_is():
    y, x = np.mgrid[:160, :160] / 159
    smooth = np.dstack([255 * x, 255 * y, 255 * (1 - x) * y + 60 * x]).astype(np.uint8)
    results = [hueclid.quantize(smooth, lossy=lossy, effort="fast") for lossy in (0.0, 5.0, 60.0)]
    none, little, much = (measure(smooth, result).blurred_error for result in results)
    assert little < 1.08 * none < much


def test_loss_is_worth_its_bits(photo):
    look = Look()
    palette = Palette.solve(look.count(photo), 64)
    for lossy in (20.0, 36.0, 60.0):
        plain, chosen = look.map(photo, palette), look.map(photo, palette, lossy=lossy)
        bits = [8 * size(result) + look.cost(photo, result, lossy, 64) for result in (plain, chosen)]
        assert bits[1] < bits[0]


def test_the_palette_is_fitted_to_what_the_loss_made(photo):
    palette = solved(photo)
    fitted = Indexed.map(photo, palette, fit=2, seen=True).palette
    lossy = Indexed.map(photo, palette, fit=2, seen=True, lossy=36)
    assert measure(photo, lossy).blurred_error < measure(photo, Indexed(fitted, lossy.indices)).blurred_error
    assert Indexed.map(photo, palette, lossy=36).palette == palette


def test_few_colors_save_by_the_same_dial(photo):
    look = Look()
    shares = []
    for colors in (256, 16):
        palette = Palette.solve(look.count(photo), colors)
        plain, chosen = (size(look.map(photo, palette, lossy=lossy)) for lossy in (0.0, 36.0))
        shares.append(chosen / plain)
    assert shares[1] < 0.8
    assert shares[1] < 1.6 * shares[0]


def test_little_effort_saves_too(photo):
    palette = Palette.solve(Look().count(photo), 256)
    plain, fast, usual = (
        size(Look(effort=effort).map(photo, palette, lossy=lossy))
        for effort, lossy in (("fast", 0.0), ("fast", 36.0), ("balanced", 36.0))
    )
    assert usual < fast < 0.9 * plain


def test_costs_of_errors_are_weighed_by_the_dial(photo):
    look = Look()
    result = look.map(photo, Palette.solve(look.count(photo), 16))
    costs = [look.cost(photo, result, lossy, k) * worth(lossy, k) for lossy, k in ((20.0, 256), (70.0, 256), (20.0, 9))]
    assert costs == pytest.approx(costs[:1] * 3)
    exact = Palette.solve(Histogram.count(photo[:4, :4]), 256)
    assert look.cost(photo[:4, :4], Indexed.map(photo[:4, :4], exact), 20.0, 16) == 0


def test_streaks_do_not_come(coffee):
    """Runs of errors to one side along rows are no longer than across them, within a factor."""
    result = hueclid.quantize(coffee, lossy=36).to_pixels()[..., :3].astype(int)
    errors = (result - coffee).mean(axis=-1)
    along = np.abs(errors.reshape(400, -1, 8).mean(axis=2)).mean()
    across = np.abs(errors.reshape(-1, 8, 600).mean(axis=1)).mean()
    assert along < 1.25 * across


@pytest.mark.parametrize(
    ("options", "loss"),
    [
        ({}, SAFE),
        ({"colors": 16}, unasked(16, flat=False)),
        ({"dither": "none", "space": "lab"}, SAFE),
        ({"lossy_for": "gif"}, SAFE),
        ({"dither": "bayer-8"}, 0),
        ({"space": "srgb"}, 0),
        ({"method": "wu"}, 0),
        ({"colors": 300}, 0),
    ],
)
def test_auto_without_a_target_is_what_hardly_shows(photo, options, loss):
    assert hueclid.quantize(photo, lossy="auto", **options) == hueclid.quantize(photo, lossy=loss, **options)


def test_auto_is_less_where_there_are_flat_areas(photo):
    image = np.full((240, 240, 3), 250, np.uint8)
    image[20:220, 20:220] = photo
    exact, plain = unasked(32, flat=True), unasked(32, flat=False)
    assert exact < plain
    assert hueclid.quantize(image, 32, lossy="auto") == hueclid.quantize(image, 32, lossy=exact)
    assert hueclid.quantize(image, 32, lossy="auto", flat="mean") == hueclid.quantize(
        image, 32, lossy=plain, flat="mean"
    )


def test_a_bit_is_worth_the_same_with_few_colors_unasked():
    worths = [worth(unasked(colors, flat=False), colors) for colors in (2, 16, 64, 256)]
    assert worths == pytest.approx(worths[-1:] * 4, rel=0.02)


@pytest.mark.parametrize("kind", LOSSY_FOR.choices)
@pytest.mark.parametrize("optimize", OPTIMIZE.choices)
def test_files_are_weighed_as_they_are_written(photo, kind, optimize):
    budget = len(encode(hueclid.quantize(photo, 32), kind)) // 2
    found = hueclid.quantize(photo, 32, max_bytes=budget, lossy_for=kind, optimize=optimize)
    assert 0.9 * budget < len(encode(found, kind, optimize=optimize)) <= budget


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"lossy": -1}, "lossy must be a number from 0.0 to 100.0"),
        (
            {"lossy": 30, "dither": "bayer-8"},
            "lossy must be 0 unless dither is one of floyd-steinberg, none, got bayer-8",
        ),
        ({"lossy": 30, "colors": 300}, "lossy must be 0 with more than 256 colors, got 300"),
        ({"lossy": 10, "max_bytes": 9000}, "lossy must be 'auto' with max_bytes, got 10"),
        ({"lossy": 10, "quality": 50}, "lossy must be 'auto' with quality, got 10"),
        ({"quality": "80-60"}, "quality must be min-max"),
        ({"quality": 101}, "quality must be a number from 0 to 100, got 101"),
        ({"max_bytes": 0}, "max_bytes must be an integer from 1 to"),
        ({"colors": "auto", "max_bytes": 9000}, "colors must be the most there may be where a target is given"),
    ],
)
def test_what_contradicts_itself_is_refused(photo, options, said):
    with pytest.raises(ValueError, match=said):
        hueclid.quantize(photo, **options)


def test_what_is_no_number_is_refused(photo):
    for lossy in (None, "auto", object()):
        with pytest.raises(TypeError, match="lossy must be a number"):
            Indexed.map(photo, solved(photo), lossy=lossy)
    with pytest.raises(TypeError, match="quality must be a number from 0 to 100, or such as '60-80'"):
        hueclid.quantize(photo, quality=[1])


def test_what_on_rows_raises_ends_the_work(coffee):
    """It hears of more and more rows, and of none after it raised."""
    image = np.tile(coffee, (4, 4, 1))
    heard = []

    def enough(rows):
        heard.append(rows)
        if len(heard) == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        hueclid.quantize(image, 64, effort="fast", lossy=36, on_rows=enough)
    assert len(heard) == 3
    assert heard == sorted(heard)
    assert heard[-1] < len(image)


def test_listening_changes_nothing(coffee):
    heard = []
    result = hueclid.quantize(coffee, 64, lossy=36, on_rows=heard.append)
    assert result == hueclid.quantize(coffee, 64, lossy=36)
    assert all(0 <= rows <= len(coffee) for rows in heard)
