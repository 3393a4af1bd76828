"""What others make of a picture in few bytes, each by its own recipe, at several settings.

pngquant, cwebp and gifsicle are run as programs; oxipng and zopfli are asked by their Python packages. Whatever is
missing costs only its rows.
"""

from __future__ import annotations

import importlib.util
import io
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image

Pack = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Recipe:
    """A way to make a file, at settings from the best looking to the smallest.

    Attributes:
        make: from a picture as a PNG and a setting to the file; an image that the format can't hold gives nothing.
        needs: the programs and Python packages that it runs.
    """

    name: str
    settings: tuple[str, ...]
    make: Callable[[bytes, str], bytes]
    needs: tuple[str, ...]

    @property
    def is_there(self) -> bool:
        """Whether all that it needs is installed."""
        return all(shutil.which(need) or importlib.util.find_spec(need) for need in self.needs)


def pngquant(*words: str, then: Pack) -> Callable[[bytes, str], bytes]:
    """Return what makes a file at a most quality by pngquant and then packs it anew."""
    return lambda png, quality: then(run(["pngquant", *words, "--quality", f"0-{quality}", "-"], png))


@lru_cache(maxsize=4)  # several qualities often mean one file
def oxipng_4(png: bytes) -> bytes:
    """Pack a PNG anew as `oxipng -o4` does."""
    import oxipng

    packed: bytes = oxipng.optimize_from_memory(png, level=4)
    return packed


@lru_cache(maxsize=4)
def zopfli_png(png: bytes) -> bytes:
    """Pack a PNG anew as `zopflipng` does."""
    from zopfli.png import optimize

    packed: bytes = optimize(png)
    return packed


def near_lossless(png: bytes, setting: str) -> bytes:
    """Make a lossless WebP, its pixels prepared at that setting; exact below alpha 0 like all others."""
    return run(["cwebp", "-quiet", "-m", "6", "-near_lossless", setting, "-o", "-", "--", "-"], png)


def lossy_gif(png: bytes, setting: str) -> bytes:
    """Make a GIF of pngquant's 256 colors, as gifsicle packs it at a loss."""
    image = Image.open(io.BytesIO(run(["pngquant", "--speed", "1", "-"], png)))
    if image.info.get("transparency") is not None:
        return b""
    gif = io.BytesIO()
    image.save(gif, "GIF")
    return run(["gifsicle", "-O3", f"--lossy={setting}"], gif.getvalue())


def run(command: list[str], data: bytes) -> bytes:
    """Return what a program makes of data."""
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout


EXACT = "the picture itself, oxipng -o4"
QUALITIES = ("100", "85", "70", "50", "30")
BASELINE = "pngquant --speed 1, oxipng -o4"
DEFAULT = "pngquant, oxipng -o4"
RECIPES = (
    Recipe(EXACT, ("",), lambda png, _: oxipng_4(png), ("oxipng",)),
    Recipe(BASELINE, QUALITIES, pngquant("--speed", "1", then=oxipng_4), ("pngquant", "oxipng")),
    Recipe(
        "pngquant --speed 3, oxipng -o4", QUALITIES, pngquant("--speed", "3", then=oxipng_4), ("pngquant", "oxipng")
    ),
    Recipe(DEFAULT, ("100",), pngquant(then=oxipng_4), ("pngquant", "oxipng")),
    Recipe(
        "pngquant --speed 1, zopfli",
        ("100", "70", "30"),
        pngquant("--speed", "1", then=zopfli_png),
        ("pngquant", "zopfli"),
    ),
    Recipe("cwebp -near_lossless", ("60", "40", "20", "0"), near_lossless, ("cwebp",)),
    Recipe("gifsicle --lossy -O3", ("0", "20", "60", "120", "200"), lossy_gif, ("gifsicle", "pngquant")),
)


def files(path: Path, recipes: Sequence[Recipe]) -> Iterator[tuple[str, str, bytes]]:
    """Yield recipe, setting and file of all recipes that are installed, for a picture."""
    png = path.read_bytes()
    for recipe in recipes:
        for setting in recipe.settings if recipe.is_there else ():
            if made := recipe.make(png, setting):
                yield recipe.name, setting, made
