"""An input of the command line: a file or standard input."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

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

    source = load(sys.stdin.buffer.read() if image == STREAM else image, max_pixels=max_pixels)
    if source.frames > 1:
        say(image, f"has {source.frames} frames, took the first", style="yellow")
    return source
