"""Shapes look the same as SVG and as pixels."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from hueclid.plot.shapes import PAPER, Box, Disc, Line, Text, to_image, to_svg

SVG = "{http://www.w3.org/2000/svg}"
SHAPES = [
    Box(10, 20, 30, 40, "#ff0000"),
    Disc(80, 50, 12, "#00ff00", "#0000ff"),
    Line(((0, 90), (100, 90)), "#123456", 4),
    Text(5, 110, "<&> 42"),
]


def test_svg_has_the_shapes_in_order():
    root = ET.fromstring(to_svg(SHAPES, 120, 130))
    assert [child.tag for child in root] == [SVG + name for name in ("rect", "rect", "circle", "polyline", "text")]
    ground, box, disc, line, text = root
    assert ground.get("fill") == PAPER
    assert [box.get(key) for key in ("x", "y", "width", "height", "fill")] == ["10", "20", "30", "40", "#ff0000"]
    assert (disc.get("fill"), disc.get("stroke")) == ("#00ff00", "#0000ff")
    assert line.get("points") == "0.0,90.0 100.0,90.0"
    assert text.text == "<&> 42"
    assert len(ET.fromstring(to_svg([], 1, 1, paper=""))) == 0


def test_pixels_have_the_colors():
    image = np.asarray(to_image(SHAPES, 120, 130))
    assert image.shape == (130, 120, 3)
    assert np.all(image[20:60, 10:40] == (255, 0, 0))
    assert image[19, 20].tolist() == image[60, 20].tolist() == [0xF7, 0xF7, 0xF5]
    assert image[50, 80].tolist() == [0, 255, 0]
    assert (image == (0, 255, 0)).all(axis=2).sum() == pytest.approx(np.pi * 12**2, rel=0.1)
    assert (image[35:66, 65:96, 2] > 200).any()
    assert image[90, 50].tolist() == [0x12, 0x34, 0x56]
    assert image[104:116, 5:60].min() < 100


def test_a_box_is_translucent_and_named_in_svg():
    root = ET.fromstring(to_svg([Box(0, 0, 1, 1, "#11223380", "a <b>")], 1, 1, paper=""))
    assert (root[0].get("fill"), float(root[0].get("fill-opacity"))) == ("#112233", pytest.approx(128 / 255, abs=1e-4))
    assert root[0][0].text == "a <b>"


def test_text_ends_where_it_is_told_to():
    left, right = (np.asarray(to_image([Text(60, 10, "wide", align=side)], 120, 20)) for side in ("left", "right"))
    assert np.nonzero((left < 128).any(axis=(0, 2)))[0].min() >= 59
    assert np.nonzero((right < 128).any(axis=(0, 2)))[0].max() <= 60
