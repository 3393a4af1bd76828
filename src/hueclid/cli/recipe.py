"""The options of one run, applied to one image after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import click

from ..errors import TargetError
from ..options import (
    ATTEMPTS,
    CHANCE,
    DITHER,
    DITHER_STRENGTH,
    FLAT,
    INIT,
    METHOD,
    PINNED,
    SEARCH,
    SPACE,
    Dither,
    FlatColors,
    without_use,
)

if TYPE_CHECKING:
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
        dither_strength: share of each pixel's error handed on.
        target: fields of a `Target`.
        flat: whether colors of flat areas are to be "exact".
    """

    search: Mapping[str, Any]
    threads: int
    dither: Dither = DITHER.default
    dither_strength: float = DITHER_STRENGTH.default
    target: Mapping[str, float | None] = field(default_factory=dict)
    flat: FlatColors = FLAT.default

    def __post_init__(self) -> None:
        method = self.search.get(METHOD.name, METHOD.default)
        if method != METHOD.default and (option := without_use(self.search, SEARCH)):
            raise click.BadParameter(
                f"says how {METHOD.default} searches; leave it out with --method {method}",
                param_hint="--" + option.name.replace("_", "-"),
            )
        try:
            PINNED.check(self.pinned)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--pin") from None
        init, attempts = self.search[INIT.name], self.search[ATTEMPTS.name]
        if attempts > 1 and init not in CHANCE:
            raise click.BadParameter(
                f"{attempts} would be the same with --init {init}; take one of {', '.join(CHANCE)}",
                param_hint="--attempts",
            )

    @property
    def pinned(self) -> tuple[tuple[int, int, int, int], ...]:
        """Colors that every palette holds."""
        return tuple(self.search.get(PINNED.name, ()))

    def check_room(self, colors: Sequence[int | str]) -> None:
        """Refuse numbers of colors that the pinned ones exceed."""
        for number in colors:
            if isinstance(number, int) and number < len(self.pinned):
                raise click.BadParameter(
                    f"{len(self.pinned)} colors are more than --colors {number}; pin fewer, or ask for more",
                    param_hint="--pin",
                )

    def count(self, pixels: Pixels, checkpoint: Checkpoint) -> Histogram:
        """Count the colors of an image."""
        from ..histogram import Histogram

        checkpoint()
        return Histogram.count(pixels, threads=self.threads)

    def solve(
        self, histogram: Histogram, colors: int | Literal["auto"], checkpoint: Checkpoint, pixels: Pixels | None = None
    ) -> Palette:
        """Solve for a palette, ready to stop after every pass; with the colors of flat areas of `pixels`, if given."""
        from ..palette import Palette

        checkpoint()
        least = 0
        if isinstance(colors, str) or self.pinned:
            from ..choose import knee, room

            least = room(histogram, self.pinned)
        if isinstance(colors, str):
            number = max(knee(histogram, space=self.search[SPACE.name], threads=self.threads), least)
        else:
            number = colors
        if number < least:
            raise TargetError(
                f"{number} colors hold the pinned ones, but not the transparent one, too; "
                "ask for one more, or pin '#00000000'"
            )
        anchors = None
        if pixels is not None and self.flat == FLAT.default:
            from ..flat import flat_colors

            anchors = flat_colors(pixels, threads=self.threads)
        return Palette.solve(
            histogram,
            number,
            **self.search,
            anchors=anchors,
            threads=self.threads,
            on_pass=lambda _pass, _error: checkpoint(),
        )

    def reduce(
        self, pixels: Pixels, histogram: Histogram, colors: int | Literal["auto"], checkpoint: Checkpoint
    ) -> Indexed:
        """Solve and map; with as few colors as reach the target, if there is one."""

        def reduce(colors: int | Literal["auto"]) -> Indexed:
            return self.map(pixels, self.solve(histogram, colors, checkpoint, pixels), checkpoint)

        if colors == "auto" or all(goal is None for goal in self.target.values()):
            return reduce(colors)
        from ..choose import Target, fewest, room

        return fewest(
            pixels,
            histogram,
            Target(**self.target),
            colors,
            reduce,
            least=min(room(histogram, self.pinned), colors),
            space=self.search[SPACE.name],
            threads=self.threads,
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
