"""Grey images that flags name: their pixels are numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from ..errors import ReadError
from ..options import DITHER, IMPORTANCE, Dither

if TYPE_CHECKING:
    from ..dithering import Thresholds
    from ..pixels import Pixels


def numbers(file: str, hint: str) -> Pixels:
    """Read an image `(H, W)` uint8.

    Raises:
        click.BadParameter: it can't be read, or has colors.
    """
    from ..dithering import grey

    try:
        return grey(file, "the image")
    except (ReadError, ValueError) as error:
        raise click.BadParameter(str(error), param_hint=hint) from error


def thresholds(file: str, dither: Dither) -> Thresholds:
    """Read a tile of thresholds, which stands for a way to dither.

    Raises:
        click.BadParameter: it can't be read, is of one value, or a way to dither was given too.
    """
    from ..dithering import Thresholds

    if dither != DITHER.default:
        raise click.BadParameter(
            f"stands for --dither {dither}; leave one of them out", param_hint="--dither-threshold"
        )
    try:
        return Thresholds(file)
    except (ReadError, ValueError) as error:
        raise click.BadParameter(str(error), param_hint="--dither-threshold") from error


def with_importance(looks: Mapping[str, Any]) -> dict[str, Any]:
    """Return options of a `Look`, the file that says what counts read.

    Raises:
        click.BadParameter: it can't be read, has colors, or says that nothing counts.
    """
    importance = looks[IMPORTANCE.name]
    if importance is None or importance in IMPORTANCE.choices:
        return dict(looks)
    read = numbers(importance, "--importance")
    if not read.any():
        raise click.BadParameter(f"{importance} is black, so that no pixel counts", param_hint="--importance")
    return {**looks, IMPORTANCE.name: read}


def check_size(pixels: Pixels, numbers: object, what: str) -> None:
    """Refuse an image that is of another size than the numbers that go with it, if any; a name of a way fits all.

    Raises:
        ReadError: it is.
    """
    shape = getattr(numbers, "shape", pixels.shape[:2])
    if shape != pixels.shape[:2]:
        (height, width), (rows, columns) = pixels.shape[:2], shape
        raise ReadError(f"is {width} x {height} pixels, and the {what} {columns} x {rows}; make them of one size")
