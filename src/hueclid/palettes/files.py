"""Palette files: what other programs read and write."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from typing import BinaryIO, Final

import numpy as np

from ..atomic import write_bytes
from ..codec import read as read_image
from ..errors import ReadError, WriteError
from ..options import PALETTE_FORMAT, SPACE, WIDTHS, PaletteFormat, Space, Widths
from ..palette import Palette
from . import swatches, text

_WRITERS: Final[dict[str, Callable[[Palette], bytes]]] = {
    "hex": text.write_hex,
    "json": text.write_json,
    "gpl": text.write_gpl,
    "css": text.write_css,
    "ase": swatches.write_ase,
    "aco": swatches.write_aco,
}
_OPAQUE: Final = ("gpl", "ase", "aco")  # they know no alpha


def _read_strip(data: bytes) -> Palette:
    """Return the colors of a picture in the order in which they are met, row by row."""
    pixels = read_image(data)
    rgba = np.full((*pixels.shape[:2], 4), 255, np.uint8)
    rgba[..., : pixels.shape[2] if pixels.ndim == 3 else 3] = pixels if pixels.ndim == 3 else pixels[..., None]
    words = rgba.reshape(-1, 4).view(np.uint32).ravel()
    colors, firsts = np.unique(words, return_index=True)
    return text.palette(colors[np.argsort(firsts)].view(np.uint8).reshape(-1, 4).tolist())


_READERS: Final[dict[str, Callable[[bytes], Palette]]] = {
    "hex": text.read_hex,
    "json": text.read_json,
    "gpl": text.read_gpl,
    "css": text.read_css,
    "ase": swatches.read_ase,
    "aco": swatches.read_aco,
    "png": _read_strip,
}


def encode(palette: Palette, format: PaletteFormat, *, widths: Widths = WIDTHS.default) -> bytes:  # noqa: A002
    """Return the bytes of a palette file, the colors in their order.

    Args:
        palette: what to write.
        format: "hex": a color a line. "json": `{"palette": [{"hex", "rgba", "weight", "share", "name"}, ...]}`. "gpl":
            of GIMP, Inkscape and Krita. "ase" and "aco": swatches of Adobe's programs. "css": variables. "svg" and
            "png": strips, as `plot.strip` draws them.
        widths: of a strip's colors, "share" or "equal".

    Raises:
        ValueError: the format is unknown.
        WriteError: the format can't hold the palette: GPL, ASE and ACO know no alpha.
    """
    PALETTE_FORMAT.check(format)
    if format == "svg" or format == "png":
        from ..plot import strip

        return strip(palette, format, widths=widths)
    transparent = int((palette.colors[:, 3] < 255).sum())
    if transparent and format in _OPAQUE:
        raise WriteError(
            f"{format.upper()} holds opaque colors only, got {transparent} with transparency; use hex, JSON, CSS or PNG"
        )
    return _WRITERS[format](palette)


def decode(data: bytes, format: PaletteFormat, *, space: Space = SPACE.default) -> Palette:  # noqa: A002
    """Return the palette in a file's bytes; of colors that come again, the first.

    Args:
        data: the file.
        format: as `encode` takes it, but "svg"; "png": any picture, its colors in the order in which they are met.
        space: the working space in which pixels will be mapped to it.

    Raises:
        ReadError: it is no such file, holds no color, or more than 65,536.
        ValueError: the format is unknown, or can't be read.
    """
    if PALETTE_FORMAT.check(format) not in _READERS:
        raise ValueError(f"format must be one of {', '.join(map(repr, _READERS))} to be read, got {format!r}")
    SPACE.check(space)
    try:
        found = _READERS[format](data)
    except ReadError as error:
        raise ReadError(f"palette: {str(error).removeprefix('image: ')}") from error
    except (ValueError, KeyError, TypeError, AttributeError, struct.error, RecursionError) as error:
        raise ReadError(f"palette: not a {format.upper()} file, or damaged: {error}") from error
    return Palette(found.colors, found.weights, space=space)


def write(
    palette: Palette,
    file: str | os.PathLike[str] | BinaryIO,
    format: PaletteFormat | None = None,  # noqa: A002 the name of the flag
    *,
    widths: Widths = WIDTHS.default,
    overwrite: bool = True,
) -> int:
    """Write a palette file and return the number of bytes; a path is replaced whole or not at all.

    Args:
        palette: what to write.
        file: a path, or a file object opened for binary writing.
        format: as `encode` takes it; the suffix of the path says it when left out.
        widths: of a strip's colors, "share" or "equal".
        overwrite: whether a file that exists may be replaced.

    Raises:
        ValueError: the format is unknown.
        WriteError: the format can't hold the palette, or the file can't be written.
    """
    if isinstance(file, (str, os.PathLike)):
        return write_bytes(encode(palette, format or format_of(file), widths=widths), file, overwrite=overwrite)
    name = getattr(file, "name", "")
    data = encode(palette, format or format_of(name if isinstance(name, str) else ""), widths=widths)
    try:
        file.write(data)
    except OSError as error:
        raise WriteError(f"{name or 'file'}: {error.strerror or error}") from error
    return len(data)


def read(
    file: str | os.PathLike[str] | BinaryIO,
    format: PaletteFormat | None = None,  # noqa: A002 the name of the flag
    *,
    space: Space = SPACE.default,
) -> Palette:
    """Read a palette file.

    Args:
        file: a path, or a file object opened for binary reading.
        format: as `decode` takes it; the suffix of the path says it when left out.
        space: the working space in which pixels will be mapped to it.

    Raises:
        ReadError: it can't be read, or holds no palette.
        ValueError: the format is unknown, or can't be read.
    """
    name = os.fspath(file) if isinstance(file, (str, os.PathLike)) else getattr(file, "name", "")
    kind = format or format_of(name if isinstance(name, str) else "")
    try:
        if isinstance(file, (str, os.PathLike)):
            with open(file, "rb") as opened:
                data = opened.read()
        else:
            data = file.read()
    except OSError as error:
        raise ReadError(f"{name or 'file'}: {error.strerror or error}") from error
    try:
        return decode(data, kind, space=space)
    except ReadError as error:
        raise ReadError(f"{name or 'file'}: {str(error).removeprefix('palette: ')}") from error


def format_of(path: str | os.PathLike[str]) -> PaletteFormat:
    """Return the format that a path's suffix names.

    Raises:
        ValueError: it names none.
    """
    suffix = os.path.splitext(os.fspath(path))[1].lower()
    if suffix[1:] not in PALETTE_FORMAT.choices:
        got = f"the suffix {suffix!r}" if suffix else "no suffix"
        called = repr(os.fspath(path)) if path else "a file without a name"
        endings = ", ".join(f".{name}" for name in PALETTE_FORMAT.choices)
        raise ValueError(f"{called} has {got}, which names no format of palettes; use one of {endings}, or format=")
    return suffix[1:]  # type: ignore[return-value]
