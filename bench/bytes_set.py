"""The pictures of `bytes.py`, a folder for each kind: drawings, icons and photographs.

    python bench/bytes_set.py FOLDER --images photographs [--icons icons] [--limit 17]

Of the photographs and of the icons, which `icons_set.py` collects, so many are taken, evenly spaced by name.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from drawings import PICTURES, kind

QUICK = {"photo": 3}
"""How many of a kind are in the quick choice; 2 of all others."""


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the folders of the kinds go")
    parser.add_argument("--images", type=Path, required=True, metavar="FOLDER", help="photographs, as PNG")
    parser.add_argument("--icons", type=Path, metavar="FOLDER", help="icons, as PNG")
    parser.add_argument("--limit", type=int, default=17, help="this many photographs and, besides the drawn, icons")
    options = parser.parse_args()
    for name, draw in PICTURES.items():
        target = options.folder / kind(name) / f"{name}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        draw().save(target)
    for name, folder in (("photo", options.images), ("icon", options.icons)):
        for path in spaced(sorted(folder.glob("*.png")), options.limit) if folder else []:
            target = options.folder / name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())


def pictures(folder: Path, *, kinds: list[str] | None = None, quick: bool = False) -> dict[Path, str]:
    """Return the pictures of a set and their kinds, in the order of their names."""
    found: dict[Path, str] = {}
    for place in sorted(place for place in folder.iterdir() if place.is_dir()):
        if kinds is None or place.name in kinds:
            paths = sorted(place.glob("*.png"))
            found |= dict.fromkeys(spaced(paths, QUICK.get(place.name, 2) if quick else len(paths)), place.name)
    if not found:
        sys.exit(f"{folder} holds no pictures {f'of the kinds {kinds}' if kinds else ''}; bench/bytes_set.py fills it")
    return found


def spaced(paths: list[Path], count: int) -> list[Path]:
    """Return so many of the paths, or all, evenly spaced."""
    count = min(count, len(paths))
    return [paths[(2 * i + 1) * len(paths) // (2 * count)] for i in range(count)]


if __name__ == "__main__":
    main()
