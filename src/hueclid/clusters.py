"""k-means for points of any number of dimensions: what colors have, for everything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from . import _core
from .options import SEED, THREADS

Real = TypeVar("Real", np.float32, np.float64)
Labels: TypeAlias = npt.NDArray[np.int32]
Weights: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Clusters(Generic[Real]):
    """Centers, and the points that are nearest to each.

    Attributes:
        centers: `(k, d)`, of the points' dtype.
        labels: `(n,)` int32, the number of the center nearest to each point, ties to the lower, told in 64 bits.
        compactness: the weighted sum of the squared distances to these centers (inertia).
        iterations: how often the centers moved, in the attempt that counts.
    """

    centers: npt.NDArray[Real]
    labels: Labels
    compactness: float
    iterations: int

    @classmethod
    def solve(
        cls,
        points: npt.NDArray[Real],
        k: int,
        *,
        weights: Weights | None = None,
        init: Literal["k-means++", "random"] | npt.NDArray[Real] = "k-means++",
        labels: Labels | None = None,
        attempts: int = 1,
        max_iterations: int = 300,
        epsilon: float = 0.0,
        together: bool = False,
        seed: int = SEED.default,
        threads: int = THREADS.default,
    ) -> Clusters[Real]:
        """Find `k` centers for points by k-means (S. P. Lloyd, "Least squares quantization in PCM", 1982).

        Points that cannot have changed their center are not asked again (G. Hamerly, "Making k-means even faster",
        2010). Many points of up to four dimensions are first gathered into cells, among which the engine for colors
        searches; `attempts` beyond the first are made there, and one of them is carried on with all points. A center
        that loses all its points goes to the point that is served worst. The result depends on the arguments alone,
        never on the threads.

        Args:
            points: `(n, d)` float32 or float64, finite, d at least 1.
            k: how many centers, 1 to n.
            weights: `(n,)` float64, finite and not negative: how much each point counts; 1 when left out.
            init: "k-means++" (D. Arthur and S. Vassilvitskii, 2007), "random" for points drawn at random, or `(k, d)`
                centers of the points' dtype for the first attempt.
            labels: `(n,)` int32 from 0 to k - 1: the first attempt starts from the means of equal labels.
            attempts: how many starts, at least 1; the least compactness counts.
            max_iterations: how often the centers may move in an attempt.
            epsilon: a move of every center by no more than this distance ends an attempt.
            together: whether `epsilon` bounds the root of the sum of their squared moves instead.
            seed: what random numbers depend on, 0 to 2**64 - 1.
            threads: how many to use, 0 for all cores; never changes the result.

        Raises:
            TypeError: an array is of a wrong dtype.
            ValueError: a shape does not fit, a number is out of range or not finite.

        >>> import numpy as np
        >>> points = np.array([[0.0], [1.0], [8.0]])
        >>> clusters = Clusters.solve(points, 2, init=np.array([[0.0], [9.0]]))
        >>> clusters.centers.ravel().tolist(), clusters.labels.tolist(), clusters.compactness
        ([0.5, 8.0], [0, 0, 1], 0.5)
        """
        points, weights = _checked(points, weights)
        if not 1 <= k <= len(points):
            raise ValueError(f"k must be from 1 to the number of points, {len(points)}; got {k}")
        if attempts < 1 or max_iterations < 0 or not epsilon >= 0:
            raise ValueError(
                "attempts must be at least 1, max_iterations and epsilon not negative, "
                f"got {attempts}, {max_iterations} and {epsilon}"
            )
        centers = None if isinstance(init, str) else _centers(init, points, k)
        if labels is not None and (labels.shape != (len(points),) or labels.min() < 0 or labels.max() >= k):
            raise ValueError(f"labels must be {len(points)} numbers from 0 to {k - 1}, got shape {labels.shape}")
        found, means, compactness, iterations = _core.cluster_points(
            points,
            weights,
            k,
            init if isinstance(init, str) else "",
            centers,
            labels,
            attempts,
            max_iterations,
            epsilon,
            bool(together),
            SEED.check(seed),
            THREADS.check(threads),
        )
        return cls(means, found, compactness, iterations)

    @classmethod
    def assign(
        cls,
        points: npt.NDArray[Real],
        centers: npt.NDArray[Real],
        *,
        weights: Weights | None = None,
        threads: int = THREADS.default,
    ) -> Clusters[Real]:
        """Give each point to the nearest of given centers.

        Args:
            points: `(n, d)` float32 or float64, finite.
            centers: `(k, d)` of the same dtype, finite.
            weights: `(n,)` float64: how much each point counts; 1 when left out.
            threads: how many to use, 0 for all cores; never changes the result.

        Raises:
            TypeError: an array is of a wrong dtype.
            ValueError: a shape does not fit or a number is not finite.
        """
        points, weights = _checked(points, weights)
        centers = _centers(centers, points, len(centers))
        labels, compactness = _core.assign_points(points, weights, centers, THREADS.check(threads))
        return cls(centers, labels, compactness, 0)

    def __repr__(self) -> str:
        k, d = self.centers.shape
        return f"Clusters({len(self.labels):,} points of {d} dimensions in {k}, compactness={self.compactness:.6g})"


def _checked(points: npt.NDArray[Real], weights: Weights | None) -> tuple[npt.NDArray[Real], Weights | None]:
    """Return both as the core reads them: contiguous, of the machine's byte order, finite."""
    if not isinstance(points, np.ndarray) or points.dtype.type not in (np.float32, np.float64):
        got = f"an array of {points.dtype}" if isinstance(points, np.ndarray) else type(points).__name__
        raise TypeError(f"points must be an array of float32 or float64, got {got}")
    if points.ndim != 2 or not points.size:
        raise ValueError(f"points must be of shape (n, d), neither of them 0, got {points.shape}")
    points = np.ascontiguousarray(points, points.dtype.type)
    refuse_not_finite(points)
    if weights is not None:
        weights = np.ascontiguousarray(weights, np.float64)
        if weights.shape != points.shape[:1] or not np.isfinite(weights).all() or weights.min() < 0:
            raise ValueError(f"weights must be {len(points)} finite numbers that are not negative")
    return points, weights


def _centers(centers: npt.NDArray[Real], points: npt.NDArray[Real], k: int) -> npt.NDArray[Real]:
    if centers.shape != (k, points.shape[1]) or not k:
        raise ValueError(f"centers must be of shape ({k or 'k'}, {points.shape[1]}), got {centers.shape}")
    if centers.dtype.type is not points.dtype.type:
        raise TypeError(f"centers must be of the points' dtype, {points.dtype}, got {centers.dtype}")
    centers = np.ascontiguousarray(centers, points.dtype.type)
    refuse_not_finite(centers)
    return centers


def refuse_not_finite(points: npt.NDArray[Real]) -> None:
    """Say where the first NaN or infinity of an `(n, d)` array stands.

    Raises:
        ValueError: there is one, or the numbers are too large to add up.
    """
    with np.errstate(all="ignore"):
        if np.isfinite(points.sum()):
            return
        total = points.sum(dtype=np.float64)
    wrong = np.argwhere(~np.isfinite(points))
    if len(wrong):
        row, column = wrong[0]
        raise ValueError(
            f"input contains NaN or infinity: {points[row, column]} in row {row}, column {column}, and "
            f"{len(wrong) - 1:,} more; leave such rows out or use np.nan_to_num()"
        )
    if not np.isfinite(total):
        raise ValueError("points are so large that their sum is no number of 64 bits; divide them by a power of ten")
