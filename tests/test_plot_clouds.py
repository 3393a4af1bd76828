"""Clouds hold every color, center and weight; still views show them."""

import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import data_of, unpacked
from PIL import Image
from strategies import histograms, palettes

from hueclid import Histogram, Indexed, Palette, _core
from hueclid.plot import cloud
from hueclid.plot.clouds import UNIT
from hueclid.plot.scenes import Scene, place

SVG = "{http://www.w3.org/2000/svg}"


@given(histograms(), palettes(most=12), st.integers(1, 300))
def test_data_is_the_histogram_and_the_palette(histogram, palette, points):
    data = data_of(cloud(histogram, palette, points=points))
    scene = Scene.of(histogram, palette.space, points)
    assert unpacked(data["points"]["colors"], "u1").reshape(-1, 4).tolist() == scene.colors.tolist()
    assert data["points"]["weights"] == scene.weights.tolist()
    assert sum(data["points"]["weights"]) == histogram.total
    assert data["distinct"] == len(histogram)
    shown = unpacked(data["points"]["at"], "i2").reshape(-1, 3) / UNIT
    assert np.allclose(shown, scene.places, atol=0.6 / UNIT)

    (only,) = data["passes"]
    assert only["centers"] == palette.colors.tolist()
    nearest = Indexed.map(histogram.colors[None], palette, dither="none").indices[0]
    assert only["weights"] == [int(histogram.weights[nearest == i].sum()) for i in range(len(palette))]
    assert np.array_equal(unpacked(only["labels"], "u2"), nearest[scene.picked])
    centers = place(_core.to_space(palette.colors, palette.space), palette.space)
    assert np.allclose(unpacked(only["at"], "i2").reshape(-1, 3) / UNIT, centers, atol=0.6 / UNIT)


def test_shares_are_those_of_the_palette(photo):
    histogram = Histogram.count(photo)
    palette = Palette.solve(histogram, 9)
    only = data_of(cloud(histogram, palette))["passes"][0]
    assert only["weights"] == palette.weights.tolist()
    assert only["error"] == palette.error


def test_svg_shows_points_and_centers(photo):
    histogram = Histogram.count(photo)
    palette = Palette.solve(histogram, 5)
    root = ET.fromstring(cloud(histogram, palette, "svg", points=500).decode())
    scene = Scene.of(histogram, "oklab", 500)
    discs = root.findall(SVG + "circle")
    assert len(discs) == len(scene.colors) + 2 * len(palette)
    points = sorted(disc.get("fill") for disc in discs[: len(scene.colors)])
    assert points == sorted(f"#{color.tobytes()[:3].hex()}" for color in scene.colors)
    assert {disc.get("fill") for disc in discs[len(scene.colors) :: 1]} >= {*palette.hex()}
    legend = [text.text for text in root.findall(SVG + "text")]
    shares = palette.weights / palette.weights.sum()
    assert legend == [
        word for name, share in zip(palette.hex(), shares, strict=True) for word in (name, f"{share:.1%}")
    ]


def test_png_shows_the_centers(photo):
    histogram = Histogram.count(photo)
    palette = Palette.solve(histogram, 5)
    with Image.open(io.BytesIO(cloud(histogram, palette, "png", points=500))) as image:
        shown = {color for _, color in image.getcolors(1 << 24)}
        assert image.format == "PNG"
    assert {tuple(color) for color in palette.colors[:, :3].tolist()} <= shown


def test_a_long_legend_says_how_much_is_left(photo):
    histogram = Histogram.count(photo)
    root = ET.fromstring(cloud(histogram, Palette.solve(histogram, 60), "svg", points=10).decode())
    texts = [text.text for text in root.findall(SVG + "text")]
    named = sum(text.startswith("#") for text in texts)
    assert 20 < named < 60
    assert texts[-1] == f"and {60 - named} more"


def test_many_centers_are_drawn_smaller(photo):
    histogram = Histogram.count(photo)

    def least(k):
        root = ET.fromstring(cloud(histogram, Palette.solve(histogram, k, effort="fast"), "svg", points=10).decode())
        return min(float(disc.get("r")) for disc in root.findall(SVG + "circle")[11::2])

    assert least(200) < least(20) / 1.2


def test_transparent_pixels_count_but_are_not_seen(icon):
    histogram = Histogram.count(icon)
    palette = Palette.solve(histogram, 4)
    assert [0, 0, 0, 0] in palette.colors.tolist()
    data = data_of(cloud(histogram, palette))
    assert sum(data["passes"][0]["weights"]) == histogram.total
    clear = Histogram.from_colors(np.zeros((1, 4), np.uint8))
    root = ET.fromstring(cloud(clear, Palette.from_colors([(9, 9, 9)]), "svg").decode())
    assert len(root.findall(SVG + "circle")) == 2  # the center and its rim


@pytest.mark.parametrize("kind", ["html", "svg", "png"])
def test_the_same_colors_give_the_same_bytes(photo, kind):
    def make(threads):
        histogram = Histogram.count(photo, threads=threads)
        return cloud(histogram, Palette.solve(histogram, 6, threads=threads), kind, points=300, title="a")

    assert make(1) == make(3)


def test_bad_input():
    palette = Palette.from_colors([(1, 2, 3)])
    with pytest.raises(ValueError, match="empty histogram"):
        cloud(Histogram.empty(), palette)
    with pytest.raises(ValueError, match="format must be one of 'html', 'svg', 'png', got 'pdf'"):
        cloud(Histogram.from_colors(palette.colors), palette, "pdf")
