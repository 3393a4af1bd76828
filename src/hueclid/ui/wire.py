"""Pictures as the page's canvas takes them: indices and a palette, which a browser paints faster than it decodes a PNG.

All numbers are little-endian: width, height and the number of colors as 32 bits each, the colors as RGBA, then a byte
for each pixel, row by row.
"""

from __future__ import annotations

import struct
from typing import Final

from ..indexed import Indexed

KIND: Final = "application/octet-stream"
MOST_COLORS: Final = 256

_HEAD: Final = struct.Struct("<III")


def pack(indexed: Indexed) -> bytes:
    """Return an indexed image as the page's viewer reads it.

    Raises:
        ValueError: it has more than 256 colors.
    """
    colors, indices = indexed.palette.colors, indexed.indices
    if len(colors) > MOST_COLORS:
        raise ValueError(f"an index is a byte on the wire; got {len(colors):,} colors, more than {MOST_COLORS}")
    height, width = indices.shape
    return b"".join((_HEAD.pack(width, height, len(colors)), colors.tobytes(), indices.tobytes()))
