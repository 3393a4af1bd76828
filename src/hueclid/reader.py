"""Images in: files, and other people's images."""

from __future__ import annotations

import contextlib
import errno
import io
import math
import os
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from . import deep
from .chunks import walk
from .errors import ReadError
from .metadata import Metadata
from .options import MAX_PIXELS, PROFILE, Profile
from .pixels import Pixels, as_pixels
from .srgb import shown

ImageLike: TypeAlias = (
    "str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | Image.Image | npt.NDArray[np.uint8]"
)

READ_SUFFIXES: Final = (
    *(".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".webp", ".avif", ".bmp", ".dib", ".tif", ".tiff"),
    *(".jp2", ".tga", ".ppm", ".pgm", ".pbm", ".pnm", ".ico"),
)
"""How the names of images end that a folder is searched for; anything else is read too when it is named."""

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
        metadata: what the file holds beside its pixels, with the profile that these need, if any.
        note: in words, what was wrong with the file but did not hinder reading; empty mostly.
        file: the file itself; empty for an image from memory.
    """

    pixels: Pixels
    format: str
    frames: int
    bytes_in: int
    metadata: Metadata = field(default_factory=Metadata)
    note: str = ""
    file: bytes = b""


def read(
    image: ImageLike,
    *,
    profile: Profile = PROFILE.default,
    first_frame: bool = False,
    max_pixels: int = MAX_PIXELS.default,
) -> Pixels:
    """Read an image as sRGB pixels: `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8 for grey, RGB or RGBA.

    Takes every format that Pillow reads. The EXIF orientation is applied and the ICC profile converted, or what a
    PNG says of gamma and chromaticities. 16 bits become 8 by rounding, but for a `PIL.Image` in color, which has 8
    already. An array of pixels is returned as it is. The result may be read-only.

    Args:
        image: a path, the bytes of an image file, a binary file object (read from where it stands to its
            end), a `PIL.Image`, or an array.
        profile: "srgb", or "keep": RGB colors stay as the ICC profile has them, which `load` tells.
        first_frame: of a file with several frames or pages take the first, instead of refusing it.
        max_pixels: refuse larger files, before decoding: a small file can claim to be enormous.

    Raises:
        ReadError: it can't be read as an image, has several frames, or is larger than `max_pixels`.
        TypeError: `image` is none of these, or an array that is not of uint8.
        ValueError: an array of another shape, or without pixels.
    """
    return load(image, profile=profile, first_frame=first_frame, max_pixels=max_pixels).pixels


def load(
    image: ImageLike,
    *,
    profile: Profile = PROFILE.default,
    first_frame: bool = False,
    max_pixels: int = MAX_PIXELS.default,
) -> Source:
    """Read an image as `read` does, and tell what the file holds beside its pixels."""
    gate = _Gate(PROFILE.check(profile), first_frame, MAX_PIXELS.check(max_pixels))
    if isinstance(image, np.ndarray):
        pixels = as_pixels(image)
        return Source(pixels, "", 1, pixels.nbytes)
    if isinstance(image, Image.Image):
        with _failures_named("image"):
            seen = shown(image, _orientation(image), profile=gate.profile)
            metadata = replace(Metadata.of(image), profile=seen.profile)
        return Source(as_pixels(seen.pixels), "", 1, seen.pixels.nbytes, metadata, seen.note)
    if isinstance(image, (bytes, bytearray, memoryview)):
        return _decode(bytes(image), "image", gate)
    if isinstance(image, (str, os.PathLike)):
        name = os.fspath(image)
        with _failures_named(name), open(name, "rb") as file:
            return _decode(file.read(), name, gate)
    if isinstance(image, io.TextIOBase):
        raise TypeError("the file is open for text; open it for bytes, with mode 'rb'")
    if hasattr(image, "read"):
        name = str(getattr(image, "name", "image"))
        with _failures_named(name):
            return _decode(image.read(), name, gate)
    remedy = "; np.asarray(image, np.uint8) makes an array" if isinstance(image, (list, tuple)) else ""
    raise TypeError(
        "image must be a path, the bytes of an image file, a binary file object, a PIL.Image or an array; "
        f"got {type(image).__name__}{remedy}"
    )


@dataclass(frozen=True)
class _Gate:
    """What may come in, and how."""

    profile: Profile
    first_frame: bool
    max_pixels: int


def _decode(file: bytes, name: str, gate: _Gate) -> Source:
    """Read an image file; `name` is what errors call it."""
    if not file:
        raise ReadError(f"{name}: the file is empty")
    with _failures_named(name):
        with _pillow_at_ease() as pillows_limit:
            image = Image.open(io.BytesIO(file))
            width, height = image.size
            if width * height > gate.max_pixels:
                raise ReadError(
                    f"{name}: {width:,} x {height:,} pixels are more than the limit of {gate.max_pixels:,}; "
                    "if you trust the file, raise it with read(..., max_pixels=) or --max-pixels"
                )
            frames = _count_frames(image)
            if frames > 1 and not gate.first_frame:
                raise ReadError(
                    f"{name}: has {frames} frames, and all but the first would be lost; "
                    "if that is what you want, say so with read(..., first_frame=True) or --first-frame"
                )
            samples = deep.samples(image, Image.open(io.BytesIO(file))) if deep.is_deep(image) else None
            _scale_key(image)
            # Decoding happens outside, in parallel, but some decoders look at Pillow's limit again.
            if width * height > pillows_limit:
                image.load()
        with image:
            orientation = _orientation(image)
            seen = shown(image, orientation, profile=gate.profile, samples=samples)
            chunks = list(walk(file)) if image.format == "PNG" else []
            metadata = replace(Metadata.of(image, chunks), profile=seen.profile)
            return Source(as_pixels(seen.pixels), image.format or "", frames, len(file), metadata, seen.note, file)


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
