"""One image in, one indexed image out: what `hueclid quantize` does with each of its inputs."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..errors import HueclidError, TargetError
from ..options import Optimize, Profile
from . import targets
from .inputs import Job
from .recipe import Checkpoint, Recipe
from .source import load

if TYPE_CHECKING:
    from ..codec import Source
    from ..indexed import Indexed
    from ..pixels import Pixels


@dataclass(frozen=True)
class Done:
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
        colors_out: colors of the output.
        error: of the palette, before dithering, in the working space: k-means' compactness, or the sum of distances.
        psnr: of the output, in decibels; None (null) when it equals the input, or nobody asked.
        ssimulacra2: of the output; None when a side is under 8 pixels, or nobody asked.
        kept: why the output is the input byte for byte; None when it isn't.
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
    ssimulacra2: float | None
    kept: str | None
    seconds: float


@dataclass(frozen=True)
class Skipped:
    """Why an input was left out, as the user wanted."""

    reason: str


@dataclass(frozen=True)
class Pictures:
    """Small versions of an input and its output, as WebP; empty when nobody asked."""

    before: bytes = b""
    after: bytes = b""


@dataclass(frozen=True)
class Reduction:
    """How each input is read, reduced and written.

    Attributes:
        recipe: how it is reduced.
        colors: to how many.
        kind: the format written.
        alpha: keywords of `reduce_alpha`.
        keep: kinds of metadata that the result keeps.
        profile: whether colors are converted.
        first_frame: whether animations are accepted.
        keep_times: whether the output has times and permissions of the input.
        allow_larger: whether a result that is no smaller than the input replaces it.
        force: whether files are replaced.
        optimize: how hard to pack.
        max_pixels: the largest image accepted.
        measured: whether the PSNR is wanted.
        scored: whether the SSIMULACRA2 score is wanted.
        pictured: whether small versions are wanted.
        on_fail: what becomes of an image that cannot reach what it has to: "error", "keep" or "copy".
        loses: whether indices can be chosen for fewer bytes.
    """

    recipe: Recipe
    colors: int | Literal["auto"]
    kind: str
    alpha: Mapping[str, Any] = field(default_factory=dict)
    keep: Sequence[str] = ()
    profile: Profile = "srgb"
    first_frame: bool = False
    keep_times: bool = False
    allow_larger: bool = False
    force: bool = False
    optimize: Optimize = "default"
    max_pixels: int = 1
    measured: bool = False
    scored: bool = False
    pictured: bool = False
    on_fail: str = "error"
    loses: bool = False

    def __call__(self, job: Job, checkpoint: Checkpoint) -> tuple[Done | Skipped, Pictures]:
        """Do one input, and tell what was done.

        Raises:
            HueclidError: it can't be done.
        """
        from ..alpha import reduce_alpha
        from ..codec import encode

        if job.refused:
            raise HueclidError(job.refused)
        started = time.perf_counter()
        targets.guard(job.image, job.output, force=self.force)
        source = load(job.image, self.max_pixels, first_frame=self.first_frame, profile=self.profile)
        pixels = reduce_alpha(source.pixels, **self.alpha, threads=self.recipe.threads)
        histogram = self.recipe.count(pixels, checkpoint)
        metadata = source.metadata.only(self.keep)

        bounded = self.recipe.goal is not None and self.recipe.goal.max_bytes is not None

        def encoded(indexed: Indexed, *, draft: bool = False) -> bytes:
            return encode(indexed, self.kind, optimize=self.optimize, metadata=metadata, draft=draft)

        indexed: Indexed | None = None
        try:
            found = self.recipe.reduce(
                pixels,
                histogram,
                self.colors,
                checkpoint,
                lambda it: len(encoded(it, draft=not bounded)),
                loses=self.loses,
                lossy_for="gif" if self.kind == "gif" else "png",
            )
            checkpoint()
            data = encoded(found)
            kept = self._why_kept(source, pixels, data)
            if not kept:
                indexed = found
        except TargetError as error:
            if self.on_fail == "error":
                raise
            if self.on_fail == "keep":
                return Skipped(f"left as it is: {error}"), Pictures()
            kept = str(error)
        output = job.output
        if indexed is None:
            data, output = source.file, self._name_of_copy(job, source)
        checkpoint()
        targets.put(data, output, force=self.force, like=job.image if self.keep_times else None)
        seconds = time.perf_counter() - started
        psnr, score = self._nearness(pixels, indexed) if indexed else (None, 100.0 if self.scored else None)
        done = Done(
            input=job.image,
            output=output,
            format=self.kind if indexed else source.format.lower(),
            width=pixels.shape[1],
            height=pixels.shape[0],
            bytes_in=source.bytes_in,
            bytes_out=len(data),
            colors_in=len(histogram),
            colors_out=len(indexed.palette) if indexed else len(histogram),
            error=indexed.palette.error if indexed else 0.0,
            psnr=psnr,
            ssimulacra2=score,
            kept=kept,
            seconds=round(seconds, 3),
        )
        return done, self.pictures(source.pixels, indexed.to_pixels() if indexed else source.pixels)

    def redone(self, done: Done) -> tuple[Done, Pictures]:
        """Return what an earlier run did, with what is wanted now and was not then: numbers and pictures."""
        from ..alpha import reduce_alpha
        from ..codec import read

        unknown = (self.measured and done.psnr is None) or (self.scored and done.ssimulacra2 is None)
        lacking = unknown and not done.kept
        if not lacking and not self.pictured:
            return done, Pictures()
        before = read(done.input, profile=self.profile, first_frame=self.first_frame, max_pixels=self.max_pixels)
        after = read(done.output, profile=self.profile, first_frame=True, max_pixels=self.max_pixels)
        if lacking:
            pixels = reduce_alpha(before, **self.alpha, threads=self.recipe.threads)
            psnr, score = self._nearness(pixels, after)
            done = replace(done, psnr=psnr, ssimulacra2=score)
        return done, self.pictures(before, after)

    def pictures(self, before: Pixels, after: Pixels) -> Pictures:
        """Return small versions, if they are wanted."""
        if not self.pictured:
            return Pictures()
        from ..sheet import thumbnail

        return Pictures(thumbnail(before), thumbnail(after))

    def _name_of_copy(self, job: Job, source: Source) -> str:
        """Return where the input itself goes: its suffix stays, where that of the output would name another format."""
        if job.output == targets.STREAM or source.format.lower() == self.kind:
            return job.output
        suffix = Path(job.image).suffix or f".{source.format.lower()}"
        output = str(Path(job.output).with_suffix(suffix))
        targets.guard(job.image, output, force=self.force)
        return output

    def _why_kept(self, source: Source, pixels: Pixels, data: bytes) -> str | None:
        """Return why the input itself is the better output; None where it is not, or not what was asked for."""
        import numpy as np

        asked_for = (
            source.format.lower() == self.kind
            and source.frames == 1
            and np.may_share_memory(pixels, source.pixels)  # alpha is as it was
            and (self.keep or not source.metadata.only(["all"]))
        )
        if self.allow_larger or not asked_for or len(data) < source.bytes_in:
            return None
        return f"{len(data):,} bytes of {self.kind.upper()} would not be fewer than its {source.bytes_in:,}"

    def _nearness(self, pixels: Pixels, result: Indexed | Pixels) -> tuple[float | None, float | None]:
        from ..quality import Original, psnr

        threads = self.recipe.threads
        decibels = psnr(pixels, result, threads=threads) if self.measured else math.inf
        score = Original(pixels, threads=threads).ssimulacra2(result) if self.scored else math.nan
        return (
            None if math.isinf(decibels) else round(decibels, 3),
            None if math.isnan(score) else round(score, 3),
        )
