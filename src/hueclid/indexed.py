"""Noun 3: an image whose pixels are indices into a palette."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import numpy.typing as npt

from . import _core
from .options import DITHER, DITHER_STRENGTH, OPTIMIZE, THREADS, Dither, Optimize
from .palette import Palette
from .pixels import Pixels, as_pixels

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, eq=False, repr=False)
class Indexed:
    """A palette and, for each pixel, the index of its color.

    Attributes:
        palette: the colors.
        indices: `(H, W)` uint8, uint16 when the palette has more than 256 colors.

    Raises:
        TypeError: `indices` is no array of uint8 or uint16.
        ValueError: it is not of shape `(H, W)`, is empty, or holds an index beyond the palette.
    """

    palette: Palette
    indices: npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

    def __post_init__(self) -> None:
        expected = np.uint8 if len(self.palette) <= 256 else np.uint16
        if not isinstance(self.indices, np.ndarray) or self.indices.dtype != expected:
            got = self.indices.dtype if isinstance(self.indices, np.ndarray) else type(self.indices).__name__
            raise TypeError(
                f"indices into {len(self.palette)} colors must be an array of {np.dtype(expected).name}, got {got}"
            )
        if self.indices.ndim != 2 or not self.indices.size:
            raise ValueError(f"indices must be of shape (H, W) and not empty, got {self.indices.shape}")
        if self.indices.max() >= len(self.palette):
            raise ValueError(f"index {self.indices.max()} is beyond a palette of {len(self.palette)} colors")

    @classmethod
    def map(
        cls,
        pixels: Pixels,
        palette: Palette,
        *,
        dither: Dither = DITHER.default,
        dither_strength: float = DITHER_STRENGTH.default,
        threads: int = THREADS.default,
    ) -> Indexed:
        """Give each pixel an entry of the palette, in the palette's working space.

        With `dither="none"` that is the nearest entry, ties to the lower index. "floyd-steinberg" hands each pixel's
        error on to its neighbors (R. W. Floyd and L. Steinberg, "An adaptive algorithm for spatial greyscale",
        1976), rows in turn from left to right and from right to left; pixels whose colors are all in the palette
        stay exact either way. Opaque pixels get opaque entries, as long as the palette has any. So that cores need not
        wait for each other, the image is cut into bands of a sixteenth of its rows, 64 to 256; each begins 8 rows
        early, in indices that are thrown away, so that seams hardly show.

        Args:
            pixels: `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8: grey, RGB or RGBA; read in place.
            palette: the entries.
            dither: "floyd-steinberg" or "none".
            dither_strength: the share of the error handed on, 0 to 1; without use when `dither` is "none".
            threads: how many to use, 0 for all cores; never changes the result.

        Raises:
            TypeError: an option is of a wrong type, or `pixels` no uint8 array.
            ValueError: an option is out of range, or `pixels` has another shape.

        >>> import numpy as np
        >>> palette = Palette.from_colors([(0, 0, 0), (255, 255, 255)])
        >>> Indexed.map(np.array([[3, 250]], dtype=np.uint8), palette, dither="none").indices.tolist()
        [[0, 1]]
        """
        pixels = as_pixels(pixels)
        threads, strength = THREADS.check(threads), DITHER_STRENGTH.check(dither_strength)
        if DITHER.check(dither) == "none":
            return cls(palette, _core.map_nearest(pixels, palette.colors, palette.space, threads))
        return cls(palette, _core.map_floyd_steinberg(pixels, palette.colors, palette.space, strength, threads))

    def to_pixels(self) -> Pixels:
        """Return the recolored image, `(H, W, 4)` uint8 RGBA."""
        return np.take(self.palette.colors, self.indices, axis=0)

    def to_pil(self) -> Image:
        """Return the recolored image as a `PIL.Image` of mode "P".

        Raises:
            WriteError: the palette has more than 256 colors.
        """
        from . import codec

        return codec.to_pil(self)

    def save(
        self,
        file: str | os.PathLike[str] | BinaryIO,
        format: str | None = None,  # noqa: A002 the name Pillow's users know
        *,
        optimize: Optimize = OPTIMIZE.default,
    ) -> int:
        """Write the image and return the number of bytes; a path is replaced whole or not at all.

        Args:
            file: a path, or a file object opened for binary writing.
            format: "png", "gif", "bmp", "tiff" or "webp" (lossless); the path's suffix says it when left out.
            optimize: how hard to pack a PNG, "fast", "default" or "max"; never changes a pixel.

        Raises:
            ValueError: the format is unknown.
            WriteError: the format can't hold the image, or the file can't be written.
        """
        from . import codec

        return codec.write(self, file, format, optimize=optimize)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Indexed):
            return NotImplemented
        return self.palette == other.palette and np.array_equal(self.indices, other.indices)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        height, width = self.indices.shape
        return f"Indexed({width} x {height}, {len(self.palette)} colors)"

    def _repr_png_(self) -> bytes:
        """Show itself in a notebook."""
        from . import notebook

        return notebook.indexed_png(self)
