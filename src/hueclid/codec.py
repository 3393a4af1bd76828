"""Image files out; what reads them is known here too."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np
from PIL import Image

from . import _core
from .atomic import write_bytes as write_bytes
from .errors import WriteError
from .metadata import Metadata
from .options import FORMAT, OPTIMIZE, Optimize
from .pixels import Pixels, as_pixels
from .reader import ImageLike as ImageLike
from .reader import Source as Source
from .reader import load as load
from .reader import read as read

if TYPE_CHECKING:
    from .indexed import Indexed

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
    "bmp": {},
    "tiff": {"compression": "tiff_adobe_deflate"},
    "webp": {"lossless": True, "exact": True},
}
_WEBP: Final[dict[str, dict[str, int]]] = {
    "fast": {"method": 4, "quality": 75},
    "default": {"method": 4, "quality": 100},
    "max": {"method": 6, "quality": 100},
}
"""What of libwebp's effort each level adds: "default" takes up to 4 % off "fast" for a third more time, "max" 1 or 2 %
off that for 10 to 100 times the time. Of all that a level may use the smallest file is taken."""

NOTHING: Final = Metadata()
"""Pixels alone."""
PROFILED: Final = ("png", "tiff", "webp")
"""The formats that hold an ICC profile."""


def format_of(path: str | os.PathLike[str]) -> str:
    """Return the format that a path's suffix names.

    Raises:
        ValueError: it names none that can be written.
    """
    suffix = os.path.splitext(os.fspath(path))[1].lower()
    if suffix not in SUFFIXES:
        got = f"the suffix {suffix!r}" if suffix else "no suffix"
        called = repr(os.fspath(path)) if path else "a file without a name"
        raise ValueError(
            f"{called} has {got}, which names no format that can be written; "
            f"use one of {', '.join(SUFFIXES)}, or format="
        )
    return SUFFIXES[suffix]


def write(
    indexed: Indexed,
    file: str | os.PathLike[str] | BinaryIO,
    format: str | None = None,  # noqa: A002 the name Pillow's users know
    *,
    optimize: Optimize = OPTIMIZE.default,
    metadata: Metadata = NOTHING,
    overwrite: bool = True,
) -> int:
    """Write an indexed image and return the number of bytes; a path is replaced whole or not at all.

    Args:
        indexed: the image.
        file: a path, or a file object opened for binary writing.
        format: one of `FORMATS`; the suffix of the path, or of the file's name, says it when left out.
        optimize: how hard to pack a PNG or WebP, "fast", "default" or "max"; never changes a pixel.
        metadata: what the file holds beside its pixels.
        overwrite: whether a file that exists may be replaced.

    Raises:
        ValueError: the format is unknown.
        WriteError: the format can't hold the image, or the file can't be written.
    """
    if isinstance(file, (str, os.PathLike)):
        data = encode(indexed, format or format_of(file), optimize=optimize, metadata=metadata)
        return write_bytes(data, file, overwrite=overwrite)
    if not hasattr(file, "write"):
        raise TypeError(f"file must be a path or a binary file object, got {type(file).__name__}")
    name = getattr(file, "name", "")
    kind = format or format_of(name if isinstance(name, str) else "")
    data = encode(indexed, kind, optimize=optimize, metadata=metadata)
    try:
        file.write(data)
    except OSError as error:
        raise WriteError(f"{name or 'file'}: {error.strerror or error}") from error
    return len(data)


def encode(
    indexed: Indexed,
    format: str,  # noqa: A002 the name Pillow's users know
    *,
    optimize: Optimize = OPTIMIZE.default,
    metadata: Metadata = NOTHING,
    draft: bool = False,
) -> bytes:
    """Encode an indexed image; the same image gives the same bytes.

    Args:
        indexed: the image.
        format: one of `FORMATS`. PNG, GIF and BMP hold up to 256 colors, BMP opaque ones only, GIF one that
            is fully transparent beside opaque ones; TIFF (deflate) and WebP (lossless) hold everything.
        optimize: how hard to pack a PNG or WebP, "fast", "default" or "max"; never changes a pixel.
        metadata: what the file holds beside its pixels, as far as the format can. PNG holds all of it, TIFF and WebP
            profile, EXIF and XMP, TIFF and BMP the resolution, GIF remarks.
        draft: whether a PNG of the default effort goes without its last step, which takes some percent off small ones
            and most of their time: to compare results by.

    Raises:
        ValueError: the format is unknown.
        WriteError: the format can't hold the image, or not its ICC profile, without which colors are wrong.
    """
    FORMAT.check(format)
    OPTIMIZE.check(optimize)
    check_fit(indexed, format)
    if metadata.profile and format not in PROFILED:
        raise WriteError(f'{format.upper()} holds no ICC profile; use PNG, TIFF or WebP, or read with profile="srgb"')
    return metadata.embed(_encoded(indexed, format, optimize, metadata, draft), format)


def _encoded(indexed: Indexed, format: str, optimize: Optimize, metadata: Metadata, draft: bool) -> bytes:  # noqa: A002
    colors = indexed.palette.colors
    if format == "png":
        # An ICC profile is of RGB, which a grey PNG can't hold.
        effort = "draft" if draft and optimize == OPTIMIZE.default else optimize
        return _core.encode_png(indexed.indices, colors, effort, not metadata.profile)
    if format == "gif":
        return indexed.gif or _core.encode_gif(indexed.indices, colors, None, 0.0, False)
    opaque = bool((colors[:, 3] == 255).all())
    if len(colors) <= 256 and (format == "bmp" or (format == "tiff" and opaque)):
        image = to_pil(indexed)
    else:
        image = Image.fromarray(np.take(colors if not opaque else colors[:, :3], indexed.indices, axis=0))
    tried: list[dict[str, int]] = [{}]
    if format == "webp":
        efforts = OPTIMIZE.choices[: OPTIMIZE.choices.index(optimize) + 1]
        tried = [_WEBP[effort] for effort in efforts]
    return min((_saved(image, format, _SETTINGS[format] | metadata.settings(format) | more) for more in tried), key=len)


def _saved(image: Image.Image, format: str, settings: dict[str, Any]) -> bytes:  # noqa: A002
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


def check_fit(indexed: Indexed, format: str) -> None:  # noqa: A002
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
