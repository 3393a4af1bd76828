"""The icons of `icons.py`: out of Debian's icon themes, the same ones every time.

    python bench/icons_set.py FOLDER

Needs `apt-get` and `dpkg-deb`; installs nothing. The icons stay under the licenses of their themes.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

import hueclid

THEMES = {
    "oxygen-icon-theme": 24,
    "gnome-icon-theme": 12,
    "yaru-theme-icon": 8,
    "faenza-icon-theme": 6,
    "mate-icon-theme": 5,
    "elementary-xfce-icon-theme": 5,
}
"""Packages, and how many icons of each."""

SIDES = range(64, 257)
LEAST_SOFT = 0.08
"""Of the pixels to be seen, at least so many are half to be seen through: shadows, glows and glass, not edges alone."""
HALF = range(16, 240)
LEAST_COLORS = 257


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the icons go")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        for package, wanted in THEMES.items():
            subprocess.run(["apt-get", "download", package], cwd=place, check=True, stdout=subprocess.DEVNULL)
            (archive,) = Path(place).glob(f"{package}_*.deb")
            root = Path(place, package)
            subprocess.run(["dpkg-deb", "--extract", archive, root], check=True)
            for number, path in enumerate(chosen(root / "usr/share/icons", wanted)):
                name = f"{package.split('-')[0]}-{number:02}-{path.stem}.png"
                (folder / name).write_bytes(path.read_bytes())
                print(name)


def chosen(root: Path, wanted: int) -> Iterator[Path]:
    """Yield soft icons, in the order of their paths' hashes; no file name twice."""
    paths = [path for path in root.rglob("*.png") if not path.is_symlink()]
    paths.sort(key=lambda path: hashlib.sha256(path.relative_to(root).as_posix().encode()).digest())
    names: set[str] = set()
    for path in paths:
        if len(names) == wanted:
            return
        if path.name not in names and is_soft(path):
            names.add(path.name)
            yield path


def is_soft(path: Path) -> bool:
    """Whether an icon is of the sizes wanted, soft and of many colors."""
    with Image.open(path) as image:
        if image.width not in SIDES or image.height not in SIDES:
            return False
    pixels = hueclid.read(path)
    if pixels.shape[2:] != (4,):
        return False
    alpha = pixels[..., 3]
    soft = np.isin(alpha, HALF).sum() / max(1, np.count_nonzero(alpha))
    return bool(soft >= LEAST_SOFT) and len(hueclid.Histogram.count(pixels)) >= LEAST_COLORS


if __name__ == "__main__":
    main()
