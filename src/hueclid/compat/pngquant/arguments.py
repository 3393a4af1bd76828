"""pngquant's arguments: options in any order, bundled or abbreviated as GNU programs take them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

USAGE: Final = """\
usage:  pngquant [options] [ncolors] -- pngfile [pngfile ...]
        pngquant [options] [ncolors] - >stdout <stdin

options:
  -f, --force            replace files that exist (--no-force: leave them)
  -o, --output FILE      where to write the one image; - is standard output
      --ext SUFFIX       end of the output's name, instead of -fs8.png or -or8.png
      --skip-if-larger   write nothing where too little would be saved (status 98)
  -Q, --quality MIN-MAX  smallest file for MAX, nothing written below MIN (status 99)
  -s, --speed N          1, slow, to 11, rough; 4 without it
      --nofs, --ordered  no dithering
      --floyd[=N]        strength of dithering, 0 to 1
      --posterize N      drop N bits, 0 to 4, of each channel of the colors
      --map FILE         take the colors of this PNG
      --colors N         as ncolors, 2 to 256
      --strip            drop text, resolution and other metadata
      --transbug         put the transparent color last
      --iebug            make what is nearly opaque opaque
  -v, --verbose; -q, --quiet; -V, --version; -h, --help

Writes image-fs8.png beside image.png, or image-or8.png without dithering.
"""


class Misuse(Exception):  # noqa: N818 an error of the user, told in a line
    """Arguments that can't be followed.

    Attributes:
        status: of the program's exit.
        usage: whether the usage is shown as well.
    """

    def __init__(self, message: str, status: int = 4, *, usage: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.usage = usage


@dataclass(frozen=True)
class Settings:
    """What the arguments ask for.

    Attributes:
        files: to be converted; empty: standard input.
        colors: 2 to 256.
        output: where to write; "-" for standard output; None: as `suffix` says.
        suffix: what takes the place of ".png" in names; None: by the dithering.
        force: whether files are replaced.
        skip_if_larger: whether what saves too little is not written.
        quality: the lowest and the highest; None where nothing was said.
        speed: 1 to 11.
        dithering: strength, 0 to 1.
        posterize: bits to drop, 0 to 4.
        map_file: the PNG whose colors are taken.
        strip: whether metadata is dropped.
        transbug: whether the transparent entry is the last.
        iebug: whether nearly opaque pixels become opaque.
        verbose: whether it tells what it does.
        asked: "version" or "help" alone, or empty.
    """

    files: tuple[str, ...] = ()
    colors: int = 256
    output: str | None = None
    suffix: str | None = None
    force: bool = False
    skip_if_larger: bool = False
    quality: tuple[int, int] | None = None
    speed: int = 4
    dithering: float = 1.0
    posterize: int = 0
    map_file: str | None = None
    strip: bool = False
    transbug: bool = False
    iebug: bool = False
    verbose: bool = False
    asked: str = ""

    @property
    def streams(self) -> bool:
        """Whether the result goes to standard output."""
        return self.output == "-" or (self.output is None and not self.files)

    @property
    def lowest(self) -> int:
        """The quality below which nothing is written; 0 where there is no bound."""
        return self.quality[0] if self.quality else 0


_NONE, _NEEDED, _OPTIONAL = range(3)
_OPTIONS: Final = {
    **dict.fromkeys(("force", "no-force", "skip-if-larger", "nofs", "ordered", "strip", "transbug", "iebug"), _NONE),
    **dict.fromkeys(("verbose", "quiet", "version", "help"), _NONE),
    **dict.fromkeys(("output", "ext", "quality", "speed", "posterize", "map", "colors"), _NEEDED),
    "floyd": _OPTIONAL,
}
_SHORT: Final = {
    **{"f": "force", "v": "verbose", "q": "quiet", "V": "version", "h": "help"},
    **{"o": "output", "Q": "quality", "s": "speed"},
}
_LEGACY: Final = {
    **{"-fs": "--floyd=1", "-floyd": "--floyd=1", "-nofs": "--ordered", "-nofloyd": "--ordered"},
    **{"-ordered": "--ordered", "-force": "--force", "-noforce": "--no-force", "-verbose": "--verbose"},
    **{"-noverbose": "--quiet", "-quiet": "--quiet", "-noquiet": "--verbose", "-help": "--help"},
    **{"-version": "--version", "-ext": "--ext", "-speed": "--speed"},
}
_FLAGS: Final[dict[str, dict[str, Any]]] = {
    **{"force": {"force": True}, "no-force": {"force": False}, "skip-if-larger": {"skip_if_larger": True}},
    **{"nofs": {"dithering": 0.0}, "ordered": {"dithering": 0.0}, "strip": {"strip": True}},
    **{"transbug": {"transbug": True}, "iebug": {"iebug": True}},
    **{"verbose": {"verbose": True}, "quiet": {"verbose": False}},
}


def parse(arguments: Sequence[str], warn: Callable[[str], object]) -> Settings:
    """Return what arguments ask for; nothing is read or written.

    Args:
        arguments: as a shell gives them, the program's name left out.
        warn: takes what should be told though all goes on.

    Raises:
        Misuse: they can't be followed.
    """
    if not arguments:
        raise Misuse("", 1, usage=True)
    positional: list[str] = []
    given: dict[str, str] = {}
    settings, asked = Settings(), set()
    for name, value in _split(_modern(arguments, warn), positional):
        if name in ("version", "help"):
            asked.add(name)
        elif name == "output" and value != "-" and given.get(name, "-") != "-":
            raise Misuse("--output option can be used only once")
        elif name == "floyd":
            settings = replace(settings, dithering=_decimal(value))
        elif name in _FLAGS:
            settings = replace(settings, **_FLAGS[name])
        if name == "iebug":
            warn("  warning: the workaround for IE6 is deprecated")
        given[name] = value
    if asked:
        return Settings(asked="version" if "version" in asked else "help")
    if "colors" not in given and positional and re.fullmatch("[0-9]+", positional[0]):
        given["ncolors"] = positional.pop(0)
    return _checked(settings, given, positional)


def _checked(settings: Settings, given: dict[str, str], positional: list[str]) -> Settings:
    """Return settings with the values of options, which are looked at in pngquant's order, and with the files."""
    from ... import quality_scale  # which needs NumPy

    try:
        quality = quality_scale.parse(given["quality"]) if "quality" in given else None
    except ValueError:
        raise Misuse(
            "Quality should be in format min-max where min and max are numbers in range 0-100, "
            f"got {given['quality']!r}."
        ) from None
    speed = _integer(given.get("speed", "4"), 1, 11, "Speed should be between 1 (slow) and 11 (fast).")
    colors = _colors(given)
    posterize = _integer(given.get("posterize", "0"), 0, 4, "Posterization should be number of bits in range 0-4.")
    if not 0 <= settings.dithering <= 1:
        raise Misuse("--floyd argument must be in 0..1 range")
    output, suffix = given.get("output"), given.get("ext")
    if output is not None and suffix is not None:
        raise Misuse("--ext and --output options can't be used at the same time")
    inputs = max(len(positional), int("ncolors" in given or "colors" in given))  # a number alone: standard input
    if output is not None and inputs != 1:
        where = "to standard output" if output == "-" else f"to {output}"
        raise Misuse(f"  error: Only one input file can be written {where}, got {inputs}; quote names with spaces.")
    if not inputs:
        raise Misuse("No input files specified.", 1, usage=True)
    return replace(
        settings,
        files=() if positional in ([], ["-"]) else tuple(positional),
        colors=colors,
        output=output,
        suffix=suffix,
        quality=quality,
        speed=speed,
        dithering=0.0 if speed == 11 else settings.dithering,
        posterize=posterize,
        map_file=given.get("map"),
    )


def _modern(arguments: Sequence[str], warn: Callable[[str], object]) -> list[str]:
    """Return arguments with the words of pngquant 1 replaced, which stand before the first that begins with "--"."""
    result = list(arguments)
    for number, word in enumerate(arguments):
        if word.startswith("--"):
            break
        if word in _LEGACY:
            result[number] = _LEGACY[word]
            warn(f"  warning: option '{word}' has been replaced with '{_LEGACY[word]}'.")
    return result


def _split(arguments: list[str], positional: list[str]) -> Iterator[tuple[str, str]]:
    """Give options and their values; what is none is appended to `positional`."""
    rest = iter(arguments)
    for word in rest:
        if word == "--":
            positional.extend(rest)
        elif word.startswith("--"):
            written, equals, value = word[2:].partition("=")
            name = _full(written)
            if _OPTIONS[name] == _NONE and equals:
                raise Misuse(f"pngquant: option '--{name}' doesn't allow an argument")
            if _OPTIONS[name] == _NEEDED and not equals:
                value = _next(rest, f"--{name}")
            yield name, value if equals or _OPTIONS[name] != _OPTIONAL else "1"
        elif word.startswith("-") and word != "-":
            yield from _bundle(word[1:], rest)
        else:
            positional.append(word)


def _bundle(letters: str, rest: Iterator[str]) -> Iterator[tuple[str, str]]:
    for number, letter in enumerate(letters):
        if letter not in _SHORT:
            raise Misuse(f"pngquant: invalid option -- '{letter}'")
        name = _SHORT[letter]
        if _OPTIONS[name] == _NEEDED:
            yield name, letters[number + 1 :] or _next(rest, f"-{letter}")
            return
        yield name, ""


def _full(written: str) -> str:
    """Return the option that a word abbreviates."""
    found = [written] if written in _OPTIONS else [name for name in _OPTIONS if name.startswith(written)]
    if not found:
        raise Misuse(f"pngquant: unrecognized option '--{written}'")
    if len(found) > 1:
        possible = " ".join(f"'--{name}'" for name in found)
        raise Misuse(f"pngquant: option '--{written}' is ambiguous; possibilities: {possible}")
    return found[0]


def _next(rest: Iterator[str], option: str) -> str:
    try:
        return next(rest)
    except StopIteration:
        raise Misuse(f"pngquant: option '{option}' requires an argument") from None


def _colors(given: dict[str, str]) -> int:
    words = "Number of colors must be between 2 and 256."
    if "colors" in given:
        return _integer(given["colors"], 2, 256, words)
    number = int(given.get("ncolors", "0"))
    return _integer(str(number), 2, 256, words) if number else 256


def _integer(text: str, low: int, high: int, words: str) -> int:
    """Return the number that a text begins with."""
    match = re.match(r"\s*\+?([0-9]{1,9})", text)
    if match is None or not low <= int(match[1]) <= high:
        raise Misuse(f"{words} Got {text!r}.")
    return int(match[1])


def _decimal(text: str) -> float:
    """Return the number that a text begins with, 0 where there is none."""
    match = re.match(r"\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)", text)
    return float(match[0]) if match else 0.0
