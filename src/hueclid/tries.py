"""Other looks than the one asked for, of which the result that the eye finds nearest is kept.

Which weights, space and dithering suit a picture best is hard to say beforehand. Of a small picture, of one with flat
areas, or where time does not matter, several are made, and SSIMULACRA2 is the judge. Where it pays, the nearest is
polished then: brought nearer still, a little at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from .alpha import reduce_alpha
from .indexed import MOST_POLISHED, Indexed
from .look import Look
from .options import DITHER, DITHER_STRENGTH, THREADS, Space
from .pixels import Pixels
from .quality import Original

_SMALL = 1 << 16
"""Pixels of a picture that is small: trying takes as long as the rest and half as long again."""
_DRAWN = 1 << 20
"""Pixels of a drawing from which on the tries would take seconds; "best" takes them."""
_RICH = 20
"""A large picture with a distinct color for every so many pixels is a photograph, flat areas or not."""
_RICHER = 50
"""With one for every so many, other looks are worth their time only where few colors are asked for."""
LEAST_SCORED = 8
"""Height and width from which on SSIMULACRA2 has something to say."""
_FEW = 32
"""Colors up to which the palette decides, and is found in little time."""
_GREYS = 256
"""As many as there are."""
_ACCENTS = 0.25
"""How much rare colors are raised, where that is tried."""
_SOFTER = 0.7
"""Strength of dithering that suits greys, where a step of one code shows."""
_SPACES: tuple[Space, ...] = ("srgb", "lab")
"""In which small pictures are tried."""
_PAGES = ((128, 128, 128), (40, 80, 200))
"""Colors over which soft pictures are judged, beside black and white."""
_TINTED = 2.0
"""Points by which a result must be nearer that tints a flat area, if only by a code."""
_FURTHER = 2
"""Rounds of fitting the palette that go on where the balanced effort ended."""
_ROUNDS = 4
"""Rounds of polishing; of photographs the first gains two thirds of what six do."""
_MORE_ROUNDS = 12
"""The same where single pixels gain most: of small pictures, drawings and greys."""
_MANY = 128
"""Colors above which no entries are swapped, so that it matters less where polishing starts."""
_MOST_ROUNDS = 20
"""Above that, where more rounds take no more time."""


def nearest(
    pixels: Pixels,
    colors: int,
    look: Look,
    reduce: Callable[[Look, int], Indexed],
    *,
    distinct: int,
    flat: bool = False,
    threads: int = THREADS.default,
) -> Indexed:
    """Return the result that is nearest to the eye, of the look's own and those of others that suit; equals: the first.

    Args:
        pixels: the image, with more than `colors` colors.
        colors: how many there are to be.
        look: the one asked for.
        reduce: solves and maps the image.
        distinct: how many colors the image has.
        flat: whether the picture has flat areas.
        threads: how many to use, 0 for all cores; never changes the result.
    """
    thorough = look.effort == "best"
    kind = kind_of(pixels, distinct, flat=flat, thorough=thorough)
    polishes = _polishes(look, kind, colors)
    first = look.of_effort("balanced") if thorough and polishes else look
    best = reduce(first, colors)
    ways = list(others(first, kind, colors))
    if not (ways or polishes) or min(pixels.shape[:2]) < LEAST_SCORED:
        return best
    judge = Judge(pixels, threads=threads)
    kept = _kept(pixels, best, first, flat=flat, threads=threads)

    def nearness(result: Indexed) -> float:
        return judge.score(result) - (0 if kept <= _entries(result) else _TINTED)

    made = [_Made(nearness(best), best, first)]
    for way in ways:
        other = reduce(way, colors)
        made.append(_Made(nearness(other), other, way))
    made.sort(key=lambda one: -one.nearness)
    score, best, chosen = made[0].nearness, made[0].result, made[0].look

    def weigh(other: Indexed) -> None:
        nonlocal best, score
        better = nearness(other)
        if better > score:
            best, score = other, better

    def polished(indexed: Indexed, rounds: int = _ROUNDS) -> Indexed:
        indexed = Indexed(replace(indexed.palette, space=look.space), indexed.indices)
        return indexed.polished(pixels, rounds=rounds, threads=threads)

    if polishes and _pays(kind, colors):
        rounds = _MORE_ROUNDS if colors <= _MANY else _MOST_ROUNDS
        for start in _starts(made) if kind.small and colors <= _MANY else [best]:
            weigh(polished(start, rounds))
    if polishes and thorough:
        weigh(replace(chosen, fit=_FURTHER, direct_search=0).map(pixels, best.palette, threads=threads))
        weigh(polished(best))
    if best.palette.space != look.space:
        best = Indexed(replace(best.palette, space=look.space).recounted(pixels, threads=threads), best.indices)
    return best


@dataclass(frozen=True)
class _Made:
    nearness: float
    result: Indexed
    look: Look

    @property
    def dithered(self) -> bool:
        return bool(self.look.mapping.get(DITHER.name, DITHER.default) != "none")


def _starts(made: list[_Made]) -> list[Indexed]:
    """Return the nearest dithered and the nearest undithered result: polishing, they end in places of their own."""
    others = [one for one in made[1:] if one.dithered != made[0].dithered]
    return [one.result for one in made[:1] + others[:1]]


def _kept(pixels: Pixels, result: Indexed, look: Look, *, flat: bool, threads: int) -> set[tuple[int, ...]]:
    """Return the colors of flat areas that a result has exactly, which others should have, too."""
    anchors = look.anchors(pixels, threads=threads) if flat else None
    return set() if anchors is None else {*map(tuple, anchors.tolist())} & _entries(result)


def _entries(result: Indexed) -> set[tuple[int, ...]]:
    return {*map(tuple, result.palette.colors.tolist())}


class Judge:
    """Says how near results are to a picture that has soft edges: over black, white, grey and blue pages.

    What is faint over black and over white shows most over grey, and that greys are a little off over a color.
    """

    def __init__(self, pixels: Pixels, *, threads: int) -> None:
        self._threads = threads
        soft = pixels.shape[2:] == (4,) and bool((pixels[..., 3] < 255).any())
        self._pages = {page: Original(self._laid(pixels, page), threads=threads) for page in _PAGES if soft}
        self._original = Original(pixels, threads=threads)

    def score(self, result: Indexed) -> float:
        """Return the worst SSIMULACRA2 score."""
        score = self._original.ssimulacra2(result)
        for page, original in self._pages.items():
            score = min(score, original.ssimulacra2(self._laid(result.to_pixels(), page)))
        return score

    def _laid(self, pixels: Pixels, page: tuple[int, int, int]) -> Pixels:
        return reduce_alpha(pixels, matte=page, threads=self._threads)


@dataclass(frozen=True)
class Kind:
    """What a picture is like, as far as it says which looks suit it.

    Attributes:
        small: many looks are made in little time.
        drawn: it has flat areas, few colors for its size, and not too many pixels to try looks.
        sparse: drawn, and with very few colors for its size.
        rich: it has flat areas, and is a photograph all the same.
        grey: it has no colors but greys, so that it is reduced in little time.
    """

    small: bool = False
    drawn: bool = False
    sparse: bool = False
    rich: bool = False
    grey: bool = False


def kind_of(pixels: Pixels, distinct: int, *, flat: bool, thorough: bool) -> Kind:
    """Return what a picture of so many distinct colors is like; `thorough` ones may take seconds."""
    area = pixels.shape[0] * pixels.shape[1]
    small = area <= _SMALL
    flat = flat and (area <= _DRAWN or thorough)
    rich = flat and not small and distinct * _RICH > area
    grey = distinct <= _GREYS and area <= _DRAWN and _is_grey(pixels)
    sparse = flat and distinct * _RICHER <= area
    return Kind(small, flat and not rich, sparse, rich, grey)


def _is_grey(pixels: Pixels) -> bool:
    if pixels.ndim == 2:
        return True
    return bool((pixels[..., :1] == pixels[..., 1:3]).all()) and (
        pixels.shape[2] == 3 or bool((pixels[..., 3] == 255).all())
    )


def _pays(kind: Kind, colors: int) -> bool:
    """Return whether polishing takes no longer than the tries."""
    return kind.small or (colors <= _FEW and (kind.drawn or kind.grey))


def _polishes(look: Look, kind: Kind, colors: int) -> bool:
    """Return whether a result is polished: everything is left to the judge, and it pays."""
    worth = look.effort == "best" or (_pays(kind, colors) and look.effort == "balanced")
    return worth and look.perceptual and look.is_open and colors <= MOST_POLISHED


def others(look: Look, kind: Kind, colors: int) -> Iterator[Look]:
    """Yield the looks to try beside one; what was said of it in so many words stays."""
    if not look.perceptual or look.effort == "fast":
        return
    efforts = [look, look.of_effort("balanced")] if look.effort == "best" else [look]
    yield from efforts[1:]
    for way in efforts:
        if kind.small or kind.sparse or (kind.drawn and colors <= _FEW):
            yield from _plain(way)
        elif kind.rich and colors <= _FEW:
            yield _unfitted(way)
        if kind.small and look.is_open:
            yield from _small(way)
        if kind.drawn and colors <= _FEW:
            yield from _drawn(way, polished=_polishes(look, kind, colors))
        if kind.grey and not kind.small:
            yield from _grey(way)


def _plain(look: Look) -> Iterator[Look]:
    """Yield looks nearer to the numbers: icons and drawings have few colors, and edges that masking would give away."""
    if not look.mapping_given:
        mapping = {**look.mapping, DITHER.name: "none"}
        yield replace(look, space="lab", importance=_even(look), mapping=mapping, direct_search=0)
    yield _unfitted(look)


def even(look: Look) -> Look | None:
    """Return the look of nearest entries where all pixels count the same; None where something else was asked for."""
    if not look.is_open:
        return None
    return replace(_unfitted(look), mapping={**look.mapping, DITHER.name: "none"})


def _unfitted(look: Look) -> Look:
    return replace(look, importance=_even(look), fit=0, direct_search=0)


def _small(look: Look) -> Iterator[Look]:
    """Yield more looks for small pictures, of which many are made in little time."""
    for space in _SPACES:
        yield replace(look, space=space, importance=_even(look))
    yield replace(look, accents=_ACCENTS, mapping={**look.mapping, DITHER.name: "none"}, direct_search=0)


def _drawn(look: Look, *, polished: bool) -> Iterator[Look]:
    """Yield looks for drawings that are to get far fewer colors than they have."""
    yield replace(look, space="srgb", importance=_even(look))
    if not (look.mapping_given or polished):
        yield replace(look, direct_search=2)


def _grey(look: Look) -> Iterator[Look]:
    """Yield looks for greys, whose steps are even in sRGB."""
    if not look.mapping_given:
        mapping = {**look.mapping, DITHER_STRENGTH.name: _SOFTER}
        yield replace(look, space="srgb", importance=_even(look), mapping=mapping, direct_search=0)


def _even(look: Look) -> Any:
    """Return an importance that is the same everywhere, where none was given."""
    return "uniform" if isinstance(look.importance, str) else look.importance
