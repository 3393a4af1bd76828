"""One PNG in, one indexed PNG out, as pngquant's options ask for it."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from ... import codec, quality_scale
from ...chunks import Chunk, insert, walk
from ...errors import ReadError, TargetError
from ...goal import Goal
from ...histogram import Histogram
from ...indexed import Indexed
from ...look import Look
from ...options import DITHER, DITHER_STRENGTH, EFFORT, METHOD, SPACE, Effort, Optimize
from ...palette import Palette
from ...pixels import Pixels
from .arguments import Settings

UNREADABLE: Final = 25
TOO_LARGE: Final = 24
LARGER: Final = 98
TOO_LOW: Final = 99

_TAGS: Final = (Chunk(b"gAMA", struct.pack(">I", 45455)), Chunk(b"sRGB", b"\0"))
_HASTY: Final = 10  # the speed from which files are not searched for
_UNKNOWN_QUALITY: Final = 90  # what counts where there is none to be measured
_OPAQUE_ENOUGH: Final = 238  # the alpha above which --iebug makes pixels opaque


class Refusal(Exception):  # noqa: N818 no error where it is a verdict
    """Why a file is not converted.

    Attributes:
        status: pngquant's number for it.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Converted:
    """A file that was converted.

    Attributes:
        data: the PNG.
        colors: how many it has.
    """

    data: bytes
    colors: int


def convert(given: bytes, settings: Settings, palette: Palette | None, tell: Callable[[str], object]) -> Converted:
    """Convert a file.

    Args:
        given: the file.
        settings: how.
        palette: the colors of --map.
        tell: takes lines for --verbose.

    Raises:
        Refusal: it is no PNG that can be read, or the verdict of --quality or --skip-if-larger is against it.
    """
    source = _load(given)
    tell(f"  read {round(len(given) / 1000)}KB file")
    pixels = source.pixels if not settings.iebug else _opaque(source.pixels)
    look = _look(settings, exact=palette is not None or settings.posterize > 0)
    histogram = look.count(pixels)
    tell(f"  made histogram...{len(histogram)} colors found")
    anchors = look.anchors(pixels)

    def solve(colors: int) -> Palette:
        effort = _effort(settings)
        found = Palette.solve(histogram, colors, space=SPACE.default, effort=effort, anchors=anchors)
        return _posterized(found, settings.posterize)

    if settings.quality is None or palette is not None:
        indexed = look.map(pixels, solve(settings.colors) if palette is None else palette)
    else:
        flat = anchors is not None and len(anchors) > 0

        def size(indexed: Indexed) -> int:
            return len(_packed(indexed, settings, draft=True))

        indexed = _reaching(settings, pixels, histogram, look, solve, size, flat)
    quality = quality_scale.measure(pixels, indexed) if settings.skip_if_larger or settings.verbose else None
    if palette is not None and settings.lowest:
        quality = quality_scale.measure(pixels, indexed)
        if quality < settings.lowest:
            raise Refusal(f"  image degradation (Q={quality:.0f}) exceeded the limit of {settings.lowest}", TOO_LOW)
    if quality is not None:
        tell(f"  mapped image to new colors... (Q={quality:.0f})")
    data = _tagged(_packed(indexed, settings), settings, source, given)
    if settings.skip_if_larger:
        limit = allowed(len(given), quality)
        if len(data) > limit:
            raise Refusal(f"  file exceeded expected size of {limit / 1000:g}KB", LARGER)
    return Converted(data, len(indexed.palette))


def allowed(size: int, quality: float | None) -> int:
    """Return how many bytes are worth it, of a result of a quality from a file of so many bytes.

    What saves more than half is; beside that, the lower the quality is the more must be saved.
    """
    share = (_UNKNOWN_QUALITY if quality is None else quality) / 100
    return int((size - 1) * max(0.5, share**1.5))


def read_palette(given: bytes, colors: int) -> Palette:
    """Return the colors of a PNG: those of its own palette in order, used or not, else those of its pixels.

    Args:
        given: the file.
        colors: if it has more, its pixels are reduced to so many.

    Raises:
        Refusal: it can't be read.
    """
    source = _load(given)
    chunks = {chunk.kind: chunk.data for chunk in walk(given)}
    entries = np.frombuffer(chunks.get(b"PLTE", b""), np.uint8).reshape(-1, 3)
    alphas = np.full(len(entries), 255, np.uint8)
    told = np.frombuffer(chunks.get(b"tRNS", b""), np.uint8)[: len(entries)]
    alphas[: len(told)] = told
    histogram = Histogram.count(source.pixels)
    listed = np.column_stack([entries, alphas]) if chunks[b"IHDR"][9] == 3 else histogram.colors
    distinct = _distinct(listed)
    if len(distinct) <= colors:
        return Palette.from_colors(distinct)
    return Palette.solve(histogram, colors)


def _load(given: bytes) -> codec.Source:
    try:
        source = codec.load(given)
    except ReadError as error:
        words = str(error).removeprefix("image: ").partition("; if")[0]
        memory = "memory" in words or "more than the limit" in words
        raise Refusal(f"  error: {words}", TOO_LARGE if memory else UNREADABLE) from error
    if source.format != "PNG":
        raise Refusal("  error: Not a PNG file", UNREADABLE)
    return source


def _look(settings: Settings, *, exact: bool) -> Look:
    """Return how colors count and are mapped; with `exact` the palette is not fitted to the picture."""
    dithers = settings.dithering > 0
    mapping = {
        "dither": DITHER.default if dithers else "none",
        "dither_strength": settings.dithering * DITHER_STRENGTH.default if dithers else DITHER_STRENGTH.default,
    }
    return Look(SPACE.default, _effort(settings), METHOD.default, fit=0 if exact else None, mapping=mapping)


def _effort(settings: Settings) -> Effort:
    return "best" if settings.speed == 1 else "fast" if settings.speed >= 8 else EFFORT.default


def _reaching(
    settings: Settings,
    pixels: Pixels,
    histogram: Histogram,
    look: Look,
    solve: Callable[[int], Palette],
    size: Callable[[Indexed], int],
    flat: bool,
) -> Indexed:
    """Return the smallest file of the quality asked for; of the highest speeds, of the fewest colors.

    Raises:
        Refusal: all colors do not reach the lowest quality.
    """
    assert settings.quality is not None
    low, high = settings.quality

    def reduce(colors: int) -> Indexed:
        return look.map(pixels, solve(colors))

    try:
        if settings.speed >= _HASTY:
            return quality_scale.within(pixels, histogram, low, high, settings.colors, reduce)
        goal = Goal(quality=(low, high))
        return goal.reach(
            pixels, histogram, look, lambda _way, _counted, colors: solve(colors), settings.colors, size, flat=flat
        )
    except TargetError as error:
        if not low:
            return reduce(settings.colors)
        raise Refusal(f"  image degradation exceeded the limit: {error}", TOO_LOW) from error


def _packed(indexed: Indexed, settings: Settings, *, draft: bool = False) -> bytes:
    optimize: Optimize = "fast" if settings.speed >= _HASTY else "default"
    if settings.transbug:
        return _transparent_last(indexed)
    return codec.encode(indexed, "png", optimize=optimize, draft=draft)


def _tagged(data: bytes, settings: Settings, source: codec.Source, given: bytes) -> bytes:
    metadata = source.metadata.only([] if settings.strip else ["all"])
    kinds = {chunk.kind for chunk in walk(given)}
    tags = _TAGS if kinds & {b"iCCP", b"sRGB"} else ()
    return metadata.embed(insert(data, tags), "png")


def _transparent_last(indexed: Indexed) -> bytes:
    """Encode with the most transparent entry at the end; the encoder of other results has it at the beginning."""
    colors = indexed.palette.colors
    order = np.argsort(255 - colors[:, 3], kind="stable")
    index = np.empty(len(order), np.uint8)
    index[order] = np.arange(len(order), dtype=np.uint8)
    image = Image.fromarray(index[indexed.indices])
    image.putpalette(colors[order, :3].tobytes(), "RGB")
    file = io.BytesIO()
    translucent = {"transparency": colors[order, 3].tobytes()} if colors[:, 3].min() < 255 else {}
    image.save(file, "PNG", compress_level=9, **translucent)
    return file.getvalue()


def _opaque(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return pixels of which the nearly opaque ones are opaque."""
    if pixels.shape[2:] != (4,):
        return pixels
    pixels = pixels.copy()
    alpha = pixels[..., 3]
    alpha[alpha > _OPAQUE_ENOUGH] = 255
    return pixels


def _posterized(palette: Palette, bits: int) -> Palette:
    """Return a palette without the low bits of its channels; those that stay are repeated in their place."""
    if not bits:
        return palette
    kept = palette.colors & np.uint8(256 - (1 << bits))
    repeated: npt.NDArray[np.uint8] = kept | kept >> np.uint8(8 - bits)
    return Palette.from_colors(_distinct(repeated))


def _distinct(colors: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return colors in order, each once; all fully transparent ones are the same."""
    colors = np.where(colors[:, 3:] > 0, colors, np.uint8(0))
    _, first = np.unique(colors, axis=0, return_index=True)
    return colors[np.sort(first)]
