"""`hueclid compare`: an image beside its versions with fewer colors, on a sheet or on a page."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..options import COLORS, DITHER, DITHER_STRENGTH, QUANTIZE, Optimize, Option
from . import batch, flags, grey, targets, terminal
from .recipe import LOOKS, Checkpoint, Recipe, check_colors
from .source import load

if TYPE_CHECKING:
    from ..codec import Source
    from ..plot import Result

ROWS = tuple(
    option for option in QUANTIZE if isinstance(option, Option) and option.name in ("method", "space", "dither")
)
"""The options that make rows, in order."""


@click.command(no_args_is_help=True)
@click.argument("image", metavar="IMAGE", type=flags.FILE)
@flags.flag(COLORS, "--colors", "-k", default=(2, 3, 8, 16), multiple=True)
@flags.output(
    "Where to write: a sheet, .png, or a page to swipe and zoom, .html. Without it photo-compare.png goes beside "
    "photo.jpg."
)
@flags.force
@flags.repeated(ROWS)
@flags.dither_strength
@flags.fitting
@flags.pin
@flags.counting()
@partial(flags.search, taken=ROWS)
@flags.optimize
@flags.threads
@flags.first_frame
@flags.max_pixels
def compare(
    image: str,
    colors: Sequence[int],
    output: str | None,
    force: bool,
    dither_strength: float,
    optimize: Optimize,
    threads: int,
    first_frame: bool,
    max_pixels: int,
    **search: Any,
) -> None:
    """Show an image and its versions of fewer colors side by side.

    IMAGE: an image file; - reads standard input.

    Give -k several times, as in -k 2 -k 3 -k 8, for more columns. --method, --space and --dither may be given several
    times too: each combination is a row. Each version tells its bytes as PNG and its
    PSNR, on a page its SSIMULACRA2 too.
    """
    (target,) = targets.plan([image], output, "-compare.png")
    kind = targets.ending(target, ("png", "html"), "png")
    from rich.filesize import decimal

    rows = _rows({option.name: search.pop(option.name) for option in ROWS})
    looks = grey.with_importance({name: search.pop(name) for name in LOOKS})
    recipes = {}
    for name, row in rows.items():
        dither = row.pop(DITHER.name)
        check_colors(dither, colors)
        dithering = {DITHER.name: dither, DITHER_STRENGTH.name: dither_strength}
        recipes[name] = Recipe({**search, **row}, threads, {**looks, **dithering})
        recipes[name].check_room(colors)

    def work(image: str, checkpoint: Checkpoint) -> tuple[int, int]:
        from ..plot import Result, comparison

        targets.guard(image, target, force=force)
        source = load(image, max_pixels, first_frame=first_frame)
        results = []
        for row, recipe in recipes.items():
            histogram = recipe.count(source.pixels, checkpoint)
            for k in dict.fromkeys(colors):
                indexed = recipe.reduce(source.pixels, histogram, k, checkpoint)
                results.append(Result(indexed, row, f"K = {k}"))
        checkpoint()
        if kind == "html":
            title = "" if image == targets.STREAM else Path(image).name
            data = comparison(
                source.pixels, results, title=title, bytes_in=source.bytes_in, optimize=optimize, threads=threads
            )
        else:
            data = _sheet(source, len(histogram), results, optimize, threads)
        return len(results), targets.put(data, target, force=force)

    made, size = batch.alone(image, work, threads=threads)
    terminal.say(f"{target}: {made + 1} pictures, {decimal(size)}")


def _rows(values: Mapping[str, Sequence[str]]) -> dict[str, dict[str, Any]]:
    """Name each combination of values by those that differ from row to row."""
    distinct = {name: tuple(dict.fromkeys(given)) for name, given in values.items()}
    rows = [dict(zip(distinct, combination, strict=True)) for combination in product(*distinct.values())]
    return {", ".join(f"{name} {row[name]}" for name in row if len(distinct[name]) > 1): row for row in rows}


def _sheet(source: Source, count: int, results: Sequence[Result], optimize: Optimize, threads: int) -> bytes:
    """Draw a contact sheet; where there are several rows, the original has the first column for itself."""
    from rich.filesize import decimal

    from ..codec import encode_png
    from ..quality import psnr
    from ..sheet import Panel, draw

    def panel(result: Result) -> Panel:
        size = len(encode_png(result.indexed, optimize=optimize))
        decibels = psnr(source.pixels, result.indexed, threads=threads)
        nearness = "exact" if math.isinf(decibels) else f"{decibels:.1f} dB"
        lines = [f"{decimal(size)} · {nearness}", *filter(None, result.row.split(", "))]
        return Panel(result.indexed.to_pixels(), result.column, "\n".join(lines))

    original = Panel(source.pixels, "original", f"{decimal(source.bytes_in)} · {count:,} colors")
    columns = len(dict.fromkeys(result.column for result in results))
    panels: list[Panel | None] = [original]
    for number, result in enumerate(results):
        if number and number % columns == 0:
            panels.append(None)
        panels.append(panel(result))
    file = io.BytesIO()
    draw(panels, columns + 1 if columns < len(results) else None).save(file, "PNG", optimize=True)
    return file.getvalue()
