"""How time, memory and error grow: over the pixels of one photograph, resampled, and over the colors.

    python bench/curves.py --image photo.jpg [--megapixels 100] [--colors 1024] [--repeats 3]

Writes CURVES.md and its plots, curves_pixels.png and curves_colors.png.
"""

from __future__ import annotations

import argparse
import gc
import io
import math
import multiprocessing
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from compare import is_installed, processor
from matplotlib.figure import Figure
from peers import CONTESTANTS, CORES, Image

import hueclid
from hueclid import Histogram, Indexed, Palette

SIZES = (0.1, 0.3, 1, 3, 10, 24, 50, 100)
STAGES = ("copy", "count", "solve", "map", "dither")
MOST_COLORS = {"hueclid srgb": 65536, "imagequant": 256, "faiss": 1024, "Pillow median cut": 256}
HUES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")  # by M. Okabe and K. Ito, told apart by all eyes
GREY = ("copy", "the image")  # what there is to compare with

Curves = Mapping[str, Sequence[tuple[float, float]]]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--image", type=Path, required=True, metavar="FILE", help="the photograph")
    parser.add_argument("--megapixels", type=float, default=100, help="the largest size (100)")
    parser.add_argument("--colors", type=int, default=1024, help="the most colors (1024)")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each; the median time counts (3)")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent, metavar="FOLDER")
    options = parser.parse_args()
    sizes = [size for size in SIZES if size <= options.megapixels]
    ks = [2**power for power in range(1, 17) if 2**power <= options.colors]
    sections = [
        "# How time, memory and error grow",
        f"`{options.image.name}`, resampled; medians of {options.repeats} runs; {processor()}, {CORES} cores.",
        *over_pixels(options.image, sizes, options.repeats, options.output),
        *over_colors(options.image, ks, options.repeats, options.output),
    ]
    (options.output / "CURVES.md").write_text("\n\n".join(sections) + "\n", encoding="utf-8")


def over_pixels(path: Path, sizes: Sequence[float], repeats: int, folder: Path) -> list[str]:
    """Measure the stages at each size, each in a process of its own; plot them, and return the text."""
    spawn = multiprocessing.get_context("spawn")
    curves: dict[str, list[tuple[float, float]]] = defaultdict(list)
    memory: dict[str, list[tuple[float, float]]] = defaultdict(list)
    lines = []
    for size in sizes:
        print(f"{size:g} megapixels", flush=True)
        with ProcessPoolExecutor(1, mp_context=spawn) as child:
            distinct, seconds, above = child.submit(measure_stages, path, size, repeats).result()
        for stage in STAGES:
            curves[stage].append((size, seconds[stage]))
        memory["the image"].append((size, 3 * size))
        memory["above it"].append((size, above / 1e6))
        milliseconds = " | ".join(f"{1000 * seconds[stage]:.1f}" for stage in STAGES)
        nearest = sum(seconds[stage] for stage in ("count", "solve", "map")) / seconds["copy"]
        dithered = sum(seconds[stage] for stage in ("count", "solve", "dither")) / seconds["copy"]
        lines.append(
            f"| {size:g} | {distinct:,} | {milliseconds} | {nearest:.1f} | {dithered:.1f} | {above / 1e6:.0f} |"
        )
    plot(
        folder / "curves_pixels.png",
        "megapixels",
        ("seconds, K = 256", "log", curves),
        ("megabytes of memory", "log", memory),
    )
    return [
        "## Over pixels",
        "![Seconds and megabytes over megapixels](curves_pixels.png)",
        "K = 256, hueclid's defaults; milliseconds of `pixels.copy()` and of each step; the sum of count, solve and\n"
        "map, and of count, solve and dither, in copies; the peak of memory above what the process held with the\n"
        "image. Small copies land in memory that is used again, large ones pay for fresh pages.",
        "| megapixels | distinct colors | copy | count | solve | map | dither | in copies | dithered | MB above |\n"
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n" + "\n".join(lines),
    ]


def measure_stages(path: Path, megapixels: float, repeats: int) -> tuple[int, dict[str, float], float]:
    """Return the distinct colors of the photograph at a size, the seconds of each stage, and bytes of peak memory."""
    pixels = resampled(path, megapixels)
    palette = Palette.solve(Histogram.count(pixels[:64, :64]), 4)  # starts threads before the clock runs
    Indexed.map(pixels[:64, :64].copy(), palette)
    idle = reset_peak()
    seconds: dict[str, list[float]] = defaultdict(list)

    def timed(stage: str, run: Callable[[], Any]) -> Any:
        gc.collect()
        started = time.perf_counter()
        made = run()
        seconds[stage].append(time.perf_counter() - started)
        return made

    for _ in range(repeats):
        histogram = timed("count", lambda: Histogram.count(pixels))
        palette = timed("solve", lambda: Palette.solve(histogram, 256))  # noqa: B023 called at once
        timed("map", lambda: Indexed.map(pixels, palette, dither="none"))  # noqa: B023
        timed("dither", lambda: Indexed.map(pixels, palette))  # noqa: B023
    above = peak() - idle
    for _ in range(repeats):
        timed("copy", pixels.copy)
    return len(histogram), {stage: statistics.median(times) for stage, times in seconds.items()}, above


def resampled(path: Path, megapixels: float) -> Image:
    """Return the photograph at a size, of its own shape."""
    with PIL.Image.open(path) as file:
        image = file.convert("RGB")
    scale = math.sqrt(megapixels * 1e6 / (image.width * image.height))
    size = round(image.width * scale), round(image.height * scale)
    return np.array(image.resize(size, PIL.Image.Resampling.LANCZOS))


def reset_peak() -> float:
    """Forget the peak of this process's memory, and return what it holds now; NaN where Linux's /proc is not."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return math.nan
    return peak()


def peak() -> float:
    """Return the most bytes of memory that this process held since `reset_peak`."""
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        return math.nan
    return 1024 * float(status.partition("VmHWM:")[2].split()[0])


def over_colors(path: Path, ks: Sequence[int], repeats: int, folder: Path) -> list[str]:
    """Measure us and the peers at each K; plot them, and return the text."""
    image = resampled(path, 0.4)
    chosen = [contestant for contestant in CONTESTANTS if contestant.name in MOST_COLORS and is_installed(contestant)]
    seconds: dict[str, list[tuple[float, float]]] = defaultdict(list)
    errors: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for contestant in chosen:
        contestant.run(image[:64, :64].copy(), 4)
    for k in ks:
        print(f"{k} colors", flush=True)
        there = [contestant for contestant in chosen if k <= MOST_COLORS[contestant.name]]
        times: dict[str, list[float]] = defaultdict(list)
        for repeat in range(repeats):
            for contestant in there:
                started = time.perf_counter()
                palette, indices, _ = contestant.run(image, k)
                times[contestant.name].append(time.perf_counter() - started)
                if not repeat:
                    recolored = palette[indices.reshape(image.shape[:2]), :3]
                    error = float(np.square(image.astype(np.int32) - recolored).sum(axis=2).mean())
                    errors[contestant.name].append((k, error))
        for name, runs in times.items():
            seconds[name].append((k, statistics.median(runs)))
    ours = dict(errors["hueclid srgb"])
    ratios = {name: [(k, error / ours[int(k)]) for k, error in curve] for name, curve in errors.items()}
    plot(
        folder / "curves_colors.png",
        "colors",
        ("seconds, 0.4 megapixels", "log", seconds),
        ("MSE divided by hueclid's", "linear", ratios),
    )
    rows = []
    for k in ks:
        pairs = [(dict(seconds[c.name]).get(k), dict(errors[c.name]).get(k)) for c in chosen]
        cells = " | ".join(f"{1000 * took:.1f} | {error:.2f}" if took and error else " | " for took, error in pairs)
        rows.append(f"| {k} | {cells} |")
    return [
        "## Over colors",
        "![Seconds, and MSE divided by hueclid's, over colors](curves_colors.png)",
        "0.4 megapixels, sRGB, no dithering; milliseconds from array to palette and indices, and mean squared error.",
        "| K | " + " | ".join(f"{c.name} ms | MSE" for c in chosen) + " |\n"
        "|--:|" + "--:|--:|" * len(chosen) + "\n" + "\n".join(rows),
    ]


def plot(output: Path, x: str, *panels: tuple[str, str, Curves]) -> None:
    """Draw panels beside each other, and reduce the picture to a few colors."""
    figure = Figure(figsize=(10, 4), layout="constrained")
    for axes, (title, scale, curves) in zip(figure.subplots(1, len(panels)), panels, strict=True):
        hues = iter(HUES)
        for name, points in curves.items():
            hue = "#999999" if name in GREY else next(hues)
            axes.plot(*zip(*points, strict=True), color=hue, marker="o", markersize=3, label=name)
        axes.set(xscale="log", yscale=scale, xlabel=x)
        axes.set_title(title, loc="left", fontsize=11)
        places = {place for points in curves.values() for place, _ in points}
        axes.set_xticks(sorted(places), labels=[f"{place:g}" for place in sorted(places)], fontsize=8)
        axes.minorticks_off()
        axes.yaxis.set_major_formatter("{x:g}")
        axes.grid(color="#dddddd", linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(
            frameon=False, fontsize=8, ncols=5, handlelength=1.2, columnspacing=1.2,
            loc="upper center", bbox_to_anchor=(0.5, -0.14),
        )  # fmt: skip
    file = io.BytesIO()
    figure.savefig(file, dpi=110)
    hueclid.quantize(file.getvalue(), 32, dither="none").save(output)


if __name__ == "__main__":
    main()
