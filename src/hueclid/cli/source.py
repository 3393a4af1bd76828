"""An input of the command line: a file or standard input."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..errors import ReadError
from .targets import STREAM
from .terminal import say

if TYPE_CHECKING:
    from ..codec import Source


def load(image: str, max_pixels: int) -> Source:
    """Read an image, and say so when only the first frame of an animation is taken.

    Args:
        image: a path, or "-" for standard input.
        max_pixels: the largest image to accept.

    Raises:
        ReadError: the image can't be read.
    """
    from ..codec import load

    try:
        source = load(sys.stdin.buffer if image == STREAM else image, max_pixels=max_pixels)
    except ReadError as error:
        name = sys.stdin.buffer.name if image == STREAM else image
        raise ReadError(str(error).removeprefix(f"{name}: ")) from error  # every line says it first
    if source.frames > 1:
        say(image, f"has {source.frames} frames, took the first", style="yellow")
    return source
