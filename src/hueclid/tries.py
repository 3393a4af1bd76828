"""Other looks than the one asked for, of which the result that the eye finds nearest is kept.

Which weights, space and dithering suit a picture best is hard to say beforehand. Of a small picture, of one with flat
areas, or where time does not matter, several are made, and SSIMULACRA2 is the judge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from .indexed import Indexed
from .look import Look
from .options import DITHER, THREADS
from .pixels import Pixels
from .quality import Original

_SMALL = 1 << 16
"""Pixels of a picture that is small: trying takes less than a tenth of a second."""
_LEAST = 8
"""Height and width from which on SSIMULACRA2 has something to say."""
_FEW = 32
"""Colors up to which the palette decides, and is found in little time."""


def nearest(
    pixels: Pixels,
    colors: int,
    look: Look,
    reduce: Callable[[Look, int], Indexed],
    *,
    flat: bool = False,
    threads: int = THREADS.default,
) -> Indexed:
    """Return the result that is nearest to the eye, of the look's own and those of others that suit; equals: the first.

    Args:
        pixels: the image, with more than `colors` colors.
        colors: how many there are to be.
        look: the one asked for.
        reduce: solves and maps the image.
        flat: whether the picture has flat areas.
        threads: how many to use, 0 for all cores; never changes the result.
    """
    made = reduce(look, colors)
    ways = list(others(look, pixels, colors, flat=flat))
    if not ways or min(pixels.shape[:2]) < _LEAST:
        return made
    original = Original(pixels, threads=threads)
    best, score = made, original.ssimulacra2(made)
    for way in ways:
        other = reduce(way, colors)
        better = original.ssimulacra2(other)
        if better > score:
            best, score = other, better
    if best.palette.space != look.space:
        palette = replace(best.palette, space=look.space).recounted(pixels, threads=threads)
        best = Indexed(palette, best.indices)
    return best


def others(look: Look, pixels: Pixels, colors: int, *, flat: bool = False) -> Iterator[Look]:
    """Yield the looks to try beside one; what was asked for in so many words stays."""
    if not look.perceptual or look.effort == "fast":
        return
    small = flat or pixels.shape[0] * pixels.shape[1] <= _SMALL
    if small:
        yield from _plain(look)
    if look.effort != "best":
        return
    balanced = look.of_effort("balanced")
    yield balanced
    if small:
        yield from _plain(balanced)
    if colors <= _FEW:
        searched = replace(look, direct_search=0) if look.direct_search else look
        yield searched
        if isinstance(look.importance, str):
            yield replace(searched, importance="uniform")
            if not look.accents:
                yield replace(searched, importance="uniform", accents=0.2)


def _plain(look: Look) -> Iterator[Look]:
    """Yield looks nearer to the numbers: graphics and icons have few colors, and edges that are not to be blurred."""
    importance = "uniform" if isinstance(look.importance, str) else look.importance
    if not look.mapping_given:
        mapping = {**look.mapping, DITHER.name: "none"}
        yield replace(look, space="lab", importance=importance, mapping=mapping, direct_search=0)
    yield replace(look, importance=importance, fit=0, direct_search=0)
