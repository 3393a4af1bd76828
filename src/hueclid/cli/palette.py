"""`hueclid palette`: the colors of a picture and their shares."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import click

from ..options import Option
from . import batch, flags, terminal
from .recipe import Checkpoint, Recipe
from .source import load

if TYPE_CHECKING:
    from ..palette import Palette

Format = Literal["hex", "json"]

_FORMAT = Option(
    "format",
    "hex",
    "hex: a color a line. json: an object a line for each image, with the keys input and palette, a list of "
    "hex, rgba, weight, share; or input and failure. Without it: swatches on a terminal, hex in a pipe.",
    choices=get_args(Format),
)


@click.command(no_args_is_help=True)
@flags.images()
@flags.colors(default=16)
@flags.flag(_FORMAT, default=None)
@flags.search
@flags.threads
@flags.max_pixels
def palette(
    images: Sequence[str],
    colors: int | Literal["auto"],
    format: Format | None,  # noqa: A002 the name of the flag
    threads: int,
    max_pixels: int,
    **search: Any,
) -> None:
    """Print the colors of each image, the most used first.

    IMAGE: image files; - reads standard input.
    """
    recipe = Recipe(search, threads)

    def work(image: str, checkpoint: Checkpoint) -> Palette:
        pixels = load(image, max_pixels).pixels
        return recipe.solve(recipe.count(pixels, checkpoint), colors, checkpoint)

    failed = False
    with batch.running(images, work, threads=threads) as outcomes:
        for image, outcome in outcomes:
            if isinstance(outcome, batch.Failure):
                failed = True
                terminal.say(image, outcome.message, style="red")
                if format == "json":
                    terminal.emit(json.dumps({"input": image, "failure": outcome.message}))
            elif format == "json":
                terminal.emit(json.dumps({"input": image, "palette": _entries(outcome)}))
            else:
                if len(images) > 1:
                    terminal.emit(f"{image}:")
                _print(outcome, swatches=format is None and terminal.has_colors(stderr=False))
    raise click.exceptions.Exit(int(failed))


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
