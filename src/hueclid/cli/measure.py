"""`hueclid measure`: how near results are to their original, as a table."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from ..errors import HueclidError
from . import batch, flags, targets, terminal
from .recipe import Checkpoint
from .source import load

if TYPE_CHECKING:
    from ..quality import Original, Quality

_HEADS = {"mse": 9, "psnr": 7, "delta_e": 7, "p95": 7, "ssimulacra2": 11, "blurred_error": 13}
"""The columns before the names, which may be long, and their widths."""


@click.command(no_args_is_help=True)
@click.argument("original", metavar="ORIGINAL", type=flags.FILE)
@click.argument("results", metavar="RESULT...", type=flags.FILE, nargs=-1, required=True)
@flags.threads
@flags.first_frame
@flags.max_pixels
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print an object a line for each result instead of the table: original, result, mse, psnr (null when equal), "
    "delta_e, delta_e_p95, ssimulacra2 (null under 8 x 8 pixels), blurred_error; or original, result, failure.",
)
def measure(
    original: str, results: Sequence[str], threads: int, first_frame: bool, max_pixels: int, as_json: bool
) -> None:
    """Measure how near each result is to its original.

    ORIGINAL, RESULT: image files of one size; - reads standard input.

    mse: mean squared RGB distance. psnr: the same in decibels, more is better. delta_e: mean CIEDE2000 difference,
    about 1 can just be seen; p95: what 95 % of the pixels do not exceed. ssimulacra2: 100 is equal, 90 can't be told
    apart, 70 is high quality, 30 low. blurred_error: squared Oklab distance after a slight blur, which sees banding
    and forgives dithering.
    """
    if [original, *results].count(targets.STREAM) > 1:
        raise click.BadParameter("standard input is one image; name a file for the others", param_hint="RESULT")

    def prepare(original: str, checkpoint: Checkpoint) -> Original:
        from ..quality import Original

        pixels = load(original, max_pixels, first_frame=first_frame).pixels
        checkpoint()
        return Original(pixels, threads=threads)

    prepared = batch.alone(original, prepare, threads=threads)

    def work(result: str, checkpoint: Checkpoint) -> Quality:
        pixels = load(result, max_pixels, first_frame=first_frame).pixels
        checkpoint()
        try:
            return prepared.measure(pixels)
        except ValueError as error:  # the sizes differ
            raise HueclidError(str(error)) from error

    failed = False
    if not as_json:
        terminal.emit("  ".join([*(f"{head:>{width}}" for head, width in _HEADS.items()), "result"]))
    with batch.running(results, work, threads=threads) as outcomes:
        for result, outcome in outcomes:
            if isinstance(outcome, batch.Failure):
                failed = True
                terminal.say(result, outcome.message, style="red")
                if as_json:
                    terminal.emit(json.dumps({"original": original, "result": result, "failure": outcome.message}))
            elif as_json:
                terminal.emit(json.dumps({"original": original, "result": result, **_finite(outcome)}))
            else:
                terminal.emit(_row(result, outcome))
    raise click.exceptions.Exit(int(failed))


def _row(result: str, quality: Quality) -> str:
    cells = (
        f"{quality.mse:.2f}",
        "equal" if math.isinf(quality.psnr) else f"{quality.psnr:.2f}",
        f"{quality.delta_e:.3f}",
        f"{quality.delta_e_p95:.3f}",
        "small" if math.isnan(quality.ssimulacra2) else f"{quality.ssimulacra2:.2f}",
        f"{quality.blurred_error:.4f}",
    )
    return "  ".join([*(f"{cell:>{width}}" for cell, width in zip(cells, _HEADS.values(), strict=True)), result])


def _finite(quality: Quality) -> dict[str, Any]:
    """Return the fields; numbers that are not finite become null."""
    return {name: round(value, 6) if math.isfinite(value) else None for name, value in asdict(quality).items()}
