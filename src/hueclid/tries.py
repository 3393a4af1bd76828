"""Other looks than the one asked for, of which the result that the eye finds nearest is kept.

Which weights, space and dithering suit a picture best is hard to say beforehand. Of a small picture, of one with flat
areas, or where time does not matter, several are made, and SSIMULACRA2 is the judge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from .indexed import Indexed
from .look import Look
from .options import DITHER, DITHER_STRENGTH, THREADS
from .pixels import Pixels
from .quality import Original

_SMALL = 1 << 16
"""Pixels of a picture that is small: trying takes as long as the rest and half as long again."""
_DRAWN = 1 << 20
"""Pixels of a drawing from which on the tries would take seconds; "best" takes them."""
_LEAST = 8
"""Height and width from which on SSIMULACRA2 has something to say."""
_FEW = 32
"""Colors up to which the palette decides, and is found in little time."""
_STRENGTHS = (0.8, 0.85, 1.0)
"""Of dithering, tried with few colors: noise is seen on some pictures, faint steps on others."""


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
    best = reduce(look, colors)
    ways = list(others(look, pixels, colors, flat=flat))
    if not ways or min(pixels.shape[:2]) < _LEAST:
        return best
    original = Original(pixels, threads=threads)
    score, chosen = original.ssimulacra2(best), look

    def weigh(other: Indexed, way: Look) -> None:
        nonlocal best, score, chosen
        better = original.ssimulacra2(other)
        if better > score:
            best, score, chosen = other, better, way

    for way in ways:
        weigh(reduce(way, colors), way)
    palette = best.palette
    for way in _strengths(chosen) if look.effort == "best" and colors <= _FEW else ():
        weigh(way.map(pixels, palette, threads=threads), way)
    if best.palette.space != look.space:
        best = Indexed(replace(best.palette, space=look.space).recounted(pixels, threads=threads), best.indices)
    return best


def others(look: Look, pixels: Pixels, colors: int, *, flat: bool = False) -> Iterator[Look]:
    """Yield the looks to try beside one; what was said of it in so many words stays."""
    if not look.perceptual or look.effort == "fast":
        return
    area = pixels.shape[0] * pixels.shape[1]
    flat = flat and (area <= _DRAWN or look.effort == "best")
    small = flat or area <= _SMALL
    efforts = [look, look.of_effort("balanced")] if look.effort == "best" else [look]
    yield from efforts[1:]
    for way in efforts:
        if small:
            yield from _plain(way)
        if flat and colors <= _FEW:
            yield from _drawn(way)
    if look.effort == "best" and colors <= _FEW and not look.accents:
        searched = replace(look, direct_search=0)
        yield replace(searched, accents=0.1)
        yield replace(searched, accents=0.2, importance=_even(look))


def _plain(look: Look) -> Iterator[Look]:
    """Yield looks nearer to the numbers: icons and drawings have few colors, and edges that masking would give away."""
    if not look.mapping_given:
        mapping = {**look.mapping, DITHER.name: "none"}
        yield replace(look, space="lab", importance=_even(look), mapping=mapping, direct_search=0)
    yield replace(look, importance=_even(look), fit=0, direct_search=0)


def _drawn(look: Look) -> Iterator[Look]:
    """Yield looks for drawings that are to get far fewer colors than they have."""
    yield replace(look, space="srgb", importance=_even(look))
    if not look.mapping_given:
        yield replace(look, direct_search=2)


def _strengths(look: Look) -> Iterator[Look]:
    """Yield the looks that differ in the strength of dithering, for a palette that is kept."""
    if not look.mapping_given:
        for strength in _STRENGTHS:
            yield replace(look, fit=0, direct_search=0, mapping={**look.mapping, DITHER_STRENGTH.name: strength})


def _even(look: Look) -> Any:
    """Return an importance that is the same everywhere, where none was given."""
    return "uniform" if isinstance(look.importance, str) else look.importance
