"""How a result is to look: what counts in the picture, and how pixels get their colors.

What nobody says is decided here. k-means in a space made for how colors look is to please the eye; everything else is
taken at its word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from .codec import ImageLike
from .dithering import Kernel, grey
from .flat import flat_colors
from .histogram import Histogram
from .indexed import Indexed
from .lossy import worth
from .methods import Clusterer
from .options import (
    ACCENTS,
    DIRECT_SEARCH,
    DITHER,
    DITHER_PATH,
    DITHER_STRENGTH,
    EFFORT,
    FIT,
    FLAT,
    IMPORTANCE,
    KERNELS,
    LOSSY_FOR,
    METHOD,
    SPACE,
    THREADS,
    Effort,
    FlatColors,
    Importance,
    LossyFor,
    Method,
    Space,
)
from .palette import Palette
from .pixels import Pixels, as_pixels

PERCEPTUAL: tuple[Space, ...] = ("oklab", "lab")
"""Spaces made for how colors look. In the others results are near in numbers."""

_ROUNDS: dict[Effort, int] = {"fast": 0, "balanced": 2, "best": 4}
_PASSES: dict[Effort, int] = {"fast": 0, "balanced": 0, "best": 2}

_FAINT = 2
"""The largest alpha that is hardly seen on any page."""
_SCARCE = 16
"""Colors up to which none is left for that."""

_SEARCHED = 128
"""Colors up to which the best effort searches for a palette as hard as it can."""


@dataclass(frozen=True)
class Look:
    """What the first and the last step of a reduction have in common; what is None depends on `space` and `effort`.

    Attributes:
        space: the working space.
        effort: of the search between the steps.
        method: of the step between.
        importance: as `quantize` takes it. None: "masking" where `perceptual`, else "uniform".
        flat: "exact": colors of flat areas stay as they are; "mean": they are means as all others. None: "exact" where
            `perceptual`, else "mean".
        accents: how much rare colors are raised, 0 to 1.
        fit: rounds of fitting the palette, 0 to 100. None: where `perceptual` 0, 2 or 4 by effort, else 0.
        direct_search: passes of direct search, 0 to 100. None: where `perceptual` and errors are diffused 2
            for "best", else 0.
        mapping: further keywords of `Indexed.map`.

    Raises:
        TypeError: one is of a wrong type.
        ValueError: one is out of range.
    """

    space: Space = SPACE.default
    effort: Effort = EFFORT.default
    method: Method | Clusterer = METHOD.default
    importance: Importance | ImageLike | npt.NDArray[np.bool_] | None = IMPORTANCE.default
    accents: float = ACCENTS.default
    flat: FlatColors | None = FLAT.default
    fit: int | None = FIT.default
    direct_search: int | None = DIRECT_SEARCH.default
    mapping: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        SPACE.check(self.space)
        effort = EFFORT.check(self.effort)
        dither = self.mapping.get(DITHER.name, DITHER.default)
        diffused = isinstance(dither, Kernel) or dither in KERNELS
        ACCENTS.check(self.accents)
        for name, value in (
            (IMPORTANCE.name, "masking" if self.perceptual else "uniform"),
            (FLAT.name, "exact" if self.perceptual else "mean"),
            (FIT.name, _ROUNDS[effort] if self.perceptual else 0),
            (DIRECT_SEARCH.name, _PASSES[effort] if self.perceptual and diffused else 0),
        ):
            if getattr(self, name) is None:
                object.__setattr__(self, name, value)
        FLAT.check(self.flat)
        FIT.check(self.fit)
        DIRECT_SEARCH.check(self.direct_search)

    @property
    def perceptual(self) -> bool:
        """Whether the result is to please the eye: k-means in a space made for how colors look."""
        return self.method == METHOD.default and self.space in PERCEPTUAL

    @property
    def plain(self) -> bool:
        """Whether each pixel gets the nearest entry, and the palette stays as it was solved."""
        dithered = self.mapping.get(DITHER.name, DITHER.default) != "none"
        return not (dithered or self.fit or self.direct_search)

    @property
    def seen(self) -> bool:
        """Whether pixels get entries by how errors as small as a pixel look, as where errors even out."""
        return self.perceptual and not self.plain

    @property
    def mapping_given(self) -> bool:
        """Whether how pixels get their colors was said in so many words."""
        options = (DITHER, DITHER_STRENGTH, DITHER_PATH)
        given = any(self.mapping.get(option.name, option.default) != option.default for option in options)
        return given or self.mapping.get("dither_mask") is not None

    @property
    def is_open(self) -> bool:
        """Whether nothing was said of what counts, of the fit, and of how pixels get their colors."""
        left = (self.fit, self.direct_search) == (_ROUNDS[self.effort], _PASSES[self.effort])
        masked = isinstance(self.importance, str) and self.importance == "masking"
        return left and masked and not self.accents and not self.mapping_given

    def effort_of_search(self, colors: int) -> Effort:
        """Return how hard a palette is searched for.

        Of many colors that are then fitted to their dithering the nearest palette is not worth its time: 0.01 points of
        SSIMULACRA2 at 256 colors, for five sixths of the time.
        """
        return (
            "balanced" if self.effort == "best" and self.perceptual and self.fit and colors > _SEARCHED else self.effort
        )

    def of_effort(self, effort: Effort) -> Look:
        """Return the same look of another effort; what was not left to the effort stays."""
        fit = None if self.fit == _ROUNDS[self.effort] else self.fit
        passes = None if self.direct_search == _PASSES[self.effort] else self.direct_search
        return replace(self, effort=effort, fit=fit, direct_search=passes)

    def count(self, pixels: Pixels, *, threads: int = THREADS.default) -> Histogram:
        """Count the colors of an image as they are important.

        Raises:
            ReadError: the image of importances can't be read.
            TypeError: the importances are of a wrong type.
            ValueError: they are of another size than the image, or all 0.
        """
        importance: Any = self.importance
        if not isinstance(importance, np.ndarray) and importance not in IMPORTANCE.choices:
            importance = grey(importance, IMPORTANCE.name)
        return Histogram.count(pixels, importance=importance, threads=threads).accented(self.accents)

    def visible(self, histogram: Histogram, colors: int) -> Histogram:
        """Return the colors that a palette of so many is solved for: what is hardly there counts as nothing.

        Where pixels get up to 16 entries by how errors look, and some are fully transparent, colors of alpha 1 and 2
        count as these: they change no page by more than two codes, and an entry for them is missed elsewhere. Images of
        no more colors than there are to be stay exact.
        """
        if self.plain or not self.perceptual or colors > _SCARCE or histogram.colors[0, 3]:
            return histogram
        faint = (histogram.colors[:, 3] > 0) & (histogram.colors[:, 3] <= _FAINT)
        if not faint.any() or len(histogram) - np.count_nonzero(faint) < colors:
            return histogram
        weights = histogram.weights[~faint]
        weights[0] += histogram.weights[faint].sum()
        return Histogram(histogram.colors[~faint], weights)

    def anchors(self, pixels: Pixels, *, threads: int = THREADS.default) -> npt.NDArray[np.uint8] | None:
        """Return the colors of flat areas where they are to stay as they are; else None."""
        return flat_colors(pixels, threads=threads) if self.flat == "exact" else None

    def map(
        self,
        pixels: Pixels,
        palette: Palette,
        *,
        lossy: float = 0.0,
        lossy_for: LossyFor = LOSSY_FOR.default,
        threads: int = THREADS.default,
        on_rows: Callable[[int], None] | None = None,
    ) -> Indexed:
        """Map an image onto a palette that was solved from what `count` returned.

        The palette of the result has the weights and the error of the image, where each pixel counts once.
        """
        uniform = isinstance(self.importance, str) and self.importance == "uniform" and not self.accents
        if not (self.fit or uniform):
            palette = palette.recounted(pixels, threads=threads)
        mapping: Mapping[str, Any] = {
            **self.mapping,
            "seen": self.seen,
            FIT.name: self.fit,
            DIRECT_SEARCH.name: self.direct_search,
        }
        return Indexed.map(
            pixels,
            palette,
            **mapping,
            lossy=lossy,
            lossy_for=lossy_for,
            effort=self.effort,
            threads=threads,
            on_rows=on_rows,
        )

    def cost(
        self, pixels: Pixels, indexed: Indexed, lossy: float, colors: int, *, threads: int = THREADS.default
    ) -> float:
        """Return what the errors of a result cost in bits, as `Indexed.map` weighs them against those of the file.

        Args:
            pixels: the image.
            indexed: what `map` made of it, with at most 256 colors.
            lossy: how much of the picture may go for fewer bytes, above 0 to 100.
            colors: of how many a bit is worth what it is, so that results of several numbers can be compared.
            threads: how many to use, 0 for all cores; never changes the result.
        """
        dithered = self.mapping.get(DITHER.name, DITHER.default) != "none"
        strength = self.mapping.get(DITHER_STRENGTH.name, DITHER_STRENGTH.default) if dithered else 0.0
        palette, indices = indexed.palette.colors, indexed.indices
        bit = worth(lossy, colors)
        pixels = as_pixels(pixels)
        return _core.lossy_cost(pixels, palette, indices, self.space, self.seen, strength, bit, threads)

    def foretold(
        self,
        pixels: Pixels,
        results: Sequence[Indexed],
        lossy: float,
        colors: int,
        *,
        threads: int = THREADS.default,
    ) -> list[float]:
        """Return the bits of file and errors together of results whose pixels have the nearest entries.

        They are more than those of what `map` makes of the same palettes, but by about as much, so that they tell
        which number of colors suits best.

        Args:
            pixels: the image.
            results: of at most 256 colors.
            lossy: how much of the picture may go for fewer bytes, above 0 to 100.
            colors: of how many a bit is worth what it is.
            threads: how many to use, 0 for all cores; never changes the results.
        """
        nearest = [(result.palette.colors, np.ascontiguousarray(result.indices, np.uint8)) for result in results]
        return _core.foretold_bits(as_pixels(pixels), nearest, self.space, self.seen, worth(lossy, colors), threads)
