"""`hueclid palette`: the colors of a picture and their shares, in words or in a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import click

from ..options import (
    ACCENTS,
    FLAT,
    IMPORTANCE,
    PALETTE_FORMAT,
    SORT,
    STRIP_FORMAT,
    WIDTHS,
    Option,
    PaletteFormat,
    Sort,
    Widths,
)
from . import batch, flags, grey, targets, terminal
from .recipe import Checkpoint, Recipe
from .source import load

if TYPE_CHECKING:
    from ..palette import Palette

_WORDS = ("hex", "json")
"""The formats that are printed, where no output is named."""

_FORMAT = Option(
    PALETTE_FORMAT.name,
    PALETTE_FORMAT.default,
    "hex: a color a line. json: an object a line for each image, with the keys input and palette, a list of "
    "hex, rgba, weight, share, name; or input and failure. In files: gpl of GIMP, Inkscape and Krita; ase and aco of "
    "Adobe's programs; css variables; svg and png, a strip of the colors. Without it: what the output's suffix says, "
    "else swatches on a terminal, hex in a pipe.",
    choices=PALETTE_FORMAT.choices,
)


@dataclass(frozen=True)
class _Job:
    """An image, and the file for its palette; empty for words on standard output."""

    image: str
    target: str = ""


@click.command(no_args_is_help=True)
@flags.images()
@flags.colors(default=16)
@flags.flag(_FORMAT, default=None, metavar="|".join(PALETTE_FORMAT.choices), help=_FORMAT.help)
@flags.output(
    "Where to write: a file (for one image), a folder that exists, or - for standard output. Without it hex and json "
    "are printed, and photo-palette.gpl goes beside photo.jpg."
)
@flags.force
@flags.flag(WIDTHS, default=None)
@flags.flag(SORT, help=f"{SORT.help} Without it: pinned colors, then those that count most.")
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
    format: PaletteFormat | None,  # noqa: A002 the name of the flag
    output: str | None,
    force: bool,
    widths: Widths | None,
    sort: Sort | None,
    threads: int,
    first_frame: bool,
    max_pixels: int,
    **search: Any,
) -> None:
    """Print the colors of each image, those that count most first, or write them into a file.

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
        if sort:
            from ..palettes import in_order

            palette = in_order(palette, sort)
        if job.target:
            from ..palettes import encode

            kind: Any = format or targets.ending(job.target, PALETTE_FORMAT.choices, STRIP_FORMAT.default)
            targets.put(encode(palette, kind, widths=widths or WIDTHS.default), job.target, force=force)
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
                from ..palettes import entries

                terminal.emit(json.dumps({"input": job.image, "palette": entries(outcome)}))
            else:
                if len(images) > 1:
                    terminal.emit(f"{job.image}:")
                _print(outcome, swatches=format is None and terminal.has_colors(stderr=False))
    raise click.exceptions.Exit(int(failed))


def _jobs(
    images: Sequence[str],
    format: PaletteFormat | None,  # noqa: A002 the name of the flag
    output: str | None,
    *,
    force: bool,
    widths: Widths | None,
) -> list[_Job]:
    """Give each image its output; refuse what is of no use."""
    if output is not None or format not in (None, *_WORDS):
        kind = format or STRIP_FORMAT.default
        outputs = targets.plan(images, output, f"-palette.{kind}")
        for target in outputs:
            suffix = targets.ending(target, [format] if format else PALETTE_FORMAT.choices, kind)
            if widths and suffix not in STRIP_FORMAT.choices:
                raise click.BadParameter("is for strips: --format svg or png", param_hint="--widths")
        return [_Job(image, target) for image, target in zip(images, outputs, strict=True)]
    for given, hint, why in (
        (force, "--force", "is for files: name one with -o, or give --format"),
        (widths, "--widths", "is for strips: --format svg or png"),
    ):
        if given:
            raise click.BadParameter(why, param_hint=hint)
    return [_Job(image) for image in images]


def _print(palette: Palette, *, swatches: bool) -> None:
    if swatches:
        from . import draw

        draw.swatches(palette, terminal.console(stderr=False))
    else:
        terminal.emit("\n".join(palette.hex()))
