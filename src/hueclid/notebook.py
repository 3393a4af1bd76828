"""How the nouns show themselves in a notebook: small, and whole in the cell."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from .codec import encode_png
from .sheet import shrink

if TYPE_CHECKING:
    from .histogram import Histogram
    from .indexed import Indexed
    from .palette import Palette

_MOST = 64  # swatches of a palette
_TOP = 16  # of a histogram
_SIDE = 1024  # of a picture, in pixels


def palette_html(palette: Palette) -> str:
    """Show the first 64 colors with hex and, where known, share of the pixels."""
    total = int(palette.weights.sum())
    shares = palette.weights / total if total else None
    cells = [
        _swatch(name, "" if shares is None else f"{shares[i]:.1%}") for i, name in enumerate(palette.hex()[:_MOST])
    ]
    return _block(repr(palette), cells, len(palette) - len(cells))


def histogram_html(histogram: Histogram) -> str:
    """Show how many colors there are, and the 16 most frequent with hex and share of the pixels."""
    from .palette import Palette

    order = np.argsort(~histogram.weights, kind="stable")[:_TOP]  # ~: the largest first
    names = Palette.from_colors(histogram.colors[order]).hex() if len(histogram) else []
    shares = histogram.weights[order] / max(1, histogram.total)
    cells = [_swatch(name, f"{share:.1%}") for name, share in zip(names, shares.tolist(), strict=True)]
    return _block(repr(histogram), cells, len(histogram) - len(cells))


def indexed_png(indexed: Indexed) -> bytes:
    """Return a PNG: of the image itself, or of a smaller copy where a side is longer than 1,024 pixels."""
    if max(indexed.indices.shape) <= _SIDE:
        return encode_png(indexed, optimize="fast")
    return encode_png(shrink(indexed.to_pixels(), _SIDE, _SIDE))


def _swatch(name: str, share: str) -> str:
    return (
        '<div style="width:76px;font:11px/1.4 monospace">'
        f'<div style="height:32px;border-radius:4px;background:{name};border:1px solid #8886"></div>'
        f"{name}<br>{share}</div>"
    )


def _block(heading: str, cells: list[str], more: int) -> str:
    rest = f'<div style="align-self:center">and {more:,} more</div>' if more else ""
    return (
        f"<div>{escape(heading)}</div>"
        f'<div style="display:flex;flex-wrap:wrap;gap:8px;margin-top:6px">{"".join(cells)}{rest}</div>'
    )
