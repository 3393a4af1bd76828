"""The contestants: each turns an `(H, W, 3)` uint8 sRGB image into a palette and an index for each pixel.

Every function does what the library's own documentation shows, and nothing that is ours. Libraries are
imported where they are used, so that a missing one costs only its own rows.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import PIL.Image

Image = npt.NDArray[np.uint8]
Recolored = tuple[npt.NDArray[Any], npt.NDArray[Any]]
"""A palette `(k, 3)` or `(k, 4)` uint8, and the pixels' indices into it, of `(H, W)` or flat."""

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def hueclid_srgb(image: Image, colors: int) -> Recolored:
    """Quantize as the others do: squared distance in sRGB, nearest color."""
    return _hueclid(image, colors, "srgb", "none")


def hueclid_default(image: Image, colors: int) -> Recolored:
    """Quantize by hueclid's defaults: Oklab, dithered."""
    return _hueclid(image, colors, "oklab", "floyd-steinberg")


def _hueclid(
    image: Image, colors: int, space: Literal["srgb", "oklab"], dither: Literal["none", "floyd-steinberg"]
) -> Recolored:
    import hueclid

    indexed = hueclid.quantize(image, colors, space=space, dither=dither, threads=CORES)
    return indexed.palette.colors, indexed.indices


def opencv(image: Image, colors: int) -> Recolored:
    """cv2.kmeans as tutorials call it: ten attempts of at most ten passes, random centers."""
    import cv2

    cv2.setNumThreads(CORES)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 10, 1.0)
    points = np.float32(image.reshape(-1, 3))
    _, labels, centers = cv2.kmeans(points, colors, None, criteria, 10, cv2.KMEANS_RANDOM_CENTERS)
    return centers.astype(np.uint8), labels.ravel()


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
    return _rounded(estimator.cluster_centers_), estimator.labels_


def faiss(image: Image, colors: int) -> Recolored:
    """faiss.Kmeans: 25 passes over all points, none sampled away."""
    import faiss

    faiss.omp_set_num_threads(CORES)
    points = image.reshape(-1, 3).astype(np.float32)
    kmeans = faiss.Kmeans(3, colors, niter=25, max_points_per_centroid=len(points))
    kmeans.train(points)
    return _rounded(kmeans.centroids), kmeans.index.search(points, 1)[1].ravel()


def pillow_median_cut(image: Image, colors: int) -> Recolored:
    """Pillow's median cut."""
    return _pillow(image, colors, PIL.Image.Quantize.MEDIANCUT)


def pillow_octree(image: Image, colors: int) -> Recolored:
    """Pillow's fast octree."""
    return _pillow(image, colors, PIL.Image.Quantize.FASTOCTREE)


def _pillow(image: Image, colors: int, method: PIL.Image.Quantize) -> Recolored:
    quantized = PIL.Image.fromarray(image).quantize(colors, method=method, dither=PIL.Image.Dither.NONE)
    palette = np.array(quantized.getpalette("RGB"), dtype=np.uint8)
    return palette.reshape(-1, 3), np.asarray(quantized)


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
    return np.array(palette, np.uint8).reshape(-1, 4), np.frombuffer(indices, np.uint8)


def _rounded(centers: npt.NDArray[Any]) -> Image:
    rounded: Image = np.clip(np.rint(centers), 0, 255).astype(np.uint8)
    return rounded


@dataclass(frozen=True)
class Contestant:
    """A way to quantize, and what the tables need to know of it."""

    name: str
    package: str
    run: Callable[[Image, int], Recolored]
    dithered: bool = False
    slow: bool = False


CONTESTANTS = (
    Contestant("hueclid srgb", "hueclid", hueclid_srgb),
    Contestant("hueclid default", "hueclid", hueclid_default, dithered=True),
    Contestant("cv2.kmeans x10", "opencv-python-headless", opencv, slow=True),
    Contestant("sklearn KMeans", "scikit-learn", scikit_kmeans, slow=True),
    Contestant("sklearn MiniBatch", "scikit-learn", scikit_minibatch),
    Contestant("faiss", "faiss-cpu", faiss),
    Contestant("Pillow median cut", "pillow", pillow_median_cut),
    Contestant("Pillow octree", "pillow", pillow_octree),
    Contestant("imagequant", "imagequant", imagequant),
    Contestant("imagequant dithered", "imagequant", imagequant_dithered, dithered=True),
)
