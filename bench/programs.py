"""The command line beside other programs: whole processes, file in and PNG out, runs in turn.

    python bench/programs.py --images FOLDER [--large photo.jpg] [--repeats 7] [--limit 5]

Programs that are not installed cost only their rows. Writes the tables to a Markdown file.
"""

from __future__ import annotations

import argparse
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from compare import SUFFIXES, geometric, processor
from peers import CORES, IMAGEMAGICK, version

import hueclid

HUECLID = str(Path(sys.executable).with_name("hueclid"))


@dataclass(frozen=True)
class Program:
    """A command whose words `IN` and `OUT` stand for the files."""

    name: str
    command: tuple[str, ...]
    reads: frozenset[str] = frozenset(SUFFIXES)

    def line(self, source: Path, target: Path) -> list[str]:
        """Return the command for two files."""
        return [{"IN": str(source), "OUT": str(target)}.get(word, word) for word in self.command]


OURS = (HUECLID, "quantize", "IN", "-k", "256", "-o", "OUT", "--force")
PROGRAMS = (
    Program("hueclid", OURS),
    Program("hueclid --lossy 0", (*OURS, "--lossy", "0")),
    Program("hueclid --lossy 0 --dither none", (*OURS, "--lossy", "0", "--dither", "none")),
    Program("hueclid --lossy 0 --optimize fast", (*OURS, "--lossy", "0", "--optimize", "fast")),
    Program("hueclid --effort fast --optimize fast", (*OURS, "--effort", "fast", "--optimize", "fast")),
    Program(
        "hueclid --effort fast --lossy 0 --optimize fast",
        (*OURS, "--effort", "fast", "--lossy", "0", "--optimize", "fast"),
    ),
    Program("hueclid --space srgb --dither none", (*OURS, "--space", "srgb", "--dither", "none")),
    Program("pngquant 256", ("pngquant", "256", "IN", "-o", "OUT", "--force"), frozenset({".png"})),
    Program("pngquant 256 --nofs", ("pngquant", "256", "IN", "-o", "OUT", "--force", "--nofs"), frozenset({".png"})),
    Program("ImageMagick -colors 256", (IMAGEMAGICK, "IN", "-colors", "256", "OUT")),
    Program("ImageMagick +dither -colors 256", (IMAGEMAGICK, "IN", "+dither", "-colors", "256", "OUT")),
)


@dataclass(frozen=True)
class Row:
    """What a program made of an image: medians of the runs, and what came out."""

    seconds: float
    cpu: float
    bytes: int
    ssimulacra2: float


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True, metavar="FOLDER", help="measure all images in it")
    parser.add_argument("--limit", type=int, help="only the first so many images")
    parser.add_argument("--large", type=Path, metavar="FILE", help="also a table of this one image")
    parser.add_argument("--repeats", type=int, default=7, help="runs of each; the medians count (7)")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("PROGRAMS.md"))
    options = parser.parse_args()
    paths = sorted(path for path in options.images.iterdir() if path.suffix.lower() in SUFFIXES)[: options.limit]
    if not paths:
        sys.exit(f"{options.images} holds no images; name a folder of {', '.join(sorted(SUFFIXES))}")
    sections = [
        header(options.repeats),
        table(f"{len(paths)} images of `{options.images.name}`", paths, options.repeats),
    ]
    if options.large:
        sections.append(table(f"`{options.large.name}`", [options.large], options.repeats))
    options.output.write_text("\n\n".join(sections) + "\n", encoding="utf-8")
    print(f"wrote {options.output}")


def table(title: str, paths: Sequence[Path], repeats: int) -> str:
    """Measure all programs that can read the images, and return the table."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for path in paths:
        print(path.name)
        for name, row in measure(path, repeats).items():
            rows[name].append(row)
    ours = geometric(row.seconds for row in rows[PROGRAMS[0].name])
    lines = []
    for name, found in rows.items():
        seconds = geometric(row.seconds for row in found)
        cpu = geometric(row.cpu for row in found)
        size = geometric(row.bytes for row in found) / 1000
        score = statistics.fmean(row.ssimulacra2 for row in found)
        lines.append(f"| {name} | {seconds:.3f} | {seconds / ours:.2f} | {cpu:.3f} | {size:.1f} | {score:.1f} |")
    return "\n".join(
        [
            f"## {title}",
            "",
            "| program | seconds | by hueclid's | CPU seconds | PNG kB | SSIMULACRA2 |",
            "|---|--:|--:|--:|--:|--:|",
            *lines,
        ]
    )


def measure(path: Path, repeats: int) -> dict[str, Row]:
    """Run the programs on one image in turn: A B C A B C..., after one run of each for the disk's sake."""
    there = [p for p in PROGRAMS if path.suffix.lower() in p.reads and shutil.which(p.command[0])]
    original = hueclid.read(path)
    seconds, cpu = defaultdict(list), defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        targets = {program.name: Path(folder, f"{number}.png") for number, program in enumerate(there)}
        for repeat in range(repeats + 1):
            for program in there:
                line, before, started = program.line(path, targets[program.name]), used(), time.perf_counter()
                subprocess.run(line, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                if repeat:
                    seconds[program.name].append(time.perf_counter() - started)
                    cpu[program.name].append(used() - before)
        return {
            name: Row(
                statistics.median(seconds[name]),
                statistics.median(cpu[name]),
                target.stat().st_size,
                hueclid.measure(original, hueclid.read(target)).ssimulacra2,
            )
            for name, target in targets.items()
        }


def used() -> float:
    """Return the processor seconds of all children so far."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def header(repeats: int) -> str:
    """Return what a reader must know to believe the tables."""
    found = []
    for name in ("hueclid", "pngquant", "ImageMagick"):
        if version(name) is None:
            print(f"{name} is not installed: its rows are left out")
        else:
            found.append(f"{name} {version(name)}")
    return f"""# The command line beside other programs

Whole processes, from start to end, an image file in and an indexed PNG out, in turn (A B C A B C...), {repeats} times
after one run that does not count. **Seconds** by the clock on the wall and **CPU seconds** of all cores are medians of
the runs. **By hueclid's**: seconds divided by those of hueclid's defaults, so that above 1 is slower than hueclid.
**PNG kB**: bytes of the file. Seconds and bytes are geometric means over the images, **SSIMULACRA2** (100 is equal) is
their mean.

| | |
|---|---|
| date | {date.today().isoformat()} |
| processor | {processor()}, {CORES} cores |
| system | {platform.platform()}, Python {platform.python_version()} |
| versions | {", ".join(found)} |"""


if __name__ == "__main__":
    main()
