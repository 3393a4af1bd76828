"""Flags made from the table of options: what the table says is not said again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeAlias

import click

from ..options import (
    ATTEMPTS,
    COLORS_OR_AUTO,
    DITHER,
    DITHER_STRENGTH,
    EFFORT,
    FLAT,
    INIT,
    MAX_ERROR,
    MAX_PIXELS,
    METHOD,
    MIN_PSNR,
    MIN_SSIMULACRA2,
    OBJECTIVE,
    OPTIMIZE,
    PINNED,
    SEED,
    SPACE,
    THREADS,
    TIME_LIMIT,
    Option,
)

Flag: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]
"""Adds a parameter to a command."""


def flag(option: Option, *names: str, **settings: Any) -> Flag:
    """Make a flag of an option: its names on the command line, default, help, allowed values and check.

    Args:
        option: from the table.
        names: of the flag; without them the option's.
        settings: of click, such as another default.
    """

    def parse(text: str) -> Any:
        try:
            return option.check(
                text if option.choices or (option.word and text == option.word) else type(option.low)(text)
            )
        except ValueError:
            raise click.BadParameter(f"must be {option.allowed}, got {text!r}") from None

    return click.option(
        *(names or ("--" + option.name.replace("_", "-"),)),
        help=option.help if option.choices else f"{option.help} {option.allowed.capitalize()}.",
        metavar="|".join(option.choices) or (f"N|{option.word}" if option.word else "N"),
        type=parse,
        **{"default": option.default, **settings},
    )


def images() -> Flag:
    """Take one image or more."""
    return click.argument("images", metavar="IMAGE...", nargs=-1, required=True)


def colors(default: int = COLORS_OR_AUTO.default) -> Flag:
    """Take the number of colors, or "auto"."""
    return flag(COLORS_OR_AUTO, "--colors", "-k", default=default)


def target(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take what to reach with as few colors as may be: the fields of a `Target`."""
    for option in (MIN_SSIMULACRA2, MIN_PSNR, MAX_ERROR):
        command = flag(option)(command)
    return command


def search(command: Callable[..., Any], taken: Collection[Option] = ()) -> Callable[..., Any]:
    """Take how a palette is searched: keywords of `Palette.solve`, which the command takes as `**search`.

    Args:
        command: what takes them.
        taken: options that it takes otherwise.
    """
    shown = (SPACE, OBJECTIVE, EFFORT, INIT, ATTEMPTS, SEED, TIME_LIMIT)
    for option in reversed(shown):
        if option not in taken:
            command = flag(option)(command)
    return command


def repeated(options: Sequence[Option]) -> Flag:
    """Take options that may be given several times, each as a tuple."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = flag(option, multiple=True, default=(option.default,))(command)
        return command

    return add


def output(what: str) -> Flag:
    """Take where to write; `what` says it in words."""
    return click.option("--output", "-o", metavar="FILE|FOLDER|-", help=what)


def pin(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take colors that the palette holds exactly: the keyword `pinned` of `Palette.solve`."""

    def parse(text: str) -> tuple[int, int, int, int]:
        try:
            return PINNED.color(text)
        except ValueError:
            raise click.BadParameter(f"must be a color as #rrggbb or #rrggbbaa, got {text!r}") from None

    return click.option("--pin", PINNED.name, multiple=True, metavar="#RRGGBB", type=parse, help=PINNED.help)(command)


method = flag(METHOD)
flat = flag(FLAT)
dither = flag(DITHER)
dither_strength = flag(DITHER_STRENGTH)
optimize = flag(OPTIMIZE)
threads = flag(THREADS)
max_pixels = flag(MAX_PIXELS)
force = click.option("--force", is_flag=True, help="Replace files that exist.")
