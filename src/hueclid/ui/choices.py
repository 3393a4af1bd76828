"""What the page's controls say, as keywords of the API, flags of the command line, and lines to copy."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

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
    QUALITY,
    QUANTIZE,
    SEARCH,
    TILES,
    TOLERANCE,
    ColorsOption,
    Option,
)

if TYPE_CHECKING:
    from .session import Picture

MOST = 256
"""The most colors of the page's slider, and of an indexed PNG."""

NAMES: Final = ("png", "gif", "webp")
"""The formats that browsers show."""

WAYS: Final = {"loss": LOSSY, "quality": QUALITY, "size": MAX_BYTES}
"""Ways to say how small the file is, by the options that say it; without one it is "auto"."""

BOUNDS: Final = (QUALITY, MAX_BYTES)
"""What a result has to be where loss and colors are both looked for."""

WEIGHED: Final = (*BOUNDS, MIN_SSIMULACRA2, MAX_DELTA_E)
"""What a result can have to reach in the smallest file."""

TARGETS: Final = (*WEIGHED, MIN_PSNR, MAX_ERROR)
"""What a result can have to reach at all; the last two with as few colors as may be."""

SHOWN: Final[tuple[Option | ColorsOption, ...]] = (
    QUALITY,
    *(
        option
        for option in QUANTIZE
        if option not in (MAX_ITERATIONS, TOLERANCE, LOSSY_FOR, OPTIMIZE)  # no flags, or those of the file
    ),
)
"""The keywords of `hueclid.quantize` that the page offers; every one is a flag of `hueclid quantize`, too."""


@dataclass
class Choices:
    """What is chosen, as far as it is not what the command line does anyway.

    Attributes:
        values: of options by their names; those of `SHOWN`, and how to write the file.
    """

    values: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, option: Option | ColorsOption) -> Any:
        return self.values.get(option.name, None if option is ALPHA else option.default)

    def choose(self, option: Option | ColorsOption, value: Any) -> None:
        """Take a value; that of the table is as good as none.

        Raises:
            TypeError: it is of a wrong type.
            ValueError: it is not allowed.
        """
        value = None if value is None and option is ALPHA else option.check(value)
        if value is None or (value == option.default and option is not ALPHA):
            self.values.pop(option.name, None)
        else:
            self.values[option.name] = value

    def copy(self, without: Iterable[Option] = ()) -> Choices:
        """Return the same choices, some left to the table."""
        left = {option.name for option in without}
        return Choices({name: value for name, value in self.values.items() if name not in left})

    def toggled(self, code: str) -> list[tuple[int, ...]]:
        """Return the pinned colors with one more, or without it where it is among them."""
        color, pinned = PINNED.color(code), list(self[PINNED])
        return [other for other in pinned if other != color] if color in pinned else [*pinned, color]

    def replaced(self, code: str, by: str) -> list[tuple[int, ...]]:
        """Return the pinned colors with another in the place of one; it is as opaque as that was."""
        old, pinned = PINNED.color(code), list(self[PINNED])
        new = (*PINNED.color(by)[:3], old[3] or 255)
        return [new if other == old else other for other in pinned] if old in pinned else [*pinned, new]

    @property
    def format(self) -> str:
        """The format of the file."""
        return str(self[FORMAT])

    @property
    def aims(self) -> bool:
        """Whether the number of colors is looked for."""
        return self[COLORS_OR_AUTO] == COLORS_OR_AUTO.word or bool(self._asked(TARGETS))

    @property
    def loses(self) -> bool:
        """Whether the pixels' colors can be chosen with the file in mind."""
        return self[DITHER] in LOSSY_DITHERS

    @property
    def way(self) -> str:
        """How it is said how small the file is: one of `WAYS`, or "auto"."""
        return next((way for way, option in WAYS.items() if self._asked([option])), LOSSY.word)

    def _asked(self, options: Sequence[Option]) -> list[Option]:
        return [option for option in options if self[option] is not None and self.useful(option)]

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
            return self.loses and not self._asked(BOUNDS)
        if option in TARGETS:
            return bool(self[COLORS_OR_AUTO] != COLORS_OR_AUTO.word)
        return self[METHOD] == METHOD.default or option not in SEARCH or option.name == "effort"

    def keywords(self) -> dict[str, Any]:
        """Return the keywords of `hueclid.quantize` that do what the command line does; a GIF gets binary alpha."""
        given = self._flags()
        colors, loss = given.pop(COLORS_OR_AUTO.name), given.pop(LOSSY.name, None)
        if loss is None and (self._asked(WEIGHED) or not self._asked(TARGETS)):
            loss = LOSSY.word
        if loss:
            bounded = loss == LOSSY.word and self._asked(BOUNDS)  # which say "auto" themselves
            file = {LOSSY_FOR.name: self.format, OPTIMIZE.name: self[OPTIMIZE]}
            defaults = {option.name: option.default for option in (LOSSY_FOR, OPTIMIZE)}
            weighed = {name: value for name, value in file.items() if value != defaults[name]}
            given = {**({} if bounded else {LOSSY.name: loss}), **weighed, **given}
        if self.format == "gif":
            given.setdefault(ALPHA.name, "binary")
        return {COLORS_OR_AUTO.name: colors, **given}

    def _flags(self) -> dict[str, Any]:
        """Return what the command line is told: the number of colors, and what is no default and of use."""
        given = {
            option.name: self.values[option.name]
            for option in SHOWN
            if option.name in self.values and self.useful(option)
        }
        return {COLORS_OR_AUTO.name: self[COLORS_OR_AUTO], **given}

    def keeps(self, picture: Picture) -> bool:
        """Whether the file keeps the picture's resolution, as the command line's do.

        Where bytes are counted `hueclid.quantize` counts those of a file without.
        """
        return picture.resolution and self.format == "png" and not self._asked([MAX_BYTES])

    def file_name(self, name: str) -> str:
        """Name the result of a picture as the command line does."""
        number = "auto" if self.aims else f"k{self[COLORS_OR_AUTO]}"
        return f"{PurePath(name).stem or 'picture'}-{number}.{self.format}"

    def command(self, picture: Picture, *, larger: bool = False) -> str:
        """Return the command that writes the same file from a picture in the working folder.

        Args:
            picture: what is reduced.
            larger: whether the result is no smaller than it is.
        """
        given, name = self._flags(), picture.name
        words = ["hueclid", "quantize", _as_path(name), "-k", str(given.pop(COLORS_OR_AUTO.name))]
        for color in given.pop(PINNED.name, ()):
            words += ["--pin", _hex(color)]
        for option, value in {**given, **self._writing()}.items():
            words += ["--" + option.replace("_", "-"), _word(value)]
        words += ["--first-frame"] * (picture.frames > 1)
        words += ["--strip"] * (picture.resolution and self.format == "png" and not self.keeps(picture))
        words += ["--allow-larger"] * (larger and picture.format == self.format)
        return " ".join(map(shlex.quote, [*words, "-o", _as_path(self.file_name(name))]))

    def python(self, picture: Picture) -> str:
        """Return the lines of Python that write the same file from a picture in the working folder."""
        given, keeps = self.keywords(), self.keeps(picture)
        colors = given.pop(COLORS_OR_AUTO.name)
        first = ", first_frame=True" * (picture.frames > 1)
        subject = f"hueclid.read({picture.name!r}{first})" if first else repr(picture.name)
        words = [repr(colors), *(f"{option}={_literal(value)}" for option, value in given.items())]
        writing = [
            repr(self.file_name(picture.name)),
            *(f"{option}={value!r}" for option, value in self._writing().items()),
        ]
        lines = ["import hueclid", ""]
        if keeps:
            lines.append(f"source = hueclid.load({picture.name!r}{first})")
            subject = "source.pixels"
            writing.append('metadata=source.metadata.only(["resolution"])')
        lines.append(f"indexed = hueclid.quantize({', '.join([subject, *words])})")
        return "\n".join([*lines, f"indexed.save({', '.join(writing)})"])

    def _writing(self) -> Mapping[str, Any]:
        return {OPTIMIZE.name: self[OPTIMIZE]} if self[OPTIMIZE] != OPTIMIZE.default else {}


def _as_path(name: str) -> str:
    """Name a file of the working folder; one that begins with a dash is no flag then."""
    return f"./{name}" if name.startswith("-") else name


def _word(value: Any) -> str:
    """Return a value as the command line reads it."""
    if isinstance(value, tuple):
        return _hex(value)
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _hex(color: tuple[int, ...]) -> str:
    return "#" + bytes(color[:3] if len(color) == 3 or color[3] == 255 else color).hex()


def _literal(value: Any) -> str:
    """Return a value as it is written in Python; colors as hex."""
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return "[" + ", ".join(repr(_hex(color)) for color in value) + "]"
    return repr(_hex(value)) if isinstance(value, tuple) else repr(value)
