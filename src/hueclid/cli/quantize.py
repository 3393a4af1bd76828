"""`hueclid quantize`: images in, small indexed images out."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import click

from ..errors import WriteError
from ..options import (
    ALPHA,
    ALPHA_DITHER,
    FORMAT,
    KEEP,
    PROFILE,
    Alpha,
    AlphaDither,
    Dither,
    DitherForm,
    DitherPath,
    Optimize,
    Profile,
)
from . import batch, flags, goals, grey, inputs, report, targets, terminal
from .inputs import Job
from .journal import Journal
from .recipe import LOOKS, Checkpoint, Recipe, check_colors
from .reduction import Done, Pictures, Reduction, Skipped
from .rows import Row, totals


@click.command(no_args_is_help=True)
@flags.images()
@flags.skip
@flags.colors()
@flags.target
@flags.output(
    "Where to write: a file (for one image), a folder that exists, or - for standard output. "
    "Without it photo-k16.png goes beside photo.jpg, or photo-auto.png when the number of colors is looked for. "
    "Results of a folder go to a folder, in the same tree under the same names."
)
@flags.force
@click.option("--allow-larger", is_flag=True, help="Write results that are no smaller than their input, too.")
@click.option(
    "--resume",
    metavar="FILE",
    type=flags.FILE,
    help="Note in FILE what was done, and leave out what it says was done with the same options.",
)
@flags.metadata
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
@flags.first_frame
@flags.max_pixels
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print an object a line for each image: input, output, format, width, height, bytes_in, "
    "bytes_out, colors_in, colors_out, error (of the palette), psnr (dB; null when exact), ssimulacra2 (null without "
    "--report, or under 8 x 8 pixels), kept (why the output is the input as it was; or null), seconds; or input, "
    "skipped; or input, failure.",
)
@click.option(
    "--report",
    "reports",
    metavar="FILE",
    type=flags.FILE,
    multiple=True,
    help="Write what became of each input: a file that ends in .json, or .html for a page with pictures.",
)
@click.option("--show", is_flag=True, help="Open the result in the viewer, or draw it in the terminal.")
def quantize(
    images: Sequence[str],
    skip: Sequence[str],
    colors: int | Literal["auto"],
    on_fail: str,
    output: str | None,
    force: bool,
    allow_larger: bool,
    resume: str | None,
    profile: Profile,
    keep: Sequence[str],
    strip: bool,
    keep_times: bool,
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
    first_frame: bool,
    max_pixels: int,
    as_json: bool,
    reports: Sequence[str],
    show: bool,
    **search: Any,
) -> None:
    """Reduce each image to a few colors and write it as a small indexed image.

    IMAGE: image files, or folders, which are searched with all that is in them; - reads standard input.

    Files appear whole or not at all, and an image that fails does not stop the others. A result that would be no
    smaller than its input, of the same format, is the input itself.

    With a target -k is the most colors there may be, and an image that cannot reach it fails. --max-bytes makes the
    best picture that fits, --quality, --min-ssimulacra2 and --max-delta-e the smallest file: as much of the picture
    goes as may, then colors do. With --lossy 0 these make as few colors as may be, as --min-psnr and --max-error do.

    Into a GIF goes binary alpha, unless --alpha says otherwise; a BMP holds none, so that translucent images need a
    --matte. Targets and errors compare with the image after that.
    """
    asked = {name: search.pop(name) for name in goals.NAMES}
    name = "auto" if colors == "auto" or goals.aims(asked) else f"k{colors}"
    jobs = inputs.plan(images, output, f"-{name}.{format or FORMAT.default}", skip)
    outputs = [job.output for job in jobs if job.output]
    _check_streams(outputs, as_json=as_json, show=show)
    kind = format or _format_of(images, output, outputs)
    _check_metadata(images, profile, keep, kind, strip=strip, keep_times=keep_times)
    report.check(reports, resume, jobs, force=force or resume is not None)
    looks = {name: search.pop(name) for name in LOOKS} | {
        "dither": dither if dither_threshold is None else grey.thresholds(dither_threshold, dither),
        "dither_strength": dither_strength,
        "dither_mask": None if dither_mask is None else grey.numbers(dither_mask, "--dither-mask"),
        "dither_path": dither_path,
        "dither_form": dither_form,
    }
    check_colors(dither, [colors])
    recipe = Recipe(search, threads, grey.with_importance(looks))
    recipe = replace(recipe, goal=goals.goal(asked, recipe, kind, colors))
    recipe.check_room([colors])
    levels = alpha or ("binary" if kind == "gif" else ALPHA.default)
    _check_alpha(levels, alpha_threshold, alpha_dither, matte)

    alphas = {"alpha": levels, "alpha_threshold": alpha_threshold, "alpha_dither": alpha_dither, "matte": matte}
    reduction = Reduction(
        recipe=recipe,
        colors=colors,
        kind=kind,
        alpha=alphas,
        keep=() if strip else keep or (KEEP.default,),
        profile=profile,
        first_frame=first_frame,
        keep_times=keep_times,
        allow_larger=allow_larger,
        force=force,
        optimize=optimize,
        max_pixels=max_pixels,
        measured=as_json or bool(reports),
        scored=bool(reports),
        pictured=any(path.lower().endswith(".html") for path in reports),
        on_fail=on_fail,
        loses=goals.loses(recipe, kind, colors),
    )
    journal = Journal(resume, _reaching_results())

    def work(job: Job, checkpoint: Checkpoint) -> tuple[Done | Skipped, Pictures]:
        if job.skipped:
            return Skipped(job.skipped), Pictures()
        if done := journal.find(job.image, job.output):
            return reduction.redone(done)
        outcome, pictures = reduction(job, checkpoint)
        if isinstance(outcome, Done):
            journal.add(outcome, job.output)
        return outcome, pictures

    rows: list[Row] = []
    stopped = False
    with (
        journal,
        terminal.progress(len(jobs), hidden=as_json and sys.stdout.isatty()) as advance,
        batch.running(jobs, work, threads=threads, advance=advance) as outcomes,
    ):
        try:
            for job, outcome in outcomes:
                if isinstance(outcome, batch.Failure):
                    terminal.say(job.image, outcome.message, style="red")
                    rows.append(Row(job.image, outcome))
                else:
                    rows.append(Row(job.image, *outcome))
                if as_json:
                    terminal.emit(json.dumps(rows[-1].record()))
        except KeyboardInterrupt:
            stopped = True
    sums = totals(rows)
    if len(jobs) > 1 or not sums["failed"]:
        terminal.say(_summary(rows, len(jobs), stopped=stopped))
    failed = _write_reports(reports, rows, stopped=stopped) or sums["failed"]
    if show and sums["done"]:
        _show(next(row.outcome.output for row in rows if isinstance(row.outcome, Done)))
    raise click.exceptions.Exit(130 if stopped else int(failed > 0))


def _reaching_results() -> dict[str, Any]:
    """Return the flags of this run that results depend on."""
    passing = ("images", "skip", "output", "force", "resume", "threads", "max_pixels", "as_json", "reports", "show")
    return {name: value for name, value in click.get_current_context().params.items() if name not in passing}


def _write_reports(reports: Sequence[str], rows: Sequence[Row], *, stopped: bool) -> int:
    """Write reports, and return how many could not be."""
    failed = 0
    for path in reports:
        try:
            report.write(path, rows, stopped=stopped)
        except WriteError as error:
            failed += 1
            terminal.say(f"the report {error}", style="red")
    return failed


def _check_metadata(
    images: Sequence[str], profile: Profile, keep: Sequence[str], kind: str, *, strip: bool, keep_times: bool
) -> None:
    """Refuse flags that contradict each other, or that a format has no room for."""
    if strip and keep:
        raise click.BadParameter(f"leaves nothing that --keep {keep[0]} could keep", param_hint="--strip")
    if keep_times and targets.STREAM in images:
        raise click.BadParameter("standard input has no times; name a file", param_hint="--keep-times")
    if profile != PROFILE.default and kind in ("gif", "bmp"):
        raise click.BadParameter(
            f"{kind.upper()} holds no ICC profile; write PNG, TIFF or WebP, or let colors be converted",
            param_hint="--profile",
        )


def _check_alpha(alpha: Alpha | int, threshold: int, dither: AlphaDither, matte: tuple[int, int, int] | None) -> None:
    """Refuse a flag that says nothing beside the others."""
    from ..alpha import without_use

    if reason := without_use(alpha, threshold, dithered=dither != ALPHA_DITHER.default, matte=matte):
        name, _, why = reason
        raise click.BadParameter(f"must be left out {why}", param_hint="--" + name.replace("_", "-"))


def _format_of(images: Sequence[str], output: str | None, outputs: Sequence[str]) -> str:
    from ..codec import SUFFIXES, format_of

    if not outputs or outputs[0] == targets.STREAM:
        return str(FORMAT.default)
    try:
        return format_of(outputs[0])
    except ValueError as error:
        if not os.path.exists(images[0]):  # a folder, perhaps, for whose results the output would be one
            raise click.BadParameter(f"there is no {images[0]}; check the path", param_hint="IMAGE") from error
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


def _summary(rows: Sequence[Row], total: int, *, stopped: bool) -> str:
    """Return one line: what was done, and what became of the bytes."""
    from rich.filesize import decimal

    sums = totals(rows)
    before, after = sums["bytes_in"], sums["bytes_out"]
    sizes = f"{decimal(before)} -> {decimal(after)} ({after / before - 1:+.1%})" if before else "nothing written"
    first = rows[0].outcome if rows else None
    if total == 1 and isinstance(first, Done):
        return f"{first.output}: {sizes}" + (f"; kept as it was, as {first.kept}" if first.kept else "")
    if total == 1 and isinstance(first, Skipped):
        return f"{rows[0].input}: {first.reason}"
    counts = {"kept as they were": sums["kept"], "skipped": sums["skipped"], "failed": sums["failed"]}
    notes = "".join(f", {count} {what}" for what, count in counts.items() if count)
    return f"{'stopped by Ctrl-C, ' * stopped}{sums['done']} of {total} files done{notes}: {sizes}"


def _show(path: str) -> None:
    if terminal.view(path):
        return
    if not terminal.has_colors(stderr=True):
        terminal.say(path, "not shown: there is no display here and no terminal with colors")
        return
    from ..codec import read
    from .draw import picture

    picture(read(path), terminal.console(stderr=True))
