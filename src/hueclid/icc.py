"""Colors that an ICC profile describes, in sRGB, by Little CMS."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Final

import numpy as np
from PIL import Image, ImageCms

_SPACES: Final = {"L": "GRAY", "LA": "GRAY", "RGB": "RGB ", "RGBA": "RGB ", "CMYK": "CMYK"}


def from_lab(image: Image.Image) -> Image.Image:
    """Return an image of mode LAB as RGB."""
    return _transformed(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")), "RGB")


def converted(image: Image.Image, profile: bytes) -> Image.Image:
    """Return `image`, of one of the modes L, LA, RGB, RGBA and CMYK, in sRGB.

    Raises:
        ValueError: the profile is broken, or not for such colors; the words say what is wrong with it.
    """
    source = _opened(profile, image.mode)
    with _failures_named():
        if image.mode in ("L", "LA"):
            # The table that Little CMS makes to be fast is too coarse for a curve that is steep near black.
            ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
            curve = _transformed(ramp, source, "RGB", ImageCms.Flags.NOOPTIMIZE).getchannel("G").tobytes()
            return image.point(list(curve) + list(range(256)) * (image.mode == "LA"))
        if image.mode == "CMYK":
            return _transformed(image, source, "RGB")
        return image if _is_srgb(source) else _transformed(image, source, image.mode)


def has_own_colors(profile: bytes, mode: str) -> bool:
    """Return whether a profile is one of RGB that means other colors than sRGB, and `mode` of an image RGB or RGBA.

    Raises:
        ValueError: as `converted`.
    """
    if mode not in ("RGB", "RGBA"):
        return False
    source = _opened(profile, mode)
    with _failures_named():
        return not _is_srgb(source)


def _opened(profile: bytes, mode: str) -> ImageCms.ImageCmsProfile:
    with _failures_named():
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    space = source.profile.xcolor_space
    if space != _SPACES[mode]:
        raise ValueError(f"the ICC profile is for {space.strip()} colors, and these are {_SPACES[mode].strip()}")
    return source


@contextlib.contextmanager
def _failures_named() -> Iterator[None]:
    try:
        yield
    except (OSError, ImageCms.PyCMSError) as error:
        raise ValueError("the ICC profile is broken") from error


def _is_srgb(source: ImageCms.ImageCmsProfile) -> bool:
    """Return whether a profile of RGB means sRGB.

    Such profiles move colors by one level; the nearest others, such as Rec. 709, by over ten.
    """
    cube = _cube()
    moved = np.asarray(_transformed(cube, source, "RGB"), np.int16) - np.asarray(cube)
    return bool(np.abs(moved).max() <= 2)


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
