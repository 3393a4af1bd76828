import warnings
from dataclasses import astuple
from typing import Any

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hueclid import Histogram, Indexed, Palette, measure
from hueclid.quality import Original, psnr

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # colour speaks up about optional packages that it misses
    import colour

SIDES = st.tuples(st.integers(1, 12), st.integers(1, 12))


def images(channels: int) -> Any:
    return SIDES.flatmap(lambda sides: arrays(np.uint8, (*sides, channels)))


def pairs(channels: int) -> Any:
    shapes = SIDES.map(lambda sides: (*sides, channels))
    return shapes.flatmap(lambda shape: st.tuples(arrays(np.uint8, shape), arrays(np.uint8, shape)))


def photo(height: int = 64, width: int = 96) -> Any:
    y, x = np.mgrid[:height, :width]
    waves = [128 + 100 * np.sin(x / 9 + y / 17), 128 + 90 * np.sin(y / 7), 255 * x / width]
    return np.stack(waves, axis=2).astype(np.uint8)


def noisy(image: Any, spread: int) -> Any:
    noise = np.random.default_rng(7).integers(-spread, spread + 1, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def ciede2000(first: Any, second: Any) -> Any:
    white = colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]["D65"]
    first, second = (colour.XYZ_to_Lab(colour.sRGB_to_XYZ(image / 255), white) for image in (first, second))
    return colour.delta_E(first, second, method="CIE 2000")


@given(st.sampled_from([3, 4]).flatmap(images))
def test_an_image_is_equal_to_itself(image: Any) -> None:
    quality = measure(image, image.copy())
    assert (quality.mse, quality.psnr, quality.delta_e, quality.delta_e_p95) == (0, np.inf, 0, 0)
    assert quality.blurred_error == 0
    assert quality.ssimulacra2 == 100 if min(image.shape[:2]) >= 8 else np.isnan(quality.ssimulacra2)


@given(pairs(3))
def test_mse_and_psnr_agree_with_numpy(pair: Any) -> None:
    difference = pair[0].astype(float) - pair[1]
    quality = measure(*pair)
    assert quality.mse == pytest.approx((difference**2).sum(axis=2).mean())
    assert quality.mse == measure(*pair[::-1]).mse
    if quality.mse:
        assert quality.psnr == pytest.approx(10 * np.log10(255**2 / (difference**2).mean()))
    assert psnr(*pair) == quality.psnr


@pytest.mark.parametrize("spread", [1, 10, 255])
def test_ciede2000_agrees_with_colour_science(spread: int) -> None:
    # Many pixels at once: where two hues are 180 degrees apart the formula jumps, and the last digit decides.
    first = np.random.default_rng(spread).integers(0, 256, (80, 90, 3)).astype(np.uint8)
    second = noisy(first, spread)
    expected = np.sort(ciede2000(first, second), axis=None)
    quality = measure(first, second)
    assert quality.delta_e == pytest.approx(expected.mean(), rel=5e-4)
    assert quality.delta_e_p95 == pytest.approx(expected[expected.size * 95 // 100 - 1], rel=5e-4)


def test_ciede2000_counts_every_pixel_of_a_repeated_pair() -> None:
    first = np.zeros((10, 10, 3), np.uint8)
    second = first.copy()
    second.reshape(-1, 3)[:5] = 255
    quality = measure(first, second)
    assert (round(quality.delta_e, 5), quality.delta_e_p95) == (5, 0)


def grey(levels: Any) -> Any:
    return np.repeat(np.clip(levels, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def random_bytes(seed: int) -> Any:
    """Noise of 64 x 64 pixels, by Knuth's linear congruential generator."""
    values = []
    for _ in range(64 * 64 * 3):
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        values.append(seed >> 33 & 255)
    return np.array(values, np.uint8).reshape(64, 64, 3)


def box_blurred(image: Any) -> Any:
    around = np.pad(image, ((4, 3), (4, 3), (0, 0)), mode="edge").astype(int)
    windows = np.lib.stride_tricks.sliding_window_view(around, (8, 8), axis=(0, 1))
    return (windows.sum((3, 4)) // 64).astype(np.uint8)


def sharpened(image: Any) -> Any:
    around = np.pad(image, ((1, 1), (1, 1), (0, 0)), mode="edge").astype(int)
    neighbors = around[:-2, 1:-1] + around[2:, 1:-1] + around[1:-1, :-2] + around[1:-1, 2:]
    return np.clip(5 * around[1:-1, 1:-1] - neighbors, 0, 255).astype(np.uint8)


RAMP = grey(np.tile(np.arange(64) * 255 // 63, (64, 1)))
EDGE = grey(np.tile(np.arange(64) // 32 * 255, (64, 1)))
FLAT = np.full((64, 64, 3), 128, np.uint8)


@pytest.mark.parametrize(
    ("original", "result", "score"),
    [
        (RAMP, FLAT, -64.56872148),
        (RAMP, box_blurred(RAMP), 94.34090315),
        (EDGE, box_blurred(EDGE), 24.27333552),
        (random_bytes(42), FLAT, -47.33572558),
        (random_bytes(999), sharpened(random_bytes(999)), -5.81017556),
        (FLAT, FLAT + 1, 97.98672126),
        (FLAT, FLAT + 5, 91.52357693),
        (FLAT, FLAT + 20, 56.05855584),
        (FLAT, FLAT + 50, -8.75942256),
    ],
)
def test_ssimulacra2_is_that_of_the_reference_program(original: Any, result: Any, score: float) -> None:
    # What libjxl's own program says of these, as recorded in the reference data of fast-ssim2 0.9 (66 pairs).
    assert measure(original, result).ssimulacra2 == pytest.approx(score, abs=0.01)


@given(pairs(3))
def test_blurred_error_agrees_with_its_twin(pair: Any) -> None:
    assert measure(*pair).blurred_error == pytest.approx(oracle.blurred_error(*pair), rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("size", [(150, 70), (64, 16), (65, 200)])
def test_blurred_error_agrees_where_bands_meet(size: tuple[int, int]) -> None:
    first = photo(*size)
    second = noisy(first, 40)
    assert measure(first, second).blurred_error == pytest.approx(oracle.blurred_error(first, second), rel=1e-4)


@pytest.mark.parametrize("levels", [8, 16, 32])
def test_blurred_error_sees_banding_and_mse_does_not(levels: int) -> None:
    ramp = np.add.outer(np.arange(128) * 0.5, np.arange(256) * 0.25).astype(np.uint8)
    sky = ramp[..., None] + np.array([70, 110, 100], np.uint8)
    palette = Palette.solve(Histogram.count(sky), levels)
    posterized, dithered = (measure(sky, Indexed.map(sky, palette, dither=how)) for how in ("none", "floyd-steinberg"))
    assert posterized.mse < dithered.mse
    assert posterized.blurred_error > 3 * dithered.blurred_error


def test_many_results_of_one_original() -> None:
    image = photo()
    original = Original(image)
    results = [image, noisy(image, 9), np.insert(noisy(image, 9), 3, 200, axis=2), image[..., 0]]
    assert [original.measure(result) for result in results] == [measure(image, result) for result in results]
    assert [original.ssimulacra2(result) for result in results] == [original.measure(r).ssimulacra2 for r in results]
    with pytest.raises(ValueError, match="96 x 64 pixels, got 95 x 64"):
        original.ssimulacra2(image[:, 1:])


@given(pairs(4), st.lists(st.integers(0, 9), min_size=12, max_size=12))
def test_psnr_with_weights_is_that_of_rows_repeated(pair: Any, counts: list[int]) -> None:
    weights = np.array(counts[: len(pair[0])], np.uint64)
    weights[0], pair[0][0, 0, 3] = 1, 0  # so that no row left out holds the only translucent pixels
    repeated = [np.repeat(image, weights.astype(int), axis=0) for image in pair]
    assert psnr(*pair, weights=weights) == pytest.approx(psnr(*repeated))


def test_more_noise_is_worse() -> None:
    image = photo()
    steps = [measure(image, noisy(image, spread)) for spread in (0, 2, 8, 32, 96)]
    assert [q.mse for q in steps] == sorted({q.mse for q in steps})
    assert [q.delta_e for q in steps] == sorted({q.delta_e for q in steps})
    assert [q.delta_e_p95 for q in steps] == sorted({q.delta_e_p95 for q in steps})
    assert [q.blurred_error for q in steps] == sorted({q.blurred_error for q in steps})
    assert [q.psnr for q in steps] == sorted({q.psnr for q in steps}, reverse=True)
    assert [q.ssimulacra2 for q in steps] == sorted({q.ssimulacra2 for q in steps}, reverse=True)


def test_threads_change_nothing() -> None:
    image = photo(300, 400)
    assert len({measure(image, noisy(image, 20), threads=threads) for threads in (0, 1, 2, 8)}) == 1


@given(pairs(4))
def test_the_color_of_transparent_pixels_does_not_matter(pair: Any) -> None:
    first, second = pair
    first[0, 0, 3] = second[0, 0, 3] = 0
    expected = measure(first, second)
    first[0, 0, :3] ^= 255
    second[0, 0, :3] ^= 85
    np.testing.assert_equal(astuple(measure(first, second)), astuple(expected))


@given(pairs(4))
def test_alpha_counts_over_black_and_over_white(pair: Any) -> None:
    pair[0][0, 0, 3] = 7
    layers = []
    for level in (0, 255):
        alphas = [image[..., 3:].astype(int) for image in pair]
        mixed = [
            (image[..., :3] * alpha + level * (255 - alpha) + 127) // 255
            for image, alpha in zip(pair, alphas, strict=True)
        ]
        layers.append(measure(*(image.astype(np.uint8) for image in mixed)))
    quality = measure(*pair)
    assert quality.mse == pytest.approx(np.mean([layer.mse for layer in layers]))
    assert quality.delta_e == pytest.approx(np.mean([layer.delta_e for layer in layers]))
    assert quality.blurred_error == pytest.approx(np.mean([layer.blurred_error for layer in layers]))
    np.testing.assert_equal(quality.ssimulacra2, min(layer.ssimulacra2 for layer in layers))


@pytest.mark.parametrize("level", [0, 255])
def test_transparency_on_one_side_only_is_seen(level: int) -> None:
    clear, opaque = np.zeros((8, 8, 4), np.uint8), np.full((8, 8, 3), level, np.uint8)
    assert measure(clear, opaque).mse == measure(opaque, clear).mse == 3 * 255**2 / 2


@given(images(3))
def test_channels_without_news_change_nothing(image: Any) -> None:
    opaque = np.insert(image, 3, 255, axis=2)
    grey = image[..., 0]
    wide = np.repeat(grey[..., None], 3, axis=2)
    for alike, expected in ((opaque, image), (grey, wide)):
        np.testing.assert_equal(astuple(measure(alike, wide[::-1])), astuple(measure(expected, wide[::-1])))


def test_an_indexed_result_counts_as_its_pixels() -> None:
    image = photo()
    indexed = Indexed.map(
        image,
        Palette.from_colors([(0, 0, 0), (200, 100, 50), (90, 90, 255)]),
    )
    assert measure(image, indexed) == measure(image, indexed.to_pixels())
    assert psnr(image, indexed) == measure(image, indexed).psnr


def test_inputs_are_not_modified() -> None:
    first, second = (np.insert(noisy(photo(), spread), 3, 99, axis=2) for spread in (0, 9))
    copies = first.copy(), second.copy()
    first.flags.writeable = second.flags.writeable = False
    measure(first, second)
    np.testing.assert_array_equal((first, second), copies)


def test_sizes_must_be_equal() -> None:
    with pytest.raises(ValueError, match="96 x 64 pixels, got 95 x 64"):
        measure(photo(), photo()[:, :-1])
    with pytest.raises(ValueError, match="96 x 64 pixels, got 96 x 32"):
        psnr(photo(), photo()[::2])
