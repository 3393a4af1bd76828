"""How near to the best palette known: a long search for it, and what each effort reaches.

    python bench/optimum.py search --images FOLDER [-k 16] [--seconds 60] [--seed 0]    # lowers OPTIMUM.csv
    python bench/optimum.py judge --images FOLDER [-k 16] [--effort best] [--repeats 3]   # writes OPTIMUM.md

Errors are sums of squared sRGB distances from 8-bit palettes over the exact counts, in whole numbers, by NumPy. A
search recombines palettes (after D. Gribel and T. Vidal, "HG-means", 2019): of each pair of matched colors one is taken
at random, one color moves elsewhere, and hueclid's passes repair the child. A round depends on the seed alone and the
seconds only say how many there are, so that an entry is found again by its seed and round. Of the old and the new entry
the lower is kept.
"""

from __future__ import annotations

import argparse
import csv
import inspect
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from compare import SUFFIXES, load, processor
from peers import CORES, Image
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from hueclid import Histogram, Palette, _core
from hueclid.options import EFFORT

TABLE = Path(__file__).with_name("OPTIMUM.csv")
STARTS = ("k-means++", "random", "maximin")
TAKES_INIT = "init" in inspect.signature(Palette.solve).parameters
ELITE = 10


@dataclass(frozen=True)
class Entry:
    """The lowest error known of an image and K, and where it came from."""

    image: str
    k: int
    error: int
    method: str
    seed: int
    round: int
    seconds: float


Table = dict[tuple[str, int], Entry]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=("search", "judge"))
    parser.add_argument("--images", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("-k", dest="colors", type=int, action="append", help="colors; repeat (4, 16, 64, 256)")
    parser.add_argument("--limit", type=int, help="only the first so many images")
    parser.add_argument("--table", type=Path, default=TABLE)
    parser.add_argument("--seconds", type=float, default=60, help="search: at most, for each image and K (60)")
    parser.add_argument("--patience", type=int, default=200, help="search: stop after so many rounds in vain (200)")
    parser.add_argument("--seed", type=int, default=0, help="search: another seed finds other palettes (0)")
    parser.add_argument("--effort", dest="efforts", action="append", choices=EFFORT.choices, help="judge: repeat (all)")
    parser.add_argument("--repeats", type=int, default=3, help="judge: runs of each; the median time counts (3)")
    options = parser.parse_args()
    paths = sorted(path for path in options.images.iterdir() if path.suffix.lower() in SUFFIXES)[: options.limit]
    jobs = [(path, k) for path in paths for k in options.colors or [4, 16, 64, 256]]
    table = read(options.table)
    if options.mode == "judge":
        report = judge(jobs, table, options.efforts or EFFORT.choices, options.repeats)
        options.table.with_suffix(".md").write_text(report, encoding="utf-8")
        write(options.table, table)
        return
    with ProcessPoolExecutor(CORES) as pool:  # as many searches at once as there are cores, each of one thread
        searches = [pool.submit(search, *job, options.seconds, options.patience, options.seed) for job in jobs]
        for search_ in as_completed(searches):
            found = search_.result()
            lowered = keep(table, found)
            print(found, "lower" if lowered else f"the table has {table[found.image, found.k].error}", flush=True)
            write(options.table, table)


def search(path: Path, k: int, seconds: float, patience: int, seed: int) -> Entry:
    """Look for a palette of the lowest error: fresh starts, and children of the best so far."""
    started = time.perf_counter()
    histogram = Histogram.count(load(path))
    elite: list[tuple[int, Image]] = []
    best, number = Entry(path.name, k, sys.maxsize, "", seed, 0, 0), 0
    while time.perf_counter() - started < seconds and number - best.round <= patience:
        rng = np.random.default_rng([seed, k, number])
        if number == 0:
            method, palette = "best", solve(histogram, k, "best")
        elif len(elite) < 2 or number < 4 or number % 8 == 0:
            method, palette = fresh(histogram, k, number, rng)
        else:
            mother, father = (elite[i][1] for i in sorted(rng.permutation(len(elite))[:2]))
            method, palette = "recombined", repaired(histogram, recombined(histogram, mother, father, rng))
        error, palette = polished(histogram, palette)
        if all(error != other for other, _ in elite):
            elite = sorted([*elite, (error, palette)], key=lambda member: member[0])[:ELITE]
        if error < best.error:
            best = Entry(path.name, k, error, method, seed, number, round(time.perf_counter() - started, 1))
        number += 1
        if error == 0:
            break
    return best


def fresh(histogram: Histogram, k: int, number: int, rng: np.random.Generator) -> tuple[str, Image]:
    """Return a palette that owes nothing to the others."""
    if not TAKES_INIT:
        return "k-means++", repaired(histogram, seeds(histogram, k, rng))
    init, effort = STARTS[number % len(STARTS)], "best" if number < 4 else "balanced"
    return f"{effort} {init}", solve(histogram, k, effort, init=init, attempts=1, seed=number)


def solve(histogram: Histogram, k: int, effort: Any, **more: Any) -> Image:
    """Return hueclid's palette, of one thread."""
    return Palette.solve(histogram, k, space="srgb", effort=effort, threads=1, **more).colors


def repaired(histogram: Histogram, palette: Image) -> Image:
    """Return what passes over the exact means make of a palette: hueclid's, or faiss's where ours take no centers."""
    if TAKES_INIT:
        return solve(histogram, len(palette), "balanced", init=palette)
    import faiss

    faiss.omp_set_num_threads(1)
    points = histogram.colors[:, :3].astype(np.float32)
    kmeans = faiss.Kmeans(3, len(palette), niter=25, min_points_per_centroid=1, max_points_per_centroid=len(points))
    kmeans.train(points, histogram.weights.astype(np.float32), palette[:, :3].astype(np.float32))
    rgba = np.full_like(palette, 255)
    rgba[:, :3] = np.clip(np.rint(kmeans.centroids), 0, 255)
    return rgba


def recombined(histogram: Histogram, mother: Image, father: Image, rng: np.random.Generator) -> Image:
    """Return a child of two palettes: one of each matched pair, and one color put where it is missed."""
    costs = cdist(mother[:, :3].astype(float), father[:, :3].astype(float), "sqeuclidean")
    pairs = linear_sum_assignment(costs)[1]
    child = np.where(rng.random((len(mother), 1)) < 0.5, mother, father[pairs])
    _, distances = assigned(histogram, child)
    missed = distances * histogram.weights.astype(float)
    if missed.sum():
        child[rng.integers(len(child))] = histogram.colors[rng.choice(len(missed), p=missed / missed.sum())]
    # Both parents may have given the same color, to different partners: the colors missed most take such places.
    distinct = np.unique(child, axis=0)
    worst = histogram.colors[np.argsort(missed)[::-1][: 2 * len(child)]]
    is_new = ~(worst[:, None] == distinct).all(axis=2).any(axis=1) if len(distinct) < len(child) else []
    return np.concatenate([distinct, worst[is_new][: len(child) - len(distinct)]])


def seeds(histogram: Histogram, k: int, rng: np.random.Generator) -> Image:
    """Return colors of the histogram, each drawn by its weight and squared distance to those before (k-means++)."""
    points, weights = histogram.colors[:, :3].astype(np.float32), histogram.weights.astype(float)
    chosen: list[int] = []
    nearest = np.ones(len(points))
    for _ in range(k):
        chances = np.cumsum(nearest * weights)
        chosen.append(int(np.searchsorted(chances, rng.random() * chances[-1], side="right")))
        distances = np.square(points - points[chosen[-1]]).sum(axis=1)
        nearest = np.minimum(nearest, distances) if len(chosen) > 1 else distances.astype(float)
    return histogram.colors[chosen]


def polished(histogram: Histogram, palette: Image) -> tuple[int, Image]:
    """Return the exact error and palette after Lloyd's passes on whole bytes, until none lowers the error."""
    best: tuple[int, Image] | None = None
    weights = histogram.weights.astype(float)
    while True:
        labels, distances = assigned(histogram, palette)
        error = int((distances * histogram.weights.astype(np.int64)).sum())
        if best and error >= best[0]:
            return best
        best = error, palette
        total = np.bincount(labels, weights, len(palette))
        palette = palette.copy()
        for channel in range(3):
            sums = np.bincount(labels, weights * histogram.colors[:, channel], len(palette))
            palette[:, channel] = np.rint(np.divide(sums, total, out=sums, where=total > 0))
        empty = np.flatnonzero(total == 0)
        palette[empty] = histogram.colors[np.argsort(distances * weights)[::-1][: len(empty)]]


def assigned(histogram: Histogram, palette: Image) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Return the index of each color's nearest entry, and the squared distance to it."""
    colors = np.ascontiguousarray(palette)
    (labels,), _ = _core.map_pixels(
        histogram.colors[None],
        colors,
        "srgb",
        0,
        None,
        "none",
        0,
        None,
        True,
        "mixing",
        None,
        False,
        0,
        0,
        0,
        False,
        1,
        None,
    )
    return labels, np.square(histogram.colors.astype(np.int64) - palette[labels]).sum(axis=1)


def judge(jobs: Sequence[tuple[Path, int]], table: Table, efforts: Sequence[Any], repeats: int) -> str:
    """Run the efforts on every image in turn, and return their errors by the best known as a table."""
    measured: dict[tuple[str, int], list[tuple[str, int, float]]] = {}
    for path, k in jobs:
        if (path.name, k) not in table:
            print(f"{path.name}, {k} colors: not in the table; search first")
            continue
        histogram = Histogram.count(load(path))
        for effort in efforts:
            seconds = []
            for _ in range(repeats):
                started = time.perf_counter()
                palette = Palette.solve(histogram, k, space="srgb", effort=effort, threads=CORES)
                seconds.append(time.perf_counter() - started)
            _, distances = assigned(histogram, palette.colors)
            error = int((distances * histogram.weights.astype(np.int64)).sum())
            middle = statistics.median(seconds)
            keep(table, Entry(path.name, k, error, f"effort {effort}", 0, 0, round(middle, 3)))
            measured.setdefault((effort, k), []).append((path.name, error, middle))
    lines = []
    for (effort, k), runs in sorted(measured.items(), key=lambda item: (item[0][1], efforts.index(item[0][0]))):
        ratios = {name: error / (table[name, k].error or 1) if error else 1.0 for name, error, _ in runs}
        worst = max(ratios, key=lambda name: ratios[name])
        times = [seconds for *_, seconds in runs]
        lines.append(
            f"| {k} | {effort} | {len(runs)} | {statistics.fmean(ratios.values()):.4f} | {ratios[worst]:.4f} "
            f"| {Path(worst).stem} | {statistics.median(times):.3f} | {max(times):.3f} |"
        )
    return "\n".join(
        [
            "# How near to the best palette known",
            "",
            'Errors of `Palette.solve(histogram, k, space="srgb", effort=...)` divided by the lowest error known. It',
            "is in `OPTIMUM.csv` with the seed and round that found it",
            "(`python bench/optimum.py search --images FOLDER --seed SEED`).",
            f"Seconds are of solving alone on {CORES} cores, medians of {repeats} runs.",
            f"Processor: {processor()}.",
            "",
            "| K | effort | images | mean ratio | worst ratio | worst image | median seconds | longest |",
            "|--:|---|--:|--:|--:|---|--:|--:|",
            *lines,
            "",
        ]
    )


def keep(table: Table, entry: Entry) -> bool:
    """Put an entry into the table when it is lower than what is there; return whether it is."""
    old = table.get((entry.image, entry.k))
    if old and old.error <= entry.error:
        return False
    table[entry.image, entry.k] = entry
    return True


def read(path: Path) -> Table:
    """Read the table, empty when there is none."""
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        rows = [
            Entry(
                row["image"], int(row["k"]), int(row["error"]), row["method"],
                int(row["seed"]), int(row["round"]), float(row["seconds"]),
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip
    return {(entry.image, entry.k): entry for entry in rows}


def write(path: Path, table: Table) -> None:
    """Write the table in the order of images and K."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Entry)])
        writer.writeheader()
        writer.writerows(asdict(table[key]) for key in sorted(table))


if __name__ == "__main__":
    main()
