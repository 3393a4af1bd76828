"""Noun 1: the distinct colors of one or many images and how often each occurs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from . import _core
from .options import ACCENTS, IMPORTANCE, THREADS, Importance
from .pixels import Pixels, as_pixels

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, eq=False, repr=False)
class Histogram:
    """Distinct colors, sorted, with weights; `a + b` is the histogram of both images together.

    Adding is exact, associative and commutative, `Histogram.empty()` is its zero: frames, tiles, albums and
    machines can count apart and meet here. A histogram knows nothing of how it will be solved.

    Attributes:
        colors: `(n, 4)` uint8, RGBA in sRGB with straight alpha, strictly ascending by (R, G, B, A). All fully
            transparent pixels count as the one color (0, 0, 0, 0).
        weights: `(n,)` uint64, how many pixels have the color, each as often as it counts; at least 1.

    Raises:
        TypeError: `colors` or `weights` is not an array of its dtype.
        ValueError: the shapes don't fit, the colors aren't ascending, or a weight is 0.
    """

    colors: npt.NDArray[np.uint8]
    weights: npt.NDArray[np.uint64]

    def __post_init__(self) -> None:
        colors, weights = _checked(self.colors, self.weights)
        keys = colors.view(">u4").ravel()
        if np.any(keys[1:] <= keys[:-1]) or np.any((colors[:, 3] == 0) & (keys != 0)):
            raise ValueError(
                "colors must be distinct and ascending, transparent ones (0, 0, 0, 0); "
                "Histogram.from_colors() takes them in any order"
            )
        if not np.all(weights):
            raise ValueError("weights must be at least 1, got a weight of 0; leave such colors out")
        for name, array in (("colors", colors), ("weights", weights)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @classmethod
    def count(
        cls,
        pixels: Pixels,
        *,
        importance: Importance | npt.NDArray[np.uint8] | npt.NDArray[np.bool_] = "uniform",
        threads: int = THREADS.default,
    ) -> Histogram:
        """Count the distinct colors of an image, exactly.

        With "masking", a pixel counts 255 times where the picture is even, and less the busier it is there, because the
        eye misses errors in texture (contrast masking): 255 sqrt(c / (c + v)) times, rounded, at least once, where v is
        the variance of Oklab (premultiplied, with alpha) in a Gaussian window of 1.5 pixels, and c is 0.001. Histograms
        that were counted so add up like others; with one of "uniform" they make little sense together.

        Args:
            pixels: `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8: grey, RGB or RGBA; read in place.
            importance: how often each pixel counts. "uniform": once; "masking"; or `(H, W)` uint8 or bool: so many
                times. Colors of which no pixel counts are left out.
            threads: how many to use, 0 for all cores; never changes the result.

        Raises:
            TypeError: `pixels` is no uint8 array, or `importance` is neither a name nor an array of uint8 or bool.
            ValueError: the shape is none of these, it is empty, `importance` has another height or width, or is 0
                everywhere.

        >>> import numpy as np
        >>> histogram = Histogram.count(np.array([[0, 255, 255]], dtype=np.uint8))
        >>> histogram.colors.tolist(), histogram.weights.tolist()
        ([[0, 0, 0, 255], [255, 255, 255, 255]], [1, 2])
        """
        pixels, threads = as_pixels(pixels), THREADS.check(threads)
        return cls._from_core(*_core.count_colors(pixels, _times(importance, pixels, threads), threads))

    @classmethod
    def _from_core(cls, colors: npt.NDArray[np.uint8], weights: npt.NDArray[np.uint64]) -> Histogram:
        """Take what the core counted: it is sound, read-only and nobody else's."""
        histogram = object.__new__(cls)
        for name, array in (("colors", colors), ("weights", weights)):
            object.__setattr__(histogram, name, array)
        return histogram

    @classmethod
    def from_colors(cls, colors: npt.NDArray[np.uint8], weights: npt.NDArray[np.uint64] | None = None) -> Histogram:
        """Make a histogram from colors in any order; the weights of equal colors add up.

        Args:
            colors: `(n, 4)` uint8 RGBA.
            weights: `(n,)` uint64; each color counts once when left out. Colors of weight 0 are left out.

        Raises:
            TypeError: `colors` or `weights` is not an array of its dtype.
            ValueError: the shapes don't fit.
        """
        if weights is None:
            weights = np.ones(len(colors), np.uint64)
        return cls(*_core.merge_colors(*_checked(colors, weights)))

    @classmethod
    def empty(cls) -> Histogram:
        """Return the histogram of no pixels, the zero of `+`."""
        return cls(np.empty((0, 4), np.uint8), np.empty(0, np.uint64))

    def accented(self, amount: float) -> Histogram:
        """Return the same colors with the weights of rare ones raised, so that small accents get a color of their own.

        Colors are of one kind when they lie in one box of 32 steps of each channel. A kind of weight w counts as much
        as w^(1 - amount) would, about; those of less than a ten-thousandth of the picture stay behind.

        Args:
            amount: 0 (as they are) to 1 (all kinds alike).

        Raises:
            TypeError: `amount` is no number.
            ValueError: it is out of range.
        """
        if not ACCENTS.check(amount) or not len(self):
            return self
        return Histogram(self.colors, _core.raise_accents(self.colors, self.weights, amount))

    @property
    def total(self) -> int:
        """How many pixels were counted."""
        return int(self.weights.sum())

    def __add__(self, other: Histogram) -> Histogram:
        if not isinstance(other, Histogram):
            return NotImplemented
        return Histogram.from_colors(
            np.concatenate([self.colors, other.colors]), np.concatenate([self.weights, other.weights])
        )

    def __radd__(self, other: object) -> Histogram:
        return self if other == 0 else NotImplemented  # `sum` starts from 0

    def __len__(self) -> int:
        return len(self.weights)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Histogram):
            return NotImplemented
        return np.array_equal(self.colors, other.colors) and np.array_equal(self.weights, other.weights)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Histogram({len(self):,} colors of {self.total:,} pixels)"

    def _repr_html_(self) -> str:
        """Show itself in a notebook."""
        from . import notebook

        return notebook.histogram_html(self)

    def __reduce__(self) -> tuple[type[Histogram], tuple[object, ...]]:
        return Histogram, (self.colors, self.weights)


def _times(
    importance: Importance | npt.NDArray[np.uint8] | npt.NDArray[np.bool_], pixels: Pixels, threads: int
) -> npt.NDArray[np.uint8] | None:
    """Return how often each pixel counts, `(H, W)`; None: once."""
    if isinstance(importance, str):
        return _core.masking(pixels, threads) if IMPORTANCE.check(importance) == "masking" else None
    allowed = f"importance must be {IMPORTANCE.allowed}, or an array of uint8 or bool as high and wide as the image"
    if not isinstance(importance, np.ndarray) or importance.dtype not in (np.uint8, np.bool_):
        got = f"one of {importance.dtype}" if isinstance(importance, np.ndarray) else repr(importance)
        raise TypeError(f"{allowed}, got {got}")
    if importance.shape != pixels.shape[:2]:
        raise ValueError(f"{allowed}, {pixels.shape[:2]}, got {importance.shape}")
    if not importance.any():
        raise ValueError("importance is 0 everywhere, so that no pixel counts; give some of them a number above 0")
    return np.ascontiguousarray(importance).view(np.uint8)


def as_histogram(histogram: object, what: str) -> Histogram:
    """Return `histogram` if it is one of at least one pixel; `what` is what an empty one doesn't have.

    Raises:
        TypeError: it is no histogram.
        ValueError: it is empty.
    """
    if not isinstance(histogram, Histogram):
        remedy = "Histogram.count(pixels) makes one of an image"
        raise TypeError(f"histogram must be a Histogram, got {type(histogram).__name__}; {remedy}")
    if not len(histogram):
        raise ValueError(f"an empty histogram has no {what}; count at least one pixel")
    return histogram


def _checked(
    colors: npt.NDArray[np.uint8], weights: npt.NDArray[np.uint64]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint64]]:
    """Return both as contiguous arrays of agreeing shapes that nobody else writes to."""
    for name, array, dtype in (("colors", colors, np.uint8), ("weights", weights, np.uint64)):
        if not isinstance(array, np.ndarray) or array.dtype != dtype:
            got = f"an array of {array.dtype}" if isinstance(array, np.ndarray) else repr(type(array).__name__)
            raise TypeError(f"{name} must be an array of {np.dtype(dtype).name}, got {got}")
    if colors.ndim != 2 or colors.shape[1] != 4 or weights.shape != colors.shape[:1]:
        raise ValueError(f"colors must be (n, 4) and weights (n,), got shapes {colors.shape} and {weights.shape}")
    return _owned(colors), _owned(weights)


def _owned(array: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
    """Return a contiguous array that can be frozen without freezing the caller's."""
    return np.ascontiguousarray(array) if not array.flags.writeable else array.copy()
