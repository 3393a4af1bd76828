"""Flags made from the table of options: what the table says is not said again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import click

from ..options import (
    ACCENTS,
    ALPHA,
    ALPHA_DITHER,
    ALPHA_THRESHOLD,
    ATTEMPTS,
    COLORS_OR_AUTO,
    DIRECT_SEARCH,
    DITHER,
    DITHER_FORM,
    DITHER_PATH,
    DITHER_STRENGTH,
    EFFORT,
    FIT,
    FLAT,
    IMPORTANCE,
    INIT,
    KEEP,
    LOSSY,
    MATTE,
    MAX_BYTES,
    MAX_DELTA_E,
    MAX_ERROR,
    MAX_PIXELS,
    METHOD,
    MIN_PSNR,
    MIN_SSIMULACRA2,
    OBJECTIVE,
    OPTIMIZE,
    PINNED,
    PROFILE,
    SEED,
    SPACE,
    THREADS,
    TIME_LIMIT,
    Option,
)
from . import targets

Flag: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]
"""Adds a parameter to a command."""

FILE = click.Path(readable=False)
"""A path, whatever is there; shells complete it."""

MOST_SHOWN = 8
"""Of more choices the flag shows none; its help lists them."""


def flag(option: Option, *names: str, **settings: Any) -> Flag:
    """Make a flag of an option: its names on the command line, default, help, allowed values and check.

    Args:
        option: from the table.
        names: of the flag; without them the option's.
        settings: of click, such as another default.
    """

    def parse(text: str) -> Any:
        try:
            return option.parse(text)
        except ValueError:
            raise click.BadParameter(f"must be {option.allowed}, got {text!r}") from None

    def complete(_: click.Context, __: click.Parameter, begun: str) -> list[str]:
        return [word for word in (*option.choices, *filter(None, [option.word])) if word.startswith(begun)]

    words = (*option.choices, *("N" * option.is_range), *filter(None, [option.word]))
    many = len(option.choices) > MOST_SHOWN
    said = {
        "help": f"{option.help} {option.allowed.capitalize()}." if many or not option.choices else option.help,
        "metavar": "NAME" if many else "|".join(words) or "COLOR",
        "default": option.default,
    }
    names = names or ("--" + option.name.replace("_", "-"),)
    return click.option(*names, type=parse, shell_complete=complete, **{**said, **settings})


def images() -> Flag:
    """Take one image or more; what is named twice, in one spelling or two, is taken once."""

    def distinct(_: click.Context, __: click.Parameter, given: Sequence[str]) -> Sequence[str]:
        first: dict[str, str] = {}
        for image in given:
            first.setdefault(targets.spelled(image), image)
        return tuple(first.values())

    return click.argument("images", metavar="IMAGE...", type=FILE, nargs=-1, required=True, callback=distinct)


def skip(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take patterns of inputs to leave out, given one by one or as lines of files; the command takes both as `skip`."""

    def gather(_: click.Context, __: click.Parameter, given: Sequence[str]) -> list[str]:
        patterns: list[str] = []
        for pattern in given:
            if not pattern.startswith("@"):
                patterns.append(pattern)
                continue
            try:
                lines = Path(pattern[1:]).read_text("utf-8").splitlines()
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it is no text"
                raise click.BadParameter(f"{pattern[1:]} can't be read: {reason}") from error
            patterns += [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        return patterns

    return click.option(
        "--skip",
        multiple=True,
        metavar="PATTERN|@FILE",
        callback=gather,
        help="Leave out inputs of this name, or path below the folder searched; * and ? stand for any letters. @FILE: "
        "the patterns that FILE has, one a line. May be given several times.",
    )(command)


def colors(default: int = COLORS_OR_AUTO.default) -> Flag:
    """Take the number of colors, or "auto"."""
    return flag(COLORS_OR_AUTO, "--colors", "-k", default=default)


def target(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take what to reach: what a `Goal` has, and what to do where that is out of reach."""
    command = click.option(
        "--on-fail",
        type=click.Choice(("error", "keep", "copy")),
        default="error",
        help="An image that cannot reach what it has to fails, is left as it is, or is copied to the output.",
    )(command)
    for option in (MAX_ERROR, MIN_PSNR, MAX_DELTA_E, MIN_SSIMULACRA2):
        command = flag(option)(command)
    command = click.option(
        "--quality",
        metavar="MIN-MAX",
        help="Smallest file of this quality, both 0 to 100; what cannot reach MAX is as good as it gets, and what "
        "cannot reach MIN fails. Also MIN-, -MAX, or N for nine tenths of N to N.",
    )(command)
    command = flag(MAX_BYTES, metavar="BYTES")(command)
    return flag(
        LOSSY,
        metavar="N|auto",
        show_default="auto: as much as targets allow; without one 30, with flat areas 15, and less with fewer than 256 "
        "colors, where k-means is to please the eye",
    )(command)


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


def counting(default: str | None = IMPORTANCE.default) -> Flag:
    """Take what counts in a picture: options of a `Look`."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        importance = click.option(
            "--" + IMPORTANCE.name,
            metavar="|".join((*IMPORTANCE.choices, "FILE")),
            default=default,
            show_default=default or "masking in oklab and lab, else uniform",
            help="How much each pixel counts. masking: less where the picture is busy; uniform: the same everywhere; "
            "or a grey image of the same size, from black, ignored, to white.",
        )
        return importance(flag(ACCENTS)(flat(command)))

    return add


def flat(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take what becomes of the colors of flat areas: an option of a `Look`."""
    return flag(FLAT, show_default="exact in oklab and lab, else mean")(command)


def fitting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take how a palette and its picture are fitted to each other: options of a `Look`."""
    for option, best in ((DIRECT_SEARCH, "2 with effort best and dithering"), (FIT, "0, 2 or 4 by effort")):
        shown = f"{best}, in oklab and lab"
        command = flag(option, show_default=shown)(command)
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
    return click.option("--output", "-o", metavar="FILE|FOLDER|-", type=FILE, help=what)


def pin(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take colors that the palette holds exactly, one by one or from files: the keyword `pinned` of `Palette.solve`."""

    def gather(_: click.Context, __: click.Parameter, given: Sequence[str]) -> tuple[tuple[int, ...], ...]:
        pinned: list[tuple[int, ...]] = []
        for text in given:
            if text.startswith("@"):
                pinned += _colors_of(text[1:])
                continue
            try:
                pinned.append(PINNED.color(text))
            except ValueError:
                raise click.BadParameter(f"must be a color as #rrggbb or #rrggbbaa, or @FILE, got {text!r}") from None
        return tuple(pinned)

    return click.option(
        "--pin",
        PINNED.name,
        multiple=True,
        metavar="#RRGGBB|@FILE",
        callback=gather,
        help=f"{PINNED.help} @FILE: those of a palette file, as hueclid palette writes them, in their order.",
    )(command)


def _colors_of(file: str) -> list[tuple[int, ...]]:
    from ..errors import ReadError
    from ..palettes import read

    try:
        return [tuple(color) for color in read(file).colors.tolist()]
    except (ReadError, ValueError) as error:
        raise click.BadParameter(str(error)) from error


def alpha(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take what becomes of alpha; as None, `--alpha` is left to the format."""
    for option in (MATTE, ALPHA_DITHER, ALPHA_THRESHOLD):
        command = flag(option)(command)
    return flag(ALPHA, default=None, help=f"{ALPHA.help} Without it binary for GIF, else {ALPHA.default}.")(command)


def metadata(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take what of the input beside its pixels the result keeps."""
    times = click.option("--keep-times", is_flag=True, help="Give the result the times and permissions of the input.")
    strip = click.option(
        "--strip", is_flag=True, help="Keep nothing beside the pixels, the profile of --profile keep excepted."
    )
    keep = flag(
        KEEP, default=(), multiple=True, show_default=KEEP.default, help=f"{KEEP.help} May be given several times."
    )
    return flag(PROFILE)(keep(strip(times(command))))


method = flag(METHOD)
dither = flag(DITHER)
dither_strength = flag(DITHER_STRENGTH)
dither_path = flag(DITHER_PATH)
dither_form = flag(DITHER_FORM)
dither_mask = click.option(
    "--dither-mask",
    metavar="FILE",
    type=FILE,
    help="Grey image as large as the others: where it is white all of the strength counts, where black none of it.",
)
dither_threshold = click.option(
    "--dither-threshold",
    metavar="FILE",
    type=FILE,
    help="Grey image whose tiles are the thresholds; stands for --dither.",
)
optimize = flag(OPTIMIZE)
threads = flag(THREADS)
max_pixels = flag(MAX_PIXELS)
first_frame = click.option(
    "--first-frame", is_flag=True, help="Take the first frame or page of a file with several, instead of refusing it."
)
force = click.option("--force", is_flag=True, help="Replace files that exist.")
