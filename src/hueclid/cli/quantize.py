"""`hueclid quantize`: images in, small indexed images out."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import click

from ..options import (
    ALPHA,
    ALPHA_DITHER,
    FORMAT,
    MAX_ERROR,
    MIN_PSNR,
    MIN_SSIMULACRA2,
    Alpha,
    AlphaDither,
    Dither,
    DitherForm,
    DitherPath,
    Optimize,
)
from . import batch, flags, grey, targets, terminal
from .recipe import LOOKS, Checkpoint, Recipe, check_colors
from .source import load

if TYPE_CHECKING:
    from ..indexed import Indexed
    from ..pixels import Pixels


@dataclass(frozen=True)
class Report:
    """What `--json` tells of an input that was done; its fields are the keys, in this order.

    Attributes:
        input: as the user named it.
        output: the file written, "-" for standard output.
        format: of the output.
        width: in pixels.
        height: in pixels.
        bytes_in: size of the input file.
        bytes_out: size of the output file.
        colors_in: distinct colors of the input after what the flags make of alpha, transparent pixels counting as one.
        colors_out: colors of the palette.
        error: of the palette, before dithering, in the working space: k-means' compactness, or the sum of distances.
        psnr: of the result, in decibels; None (null) when it equals the input, or nobody asked.
        seconds: from reading to written.
    """

    input: str
    output: str
    format: str
    width: int
    height: int
    bytes_in: int
    bytes_out: int
    colors_in: int
    colors_out: int
    error: float
    psnr: float | None
    seconds: float


@click.command(no_args_is_help=True)
@flags.images()
@flags.colors()
@flags.target
@flags.output(
    "Where to write: a file (for one image), a folder that exists, or - for standard output. "
    "Without it photo-k16.png goes beside photo.jpg, or photo-auto.png when the number of colors is looked for."
)
@flags.force
@flags.flag(FORMAT, default=None)
@flags.dither
@flags.dither_strength
@flags.dither_mask
@flags.dither_threshold
@flags.dither_path
@flags.dither_form
@flags.fitting
@flags.pin
@flags.counting()
@flags.alpha
@flags.method
@flags.search
@flags.optimize
@flags.threads
@flags.max_pixels
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print an object a line for each image: input, output, format, width, height, bytes_in, "
    "bytes_out, colors_in, colors_out, error (of the palette), psnr (dB; null when exact), "
    "seconds; or input, failure.",
)
@click.option("--show", is_flag=True, help="Open the result in the viewer, or draw it in the terminal.")
def quantize(
    images: Sequence[str],
    colors: int | Literal["auto"],
    max_error: float | None,
    min_psnr: float | None,
    min_ssimulacra2: float | None,
    output: str | None,
    force: bool,
    format: str | None,  # noqa: A002 the name of the flag
    dither: Dither,
    dither_strength: float,
    dither_mask: str | None,
    dither_threshold: str | None,
    dither_path: DitherPath,
    dither_form: DitherForm,
    alpha: Alpha | int | None,
    alpha_threshold: int,
    alpha_dither: AlphaDither,
    matte: tuple[int, int, int] | None,
    optimize: Optimize,
    threads: int,
    max_pixels: int,
    as_json: bool,
    show: bool,
    **search: Any,
) -> None:
    """Reduce each image to a few colors and write it as a small indexed image.

    IMAGE: image files; - reads standard input.

    Files appear whole or not at all, and an image that fails does not stop the others.

    With --max-error, --min-psnr or --min-ssimulacra2, -k is the most colors there may be, and an image that these are
    too few for fails.

    Into a GIF goes binary alpha, unless --alpha says otherwise; a BMP holds none, so that translucent images need a
    --matte. Targets and errors compare with the image after that.
    """
    target = {MAX_ERROR.name: max_error, MIN_PSNR.name: min_psnr, MIN_SSIMULACRA2.name: min_ssimulacra2}
    aims = any(goal is not None for goal in target.values())
    if colors == "auto" and aims:
        raise click.BadParameter("auto needs no target; leave one of them out", param_hint="--colors")
    name = "auto" if colors == "auto" or aims else f"k{colors}"
    outputs = targets.plan(images, output, f"-{name}.{format or FORMAT.default}")
    _check_streams(outputs, as_json=as_json, show=show)
    kind = format or _format_of(outputs[0])
    looks = {name: search.pop(name) for name in LOOKS} | {
        "dither": dither if dither_threshold is None else grey.thresholds(dither_threshold, dither),
        "dither_strength": dither_strength,
        "dither_mask": None if dither_mask is None else grey.numbers(dither_mask, "--dither-mask"),
        "dither_path": dither_path,
        "dither_form": dither_form,
    }
    check_colors(dither, [colors])
    recipe = Recipe(search, threads, grey.with_importance(looks), target)
    recipe.check_room([colors])
    levels = alpha or ("binary" if kind == "gif" else ALPHA.default)
    _check_alpha(levels, alpha_threshold, alpha_dither, matte)

    def work(job: tuple[str, str], checkpoint: Checkpoint) -> Report:
        from ..alpha import reduce_alpha
        from ..codec import encode, write

        started = time.perf_counter()
        image, output = job
        targets.guard(image, output, force=force)
        source = load(image, max_pixels)
        pixels = reduce_alpha(
            source.pixels,
            levels,
            alpha_threshold=alpha_threshold,
            alpha_dither=alpha_dither,
            matte=matte,
            threads=threads,
        )
        histogram = recipe.count(pixels, checkpoint)
        indexed = recipe.reduce(pixels, histogram, colors, checkpoint)
        checkpoint()
        if output == targets.STREAM:
            data = encode(indexed, kind, optimize=optimize)
            terminal.write(data)
            size = len(data)
        else:
            size = write(indexed, output, kind, optimize=optimize, overwrite=force)
        seconds = time.perf_counter() - started
        return Report(
            input=image,
            output=output,
            format=kind,
            width=indexed.indices.shape[1],
            height=indexed.indices.shape[0],
            bytes_in=source.bytes_in,
            bytes_out=size,
            colors_in=len(histogram),
            colors_out=len(indexed.palette),
            error=indexed.palette.error,
            psnr=_psnr(pixels, indexed, threads) if as_json else None,
            seconds=round(seconds, 3),
        )

    reports: list[Report] = []
    failures, stopped = 0, False
    jobs = list(zip(images, outputs, strict=True))
    with (
        terminal.progress(len(jobs), hidden=as_json and sys.stdout.isatty()) as advance,
        batch.running(jobs, work, threads=threads, advance=advance) as outcomes,
    ):
        try:
            for (image, _), outcome in outcomes:
                if isinstance(outcome, batch.Failure):
                    failures += 1
                    terminal.say(image, outcome.message, style="red")
                    record = {"input": image, "failure": outcome.message}
                else:
                    reports.append(outcome)
                    record = asdict(outcome)
                if as_json:
                    terminal.emit(json.dumps(record))
        except KeyboardInterrupt:
            stopped = True
    if len(images) > 1 or reports:
        terminal.say(_summary(reports, failures, len(images), stopped=stopped))
    if show and reports:
        _show(reports[0].output)
    raise click.exceptions.Exit(130 if stopped else int(failures > 0))


def _check_alpha(alpha: Alpha | int, threshold: int, dither: AlphaDither, matte: tuple[int, int, int] | None) -> None:
    """Refuse a flag that says nothing beside the others."""
    from ..alpha import without_use

    if reason := without_use(alpha, threshold, dithered=dither != ALPHA_DITHER.default, matte=matte):
        name, _, why = reason
        raise click.BadParameter(f"must be left out {why}", param_hint="--" + name.replace("_", "-"))


def _psnr(pixels: Pixels, indexed: Indexed, threads: int) -> float | None:
    from ..quality import psnr

    decibels = psnr(pixels, indexed, threads=threads)
    return None if math.isinf(decibels) else round(decibels, 3)


def _format_of(output: str) -> str:
    from ..codec import SUFFIXES, format_of

    try:
        return str(FORMAT.default) if output == targets.STREAM else format_of(output)
    except ValueError as error:
        raise click.BadParameter(
            f"{output} names no format; end it in one of {', '.join(SUFFIXES)}, or give --format",
            param_hint="--output",
        ) from error


def _check_streams(outputs: list[str], *, as_json: bool, show: bool) -> None:
    """Refuse flags that want the same stream, or more than the one viewer."""
    if targets.STREAM in outputs and (as_json or show):
        raise click.BadParameter(
            "needs a file as output; name one with -o", param_hint="--json" if as_json else "--show"
        )
    if show and len(outputs) > 1:
        raise click.BadParameter(f"shows one image, got {len(outputs)}", param_hint="--show")


def _summary(reports: list[Report], failures: int, total: int, *, stopped: bool) -> str:
    """Return one line: what was done, and what became of the bytes."""
    from rich.filesize import decimal

    before, after = sum(report.bytes_in for report in reports), sum(report.bytes_out for report in reports)
    sizes = f"{decimal(before)} -> {decimal(after)} ({after / before - 1:+.1%})" if before else "nothing written"
    if total == 1 and reports:
        return f"{reports[0].output}: {sizes}"
    failed = f", {failures} failed" if failures else ""
    return f"{'stopped by Ctrl-C, ' * stopped}{len(reports)} of {total} files done{failed}: {sizes}"


def _show(path: str) -> None:
    if terminal.view(path):
        return
    if not terminal.has_colors(stderr=True):
        terminal.say(path, "not shown: there is no display here and no terminal with colors")
        return
    from ..codec import read
    from .draw import picture

    picture(read(path), terminal.console(stderr=True))
