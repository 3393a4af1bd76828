"""Pictures and palettes in the characters of a terminal."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.columns import Columns
from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from ..palette import Palette
    from ..pixels import Pixels

_CLEAR = (0, 0, 0, 0)


def picture(pixels: Pixels, console: Console) -> None:
    """Draw an image, two pixels to a character, scaled down to the terminal.

    Args:
        pixels: `(H, W, 4)` uint8 RGBA; where it is more than half transparent, the terminal shows through.
        console: where to draw.
    """
    from ..sheet import shrink

    rows = shrink(pixels, console.width, 2 * max(1, console.height - 2)).tolist()
    for top, bottom in zip_longest(rows[::2], rows[1::2], fillvalue=[_CLEAR] * len(rows[0])):
        console.print(Text.assemble(*map(_half_blocks, top, bottom)))


def swatches(palette: Palette, console: Console) -> None:
    """Print a bar of the colors' shares, then each color with its hex and share.

    Args:
        palette: with weights, as `Palette.solve` returns it.
        console: where to print.
    """
    colors, shares = palette.colors.tolist(), (palette.weights / palette.weights.sum()).tolist()
    console.print(Text.assemble(*_bar(colors, shares, console.width)))
    console.print(
        Columns(
            [
                Text.assemble(("██", _hex(color)) if color[3] else "  ", f" {name} {share:6.2%}")
                for color, name, share in zip(colors, palette.hex(), shares, strict=True)
            ],
            padding=(0, 3),
            column_first=True,
        )
    )


def _bar(colors: list[list[int]], shares: list[float], width: int) -> list[tuple[str, str]]:
    """Return pieces as long as their shares; rounding the ends keeps the whole `width` characters long."""
    pieces, start, total = [], 0, 0.0
    for color, share in zip(colors, shares, strict=True):
        total += share
        end = round(total * width)
        pieces.append(("█" * (end - start), _hex(color)) if color[3] else (" " * (end - start), ""))
        start = end
    return pieces


def _half_blocks(top: list[int], bottom: list[int]) -> tuple[str, str]:
    """Return the character and style that paint two pixels, one above the other."""
    if top[3] < 128:
        return (" ", "") if bottom[3] < 128 else ("▄", _hex(bottom))
    return ("▀", _hex(top)) if bottom[3] < 128 else ("▀", f"{_hex(top)} on {_hex(bottom)}")


def _hex(color: list[int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color[:3])
