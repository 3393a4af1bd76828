"""Noun 3: an image whose pixels are indices into a palette."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image

from . import _core
from .dithering import Kernel, Thresholds, as_mask, resolve
from .lossy import check_lossy, worth
from .options import (
    DIRECT_SEARCH,
    DITHER,
    DITHER_FORM,
    DITHER_PATH,
    DITHER_STRENGTH,
    EFFORT,
    FIT,
    LOSSY_FOR,
    OPTIMIZE,
    ROUNDS,
    THREADS,
    Dither,
    DitherForm,
    DitherPath,
    Effort,
    LossyFor,
    Optimize,
)
from .palette import Palette
from .pixels import Pixels, as_pixels

if TYPE_CHECKING:
    from .codec import ImageLike
    from .metadata import Metadata

MOST_POLISHED = 256
"""Colors of palettes that can be polished."""

_GIF_BIT = 0.72
"""What a bit of a GIF is worth by one of a PNG, for files to shrink alike."""


@dataclass(frozen=True, eq=False, repr=False)
class Indexed:
    """A palette and, for each pixel, the index of its color.

    Attributes:
        palette: the colors.
        indices: `(H, W)` uint8, uint16 when the palette has more than 256 colors.
        gif: the GIF file with whose packing the indices were chosen; None where they were not.

    Raises:
        TypeError: `indices` is no array of uint8 or uint16.
        ValueError: it is not of shape `(H, W)`, is empty, or holds an index beyond the palette.
    """

    palette: Palette
    indices: npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
    gif: bytes | None = None

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
        dither: Dither | Kernel | Thresholds = DITHER.default,
        dither_strength: float = DITHER_STRENGTH.default,
        dither_mask: ImageLike | npt.NDArray[np.bool_] | None = None,
        dither_path: DitherPath = DITHER_PATH.default,
        dither_form: DitherForm = DITHER_FORM.default,
        seen: bool = False,
        fit: int = 0,
        direct_search: int = 0,
        lossy: float = 0.0,
        lossy_for: LossyFor = LOSSY_FOR.default,
        effort: Effort = EFFORT.default,
        threads: int = THREADS.default,
        on_rows: Callable[[int], None] | None = None,
    ) -> Indexed:
        """Give each pixel an entry of the palette, in the palette's working space.

        With `dither="none"` that is the nearest entry, ties to the lower index. Everything else mixes colors that the
        palette lacks from entries side by side; pixels whose colors are all in the palette stay exact either way, but
        for `dither_form="amplitude"`. In flat areas, 3 x 3 equal pixels or more, whose color is in the palette (or
        within 4 codes of an entry, and none other within 24), no errors are taken or handed on. Opaque pixels get
        opaque entries, as long as the palette has any.

        *Error diffusion* hands each pixel's error on to its neighbors: "floyd-steinberg" (R. W. Floyd and L. Steinberg,
        "An adaptive algorithm for spatial greyscale", 1976), "false-floyd-steinberg", "jarvis-judice-ninke", "stucki",
        "burkes", "sierra", "sierra-two-row", "sierra-lite", "atkinson", "stevenson-arce", a `Kernel`, and, for palettes
        of two colors, "ostromoukhov". So that cores need not wait for each other, the image is cut into bands of a
        thirty-second of its rows, 64 to 256; each begins 8 rows early, in indices that are thrown away, so that seams
        hardly show. "riemersma" goes along a Hilbert curve. Colors beyond the palette's reach count as its nearest
        mixtures, and an error as no more than 1.15 times the distance between entries there (the mean of that to the
        nearest four; in n < 10 colors to n / 2 - 1, but at least one): what nothing can make up for is not piled up.

        *Thresholds* look at the place instead of at neighbors: "blue-noise-64", "blue-noise-128", "bayer-2" to
        "bayer-16", "clustered-dot", "interleaved-gradient-noise", or `Thresholds`. What changes in one place of the
        image changes nothing elsewhere. Where each comes from stands in the documentation, and which is for what.

        With `fit` the palette is fitted to its picture: once pixels have entries, colors move to where the sum over
        all pairs of pixels of B(p - q) e(p) e(q) is least, where e are the errors and B sees 5 % of each as it is (20 %
        where nothing is dithered) and the rest through a Gaussian of 1 pixel; then pixels get entries anew, each time.
        In up to 24 colors those that are grey in "oklab" and "lab" are held at the hue of their own pixels, the more,
        the fewer colors there are: else they would take on a tint to make up for what they are mixed with elsewhere.
        Above two megapixels, strips of rows all over the image stand for it meanwhile: one megapixel or two,
        and 4,096 pixels or more for each of more than 256 colors.
        With `direct_search`, pixels then take in turn the entry with which that sum, for a Gaussian of 0.7 pixels, is
        least (M. Analoui and J. P. Allebach, "Model-based halftoning using direct binary search", 1992).

        With `lossy` the file becomes smaller: indices are chosen so that deflate, which PNG, TIFF and WebP are packed
        by or by something like it, finds more and longer repetitions. Errors are weighed against bits, less where the
        picture is busy, and diffused, so that the picture stays the same from some distance. With `fit` the palette is
        then fitted once more.

        Args:
            pixels: `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8: grey, RGB or RGBA; read in place.
            palette: the entries.
            dither: one of these names, a `Kernel`, `Thresholds`, or "none".
            dither_strength: how much of an error counts, 0 (nothing is dithered) to 1; without use when `dither` is
                "none", as is `dither_mask`.
            dither_mask: how much of the strength each pixel has: `(H, W)` uint8 from 0 to 255, or bool, or a grey image
                of that size. Pixels of 0 get the nearest entry, take no errors and hand none on.
            dither_path: "serpentine", rows in turn from left to right and from right to left, or "raster", all from the
                left; for error diffusion but "riemersma".
            dither_form: what thresholds do. "mixing": they choose among 16 entries (64 of palettes of at most 16)
                that together make the color, sorted by lightness. "amplitude": they shift the color by up to half the
                distance between entries there.
            seen: whether distances are those of errors as small as a pixel: in "oklab" chroma counts 0.8 times.
            fit: how often the palette is fitted to the picture, 0 to 100; with 0 it is kept exactly. The result has
                as many colors, in the same order, all distinct; their alpha stays, and so do pinned ones and those of
                flat areas.
            direct_search: how often each pixel is asked for a better entry, 0 to 100.
            lossy: how much of the picture may go for fewer bytes, 0 (nothing) to 100; 30 saves a photograph of 256
                colors a quarter to a half. For up to 256 colors, and for "floyd-steinberg" or "none".
            lossy_for: the format whose files become smaller: "png", to which "tiff" and "webp" are alike here, or
                "gif", whose LZW finds other repetitions; the palette must be fit for GIF then.
            effort: with "fast" less of it is tried for a PNG with `lossy`, which is larger then.
            threads: how many to use, 0 for all cores; never changes the result.
            on_rows: called with the number of rows that are done, some fifty times a second while indices are chosen at
                a loss for a PNG; what it raises ends the work.

        Raises:
            ReadError: the mask can't be read.
            TypeError: an option is of a wrong type, `pixels` no uint8 array, or `palette` no palette.
            ValueError: an option is out of range or without use, `pixels` has another shape, or the mask another size.

        >>> import numpy as np
        >>> palette = Palette.from_colors([(0, 0, 0), (255, 255, 255)])
        >>> Indexed.map(np.array([[3, 250]], dtype=np.uint8), palette, dither="none").indices.tolist()
        [[0, 1]]
        """
        pixels = as_pixels(pixels)
        if not isinstance(palette, Palette):
            remedy = "Palette.from_colors(colors) makes one of a list of them"
            raise TypeError(f"palette must be a Palette, got {type(palette).__name__}; {remedy}")
        rounds, passes = FIT.check(fit) or 0, DIRECT_SEARCH.check(direct_search) or 0
        kind, given = resolve(dither, dither_path, dither_form, len(palette))
        check_lossy(lossy, dither, len(palette))
        for_gif = LOSSY_FOR.check(lossy_for) == "gif"
        indices, colors = _core.map_pixels(
            pixels,
            palette.colors,
            palette.space,
            palette.pinned,
            palette._known,
            kind,
            DITHER_STRENGTH.check(dither_strength),
            None if dither_mask is None else as_mask(dither_mask, *pixels.shape[:2]),
            dither_path == "serpentine",
            dither_form,
            given,
            seen,
            rounds,
            passes,
            0.0 if for_gif else worth(lossy, len(palette)),
            EFFORT.check(effort) == "fast",
            THREADS.check(threads),
            on_rows,
        )
        if rounds:
            palette = replace(palette, colors=colors).recounted(pixels, threads=threads)
        result = cls(palette, indices)
        return result._packed(pixels, lossy, diffused=dither != "none") if for_gif and lossy else result

    def polished(self, pixels: Pixels, *, rounds: int = ROUNDS.default, threads: int = THREADS.default) -> Indexed:
        """Return the picture brought nearer to the eye, a little at a time, along the slope of SSIMULACRA2.

        In each round all colors move to where the score rises, by the mean of what their pixels say; then each pixel
        takes the entry with which least is seen of the errors around it, where an error in lightness counts the more,
        the more the score would fall with it. Once a round gains little, only those few pixels change, far from each
        other, whose other entries raise the score most. Halfway, of pictures of up to 65,536 pixels in up to 128
        colors, entries that serve least go to where most is lost, if the score rises, up to one a round. Translucent
        pictures are seen on a black, a white, a grey and a blue page, and the worst counts most. Pinned colors stay,
        and those of flat areas; opaque pixels stay opaque.

        Args:
            pixels: `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8: the original. Under 8 x 8 pixels nothing changes.
            rounds: how often, 0 to 100.
            threads: how many to use, 0 for all cores; never changes the result.

        Raises:
            TypeError: `pixels` is no uint8 array, or an option of a wrong type.
            ValueError: it is of another size, an option is out of range, or the palette has more than 256 colors.
        """
        pixels, palette = as_pixels(pixels), self.palette
        if pixels.shape[:2] != self.indices.shape:
            raise ValueError(f"pixels must be as large as the image, {self.indices.shape}, got {pixels.shape[:2]}")
        if len(palette) > MOST_POLISHED:
            raise ValueError(f"polishing is for up to {MOST_POLISHED} colors, got {len(palette)}")
        contiguous: npt.NDArray[np.uint8] = np.ascontiguousarray(self.indices, np.uint8)
        rounds, threads = ROUNDS.check(rounds), THREADS.check(threads)
        indices, colors = _core.polish_picture(
            pixels, palette.colors, contiguous, palette.space, palette.pinned, rounds, threads
        )
        return Indexed(replace(palette, colors=colors).recounted(pixels, threads=threads), indices)

    def _packed(self, pixels: Pixels, lossy: float, *, diffused: bool) -> Indexed:
        """Return other indices, chosen while they are packed as a GIF.

        Raises:
            WriteError: GIF can't hold the image.
        """
        from . import codec

        codec.check_fit(self, "gif")
        bit = _GIF_BIT * worth(lossy, len(self.palette))
        file = _core.encode_gif(self.indices, self.palette.colors, pixels, bit, diffused)
        with Image.open(io.BytesIO(file)) as image:
            # The file has the entries in use, in their order.
            indices = np.unique(self.indices)[np.asarray(image)]
        return Indexed(self.palette, indices.astype(self.indices.dtype), file)

    def to_pixels(self) -> Pixels:
        """Return the recolored image, `(H, W, 4)` uint8 RGBA."""
        return np.take(self.palette.colors, self.indices, axis=0)

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """Return the recolored image to NumPy, and so to Matplotlib's `imshow` and all else that takes arrays."""
        if copy is False:
            raise ValueError("an indexed image holds no pixels that could be shared; leave copy=False out")
        return self.to_pixels().astype(np.uint8 if dtype is None else dtype, copy=False)

    def to_pil(self) -> Image.Image:
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
        metadata: Metadata | None = None,
    ) -> int:
        """Write the image and return the number of bytes; a path is replaced whole or not at all.

        Args:
            file: a path, or a file object opened for binary writing.
            format: "png", "gif", "bmp", "tiff" or "webp" (lossless); the path's suffix says it when left out.
            optimize: how hard to pack a PNG or WebP, "fast", "default" or "max"; never changes a pixel.
            metadata: what the file holds beside its pixels, as far as the format can; `load` reads it.

        Raises:
            ValueError: the format is unknown.
            WriteError: the format can't hold the image, or the file can't be written.
        """
        from . import codec

        return codec.write(self, file, format, optimize=optimize, metadata=metadata or codec.NOTHING)

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
