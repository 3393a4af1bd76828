"""The options of one run, applied to one image after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import click

from ..errors import ReadError
from ..options import (
    ATTEMPTS,
    CHANCE,
    DITHER,
    DITHER_FORM,
    DITHER_PATH,
    DITHER_STRENGTH,
    INIT,
    KERNELS,
    METHOD,
    SEARCH,
    SPACE,
    TILES,
    Dither,
    DitherForm,
    DitherPath,
    Option,
    without_use,
)

if TYPE_CHECKING:
    from ..dithering import Thresholds
    from ..histogram import Histogram
    from ..indexed import Indexed
    from ..palette import Palette
    from ..pixels import Pixels

Checkpoint = Callable[[], None]
"""Called between steps of the work; raises when it is to stop."""


@dataclass(frozen=True)
class Recipe:
    """How to reduce an image, as the flags say it.

    Attributes:
        search: keywords of `Palette.solve`.
        threads: how many to use, 0 for all cores.
        dither: how in-between colors are mixed.
        dither_strength: how much of an error counts.
        dither_mask: how much of the strength each pixel has.
        dither_path: how error diffusion walks rows.
        dither_form: what thresholds do.
        target: fields of a `Target`.
    """

    search: Mapping[str, Any]
    threads: int
    dither: Dither | Thresholds = DITHER.default
    dither_strength: float = DITHER_STRENGTH.default
    dither_mask: Pixels | None = None
    dither_path: DitherPath = DITHER_PATH.default
    dither_form: DitherForm = DITHER_FORM.default
    target: Mapping[str, float | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        method = self.search.get(METHOD.name, METHOD.default)
        if method != METHOD.default and (option := without_use(self.search, SEARCH)):
            raise click.BadParameter(
                f"says how {METHOD.default} searches; leave it out with --method {method}",
                param_hint="--" + option.name.replace("_", "-"),
            )
        init, attempts = self.search[INIT.name], self.search[ATTEMPTS.name]
        if attempts > 1 and init not in CHANCE:
            raise click.BadParameter(
                f"{attempts} would be the same with --init {init}; take one of {', '.join(CHANCE)}",
                param_hint="--attempts",
            )
        self._refuse(DITHER_PATH, self.dither_path, "error diffusion along rows", KERNELS)
        if isinstance(self.dither, str):
            self._refuse(DITHER_FORM, self.dither_form, "thresholds", TILES)

    def _refuse(self, option: Option, value: str, what: str, kinds: tuple[str, ...]) -> None:
        """Refuse an option that this way to dither has no use for."""
        if value != option.default and self.dither not in kinds:
            name = self.dither if isinstance(self.dither, str) else "thresholds"
            raise click.BadParameter(
                f"is for {what}; leave it out with {name}", param_hint="--" + option.name.replace("_", "-")
            )

    def count(self, pixels: Pixels, checkpoint: Checkpoint) -> Histogram:
        """Count the colors of an image."""
        from ..histogram import Histogram

        checkpoint()
        return Histogram.count(pixels, threads=self.threads)

    def solve(self, histogram: Histogram, colors: int | Literal["auto"], checkpoint: Checkpoint) -> Palette:
        """Solve for a palette, ready to stop after every pass."""
        from ..palette import Palette

        checkpoint()
        if colors == "auto":
            from ..choose import knee

            colors = knee(histogram, space=self.search[SPACE.name], threads=self.threads)
        return Palette.solve(
            histogram,
            colors,
            **self.search,
            threads=self.threads,
            on_pass=lambda _pass, _error: checkpoint(),
        )

    def reduce(
        self, pixels: Pixels, histogram: Histogram, colors: int | Literal["auto"], checkpoint: Checkpoint
    ) -> Indexed:
        """Solve and map; with as few colors as reach the target, if there is one."""

        def reduce(colors: int | Literal["auto"]) -> Indexed:
            return self.map(pixels, self.solve(histogram, colors, checkpoint), checkpoint)

        if colors == "auto" or all(goal is None for goal in self.target.values()):
            return reduce(colors)
        from ..choose import Target, fewest

        space = self.search[SPACE.name]
        return fewest(pixels, histogram, Target(**self.target), colors, reduce, space=space, threads=self.threads)

    def map(self, pixels: Pixels, palette: Palette, checkpoint: Checkpoint) -> Indexed:
        """Map an image onto a palette."""
        from ..indexed import Indexed

        checkpoint()
        if self.dither_mask is not None and self.dither_mask.shape != pixels.shape[:2]:
            (height, width), (rows, columns) = pixels.shape[:2], self.dither_mask.shape
            raise ReadError(f"is {width} x {height} pixels, and the mask {columns} x {rows}; make them of one size")
        return Indexed.map(
            pixels,
            palette,
            dither=self.dither,
            dither_strength=self.dither_strength,
            dither_mask=self.dither_mask,
            dither_path=self.dither_path,
            dither_form=self.dither_form,
            threads=self.threads,
        )


def check_colors(dither: object, colors: Iterable[int | Literal["auto"]]) -> None:
    """Refuse more colors than a way to dither mixes.

    Raises:
        click.BadParameter: it mixes two, and there may be more.
    """
    if dither == "ostromoukhov" and any(number == "auto" or number > 2 for number in colors):
        raise click.BadParameter("ostromoukhov mixes two colors; give -k 2 with it", param_hint="--dither")
