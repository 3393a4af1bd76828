"""An input of the command line: a file or standard input."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..errors import ReadError
from ..options import PROFILE, Profile
from .targets import STREAM
from .terminal import say

if TYPE_CHECKING:
    from ..codec import Source


def load(image: str, max_pixels: int, *, first_frame: bool, profile: Profile = PROFILE.default) -> Source:
    """Read an image, and say what is wrong with its profile, and that of an animation only the first frame is taken.

    Args:
        image: a path, or "-" for standard input.
        max_pixels: the largest image to accept.
        first_frame: whether to accept an animation.
        profile: whether colors are converted to sRGB.

    Raises:
        ReadError: the image can't be read.
    """
    from ..codec import load

    given = sys.stdin.buffer if image == STREAM else image
    try:
        source = load(given, profile=profile, first_frame=first_frame, max_pixels=max_pixels)
    except ReadError as error:
        name = sys.stdin.buffer.name if image == STREAM else image
        raise ReadError(str(error).removeprefix(f"{name}: ")) from error  # every line says it first
    if source.frames > 1:
        say(image, f"has {source.frames} frames, took the first", style="yellow")
    if source.note:
        say(image, source.note, style="yellow")
    return source
