"""The chunks of a PNG file (W3C, "Portable Network Graphics (PNG) Specification (Third Edition)", 2025)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"

_HEADER_END: Final = len(SIGNATURE) + 25  # IHDR is of 13 bytes, and 12 around them


@dataclass(frozen=True)
class Chunk:
    """One chunk.

    Attributes:
        kind: four letters, such as b"IDAT".
        data: what it holds, without length and checksum.
    """

    kind: bytes
    data: bytes

    @property
    def is_known(self) -> bool:
        """Whether the specification says what it means."""
        return self.kind in _KNOWN

    @property
    def is_safe_to_copy(self) -> bool:
        """Whether it stays true when pixels change: the bit that editors which don't know it look at."""
        return bool(self.kind[3] & 0x20)

    def __bytes__(self) -> bytes:
        checksum = zlib.crc32(self.data, zlib.crc32(self.kind))
        return b"".join((struct.pack(">I", len(self.data)), self.kind, self.data, struct.pack(">I", checksum)))


_KNOWN: Final = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI tEXt zTXt iTXt bKGD hIST pHYs sPLT eXIf tIME "
    b"acTL fcTL fdAT".split()
)


def walk(data: bytes) -> Iterator[Chunk]:
    """Give the chunks of a PNG in order, pixels left out; ends without a word where the file does, or breaks.

    Args:
        data: the file.
    """
    place = len(SIGNATURE)
    while data.startswith(SIGNATURE) and place + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 8 + length
        if end + 4 > len(data):
            return
        if kind != b"IDAT":
            chunk = Chunk(kind, data[place + 8 : end])
            if bytes(chunk)[-4:] != data[end : end + 4]:
                return
            yield chunk
        place = end + 4


def insert(data: bytes, chunks: Iterable[Chunk]) -> bytes:
    """Return a PNG with more chunks, right after its header, where those about color have to stand."""
    return b"".join((data[:_HEADER_END], *map(bytes, chunks), data[_HEADER_END:]))
