"""What a file holds beside its pixels: read from every format, and written into those that can hold it."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image, PngImagePlugin
from test_srgb import ADOBE

import hueclid
from hueclid import codec
from hueclid.chunks import Chunk, insert, walk
from hueclid.metadata import Metadata
from hueclid.options import KEEP

PIXELS = np.random.default_rng(3).integers(0, 256, (9, 12, 3), np.uint8)
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="r" tiff:Orientation="%d"/></x:xmpmeta>'
EVERYTHING = {"resolution", "exif", "xmp", "text", "other", "profile"}


def exif(orientation=6):
    """EXIF that says who, where, and how the camera was held."""
    made = Image.Exif()
    made[ExifTags.Base.Artist] = "Ada"
    made[ExifTags.Base.Orientation] = orientation
    made.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    return made.tobytes()


def png(*chunks):
    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, "PNG")
    return insert(file.getvalue(), chunks)


def full():
    """A PNG with all there is, turned to the side."""
    profile = Chunk(b"iCCP", b"Adobe\0\0" + zlib.compress(ADOBE))
    return png(
        profile,
        Chunk(b"pHYs", struct.pack(">IIB", 5906, 11811, 1)),
        Chunk(b"eXIf", exif().removeprefix(b"Exif\0\0")),
        Chunk(b"tEXt", b"Title\0caf\xe9"),
        Chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"packed")),
        Chunk(b"iTXt", b"Author\0\0\0en\0\0" + "Żółw".encode()),
        Chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP % 6),
        Chunk(b"npTc", b"nine patches"),
        Chunk(b"prVT", b"not safe to copy"),
        Chunk(b"tIME", bytes(7)),
    )


def saved(metadata, kind):
    indexed = hueclid.quantize(PIXELS, 16)
    return codec.encode(indexed, kind, metadata=metadata), indexed


def test_all_that_a_png_has_is_read():
    found = codec.load(full(), profile="keep").metadata
    assert found.profile == ADOBE
    assert found.resolution == (5906, 11811, 1)
    assert found.xmp == XMP % 1
    assert [chunk.data.split(b"\0")[0] for chunk in found.text] == [b"Title", b"Comment", b"Author"]
    assert found.other == (Chunk(b"npTc", b"nine patches"),)
    tags = Image.Exif()
    tags.load(found.exif)
    assert (tags[ExifTags.Base.Artist], tags[ExifTags.Base.Orientation]) == ("Ada", 1)
    assert tags.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] == "N"


KEPT = {
    "png": EVERYTHING,
    "tiff": {"resolution", "exif", "xmp", "profile"},
    "webp": {"exif", "xmp", "profile"},
    "bmp": {"resolution"},
    "gif": {"text"},
}


@pytest.mark.parametrize(("kind", "kept"), KEPT.items())
def test_a_format_keeps_what_it_can_and_the_pixels(kind, kept):
    given = codec.load(full(), profile="keep").metadata
    if "profile" not in kept:
        given = Metadata(**{**vars(given), "profile": b""})
    data, indexed = saved(given, kind)
    back = codec.load(data, profile="keep")
    assert np.array_equal(back.pixels[..., :3], indexed.to_pixels()[..., :3])
    found = back.metadata
    assert found.profile == (ADOBE if "profile" in kept else b"")
    assert found.xmp == (XMP % 1 if "xmp" in kept else b"")
    if "resolution" in kept:
        assert np.allclose(found.resolution[:2], (5906, 11811), rtol=1e-3)
    else:
        assert found.resolution is None
    tags = Image.Exif()
    if found.exif:
        tags.load(found.exif)
    assert tags.get(ExifTags.Base.Artist) == ("Ada" if "exif" in kept else None)
    if kind == "gif":
        with Image.open(io.BytesIO(data)) as image:
            assert b"Author: \xc5\xbb\xc3\xb3\xc5\x82w" in data
            assert b"packed" in image.info["comment"]
    else:
        assert bool(found.text) == ("text" in kept)


@given(st.sets(st.sampled_from(KEEP.choices)))
def test_only_what_is_named_stays(kinds):
    whole = codec.load(full(), profile="keep").metadata
    kept = whole.only(kinds)
    named = set(KEEP.choices) if "all" in kinds else kinds
    for kind in KEEP.choices[:-1]:
        assert getattr(kept, kind) == (getattr(whole, kind) if kind in named else getattr(Metadata(), kind))
    assert kept.profile == whole.profile


def test_what_there_is_to_keep_has_a_field():
    assert {"profile", *KEEP.choices} - {"all"} == set(vars(Metadata())) == EVERYTHING


@pytest.mark.parametrize("order", ["II", "MM"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_is_applied_and_reset_and_the_rest_untouched(order, orientation):
    tag = struct.pack("<HHIHH" if order == "II" else ">HHIHH", 0x112, 3, 1, orientation, 0)
    other = struct.pack("<HHII" if order == "II" else ">HHII", 0x11A, 4, 1, 99)
    number = struct.pack("<H" if order == "II" else ">H", 2)
    head = b"II*\0\x08\0\0\0" if order == "II" else b"MM\0*\0\0\0\x08"
    data = head + number + tag + other + bytes(4) + b"maker's note"
    source = codec.load(png(Chunk(b"eXIf", data)))
    upright = struct.pack("<HHIHH" if order == "II" else ">HHIHH", 0x112, 3, 1, 1, 0)
    assert source.metadata.exif == head + number + upright + other + bytes(4) + b"maker's note"
    again = codec.load(saved(source.metadata, "png")[0])
    assert again.pixels.shape[:2] == PIXELS.shape[:2]
    assert source.pixels.shape[:2] == (PIXELS.shape[:2] if orientation < 5 else PIXELS.shape[1::-1])


@given(st.binary(max_size=60))
def test_broken_exif_is_left_out_or_kept_but_never_fails(data):
    for beginning in (b"", b"II*\0", b"MM\0*"):
        source = codec.load(png(Chunk(b"eXIf", beginning + data)))
        assert source.metadata.exif in (b"", *([beginning + data] if beginning else []))


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "TIFF"])
def test_what_other_formats_have_goes_into_a_png(kind):
    file = io.BytesIO()
    made = Image.Exif()
    made.load(exif())
    if kind == "TIFF":
        made[ExifTags.Base.XMLPacket] = XMP % 6
    settings = {"xmp": XMP % 6} if kind != "TIFF" else {}
    Image.fromarray(PIXELS).save(file, kind, exif=made, icc_profile=ADOBE, dpi=(300, 150), **settings)
    source = codec.load(file.getvalue(), profile="keep")
    assert source.pixels.shape == (12, 9, 3)
    data, _ = saved(source.metadata, "png")
    found = {chunk.kind: chunk.data for chunk in walk(data)}
    assert zlib.decompress(found[b"iCCP"].split(b"\0", 2)[2]) == ADOBE
    # Pillow, which turns a TIFF itself, takes the orientation out.
    assert (XMP % 1 if kind != "TIFF" else XMP.replace(b'tiff:Orientation="%d"', b"")) in found[b"iTXt"]
    if kind != "WEBP":
        assert struct.unpack(">IIB", found[b"pHYs"]) == (11811, 5906, 1)
    tags = Image.Exif()
    tags.load(found[b"eXIf"])
    assert tags[ExifTags.Base.Artist] == "Ada"
    assert tags.get(ExifTags.Base.Orientation, 1) == 1


@pytest.mark.parametrize(("words", "kind"), [("plain caf\xe9", b"tEXt"), ("Żółw", b"iTXt")])
def test_a_comment_becomes_text(words, kind):
    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, "JPEG", comment=words.encode())
    (chunk,) = codec.load(file.getvalue()).metadata.text
    assert chunk.kind == kind
    with Image.open(io.BytesIO(png(chunk))) as image:
        assert image.text == {"Comment": words}


def test_orientation_in_raw_text_is_not_kept_as_text():
    info = PngImagePlugin.PngInfo()
    packet = exif(6)
    info.add_text("Raw profile type exif", f"\nexif\n{len(packet):8}\n{packet.hex()}\n", zip=True)
    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, "PNG", pnginfo=info)
    source = codec.load(file.getvalue())
    assert source.pixels.shape == (12, 9, 3)
    assert source.metadata.text == ()
    tags = Image.Exif()
    tags.load(source.metadata.exif)
    assert (tags[ExifTags.Base.Artist], tags[ExifTags.Base.Orientation]) == ("Ada", 1)


@pytest.mark.parametrize("kind", ["gif", "bmp"])
def test_a_profile_that_would_be_lost_is_refused(kind):
    with pytest.raises(hueclid.WriteError, match="holds no ICC profile"):
        saved(Metadata(profile=ADOBE), kind)


def test_words_that_would_burst_are_cut():
    bomb = Chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(50_000_000), 9))
    data, _ = saved(Metadata(text=(bomb,)), "gif")
    assert len(data) < 2_000_000
    assert codec.load(data).pixels.shape == PIXELS.shape


def test_images_from_memory_have_none():
    assert codec.load(PIXELS).metadata == Metadata()
    assert not codec.load(PIXELS).metadata
    assert codec.load(Image.fromarray(PIXELS)).metadata == Metadata()


def test_the_table_in_the_documents_is_true():
    page = (Path(__file__).parents[1] / "docs" / "colors_and_metadata.md").read_text("utf-8")
    (head,) = (line for line in page.splitlines() if line.startswith("| | profile"))
    names = [cell.strip() for cell in head.split("|")[2:-1]]
    for kind, kept in KEPT.items():
        (row,) = (line for line in page.splitlines() if line.lower().startswith(f"| {kind} |"))
        cells = [cell.strip() for cell in row.split("|")[2:-1]]
        assert {name for name, cell in zip(names, cells, strict=True) if cell != "no"} == kept
