"""How the results look beside those of the peers: scores of every image, the mean, the worst, and who wins.

    python bench/quality.py --images FOLDER [-k 16 -k 64 -k 256] [--limit 12] [--times]
    python bench/quality.py --images FOLDER --ours "default" --ours "strong: dither_strength=1" --peers imagequant
    python bench/quality.py --images FOLDER --ours "default" --peers none --rows earlier.csv

Writes the tables to a Markdown file and every single row to a CSV file beside it. `--rows` takes the rows of peers from
a CSV file that an earlier run wrote, for the same images.
"""

from __future__ import annotations

import argparse
import ast
import csv
import gc
import math
import multiprocessing
import platform
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, fields
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import peers
import PIL.Image
from compare import SUFFIXES, geometric, load, processor
from judge import in_order, png_bytes
from peers import CORES, Image, Recolored, version

BUTTERAUGLI = "butteraugli_main"


@dataclass(frozen=True)
class Contestant:
    """A way to quantize; the dithered are compared with the dithered, the others with the others."""

    name: str
    package: str
    run: Callable[[Image, int], Recolored]
    dithered: bool = True


PEERS = (
    Contestant("imagequant", "imagequant", peers.imagequant_dithered),
    Contestant("imagequant undithered", "imagequant", peers.imagequant, dithered=False),
    Contestant("pngquant", "pngquant", peers.pngquant),
    Contestant("quantette", "quantette", peers.quantette_dithered),
    Contestant("quantette undithered", "quantette", peers.quantette, dithered=False),
    Contestant("Pillow median cut", "pillow", peers.pillow_dithered),
    Contestant("ImageMagick", "ImageMagick", peers.imagemagick),
)
OURS = ("default", "undithered: dither=none", "fast: effort=fast", "best: effort=best", "srgb: space=srgb")


@dataclass(frozen=True)
class Row:
    """What one contestant made of one image; NaN is what was not measured."""

    image: str
    k: int
    contestant: str
    dithered: bool
    ssimulacra2: float
    blurred: float
    butteraugli: float
    mse: float
    delta_e: float
    colors: int
    bytes: int
    seconds: float = math.nan


def main() -> None:
    """Run the command line."""
    options = parse()
    paths = sorted(path for path in options.images.iterdir() if path.suffix.lower() in SUFFIXES)
    if options.only:
        paths = [path for path in paths if any(word in path.stem for word in options.only.split(","))]
    paths = paths[: options.limit]
    if not paths:
        sys.exit(f"no such images in {options.images}; it must hold {', '.join(sorted(SUFFIXES))}")
    notes = []
    if not shutil.which(BUTTERAUGLI):
        notes.append(f"{BUTTERAUGLI} (Debian's libjxl-devtools) is not installed: butteraugli is left out")
    chosen = [ours(words) for words in options.ours]
    for peer in PEERS:
        if any(word.strip().lower() in peer.name.lower() for word in options.peers.split(",")):
            if version(peer.package) is None:
                notes.append(f"{peer.package} is not installed: the rows of {peer.name} are left out")
            else:
                chosen.append(peer)
    earlier = read(options.rows, paths, options.colors, {contestant.name for contestant in chosen})
    if options.rows:
        names = ", ".join(dict.fromkeys(row.contestant for row in earlier))
        notes.append(f"{len(earlier)} rows are those of {options.rows.name}, measured earlier: {names or 'none'}")
    print(*notes, sep="\n", flush=True)
    rows = scored(paths, options.colors, chosen, options.processes, options.butteraugli)
    if options.times:
        rows = timed(rows, paths, options.colors, chosen, options.repeats)
    write(options.output.with_suffix(".csv"), rows + earlier)
    sections = [header(options, chosen, len(paths), notes)]
    sections += [tables([row for row in rows + earlier if row.k == k], k, options.times) for k in options.colors]
    text = "\n\n".join(sections) + "\n"
    options.output.write_text(text, encoding="utf-8")
    print(text)
    print(f"wrote {options.output} and {options.output.with_suffix('.csv')}")


def parse() -> argparse.Namespace:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True, metavar="FOLDER", help="measure all images in it")
    parser.add_argument("--limit", type=int, help="only the first so many images")
    parser.add_argument("--only", default="", help="only images whose names hold one of these words, with commas")
    parser.add_argument("-k", dest="colors", type=int, action="append", help="colors; repeat (256, 64, 16)")
    parser.add_argument(
        "--ours", action="append", metavar='"NAME: OPTION=VALUE, ..."',
        help=f"options of hueclid.quantize to measure; repeat ({', '.join(word.partition(':')[0] for word in OURS)})",
    )  # fmt: skip
    parser.add_argument("--peers", default="", help='parts of their names, with commas, or "none"; all when left out')
    parser.add_argument("--rows", type=Path, metavar="CSV", help="rows of an earlier run, of contestants not run now")
    parser.add_argument("--processes", type=int, default=CORES, help=f"images scored side by side ({CORES})")
    parser.add_argument("--no-butteraugli", dest="butteraugli", action="store_false", help="leave it out: it is slow")
    parser.add_argument("--times", action="store_true", help="also measure seconds, in turn, nothing else running")
    parser.add_argument("--repeats", type=int, default=3, help="timed runs of each; the median counts (3)")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("QUALITY.md"))
    options = parser.parse_args()
    options.colors = options.colors or [256, 64, 16]
    options.ours = options.ours or OURS
    if min(options.repeats, options.processes) < 1:
        parser.error("--repeats and --processes must be at least 1")
    return options


def ours(words: str) -> Contestant:
    """Return a contestant of hueclid's from `name: option=value, ...`; a value that is no literal is a word."""
    name, _, given = words.partition(":")
    options: dict[str, Any] = {}
    for pair in filter(str.strip, given.split(",")):
        option, _, value = (word.strip() for word in pair.partition("="))
        try:
            options[option] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            options[option] = value
    run = partial(hueclid, options=options)
    return Contestant(f"hueclid {name.strip()}", "hueclid", run, options.get("dither") != "none")


def hueclid(image: Image, colors: int, options: dict[str, Any]) -> Recolored:
    """Quantize with the options."""
    from hueclid import quantize

    indexed = quantize(image, colors, **options)
    return Recolored(indexed.palette.colors, indexed.indices)


def recolored(contestant: Contestant, image: Image, colors: int) -> Image:
    """Return what a contestant makes of an image, in RGB."""
    palette, indices, _ = contestant.run(image, colors)
    result: Image = np.ascontiguousarray(palette[indices.reshape(image.shape[:2]), :3])
    return result


def scored(
    paths: Sequence[Path], colors: Sequence[int], chosen: Sequence[Contestant], processes: int, butteraugli: bool
) -> list[Row]:
    """Score every contestant on every image, several images side by side."""
    rows: dict[Path, list[Row]] = {}
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = {pool.submit(score, path, colors, chosen, butteraugli): path for path in paths}
        for done in as_completed(waiting):
            rows[waiting[done]] = done.result()
            print(f"{len(rows)} of {len(paths)}: {waiting[done].name}", flush=True)
    return [row for path in paths for row in rows[path]]


def score(path: Path, colors: Sequence[int], chosen: Sequence[Contestant], butteraugli: bool) -> list[Row]:
    """Score every contestant on one image."""
    from hueclid.quality import Original

    image = load(path)
    original = Original(image, threads=1)
    rows = []
    for k in colors:
        for contestant in chosen:
            result = recolored(contestant, image, k)
            quality = original.measure(result)
            found, order = in_order(result)
            rows.append(
                Row(
                    path.name,
                    k,
                    contestant.name,
                    contestant.dithered,
                    quality.ssimulacra2,
                    quality.blurred_error,
                    butteraugli_3_norm(image, result) if butteraugli and shutil.which(BUTTERAUGLI) else math.nan,
                    quality.mse,
                    quality.delta_e,
                    len(found),
                    png_bytes(found, order),
                )
            )
    return rows


def butteraugli_3_norm(image: Image, result: Image) -> float:
    """Return butteraugli's 3-norm by libjxl's program: 0 when equal, about 1 can just be seen."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("original.png", "result.png")]
        for pixels, file in zip((image, result), files, strict=True):
            PIL.Image.fromarray(pixels).save(file, compress_level=1)
        said = subprocess.run([BUTTERAUGLI, *files], check=True, capture_output=True, text=True).stdout
    return float(said.partition("3-norm:")[2])


def timed(
    rows: Sequence[Row], paths: Sequence[Path], colors: Sequence[int], chosen: Sequence[Contestant], repeats: int
) -> list[Row]:
    """Return the rows with seconds: all contestants in turn in this process, A B C A B C..., medians."""
    small = load(paths[0])[:64, :64].copy()
    for contestant in chosen:
        contestant.run(small, 4)  # imports and starts threads before the clock runs
    seconds: dict[tuple[str, int, str], list[float]] = {}
    for path in paths:
        image = load(path)
        for k in colors:
            for _ in range(repeats):
                for contestant in chosen:
                    gc.collect()
                    started = time.perf_counter()
                    measured = contestant.run(image, k).seconds
                    passed = time.perf_counter() - started
                    passed = passed if measured is None else measured
                    seconds.setdefault((path.name, k, contestant.name), []).append(passed)
        print(f"timed: {path.name}", flush=True)
    return [
        Row(**asdict(row) | {"seconds": statistics.median(seconds[row.image, row.k, row.contestant])}) for row in rows
    ]


def tables(rows: Sequence[Row], k: int, times: bool) -> str:
    """Return the tables of one K: each contestant beside libimagequant, and ours beside quantette and our default."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.contestant, []).append(row)
    heads = ("contestant", "images", "SSIMULACRA2", "worst", "against", "by", "least", "better on")
    heads += ("blurred", "butteraugli", "MSE", "bytes", *(("seconds",) if times else ()))
    lines = [f"| {' | '.join(heads)} |", "|---|--:|--:|--:|---|" + "--:|" * (len(heads) - 5)]
    for dithered in (True, False):
        kind = "" if dithered else " undithered"
        for name, mine in found.items():
            if mine[0].dithered != dithered:
                continue
            scores = [row.ssimulacra2 for row in mine]
            start = [name, str(len(mine)), f"{statistics.fmean(scores):.2f}", f"{min(scores):.2f}"]
            rivals = ["imagequant" + kind]
            if name.startswith("hueclid"):
                rivals += ["quantette" + kind, "hueclid " + ("default" if dithered else "undithered")]
            for rival in rivals:
                if rival in found and rival != name:
                    cells = duel(mine, found[rival], times)
                    lines.append(f"| {' | '.join([*start, rival, *cells])} |")
                    start = ["", "", "", ""]
            if start[0]:
                lines.append(f"| {' | '.join(start)} |" + " |" * (len(heads) - 4))
    return "\n".join([f"## K = {k}", "", *lines])


def duel(mine: Sequence[Row], theirs: Sequence[Row], times: bool) -> list[str]:
    """Return the cells of one contestant against another, over the images that both have."""
    by_image = {row.image: row for row in theirs}
    pairs = [(row, by_image[row.image]) for row in mine if row.image in by_image]
    gains = [a.ssimulacra2 - b.ssimulacra2 for a, b in pairs]

    def ratio(of: Callable[[Row], float], digits: int = 3) -> str:
        value = geometric(of(a) / of(b) for a, b in pairs if of(b) > 0)
        return "" if math.isnan(value) else f"{value:.{digits}f}"

    cells = [f"{statistics.fmean(gains):+.2f}", f"{min(gains):+.2f}", f"{sum(g > 0 for g in gains)} of {len(gains)}"]
    cells += [ratio(lambda row: row.blurred), ratio(lambda row: row.butteraugli)]
    cells += [ratio(lambda row: row.mse), ratio(lambda row: row.bytes)]
    return cells + ([ratio(lambda row: row.seconds)] if times else [])


def header(options: argparse.Namespace, chosen: Iterable[Contestant], images: int, notes: Sequence[str]) -> str:
    """Return what a reader must know to believe the tables, or to run them again."""
    versions = {c.package: version(c.package) for c in chosen}
    command = shlex.join(re.sub(r"[^= ]*/", "", word) for word in sys.argv)
    lines = "".join(f"- {note[0].upper()}{note[1:]}.\n" for note in notes)
    given = "; ".join(f"`{words}`" for words in options.ours)
    return f"""# How the results look beside those of the peers

{images} images of `{options.images.name}`; each contestant makes the same number of colors of each.

- **SSIMULACRA2**: the mean, and the score of the **worst** image; 100 is equal. **Against**: the rival of the next
  columns. **By**: the mean of the points above the rival, **least**: on the image that is worst for us, **better on**:
  on how many.
- The others are ratios to the rival's, geometric means over the images, below 1 is less. **Blurred**: mean squared
  Oklab distance after a Gaussian of one pixel in linear light. **Butteraugli**: libjxl's, 3-norm. **MSE**: squared
  distance in sRGB. **Bytes**: PNG, colors in sorted order, by hueclid's encoder for all. **Seconds**: from an
  array to palette and indices, medians of runs in turn; quantette by its own clock, programs as whole processes.
- hueclid's options: {given}.
{lines}
| | |
|---|---|
| date | {date.today().isoformat()} |
| processor | {processor()}, {CORES} cores |
| system | {platform.platform()}, Python {platform.python_version()} |
| versions | {", ".join(f"{name} {version}" for name, version in versions.items())} |
| command | `python bench/{command}` (folders left out) |"""


def read(file: Path | None, paths: Sequence[Path], colors: Sequence[int], known: set[str]) -> list[Row]:
    """Return the rows of a CSV file that are of these images and colors, and of no known contestant."""
    if file is None:
        return []
    rows = []
    names = {path.name for path in paths}
    with file.open(newline="", encoding="utf-8") as lines:
        for words in csv.DictReader(lines):
            kinds: dict[str, Callable[[str], Any]] = {"str": str, "int": int, "float": float, "bool": "True".__eq__}
            row = Row(**{field.name: kinds[str(field.type)](words[field.name]) for field in fields(Row)})
            if row.image in names and row.k in colors and row.contestant not in known:
                rows.append(row)
    return rows


def write(file: Path, rows: Iterable[Row]) -> None:
    """Write the rows."""
    with file.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, [field.name for field in fields(Row)])
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


if __name__ == "__main__":
    main()
