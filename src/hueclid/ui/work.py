"""What the page has done in threads; every result comes from `hueclid.quantize`."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

import numpy as np

from ..api import quantize
from ..codec import encode, load
from ..curves import COLORS_OF_A_CURVE, Row
from ..errors import HueclidError
from ..histogram import Histogram
from ..indexed import Indexed
from ..metadata import Metadata
from ..options import COLORS_OR_AUTO, EFFORT, KEEP, LOSSY, OPTIMIZE
from ..palette import Palette
from ..pixels import Pixels
from ..plot import cloud
from ..quality import Original, psnr
from ..sheet import shrink
from . import wire
from .choices import TARGETS, Choices
from .jobs import Checkpoint
from .session import Picture

PREVIEW = 3 << 16
"""Pixels of the copy that follows the slider."""

LADDER = (2, 3, 4, 8, 16, 32, 64, 128, 256)
"""The numbers of colors of the thumbnails."""

_THUMBNAIL = 144  # pixels, the longer side
_MEASURED = 1 << 24  # the most pixels that are measured by SSIMULACRA2, which takes 50 bytes for each
_CURVE = (*range(0, len(COLORS_OF_A_CURVE), 3), *range(1, len(COLORS_OF_A_CURVE), 3), *range(2, 16, 3))


@dataclass(frozen=True, eq=False)
class Subject:
    """A picture that is worked on.

    Attributes:
        picture: the file.
        pixels: of it.
        resolution: how large it prints, if it says so.
        small: the same, of at most `PREVIEW` pixels.
        tiny: the same, for thumbnails.
        colors: how many distinct ones it has.
    """

    picture: Picture
    pixels: Pixels
    resolution: Metadata
    small: Pixels
    tiny: Pixels
    colors: int

    def rgba(self) -> bytes:
        """Return the pixels as a browser's canvas takes them."""
        height, width = self.pixels.shape[:2]
        rgba = np.full((height, width, 4), 255, np.uint8)
        grey = self.pixels.ndim == 2
        rgba[..., : 3 if grey else self.pixels.shape[2]] = self.pixels[..., None] if grey else self.pixels
        return rgba.tobytes()


@dataclass(frozen=True, eq=False)
class Outcome:
    """A result, as far as it is known.

    Attributes:
        indexed: the picture.
        image: the same, to show, as `wire` packs it.
        preview: whether the result that was asked for is still to come.
        file: the bytes to take away, in the chosen format; None where that can't hold it, or not yet.
        failure: why it can't.
        psnr: in decibels; None as long as it is not known.
        ssimulacra2: the score; None as long as it is not known, and for pictures too large or too small.
        seconds: from pixels to file.
        done: nothing more is to come.
    """

    indexed: Indexed
    image: bytes
    preview: bool = False
    file: bytes | None = None
    failure: str = ""
    psnr: float | None = None
    ssimulacra2: float | None = None
    seconds: float = 0.0
    done: bool = False


def open_picture(picture: Picture, max_pixels: int) -> Iterator[Subject]:
    """Read a picture and make its copies."""
    pixels, resolution = _load(picture, max_pixels)
    small = _copy(pixels, PREVIEW)
    tiny = _copy(small, _THUMBNAIL**2 * 2 // 3)
    yield Subject(picture, pixels, resolution, small, tiny, len(Histogram.count(pixels)))


def preview(pixels: Pixels, choices: Choices, colors: int | None = None) -> Indexed:
    """Reduce a copy in haste: nothing is lost, and there are as many colors as there may be where fewer might do."""
    keywords = {**choices.copy(TARGETS).keywords(), EFFORT.name: "fast", LOSSY.name: 0.0}
    if colors is not None:
        keywords[COLORS_OR_AUTO.name] = colors
    return quantize(pixels, **keywords)


def previews(pixels: Pixels, choices: Choices, _checkpoint: Checkpoint) -> Iterator[Outcome]:
    """Give the preview of a copy."""
    indexed = preview(pixels, choices)
    yield Outcome(indexed, wire.pack(indexed), preview=True)


def outcomes(subject: Subject, choices: Choices, checkpoint: Checkpoint) -> Iterator[Outcome]:
    """Reduce a picture: the result, then its file, then how good it is."""
    started = time.perf_counter()
    indexed = _reduce(subject.pixels, choices.keywords(), checkpoint)
    solved = time.perf_counter() - started
    known = Outcome(indexed, wire.pack(indexed), seconds=solved)
    yield known
    checkpoint()
    started = time.perf_counter()
    try:
        known = replace(known, file=_file(indexed, subject.picture, subject.resolution, choices))
    except HueclidError as error:
        known = replace(known, failure=str(error))
    known = replace(known, seconds=solved + time.perf_counter() - started)
    yield known
    checkpoint("measuring")
    known = replace(known, psnr=psnr(subject.pixels, indexed))
    yield known
    checkpoint()
    height, width = subject.pixels.shape[:2]
    if min(height, width) >= 8 and height * width <= _MEASURED:
        known = replace(known, ssimulacra2=Original(subject.pixels).ssimulacra2(indexed))
    yield replace(known, done=True)


def ladder(subject: Subject, choices: Choices, checkpoint: Checkpoint) -> Iterator[tuple[int, bytes]]:
    """Give thumbnails in few and in many colors; those that the choices forbid are left out."""
    for colors in LADDER:
        checkpoint()
        try:
            yield colors, encode(preview(subject.tiny, choices, colors), "png", optimize="fast")
        except (ValueError, HueclidError):
            continue


def curve(subject: Subject, choices: Choices, checkpoint: Checkpoint) -> Iterator[Row]:
    """Give the curve of errors and bytes over the number of colors, points far apart at first."""
    for place, number in enumerate(_CURVE):
        colors = COLORS_OF_A_CURVE[number]
        checkpoint(f"{place} of {len(_CURVE)} points")
        keywords = {**choices.copy(TARGETS).keywords(), COLORS_OR_AUTO.name: colors}
        try:
            indexed = _reduce(subject.pixels, keywords, checkpoint)
        except ValueError:  # fewer than the pinned colors, or more than the way to dither mixes
            continue
        checkpoint()
        try:
            size = len(_file(indexed, subject.picture, subject.resolution, choices))
        except HueclidError:  # the format can't hold it
            continue
        yield Row(colors, indexed.palette.error, psnr(subject.pixels, indexed), size)


def archive(
    pictures: Sequence[Picture], choices: Choices, max_pixels: int, checkpoint: Checkpoint
) -> Iterator[tuple[bytes, list[str]]]:
    """Reduce all pictures alike and pack the files; gives the zip, and what could not be done."""
    file, failures, taken = io.BytesIO(), [], set[str]()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        for number, picture in enumerate(pictures, 1):
            checkpoint(f"{number} of {len(pictures)} pictures")
            try:
                pixels, resolution = _load(picture, max_pixels)
                indexed = _reduce(pixels, choices.keywords(), checkpoint)
                data = _file(indexed, picture, resolution, choices)
            except (HueclidError, ValueError) as error:
                failures.append(f"{picture.name}: {error}")
                continue
            name = _free(choices.file_name(picture.name), taken)
            packed.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    yield (file.getvalue() if taken else b""), failures


def _free(name: str, taken: set[str]) -> str:
    """Return the name, or one with a number that nobody has; names that differ in case alone are one."""
    path, number, free = PurePath(name), 1, name
    while free.lower() in taken:
        number += 1
        free = f"{path.stem}-{number}{path.suffix}"
    taken.add(free.lower())
    return free


def _load(picture: Picture, max_pixels: int) -> tuple[Pixels, Metadata]:
    """Return the pixels of a picture, and what the command line keeps beside them."""
    source = load(picture.data, first_frame=True, max_pixels=max_pixels)
    return source.pixels, source.metadata.only([KEEP.default])


def _file(indexed: Indexed, picture: Picture, resolution: Metadata, choices: Choices) -> bytes:
    """Return the file of a result.

    Raises:
        WriteError: the format can't hold it.
    """
    metadata = resolution if choices.keeps(picture) else Metadata()
    return encode(indexed, choices.format, optimize=choices[OPTIMIZE], metadata=metadata)


def _reduce(pixels: Pixels, keywords: dict[str, Any], checkpoint: Checkpoint) -> Indexed:
    return quantize(
        pixels,
        **keywords,
        on_pass=lambda passes, _error: checkpoint(f"pass {passes}"),
        on_rows=lambda rows: checkpoint(f"row {rows} of {len(pixels)}"),
    )


def _copy(pixels: Pixels, most: int) -> Pixels:
    """Return an image scaled down to at most so many pixels; itself when it is no larger."""
    height, width = pixels.shape[:2]
    if height * width <= most:
        return pixels
    scale = (most / (height * width)) ** 0.5
    copy = shrink(pixels, max(1, int(width * scale)), max(1, int(height * scale)))
    return np.ascontiguousarray(copy[..., :3]) if pixels.ndim == 2 or pixels.shape[2] == 3 else copy


def cloud_page(subject: Subject, palette: Palette, checkpoint: Checkpoint) -> Iterator[bytes]:
    """Give the page of a picture's colors in space, with those of a palette among them."""
    histogram = Histogram.count(subject.small)
    checkpoint()
    yield cloud(histogram, palette, title=subject.picture.name)
