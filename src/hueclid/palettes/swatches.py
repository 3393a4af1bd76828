"""Palette files of Adobe's programs: ASE (swatch exchange) and ACO (Photoshop's color swatches).

Both are as their readers know them; ACO is documented in Adobe's "Photoshop File Formats Specification" (2019), ASE is
not, and was described by O. Vallentin ("AdobeSwatchExchange", selapa.net).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from ..errors import ReadError, WriteError
from ..palette import Palette
from .names import names
from .text import palette

_COLOR, _GROUP_START, _GROUP_END = 0x0001, 0xC001, 0xC002
_RGB, _GREY = 0, 8  # spaces of ACO
_GREY_WHITE = 10_000


def write_ase(palette: Palette) -> bytes:
    """Write colors as RGB, each with its name."""
    blocks = []
    for (red, green, blue, _), name in zip(palette.colors.tolist(), names(palette), strict=True):
        values = struct.pack(">4s3fH", b"RGB ", red / 255, green / 255, blue / 255, 2)
        body = struct.pack(">H", len(name) + 1) + _utf16(name) + values
        blocks.append(struct.pack(">HI", _COLOR, len(body)) + body)
    return b"ASEF" + struct.pack(">HHI", 1, 0, len(blocks)) + b"".join(blocks)


def read_ase(data: bytes) -> Palette:
    """Read the colors of all groups, RGB or grey."""
    if data[:4] != b"ASEF":
        raise ReadError("an ASE file begins with 'ASEF'")
    (blocks,) = struct.unpack_from(">I", data, 8)
    colors, at = [], 12
    for _ in range(blocks):
        kind, length = struct.unpack_from(">HI", data, at)
        body = data[at + 6 : at + 6 + length]
        at += 6 + length
        if kind != _COLOR:
            if kind not in (_GROUP_START, _GROUP_END):
                raise ReadError(f"an ASE file has blocks of colors and groups, got one of kind {kind:#06x}")
            continue
        (letters,) = struct.unpack_from(">H", body)
        model = body[2 + 2 * letters : 6 + 2 * letters]
        if model not in (b"RGB ", b"Gray"):
            raise ReadError(
                f"its colors must be RGB or grey, got {model.decode('latin-1').strip()!r}; save them as RGB"
            )
        parts = struct.unpack_from(">3f" if model == b"RGB " else ">f", body, 6 + 2 * letters)
        colors.append([_byte(255 * part) for part in (parts if len(parts) == 3 else parts * 3)])
    return palette(colors)


def write_aco(palette: Palette) -> bytes:
    """Write both parts, the colors and, for programs that know it, the colors with their names."""
    entries = [
        struct.pack(">5H", _RGB, red * 257, green * 257, blue * 257, 0)
        for red, green, blue, _ in palette.colors.tolist()
    ]
    if len(entries) > 0xFFFF:
        raise WriteError(f"an ACO file holds up to 65,535 colors, got {len(entries):,}")
    named = [
        entry + struct.pack(">I", len(name) + 1) + _utf16(name)
        for entry, name in zip(entries, names(palette), strict=True)
    ]
    return b"".join([struct.pack(">HH", 1, len(entries)), *entries, struct.pack(">HH", 2, len(entries)), *named])


def read_aco(data: bytes) -> Palette:
    """Read the colors, RGB or grey."""
    version, number = struct.unpack_from(">HH", data)
    if version not in (1, 2):
        raise ReadError(f"an ACO file is of version 1 or 2, got {version}")
    return palette(_aco_colors(data, version, number))


def _aco_colors(data: bytes, version: int, number: int) -> Iterator[list[int]]:
    at = 4
    for _ in range(number):
        space, *parts = struct.unpack_from(">5H", data, at)
        at += 10
        if version == 2:
            (letters,) = struct.unpack_from(">I", data, at)
            at += 4 + 2 * letters
        if space == _RGB:
            yield [_byte(part / 257) for part in parts[:3]]
        elif space == _GREY:
            yield [_byte(255 * (1 - parts[0] / _GREY_WHITE))] * 3
        else:
            raise ReadError(f"its colors must be RGB or grey, got color space {space}; save them as RGB")


def _byte(value: float) -> int:
    if not 0 <= value <= 255:
        raise ReadError(f"a color is made of parts from 0 to 1, got {value / 255:.6g}")
    return round(value)


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be") + b"\0\0"
