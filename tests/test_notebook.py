"""The nouns show themselves in notebooks: true, small, and well formed."""

import io
import xml.etree.ElementTree as ET

import numpy as np
from hypothesis import given
from PIL import Image
from strategies import histograms, palettes

from hueclid import Histogram, Indexed, Palette


def texts(html: str) -> str:
    return " ".join(ET.fromstring(f"<x>{html.replace('<br>', ' ')}</x>").itertext())


@given(palettes())
def test_a_palette_shows_its_colors(palette):
    shown = palette._repr_html_()
    assert repr(palette) in texts(shown)
    for name in palette.hex():
        assert f"background:{name};" in shown
    assert "%" not in texts(shown)


def test_a_solved_palette_shows_shares(photo):
    palette = Palette.solve(Histogram.count(photo), 80)
    shown = palette._repr_html_()
    share = palette.weights[0] / palette.weights.sum()
    assert f"{palette.hex()[0]} {share:.1%}" in texts(shown)
    assert "and 16 more" in texts(shown)
    assert palette.hex()[64] not in shown
    assert len(shown) < 20_000


@given(histograms())
def test_a_histogram_shows_its_most_frequent_colors(histogram):
    shown = texts(histogram._repr_html_())
    assert repr(histogram) in shown
    names = [word for word in shown.split() if word.startswith("#")]
    assert len(names) == min(16, len(histogram))
    table = dict(zip(Palette.from_colors(histogram.colors).hex(), histogram.weights.tolist(), strict=True))
    frequent = sorted(table.values(), reverse=True)[: len(names)]
    assert [table[name] for name in names] == frequent
    assert (f"and {len(histogram) - 16} more" in shown) == (len(histogram) > 16)


def test_no_colors():
    assert "0 colors of 0 pixels" in texts(Histogram.empty()._repr_html_())


def test_an_indexed_shows_its_picture(icon):
    indexed = Indexed.map(icon, Palette.solve(Histogram.count(icon), 7))
    with Image.open(io.BytesIO(indexed._repr_png_())) as shown:
        assert shown.mode == "P"
        assert np.array_equal(np.asarray(shown.convert("RGBA")), indexed.to_pixels())


def test_many_colors_and_many_pixels(photo):
    colors = np.unique(photo.reshape(-1, 3), axis=0)[:400]
    indexed = Indexed.map(photo, Palette.from_colors(colors))
    with Image.open(io.BytesIO(indexed._repr_png_())) as shown:
        assert np.array_equal(np.asarray(shown.convert("RGBA")), indexed.to_pixels())
    large = Indexed(Palette.from_colors([(1, 2, 3)]), np.zeros((1500, 3000), np.uint8))
    with Image.open(io.BytesIO(large._repr_png_())) as shown:
        assert shown.size == (1024, 512)
        assert shown.convert("RGB").getpixel((5, 5)) == (1, 2, 3)
