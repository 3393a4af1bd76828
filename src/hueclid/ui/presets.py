"""Presets: choices that go together."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from ..options import PINNED


class Preset(NamedTuple):
    """A name, what it is for, and values of options."""

    name: str
    help: str
    values: dict[str, Any]


_INKS: Final = ("#000000", "#ffffff", "#b80000", "#e6c800", "#0044b4", "#00783c")
"""About the six inks of color e-paper: black, white, red, yellow, blue, green."""

PRESETS: Final = (
    Preset("Web photo", "A photograph that still looks right, in half the bytes and less.", {"colors": 256}),
    Preset(
        "UI graphic",
        "Screenshots and icons: clean areas, exact colors, no dots.",
        {"colors": 64, "dither": "none", "flat": "exact", "accents": 0.25},
    ),
    Preset("Poster", "A few flat inks.", {"colors": 6, "dither": "none"}),
    Preset("Pixel art", "Sixteen colors and a pattern of its own.", {"colors": 16, "dither": "bayer-4"}),
    Preset(
        "E-ink",
        "The six inks of color e-paper, mixed by dots.",
        {"colors": 6, "pinned": PINNED.check(_INKS), "dither": "floyd-steinberg", "dither_strength": 1.0},
    ),
)
