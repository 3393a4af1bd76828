"""Palette files that are text: hex, JSON, GIMP's, CSS."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..errors import ReadError
from ..options import COLORS, PINNED
from ..palette import Palette
from .names import names

_HEX = re.compile(r"#?([0-9a-fA-F]{8}|[0-9a-fA-F]{6})")
_VARIABLE = re.compile(r"--[\w-]+\s*:\s*#([0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3,4})\s*[;}]")
_GPL = re.compile(r"\s*(\d{1,3})\s+(\d{1,3})\s+(\d{1,3})(?:\s|$)")


def palette(colors: Iterable[Sequence[int]], weights: Iterable[int] | None = None) -> Palette:
    """Make a palette of RGB or RGBA; of equal ones the first counts.

    Raises:
        ReadError: there are none, or more than a palette holds.
    """
    rgba = [(*color, 255)[:4] for color in colors]
    first = {color: place for place, color in reversed(list(enumerate(rgba)))}
    places = sorted(first.values())
    if not COLORS.low <= len(places) <= COLORS.high:
        raise ReadError(f"a palette holds 1 to {COLORS.high:,} colors, got {len(places):,}")
    known = [0] * len(rgba) if weights is None else list(weights)
    if any(not 0 <= channel <= 255 for color in rgba for channel in color):
        raise ReadError("a color is made of numbers from 0 to 255")
    return Palette(
        np.array([rgba[place] for place in places], np.uint8), np.array([known[place] for place in places], np.uint64)
    )


def entries(palette: Palette) -> list[dict[str, Any]]:
    """Return what is to be told of each color, ready for JSON; shares are 0 where weights are unknown."""
    total = int(palette.weights.sum())
    return [
        {"hex": code, "rgba": rgba, "weight": weight, "share": round(weight / total, 6) if total else 0.0, "name": name}
        for code, rgba, weight, name in zip(
            palette.hex(), palette.colors.tolist(), palette.weights.tolist(), names(palette), strict=True
        )
    ]


def write_hex(palette: Palette) -> bytes:
    """Write "#rrggbb" or "#rrggbbaa", one a line."""
    return "".join(f"{code}\n" for code in palette.hex()).encode()


def read_hex(data: bytes) -> Palette:
    """Read colors with or without "#", one a line; empty lines and those after ";" or "//" tell nothing."""
    colors = []
    for number, line in enumerate(data.decode("utf-8-sig").splitlines(), 1):
        word = line.strip()
        if not word or word.startswith((";", "//")):
            continue
        if not (match := _HEX.fullmatch(word)):
            raise ReadError(f"line {number} must be a color as #rrggbb or #rrggbbaa, got {word[:40]!r}")
        colors.append(list(bytes.fromhex(match[1])))
    return palette(colors)


def write_json(palette: Palette) -> bytes:
    """Write an object with the key palette: a list of hex, rgba, weight, share, name."""
    return (json.dumps({"palette": entries(palette)}, indent=1) + "\n").encode()


def read_json(data: bytes) -> Palette:
    """Read such an object, one line of `hueclid palette --format json`, or a list of colors as hex or numbers."""
    found = json.loads(data)
    listed = found["palette"] if isinstance(found, dict) else found
    if not isinstance(listed, list):
        raise ReadError("JSON must be a list of colors, or an object with one under the key 'palette'")
    colors = [
        PINNED.color((entry.get("rgba") or entry["hex"]) if isinstance(entry, dict) else entry) for entry in listed
    ]
    return palette(colors, [int(entry.get("weight", 0)) if isinstance(entry, dict) else 0 for entry in listed])


def write_gpl(palette: Palette) -> bytes:
    """Write a palette of GIMP, which Inkscape, Krita and Aseprite read too."""
    lines = [
        f"{red:3} {green:3} {blue:3}\t{name}"
        for (red, green, blue, _), name in zip(palette.colors.tolist(), names(palette), strict=True)
    ]
    return "\n".join(["GIMP Palette", "Name: hueclid", "Columns: 0", "#", *lines, ""]).encode()


def read_gpl(data: bytes) -> Palette:
    """Read a palette of GIMP."""
    first, *lines = data.decode("utf-8-sig", "replace").splitlines() or [""]
    if first.strip() != "GIMP Palette":
        raise ReadError(f"a GPL file begins with 'GIMP Palette', got {first[:40]!r}")
    colors = []
    for number, line in enumerate(lines, 2):
        if match := _GPL.match(line):
            colors.append([int(channel) for channel in match.groups()])
        elif line.strip() and not line.lstrip().startswith("#") and not re.match(r"\s*\w+:", line):
            raise ReadError(f"line {number} must be three numbers from 0 to 255, got {line[:40]!r}")
    return palette(colors)


def write_css(palette: Palette) -> bytes:
    """Write variables `--color-1`, `--color-2` and so on, with names and shares as comments."""
    lines = [
        f"  --color-{number}: {entry['hex']}; /* {entry['name']}{_share(entry)} */"
        for number, entry in enumerate(entries(palette), 1)
    ]
    return "\n".join([":root {", *lines, "}", ""]).encode()


def _share(entry: dict[str, Any]) -> str:
    return f", {entry['share']:.2%}" if entry["share"] else ""


def read_css(data: bytes) -> Palette:
    """Read the variables that are set to a color in hex."""
    text = re.sub(r"/\*.*?\*/", " ", data.decode("utf-8-sig"), flags=re.DOTALL)
    codes = [match[1] for match in _VARIABLE.finditer(text)]
    return palette(list(bytes.fromhex("".join(c * 2 for c in code) if len(code) < 6 else code)) for code in codes)
