"""`hueclid curve`: what each number of colors costs and brings, as a table and as a plot."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from ..options import COLORS, IMPORTANCE, LOSSY, Dither, Optimize
from . import batch, flags, grey, targets, terminal
from .recipe import LOOKS, Checkpoint, Recipe, check_colors
from .source import load

if TYPE_CHECKING:
    from ..curves import Curve


@click.command(no_args_is_help=True)
@click.argument("image", metavar="IMAGE", type=flags.FILE)
@flags.flag(COLORS, "--colors", "-k", default=(), multiple=True, show_default="1 to 256 by half octaves, and the knee")
@click.option(
    "--output",
    "-o",
    metavar="FILE|FOLDER",
    type=flags.FILE,
    help="Draw the curve, too: a file that ends in .svg or .png, or a folder, for photo-curve.svg.",
)
@flags.force
@flags.dither
@flags.dither_strength
@flags.fitting
@flags.counting()
@flags.search
@click.option(
    "--lossy",
    type=click.FloatRange(LOSSY.low, LOSSY.high),
    metavar="N",
    default=0.0,
    help="How much of the picture may go for fewer bytes, up to 256 colors.",
)
@flags.optimize
@flags.threads
@flags.first_frame
@flags.max_pixels
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print an object instead of the table: input, knee, and rows, a list of colors, error (of the "
    "palette), psnr (dB; null when exact), bytes (of the PNG; null beyond 256 colors).",
)
def curve(
    image: str,
    colors: Sequence[int],
    output: str | None,
    force: bool,
    dither: Dither,
    dither_strength: float,
    lossy: float,
    optimize: Optimize,
    threads: int,
    first_frame: bool,
    max_pixels: int,
    as_json: bool,
    **search: Any,
) -> None:
    """Print the error, PSNR and bytes of an image over its number of colors.

    IMAGE: an image file; - reads standard input.

    The knee is the number of colors beyond which more of them bring little: what -k auto takes.
    """
    # These refuse what does not go together.
    Recipe({name: value for name, value in search.items() if name not in LOOKS}, threads)
    search = grey.with_importance(search)
    check_colors(dither, colors or [COLORS.default])
    if lossy:
        _check_lossy(dither)
    target = None if output is None else _plot(image, output)

    def work(image: str, checkpoint: Checkpoint) -> Curve:
        from ..curves import curve

        if target is not None:
            targets.guard(image, target, force=force)
        pixels = load(image, max_pixels, first_frame=first_frame).pixels
        grey.check_size(pixels, search[IMPORTANCE.name], IMPORTANCE.name)
        checkpoint()
        found = curve(
            pixels,
            colors or None,
            dither=dither,
            dither_strength=dither_strength,
            lossy=lossy,
            optimize=optimize,
            threads=threads,
            on_pass=lambda _pass, _error: checkpoint(),
            **search,
        )
        checkpoint()
        if target is not None:
            found.save(target, overwrite=force)
        return found

    outcome = batch.alone(image, work, threads=threads)
    terminal.emit(json.dumps(_record(image, outcome)) if as_json else str(outcome))
    if target is not None:
        terminal.say(f"{target}: {len(outcome)} numbers of colors, the knee at {outcome.knee}")


def _check_lossy(dither: Dither) -> None:
    from ..lossy import LOSSY_DITHERS

    if dither not in LOSSY_DITHERS:
        raise click.BadParameter(f"goes with {' and '.join(LOSSY_DITHERS)}, got {dither}", param_hint="--lossy")


def _plot(image: str, output: str) -> str:
    if output == targets.STREAM:
        raise click.BadParameter("the table goes to standard output; name a file for the plot", param_hint="--output")
    (target,) = targets.plan([image], output, "-curve.svg")
    if not target.lower().endswith((".svg", ".png")):
        raise click.BadParameter(f"a plot is an SVG or PNG, got {target}; end its name so", param_hint="--output")
    return target


def _record(image: str, curve: Curve) -> dict[str, Any]:
    rows = [{**asdict(row), "psnr": None if math.isinf(row.psnr) else round(row.psnr, 3)} for row in curve]
    return {"input": image, "knee": curve.knee, "rows": rows}
