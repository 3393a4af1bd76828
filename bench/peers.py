"""The contestants: each turns an `(H, W, 3)` uint8 sRGB image into a palette and an index for each pixel.

Every function does what the library's own documentation shows, and nothing that is ours. Libraries are
imported where they are used, so that a missing one costs only its own rows. quantette, a Rust crate, answers
through a pipe and brings its own clock; pngquant and ImageMagick are run as programs.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import PIL.Image

Image = npt.NDArray[np.uint8]
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
QUANTETTE = Path(__file__).with_name("quantette") / "Cargo.toml"
IMAGEMAGICK = next(filter(shutil.which, ("magick", "convert-im6.q16", "convert")), "magick")


class Recolored(NamedTuple):
    """A palette `(k, 3)` or `(k, 4)` uint8, and the pixels' indices into it, of `(H, W)` or flat.

    `seconds` is what a contestant's own clock says, None for the clock around the call.
    """

    palette: npt.NDArray[Any]
    indices: npt.NDArray[Any]
    seconds: float | None = None


def hueclid_srgb(image: Image, colors: int) -> Recolored:
    """Quantize as the others do: squared distance in sRGB, nearest color."""
    return _hueclid(image, colors, space="srgb", dither="none")


def hueclid_oklab(image: Image, colors: int) -> Recolored:
    """Quantize as quantette does: squared distance in Oklab, each pixel counting the same, nearest color."""
    return _hueclid(image, colors, importance="uniform", flat="mean", fit=0, dither="none")


def hueclid_default(image: Image, colors: int) -> Recolored:
    """Quantize by hueclid's defaults: for the eye, dithered."""
    return _hueclid(image, colors)


def _hueclid(image: Image, colors: int, **options: Any) -> Recolored:
    import hueclid

    indexed = hueclid.quantize(image, colors, threads=CORES, **options)
    return Recolored(indexed.palette.colors, indexed.indices)


def opencv(image: Image, colors: int) -> Recolored:
    """cv2.kmeans as tutorials call it: ten attempts of at most ten passes, random centers."""
    import cv2

    cv2.setNumThreads(CORES)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 10, 1.0)
    points = np.float32(image.reshape(-1, 3))
    _, labels, centers = cv2.kmeans(points, colors, None, criteria, 10, cv2.KMEANS_RANDOM_CENTERS)
    return Recolored(centers.astype(np.uint8), labels.ravel())


def scikit_kmeans(image: Image, colors: int) -> Recolored:
    """scikit-learn's KMeans: one k-means++ start, to convergence."""
    from sklearn.cluster import KMeans

    return _scikit(KMeans(colors, n_init=1, random_state=0), image)


def scikit_minibatch(image: Image, colors: int) -> Recolored:
    """scikit-learn's MiniBatchKMeans with its own defaults."""
    from sklearn.cluster import MiniBatchKMeans

    return _scikit(MiniBatchKMeans(colors, n_init=1, random_state=0), image)


def _scikit(estimator: Any, image: Image) -> Recolored:
    estimator.fit(image.reshape(-1, 3).astype(np.float32))
    return Recolored(_rounded(estimator.cluster_centers_), estimator.labels_)


def faiss(image: Image, colors: int) -> Recolored:
    """faiss.Kmeans: 25 passes over all points, none sampled away."""
    import faiss

    faiss.omp_set_num_threads(CORES)
    points = image.reshape(-1, 3).astype(np.float32)
    kmeans = faiss.Kmeans(3, colors, niter=25, max_points_per_centroid=len(points))
    kmeans.train(points)
    return Recolored(_rounded(kmeans.centroids), kmeans.index.search(points, 1)[1].ravel())


def pillow_median_cut(image: Image, colors: int) -> Recolored:
    """Pillow's median cut."""
    return _pillow(image, colors, PIL.Image.Quantize.MEDIANCUT)


def pillow_octree(image: Image, colors: int) -> Recolored:
    """Pillow's fast octree."""
    return _pillow(image, colors, PIL.Image.Quantize.FASTOCTREE)


def _pillow(image: Image, colors: int, method: PIL.Image.Quantize) -> Recolored:
    return _from_pillow(PIL.Image.fromarray(image).quantize(colors, method=method, dither=PIL.Image.Dither.NONE))


def pillow_dithered(image: Image, colors: int) -> Recolored:
    """Pillow's median cut, then its Floyd-Steinberg: `quantize` dithers only to a palette that is given."""
    original = PIL.Image.fromarray(image)
    palette = original.quantize(colors, method=PIL.Image.Quantize.MEDIANCUT)
    return _from_pillow(original.quantize(palette=palette, dither=PIL.Image.Dither.FLOYDSTEINBERG))


def _from_pillow(quantized: PIL.Image.Image) -> Recolored:
    palette = np.array(quantized.getpalette("RGB"), dtype=np.uint8)
    return Recolored(palette.reshape(-1, 3), np.asarray(quantized))


def pngquant(image: Image, colors: int) -> Recolored:
    """Run pngquant with its defaults, which dither."""
    return _program(image, ("pngquant", str(colors), "IN", "-o", "OUT", "--force"))


def imagemagick(image: Image, colors: int) -> Recolored:
    """ImageMagick's `-colors`, which dithers."""
    return _program(image, (IMAGEMAGICK, "IN", "-colors", str(colors), "PNG8:OUT"))


def _program(image: Image, command: tuple[str, ...]) -> Recolored:
    """Run a program whose words `IN` and `OUT` stand for PNG files."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = str(Path(folder, "in.png")), str(Path(folder, "out.png"))
        PIL.Image.fromarray(image).save(source, compress_level=1)
        line = [word.replace("IN", source).replace("OUT", target) for word in command]
        subprocess.run(line, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with PIL.Image.open(target) as made:
            found, indices = np.unique(np.asarray(made.convert("RGB")).reshape(-1, 3), axis=0, return_inverse=True)
            return Recolored(found, indices.ravel())


def imagequant(image: Image, colors: int) -> Recolored:
    """libimagequant, best quality, nearest color."""
    return _imagequant(image, colors, 0.0)


def imagequant_dithered(image: Image, colors: int) -> Recolored:
    """libimagequant, best quality, its full dithering."""
    return _imagequant(image, colors, 1.0)


def _imagequant(image: Image, colors: int, dithering: float) -> Recolored:
    import imagequant

    height, width = image.shape[:2]
    rgba = np.dstack([image, np.full((height, width), 255, np.uint8)]).tobytes()
    indices, palette = imagequant.quantize_raw_rgba_bytes(rgba, width, height, dithering, colors)
    return Recolored(np.array(palette, np.uint8).reshape(-1, 4), np.frombuffer(indices, np.uint8))


def quantette(image: Image, colors: int) -> Recolored:
    """Run quantette's k-means with its defaults: mini-batches in Oklab, nearest color."""
    return _quantette(image, colors, dithered=False)


def quantette_dithered(image: Image, colors: int) -> Recolored:
    """Run quantette's k-means with its default dithering."""
    return _quantette(image, colors, dithered=True)


def _quantette(image: Image, colors: int, *, dithered: bool) -> Recolored:
    requests, answers = _quantette_pipes()
    height, width = image.shape[:2]
    requests.write(struct.pack("<4I", width, height, colors, dithered) + image.tobytes())
    requests.flush()
    seconds, entries = struct.unpack("<dI", answers.read(12))
    palette = np.frombuffer(answers.read(3 * entries), np.uint8).reshape(-1, 3)
    return Recolored(palette, np.frombuffer(answers.read(height * width), np.uint8), seconds)


@cache
def _quantette_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Start the program once; it ends when its standard input does."""
    environment = os.environ | _NATIVE | {"RAYON_NUM_THREADS": str(CORES)}
    command = ("cargo", "run", *_CARGO)
    program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    assert program.stdin is not None
    assert program.stdout is not None
    return program.stdin, program.stdout


_PROGRAMS = {"pngquant": ("pngquant", "--version"), "ImageMagick": (IMAGEMAGICK, "-version")}
_CARGO = ("--release", "--quiet", "--locked", "--manifest-path", str(QUANTETTE))
_NATIVE = {"RUSTFLAGS": "-C target-cpu=native"}  # its documentation advises AVX2, which it does not look for itself


def _rounded(centers: npt.NDArray[Any]) -> Image:
    rounded: Image = np.clip(np.rint(centers), 0, 255).astype(np.uint8)
    return rounded


@cache
def version(package: str) -> str | None:
    """Return the version of a contestant's package, None where it is not installed; builds quantette."""
    if package == "quantette":
        if (
            not shutil.which("cargo")
            or subprocess.run(("cargo", "build", *_CARGO), env=os.environ | _NATIVE).returncode
        ):
            return None
        lock = QUANTETTE.with_name("Cargo.lock").read_text(encoding="utf-8")
        return lock.partition('name = "quantette"\nversion = "')[2].partition('"')[0]
    if package in _PROGRAMS:
        if not shutil.which(_PROGRAMS[package][0]):
            return None
        words = subprocess.run(_PROGRAMS[package], capture_output=True, text=True, check=True).stdout.split()
        return next(word for word in words if word[0].isdigit())
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


@dataclass(frozen=True)
class Contestant:
    """A way to quantize, and what the tables need to know of it.

    `against` is the setting of ours that does the same: the space whose distance counts, dithered or not.
    """

    name: str
    package: str
    run: Callable[[Image, int], Recolored]
    against: str = "hueclid srgb"
    slow: bool = False


CONTESTANTS = (
    Contestant("hueclid srgb", "hueclid", hueclid_srgb),
    Contestant("hueclid oklab", "hueclid", hueclid_oklab),
    Contestant("hueclid default", "hueclid", hueclid_default),
    Contestant("cv2.kmeans x10", "opencv-python-headless", opencv, slow=True),
    Contestant("sklearn KMeans", "scikit-learn", scikit_kmeans, slow=True),
    Contestant("sklearn MiniBatch", "scikit-learn", scikit_minibatch),
    Contestant("faiss", "faiss-cpu", faiss),
    Contestant("Pillow median cut", "pillow", pillow_median_cut),
    Contestant("Pillow octree", "pillow", pillow_octree),
    Contestant("imagequant", "imagequant", imagequant),
    Contestant("imagequant dithered", "imagequant", imagequant_dithered, against="hueclid default"),
    Contestant("quantette", "quantette", quantette, against="hueclid oklab"),
    Contestant("quantette dithered", "quantette", quantette_dithered, against="hueclid default"),
)
