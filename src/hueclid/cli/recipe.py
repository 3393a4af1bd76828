"""The options of one run, applied to one image after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import click

from ..options import (
    ACCENTS,
    ATTEMPTS,
    CHANCE,
    DIRECT_SEARCH,
    EFFORT,
    FIT,
    IMPORTANCE,
    INIT,
    METHOD,
    SEARCH,
    SPACE,
    without_use,
)

if TYPE_CHECKING:
    from ..histogram import Histogram
    from ..indexed import Indexed
    from ..look import Look
    from ..palette import Palette
    from ..pixels import Pixels

LOOKS = tuple(option.name for option in (IMPORTANCE, ACCENTS, FIT, DIRECT_SEARCH))
"""The options of a `Look` that are its own."""

PLAIN = {IMPORTANCE.name: "uniform"}
"""Every pixel counts once."""

Checkpoint = Callable[[], None]
"""Called between steps of the work; raises when it is to stop."""


@dataclass(frozen=True)
class Recipe:
    """How to reduce an image, as the flags say it.

    Attributes:
        search: keywords of `Palette.solve`.
        threads: how many to use, 0 for all cores.
        looks: options of a `Look`, and keywords of `Indexed.map`.
        target: fields of a `Target`.
    """

    search: Mapping[str, Any]
    threads: int
    looks: Mapping[str, Any] = field(default_factory=dict)
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

    def count(self, pixels: Pixels, checkpoint: Checkpoint) -> Histogram:
        """Count the colors of an image."""
        checkpoint()
        return self.look().count(pixels, threads=self.threads)

    def look(self) -> Look:
        """Return what the first and the last step have in common."""
        from ..look import Look

        mapping = {name: value for name, value in self.looks.items() if name not in LOOKS}
        others = {name: value for name, value in self.looks.items() if name in LOOKS}
        method = self.search.get(METHOD.name, METHOD.default)
        return Look(self.search[SPACE.name], self.search[EFFORT.name], method, **others, mapping=mapping)

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
        checkpoint()
        return self.look().map(pixels, palette, threads=self.threads)
