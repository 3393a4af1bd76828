"""Pixels from a Pillow image of any mode, orientation and color profile."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from PIL import Image, ImageCms

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
_SPACES: Final = {"L": "GRAY", "LA": "GRAY", "RGB": "RGB ", "RGBA": "RGB ", "CMYK": "CMYK"}


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
    profile = image.info.get("icc_profile")
    image = _plain(image)
    if image.mode == "LAB":
        image = _transformed(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")), "RGB")
    elif profile:
        image = _converted(image, profile)
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
    return image if image.mode in _SPACES or image.mode == "LAB" else image.convert("RGB")


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


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    """Return `image` in sRGB; unchanged when its profile is of no use."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space != _SPACES[image.mode]:
            return image
        if image.mode in ("L", "LA"):
            # The table that Little CMS makes to be fast is too coarse for a curve that is steep near black.
            ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
            curve = _transformed(ramp, source, "RGB", ImageCms.Flags.NOOPTIMIZE).getchannel("G").tobytes()
            return image.point(list(curve) + list(range(256)) * (image.mode == "LA"))
        if image.mode == "CMYK":
            return _transformed(image, source, "RGB")
        # Profiles that mean sRGB move colors by one level; the nearest others, such as Rec. 709, by over ten.
        cube = _cube()
        moved = np.asarray(_transformed(cube, source, "RGB"), np.int16) - np.asarray(cube)
        return image if np.abs(moved).max() <= 2 else _transformed(image, source, image.mode)
    except (OSError, ImageCms.PyCMSError):
        return image


def _transformed(
    image: Image.Image,
    source: ImageCms.ImageCmsProfile,
    mode: str,
    flags: ImageCms.Flags = ImageCms.Flags.NONE,
) -> Image.Image:
    """Return `image`, whose colors `source` describes, in sRGB and in `mode`; alpha is copied."""
    transform = ImageCms.buildTransform(
        source,
        ImageCms.createProfile("sRGB"),
        image.mode,
        mode,
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags | ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    transformed = ImageCms.applyTransform(image, transform)
    assert transformed is not None  # it is None only when working in place
    return transformed


def _cube() -> Image.Image:
    """Return an image of 18 x 18 x 18 colors, evenly spread."""
    levels = np.arange(0, 256, 15, dtype=np.uint8)
    return Image.fromarray(np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(18, -1, 3))
