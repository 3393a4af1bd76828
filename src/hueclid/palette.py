"""Noun 2: a few colors, how much of the picture each serves, and how far the picture is from them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import _core
from .histogram import Histogram
from .options import COLORS, EFFORT, SPACE, THREADS, Effort, Space


@dataclass(frozen=True, eq=False, repr=False)
class Palette:
    """Distinct colors in order, the most used first when solved.

    Attributes:
        colors: `(k, 4)` uint8, RGBA in sRGB with straight alpha, 1 to 65,536 of them, all distinct.
        weights: `(k,)` uint64, how many pixels of the histogram are nearest to each; 0 where unknown.
        error: k-means' compactness (inertia): the sum over all pixels of the squared distance, in `space`, to the
            nearest color. NaN for a palette that was not solved.
        space: the working space in which the palette was solved and in which pixels are mapped to it.
        passes: how many passes of Lloyd's algorithm were made.
        converged: whether the last pass gained less than the tolerance.

    Raises:
        TypeError: `colors` is no uint8 array.
        ValueError: its shape is not `(k, 4)`, or two colors are equal.
    """

    colors: npt.NDArray[np.uint8]
    weights: npt.NDArray[np.uint64]
    error: float = math.nan
    space: Space = SPACE.default
    passes: int = 0
    converged: bool = False

    def __post_init__(self) -> None:
        SPACE.check(self.space)
        colors = np.ascontiguousarray(self.colors)
        if colors.dtype != np.uint8:
            raise TypeError(f"colors must be an array of uint8, got one of {colors.dtype}")
        if colors.ndim != 2 or colors.shape[1] != 4:
            raise ValueError(f"colors must be of shape (k, 4), got {colors.shape}")
        if not COLORS.low <= len(colors) <= COLORS.high:
            raise ValueError(f"a palette holds 1 to 65,536 colors, got {len(colors):,}")
        if len(np.unique(colors.view(np.uint32))) < len(colors):
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
        space: Space = SPACE.default,
        effort: Effort = EFFORT.default,
        threads: int = THREADS.default,
        on_pass: Callable[[int, float], None] | None = None,
    ) -> Palette:
        """Find the colors that are nearest to the histogram, by weighted k-means on its distinct colors.

        Nearest means the least sum of squared distances in `space`, with alpha premultiplied, so that the color of
        transparent pixels never matters. Exactly `colors` distinct colors come back when the histogram has as many
        or more; otherwise exactly its own, and the error is 0. One of two or more is fully transparent when some pixels
        are. The result depends on the histogram and on `colors`, `space` and `effort` alone.

        Seeds come from divisive cuts across the principal axis (after X. Wu, "Color quantization by dynamic
        programming and principal analysis", 1992), then Lloyd's passes run with the filtering of T. Kanungo et al.,
        "An efficient k-means clustering algorithm" (2002), between which the color that is missed least is taken away
        and the cluster that gains most is cut in two, as long as that lowers the error.

        Args:
            histogram: what to be near to; not empty.
            colors: how many to keep, 1 to 65,536.
            space: "oklab", "srgb", "linear" or "lab".
            effort: "fast", "balanced" or "best"; more effort takes longer for a lower error.
            threads: how many to use, 0 for all cores; never changes the result.
            on_pass: called after each pass with its number and the error so far; what it raises ends the solving.

        Raises:
            TypeError: an option is of a wrong type.
            ValueError: an option is out of range, or the histogram is empty.

        >>> import numpy as np
        >>> histogram = Histogram.count(np.array([[0, 4, 250]], dtype=np.uint8))
        >>> Palette.solve(histogram, 2, space="srgb").hex()
        ['#020202', '#fafafa']
        """
        if not len(histogram):
            raise ValueError("an empty histogram has no palette; count at least one pixel")
        return cls._from_core(
            _core.solve_palette(
                histogram.colors,
                histogram.weights,
                COLORS.check(colors),
                SPACE.check(space),
                EFFORT.check(effort),
                THREADS.check(threads),
                on_pass,
            ),
            space,
        )

    @classmethod
    def _from_core(
        cls, solved: tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint64], float, int, bool], space: Space
    ) -> Palette:
        colors, weights, error, passes, converged = solved
        return cls(colors, weights, error, space, passes, converged)

    @classmethod
    def from_colors(cls, colors: npt.ArrayLike, *, space: Space = SPACE.default) -> Palette:
        """Make a palette of given colors, in the given order.

        Args:
            colors: `(k, 3)` or `(k, 4)` integers from 0 to 255: RGB or RGBA.
            space: the working space in which pixels will be mapped to it.

        Raises:
            ValueError: the shape is neither, a number is no byte, or two colors are equal.

        >>> Palette.from_colors([(0, 0, 0), (255, 0, 0)]).hex()
        ['#000000', '#ff0000']
        """
        given = np.asarray(colors)
        if given.ndim != 2 or given.shape[1] not in (3, 4):
            raise ValueError(f"colors must be of shape (k, 3) or (k, 4), got {given.shape}")
        if given.dtype.kind not in "iu" or given.min(initial=0) < 0 or given.max(initial=0) > 255:
            raise ValueError("colors must be integers from 0 to 255")
        rgba = np.full((len(given), 4), 255, np.uint8)
        rgba[:, : given.shape[1]] = given
        return cls(rgba, np.zeros(len(rgba), np.uint64), space=space)

    def hex(self) -> list[str]:
        """Return each color as "#rrggbb", or "#rrggbbaa" where it is not opaque."""
        return [f"#{color.tobytes()[: 4 if color[3] < 255 else 3].hex()}" for color in self.colors]

    def __len__(self) -> int:
        return len(self.colors)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Palette):
            return NotImplemented
        return self.space == other.space and np.array_equal(self.colors, other.colors)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Palette({len(self)} colors, error={self.error:.6g}, space={self.space!r})"

    def __reduce__(self) -> tuple[type[Palette], tuple[object, ...]]:
        return Palette, (self.colors, self.weights, self.error, self.space, self.passes, self.converged)
