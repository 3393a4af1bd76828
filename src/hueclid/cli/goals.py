"""What results have to be, as flags say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

from ..options import DITHER, LOSSY, MAX_BYTES, MAX_DELTA_E, MAX_ERROR, MIN_PSNR, MIN_SSIMULACRA2

if TYPE_CHECKING:
    from ..goal import Goal
    from .recipe import Recipe

_QUALITY = "quality"
_COUNTED = (MAX_ERROR.name, MIN_PSNR.name)
_WEIGHED = (MIN_SSIMULACRA2.name, MAX_DELTA_E.name, MAX_BYTES.name, _QUALITY)
NAMES = (LOSSY.name, *_COUNTED, *_WEIGHED)
"""The flags that are taken here."""

_PACKED = ("png", "gif", "tiff", "webp")


def aims(given: dict[str, Any]) -> bool:
    """Tell whether there is something to reach, so that the number of colors is looked for."""
    return any(given[name] is not None for name in (*_COUNTED, *_WEIGHED))


def loses(recipe: Recipe, kind: str, colors: int | Literal["auto"]) -> bool:
    """Tell whether indices can be chosen for fewer bytes."""
    from ..lossy import loses

    dither = recipe.looks.get(DITHER.name, DITHER.default)
    return kind in _PACKED and loses(dither, colors if isinstance(colors, int) else 1)


def goal(given: dict[str, Any], recipe: Recipe, kind: str, colors: int | Literal["auto"]) -> Goal:
    """Return the goal of a run.

    Args:
        given: the values of the flags `NAMES`; None where one was not given.
        recipe: the rest of the run.
        kind: the format written.
        colors: the most there may be.

    Raises:
        click.BadParameter: flags contradict each other.
    """
    from ..choose import Target
    from ..goal import Goal
    from ..lossy import check_lossy
    from ..quality_scale import parse

    if colors == "auto" and aims(given):
        raise click.BadParameter("auto needs no target; leave one of them out", param_hint="--colors")
    dither, most = recipe.looks.get(DITHER.name, DITHER.default), colors if isinstance(colors, int) else 1
    lossy, weighed = given[LOSSY.name], any(given[name] is not None for name in _WEIGHED)
    if lossy is None:
        lossy = LOSSY.word if weighed or not aims(given) else 0.0
    elif lossy and kind not in _PACKED:
        raise click.BadParameter(
            f"chooses indices as {', '.join(_PACKED)} pack them; leave it out with {kind}", param_hint="--lossy"
        )
    try:
        if lossy != LOSSY.word:
            check_lossy(lossy, dither, most)
        quality = None if given[_QUALITY] is None else parse(given[_QUALITY])
        target = Target(*(given[name] for name in (*_COUNTED, MIN_SSIMULACRA2.name, MAX_DELTA_E.name)))
        return Goal(target, quality, given[MAX_BYTES.name], lossy)
    except ValueError as error:
        name, _, words = str(error).partition(" ")
        raise click.BadParameter(words, param_hint="--" + name.replace("_", "-")) from None
