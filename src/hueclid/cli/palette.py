"""`hueclid palette`: the colors of a picture and their shares, in words or as a strip."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import click

from ..options import ACCENTS, FLAT, IMPORTANCE, STRIP_FORMAT, WIDTHS, Option, Widths
from . import batch, flags, grey, targets, terminal
from .recipe import Checkpoint, Recipe
from .source import load

if TYPE_CHECKING:
    from ..palette import Palette

Format = Literal["hex", "json", "svg", "png"]

_FORMAT = Option(
    "format",
    "hex",
    "hex: a color a line. json: an object a line for each image, with the keys input and palette, a list of "
    "hex, rgba, weight, share; or input and failure. svg, png: a strip of the colors, in a file. Without it: what the "
    "output's suffix says, else swatches on a terminal, hex in a pipe.",
    choices=get_args(Format),
)


@dataclass(frozen=True)
class _Job:
    """An image, and the file for its strip; empty for words on standard output."""

    image: str
    target: str = ""


@click.command(no_args_is_help=True)
@flags.images()
@flags.colors(default=16)
@flags.flag(_FORMAT, default=None)
@flags.output(
    "Where to write a strip: a file (for one image), a folder that exists, or - for standard output. Without it "
    "photo-palette.svg goes beside photo.jpg."
)
@flags.force
@flags.flag(WIDTHS, default=None)
@flags.pin
@flags.counting("uniform")
@flags.method
@flags.search
@flags.threads
@flags.first_frame
@flags.max_pixels
def palette(
    images: Sequence[str],
    colors: int | Literal["auto"],
    format: Format | None,  # noqa: A002 the name of the flag
    output: str | None,
    force: bool,
    widths: Widths | None,
    threads: int,
    first_frame: bool,
    max_pixels: int,
    **search: Any,
) -> None:
    """Print the colors of each image, those that count most first, or draw them as a strip.

    IMAGE: image files; - reads standard input.
    """
    jobs = _jobs(images, format, output, force=force, widths=widths)
    counting = {option.name: search.pop(option.name) for option in (IMPORTANCE, ACCENTS, FLAT)}
    recipe = Recipe(search, threads, grey.with_importance(counting))
    recipe.check_room([colors])

    def work(job: _Job, checkpoint: Checkpoint) -> Palette:
        if job.target:
            targets.guard(job.image, job.target, force=force)
        pixels = load(job.image, max_pixels, first_frame=first_frame).pixels
        palette = recipe.solve(recipe.count(pixels, checkpoint), colors, checkpoint, pixels)
        checkpoint()
        if job.target:
            from ..plot import strip

            kind: Any = format or targets.ending(job.target, STRIP_FORMAT.choices, STRIP_FORMAT.default)
            targets.put(strip(palette, kind, widths=widths or WIDTHS.default), job.target, force=force)
        return palette

    failed = False
    with batch.running(jobs, work, threads=threads) as outcomes:
        for job, outcome in outcomes:
            if isinstance(outcome, batch.Failure):
                failed = True
                terminal.say(job.image, outcome.message, style="red")
                if format == "json":
                    terminal.emit(json.dumps({"input": job.image, "failure": outcome.message}))
            elif job.target:
                terminal.say(f"{job.target}: {len(outcome)} colors")
            elif format == "json":
                terminal.emit(json.dumps({"input": job.image, "palette": _entries(outcome)}))
            else:
                if len(images) > 1:
                    terminal.emit(f"{job.image}:")
                _print(outcome, swatches=format is None and terminal.has_colors(stderr=False))
    raise click.exceptions.Exit(int(failed))


def _jobs(
    images: Sequence[str],
    format: Format | None,  # noqa: A002 the name of the flag
    output: str | None,
    *,
    force: bool,
    widths: Widths | None,
) -> list[_Job]:
    """Give each image its output; refuse what is of no use to words."""
    if format in STRIP_FORMAT.choices or (format is None and output is not None):
        outputs = targets.plan(images, output, f"-palette.{format or STRIP_FORMAT.default}")
        for target in outputs:
            targets.ending(target, [format] if format else STRIP_FORMAT.choices, format or STRIP_FORMAT.default)
        return [_Job(image, target) for image, target in zip(images, outputs, strict=True)]
    for given, hint in ((output, "--output"), (force, "--force"), (widths, "--widths")):
        if given:
            raise click.BadParameter("is for strips: --format svg or png", param_hint=hint)
    return [_Job(image) for image in images]


def _print(palette: Palette, *, swatches: bool) -> None:
    if swatches:
        from . import draw

        draw.swatches(palette, terminal.console(stderr=False))
    else:
        terminal.emit("\n".join(palette.hex()))


def _entries(palette: Palette) -> list[dict[str, Any]]:
    total = int(palette.weights.sum())
    return [
        {"hex": name, "rgba": rgba, "weight": weight, "share": round(weight / total, 6)}
        for name, rgba, weight in zip(palette.hex(), palette.colors.tolist(), palette.weights.tolist(), strict=True)
    ]
