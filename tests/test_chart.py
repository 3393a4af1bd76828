"""The curve as a picture."""

import io
import math
import xml.etree.ElementTree as ET

import pytest
from PIL import Image

from hueclid import Curve, WriteError, chart
from hueclid.curves import Row

SVG = "{http://www.w3.org/2000/svg}"
CURVES = {
    "plain": Curve((Row(1, 900.0, 9.0, 100), Row(4, 100.0, 20.0, 3000), Row(16, 9.0, 30.0, 12_345)), 4),
    "no bytes": Curve((Row(1, 900.0, 9.0, None), Row(300, 1.0, 40.0, None)), 7),
    "one row": Curve((Row(5, 3.0, 9.0, 100),), 5),
    "one color": Curve((Row(1, 0.0, math.inf, 70),), 1),
}


@pytest.mark.parametrize("name", CURVES)
def test_an_svg_shows_every_row_inside_the_sheet(name):
    curve = CURVES[name]
    root = ET.fromstring(chart.svg(curve))
    width, height = (float(root.attrib[side]) for side in ("width", "height"))
    panels = 1 if curve[0].bytes is None else 2
    dots = root.findall(f"{SVG}circle")
    assert len(dots) == panels * len(curve)
    spots = [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in dots]
    for line in root.findall(f"{SVG}polyline"):
        spots += [tuple(map(float, spot.split(","))) for spot in line.attrib["points"].split()]
    assert all(0 < x < width and 0 < y < height for x, y in spots)
    words = [text.text for text in root.findall(f"{SVG}text")]
    assert words.count(f"knee: {curve.knee}") == panels


def test_more_colors_stand_farther_right_and_less_error_lower():
    root = ET.fromstring(chart.svg(CURVES["plain"]))
    dots = [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in root.findall(f"{SVG}circle")]
    errors, sizes = dots[:3], dots[3:]
    assert [x for x, _ in errors] == sorted(x for x, _ in errors) == [x for x, _ in sizes]
    assert errors[1][0] - errors[0][0] == pytest.approx(errors[2][0] - errors[1][0], abs=0.02)  # 1, 4, 16
    assert [y for _, y in errors] == sorted(y for _, y in errors)
    assert [y for _, y in sizes] == sorted((y for _, y in sizes), reverse=True)


@pytest.mark.parametrize("name", CURVES)
def test_a_png_shows_the_same(name):
    curve = CURVES[name]
    root = ET.fromstring(chart.svg(curve))
    with Image.open(io.BytesIO(chart.png(curve))) as image:
        assert image.size == tuple(2 * float(root.attrib[side]) for side in ("width", "height"))
        for dot in root.findall(f"{SVG}circle"):
            spot = (2 * float(dot.attrib["cx"]), 2 * float(dot.attrib["cy"]))
            red, green, blue = image.convert("RGB").getpixel(spot)
            expected = tuple(bytes.fromhex(dot.attrib["fill"][1:]))
            assert (red, green, blue) == pytest.approx(expected, abs=8)


def test_it_is_saved_whole_or_not_at_all(tmp_path):
    curve = CURVES["plain"]
    for name in ("c.svg", "c.PNG"):
        assert curve.save(tmp_path / name) == (tmp_path / name).stat().st_size
        with pytest.raises(WriteError, match="exists"):
            curve.save(tmp_path / name, overwrite=False)
    with pytest.raises(ValueError, match=r"drawn as \.svg or \.png, got .*c\.pdf"):
        curve.save(tmp_path / "c.pdf")
    assert {path.name for path in tmp_path.iterdir()} == {"c.svg", "c.PNG"}
