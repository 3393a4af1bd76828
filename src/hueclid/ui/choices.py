"""What the page's controls say, as keywords of the API, flags of the command line, and lines to copy."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Final

from ..look import PERCEPTUAL
from ..lossy import LOSSY_DITHERS
from ..options import (
    ALPHA,
    COLORS_OR_AUTO,
    DITHER,
    DITHER_FORM,
    DITHER_PATH,
    DITHER_STRENGTH,
    FORMAT,
    KERNELS,
    LOSSY,
    LOSSY_FOR,
    MAX_BYTES,
    MAX_DELTA_E,
    MAX_ERROR,
    MAX_ITERATIONS,
    METHOD,
    MIN_PSNR,
    MIN_SSIMULACRA2,
    OPTIMIZE,
    PINNED,
    QUANTIZE,
    SEARCH,
    SPACE,
    TILES,
    TOLERANCE,
    ColorsOption,
    Option,
)

MOST = 256
"""The most colors of the page's slider, and of an indexed PNG."""

NAMES: Final = ("png", "gif", "webp")
"""The formats that browsers show."""

WEIGHED: Final = (MAX_BYTES, MIN_SSIMULACRA2, MAX_DELTA_E)
"""What a result can have to reach in the smallest file."""

TARGETS: Final = (*WEIGHED, MIN_PSNR, MAX_ERROR)
"""What a result can have to reach at all; the last two with as few colors as may be."""

SAFE: Final = 30.0
"""The loss where nobody asked for one: between those of the command line for graphics and for photographs."""

SHOWN: Final[tuple[Option | ColorsOption, ...]] = tuple(
    option
    for option in QUANTIZE
    if option not in (MAX_ITERATIONS, TOLERANCE, LOSSY_FOR)  # no flags of the command line
)
"""The keywords of `hueclid.quantize` that the page offers; every one is a flag of `hueclid quantize`, too."""


@dataclass
class Choices:
    """What is chosen, as far as it is not what happens anyway.

    Attributes:
        values: of options by their names; those of `SHOWN`, and how to write the file.
    """

    values: dict[str, Any] = field(default_factory=lambda: {COLORS_OR_AUTO.name: 16})

    def __getitem__(self, option: Option | ColorsOption) -> Any:
        return self.values.get(option.name, None if option is ALPHA else option.default)

    def choose(self, option: Option | ColorsOption, value: Any) -> None:
        """Take a value; that of the table is as good as none.

        Raises:
            TypeError: it is of a wrong type.
            ValueError: it is not allowed.
        """
        value = None if value is None and option is ALPHA else option.check(value)
        plain = value == option.default and option is not COLORS_OR_AUTO and option is not ALPHA
        if plain or value is None:
            self.values.pop(option.name, None)
        else:
            self.values[option.name] = value

    @property
    def format(self) -> str:
        """The format of the file."""
        return str(self[FORMAT])

    @property
    def aims(self) -> bool:
        """Whether the number of colors is looked for."""
        return self[COLORS_OR_AUTO] == COLORS_OR_AUTO.word or any(self[target] is not None for target in TARGETS)

    def useful(self, option: Option | ColorsOption) -> bool:
        """Whether an option says something beside the others."""
        dither = self[DITHER]
        if option is DITHER_PATH:
            return dither in KERNELS
        if option is DITHER_FORM:
            return dither in TILES
        if option is DITHER_STRENGTH:
            return bool(dither != "none")
        if option is LOSSY:
            bounded = self[MAX_BYTES] is not None and self.useful(MAX_BYTES)  # then it is looked for
            return self._weighs_png and dither in LOSSY_DITHERS and not bounded
        if option in TARGETS:
            fits = option is not MAX_BYTES or self._weighs_png
            return fits and bool(self[COLORS_OR_AUTO] != COLORS_OR_AUTO.word)
        return self[METHOD] == METHOD.default or option not in SEARCH or option.name == "effort"

    @property
    def _weighs_png(self) -> bool:
        """Whether the file is one whose bytes `hueclid.quantize` knows: it weighs PNGs as they are written unasked."""
        return self.format == "png" and bool(self[OPTIMIZE] == OPTIMIZE.default)

    @property
    def _lossy(self) -> Any:
        """How much of the picture goes: what is chosen, or what suits the rest."""
        asked = [option for option in TARGETS if self[option] is not None and self.useful(option)]
        if not self.useful(LOSSY):
            return LOSSY.word if self._weighs_png and any(option in WEIGHED for option in asked) else 0.0
        if self[LOSSY] is not None:
            return self[LOSSY]
        if any(option in WEIGHED for option in asked):
            return LOSSY.word
        return SAFE if not asked and self[METHOD] == METHOD.default and self[SPACE] in PERCEPTUAL else 0.0

    def keywords(self) -> dict[str, Any]:
        """Return the keywords of `hueclid.quantize`, those that say something; a GIF gets binary alpha."""
        given = {
            option.name: self.values[option.name]
            for option in SHOWN
            if option.name in self.values and self.useful(option) and not self._plain(option)
        }
        given.pop(LOSSY.name, None)
        if self._lossy:
            given = {COLORS_OR_AUTO.name: given.pop(COLORS_OR_AUTO.name), LOSSY.name: self._lossy, **given}
        if self.format == "gif":
            given.setdefault(ALPHA.name, "binary")
        return given

    def _plain(self, option: Option | ColorsOption) -> bool:
        return option is not COLORS_OR_AUTO and option is not ALPHA and self.values[option.name] == option.default

    def file_name(self, name: str) -> str:
        """Name the result of a picture as the command line does."""
        number = "auto" if self.aims else f"k{self[COLORS_OR_AUTO]}"
        return f"{PurePath(name).stem or 'picture'}-{number}.{self.format}"

    def command(self, name: str, format: str = "", frames: int = 1) -> str:  # noqa: A002
        """Return the command that writes the same file from a picture in the working folder.

        Args:
            name: of the picture.
            format: of it, in small letters.
            frames: how many it has.
        """
        given = self.keywords()
        if self.format == "gif" and ALPHA.name not in self.values:
            del given[ALPHA.name]
        words = ["hueclid", "quantize", _as_path(name), "-k", str(given.pop(COLORS_OR_AUTO.name))]
        words += ["--lossy", str(given.pop(LOSSY.name, 0))]
        for color in given.pop(PINNED.name, ()):
            words += ["--pin", _hex(color)]
        for option, value in {**given, **self._writing()}.items():
            words += ["--" + option.replace("_", "-"), _hex(value) if isinstance(value, tuple) else str(value)]
        words += ["--first-frame"] * (frames > 1) + ["--strip"] + ["--allow-larger"] * (format == self.format)
        return " ".join(map(shlex.quote, [*words, "-o", _as_path(self.file_name(name))]))

    def python(self, name: str, frames: int = 1) -> str:
        """Return the lines of Python that write the same file from a picture with so many frames."""
        given = self.keywords()
        colors = given.pop(COLORS_OR_AUTO.name)
        subject = f"hueclid.read({name!r}, first_frame=True)" if frames > 1 else repr(name)
        words = [subject, repr(colors), *(f"{option}={_literal(value)}" for option, value in given.items())]
        writing = [repr(self.file_name(name)), *(f"{option}={value!r}" for option, value in self._writing().items())]
        call = f"hueclid.quantize({', '.join(words)})"
        return f"import hueclid\n\nindexed = {call}\nindexed.save({', '.join(writing)})"

    def _writing(self) -> Mapping[str, Any]:
        return {OPTIMIZE.name: self[OPTIMIZE]} if self[OPTIMIZE] != OPTIMIZE.default else {}


def _as_path(name: str) -> str:
    """Name a file of the working folder; one that begins with a dash is no flag then."""
    return f"./{name}" if name.startswith("-") else name


def _hex(color: tuple[int, ...]) -> str:
    return "#" + bytes(color[:3] if len(color) == 3 or color[3] == 255 else color).hex()


def _literal(value: Any) -> str:
    """Return a value as it is written in Python; colors as hex."""
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return "[" + ", ".join(repr(_hex(color)) for color in value) + "]"
    return repr(_hex(value)) if isinstance(value, tuple) else repr(value)
