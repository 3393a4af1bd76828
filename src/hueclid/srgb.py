"""Pixels from a Pillow image of any mode, orientation and color profile."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image

from .pixels import Pixels

_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_PLAIN: Final = ("L", "LA", "RGB", "RGBA", "CMYK", "LAB")


def to_pixels(image: Image.Image, orientation: int = 1) -> Pixels:
    """Return what a viewer would show of `image`, which is left as it is.

    The ICC profile is converted to sRGB, relative colorimetric with black point compensation. A profile that
    is sRGB itself, up to two levels, changes nothing; one that is broken, or for another kind of color than
    the image, is ignored, as browsers do. 16 bits become 8 by rounding.

    Args:
        image: of any mode.
        orientation: as EXIF has it, 1 (upright) to 8; other numbers count as 1.

    Raises:
        ValueError: the mode has no agreed range, as floats.
    """
    profile = image.info.get("icc_profile") or b""
    image = _plain(image)
    if image.mode == "LAB" or profile:
        from . import icc  # Little CMS takes 3 ms to load

        image = icc.from_lab(image) if image.mode == "LAB" else icc.converted(image, profile)
    if image.mode == "CMYK":
        image = image.convert("RGB")
    if image.mode == "LA":
        image = image.convert("RGBA")
    if orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[orientation])
    return np.asarray(image)


def _plain(image: Image.Image) -> Image.Image:
    """Return `image` in one of the modes L, LA, RGB, RGBA, CMYK and LAB."""
    if image.mode.startswith("I"):
        return _from_16_bits(image)
    if image.mode == "F":
        raise ValueError("floats (mode F) have no agreed range; scale them to 0..255 and convert to mode L first")
    if image.mode == "La":
        return image.convert("LA")
    if image.mode in ("PA", "RGBa") or (image.mode in ("1", "L", "P", "RGB") and image.has_transparency_data):
        return image.convert("RGBA")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in _PLAIN else image.convert("RGB")


def _from_16_bits(image: Image.Image) -> Image.Image:
    """Return 16-bit grey as 8-bit grey, with alpha when one value is declared transparent."""
    values = np.asarray(image)
    if image.mode == "I" and (values.min() < 0 or values.max() > 0xFFFF):
        raise ValueError(
            f"32-bit grey has no agreed range beyond 0..65535, got {values.min()} to {values.max()}; scale it first"
        )
    # 65535 is 255 times 257; as 257 is odd no value is halfway.
    grey = Image.fromarray(((values.astype(np.uint32) + 128) // 257).astype(np.uint8))
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        grey.putalpha(Image.fromarray(np.where(values == transparent, 0, 255).astype(np.uint8)))
    return grey
