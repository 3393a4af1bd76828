"""The options of one run, applied to one image after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import click

from ..errors import TargetError
from ..options import (
    ACCENTS,
    ATTEMPTS,
    CHANCE,
    DIRECT_SEARCH,
    DITHER,
    DITHER_FORM,
    DITHER_PATH,
    EFFORT,
    FIT,
    FLAT,
    IMPORTANCE,
    INIT,
    KERNELS,
    LOSSY_FOR,
    METHOD,
    PINNED,
    SEARCH,
    SPACE,
    TILES,
    TIME_LIMIT,
    LossyFor,
    Option,
    without_use,
)
from . import grey

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from ..goal import Goal
    from ..histogram import Histogram
    from ..indexed import Indexed
    from ..look import Look
    from ..palette import Palette
    from ..pixels import Pixels

LOOKS = tuple(option.name for option in (IMPORTANCE, ACCENTS, FLAT, FIT, DIRECT_SEARCH))
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
        goal: what a result has to reach; None: nothing.
    """

    search: Mapping[str, Any]
    threads: int
    looks: Mapping[str, Any] = field(default_factory=dict)
    goal: Goal | None = None

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
        self._refuse(DITHER_PATH, "error diffusion along rows", KERNELS)
        if isinstance(self.looks.get(DITHER.name, DITHER.default), str):
            self._refuse(DITHER_FORM, "thresholds", TILES)

    def _refuse(self, option: Option, what: str, kinds: tuple[str, ...]) -> None:
        """Refuse an option that this way to dither has no use for."""
        dither = self.looks.get(DITHER.name, DITHER.default)
        if self.looks.get(option.name, option.default) != option.default and dither not in kinds:
            name = dither if isinstance(dither, str) else "thresholds"
            raise click.BadParameter(
                f"is for {what}; leave it out with {name}", param_hint="--" + option.name.replace("_", "-")
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
        checkpoint()
        grey.check_size(pixels, self.looks.get(IMPORTANCE.name), IMPORTANCE.name)
        return self.look().count(pixels, threads=self.threads)

    def look(self) -> Look:
        """Return what the first and the last step have in common."""
        from ..look import Look

        mapping = {name: value for name, value in self.looks.items() if name not in LOOKS}
        others = {name: value for name, value in self.looks.items() if name in LOOKS}
        method = self.search.get(METHOD.name, METHOD.default)
        return Look(self.search[SPACE.name], self.search[EFFORT.name], method, **others, mapping=mapping)

    def solve(
        self, histogram: Histogram, colors: int | Literal["auto"], checkpoint: Checkpoint, pixels: Pixels | None = None
    ) -> Palette:
        """Solve for a palette, ready to stop after every pass; with the colors of flat areas of `pixels`, if given."""
        checkpoint()
        anchors = None if pixels is None else self.look().anchors(pixels, threads=self.threads)
        if isinstance(colors, int):
            return self._solve(histogram, colors, anchors, checkpoint)
        from ..choose import knee, room

        found = knee(histogram, space=self.search[SPACE.name], threads=self.threads)
        return self._solve(histogram, max(found, room(histogram, self.pinned)), anchors, checkpoint)

    def _solve(
        self,
        histogram: Histogram,
        colors: int,
        anchors: npt.NDArray[np.uint8] | None,
        checkpoint: Checkpoint,
        search: Mapping[str, Any] | None = None,
    ) -> Palette:
        from ..palette import Palette

        checkpoint()
        if self.pinned:
            from ..choose import room

            if colors < room(histogram, self.pinned):
                raise TargetError(
                    f"{colors} colors hold the pinned ones, but not the transparent one, too; "
                    "ask for one more, or pin '#00000000'"
                )
        return Palette.solve(
            histogram,
            colors,
            **{**self.search, **(search or {})},
            anchors=anchors,
            threads=self.threads,
            on_pass=lambda _pass, _error: checkpoint(),
        )

    def reduce(
        self,
        pixels: Pixels,
        histogram: Histogram,
        colors: int | Literal["auto"],
        checkpoint: Checkpoint,
        size: Callable[[Indexed], int] = lambda indexed: indexed.indices.nbytes,
        *,
        loses: bool = False,
        lossy_for: LossyFor = LOSSY_FOR.default,
    ) -> Indexed:
        """Solve and map, as the goal says.

        `size` tells the bytes of a result's file, where the goal asks; `loses` whether indices can be chosen to make
        them fewer, and `lossy_for` for which packing.
        """
        from ..choose import room
        from ..goal import Goal

        checkpoint()
        grey.check_size(pixels, self.looks.get("dither_mask"), "mask")
        look = self.look()
        anchors = look.anchors(pixels, threads=self.threads)

        def solve(way: Look, counted: Histogram, colors: int) -> Palette:
            search = {SPACE.name: way.space, EFFORT.name: way.effort_of_search(colors)}
            return self._solve(counted, colors, anchors, checkpoint, search)

        def measured(indexed: Indexed) -> int:
            checkpoint()
            return size(indexed)

        return (Goal() if self.goal is None else self.goal).reach(
            pixels,
            histogram,
            look,
            solve,
            colors,
            measured,
            least=room(histogram, self.pinned) if self.pinned else 0,
            flat=anchors is not None and len(anchors) > 0,
            loses=loses,
            tries=self.search.get(TIME_LIMIT.name) is None,
            lossy_for=lossy_for,
            threads=self.threads,
            on_rows=lambda _rows: checkpoint(),
        )

    def map(self, pixels: Pixels, palette: Palette, checkpoint: Checkpoint) -> Indexed:
        """Map an image onto a palette."""
        checkpoint()
        grey.check_size(pixels, self.looks.get("dither_mask"), "mask")
        return self.look().map(pixels, palette, threads=self.threads)


def check_colors(dither: object, colors: Iterable[int | Literal["auto"]]) -> None:
    """Refuse more colors than a way to dither mixes.

    Raises:
        click.BadParameter: it mixes two, and there may be more.
    """
    if dither == "ostromoukhov" and any(number == "auto" or number > 2 for number in colors):
        raise click.BadParameter("ostromoukhov mixes two colors; give -k 2 with it", param_hint="--dither")
