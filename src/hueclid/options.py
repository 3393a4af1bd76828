"""Every option once: its name, default, range and one line of help.

The API takes its defaults and checks from here, the command line its flags.
"""

from __future__ import annotations

import math
import operator
import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

Method = Literal["kmeans", "wu", "median-cut", "octree", "maxmin", "popularity", "uniform"]
Space = Literal["oklab", "srgb", "linear", "lab"]
Objective = Literal["squared", "euclidean"]
Effort = Literal["fast", "balanced", "best"]
Importance = Literal["masking", "uniform"]
Init = Literal["divisive", "k-means++", "random", "maximin"]
FlatColors = Literal["exact", "mean"]
Dither = Literal[
    "floyd-steinberg",
    "false-floyd-steinberg",
    "jarvis-judice-ninke",
    "stucki",
    "burkes",
    "sierra",
    "sierra-two-row",
    "sierra-lite",
    "atkinson",
    "stevenson-arce",
    "ostromoukhov",
    "riemersma",
    "blue-noise-64",
    "blue-noise-128",
    "bayer-2",
    "bayer-4",
    "bayer-8",
    "bayer-16",
    "clustered-dot",
    "interleaved-gradient-noise",
    "none",
]
DitherPath = Literal["serpentine", "raster"]
DitherForm = Literal["mixing", "amplitude"]
Alpha = Literal["full", "binary"]
AlphaDither = Literal["none", "floyd-steinberg"]
LossyFor = Literal["png", "gif", "tiff", "webp"]
Optimize = Literal["fast", "default", "max"]
Format = Literal["png", "gif", "bmp", "tiff", "webp"]
Profile = Literal["srgb", "keep"]
Keep = Literal["resolution", "exif", "xmp", "text", "other", "all"]
CloudFormat = Literal["html", "svg", "png"]
StepsFormat = Literal["html", "gif", "webp", "png"]
StripFormat = Literal["svg", "png"]
Widths = Literal["share", "equal"]
PaletteFormat = Literal["hex", "json", "gpl", "ase", "aco", "css", "svg", "png"]
Sort = Literal["share", "lightness", "hue"]

T = TypeVar("T")


@dataclass(frozen=True)
class Option:
    """One option; `choices` or the range `low` to `high` says what is allowed, or both: a choice or a number.

    A range whose `low` is an int allows integers alone; besides, there may be a `word` that stands for a number. An
    option whose default is None may be left out.
    """

    name: str
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    word: str = ""

    @property
    def allowed(self) -> str:
        """The allowed values in words, as error messages and help texts say them."""
        if self.choices:
            among = "one of " + ", ".join(repr(choice) for choice in self.choices)
            return f"{among}, or an integer from {self.low} to {self.high}" if self.is_range else among
        kind = "an integer" if isinstance(self.low, int) else "a number"
        word = f", or {self.word!r}" if self.word else ""
        if math.isinf(self.high):
            return f"{kind} of at least {self.low}{word}"
        return f"{kind} from {self.low} to {self.high}{word}"

    @property
    def is_range(self) -> bool:
        """Whether numbers are allowed."""
        return not math.isinf(self.low)

    def parse(self, text: str) -> Any:
        """Return what `text` says on the command line, checked as `check` does."""
        return self.check(text if text in (*self.choices, self.word) or not self.is_range else type(self.low)(text))

    def check(self, value: T) -> T:
        """Return `value` as the option's plain type.

        Raises:
            TypeError: the value is of another kind than the option.
            ValueError: it is of the right kind but not allowed.
        """
        checked: Any = value
        if (value is None and self.default is None) or (self.word and isinstance(value, str) and value == self.word):
            return value
        if self.choices and (isinstance(value, str) or not self.is_range):
            fits = value in self.choices if isinstance(value, str) else None
        else:
            checked = _as_number(value, integer=isinstance(self.low, int))
            fits = None if checked is None else self.low <= checked <= self.high
        if fits:
            return checked  # type: ignore[no-any-return]
        allowed = f"{self.allowed}, or None" if self.default is None else self.allowed
        raise (TypeError if fits is None else ValueError)(f"{self.name} must be {allowed}, got {reprlib.repr(value)}")


@dataclass(frozen=True)
class SizeOption(Option):
    """An option that takes a number of bytes; on the command line with a unit, if need be."""

    def parse(self, text: str) -> Any:
        """Return what `text` says: KB and MB are thousands, KiB and MiB 1,024 and its square."""
        units = {"": 1, "b": 1, "k": 1000, "kb": 1000, "m": 10**6, "mb": 10**6, "kib": 1 << 10, "mib": 1 << 20}
        number = text.rstrip("bkmiBKMI ")
        unit = text[len(number) :].strip().lower()
        size = float(number) * units.get(unit, math.nan)
        if not math.isfinite(size):
            raise ValueError(f"{self.name} must be {self.allowed}, got {text!r}")
        return self.check(round(size))


@dataclass(frozen=True)
class ColorOption(Option):
    """An option that takes one opaque color."""

    @property
    def allowed(self) -> str:
        """The allowed values in words."""
        return "a color, as '#ffffff' or three integers from 0 to 255"

    def check(self, value: Any) -> Any:
        """Return `value` as `(red, green, blue)`.

        Raises:
            TypeError: it is neither text nor three integers.
            ValueError: it is, but no color.
        """
        if value is None and self.default is None:
            return None
        if isinstance(value, str):
            digits = value.removeprefix("#")
            if len(digits) == 6 and set(digits.lower()) <= set("0123456789abcdef"):
                return tuple(bytes.fromhex(digits))
            raise ValueError(f"{self.name} must be {self.allowed}, got {value!r}")
        numbers = [_as_number(number, integer=True) for number in value] if hasattr(value, "__len__") else []
        if len(numbers) != 3 or None in numbers:
            raise TypeError(f"{self.name} must be {self.allowed}, got {value!r}")
        if not all(0 <= number <= 255 for number in numbers if number is not None):
            raise ValueError(f"{self.name} must be {self.allowed}, got {value!r}")
        return tuple(numbers)


@dataclass(frozen=True)
class ColorsOption:
    """An option that takes distinct colors, in order; none when left out."""

    name: str
    help: str
    default: tuple[tuple[int, int, int, int], ...] = ()
    allowed = "distinct colors, each '#rrggbb', '#rrggbbaa', or 3 or 4 integers from 0 to 255"

    def check(self, value: Any) -> tuple[tuple[int, int, int, int], ...]:
        """Return the colors, or those of what has `colors`, as RGBA; all fully transparent ones are (0, 0, 0, 0).

        Raises:
            TypeError: the value is no series of colors.
            ValueError: two are equal, or a number is no byte.
        """
        value = getattr(value, "colors", value)
        if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
            raise TypeError(f"{self.name} must be {self.allowed}, in a list, got {value!r}")
        colors = tuple(map(self.color, value))
        for number, color in enumerate(colors):
            if color in colors[:number]:
                raise ValueError(f"{self.name} must be distinct colors, got {_hex(color)} twice; leave one out")
        return colors

    def color(self, value: Any) -> tuple[int, int, int, int]:
        """Return one color as RGBA."""
        if (rgba := as_rgba(value)) is None:
            error = TypeError if not isinstance(value, (str, Iterable)) else ValueError
            raise error(f"{self.name} must be {self.allowed}, got {value!r}")
        return rgba if rgba[3] else (0, 0, 0, 0)


def as_rgba(value: object) -> tuple[int, int, int, int] | None:
    """Return "#rrggbb", "#rrggbbaa", or 3 or 4 integers from 0 to 255 as RGBA; None where it is none of these."""
    try:
        if isinstance(value, str):
            channels = list(bytes.fromhex(value.removeprefix("#")))
            if value.strip("#0123456789abcdefABCDEF"):
                return None
        else:
            channels = [operator.index(channel) for channel in value]  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        return None
    if len(channels) not in (3, 4) or not all(0 <= channel <= 255 for channel in channels):
        return None
    red, green, blue, alpha = (*channels, 255)[:4]
    return (red, green, blue, alpha)


def _hex(color: tuple[int, ...]) -> str:
    return "#" + bytes(color[: 3 if color[3] == 255 else 4]).hex()


def _as_number(value: object, *, integer: bool) -> int | float | None:
    """Return `value` as int or float; None when it is neither (a bool or a string is neither)."""
    if isinstance(value, (bool, str, bytes)):
        return None
    try:
        return operator.index(value) if integer else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


COLORS = Option("colors", 256, "How many colors to keep.", low=1, high=65_536)
METHOD = Option("method", "kmeans", "Algorithm that finds the palette.", choices=get_args(Method))
COLORS_OR_AUTO = Option(
    "colors", 256, "How many colors to keep; auto: the knee of the error curve.", low=1, high=65_536, word="auto"
)
MAX_ERROR = Option("max_error", None, "Fewest colors whose error is at most this.", low=0.0)
MIN_PSNR = Option("min_psnr", None, "Fewest colors with at least so many decibels of PSNR.", low=0.0)
MIN_SSIMULACRA2 = Option(
    "min_ssimulacra2", None, "Fewest colors with at least this SSIMULACRA2 score.", low=0.0, high=100.0
)
MAX_DELTA_E = Option("max_delta_e", None, "Largest mean CIEDE2000 difference from the original.", low=0.0)
MAX_BYTES = SizeOption("max_bytes", None, "Best picture in so many bytes: 40000, 40KB, 1.5MB.", low=1, high=1 << 40)
QUALITY = Option("quality", None, "Smallest file of this quality, or of nine tenths of it.", low=0, high=100)
PINNED = ColorsOption("pinned", "A color that the palette holds exactly; may be given several times.")
FLAT = Option("flat", None, "Colors of flat areas: exact, or means like all others.", choices=get_args(FlatColors))
SPACE = Option("space", "oklab", "Color space in which colors are near or far.", choices=get_args(Space))
OBJECTIVE = Option(
    "objective", "squared", "What to sum up: squared distances or distances.", choices=get_args(Objective)
)
EFFORT = Option("effort", "balanced", "How long to search for a better palette.", choices=get_args(Effort))
INIT = Option("init", "divisive", "Where the search starts.", choices=get_args(Init))
ATTEMPTS = Option("attempts", 1, "How many starts to try; the best result counts.", low=1, high=10_000)
MAX_ITERATIONS = Option("max_iterations", None, "Most passes of an attempt.", low=0, high=1_000_000_000)
TOLERANCE = Option("tolerance", None, "Relative gain of a pass below which passes end.", low=0.0, high=1.0)
SEED = Option("seed", 0, "What the random numbers of the starts depend on.", low=0, high=2**64 - 1)
TIME_LIMIT = Option("time_limit", None, "Seconds after which the search ends.", low=0.0)
DITHER = Option("dither", "floyd-steinberg", "How in-between colors are mixed.", choices=get_args(Dither))
DITHER_STRENGTH = Option("dither_strength", 0.9, "How much of an error counts, 0 for none of it.", low=0.0, high=1.0)
DITHER_PATH = Option(
    "dither_path", "serpentine", "How error diffusion walks rows: in turns, or all alike.", choices=get_args(DitherPath)
)
DITHER_FORM = Option(
    "dither_form", "mixing", "Whether thresholds choose from a mixture or shift colors.", choices=get_args(DitherForm)
)
IMPORTANCE = Option(
    "importance",
    None,
    "How much each pixel counts for the palette; oklab and lab: masking.",
    choices=get_args(Importance),
)
ACCENTS = Option("accents", 0.0, "How much rare colors are raised, so that small accents stay.", low=0.0, high=1.0)
LOSSY = Option(
    "lossy",
    None,
    "How much of the picture may go for fewer bytes; auto: what hardly shows.",
    low=0.0,
    high=100.0,
    word="auto",
)
LOSSY_FOR = Option("lossy_for", "png", "Format whose files are to be small.", choices=get_args(LossyFor))
FIT = Option("fit", None, "Rounds of fitting the palette to the picture, as seen from some distance.", low=0, high=100)
ROUNDS = Option("rounds", 4, "Rounds of bringing a result nearer to the eye.", low=0, high=100)
DIRECT_SEARCH = Option(
    "direct_search", None, "Passes over all pixels for entries that look better together.", low=0, high=100
)
ALPHA = Option("alpha", "full", "Levels of alpha: all, two, or so many.", choices=get_args(Alpha), low=2, high=256)
ALPHA_THRESHOLD = Option("alpha_threshold", 128, "Least alpha that binary alpha makes opaque.", low=1, high=255)
ALPHA_DITHER = Option("alpha_dither", "none", "How alphas between levels are mixed.", choices=get_args(AlphaDither))
MATTE = ColorOption("matte", None, "Color over which translucent pixels are laid.")
THREADS = Option("threads", 0, "Threads to use, 0 for all cores; never changes the result.", low=0, high=1024)
FORMAT = Option(
    "format", "png", "File format of the result; without it the suffix of the output tells.", choices=get_args(Format)
)
OPTIMIZE = Option(
    "optimize", "default", "How hard to pack a PNG or WebP; the pixels stay the same.", choices=get_args(Optimize)
)
PROFILE = Option(
    "profile",
    "srgb",
    "Convert colors to sRGB, or keep those of the ICC profile, and it with them.",
    choices=get_args(Profile),
)
KEEP = Option("keep", "resolution", "What the result keeps of the file beside its pixels.", choices=get_args(Keep))
MAX_PIXELS = Option("max_pixels", 1 << 28, "Refuse images with more pixels than this.", low=1, high=1 << 40)
CLOUD_FORMAT = Option("format", "html", "File format of a cloud of colors.", choices=get_args(CloudFormat))
STEPS_FORMAT = Option("format", "html", "File format of passes that one can watch.", choices=get_args(StepsFormat))
STRIP_FORMAT = Option("format", "svg", "File format of a strip of colors.", choices=get_args(StripFormat))
WIDTHS = Option("widths", "share", "How wide a strip shows each color.", choices=get_args(Widths))
PALETTE_FORMAT = Option("format", "hex", "File format of a palette.", choices=get_args(PaletteFormat))
SORT = Option("sort", None, "What the colors are sorted by.", choices=get_args(Sort))
POINTS = Option("points", 20_000, "Most points of a cloud of colors.", low=1, high=100_000)

PORT = Option("port", 0, "Port of the page on this machine, 0 for a free one.", low=0, high=65_535)
HOST = "127.0.0.1"
"""Where the page is, unless told otherwise: on this machine alone."""

CHANCE: tuple[Init, ...] = ("k-means++", "random", "maximin")
"""The inits that differ from attempt to attempt."""

KERNELS: tuple[str, ...] = DITHER.choices[: DITHER.choices.index("riemersma")]
"""The dithers that diffuse errors along rows, which `dither_path` is for."""

TILES: tuple[str, ...] = DITHER.choices[DITHER.choices.index("riemersma") + 1 : -1]
"""The dithers that have a threshold for each place, which `dither_form` is for."""

SEARCH = (OBJECTIVE, EFFORT, INIT, ATTEMPTS, MAX_ITERATIONS, TOLERANCE, SEED, TIME_LIMIT)
"""How k-means searches; no other method does."""

QUANTIZE = (
    *(COLORS_OR_AUTO, LOSSY, LOSSY_FOR, OPTIMIZE, MAX_BYTES, MAX_ERROR, MIN_PSNR, MIN_SSIMULACRA2, MAX_DELTA_E),
    *(PINNED, IMPORTANCE, ACCENTS, FLAT, METHOD, SPACE, OBJECTIVE, EFFORT),
    *(INIT, ATTEMPTS, MAX_ITERATIONS, TOLERANCE, SEED, TIME_LIMIT),
    *(DITHER, DITHER_STRENGTH, DITHER_PATH, DITHER_FORM, FIT, DIRECT_SEARCH),
    *(ALPHA, ALPHA_THRESHOLD, ALPHA_DITHER, MATTE, THREADS),
)
"""The keywords of `hueclid.quantize`, in order."""


def without_use(given: Mapping[str, object], options: Iterable[Option]) -> Option | None:
    """Return the first of the options that was given another value than its default.

    Args:
        given: values by the names of their options.
        options: those that have no use.
    """
    for option in options:
        value = given.get(option.name, option.default)
        alone = isinstance(value, str) or not hasattr(value, "__len__")
        if not alone or value != option.default:
            return option
    return None
