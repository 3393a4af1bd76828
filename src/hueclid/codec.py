"""Image files and other people's images in, image files out."""

from __future__ import annotations

import contextlib
import errno
import io
import math
import os
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from . import _core
from .atomic import write_bytes as write_bytes
from .errors import ReadError, WriteError
from .options import FORMAT, MAX_PIXELS, OPTIMIZE, Optimize
from .pixels import Pixels, as_pixels
from .srgb import to_pixels

if TYPE_CHECKING:
    from .indexed import Indexed

ImageLike: TypeAlias = (
    "str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | Image.Image | npt.NDArray[np.uint8]"
)

SUFFIXES: Final = {
    ".png": "png",
    ".gif": "gif",
    ".bmp": "bmp",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".webp": "webp",
}
FORMATS: Final = FORMAT.choices

_LARGEST_SIDE: Final = {"gif": 65_535, "webp": 16_383}
_SETTINGS: Final[dict[str, dict[str, Any]]] = {
    "gif": {"interlace": False, "optimize": False},
    "bmp": {},
    "tiff": {"compression": "tiff_adobe_deflate"},
    "webp": {"lossless": True, "exact": True, "quality": 100},
}
_SINGLE: Final = ("MPO", "PSD")  # their further frames are previews or layers of the one picture
_REASONS: Final = {
    errno.ENOENT: "there is no such file; check the path",
    errno.EISDIR: "is a folder; name the images in it",
    errno.EACCES: "no permission to read it",
}
_PILLOW = threading.Lock()  # held while Pillow's global settings are changed


@dataclass(frozen=True, eq=False)
class Source:
    """An image that was read, and where it came from.

    Attributes:
        pixels: `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8: grey, RGB or RGBA.
        format: Pillow's name of the file format, such as "JPEG"; empty for an image from memory.
        frames: how many there are, of which `pixels` is the first.
        bytes_in: size of the file; of an image from memory, of its pixels.
    """

    pixels: Pixels
    format: str
    frames: int
    bytes_in: int


def read(image: ImageLike, *, max_pixels: int = MAX_PIXELS.default) -> Pixels:
    """Read an image as sRGB pixels: `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8 for grey, RGB or RGBA.

    Takes every format that Pillow reads; of an animation the first frame. The EXIF orientation is applied and
    the ICC profile converted. 16 bits become 8, grey by rounding, RGB by Pillow, which drops the low byte. An
    array of pixels is returned as it is. The result may be read-only.

    Args:
        image: a path, the bytes of an image file, a binary file object (read from where it stands to its
            end), a `PIL.Image`, or an array.
        max_pixels: refuse larger files, before decoding: a small file can claim to be enormous.

    Raises:
        ReadError: it can't be read as an image, or is larger than `max_pixels`.
        TypeError: `image` is none of these, or an array that is not of uint8.
        ValueError: an array of another shape, or without pixels.
    """
    return load(image, max_pixels=max_pixels).pixels


def load(image: ImageLike, *, max_pixels: int = MAX_PIXELS.default) -> Source:
    """Read an image as `read` does, and tell its format, number of frames and size in bytes."""
    max_pixels = MAX_PIXELS.check(max_pixels)
    if isinstance(image, np.ndarray):
        pixels = as_pixels(image)
        return Source(pixels, "", 1, pixels.nbytes)
    if isinstance(image, Image.Image):
        with _failures_named("image"):
            pixels = to_pixels(image, _orientation(image))
        return Source(as_pixels(pixels), "", 1, pixels.nbytes)
    if isinstance(image, (bytes, bytearray, memoryview)):
        return _decode(io.BytesIO(image), "image", max_pixels)
    if isinstance(image, (str, os.PathLike)):
        name = os.fspath(image)
        with _failures_named(name), open(name, "rb") as file:
            return _decode(file if file.seekable() else io.BytesIO(file.read()), name, max_pixels)
    if isinstance(image, io.TextIOBase):
        raise TypeError("the file is open for text; open it for bytes, with mode 'rb'")
    if hasattr(image, "read"):
        name = str(getattr(image, "name", "image"))
        with _failures_named(name):
            return _decode(io.BytesIO(image.read()), name, max_pixels)
    raise TypeError(
        "image must be a path, the bytes of an image file, a binary file object, a PIL.Image or an array; "
        f"got {type(image).__name__}"
    )


def _decode(file: BinaryIO, name: str, max_pixels: int) -> Source:
    """Read the image file `file`, which can seek; `name` is what errors call it."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if not size:
        raise ReadError(f"{name}: the file is empty")
    with _failures_named(name):
        with _pillow_at_ease() as pillows_limit:
            image = Image.open(file)
            width, height = image.size
            if width * height > max_pixels:
                raise ReadError(
                    f"{name}: {width:,} x {height:,} pixels are more than the limit of {max_pixels:,}; "
                    "if you trust the file, raise it with read(..., max_pixels=) or --max-pixels"
                )
            frames = _count_frames(image)
            _scale_key(image)
            # Decoding happens outside, in parallel, but some decoders look at Pillow's limit again.
            if width * height > pillows_limit:
                image.load()
        with image:
            pixels = as_pixels(to_pixels(image, _orientation(image)))
            return Source(pixels, image.format or "", frames, size)


def _count_frames(image: Image.Image) -> int:
    """Return the number of frames; 1 where a later frame is broken, which doesn't concern the first."""
    if image.format in _SINGLE:
        return 1
    try:
        return int(getattr(image, "n_frames", 1))
    except Exception:
        image.seek(0)
        return 1


def _scale_key(image: ImageFile) -> None:
    """Scale a PNG's transparent color to 8 bits as Pillow scales the pixels; it leaves the color as it was."""
    key = image.info.get("transparency")
    if image.format == "PNG" and image.tile and key is not None:
        raw_mode = image.tile[0].args
        if raw_mode in ("L;2", "L;4"):
            image.info["transparency"] = key * (85 if raw_mode == "L;2" else 17)
        elif raw_mode == "RGB;16B":
            image.info["transparency"] = tuple(level >> 8 for level in key)


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation; 1 when there is none or it can't be read."""
    image.load()  # a PNG may tell after its pixels; a TIFF is turned by Pillow
    try:
        with _pillow_at_ease():
            return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # broken EXIF fails in many ways, none of which concerns the pixels
        return 1


@contextlib.contextmanager
def _pillow_at_ease() -> Iterator[float]:
    """Lift Pillow's limit of pixels, which is `yield`ed, and keep its warnings in; both for all threads."""
    with _PILLOW, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        limit = Image.MAX_IMAGE_PIXELS
        Image.MAX_IMAGE_PIXELS = None
        try:
            yield math.inf if limit is None else limit
        finally:
            Image.MAX_IMAGE_PIXELS = limit


@contextlib.contextmanager
def _failures_named(name: str) -> Iterator[None]:
    """Turn whatever goes wrong into a `ReadError` that begins with `name`."""
    try:
        yield
    except ReadError:
        raise
    except UnidentifiedImageError as error:
        raise ReadError(f"{name}: not an image, or of a format that can't be read") from error
    except OSError as error:
        # Errors of the system have a number, those of decoders only words.
        reason = _REASONS.get(error.errno or 0, error.strerror or f"damaged or not supported: {error}")
        raise ReadError(f"{name}: {reason}") from error
    except MemoryError as error:
        raise ReadError(f"{name}: does not fit into memory") from error
    except Exception as error:  # decoders fail in every way there is
        raise ReadError(f"{name}: damaged or not supported: {error}") from error


def format_of(path: str | os.PathLike[str]) -> str:
    """Return the format that a path's suffix names.

    Raises:
        ValueError: it names none that can be written.
    """
    suffix = os.path.splitext(os.fspath(path))[1].lower()
    if suffix not in SUFFIXES:
        got = f"the suffix {suffix!r}" if suffix else "no suffix"
        raise ValueError(
            f"{os.fspath(path)!r} has {got}, which names no format that can be written; "
            f"use one of {', '.join(SUFFIXES)}, or format="
        )
    return SUFFIXES[suffix]


def write(
    indexed: Indexed,
    file: str | os.PathLike[str] | BinaryIO,
    format: str | None = None,  # noqa: A002 the name Pillow's users know
    *,
    optimize: Optimize = OPTIMIZE.default,
    overwrite: bool = True,
) -> int:
    """Write an indexed image and return the number of bytes; a path is replaced whole or not at all.

    Args:
        indexed: the image.
        file: a path, or a file object opened for binary writing.
        format: one of `FORMATS`; the suffix of the path, or of the file's name, says it when left out.
        optimize: how hard to pack a PNG, "fast", "default" or "max"; never changes a pixel.
        overwrite: whether a file that exists may be replaced.

    Raises:
        ValueError: the format is unknown.
        WriteError: the format can't hold the image, or the file can't be written.
    """
    if isinstance(file, (str, os.PathLike)):
        data = encode(indexed, format or format_of(file), optimize=optimize)
        return write_bytes(data, file, overwrite=overwrite)
    if not hasattr(file, "write"):
        raise TypeError(f"file must be a path or a binary file object, got {type(file).__name__}")
    name = getattr(file, "name", "")
    data = encode(indexed, format or format_of(name if isinstance(name, str) else ""), optimize=optimize)
    try:
        file.write(data)
    except OSError as error:
        raise WriteError(f"{name or 'file'}: {error.strerror or error}") from error
    return len(data)


def encode(indexed: Indexed, format: str, *, optimize: Optimize = OPTIMIZE.default) -> bytes:  # noqa: A002
    """Encode an indexed image; the same image gives the same bytes.

    Args:
        indexed: the image.
        format: one of `FORMATS`. PNG, GIF and BMP hold up to 256 colors, BMP opaque ones only, GIF one that
            is fully transparent beside opaque ones; TIFF (deflate) and WebP (lossless) hold everything.
        optimize: how hard to pack a PNG, "fast", "default" or "max"; never changes a pixel.

    Raises:
        ValueError: the format is unknown.
        WriteError: the format can't hold the image.
    """
    FORMAT.check(format)
    OPTIMIZE.check(optimize)
    _check_fit(indexed, format)
    colors = indexed.palette.colors
    if format == "png":
        return _core.encode_png(indexed.indices, colors, optimize)
    opaque = bool((colors[:, 3] == 255).all())
    if len(colors) <= 256 and (format in ("gif", "bmp") or (format == "tiff" and opaque)):
        image = to_pil(indexed)
    else:
        image = Image.fromarray(np.take(colors if not opaque else colors[:, :3], indexed.indices, axis=0))
    settings = dict(_SETTINGS[format])
    if format == "gif" and not opaque:
        image.putpalette(colors[:, :3].tobytes(), "RGB")
        settings["transparency"] = int(colors[:, 3].argmin())
    file = io.BytesIO()
    image.save(file, format, **settings)
    return file.getvalue()


def encode_png(image: Indexed | Pixels, *, optimize: Optimize = OPTIMIZE.default) -> bytes:
    """Encode an image of any number of colors as PNG: with a palette up to 256 colors, else pixel by pixel.

    Args:
        image: an indexed image, or `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8: grey, RGB or RGBA.
        optimize: how hard to pack one with a palette, "fast", "default" or "max"; never changes a pixel.
    """
    if not isinstance(image, np.ndarray):
        if len(image.palette) <= 256:
            return encode(image, "png", optimize=optimize)
        image = image.to_pixels()
    file = io.BytesIO()
    Image.fromarray(as_pixels(image)).save(file, "PNG")
    return file.getvalue()


def to_pil(indexed: Indexed) -> Image.Image:
    """Return an indexed image as a `PIL.Image` of mode "P", its palette RGB, or RGBA if not all is opaque.

    Raises:
        WriteError: there are more than 256 colors.
    """
    colors = indexed.palette.colors
    if len(colors) > 256:
        raise WriteError(
            f"a PIL.Image of mode P holds up to 256 colors, got {len(colors):,}; "
            "PIL.Image.fromarray(indexed.to_pixels()) holds them all"
        )
    image = Image.fromarray(indexed.indices).copy()
    if (colors[:, 3] == 255).all():
        image.putpalette(colors[:, :3].tobytes(), "RGB")
    else:
        image.putpalette(colors.tobytes(), "RGBA")
    return image


def _check_fit(indexed: Indexed, format: str) -> None:  # noqa: A002
    """Raise `WriteError` when the format can't hold the image."""
    alphas = indexed.palette.colors[:, 3]
    side = max(indexed.indices.shape)
    transparent = int((alphas < 255).sum())
    limit = ""
    if side > _LARGEST_SIDE.get(format, side):
        limit = f"holds sides of up to {_LARGEST_SIDE[format]:,} pixels, got {side:,}; use PNG or TIFF"
    elif format in ("png", "gif", "bmp") and len(alphas) > 256:
        limit = f"holds up to 256 colors, got {len(alphas):,}; use WebP or TIFF, or fewer colors"
    elif format == "bmp" and transparent:
        limit = f"holds opaque colors only, got {transparent} with transparency; use PNG, WebP or TIFF, or a matte"
    elif format == "gif" and (transparent > 1 or np.any((alphas > 0) & (alphas < 255))):
        limit = (
            f"holds one transparent color, and none half so, got {transparent}; use PNG, WebP or TIFF, or binary alpha"
        )
    if limit:
        raise WriteError(f"{format.upper()} {limit}")
