"""`cv2.imread` and the windows of a program that shows pictures."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from ...codec import read
from ...errors import ReadError
from .errors import ASSERTION, BAD_ARGUMENT, error

IMREAD_UNCHANGED: Final = -1
IMREAD_GRAYSCALE: Final = 0
IMREAD_COLOR: Final = 1
IMREAD_COLOR_BGR: Final = 1
IMREAD_COLOR_RGB: Final = 256

_LOG: Final = logging.getLogger(__name__)
_windows: dict[str, npt.NDArray[np.uint8]] = {}


def imread(filename: str | os.PathLike[str], flags: int = IMREAD_COLOR) -> npt.NDArray[np.uint8] | None:
    """Read an image file, channels in the order blue, green, red.

    Unlike OpenCV's, the colors are converted to sRGB if the file says what they mean, and 16 bits become 8.

    Args:
        filename: the path.
        flags: `IMREAD_COLOR` for `(H, W, 3)` BGR, `IMREAD_COLOR_RGB` for RGB, `IMREAD_GRAYSCALE` for `(H, W)`,
            `IMREAD_UNCHANGED` for what the file has: grey, BGR or BGRA.

    Returns:
        The image, or None, with a warning, when it can't be read.

    Raises:
        error: `filename` is no path, or the flags are none of these.
    """
    if not isinstance(filename, (str, os.PathLike)):
        raise error(BAD_ARGUMENT, f"Expected 'filename' to be a str or path-like object; got {filename!r}", "imread")
    allowed = (IMREAD_COLOR, IMREAD_COLOR_RGB, IMREAD_GRAYSCALE, IMREAD_UNCHANGED)
    if flags not in allowed:
        raise error(BAD_ARGUMENT, f"flags must be one of {allowed}, got {flags!r}", "imread")
    try:
        pixels = read(filename)
    except ReadError as wrong:
        warnings.warn(f"imread: can't open/read file: {wrong}", stacklevel=2)
        return None
    if flags == IMREAD_UNCHANGED:
        if pixels.ndim == 2:
            return pixels.copy()
        return np.ascontiguousarray(pixels[..., [2, 1, 0, 3][: pixels.shape[2]]])
    if flags == IMREAD_GRAYSCALE:
        if pixels.ndim == 2:
            return pixels.copy()
        # Luma by ITU-R BT.601, as everywhere in OpenCV.
        luma = pixels[..., :3].astype(np.uint32) @ np.array([299, 587, 114], np.uint32)
        return ((luma + 500) // 1000).astype(np.uint8)
    if pixels.ndim == 2:
        return np.repeat(pixels[..., None], 3, axis=2)
    return np.ascontiguousarray(pixels[..., :3] if flags == IMREAD_COLOR_RGB else pixels[..., 2::-1])


def imshow(winname: str, mat: npt.NDArray[Any]) -> None:
    """Keep an image until `waitKey` shows it, in place of what had the same name.

    Args:
        winname: the name.
        mat: `(H, W)`, `(H, W, 1)`, `(H, W, 3)` BGR or `(H, W, 4)` BGRA: uint8, or floats from 0 to 1.

    Raises:
        error: it is nothing of that.
    """
    if not isinstance(mat, np.ndarray) or mat.ndim not in (2, 3) or mat.shape[2:] not in ((), (1,), (3,), (4,)):
        got = f"shape {mat.shape}" if isinstance(mat, np.ndarray) else type(mat).__name__
        raise error(
            BAD_ARGUMENT, f"mat must be of shape (H, W), (H, W, 1), (H, W, 3) or (H, W, 4), got {got}", "imshow"
        )
    if not mat.size:
        raise error(ASSERTION, "size.width>0 && size.height>0: the image has no pixels", "imshow")
    if mat.dtype.kind == "f":
        mat = np.rint(np.nan_to_num(mat).clip(0, 1) * 255).astype(np.uint8)
    if mat.dtype != np.uint8:
        raise error(BAD_ARGUMENT, f"mat must be of uint8 or of floats from 0 to 1, got {mat.dtype}", "imshow")
    if mat.ndim == 3:
        mat = mat[..., 0] if mat.shape[2] == 1 else mat[..., [2, 1, 0, 3][: mat.shape[2]]]
    _windows[winname] = mat.copy()


def waitKey(delay: int = 0) -> int:  # noqa: N802 OpenCV's name
    """Show what `imshow` was given since, and wait for a line from the keyboard if `delay` is 0.

    Where there is a screen each image opens in the system's viewer, and stays. Elsewhere it is written to a new folder
    for temporary files, and the log says where. Without a keyboard nothing is waited for.

    Returns:
        The code of the line's first character, -1 without one.
    """
    has_screen = sys.platform in ("darwin", "win32") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
    images = {name: Image.fromarray(pixels) for name, pixels in _windows.items()}
    _windows.clear()
    if images and not has_screen:
        folder = Path(tempfile.mkdtemp(prefix="hueclid-"))
        for number, (name, image) in enumerate(images.items()):
            plain = "".join(letter if letter.isalnum() else "_" for letter in name)
            path = folder / f"{number}-{plain}.png"
            image.save(path)
            _LOG.warning("no screen: %r was written to %s", name, path)
    elif has_screen:
        for name, image in images.items():
            image.show(title=name)
    if delay <= 0 and sys.stdin is not None and sys.stdin.isatty():
        _LOG.warning("press Enter to go on")
        return ord((sys.stdin.readline() or "\n")[0])
    return -1


def destroyAllWindows() -> None:  # noqa: N802 OpenCV's name
    """Forget images that were not shown yet; viewers that are open stay."""
    _windows.clear()
