"""Noun 2: a few colors, how much of the picture each serves, and how far the picture is from them."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import BinaryIO, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from . import _core
from .histogram import Histogram, as_histogram
from .methods import Clusterer, find
from .options import (
    ATTEMPTS,
    CHANCE,
    COLORS,
    EFFORT,
    INIT,
    MAX_ITERATIONS,
    METHOD,
    OBJECTIVE,
    PINNED,
    SEED,
    SPACE,
    THREADS,
    TIME_LIMIT,
    TOLERANCE,
    Effort,
    Init,
    Method,
    Objective,
    PaletteFormat,
    Space,
)
from .pins import Pinned, as_anchors, as_colors, as_pins
from .pixels import Pixels, as_pixels

Start: TypeAlias = Init | npt.ArrayLike
"""A way to choose first centers, or `(k, 3)` or `(k, 4)` integers from 0 to 255: the centers."""

Ended = Literal["converged", "iterations", "time", ""]


@dataclass(frozen=True, eq=False, repr=False)
class Palette:
    """Distinct colors in order; when solved, the pinned ones, then the most used first.

    Attributes:
        colors: `(k, 4)` uint8, RGBA in sRGB with straight alpha, 1 to 65,536 of them, all distinct.
        weights: `(k,)` uint64, how many pixels of the histogram are nearest to each; 0 where unknown.
        error: k-means' compactness (inertia): the sum over all pixels of the squared distance, in `space`, to the
            nearest color; where `objective` is "euclidean", the sum of the distances themselves. NaN for a palette that
            was not solved.
        space: the working space in which the palette was solved and in which pixels are mapped to it.
        iterations: how many passes were made, in all attempts together.
        attempt_errors: the error of each attempt made, in order; the least is `error`. Empty when there was nothing to
            search: the palette was not solved, or not by k-means, or the histogram has no more colors than were asked
            for.
        ended: why the passes of the best attempt ended. "converged": the last one gained less than the tolerance;
            "iterations": there had been as many as `max_iterations` or the effort allows; "time": the time limit was
            over; "": the palette was not solved, or not by k-means.
        objective: what the palette was solved for, and so what `error` adds up: "squared" or "euclidean" distances.
        pinned: how many of the first colors were given and stay as they are when a palette is fitted to a picture.

    Raises:
        TypeError: `colors` is no uint8 array.
        ValueError: its shape is not `(k, 4)`, or two colors are equal.
    """

    colors: npt.NDArray[np.uint8]
    weights: npt.NDArray[np.uint64]
    error: float = math.nan
    space: Space = SPACE.default
    iterations: int = 0
    attempt_errors: tuple[float, ...] = ()
    ended: Ended = ""
    objective: Objective = OBJECTIVE.default
    pinned: int = 0
    _known: _core.Known | None = None

    def __post_init__(self) -> None:
        SPACE.check(self.space)
        OBJECTIVE.check(self.objective)
        colors = np.ascontiguousarray(self.colors)
        if colors.dtype != np.uint8:
            raise TypeError(f"colors must be an array of uint8, got one of {colors.dtype}")
        if colors.ndim != 2 or colors.shape[1] != 4:
            raise ValueError(f"colors must be of shape (k, 4), got {colors.shape}")
        if not COLORS.low <= len(colors) <= COLORS.high:
            raise ValueError(f"a palette holds 1 to 65,536 colors, got {len(colors):,}")
        if len(set(colors.view(np.uint32).ravel().tolist())) < len(colors):  # np.unique imports numpy.ma, 8 ms
            raise ValueError("the colors of a palette must be distinct; leave the repeated ones out")
        weights = np.ascontiguousarray(self.weights, np.uint64)
        if weights.shape != colors.shape[:1]:
            raise ValueError(f"weights must be of shape ({len(colors)},), got {weights.shape}")
        for name, array in (("colors", colors.copy()), ("weights", weights.copy())):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @classmethod
    def solve(
        cls,
        histogram: Histogram,
        colors: int = COLORS.default,
        *,
        pinned: Pinned = PINNED.default,
        method: Method | Clusterer = METHOD.default,
        space: Space = SPACE.default,
        objective: Objective = OBJECTIVE.default,
        effort: Effort = EFFORT.default,
        init: Start = INIT.default,
        attempts: int = ATTEMPTS.default,
        max_iterations: int | None = MAX_ITERATIONS.default,
        tolerance: float | None = TOLERANCE.default,
        seed: int = SEED.default,
        time_limit: float | None = TIME_LIMIT.default,
        known: bool = True,
        threads: int = THREADS.default,
        anchors: npt.NDArray[np.uint8] | None = None,
        on_pass: Callable[[int, float], None] | None = None,
    ) -> Palette:
        """Find the colors that are nearest to the histogram, by weighted k-means on its distinct colors.

        Nearest means the least sum of squared distances in `space`; that of translucent colors is the mean of their
        squared distances over black and over white, so that the color of transparent pixels never matters. Exactly
        `colors` distinct colors come back when the histogram has as many or more; otherwise exactly its own, and the
        error is 0. One of two or more is fully transparent when some pixels are, and a mean of translucent and opaque
        colors is opaque when a fifth of them are. The result depends on the histogram and the options alone, never on
        the threads; with a time limit, and only then, it depends on the speed of the machine.

        Coarse to fine: the search runs on cells of colors that keep exact means, a few passes on all distinct colors
        finish. Up to 32 colors of a histogram of 4,096 times as many, and more colors of one that has a million, are
        found among cells alone, unless `effort="best"`, `tolerance` or `max_iterations` ask for more; weights and error
        are exact all the same. Passes are Lloyd's, over a tree of boxes (T. Kanungo et al., "An efficient k-means
        clustering algorithm", 2002), with steps that keep a part of their momentum (B. T. Polyak, "Some methods of
        speeding up the convergence of iteration methods", 1964). Between them the center that is missed least is freed
        and the group that gains most is cut in two, as long as that lowers the error.

        With `objective="euclidean"` the distances are not squared, so that few far colors draw less: weighted
        k-medians. From where k-means ends, passes on all distinct colors move each center toward the geometric median
        of its colors and never raise the sum of distances. A step goes to the color that pulls most, if it pulls at
        least as much as all others together; else, or if that place is worse, to Newton's; else to that of E. Weiszfeld
        ("Sur le point pour lequel la somme des distances de n points donnés est minimum", 1937) as Y. Vardi and C.-H.
        Zhang mended it ("The multivariate L1-median and associated data depth", 2000). The sum is never more than that
        of the palette of k-means on all distinct colors with the same options; with `max_iterations` or `time_limit`,
        of which k-means gets half, it may be.

        Args:
            histogram: what to be near to; not empty.
            colors: how many to keep, 1 to 65,536; left out with a clusterer, which says itself how many there are.
            pinned: up to `colors` distinct colors that the palette holds exactly, and first, in this order; the others
                follow, the most used first. Each is "#rrggbb", "#rrggbbaa", or 3 or 4 integers from 0 to 255; of a
                palette all are pinned. They are centers that never move: the others are searched around them, all
                pixels taken into account. A pinned color stays even where no pixel is nearest to it; so there may be
                `colors` colors where the histogram has fewer.
            method: "kmeans", of which all the above tells; or another that needs no search, and no option after `space`
                but `threads`. Every method gives exactly `colors` colors where there are as many, with a transparent
                one and weights and an error as k-means does; places that it leaves open go to the colors that are
                served worst. A pinned color takes the place of the nearest center found.

                "wu": boxes of a lattice of 32 steps a coordinate, the one of the largest squared error cut across a
                coordinate where that lowers the error most (X. Wu, "Efficient statistical computations for optimal
                color quantization", 1991). "median-cut": boxes cut across their longest side into halves of as many
                pixels, the one of the most pixels first (P. Heckbert, "Color image quantization for frame buffer
                display", 1982). "octree": the deepest branches of an octree of all colors merged, those of the fewest
                pixels first (M. Gervautz and W. Purgathofer, "A simple method for color quantization: octree
                quantization", 1988). "maxmin": colors of the picture, first the most used, then each time the one
                farthest from all before (G. Houle and E. Dubois, "Quantization of color images for display on graphics
                terminals", 1986). "popularity": the means of the fullest cells of 8 x 8 x 8 codes (Heckbert, as above).
                "uniform": a grid of levels in each channel, as many as fit, such as 6 x 7 x 6 for 256; what no pixel
                is nearest to is left out, so there may be fewer. Octree, popularity and uniform divide the codes of
                sRGB, and measure in `space`.

                Or a clusterer as scikit-learn has them, fitted to the visible colors as `(n, 3)` float64 points of
                `space`, `(n, 4)` when some are translucent: all distinct colors with `sample_weight` where `fit` takes
                it, otherwise 8,192 pixels chosen evenly, by the `seed`. An entry is the weighted mean of the colors
                that `predict` gives a label, or of the pixels in `labels_`; those labelled -1 have none. Entries that
                no pixel is nearest to are left out. The clusterer is copied, never changed.
            space: "oklab", "srgb", "linear" or "lab".
            objective: what to make small, the sum over all pixels of the "squared" distance to the nearest color, or of
                the "euclidean" distance.
            effort: "fast", "balanced" or "best": how long to search. More is never worse for histograms of up to
                8,192 colors, and "best" never worse than "balanced" for any.
            init: where the search starts. "divisive": the means of groups that were cut in two again and again across
                their principal axis (after X. Wu, "Color quantization by dynamic programming and principal analysis",
                1992). "k-means++": one after another at random, the likelier the farther from those before, by squared
                distance (D. Arthur and S. Vassilvitskii, "k-means++: the advantages of careful seeding", 2007).
                "random": at random, every pixel as likely as any other. "maximin": one at random, then each time what
                is farthest from all before (T. F. Gonzalez, "Clustering to minimize the maximum intercluster
                distance", 1985). Of these, those nearest to the pinned colors are left out, one for each. Or the
                centers of the colors that are not pinned: `(colors, 3)` or `(colors, 4)` distinct integers from 0 to
                255, RGB or RGBA, one of them fully transparent when some pixels are.
            attempts: how many starts to try, 1 to 10,000; the best result counts. More than one asks for an `init` of
                chance.
            max_iterations: most passes of an attempt; None: as many as the effort makes. After 0 the first centers
                come back, rounded to colors, those that no pixel is nearest to put elsewhere.
            tolerance: a pass that lowers the error by a smaller share, 0 to 1, ends the passes; None: the effort's.
            seed: what the random numbers of the starts depend on, 0 to 2**64 - 1.
            time_limit: seconds after which no attempt, pass or trial of a few passes begins; None: no limit. After 0
                the first centers come back, and `ended` says "time".
            known: whether the palette keeps its nearest color of each, so that `Indexed.map` need not look for it.
            threads: how many to use, 0 for all cores; never changes the result.
            anchors: colors of flat areas, as `flat_colors` finds them: `(n, 4)` uint8, distinct. An entry half or
                more of whose pixels have just one of these becomes it, the most used first; some passes then move the
                others. `attempt_errors` are from before. Other methods than "kmeans" take no heed of them.
            on_pass: called with the number of passes so far, in all attempts, and the error: after each pass of
                k-means or k-medians, or after several that were tried side by side. What it raises ends the solving.
                The error is squared as long as k-means runs, whatever the objective.

        Raises:
            TypeError: an option is of a wrong type.
            ValueError: an option is out of range or of no use to the method, several attempts would be the same, the
                centers are not as many as the colors, the pinned colors are more or leave no room for the transparent
                one, or the histogram is empty.

        >>> import numpy as np
        >>> histogram = Histogram.count(np.array([[0, 4, 250]], dtype=np.uint8))
        >>> Palette.solve(histogram, 2, space="srgb").hex()
        ['#020202', '#fafafa']
        """
        histogram = as_histogram(histogram, "palette")
        pins = as_pins(pinned, histogram, COLORS.check(colors) if isinstance(method, str) else 65_536)
        if not isinstance(method, str) or method != METHOD.default:
            search = {
                OBJECTIVE.name: objective,
                EFFORT.name: effort,
                INIT.name: init,
                ATTEMPTS.name: attempts,
                MAX_ITERATIONS.name: max_iterations,
                TOLERANCE.name: tolerance,
                SEED.name: seed,
                TIME_LIMIT.name: time_limit,
            }
            found, weights, error = find(
                method, histogram, COLORS.check(colors), SPACE.check(space), THREADS.check(threads), pins, search
            )
            return cls(found, weights, error, space, pinned=len(pins))
        way, centers = _first_centers(init, histogram, colors, pins)
        if ATTEMPTS.check(attempts) > 1 and way not in CHANCE:
            raise ValueError(
                f"attempts must be 1 when each would be the same, got {attempts}; "
                f"for more, init must be one of {', '.join(map(repr, CHANCE))}"
            )
        found, weights, error, iterations, attempt_errors, ended, nearest = _core.solve_palette(
            histogram.colors,
            histogram.weights,
            COLORS.check(colors),
            SPACE.check(space),
            OBJECTIVE.check(objective),
            EFFORT.check(effort),
            pins,
            as_anchors(anchors),
            way,
            centers,
            ATTEMPTS.check(attempts),
            MAX_ITERATIONS.check(max_iterations),
            TOLERANCE.check(tolerance),
            SEED.check(seed),
            TIME_LIMIT.check(time_limit),
            bool(known),
            THREADS.check(threads),
            on_pass,
        )
        searched = (iterations, tuple(attempt_errors), ended, objective, len(pins))
        return cls(found, weights, error, space, *searched, nearest)

    @classmethod
    def from_colors(cls, colors: Pinned, *, space: Space = SPACE.default) -> Palette:
        """Make a palette of given colors, in the given order.

        Args:
            colors: 1 to 65,536 distinct ones, each "#rrggbb", "#rrggbbaa", or 3 or 4 integers from 0 to 255, RGB or
                RGBA; or an array of integers of shape `(k, 3)` or `(k, 4)`; or a palette, for its colors alone.
            space: the working space in which pixels will be mapped to it.

        Raises:
            ValueError: one is no color, two are equal, or there are none or too many.

        >>> Palette.from_colors(["#ff8800", (0, 0, 0)]).hex()
        ['#ff8800', '#000000']
        """
        rgba = as_colors(colors)
        return cls(rgba, np.zeros(len(rgba), np.uint64), space=space)

    def recounted(self, pixels: Pixels, *, threads: int = THREADS.default) -> Palette:
        """Return the same colors with the weights and the error that they have for an image, each pixel counting once.

        Args:
            pixels: `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8: grey, RGB or RGBA; read in place.
            threads: how many to use, 0 for all cores; never changes the result.

        Raises:
            TypeError: `pixels` is no uint8 array.
            ValueError: its shape is none of these.
        """
        threads = THREADS.check(threads)
        weights, error = _core.palette_served(as_pixels(pixels), self.colors, self.space, self.objective, threads)
        return replace(self, weights=weights, error=error)

    @property
    def converged(self) -> bool:
        """Whether the last pass of the best attempt gained less than the tolerance."""
        return self.ended == "converged"

    def hex(self) -> list[str]:
        """Return each color as "#rrggbb", or "#rrggbbaa" where it is not opaque."""
        return [f"#{color.tobytes()[: 4 if color[3] < 255 else 3].hex()}" for color in self.colors]

    def save(self, file: str | os.PathLike[str] | BinaryIO, format: PaletteFormat | None = None) -> int:  # noqa: A002
        """Write the colors in a format that other programs read; return the number of bytes.

        Args:
            file: a path, replaced whole or not at all, or a file object opened for binary writing.
            format: "hex", "json", "gpl", "ase", "aco", "css", "svg" or "png"; the path's suffix says it when left out.

        Raises:
            ValueError: the format is unknown.
            WriteError: the format can't hold the palette, or the file can't be written.
        """
        from . import palettes

        return palettes.write(self, file, format)

    @classmethod
    def read(
        cls,
        file: str | os.PathLike[str] | BinaryIO,
        format: PaletteFormat | None = None,  # noqa: A002
        *,
        space: Space = SPACE.default,
    ) -> Palette:
        """Read the colors of a file that `save` or another program wrote; `palettes.read` says more.

        Raises:
            ReadError: it can't be read, or holds no palette.
            ValueError: the format is unknown, or "svg", which can't be read.
        """
        from . import palettes

        return palettes.read(file, format, space=space)

    def __len__(self) -> int:
        return len(self.colors)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Palette):
            return NotImplemented
        return self.space == other.space and np.array_equal(self.colors, other.colors)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Palette({len(self)} colors, error={self.error:.6g}, space={self.space!r})"

    def _repr_html_(self) -> str:
        """Show itself in a notebook."""
        from . import notebook

        return notebook.palette_html(self)

    def __reduce__(self) -> tuple[type[Palette], tuple[object, ...]]:
        search = (self.iterations, self.attempt_errors, self.ended, self.objective, self.pinned)
        return Palette, (self.colors, self.weights, self.error, self.space, *search)


def _first_centers(
    init: Start, histogram: Histogram, colors: int, pins: npt.NDArray[np.uint8]
) -> tuple[str, npt.NDArray[np.uint8] | None]:
    """Return a way to start and, where they are given, the `(k, 4)` centers of what is not fully transparent."""
    if isinstance(init, str):
        return INIT.check(init), None
    k = colors - len(pins)
    allowed = f"init must be {INIT.allowed}, or the {k} colors to start from"
    try:
        if np.ndim(init) == 0:
            raise TypeError(f"{allowed}, got {init!r}")
        centers = Palette.from_colors(init).colors
    except ValueError as error:
        raise ValueError(f"{allowed}: {error}") from None
    if len(centers) != k:
        which = " that are not pinned" if len(pins) else ""
        raise ValueError(f"{allowed}, got {len(centers)} of them; give as many centers as colors{which}")
    visible = centers[centers[:, 3] > 0]
    if len(visible) < k - 1:
        raise ValueError(f"{allowed}, got {k - len(visible)} that are fully transparent; all of these are one color")
    if histogram.colors[0, 3] or colors == 1 or not pins[:, 3].all():
        return "centers", centers
    if len(visible) == k:
        raise ValueError(f"{allowed}; make one of them fully transparent, as some pixels are")
    return "centers", visible
