"""Strips hold the colors of the palette, all of them and no other, as wide as their shares."""

import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image
from strategies import palettes

from hueclid import Palette
from hueclid.plot import strip

SVG = "{http://www.w3.org/2000/svg}"


@st.composite
def weighted(draw):
    colors = draw(palettes()).colors
    weights = draw(hnp.arrays(np.uint64, len(colors), elements=st.integers(0, 5) | st.integers(0, 1 << 40)))
    return Palette(colors, weights)


def pixels(palette, **options):
    with Image.open(io.BytesIO(strip(palette, "png", **options))) as image:
        return np.asarray(image.convert("RGBA"))


def runs(palette, **options):
    """Colors and widths, from left to right, of a PNG whose rows are all alike."""
    shown = pixels(palette, **options)
    assert np.all(shown == shown[0])
    starts = np.flatnonzero(np.r_[True, (shown[0, 1:] != shown[0, :-1]).any(axis=1)])
    return shown[0, starts], np.diff(np.r_[starts, shown.shape[1]])


@given(weighted(), st.sampled_from(["share", "equal"]))
def test_widths_are_shares(palette, widths):
    colors, columns = runs(palette, widths=widths)
    assert np.array_equal(colors, palette.colors)
    weights = palette.weights.astype(float) if widths == "share" and palette.weights.any() else np.ones(len(palette))
    wanted = 1 + weights / weights.sum() * (1024 - len(palette))
    assert np.all(np.abs(columns - wanted) <= 1)
    assert columns.sum() == 1024


@given(weighted(), st.sampled_from(["share", "equal"]))
def test_svg_equals_png(palette, widths):
    colors, columns = runs(palette, widths=widths)
    boxes = ET.fromstring(strip(palette, "svg", widths=widths).decode())
    assert [box.tag for box in boxes] == [SVG + "rect"] * len(palette)
    assert [float(box.get("width")) for box in boxes] == columns.tolist()
    assert [float(box.get("x")) for box in boxes] == (np.cumsum(columns) - columns).tolist()
    assert [box.get("fill") for box in boxes] == [name[:7] for name in palette.hex()]
    assert [float(box.get("fill-opacity", 1)) for box in boxes] == pytest.approx(colors[:, 3] / 255, abs=1e-4)
    for box, name in zip(boxes, palette.hex(), strict=True):
        assert box[0].text.startswith(name)


def test_many_colors_are_all_shown():
    colors = [(i >> 8, i & 255, 77) for i in range(3000)]
    found, columns = runs(Palette.from_colors(colors))
    assert np.array_equal(found, Palette.from_colors(colors).colors)
    assert np.all(columns == 1)


def test_bad_options():
    palette = Palette.from_colors([(1, 2, 3)])
    with pytest.raises(ValueError, match="format must be one of 'svg', 'png', got 'gif'"):
        strip(palette, "gif")
    with pytest.raises(ValueError, match="widths must be one of 'share', 'equal', got 'golden'"):
        strip(palette, widths="golden")
