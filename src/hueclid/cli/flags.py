"""Flags made from the table of options: what the table says is not said again."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ..options import (
    COLORS,
    DITHER,
    DITHER_STRENGTH,
    EFFORT,
    MAX_PIXELS,
    OPTIMIZE,
    SPACE,
    THREADS,
    Dither,
    Effort,
    Optimize,
    Option,
    Space,
)


def flag(option: Option, *names: str) -> Any:
    """Describe an option to typer: its names on the command line, help, allowed values and check."""

    def parse(text: str) -> Any:
        try:
            return option.check(text if option.choices else type(option.default)(text))
        except ValueError:
            raise typer.BadParameter(f"must be {option.allowed}, got {text!r}") from None

    return typer.Option(
        *(names or ("--" + option.name.replace("_", "-"),)),
        help=option.help if option.choices else f"{option.help} {option.allowed.capitalize()}.",
        metavar="|".join(option.choices) or "N",
        parser=parse,
    )


ColorsFlag = Annotated[int, flag(COLORS, "--colors", "-k")]
SpaceFlag = Annotated[Space, flag(SPACE)]
EffortFlag = Annotated[Effort, flag(EFFORT)]
DitherFlag = Annotated[Dither, flag(DITHER)]
StrengthFlag = Annotated[float, flag(DITHER_STRENGTH)]
OptimizeFlag = Annotated[Optimize, flag(OPTIMIZE)]
ThreadsFlag = Annotated[int, flag(THREADS)]
MaxPixelsFlag = Annotated[int, flag(MAX_PIXELS)]
ForceFlag = Annotated[bool, typer.Option("--force", help="Replace files that exist.")]
ImagesArgument = Annotated[
    list[str],
    typer.Argument(metavar="IMAGE", help="Image files; - reads standard input.", show_default=False),
]
