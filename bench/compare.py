"""hueclid beside its peers: the same images, one process, runs in turn; seconds, error, colors and bytes.

    python bench/compare.py --images FOLDER [-k 16 -k 256] [--repeats 3] [--peers "cv2,imagequant"]

Writes the tables to a Markdown file and every single row to a CSV file beside it.
"""

from __future__ import annotations

import argparse
import csv
import gc
import math
import multiprocessing
import os
import platform
import re
import shlex
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path

# Idle OpenMP threads (scikit-learn, faiss) spin otherwise, and take the cores away from whoever runs next.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import PIL.Image
from judge import judge, to_oklab
from peers import CONTESTANTS, CORES, Contestant, Image, version
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"}
SLOW_ABOVE = 16
AGAIN_BELOW = 0.5
OURS = ("hueclid srgb", "hueclid oklab", "hueclid default")


@dataclass(frozen=True)
class Row:
    """What one contestant made of one image: seconds are medians, the rest is of the first run."""

    image: str
    k: int
    contestant: str
    seconds: float
    first: float
    mse: float
    oklab: float
    ssimulacra2: float
    colors: int
    bytes: int


def main() -> None:
    """Run the command line."""
    options = parse()
    chosen = [c for c in CONTESTANTS if c.name in OURS or (is_named(c, options.peers) and is_installed(c))]
    paths = sorted(path for path in options.images.iterdir() if path.suffix.lower() in SUFFIXES)
    paths = paths[: options.limit]
    if not paths:
        sys.exit(f"{options.images} holds no images; name a folder of {', '.join(sorted(SUFFIXES))}")
    large = large_section(options.tile or paths[0], options.megapixels) if options.megapixels else ""
    rows = compare(paths, options.colors, chosen, options.repeats, options.slow_images)
    with options.output.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)])
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)
    sections = [
        header(options, chosen, len(paths)),
        *(tables(rows, k, chosen) for k in options.colors),
        large,
    ]
    options.output.write_text("\n\n".join(filter(None, sections)) + "\n", encoding="utf-8")
    print(f"wrote {options.output} and {options.output.with_suffix('.csv')}")


def parse() -> argparse.Namespace:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True, metavar="FOLDER", help="measure all images in it")
    parser.add_argument("-k", dest="colors", type=int, action="append", help="colors; repeat (3, 16, 64, 256)")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each; the median time counts (3)")
    parser.add_argument("--peers", default="", help="parts of their names, with commas; all when left out")
    parser.add_argument("--limit", type=int, help="only the first so many images")
    parser.add_argument(
        "--slow-images", type=int, default=1, metavar="N",
        help=f"above {SLOW_ABOVE} colors, cv2 and sklearn KMeans see every N-th image only, once (1)",
    )  # fmt: skip
    parser.add_argument("--megapixels", type=float, help="also: time and memory of one image of this size")
    parser.add_argument("--tile", type=Path, metavar="FILE", help="the photograph tiled for it (the first)")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("RESULTS.md"))
    options = parser.parse_args()
    options.colors = options.colors or [3, 16, 64, 256]
    if min(options.repeats, options.slow_images) < 1:
        parser.error("--repeats and --slow-images must be at least 1")
    return options


def is_named(contestant: Contestant, words: str) -> bool:
    """Whether one of the comma-separated `words` occurs in the contestant's name."""
    return any(word.strip().lower() in contestant.name.lower() for word in words.split(","))


def is_installed(contestant: Contestant) -> bool:
    """Whether the contestant can run; says so when not."""
    if version(contestant.package) is None:
        print(f"{contestant.package} is not installed: the rows of {contestant.name} are left out")
    return version(contestant.package) is not None


def load(path: Path) -> Image:
    """Read an image as RGB."""
    with PIL.Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def compare(
    paths: Sequence[Path], colors: Sequence[int], chosen: Sequence[Contestant], repeats: int, slow_images: int
) -> list[Row]:
    """Measure every contestant on every image, in turn: A B C A B C..."""
    small = load(paths[0])[:64, :64].copy()
    for contestant in chosen:
        contestant.run(small, 4)  # imports and starts threads before the clock runs
    rows = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("", total=len(paths) * len(colors))
        for number, path in enumerate(paths):
            image = load(path)
            seen = to_oklab(image)
            for k in colors:
                progress.update(task, description=f"{path.stem} k={k}")
                slow = k > SLOW_ABOVE
                there = [c for c in chosen if not (slow and c.slow and number % slow_images)]
                first: dict[str, list[float]] = defaultdict(list)
                second: dict[str, list[float]] = defaultdict(list)
                judged = []
                for repeat in range(repeats):
                    for contestant in there:
                        if repeat and slow and contestant.slow:
                            continue
                        recolored, seconds = timed(contestant, image, k)
                        first[contestant.name].append(seconds)
                        if seconds < AGAIN_BELOW:
                            seconds = timed(contestant, image, k)[1]
                        second[contestant.name].append(seconds)
                        if repeat == 0:
                            judged.append((contestant.name, judge(image, seen, recolored)))
                rows += [
                    Row(path.name, k, name, statistics.median(second[name]), statistics.median(first[name]), *verdict)
                    for name, verdict in judged
                ]
                progress.advance(task)
    return rows


def timed(contestant: Contestant, image: Image, k: int) -> tuple[Image, float]:
    """Return the recolored image and the seconds it took."""
    gc.collect()
    started = time.perf_counter()
    palette, indices, measured = contestant.run(image, k)
    passed = time.perf_counter() - started
    return palette[indices.reshape(image.shape[:2]), :3], passed if measured is None else measured


def tables(rows: Sequence[Row], k: int, chosen: Sequence[Contestant]) -> str:
    """Return the two tables of one K: the means, and hueclid against each peer."""
    by_name: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        if row.k == k:
            by_name[row.contestant][row.image] = row
    means = [
        f"| {name} | {len(found)} | {geometric(r.seconds for r in found.values()):.4f} "
        f"| {geometric(r.first for r in found.values()):.4f} "
        f"| {geometric(r.mse for r in found.values()):.2f} "
        f"| {1e6 * geometric(r.oklab for r in found.values()):.2f} "
        f"| {statistics.fmean(r.ssimulacra2 for r in found.values()):.1f} "
        f"| {statistics.fmean(r.colors for r in found.values()):.1f} "
        f"| {geometric(r.bytes for r in found.values()) / 1000:.1f} |"
        for name, found in by_name.items()
    ]
    duels = []
    for peer in chosen:
        if peer.name not in OURS and peer.name in by_name:
            pairs = [(by_name[peer.against][image], theirs) for image, theirs in by_name[peer.name].items()]
            duels.append(duel(peer, pairs))
    return "\n".join(
        [
            f"## K = {k}",
            "",
            "| contestant | images | seconds | first | MSE | Oklab | SSIMULACRA2 | colors used | PNG kB |",
            "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
            *means,
            "",
            "| hueclid's | against | times as fast | at first | MSE | Oklab | nearer or equal | bytes |",
            "|---|---|--:|--:|--:|--:|--:|--:|",
            *duels,
        ]
    )


def duel(peer: Contestant, pairs: Sequence[tuple[Row, Row]]) -> str:
    """Return the row of hueclid's setting of the same kind against a peer, image by image."""

    def ratio(of: Callable[[Row], float]) -> float:
        return geometric(of(a) / of(b) for a, b in pairs if of(b))

    speed, at_first = 1 / ratio(lambda row: row.seconds), 1 / ratio(lambda row: row.first)
    mse, oklab = ratio(lambda row: row.mse), ratio(lambda row: row.oklab)
    wins = sum(a.mse <= b.mse if peer.against == OURS[0] else a.oklab <= b.oklab for a, b in pairs)
    size = ratio(lambda row: row.bytes)
    return (
        f"| {peer.against} | {peer.name} | {speed:.2f} | {at_first:.2f} | {mse:.3f} | {oklab:.3f} "
        f"| {wins} of {len(pairs)} | {size:.3f} |"
    )


def geometric(values: Iterable[float]) -> float:
    """Return the geometric mean of the positive values, NaN when there are none."""
    positive = [value for value in values if value > 0]
    return math.exp(statistics.fmean(map(math.log, positive))) if positive else math.nan


def header(options: argparse.Namespace, chosen: Sequence[Contestant], images: int) -> str:
    """Return what a reader must know to believe the tables, or to run them again."""
    versions = {c.package: version(c.package) for c in chosen}
    versions["numpy"] = np.__version__
    command = shlex.join(re.sub(r"[^=]*/", "", word) for word in sys.argv)
    share = f"one image in {options.slow_images}" if options.slow_images > 1 else "each image"
    return f"""# hueclid beside its peers

{images} images of `{options.images.name}`, each contestant on each image in turn (A B C A B C...) in one
process, {options.repeats} times; above {SLOW_ABOVE} colors cv2 and sklearn KMeans once, on {share}.

- **Seconds**: from an (H, W, 3) uint8 array to palette and indices, geometric mean over the images of the
  median of the runs. A run of less than {AGAIN_BELOW} s is made twice in a row: **first** and **at first** are of the
  one right after another contestant's, with cold caches and sleeping cores. quantette, a Rust crate built
  for this processor, answers through a pipe and is timed by its own clock, without the pipe.
  **MSE**: mean squared RGB distance (sRGB), by NumPy, geometric mean. **Oklab**: the same in Oklab, times a
  million. **SSIMULACRA2**: 100 is equal, mean. **Colors used**: distinct colors of the result, mean. **PNG
  kB**: bytes of the result, its colors in sorted order, through hueclid's encoder for all, geometric mean.
- Ratios are hueclid's value by the peer's, geometric means over the images that both have run; times as fast
  is the inverse. Nearer or equal counts images, in sRGB for "hueclid srgb", in Oklab for the others.
- "hueclid srgb" is `quantize(image, k, space="srgb", dither="none")`, "hueclid oklab" plain k-means in Oklab,
  `quantize(image, k, importance="uniform", flat="mean", fit=0, dither="none")`, "hueclid default" is
  `quantize(image, k)`. quantette works in Oklab, the others in sRGB, without dithering unless they say so.
  Every library may use all {CORES} cores; Pillow and imagequant decide for themselves.
  OMP_WAIT_POLICY={os.environ["OMP_WAIT_POLICY"]}.

| | |
|---|---|
| date | {date.today().isoformat()} |
| processor | {processor()}, {CORES} cores |
| system | {platform.platform()}, Python {platform.python_version()} |
| versions | {", ".join(f"{name} {version}" for name, version in versions.items())} |
| command | `python bench/{command}` (folders left out) |"""


def processor() -> str:
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def large_section(path: Path, megapixels: float) -> str:
    """Return the table of hueclid on one large image, measured in a process of its own each."""
    lines = []
    for name in OURS:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as child:
            size, distinct, seconds, above = child.submit(run_large, path, megapixels, name).result()
        lines.append(f"| {name} | {size} | {distinct:,} | {seconds:.2f} | {above / 1e6:.0f} |")
    return "\n".join(
        [
            f"## {megapixels:g} megapixels, K = 256",
            "",
            f"{path.name}, tiled (more pixels, no new colors); one run in a new process; peak memory of the",
            "whole process less the image.",
            "",
            "| setting | size | distinct colors | seconds | MB above the image |",
            "|---|--:|--:|--:|--:|",
            *lines,
        ]
    )


def run_large(path: Path, megapixels: float, name: str) -> tuple[str, int, float, float]:
    """Quantize a tiled image: its size, distinct colors, seconds, peak bytes of memory above the image."""
    import resource

    import hueclid

    tile = load(path)
    height = round(math.sqrt(megapixels * 1e6 / 1.5))
    width = round(megapixels * 1e6 / height)
    image = tile[np.ix_(np.arange(height) % tile.shape[0], np.arange(width) % tile.shape[1])]
    del tile
    contestant = next(c for c in CONTESTANTS if c.name == name)
    started = time.perf_counter()
    contestant.run(image, 256)
    seconds = time.perf_counter() - started
    unit = 1 if sys.platform == "darwin" else 1024
    above = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit - image.nbytes
    return f"{width} x {height}", len(hueclid.Histogram.count(image)), seconds, above


if __name__ == "__main__":
    main()
