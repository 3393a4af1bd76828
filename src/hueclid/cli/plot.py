"""`hueclid plot`: the colors of an image in three dimensions, and how k-means finds its centers among them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import click

from ..options import CLOUD_FORMAT, MAX_ITERATIONS, METHOD, OBJECTIVE, POINTS, STEPS_FORMAT, without_use
from . import batch, flags, targets, terminal
from .recipe import PLAIN, Checkpoint, Recipe
from .source import load


@click.command(no_args_is_help=True)
@click.argument("image", metavar="IMAGE", type=flags.FILE)
@flags.colors(default=8)
@flags.output(
    "Where to write: a page to turn and zoom, .html, or a still view, .svg or .png; with --steps .html, .gif, .webp or "
    ".png, moving. Without it photo-cloud.html, or photo-steps.html, goes beside photo.jpg."
)
@flags.force
@click.option(
    "--steps",
    is_flag=True,
    help="Show the passes of k-means, the recolored image beside the cloud; --init random lets it begin far off.",
)
@flags.flag(POINTS)
@flags.method
@flags.search
@flags.threads
@flags.first_frame
@flags.max_pixels
@click.option("--show", is_flag=True, help="Open the result in the viewer.")
def plot(
    image: str,
    colors: int | Literal["auto"],
    output: str | None,
    force: bool,
    steps: bool,
    points: int,
    threads: int,
    first_frame: bool,
    max_pixels: int,
    show: bool,
    **search: Any,
) -> None:
    """Show the colors of an image in space, and the centers that k-means finds.

    IMAGE: an image file; - reads standard input.
    """
    (target,) = targets.plan([image], output, "-steps.html" if steps else "-cloud.html")
    formats = STEPS_FORMAT if steps else CLOUD_FORMAT
    kind: Any = targets.ending(target, formats.choices, formats.default)
    if show and target == targets.STREAM:
        raise click.BadParameter("needs a file as output; name one with -o", param_hint="--show")
    if steps and colors != "auto" and colors > 256:
        raise click.BadParameter(f"--steps shows up to 256 colors, got {colors}", param_hint="--colors")
    if steps and (option := without_use(search, (METHOD, OBJECTIVE))):
        raise click.BadParameter(
            f"--steps shows passes of k-means, got {search[option.name]}; leave one of them out",
            param_hint=f"--{option.name}",
        )
    recipe = Recipe({**search, MAX_ITERATIONS.name: 0} if steps else search, threads, PLAIN)

    def work(image: str, checkpoint: Checkpoint) -> int:
        from .. import plot

        targets.guard(image, target, force=force)
        pixels = load(image, max_pixels, first_frame=first_frame).pixels
        title = "" if image == targets.STREAM else Path(image).name
        histogram = recipe.count(pixels, checkpoint)
        palette = recipe.solve(histogram, colors, checkpoint)
        checkpoint()
        if steps:
            data = plot.steps(pixels, palette, kind, points=points, title=title, threads=threads)
        else:
            data = plot.cloud(histogram, palette, kind, points=points, title=title)
        checkpoint()
        return targets.put(data, target, force=force)

    size = batch.alone(image, work, threads=threads)
    from rich.filesize import decimal

    terminal.say(f"{target}: {decimal(size)}")
    if show and not terminal.view(target):
        terminal.say(target, "not shown: there is no display here")
