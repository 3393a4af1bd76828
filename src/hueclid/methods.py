"""Palettes by other ways than k-means: six classic methods, and what clusters points as scikit-learn's classes do."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from . import _core
from .histogram import Histogram
from .options import COLORS, METHOD, SEARCH, SEED, Space, without_use

Found = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint64], float]
"""Colors `(k, 4)`, weights `(k,)` and the error."""

SAMPLE = 1 << 13
"""As many points stand for all pixels where a clusterer takes no weights; trees and kernels of more take minutes."""

_ROWS = 1 << 16  # points that a clusterer labels at once, to bound its memory


class Clusterer(Protocol):
    """Has `fit(X)`, and after it `predict(X)` or `labels_`: scikit-learn's clusterers and mixtures, and their like."""

    def fit(self, X: Any, /) -> Any:  # noqa: N803 scikit-learn's name
        """Learn from points, `(n, d)` float64."""


def find(
    method: str | Clusterer,
    histogram: Histogram,
    colors: int,
    space: Space,
    threads: int,
    pinned: npt.NDArray[np.uint8],
    search: Mapping[str, object],
) -> Found:
    """Find a palette by another method than k-means.

    Args:
        method: a name, or a clusterer.
        histogram: what to be near to; not empty.
        colors: how many to keep.
        space: the working space.
        threads: how many to use, 0 for all cores.
        pinned: `(p, 4)` colors that take the places nearest to them.
        search: the values given for the options in `SEARCH`, by name.

    Raises:
        TypeError: the method is neither.
        ValueError: there is no such method, an option was given that it has no use for, or a clusterer found nothing.
    """
    if not isinstance(method, str):
        return _cluster(method, histogram, colors, space, threads, pinned, search)
    METHOD.check(method)
    if option := without_use(search, SEARCH):
        raise ValueError(
            f"{option.name} must be left out with method={method!r}, got {search[option.name]!r}; "
            "it says how 'kmeans' searches"
        )
    return _core.palette_by_method(histogram.colors, histogram.weights, colors, method, space, pinned, threads)


def _cluster(
    clusterer: Clusterer,
    histogram: Histogram,
    colors: int,
    space: Space,
    threads: int,
    pinned: npt.NDArray[np.uint8],
    search: Mapping[str, object],
) -> Found:
    """Take the weighted mean of each cluster that `clusterer` finds among the visible colors."""
    if isinstance(clusterer, type) or not callable(getattr(clusterer, "fit", None)):
        hint = f"; make one, as in {clusterer.__name__}()" if isinstance(clusterer, type) else ""
        raise TypeError(f"method must be {METHOD.allowed}, or a clusterer with fit(), got {clusterer!r}{hint}")
    given = {**search, COLORS.name: colors}
    if option := without_use(given, [COLORS, *(option for option in SEARCH if option is not SEED)]):
        why = "it says itself how many there are" if option is COLORS else "it says how 'kmeans' searches"
        raise ValueError(f"{option.name} must be left out with a clusterer, got {given[option.name]!r}; {why}")
    visible = histogram.colors[:, 3] > 0
    points = _core.to_space(histogram.colors[visible], space)
    weights = histogram.weights[visible]
    centers = _means(clusterer, points, weights, int(SEED.check(search[SEED.name]))) if len(points) else points  # type: ignore[call-overload]
    return _core.palette_of_centers(histogram.colors, histogram.weights, centers, space, pinned, threads)


def _means(
    clusterer: Clusterer, points: npt.NDArray[np.float32], weights: npt.NDArray[np.uint64], seed: int
) -> npt.NDArray[np.float32]:
    """Return the weighted mean of each cluster, `(k, 4)`, in the order of the labels; -1 is noise and has none."""
    clusterer = copy.deepcopy(clusterer)  # the caller's is not fitted, and the next call finds it as it was
    opaque = bool((points[:, 3] == points[0, 3]).all())
    features = np.ascontiguousarray(points[:, : 3 if opaque else 4], np.float64)
    if "sample_weight" in inspect.signature(clusterer.fit).parameters:
        fitted: Any = clusterer.fit(features, sample_weight=weights.astype(np.float64))  # type: ignore[call-arg]
    else:
        chosen = sample(weights, seed)
        fitted = clusterer.fit(features[chosen])
        if not hasattr(clusterer, "predict"):
            points, weights = points[chosen], np.ones(len(chosen), np.uint64)
    if hasattr(clusterer, "predict"):
        rows = range(0, len(features), _ROWS)
        labels = np.concatenate([np.asarray(clusterer.predict(features[row : row + _ROWS])) for row in rows])
    elif hasattr(clusterer, "labels_"):
        labels = np.asarray(clusterer.labels_)
    else:
        raise TypeError(f"a clusterer has predict() or labels_ after fit(), and {fitted!r} has neither")
    if labels.shape != weights.shape or labels.dtype.kind not in "iu":
        raise ValueError(f"labels must be {len(weights)} integers, got {labels.dtype} of shape {labels.shape}")
    in_clusters = labels >= 0
    if not in_clusters.any():
        raise ValueError(f"{clusterer!r} found noise alone; let its clusters be wider or smaller")
    _, numbers = np.unique(labels[in_clusters], return_inverse=True)
    shares = weights[in_clusters].astype(np.float64)
    sums = [np.bincount(numbers, shares * plane) for plane in points[in_clusters].T]
    means: npt.NDArray[np.float64] = np.stack(sums, axis=1) / np.bincount(numbers, shares)[:, None]
    return means.astype(np.float32)


def sample(weights: npt.NDArray[np.uint64], seed: int) -> npt.NDArray[np.intp]:
    """Choose up to `SAMPLE` pixels at equal distances in the histogram, the first by chance: numbers of their colors.

    Every color comes as often as its share of them says, give or take less than one; each pixel once when they are no
    more. That is systematic sampling (W. G. Madow and L. H. Madow, "On the theory of systematic sampling", 1944).

    Args:
        weights: `(n,)` uint64.
        seed: what the chance depends on.
    """
    ends = np.cumsum(weights)
    count = min(int(ends[-1]), SAMPLE)
    places = (np.arange(count) + np.random.default_rng(seed).random()) * (float(ends[-1]) / count)
    return np.minimum(np.searchsorted(ends, places, side="right"), len(weights) - 1)
