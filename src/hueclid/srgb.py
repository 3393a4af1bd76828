"""Pixels from a Pillow image of any mode, orientation and color profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from .chromaticity import SRGB, Encoding
from .deep import rounded
from .options import PROFILE, Profile
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


@dataclass(frozen=True, eq=False)
class Shown:
    """Pixels as a viewer would show them.

    Attributes:
        pixels: `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8: grey, RGB or RGBA.
        profile: the ICC profile that they need; empty when they are sRGB.
        note: in words, what was wrong with the profile of the image, which was not heeded then.
    """

    pixels: Pixels
    profile: bytes = b""
    note: str = ""


def shown(
    image: Image.Image,
    orientation: int = 1,
    *,
    profile: Profile = PROFILE.default,
    samples: npt.NDArray[np.uint16] | None = None,
) -> Shown:
    """Return what a viewer would show of `image`, which is left as it is.

    The ICC profile is converted to sRGB, relative colorimetric with black point compensation. A profile that is sRGB
    itself, up to two levels, changes nothing; one that is broken, or for another kind of color than the image, is
    ignored, as browsers do, and noted. Without one, gamma and chromaticities of a PNG that does not call itself sRGB
    are converted. 16 bits become 8 by rounding: after the conversion of gamma, and of a profile of curves and a matrix;
    before that of a profile with tables.

    Args:
        image: of any mode.
        orientation: as EXIF has it, 1 (upright) to 8; other numbers count as 1.
        profile: "keep" leaves RGB colors as a profile other than sRGB has them; all else is converted as ever.
        samples: the image with 16 bits, `(H, W, 3)` or `(H, W, 4)`, if it has them.

    Raises:
        ValueError: the mode has no agreed range, as floats.
    """
    described = image.info.get("icc_profile") or b""
    encoding = _encoding(image)
    if samples is not None:
        samples = _keyed(samples, image.info.get("transparency"))
        pixels = _of_shaper(samples, described) if described and profile != "keep" else None
        if pixels is not None:
            described = b""
        elif encoding.is_srgb:
            pixels = rounded(samples)
        else:
            pixels = encoding.to_srgb(samples)
        image, encoding = Image.fromarray(pixels), SRGB
    elif image.mode.startswith("I"):
        image, encoding = _from_16_bits(image, encoding), SRGB
    else:
        image = _plain(image)
    kept, note = b"", ""
    if image.mode == "LAB" or described:
        from . import icc  # Little CMS takes 3 ms to load

        try:
            if image.mode == "LAB":
                image = icc.from_lab(image)
            elif profile == "keep" and icc.has_own_colors(described, image.mode):
                kept = described
            else:
                image = icc.converted(image, described)
        except ValueError as error:
            note = f"{error}; took its colors as they are"
    if image.mode == "CMYK":
        image = image.convert("RGB")
    if image.mode == "LA":
        image = image.convert("RGBA")
    if not encoding.is_srgb:
        image = Image.fromarray(encoding.to_srgb(np.asarray(image)))
    if orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[orientation])
    return Shown(np.asarray(image), kept, note)


def _of_shaper(samples: npt.NDArray[np.uint16], profile: bytes) -> Pixels | None:
    """Return 16 bits in sRGB; None where the profile is sRGB itself, or not one of curves and a matrix."""
    from . import icc
    from .shaper import Shaper

    try:
        return Shaper(profile).to_srgb(samples) if icc.has_own_colors(profile, "RGB") else None
    except ValueError:
        return None


def _encoding(image: Image.Image) -> Encoding:
    """Return what a PNG says of its colors beside a profile, which would count more."""
    info = image.info
    if image.format != "PNG" or "srgb" in info or info.get("icc_profile"):
        return SRGB
    return Encoding.of(info.get("gamma"), info.get("chromaticity"))


def _keyed(samples: npt.NDArray[np.uint16], key: object) -> npt.NDArray[np.uint16]:
    """Return RGB with alpha where one color is declared transparent."""
    if not isinstance(key, tuple) or samples.shape[2] == 4:
        return samples
    alpha = np.where((samples == np.array(key, np.uint16)).all(axis=2), np.uint16(0), np.uint16(0xFFFF))
    return np.dstack([samples, alpha])


def _plain(image: Image.Image) -> Image.Image:
    """Return `image` in one of the modes L, LA, RGB, RGBA, CMYK and LAB."""
    if image.mode == "F":
        raise ValueError("floats (mode F) have no agreed range; scale them to 0..255 and convert to mode L first")
    if image.mode == "La":
        return image.convert("LA")
    if image.mode in ("PA", "RGBa") or (image.mode in ("1", "L", "P", "RGB") and image.has_transparency_data):
        return image.convert("RGBA")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in _PLAIN else image.convert("RGB")


def _from_16_bits(image: Image.Image, encoding: Encoding) -> Image.Image:
    """Return 16-bit grey as 8-bit grey, with alpha when one value is declared transparent."""
    values = np.asarray(image)
    if image.mode == "I" and (values.min() < 0 or values.max() > 0xFFFF):
        raise ValueError(
            f"32-bit grey has no agreed range beyond 0..65535, got {values.min()} to {values.max()}; scale it first"
        )
    levels = values.astype(np.uint16)
    grey = Image.fromarray(rounded(levels) if encoding.is_srgb else encoding.to_srgb(levels))
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        grey.putalpha(Image.fromarray(np.where(values == transparent, 0, 255).astype(np.uint8)))
    return grey
