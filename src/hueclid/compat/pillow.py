"""Pillow's `Image.quantize`, with dithering, transparency and nearness that work.

    from hueclid.compat.pillow import quantize

    quantize(image, 64).save("small.png")

Or for every image of a program: `PIL.Image.Image.quantize = hueclid.compat.pillow.quantize`.
"""

from __future__ import annotations

import operator
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.Image import Dither, Quantize

from .. import api
from ..histogram import Histogram
from ..indexed import Indexed
from ..options import Dither as DitherName
from ..options import Method
from ..palette import Palette
from ..pixels import Pixels

_METHODS: Final[dict[int, Method]] = {
    Quantize.MEDIANCUT: "median-cut",
    Quantize.MAXCOVERAGE: "maxmin",
    Quantize.FASTOCTREE: "octree",
    Quantize.LIBIMAGEQUANT: "kmeans",
}


def quantize(
    im: Image.Image,
    colors: int = 256,
    method: int | None = None,
    kmeans: int = 0,
    palette: Image.Image | None = None,
    dither: int = Dither.FLOYDSTEINBERG,
) -> Image.Image:
    """Reduce an image to a palette: `PIL.Image.Image.quantize`, with its arguments, result and errors.

    What is other than in Pillow: k-means finds the palette unless a method is named; `dither` works without `palette`
    too; transparency of every mode is kept; pixels of a given palette get the entry that is truly nearest; there are
    `colors` colors, all used, whenever the image has as many, but for what dithering passes by. As in Pillow neither
    EXIF orientation nor ICC profile is applied, and `info` is handed on.

    Args:
        im: of mode "L", "RGB", "RGBA" or "P".
        colors: how many to keep, 1 to 256.
        method: None: k-means in Oklab. Or one of `PIL.Image.Quantize`, computed in sRGB as Pillow does: MEDIANCUT is
            hueclid's "median-cut", MAXCOVERAGE "maxmin", FASTOCTREE "octree", LIBIMAGEQUANT "kmeans".
        kmeans: with a method of the first three, 0: its palette as it is; 1 or more: k-means goes on from there until
            it ends by itself, whatever the number. Otherwise without use.
        palette: an image of mode "P" whose palette is taken instead, in its order; `colors`, `method` and `kmeans` have
            no use then. `im` is of mode "L" or "RGB".
        dither: `Dither.NONE`: each pixel gets the nearest entry. Everything else is Floyd-Steinberg, as in Pillow.

    Returns:
        An image of mode "P". Its palette is of mode "RGBA" when `im` has transparency, and what is fully transparent is
        one entry there, with the color of the first such pixel; else "RGB". When `palette` is given, it is that one's.

    Raises:
        TypeError: an argument is of a wrong type.
        ValueError: a mode, number or combination that Pillow refuses, in its words; or an unknown method.
    """
    im.load()
    number = None if method is None else operator.index(method)
    if im.mode == "RGBA" and number not in (None, Quantize.FASTOCTREE, Quantize.LIBIMAGEQUANT):
        raise ValueError(
            "Fast Octree (method == 2) and libimagequant (method == 3) are the only valid methods for quantizing RGBA "
            f"images; got method {method!r}, leave it out for k-means"
        )
    mixed: DitherName = "none" if operator.index(dither) == Dither.NONE else "floyd-steinberg"
    if palette is not None:
        return _onto(im, palette, mixed)
    if operator.index(kmeans) < 0:
        raise ValueError(f"kmeans must not be negative, got {kmeans}")
    colors = operator.index(colors)
    if not 1 <= colors <= 256:
        raise ValueError(f"bad number of colors: got {colors}, a palette holds 1 to 256")
    if im.mode not in ("L", "P", "RGB", "RGBA"):
        raise ValueError(f"image has wrong mode: got {im.mode!r}; convert it to RGB, RGBA, L or P first")
    if number is not None and number not in _METHODS:
        raise ValueError(f"quantization error: there is no method {method!r}; take one of PIL.Image.Quantize, or None")
    pixels = _pixels(im)
    if not pixels.size:
        return _paletted(im, np.zeros(pixels.shape[:2], np.uint8), "RGB", b"")
    if number is None:
        indexed = api.quantize(pixels, colors, dither=mixed)
    else:
        indexed = Indexed.map(pixels, _solve(Histogram.count(pixels), colors, number, kmeans), dither=mixed)
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        entries = indexed.palette.colors.copy()
        clear = pixels[pixels[..., 3] == 0]
        if len(clear):
            entries[entries[:, 3] == 0] = clear[0]  # seen when alpha is dropped, by convert("RGB")
        return _paletted(im, indexed.indices, "RGBA", entries.tobytes())
    return _paletted(im, indexed.indices, "RGB", indexed.palette.colors[:, :3].tobytes())


def _solve(histogram: Histogram, colors: int, number: int, kmeans: int) -> Palette:
    found = Palette.solve(histogram, colors, method=_METHODS[number], space="srgb")
    if not kmeans or len(histogram) <= colors or _METHODS[number] == "kmeans":
        return found
    return Palette.solve(histogram, colors, space="srgb", init=found.colors)


def _pixels(im: Image.Image) -> Pixels:
    """Return the pixels as they stand, RGBA when some may be transparent."""
    if im.mode != "RGBA" and im.has_transparency_data:
        im = im.convert("RGBA")
    return np.asarray(im.convert("RGB") if im.mode == "P" else im)


def _onto(im: Image.Image, palette: Image.Image, dither: DitherName) -> Image.Image:
    """Map an image onto the palette of another, by distance in sRGB; the first of equal entries is taken."""
    palette.load()
    if palette.mode != "P":
        raise ValueError(f"bad mode for palette image: got {palette.mode!r}; give one of mode 'P'")
    if im.mode not in ("RGB", "L"):
        raise ValueError(f"only RGB or L mode images can be quantized to a palette, got {im.mode!r}; convert it first")
    mode = palette.im.getpalettemode()
    entries = np.array(palette.getpalette("RGBA"), np.uint8).reshape(-1, 4)
    if not len(entries):
        raise ValueError("empty palette: the image has no colors to map to; putpalette() gives it some")
    _, first = np.unique(entries, axis=0, return_index=True)
    places = np.sort(first)
    pixels: Pixels = np.asarray(im)
    indices: npt.NDArray[np.integer] = np.zeros(pixels.shape[:2], np.uint8)
    if pixels.size:
        indices = places[Indexed.map(pixels, Palette.from_colors(entries[places], space="srgb"), dither=dither).indices]
    return _paletted(im, indices, mode, bytes(palette.getpalette(mode) or ()))


def _paletted(im: Image.Image, indices: npt.NDArray[np.integer], mode: str, colors: bytes) -> Image.Image:
    """Return an image of mode "P" that hands on what `im` knows but for its transparency, which the palette holds."""
    height, width = indices.shape
    result = Image.frombytes("P", (width, height), indices.astype(np.uint8).tobytes())
    if colors:
        result.putpalette(colors, mode)
    result.info = {name: value for name, value in im.info.items() if name != "transparency"}
    return result
