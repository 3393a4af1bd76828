"""`hueclid compare`: one picture of an image beside its versions with fewer colors."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

import click

from ..options import COLORS, Dither, Optimize
from . import batch, flags, targets, terminal
from .recipe import Checkpoint, Recipe
from .source import load


@click.command(no_args_is_help=True)
@click.argument("image", metavar="IMAGE")
@flags.flag(COLORS, "--colors", "-k", default=(2, 3, 8, 16), multiple=True)
@click.option(
    "--output",
    "-o",
    metavar="FILE|FOLDER|-",
    help="Where to write the sheet, a PNG. Without it photo-compare.png goes beside photo.jpg.",
)
@flags.force
@flags.dither
@flags.dither_strength
@flags.search
@flags.optimize
@flags.threads
@flags.max_pixels
def compare(
    image: str,
    colors: Sequence[int],
    output: str | None,
    force: bool,
    dither: Dither,
    dither_strength: float,
    optimize: Optimize,
    threads: int,
    max_pixels: int,
    **search: Any,
) -> None:
    """Draw a contact sheet: an image and its versions of fewer colors.

    IMAGE: an image file; - reads standard input.

    Give -k several times, as in -k 2 -k 3 -k 8. Each version tells its bytes as PNG and its PSNR.
    """
    (target,) = targets.plan([image], output, "-compare.png")
    if target != targets.STREAM and not target.lower().endswith(".png"):
        raise click.BadParameter(f"a sheet is a PNG, got {target}; end its name with .png", param_hint="--output")
    from rich.filesize import decimal

    recipe = Recipe(search, threads, dither, dither_strength)

    def work(image: str, checkpoint: Checkpoint) -> int:
        from ..codec import encode, write_bytes
        from ..quality import psnr
        from ..sheet import Panel, draw

        targets.guard(image, target, force=force)
        source = load(image, max_pixels)
        histogram = recipe.count(source.pixels, checkpoint)
        panels = [Panel(source.pixels, "original", f"{decimal(source.bytes_in)} · {len(histogram):,} colors")]
        for k in colors:
            palette = recipe.solve(histogram, k, checkpoint)
            indexed = recipe.map(source.pixels, palette, checkpoint)
            size, decibels = len(encode(indexed, "png", optimize=optimize)), psnr(source.pixels, indexed)
            nearness = "exact" if math.isinf(decibels) else f"{decibels:.1f} dB"
            panels.append(Panel(indexed.to_pixels(), f"K = {k}", f"{decimal(size)} · {nearness}"))
        checkpoint()
        file = io.BytesIO()
        draw(panels).save(file, "PNG", optimize=True)
        if target == targets.STREAM:
            terminal.write(file.getvalue())
        else:
            write_bytes(file.getvalue(), target, overwrite=force)
        return len(file.getvalue())

    with batch.running([image], work, threads=threads) as outcomes:
        ((_, outcome),) = outcomes
    if isinstance(outcome, batch.Failure):
        terminal.say(image, outcome.message, style="red")
        raise click.exceptions.Exit(1)
    terminal.say(f"{target}: {len(colors) + 1} pictures, {decimal(outcome)}")
