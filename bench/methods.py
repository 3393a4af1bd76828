"""The table of docs/methods.md: what each method costs, and how near it comes, on photographs.

    python bench/methods.py --images FOLDER [-k 16 -k 256] [--repeats 3] [--limit 20] [--slow-images 3]

Writes the part between the marks in docs/methods.md. Methods run in turn on each image, in sRGB, on one core;
clusterers of scikit-learn on the first few images alone. The clock is that of the process, so that others on the
machine matter little.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import math
import os
import platform
import re
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import PIL.Image
from compare import SUFFIXES, processor

import hueclid
from hueclid import Histogram, Palette
from hueclid.options import METHOD

PAGE = Path(__file__).parents[1] / "docs" / "methods.md"
MARKS = re.compile(r"(<!-- written by bench/methods.py -->\n).*?(<!-- end -->)", re.DOTALL)

Solver = Callable[[Histogram, int], Palette]
Figures = dict[tuple[str, int], list[tuple[float, float, int]]]
"""Of a solver and a number of colors, for each image: seconds, error by that of k-means, colors."""


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("-k", dest="colors", type=int, action="append", help="colors (16 and 256)")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each method; the shortest counts (3)")
    parser.add_argument("--limit", type=int, default=20, help="the first so many images (20)")
    parser.add_argument("--slow-images", type=int, default=3, help="so many of them for clusterers (3)")
    options = parser.parse_args()
    paths = sorted(path for path in options.images.iterdir() if path.suffix.lower() in SUFFIXES)[: options.limit]
    if not paths:
        sys.exit(f"{options.images} holds no images; name a folder of {', '.join(sorted(SUFFIXES))}")
    ks = options.colors or [16, 256]
    figures = measured(paths, ks, options.repeats, options.slow_images)
    text = "\n".join([setting(paths, options.repeats, options.slow_images), "", *table(figures, ks), ""])
    PAGE.write_text(MARKS.sub(lambda match: match[1] + text + match[2], PAGE.read_text("utf-8")), "utf-8")


def solvers() -> dict[str, Solver]:
    """Return what is compared; k-means as it is by default comes first."""

    def solve(histogram: Histogram, colors: int, **given: Any) -> Palette:
        return Palette.solve(histogram, colors, space="srgb", threads=1, **given)

    ours: dict[str, Solver] = {"`kmeans`": solve}
    for effort in ("fast", "best"):
        ours[f'`kmeans`, `effort="{effort}"`'] = partial(solve, effort=effort)
    return ours | {f"`{name}`": partial(solve, method=name) for name in METHOD.choices[1:]}


def clusterers() -> dict[str, Solver]:
    """Return clusterers of scikit-learn, as `method`."""
    from sklearn.cluster import AgglomerativeClustering, Birch, BisectingKMeans, KMeans, MiniBatchKMeans
    from sklearn.mixture import GaussianMixture

    made: dict[str, Callable[[int], Any]] = {
        "KMeans(K)": lambda k: KMeans(k, random_state=0),
        "MiniBatchKMeans(K)": lambda k: MiniBatchKMeans(k, random_state=0),
        "BisectingKMeans(K)": lambda k: BisectingKMeans(k, random_state=0),
        "AgglomerativeClustering(K)": AgglomerativeClustering,
        "Birch(n_clusters=K, threshold=5)": lambda k: Birch(n_clusters=k, threshold=5),
        'GaussianMixture(K, covariance_type="diag")': lambda k: GaussianMixture(
            k, covariance_type="diag", random_state=0
        ),
    }

    def solve(histogram: Histogram, colors: int, make: Callable[[int], Any]) -> Palette:
        return Palette.solve(histogram, method=make(colors), space="srgb", threads=1)

    return {f"`{name}`": partial(solve, make=make) for name, make in made.items()}


def measured(paths: Sequence[Path], ks: Sequence[int], repeats: int, slow_images: int) -> Figures:
    """Run every solver on every image."""
    figures: Figures = defaultdict(list)
    for number, path in enumerate(paths):
        histogram = Histogram.count(hueclid.read(path))
        for k in ks:
            nearest = math.nan
            for name, solver in (solvers() | (clusterers() if number < slow_images else {})).items():
                times = []
                for _ in range(1 if "best" in name or name not in solvers() else repeats):
                    start = time.process_time()
                    palette = solver(histogram, k)
                    times.append(time.process_time() - start)
                nearest = palette.error if math.isnan(nearest) else nearest
                figures[name, k].append((min(times), palette.error / nearest, len(palette)))
        print(path.name, flush=True)
    return figures


def table(figures: Figures, ks: Sequence[int]) -> list[str]:
    """Return the rows: median milliseconds, the errors' geometric mean and the colors' mean."""
    heads = [head for k in ks for head in (f"K = {k}: ms", "error", "colors")]
    lines = [f"| method | {' | '.join(heads)} |", "|---|" + "--:|" * len(heads)]
    for name in dict.fromkeys(name for name, _ in figures):
        cells = []
        for k in ks:
            seconds, errors, colors = zip(*figures[name, k], strict=True)
            error = math.exp(statistics.fmean(map(math.log, errors)))
            cells += [f"{1000 * statistics.median(seconds):,.0f}", f"{error:.2f}", f"{statistics.fmean(colors):.0f}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def setting(paths: Sequence[Path], repeats: int, slow_images: int) -> str:
    """Return what was measured where."""
    with PIL.Image.open(paths[0]) as image:
        width, height = image.size
    return (
        f"{len(paths)} photographs, the first of {width} x {height} pixels; one core of {processor()}, Python "
        f"{platform.python_version()}, NumPy {importlib.metadata.version('numpy')}, scikit-learn "
        f"{importlib.metadata.version('scikit-learn')}. Processor time, the shortest of {repeats} runs, the "
        f"median over photographs; `best` ran once, and clusterers once on the first {slow_images}. "
        "`python bench/methods.py --images FOLDER`"
    )


if __name__ == "__main__":
    main()
