"""The main job on a real photograph: `python docs/demo.py FOLDER`.

The photograph is scikit-image's "coffee", by Rachel Michetti, under CC0.
"""

import subprocess
import sys
from pathlib import Path

import skimage.data
import skimage.io


def main(folder: Path) -> None:
    """Write the photograph into `folder`, reduce it to 16 colors, and compare numbers of colors."""
    folder.mkdir(exist_ok=True)
    photo = folder / "coffee.png"
    skimage.io.imsave(photo, skimage.data.coffee())
    hueclid = [sys.executable, "-m", "hueclid"]
    for arguments in (
        ["quantize", photo, "--colors", "16", "--force"],
        ["palette", photo, "--colors", "8"],
        [
            "compare",
            photo,
            "-k",
            "2",
            "-k",
            "3",
            "-k",
            "8",
            "-k",
            "16",
            "-o",
            folder / "sheet.png",
            "--force",
        ],
    ):
        subprocess.run([*hueclid, *arguments], check=True)
    print(f"\nThe photograph: {photo}")
    print(f"In 16 colors:   {folder / 'coffee-k16.png'}")
    print(f"Side by side:   {folder / 'sheet.png'}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
