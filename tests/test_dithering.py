"""Every way to dither does what its source says, where it is told to, and refuses what makes no sense."""

import importlib.util
from pathlib import Path

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image
from strategies import palettes, pixels

import hueclid
from hueclid import Histogram, Indexed, Kernel, Palette, Thresholds, _core
from hueclid.dithering import as_mask
from hueclid.options import DITHER, DITHER_STRENGTH, KERNELS, TILES

ASSETS = Path(__file__).parents[1] / "rust" / "assets"
GREYS = Palette.from_colors([(0, 0, 0), (255, 255, 255)], space="srgb")
FIXED = [name for name in KERNELS if name != "ostromoukhov"]
ANY = [*FIXED, "riemersma", *TILES]
STRENGTH = DITHER_STRENGTH.default


def points(colors, space):
    """Colors as the core places them, in 64 bits."""
    return _core.to_space(np.ascontiguousarray(colors.reshape(-1, 4)), space).astype(float)


def excess(image, indexed, wanted):
    """How much farther each chosen entry is than the nearest to what the slow twin says the pixel wants."""
    entries = points(indexed.palette.colors, indexed.palette.space)
    wanted = wanted.reshape(-1, 4)
    chosen = ((wanted - entries[indexed.indices.ravel()]) ** 2).sum(1)
    return (chosen - oracle.nearest(wanted, entries)[1]) / entries[0, 3] ** 2


@pytest.mark.parametrize("path", ["serpentine", "raster"])
@pytest.mark.parametrize("name", FIXED)
def test_errors_go_where_the_kernel_says(photo, name, path):
    image, strength = photo[:24, :24].copy(), 0.9
    mask = np.random.default_rng(1).integers(0, 256, image.shape[:2], np.uint8)
    mask[:, 3] = 0
    palette = Palette.solve(Histogram.count(photo), 12)
    indexed = Indexed.map(image, palette, dither=name, dither_strength=strength, dither_mask=mask, dither_path=path)
    wanted = oracle.diffused(
        points(oracle.widen(image), "oklab").reshape(24, 24, 4),
        points(palette.colors, "oklab"),
        strength,
        indexed.indices,
        kernel=oracle.taps(name),
        serpentine=path == "serpentine",
        mask=mask,
    )
    assert np.all(excess(image, indexed, wanted) < 1e-4)


@given(
    hnp.arrays(np.uint8, (3, 12), elements=st.integers(0, 9)),
    st.integers(0, 11),
    pixels(channels=(3,)),
    palettes(opaque=True),
)
def test_a_kernel_of_ones_own_is_followed(shares, column, image, palette):
    weights = shares / max(shares.sum() * 1.001, 1)
    weights[0, : column + 1] = 0
    kernel = Kernel(weights, (0, column))
    indexed = Indexed.map(image, palette, dither=kernel, dither_path="raster")
    taps = [(x - column, y, weights[y, x]) for y in range(3) for x in range(12)]
    given = points(oracle.widen(image), palette.space).reshape(*image.shape[:2], 4)
    wanted = oracle.diffused(
        given, points(palette.colors, palette.space), STRENGTH, indexed.indices, kernel=taps, serpentine=False
    )
    assert np.all(excess(image, indexed, wanted) < 1e-4)


@pytest.mark.parametrize("name", FIXED)
def test_a_published_kernel_is_the_one_of_its_weights(photo, name):
    palette = Palette.solve(Histogram.count(photo), 8)
    taps = oracle.taps(name)
    weights = np.zeros((4, 9))
    for ahead, below, share in taps:
        weights[below, 4 + ahead] = share
    assert Indexed.map(photo, palette, dither=Kernel(weights, (0, 4))) == Indexed.map(photo, palette, dither=name)


def test_weights_above_the_origin_are_no_row_to_be_filled(photo):
    palette = Palette.solve(Histogram.count(photo), 8)
    above = Kernel(np.array([[0, 0, 0], [0, 0, 7], [3, 5, 1]]) / 16, (1, 1))
    assert Indexed.map(photo, palette, dither=above) == Indexed.map(photo, palette)


def test_two_colors_follow_ostromoukhov(photo):
    image = photo[:40, :40].copy()
    levels = points(oracle.widen(image[..., :1].repeat(3, -1)), "srgb")[:, 0].reshape(40, 40) / 255
    grey = image[..., 0].copy()
    indexed = Indexed.map(grey, GREYS, dither="ostromoukhov", dither_strength=1.0)
    # The table's rows at these levels, with those between left to the core's own tests.
    rows = {22: (3, 2, 1), 64: (11, 10, 0), 85: (4, 1, 1), 127: (4, 1, 1)}
    for level, parts in rows.items():
        flat = np.full((20, 20), level, np.uint8)
        found = Indexed.map(flat, GREYS, dither="ostromoukhov", dither_strength=1.0).indices
        wanted = np.full((20, 20), level / 255)
        taps = [(1, 0, parts[0]), (-1, 1, parts[1]), (0, 1, parts[2])]
        for y in range(20):
            step = -1 if y % 2 else 1
            for x in range(20)[::step]:
                error = (wanted[y, x] - found[y, x]) / sum(parts)
                for ahead, below, part in taps:
                    if 0 <= x + ahead * step < 20 and y + below < 20:
                        wanted[y + below, x + ahead * step] += error * part
        assert np.all((wanted > 0.5) == (found == 1))
    assert indexed.indices.mean() == pytest.approx(levels.mean(), abs=0.02)


def test_riemersma_walks_the_curve(photo):
    image = photo[:32, :32].copy()
    palette = Palette.solve(Histogram.count(photo), 12)
    indexed = Indexed.map(image, palette, dither="riemersma")
    given = points(oracle.widen(image), "oklab").reshape(32, 32, 4)
    wanted = oracle.along_curve(given, points(palette.colors, "oklab"), STRENGTH, indexed.indices)
    assert np.all(excess(image, indexed, wanted) < 1e-4)


@pytest.mark.parametrize("colors", [2, 6, 24])
@pytest.mark.parametrize("side", [2, 4, 8, 16])
def test_mixtures_are_picked_by_threshold(photo, side, colors):
    image = photo[:32, :48].copy()
    palette = Palette.solve(Histogram.count(photo), colors)
    thresholds = np.tile((oracle.bayer(side) + 0.5) / side**2, (32 // side, 48 // side)).ravel()
    lightness = points(palette.colors, "oklab")[:, 0]
    expected = oracle.mixed(
        points(oracle.widen(image), "oklab"), points(palette.colors, "oklab"), lightness, STRENGTH, thresholds
    )
    found = Indexed.map(image, palette, dither=f"bayer-{side}").indices.ravel()
    assert np.mean(found == expected) > 0.99  # 32 bits and 64 part where two entries are as near


def test_amplitude_shifts_by_the_spacing(photo):
    grey = photo[:64, :64, 0].copy()
    palette = Palette.from_colors([(v, v, v) for v in (0, 60, 120, 180, 255)], space="srgb")
    found = Indexed.map(grey, palette, dither="bayer-4", dither_form="amplitude", dither_strength=1.0).indices
    entries = points(palette.colors, "srgb")
    given = points(oracle.widen(grey), "srgb")
    thresholds = (oracle.bayer(4) + 0.5) / 16
    places = ((0, 0), (23, 41), (47, 17))
    y, x = np.mgrid[:64, :64]
    shift = np.stack([thresholds[(y + down) % 4, (x + right) % 4] - 0.5 for right, down in places], -1)
    nearest = oracle.nearest(given, entries)[0]
    given[:, :3] += shift.reshape(-1, 3) * oracle.spacing(entries, 1)[nearest, None]
    assert np.mean(found.ravel() == oracle.nearest(given, entries)[0]) > 0.99


def test_interleaved_gradient_noise_is_the_published_formula():
    y, x = np.mgrid[:40, :50]
    noise = np.modf(52.9829189 * np.modf(0.06711056 * x + 0.00583715 * y)[0])[0]
    flat = np.full((40, 50), 100, np.uint8)
    found = Indexed.map(flat, GREYS, dither="interleaved-gradient-noise", dither_strength=1.0).indices
    assert set(np.unique(found)) == {0, 1}
    assert noise[found == 1].min() >= noise[found == 0].max()


def test_blue_noise_is_made_anew():
    spec = importlib.util.spec_from_file_location("blue_noise", ASSETS / "blue_noise.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    stored = np.frombuffer((ASSETS / "blue_noise_64.bin").read_bytes(), "<u2").reshape(64, 64)
    assert np.array_equal(module.ranks(64), stored)


@pytest.mark.parametrize("side", [64, 128])
def test_blue_noise_has_no_low_frequencies(side):
    ranks = np.frombuffer((ASSETS / f"blue_noise_{side}.bin").read_bytes(), "<u2").reshape(side, side)
    frequencies = np.minimum(np.arange(side), side - np.arange(side))
    radius = np.hypot(frequencies[:, None], frequencies)
    for share in (0.1, 0.5, 0.9):
        power = abs(np.fft.fft2(ranks < share * side**2)) ** 2
        assert power[(radius > 0) & (radius < side / 8)].mean() < 0.1 * power[radius > side / 4].mean()


@pytest.mark.parametrize("name", TILES)
def test_thresholds_of_ones_own_are_tiles(photo, name):
    """What black and white make of all levels tells a tile's order, and that order is all that counts."""
    if name == "interleaved-gradient-noise":
        return
    side = int(name.rpartition("-")[2]) if name[-1].isdigit() else 8
    palette = Palette.solve(Histogram.count(photo), 8)
    ranks = np.zeros((side, side))
    for level in range(0, 256):
        flat = np.full((side, side), level, np.uint8)
        ranks += Indexed.map(flat, GREYS, dither=name, dither_strength=1.0).indices
    seen = Indexed.map(photo, palette, dither=Thresholds(ranks.astype(np.uint16)))
    named = Indexed.map(photo, palette, dither=name)
    assert np.mean(seen.indices == named.indices) > (0.99 if side < 16 else 0.8)


def test_only_the_order_of_thresholds_counts(photo):
    palette = Palette.solve(Histogram.count(photo), 8)
    image = np.random.default_rng(2).permutation(64).reshape(8, 8)
    first = Indexed.map(photo, palette, dither=Thresholds(image.astype(np.uint8)))
    for other in (image.astype(np.uint16) * 900, image / 64, (image.astype(np.float32) - 9) ** 3):
        assert Indexed.map(photo, palette, dither=Thresholds(other)) == first


@pytest.mark.parametrize("name", ANY)
@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (1, 1, 3), (3, 2, 4)])
def test_the_smallest_images(name, shape):
    image = np.random.default_rng(3).integers(0, 256, shape, np.uint8)
    palette = Palette.from_colors([(0, 0, 0), (255, 255, 255), (200, 30, 40)])
    assert Indexed.map(image, palette, dither=name).indices.shape == shape[:2]


@pytest.mark.parametrize("name", DITHER.choices)
def test_one_color_and_no_color(name):
    for image in (np.full((20, 30, 3), (7, 90, 200), np.uint8), np.zeros((20, 30, 4), np.uint8)):
        indexed = hueclid.quantize(image, 2, dither=name)
        assert np.array_equal(indexed.to_pixels(), oracle.widen(image))


@pytest.mark.parametrize("name", ANY)
def test_transparent_pixels_stay_so_and_their_color_never_matters(icon, name):
    palette = Palette.solve(Histogram.count(icon), 16)
    clear = icon[..., 3] == 0
    indexed = Indexed.map(icon, palette, dither=name)
    assert not indexed.to_pixels()[clear].any()
    painted = icon.copy()
    painted[clear, :3] = 200
    assert Indexed.map(painted, palette, dither=name) == indexed


@pytest.mark.parametrize("name", ["floyd-steinberg", "jarvis-judice-ninke", "riemersma", "bayer-8"])
def test_full_strength_does_not_run_away(coffee, name):
    """Colors that the palette can't reach: their errors once piled up until whole areas had another color."""
    colors = Palette.solve(Histogram.count(coffee), 16).colors.astype(int)
    dull = Palette.from_colors(((colors[:, :3] - 128) // 2 + 128).astype(np.uint8))
    whole = hueclid.measure(coffee, Indexed.map(coffee, dull, dither=name, dither_strength=1.0))
    most = hueclid.measure(coffee, Indexed.map(coffee, dull, dither=name, dither_strength=0.8))
    assert whole.ssimulacra2 > most.ssimulacra2 - 3
    assert whole.psnr > most.psnr - 1


MASKS = {
    "uint8": lambda where: where * np.uint8(255),
    "bool": lambda where: where,
    "image": lambda where: Image.fromarray(where * np.uint8(255)),
    "rgb": lambda where: Image.fromarray(where * np.uint8(255)).convert("RGB"),
}


@pytest.mark.parametrize("kind", MASKS)
def test_masks_come_in_many_kinds(photo, kind):
    where = np.zeros(photo.shape[:2], bool)
    where[:, 100:] = True
    indexed = hueclid.quantize(photo, 8, dither_mask=MASKS[kind](where), space="srgb")
    plain = hueclid.quantize(photo, 8, dither="none", space="srgb")
    assert np.array_equal(indexed.indices[:, :100], plain.indices[:, :100])
    assert not np.array_equal(indexed.indices, plain.indices)


@pytest.mark.parametrize("name", ANY)
def test_masks_of_nothing_and_of_all(photo, name):
    palette = Palette.solve(Histogram.count(photo), 8)
    nothing, all_of_it = (np.full(photo.shape[:2], share, np.uint8) for share in (0, 255))
    assert Indexed.map(photo, palette, dither=name, dither_mask=nothing) == Indexed.map(photo, palette, dither="none")
    assert Indexed.map(photo, palette, dither=name, dither_mask=all_of_it) == Indexed.map(photo, palette, dither=name)


@pytest.mark.parametrize(
    ("mask", "error", "text"),
    [
        (np.zeros((4, 5), np.uint8), ValueError, "as large as the image, 4 x 5 pixels, got 5 x 4"),
        (np.zeros((5, 4)), TypeError, "uint8 or bool, or a grey image, got float64"),
        (np.zeros((5, 4), np.uint16), TypeError, "got uint16"),
        (np.zeros((2, 2, 2), np.uint8), ValueError, "got shape"),
        (np.arange(60, dtype=np.uint8).reshape(5, 4, 3), ValueError, "must be grey and opaque"),
        (np.full((5, 4, 4), 9, np.uint8), ValueError, "must be grey and opaque"),
        (None, TypeError, "NoneType"),
        ("missing.png", hueclid.ReadError, "no such file"),
    ],
)
def test_masks_that_do_not_fit_are_refused(mask, error, text):
    with pytest.raises(error, match=text):
        as_mask(mask, 5, 4)


@pytest.mark.parametrize(
    ("weights", "origin", "error", "text"),
    [
        ([[0, 0.7], [0.3, 0.2]], (0, 0), ValueError, "add up to at most 1, got 1.2"),
        ([[0, -0.1]], (0, 0), ValueError, "not below 0"),
        ([[0, np.nan]], (0, 0), ValueError, "finite"),
        ([[0.5, 0.5]], (0, 0), ValueError, r"at and before the origin \(0, 0\) must be 0"),
        ([[0.5, 0, 0]], (0, 1), ValueError, "before the origin"),
        ([[0, 0.5], [0, 0]], (1, 0), ValueError, "before the origin"),
        ([0, 1], (0, 0), ValueError, r"\(rows, columns\)"),
        ([[]], (0, 0), ValueError, "not empty"),
        ([["a", "b"]], (0, 0), TypeError, "must be numbers"),
        ([[0, 1]], (0, 2), ValueError, r"a place within \(1, 2\), got \(0, 2\)"),
        ([[0, 1]], (0, 0, 0), TypeError, "two integers"),
        ([[0, 1]], (0, 0.5), TypeError, "two integers"),
    ],
)
def test_kernels_that_make_no_sense_are_refused(weights, origin, error, text):
    with pytest.raises(error, match=text):
        Kernel(weights, origin)


@pytest.mark.parametrize(
    ("image", "error", "text"),
    [
        (np.zeros((1, 1), np.uint8), ValueError, "must differ, got 1 of one value"),
        (np.full((9, 8), 7.0), ValueError, "must differ, got 72 of one value"),
        (np.array([[0, np.nan]]), ValueError, "finite"),
        (np.array([[0, 1]]), TypeError, "uint8, uint16 or floats, got int64"),
        (np.zeros((2, 2, 3), np.float32), TypeError, "float32"),
        ("missing.png", hueclid.ReadError, "no such file"),
    ],
)
def test_thresholds_that_make_no_sense_are_refused(image, error, text):
    with pytest.raises(error, match=text):
        Thresholds(image)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"dither": Kernel}, TypeError, "dither must be one of"),
        ({"dither": "ostromoukhov"}, ValueError, "mixes two colors, got a palette of 4; take another way"),
        (
            {"dither": "bayer-8", "dither_path": "raster"},
            ValueError,
            "dither_path must be left out with dither='bayer-8'",
        ),
        ({"dither": "riemersma", "dither_path": "raster"}, ValueError, "it is for kernels"),
        ({"dither": "none", "dither_path": "raster"}, ValueError, "it is for kernels"),
        (
            {"dither_form": "amplitude"},
            ValueError,
            "with dither='floyd-steinberg', got 'amplitude'; it is for thresholds",
        ),
        ({"dither_path": "zigzag"}, ValueError, "dither_path must be one of 'serpentine', 'raster', got 'zigzag'"),
        ({"dither_form": "sum"}, ValueError, "dither_form must be one of 'mixing', 'amplitude', got 'sum'"),
        ({"dither_strength": -0.1}, ValueError, "dither_strength must be a number from 0.0 to 1.0, got -0.1"),
    ],
)
def test_options_without_use_are_refused(photo, options, error, text):
    with pytest.raises(error, match=text):
        hueclid.quantize(photo, 4, **options)
