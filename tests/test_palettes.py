"""Palette files come back as they were; other programs' files are read, broken ones refused."""

import io
import json
import struct
from contextlib import suppress

import numpy as np
import pytest
from command import call, names, photographs
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageColor
from strategies import palettes

import hueclid
from hueclid import Palette, ReadError, WriteError
from hueclid.options import PALETTE_FORMAT
from hueclid.palettes import decode, encode, in_order
from hueclid.palettes import names as names_of

READABLE = [kind for kind in PALETTE_FORMAT.choices if kind != "svg"]
OPAQUE = ["gpl", "ase", "aco"]


@st.composite
def weighted(draw, *, opaque):
    palette = draw(palettes(opaque=opaque))
    weights = draw(st.lists(st.integers(0, 1 << 40), min_size=len(palette), max_size=len(palette)))
    return Palette(palette.colors, np.array(weights, np.uint64), space=palette.space)


@given(weighted(opaque=True), st.sampled_from(READABLE))
def test_colors_come_back_in_order(palette, kind):
    back = decode(encode(palette, kind), kind, space=palette.space)
    assert back == palette
    assert np.array_equal(back.weights, palette.weights if kind == "json" else 0 * palette.weights)


@given(weighted(opaque=False), st.sampled_from([kind for kind in READABLE if kind not in OPAQUE]))
def test_alpha_comes_back(palette, kind):
    """But for the colors of fully transparent entries, which nobody sees."""
    back = decode(encode(palette, kind), kind)
    assert back.colors[back.colors[:, 3] > 0].tolist() == palette.colors[palette.colors[:, 3] > 0].tolist()
    assert (back.colors[:, 3] == 0).any() == (palette.colors[:, 3] == 0).any()


@pytest.mark.parametrize("kind", OPAQUE)
def test_what_knows_no_alpha_refuses_it(kind):
    with pytest.raises(WriteError, match=f"{kind.upper()} holds opaque colors only, got 1 with transparency; use hex"):
        encode(Palette.from_colors([(1, 2, 3, 4), (5, 6, 7, 255)]), kind)


@given(st.binary(max_size=60), st.sampled_from(READABLE), st.booleans())
def test_any_bytes_are_a_palette_or_refused(data, kind, headed):
    head = {"gpl": b"GIMP Palette\n", "ase": b"ASEF\0\1\0\0\0\0\0\1", "aco": b"\0\1\0\1", "json": b'{"palette":['}
    with suppress(ReadError):
        assert len(decode(head.get(kind, b"") * headed + data, kind))


FOREIGN = {
    "hex": b"; a comment\r\nFF8000\r\n\r\n#00ff00\nff8000\n",
    "gpl": b"GIMP Palette\r\nName: x\r\nColumns: 2\r\n# words\r\n255 128   0\tOrange\r\n  0 255 0\r\n",
    "json": b'["#ff8000", [0, 255, 0]]',
    "css": b":root { --a: #ff8000; /* --no: #123456; */ --b-c:#0f0 }",
    "ase": b"ASEF\0\1\0\0\0\0\0\4"
    + struct.pack(">HIH", 0xC001, 4, 1)
    + b"\0\0"
    + struct.pack(">HIH2s4s3fH", 1, 22, 1, b"\0\0", b"RGB ", 1.0, 128 / 255, 0.0, 0)
    + struct.pack(">HIH2s4s3fH", 1, 22, 1, b"\0\0", b"RGB ", 0.0, 1.0, 0.0, 0)
    + struct.pack(">HI", 0xC002, 0),
    "aco": struct.pack(">HH", 1, 2)
    + struct.pack(">5H", 0, 65535, 128 * 257, 0, 0)
    + struct.pack(">5H", 0, 0, 65535, 0, 0),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_files_of_other_programs(kind, tmp_path):
    path = tmp_path / f"x.{kind}"
    path.write_bytes(FOREIGN[kind])
    assert Palette.read(path).hex() == ["#ff8000", "#00ff00"]
    with open(path, "rb") as file:
        assert Palette.read(file, space="srgb") == Palette.from_colors([(255, 128, 0), (0, 255, 0)], space="srgb")


def test_gimp_reads_what_pillow_reads():
    """Pillow has a reader of GIMP's palettes, of its own."""
    from PIL.GimpPaletteFile import GimpPaletteFile

    palette = Palette.from_colors([(1, 2, 3), (255, 254, 0)])
    data, mode = GimpPaletteFile(io.BytesIO(encode(palette, "gpl"))).getpalette()
    assert (data[:6], mode) == (palette.colors[:, :3].tobytes(), "RGB")


def test_grey_swatches():
    aco = struct.pack(">HH", 1, 2) + struct.pack(">5H", 8, 0, 0, 0, 0) + struct.pack(">5H", 8, 10_000, 0, 0, 0)
    assert decode(aco, "aco").hex() == ["#ffffff", "#000000"]
    ase = b"ASEF\0\1\0\0\0\0\0\1" + struct.pack(">HIH2s4sfH", 1, 14, 1, b"\0\0", b"Gray", 1.0, 0)
    assert decode(ase, "ase").hex() == ["#ffffff"]


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("hex", b"#12345\n", "line 1 must be a color as #rrggbb or #rrggbbaa, got '#12345'"),
        ("hex", b"", "a palette holds 1 to 65,536 colors, got 0"),
        ("gpl", b"#ff0000", "a GPL file begins with 'GIMP Palette', got '#ff0000'"),
        ("gpl", b"GIMP Palette\n1 2\n", "line 2 must be three numbers from 0 to 255, got '1 2'"),
        ("gpl", b"GIMP Palette\n1 2 256\n", "a color is made of numbers from 0 to 255"),
        ("ase", b"x", "an ASE file begins with 'ASEF'"),
        ("ase", b"ASEF\0\1\0\0\0\0\0\1\0\1", "not a ASE file, or damaged"),
        ("ase", b"ASEF\0\1\0\0\0\0\0\1" + struct.pack(">HIH4s4fH", 1, 24, 0, b"CMYK", 0, 0, 0, 0, 0), "got 'CMYK'"),
        ("aco", b"\0\1\0\1" + struct.pack(">5H", 7, 0, 0, 0, 0), "got color space 7; save them as RGB"),
        ("aco", b"\0\3\0\0", "an ACO file is of version 1 or 2, got 3"),
        ("json", b"{}", "not a JSON file, or damaged"),
        ("json", b'{"palette": 1}', "JSON must be a list of colors"),
        ("png", b"GIF", "not an image"),
    ],
)
def test_broken_files_are_refused(kind, data, words, tmp_path):
    path = tmp_path / f"x.{kind}"
    path.write_bytes(data)
    with pytest.raises(ReadError, match=f"^{path}: .*{words}"):
        Palette.read(path)


def test_files_are_named_where_they_fail(tmp_path):
    palette = Palette.from_colors([(1, 2, 3)])
    with pytest.raises(ReadError, match=r"gone.gpl: No such file"):
        Palette.read(tmp_path / "gone.gpl")
    with pytest.raises(ValueError, match=r"has the suffix '.doc', which names no format of palettes; use one of .hex"):
        palette.save(tmp_path / "x.doc")
    with pytest.raises(ValueError, match=r"must be one of 'hex', .* to be read, got 'svg'"):
        Palette.read(io.BytesIO(b""), "svg")
    with pytest.raises(WriteError):
        palette.save(tmp_path / "no" / "x.hex")
    assert not list(tmp_path.iterdir())
    file = io.BytesIO()
    assert palette.save(file, "hex") == 8
    assert file.getvalue() == b"#010203\n"


@given(palettes())
def test_orders_keep_all_colors_and_sort(palette):
    weights = np.arange(len(palette), dtype=np.uint64) % 5
    palette = Palette(palette.colors, weights)
    for by in ("share", "lightness", "hue"):
        assert {*in_order(palette, by).hex()} == {*palette.hex()}
    assert in_order(palette, "share").weights.tolist() == sorted(weights.tolist(), reverse=True)


def test_orders_are_those_of_the_eye():
    greys = [(v, v, v) for v in (200, 0, 90)]
    rainbow = [(255, 0, 0), (255, 128, 0), (255, 255, 0), (0, 255, 0), (0, 255, 255), (0, 0, 255), (255, 0, 255)]
    shuffled = Palette.from_colors(np.random.default_rng(1).permutation(np.array(greys + rainbow)))
    wanted = Palette.from_colors(sorted(greys) + rainbow)
    assert in_order(shuffled, "hue").hex() == wanted.hex()
    assert in_order(shuffled, "lightness").hex()[0] == "#000000"
    assert in_order(shuffled, "lightness").hex()[-1] == "#ffff00"


def test_every_name_of_css_is_its_own():
    """But for grey and gray, aqua and cyan, fuchsia and magenta, which are one color each."""
    for name in ImageColor.colormap:
        palette = Palette.from_colors([ImageColor.getrgb(name)])
        (found,) = names_of(palette)
        assert ImageColor.getrgb(found) == ImageColor.getrgb(name)
    assert names_of(Palette.from_colors([(250, 3, 2, 255), (0, 0, 0, 0)])) == ["red", "transparent"]


@pytest.mark.parametrize("kind", ["hex", "json", "gpl", "ase", "aco", "css"])
def test_the_command_writes_palette_files(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(photographs(tmp_path))
    palette = in_order(Palette.solve(hueclid.Histogram.count(hueclid.read("a.png")), 5), "hue")
    done = call("palette", "a.png", "-k", 5, "--sort", "hue", "-o", f"x.{kind}")
    assert (done.exit_code, done.stderr) == (0, f"hueclid: x.{kind}: 5 colors\n")
    assert (tmp_path / f"x.{kind}").read_bytes() == encode(palette, kind)
    assert call("palette", "a.png", "-k", 5, "-o", f"x.{kind}").exit_code == 1
    if kind not in ("hex", "json"):
        assert call("palette", "a.png", "b.png", "-k", 5, "--format", kind).exit_code == 0
        assert {f"a-palette.{kind}", f"b-palette.{kind}"} <= names(tmp_path)


def test_a_line_of_json_is_a_palette_file(tmp_path, monkeypatch):
    monkeypatch.chdir(photographs(tmp_path))
    line = call("palette", "a.png", "-k", 5, "--format", "json").stdout
    palette = decode(line.encode(), "json")
    assert palette.hex() == call("palette", "a.png", "-k", 5).stdout.split()
    assert palette.weights.tolist() == [entry["weight"] for entry in json.loads(line)["palette"]]


def test_a_picture_is_a_palette():
    file = io.BytesIO()
    Image.fromarray(np.array([[9, 9, 4], [4, 7, 9]], np.uint8)).save(file, "PNG")
    assert decode(file.getvalue(), "png").hex() == ["#090909", "#040404", "#070707"]
