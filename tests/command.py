"""Running the command line, and small pictures to run it on."""

import subprocess
import sys
from pathlib import Path

import numpy as np
from click.testing import CliRunner, Result
from PIL import Image

import hueclid
from hueclid.cli import app


def call(*args: object, stdin: bytes | None = None) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, [str(arg) for arg in args], input=stdin, prog_name="hueclid")


def start(*args: object, **options: object) -> "subprocess.Popen[bytes]":
    """Run a command in a process of its own."""
    return subprocess.Popen([sys.executable, "-m", "hueclid", *map(str, args)], **options)


def pipe(*args: object, stdin: bytes = b"", **options: object) -> "subprocess.CompletedProcess[bytes]":
    """Run a command in a process of its own, to its end."""
    process = start(*args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    stdout, stderr = process.communicate(stdin)
    return subprocess.CompletedProcess(args, process.returncode, stdout, stderr)


def noise(seed: int, side: int = 24) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (side, side + 8, 3), np.uint8))


def reduced(image: object, colors: int, **options: object) -> hueclid.Indexed:
    """What `hueclid quantize` writes as PNG, WebP or TIFF when nobody says `--lossy`."""
    return hueclid.quantize(image, colors, lossy="auto", **options)


def decoded(file: object) -> np.ndarray:
    with Image.open(file) as image:
        return np.asarray(image.convert("RGBA"))


def photographs(folder: Path) -> Path:
    """Leave three photographs, a, b and c, in a folder."""
    for seed, name in enumerate("abc"):
        noise(seed).save(folder / f"{name}.png")
    return folder


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
