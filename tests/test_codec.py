"""What goes out comes back, from every format; what can't be read or held is told by name."""

import errno
import io
import os
import struct
import threading
import zlib

import numpy as np
import oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from hueclid import Indexed, Palette, ReadError, WriteError, codec, read

PHOTO = np.random.default_rng(3).integers(0, 256, (6, 9, 3), dtype=np.uint8)
OPAQUE = st.just(255)


@st.composite
def images(draw, alphas=OPAQUE, most=40):
    """An image of up to `most` colors, some of which no pixel uses."""
    colors = draw(st.lists(st.tuples(*[st.integers(0, 255)] * 3, alphas), min_size=1, max_size=most, unique=True))
    shape = draw(st.tuples(st.integers(1, 12), st.integers(1, 12)))
    indices = draw(arrays.arrays(np.uint8, shape, elements=st.integers(0, len(colors) - 1)))
    return Indexed(Palette.from_colors(colors), indices)


def many(k, alpha=255):
    """An image of `k` colors, each used."""
    colors = [(i >> 8, i & 255, 77, alpha) for i in range(k)]
    indices = np.arange(k, dtype=np.uint8 if k <= 256 else np.uint16)[None]
    return Indexed(Palette.from_colors(colors), indices)


def decoded(data):
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGBA"))


def png(width, height, bits, color_type, rows, *, key=None):
    """A PNG written by hand, `rows` with their filter bytes, `key` as in tRNS."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, 0))
    transparency = chunk(b"tRNS", struct.pack(f">{len(key)}H", *key)) if key else b""
    data = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + header + transparency + data + chunk(b"IEND", b"")


def saved(image, kind="PNG", **settings):
    file = io.BytesIO()
    image.save(file, kind, **settings)
    return file.getvalue()


# Writing


@pytest.mark.parametrize("kind", codec.FORMATS)
@given(image=images())
def test_decoding_gives_back_opaque_images(kind, image):
    data = codec.encode(image, kind)
    assert np.array_equal(decoded(data), image.to_pixels())
    assert codec.encode(image, kind) == data
    assert np.array_equal(Image.fromarray(codec.read(data)).convert("RGBA"), image.to_pixels())


@pytest.mark.parametrize("kind", ["png", "tiff", "webp"])
@given(image=images(alphas=st.integers(0, 255)))
def test_decoding_gives_back_alpha(kind, image):
    assert np.array_equal(decoded(codec.encode(image, kind)), image.to_pixels())


@given(image=images(), data=st.data())
def test_gif_holds_one_transparent_color(image, data):
    colors = image.palette.colors.copy()
    colors[data.draw(st.integers(0, len(colors) - 1)), 3] = 0
    image = Indexed(Palette.from_colors(colors), image.indices)
    assert np.array_equal(decoded(codec.encode(image, "gif")), image.to_pixels())


@pytest.mark.parametrize("kind", codec.FORMATS)
@pytest.mark.parametrize("k", [1, 2, 3, 4, 5, 16, 17, 128, 129, 255, 256])
def test_every_depth(kind, k):
    assert np.array_equal(decoded(codec.encode(many(k), kind)), many(k).to_pixels())


@pytest.mark.parametrize("kind", ["tiff", "webp"])
@pytest.mark.parametrize("alpha", [255, 30])
def test_more_than_256_colors(kind, alpha):
    assert np.array_equal(decoded(codec.encode(many(300, alpha), kind)), many(300, alpha).to_pixels())


@pytest.mark.parametrize("kind", ["png", "webp"])
@settings(max_examples=20)
@given(image=images(alphas=st.integers(0, 255), most=18))
def test_more_effort_makes_no_larger_file_and_the_same_pixels(kind, image):
    ways = [("fast", False), ("default", True), ("default", False), ("max", False)]
    files = [codec.encode(image, kind, optimize=effort, draft=draft) for effort, draft in ways]
    assert sorted(files, key=len, reverse=True) == files
    assert all(np.array_equal(decoded(data), image.to_pixels()) for data in files)


def chunks_of(data):
    chunks, at = {}, 8
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        chunks[data[at + 4 : at + 8]] = data[at + 8 : at + 8 + size]
        at += size + 12
    return chunks


@pytest.mark.parametrize(("step", "bits"), [(255, 1), (85, 2), (17, 4), (3, 8)])
def test_grey_needs_no_palette(step, bits):
    levels = np.arange(0, 256, step, np.uint8)
    image = Indexed(
        Palette.from_colors(levels[:, None].repeat(3, axis=1)), np.arange(len(levels), dtype=np.uint8)[None]
    )
    data = codec.encode(image, "png")
    assert list(chunks_of(data)) == [b"IHDR", b"IDAT", b"IEND"]
    assert list(chunks_of(data)[b"IHDR"][8:10]) == [bits, 0]
    assert np.array_equal(decoded(data), image.to_pixels())


@given(image=images(alphas=st.sampled_from([255, 255, 7]), most=20))
def test_a_png_holds_no_more_than_it_must(image):
    chunks = chunks_of(codec.encode(image, "png", optimize="fast"))
    used = image.palette.colors[np.unique(image.indices)]
    transparent = int((used[:, 3] < 255).sum())
    if chunks[b"IHDR"][9] == 0:
        assert np.ptp(used[:, :3].astype(int), axis=1).max() == 0
        assert transparent == 0
        return
    assert list(chunks) == [b"IHDR", b"PLTE", *[b"tRNS"] * (transparent > 0), b"IDAT", b"IEND"]
    assert chunks[b"IHDR"][8:] == bytes([next(d for d in (1, 2, 4, 8) if len(used) <= 1 << d), 3, 0, 0, 0])
    assert len(chunks[b"PLTE"]) == 3 * len(used)
    assert len(chunks.get(b"tRNS", b"")) == transparent


@pytest.mark.parametrize(
    ("kind", "image", "words"),
    [
        ("png", many(257), "PNG holds up to 256 colors, got 257; use WebP or TIFF"),
        ("gif", many(300), "GIF holds up to 256 colors, got 300; use WebP or TIFF"),
        ("bmp", many(300), "BMP holds up to 256 colors, got 300; use WebP or TIFF"),
        ("bmp", many(2, 0), "BMP holds opaque colors only, got 2 with transparency; use PNG"),
        ("gif", many(2, 0), "GIF holds one transparent color, and none half so, got 2; use PNG"),
        ("gif", many(1, 128), "GIF holds one transparent color, and none half so, got 1; use PNG"),
        (
            "webp",
            Indexed(Palette.from_colors([(1, 2, 3)]), np.zeros((1, 16_384), np.uint8)),
            "WEBP holds sides of up to 16,383 pixels, got 16,384; use PNG or TIFF",
        ),
        (
            "gif",
            Indexed(Palette.from_colors([(1, 2, 3)]), np.zeros((65_536, 1), np.uint8)),
            "GIF holds sides of up to 65,535 pixels, got 65,536; use PNG or TIFF",
        ),
    ],
)
def test_what_a_format_cannot_hold_is_told(kind, image, words):
    with pytest.raises(WriteError) as caught:
        codec.encode(image, kind)
    assert words in str(caught.value)


@pytest.mark.parametrize("kind", ["jpeg", "PNG", ""])
def test_an_unknown_format_is_told(kind):
    with pytest.raises(ValueError, match="'png', 'gif', 'bmp', 'tiff', 'webp'"):
        codec.encode(many(2), kind)


@given(image=images(alphas=st.integers(0, 255)))
def test_to_pil(image):
    pil = image.to_pil()
    assert pil.mode == "P"
    assert np.array_equal(pil, image.indices)
    assert np.array_equal(pil.convert("RGBA"), image.to_pixels())
    before = image.indices.copy()
    pil.putpixel((0, 0), 255 - int(before[0, 0]))
    assert np.array_equal(image.indices, before)


def test_to_pil_of_many_colors_is_told():
    with pytest.raises(WriteError, match=r"to_pixels\(\)"):
        many(257).to_pil()


@pytest.mark.parametrize(("suffix", "kind"), codec.SUFFIXES.items())
def test_the_suffix_says_the_format(tmp_path, suffix, kind):
    for path in (tmp_path / f"a{suffix}", tmp_path / f"A{suffix.upper()}"):
        size = codec.write(many(5), path)
        assert path.read_bytes() == codec.encode(many(5), kind)
        assert path.stat().st_size == size
        assert codec.format_of(path) == kind


def test_a_format_overrules_the_suffix_and_file_objects_take_either(tmp_path):
    codec.write(many(5), tmp_path / "a.dat", "gif")
    file = io.BytesIO()
    size = codec.write(many(5), file, "gif")
    with open(tmp_path / "b.gif", "wb") as named:
        codec.write(many(5), named)
    assert (tmp_path / "a.dat").read_bytes() == (tmp_path / "b.gif").read_bytes() == file.getvalue()
    assert size == len(file.getvalue())


@pytest.mark.parametrize("file", ["a.jpg", "noending", io.BytesIO()])
def test_a_format_that_is_not_said_is_asked_for(file):
    with pytest.raises(ValueError, match=r"\.png, \.gif, \.bmp, \.tif, \.tiff, \.webp, or format="):
        codec.write(many(5), file)


def test_writing_goes_wrong_by_name(tmp_path):
    class Full(io.RawIOBase):
        name = "full.png"

        def write(self, _):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(WriteError, match=r"full\.png: No space left"):
        codec.write(many(5), Full())
    with pytest.raises(TypeError, match="got int"):
        codec.write(many(5), 7)
    codec.write(many(5), tmp_path / "a.png")
    with pytest.raises(WriteError, match=r"a\.png: exists"):
        codec.write(many(6), tmp_path / "a.png", overwrite=False)
    with pytest.raises(WriteError, match="no such folder"):
        codec.write(many(6), tmp_path / "none" / "a.png")


# Reading


@pytest.mark.parametrize(
    "given_as",
    [
        lambda path: path,
        str,
        lambda path: path.read_bytes(),
        lambda path: bytearray(path.read_bytes()),
        lambda path: memoryview(path.read_bytes()),
        lambda path: io.BytesIO(path.read_bytes()),
        lambda _: Image.fromarray(PHOTO),
        lambda _: PHOTO,
    ],
    ids=["Path", "str", "bytes", "bytearray", "memoryview", "file", "PIL", "array"],
)
def test_every_kind_of_input(tmp_path, given_as):
    path = tmp_path / "photo.png"
    Image.fromarray(PHOTO).save(path)
    assert np.array_equal(read(given_as(path)), PHOTO)


def test_a_file_object_is_read_from_where_it_stands_and_stays_open():
    file = io.BytesIO(b"before" + saved(Image.fromarray(PHOTO)))
    file.seek(6)
    assert np.array_equal(read(file), PHOTO)
    assert not file.closed


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_is_read(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_bytes(saved(Image.fromarray(PHOTO))))
    writer.start()
    assert np.array_equal(read(path), PHOTO)
    writer.join()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM", "TGA", "WEBP", "GIF", "ICO"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_formats_without_loss(kind, mode):
    grey = Image.fromarray(PHOTO[..., 0])
    settings = {"lossless": True} if kind == "WEBP" else {}
    settings |= {"sizes": [grey.size]} if kind == "ICO" else {}
    source = codec.load(saved(grey.convert(mode), kind, **settings))
    assert source.format == kind
    assert source.frames == 1
    assert np.array_equal(Image.fromarray(source.pixels).convert("RGB"), grey.convert("RGB"))


@pytest.mark.parametrize("kind", ["JPEG", "AVIF"])
@pytest.mark.parametrize("orientation", oracle.ORIENTED)
def test_orientation_of_files(kind, orientation):
    array = np.zeros((32, 48, 3), np.uint8)
    array[:16, :16], array[16:, 24:] = (255, 0, 0), (0, 0, 255)
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(array)
    pixels = read(saved(image, kind, exif=exif, quality=95, subsampling="4:4:4"))
    assert pixels.shape == oracle.ORIENTED[orientation](array).shape
    assert np.abs(pixels.astype(int) - oracle.ORIENTED[orientation](array)).mean() < 10


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", oracle.ORIENTED)
def test_orientation_of_lossless_files_and_images(kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(Image.fromarray(PHOTO), kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {}))
    assert np.array_equal(read(data), oracle.ORIENTED[orientation](PHOTO))
    with Image.open(io.BytesIO(data)) as image:
        assert np.array_equal(read(image), oracle.ORIENTED[orientation](PHOTO))


@pytest.mark.parametrize("exif", [b"Exif\0\0broken", b"", b"Exif\0\0II*\0\xff\xff\xff\xff"])
def test_broken_exif_concerns_nobody(exif):
    assert read(saved(Image.fromarray(PHOTO), "JPEG", exif=exif)).shape == PHOTO.shape


def test_sixteen_bits_of_a_png_are_rounded():
    values = np.array([[0, 128, 129, 32_896, 65_406, 65_407, 65_535]], np.uint16)
    assert read(saved(Image.fromarray(values))).tolist() == [[0, 0, 1, 128, 254, 255, 255]]


@pytest.mark.parametrize(("kind", "frames"), [("GIF", 3), ("PNG", 3), ("WEBP", 3), ("TIFF", 3), ("AVIF", 3)])
def test_of_an_animation_the_first_frame(kind, frames):
    first, *rest = (Image.new("RGB", (8, 8), (60 * i, 10, 200)) for i in range(frames))
    data = saved(first, kind, save_all=True, append_images=rest)
    with pytest.raises(ReadError, match=r"image: has 3 frames, .* first_frame=True"):
        codec.load(data)
    source = codec.load(data, first_frame=True)
    assert source.frames == frames
    assert np.abs(source.pixels[..., :3].astype(int) - (0, 10, 200)).max() <= 4


def test_a_preview_is_no_frame():
    image = Image.fromarray(PHOTO)
    source = codec.load(saved(image, "MPO", save_all=True, append_images=[image]))
    assert (source.format, source.frames) == ("MPO", 1)


@pytest.mark.parametrize(
    ("bits", "color_type", "row", "key", "expected"),
    [
        (1, 0, b"\x40", (1,), [[0, 255], [255, 0]]),
        (2, 0, b"\x60", (2,), [[85, 255], [170, 0]]),
        (4, 0, b"\x3f", (3,), [[51, 0], [255, 255]]),
        (8, 0, b"\x03\xff", (3,), [[3, 0], [255, 255]]),
        (16, 0, b"\1\1\1\2", (257,), [[1, 0], [1, 255]]),
        (8, 2, b"\1\1\1\2\2\2", (2, 2, 2), [[1, 255], [2, 0]]),
        (16, 2, b"\1\1\1\1\1\1\2\2\2\2\2\2", (514, 514, 514), [[1, 255], [2, 0]]),
    ],
)
def test_the_transparent_color_of_a_png(bits, color_type, row, key, expected):
    pixels = read(png(2, 1, bits, color_type, b"\0" + row, key=key))
    assert pixels[0, :, [0, 3]].T.tolist() == expected


def test_facts_of_a_source(tmp_path):
    path = tmp_path / "a.bmp"
    Image.fromarray(PHOTO).save(path)
    assert codec.load(path).bytes_in == path.stat().st_size
    assert codec.load(path.read_bytes()).bytes_in == path.stat().st_size
    assert codec.load(PHOTO).bytes_in == PHOTO.nbytes


def test_a_pil_image_is_left_as_it_is():
    image = Image.fromarray(PHOTO)
    exif = image.getexif()
    exif[0x0112] = 6
    before = image.tobytes()
    pixels = read(image)
    assert pixels.shape == (9, 6, 3)
    assert image.tobytes() == before
    assert image.getexif()[0x0112] == 6


# Bad input


NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
BAD = {
    "empty": (b"", "the file is empty"),
    "text": (b"hello, this is no image", "not an image"),
    "zeros": (bytes(5000), "not an image"),
    "truncated png": (saved(NOISE)[:6000], "damaged"),
    "truncated jpeg": (saved(NOISE, "JPEG")[:1500], "damaged"),
    "truncated webp": (saved(NOISE, "WEBP")[:1500], ""),
    "truncated tiff": (saved(NOISE, "TIFF")[:6000], ""),
    "truncated gif": (saved(NOISE, "GIF")[:2000], "damaged"),
    "header only": (saved(NOISE)[:20], ""),
    "flipped byte": (saved(NOISE)[:50] + b"\xff" + saved(NOISE)[51:], "damaged"),
    "bomb": (png(60_000, 60_000, 8, 2, bytes(99)), "60,000 x 60,000 pixels are more than the limit of 268,435,456"),
    "float tiff": (saved(Image.new("F", (3, 3)), "TIFF"), "no agreed range"),
    "no pixels": (png(0, 3, 8, 2, bytes(99)), ""),
}


@pytest.mark.parametrize(("data", "words"), BAD.values(), ids=BAD)
def test_a_bad_file_is_told_by_name(tmp_path, data, words):
    path = tmp_path / "photo.png"
    path.write_bytes(data)
    for image, name in ((path, str(path)), (data, "image"), (io.BytesIO(data), "image")):
        with pytest.raises(ReadError) as caught:
            read(image)
        assert str(caught.value).startswith(f"{name}: ")
        assert words in str(caught.value)


def test_a_place_without_a_file_is_told(tmp_path):
    with pytest.raises(ReadError, match=r"none\.png: there is no such file") as caught:
        read(tmp_path / "none.png")
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    with pytest.raises(ReadError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(ReadError, match="null"):
        read("a\0b")


@pytest.mark.parametrize("image", [None, 7, [[1, 2]], {"a": 1}])
def test_what_is_no_image_at_all_is_misuse(image):
    with pytest.raises(TypeError, match=f"got {type(image).__name__}"):
        read(image)


def test_a_text_file_object_is_misuse():
    for file in (io.StringIO("text"), io.TextIOWrapper(io.BytesIO(b"\xff\xfe"))):
        with pytest.raises(TypeError, match="'rb'"):
            read(file)


def test_arrays_go_through_their_gate():
    with pytest.raises(TypeError, match="floats have no agreed range"):
        read(np.full((2, 2, 3), 7.0))
    with pytest.raises(ValueError, match=r"got shape \(0, 4, 3\)"):
        read(np.zeros((0, 4, 3), np.uint8))


def test_the_limit_is_our_own_and_can_be_raised(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    data = saved(Image.fromarray(PHOTO), "TIFF")
    assert np.array_equal(read(data), PHOTO)
    assert np.array_equal(read(data, max_pixels=PHOTO.size // 3), PHOTO)
    with pytest.raises(ReadError, match="limit of 53; if you trust the file, raise it with read"):
        read(data, max_pixels=53)
    assert Image.MAX_IMAGE_PIXELS == 10


def test_threads_leave_pillow_as_it_was():
    limit, data, results = Image.MAX_IMAGE_PIXELS, saved(NOISE, "TIFF"), []
    threads = [threading.Thread(target=lambda: results.append(read(data))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert limit == Image.MAX_IMAGE_PIXELS
    assert all(np.array_equal(pixels, NOISE) for pixels in results)
    assert len(results) == 8
