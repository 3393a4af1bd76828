"""The options of one run, applied to one image after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from ..options import ATTEMPTS, CHANCE, DITHER, DITHER_STRENGTH, INIT, METHOD, SEARCH, Dither, without_use

if TYPE_CHECKING:
    from ..histogram import Histogram
    from ..indexed import Indexed
    from ..palette import Palette
    from ..pixels import Pixels

Checkpoint = Callable[[], None]
"""Called between steps of the work; raises when it is to stop."""


@dataclass(frozen=True)
class Recipe:
    """How to reduce an image, as the flags say it; `search` holds keywords of `Palette.solve`."""

    search: Mapping[str, Any]
    threads: int
    dither: Dither = DITHER.default
    dither_strength: float = DITHER_STRENGTH.default

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

    def count(self, pixels: Pixels, checkpoint: Checkpoint) -> Histogram:
        """Count the colors of an image."""
        from ..histogram import Histogram

        checkpoint()
        return Histogram.count(pixels, threads=self.threads)

    def solve(self, histogram: Histogram, colors: int, checkpoint: Checkpoint) -> Palette:
        """Solve for a palette, ready to stop after every pass."""
        from ..palette import Palette

        checkpoint()
        return Palette.solve(
            histogram,
            colors,
            **self.search,
            threads=self.threads,
            on_pass=lambda _pass, _error: checkpoint(),
        )

    def map(self, pixels: Pixels, palette: Palette, checkpoint: Checkpoint) -> Indexed:
        """Map an image onto a palette."""
        from ..indexed import Indexed

        checkpoint()
        return Indexed.map(
            pixels,
            palette,
            dither=self.dither,
            dither_strength=self.dither_strength,
            threads=self.threads,
        )
