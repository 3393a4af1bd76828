"""Estimators to scikit-learn's contract: `KMeans` for any samples, `ColorQuantizer` for images. Needs scikit-learn.

from hueclid.compat.sklearn import KMeans
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.utils import check_array, check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from ..clusters import Clusters
from ..histogram import Histogram
from ..indexed import Indexed
from ..look import Look
from ..options import COLORS, DITHER, DITHER_STRENGTH, EFFORT, SPACE, Dither, Effort, Space
from ..palette import Palette
from ..pixels import Pixels, as_pixels

Floats = npt.NDArray[Any]
_FLOATS = (np.float64, np.float32)


class KMeans(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """k-means clustering, as `sklearn.cluster.KMeans`, with `partial_fit` for streams.

    Samples are dense. Of many samples of up to four features, such as pixels, a part is first gathered into cells; the
    starts of `init="k-means++"` are all tried among these, and one is carried on with all samples.

    Args:
        n_clusters: how many clusters, and centers.
        init: "k-means++", "random" for samples drawn at random, `(n_clusters, n_features)` centers, or
            `init(X, n_clusters, random_state)` that returns such.
        n_init: how many starts; the least inertia counts. "auto": 1 for "k-means++" and given centers, 10 for others.
        max_iter: how often the centers may move for one start.
        tol: share of the mean variance of the features; centers that together move by no more, squared, end a start.
        verbose: whether `fit` prints how it went; not 0: yes.
        random_state: seed, or generator, of random numbers.
        copy_x: taken as scikit-learn's own; samples are never changed.
        algorithm: "lloyd" or "elkan", which are two ways to one result; neither changes anything here.

    Attributes:
        cluster_centers_: `(n_clusters, n_features)`, float32 for float32 samples, else float64.
        labels_: `(n_samples,)` int32, the center nearest to each sample, ties to the lower; what `predict` says.
        inertia_: weighted sum of squared distances to the nearest centers.
        n_iter_: how often the centers moved, or how many batches came.
        n_features_in_: how many features samples have.
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        "n_clusters": [Interval(Integral, 1, None, closed="left")],
        "init": [StrOptions({"k-means++", "random"}), callable, "array-like"],
        "n_init": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
        "copy_x": ["boolean"],
        "algorithm": [StrOptions({"lloyd", "elkan"})],
    }

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: str | npt.ArrayLike | Callable[..., Floats] = "k-means++",
        n_init: int | str = "auto",
        max_iter: int = 300,
        tol: float = 1e-4,
        verbose: int | bool = 0,
        random_state: Any = None,
        copy_x: bool = True,
        algorithm: str = "lloyd",
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.verbose = verbose
        self.random_state = random_state
        self.copy_x = copy_x
        self.algorithm = algorithm

    def fit(self, X: npt.ArrayLike, y: object = None, sample_weight: npt.ArrayLike | None = None) -> KMeans:  # noqa: ARG002, N803
        """Find centers for the samples.

        Args:
            X: `(n_samples, n_features)`, finite; float32 stays so, everything else becomes float64.
            y: not used.
            sample_weight: `(n_samples,)`, how much each sample counts, not negative.

        Raises:
            ValueError: a parameter, the samples or the weights are out of range.
        """
        self._validate_params()
        samples: Floats = validate_data(self, X, dtype=_FLOATS, order="C", accept_large_sparse=False)
        self._solve(samples, self._weights(samples, sample_weight))
        return self

    def _solve(self, samples: Floats, weights: Floats | None) -> None:
        k = self.n_clusters
        if len(samples) < k:
            raise ValueError(f"n_samples={len(samples)} should be >= n_clusters={k}.")
        random = check_random_state(self.random_state)
        starts, attempts = self._starts(samples, random)
        # Squared distances to the mean of all samples: their mean over samples and features is the mean variance.
        variance = Clusters.assign(samples, samples.mean(axis=0, keepdims=True)).compactness / samples.size
        found: Clusters[Any] | None = None
        for start in starts:
            clusters: Clusters[Any] = Clusters.solve(
                samples,
                k,
                weights=weights,
                init=start,
                attempts=attempts,
                max_iterations=self.max_iter,
                epsilon=float(np.sqrt(self.tol * variance)),
                together=True,
                seed=int(random.randint(2**31 - 1)),
            )
            if found is None or clusters.compactness < found.compactness:
                found = clusters
        assert found is not None  # there is a start
        distinct = np.count_nonzero(np.bincount(found.labels))
        if distinct < k:
            warnings.warn(
                f"Number of distinct clusters ({distinct}) found smaller than n_clusters ({k}). "
                "Possibly due to duplicate points in X.",
                ConvergenceWarning,
                stacklevel=3,
            )
        self._set(found)
        self._counts = np.bincount(found.labels, weights=weights, minlength=k).astype(np.float64)
        self.n_iter_ = found.iterations
        if self.verbose:
            print(f"{self.n_iter_} iterations, inertia {self.inertia_}")  # noqa: T201 it was asked for

    def _set(self, clusters: Clusters[Any]) -> None:
        self.cluster_centers_ = clusters.centers
        self.labels_ = clusters.labels
        self.inertia_ = clusters.compactness

    def _starts(self, samples: Floats, random: Any) -> tuple[list[Any], int]:
        """Return what the starts are made from, and how many are made from each."""
        by_chance = isinstance(self.init, str)
        often = self.n_init
        if often == "auto":
            often = 10 if callable(self.init) or (by_chance and self.init == "random") else 1
        if by_chance:
            return [self.init], int(often)
        if callable(self.init):
            return [self._centers(self.init(samples, self.n_clusters, random), samples) for _ in range(int(often))], 1
        if often != 1:
            warnings.warn(
                "Explicit initial center position passed: performing only one init in KMeans instead of "
                f"n_init={often}.",
                RuntimeWarning,
                stacklevel=4,
            )
        return [self._centers(self.init, samples)], 1

    def _centers(self, init: Any, samples: Floats) -> Floats:
        centers: Floats = check_array(init, dtype=samples.dtype.type, order="C", copy=True)
        if len(centers) != self.n_clusters:
            raise ValueError(
                f"The shape of the initial centers {centers.shape} does not match the number of clusters "
                f"{self.n_clusters}."
            )
        if centers.shape[1] != samples.shape[1]:
            raise ValueError(
                f"The shape of the initial centers {centers.shape} does not match the number of features of the data "
                f"{samples.shape[1]}."
            )
        return centers

    def _weights(self, samples: Floats, sample_weight: npt.ArrayLike | None) -> Floats | None:
        if sample_weight is None:
            return None
        weights: Floats = _check_sample_weight(sample_weight, samples, dtype=np.float64)
        if weights.min() < 0:
            raise ValueError(f"sample_weight must not be negative, got {weights.min()}")
        return weights

    def partial_fit(
        self,
        X: npt.ArrayLike,  # noqa: N803
        y: object = None,  # noqa: ARG002
        sample_weight: npt.ArrayLike | None = None,
    ) -> KMeans:
        """Take one batch of a stream: each center becomes the mean of all samples that it was given so far.

        The first batch, of at least `n_clusters` samples, is fitted like any data; later ones move the centers (D.
        Sculley, "Web-scale k-means clustering", 2010). After `fit` the stream goes on from what was fitted. `labels_`
        and `inertia_` are those of the last batch, to the centers after it.

        Args:
            X: `(n_samples, n_features)`, finite.
            y: not used.
            sample_weight: `(n_samples,)`, how much each sample counts, not negative.

        Raises:
            ValueError: a parameter, the samples or the weights are out of range.
        """
        self._validate_params()
        first = not hasattr(self, "cluster_centers_")
        samples: Floats = validate_data(self, X, dtype=_FLOATS, order="C", reset=first)
        weights = self._weights(samples, sample_weight)
        if first:
            self._solve(samples, weights)
            self.n_iter_ = 1
            return self
        samples = samples.astype(self.cluster_centers_.dtype, copy=False)
        labels = Clusters.assign(samples, self.cluster_centers_).labels
        each = np.ones(len(samples)) if weights is None else weights
        gained = np.bincount(labels, weights=each, minlength=self.n_clusters)
        self._counts = self._counts + gained
        centers = self.cluster_centers_.astype(np.float64)
        share = np.divide(1.0, self._counts, out=np.zeros_like(self._counts), where=self._counts > 0)
        for feature in range(samples.shape[1]):
            apart = each * (samples[:, feature] - centers[labels, feature])
            centers[:, feature] += share * np.bincount(labels, weights=apart, minlength=self.n_clusters)
        self._set(Clusters.assign(samples, centers.astype(self.cluster_centers_.dtype), weights=weights))
        self.n_iter_ += 1
        return self

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[np.int32]:  # noqa: N803
        """Return the number of the center nearest to each sample, `(n_samples,)` int32.

        Raises:
            ValueError: the samples have other features than those fitted, or are not finite.
            NotFittedError: nothing was fitted.
        """
        return self._assigned(self._samples(X)).labels

    def transform(self, X: npt.ArrayLike) -> Floats:  # noqa: N803
        """Return the distance of each sample to each center, `(n_samples, n_clusters)`.

        Raises:
            ValueError: the samples have other features than those fitted, or are not finite.
            NotFittedError: nothing was fitted.
        """
        distances: Floats = euclidean_distances(self._samples(X), self.cluster_centers_)
        return distances

    def score(
        self,
        X: npt.ArrayLike,  # noqa: N803
        y: object = None,  # noqa: ARG002
        sample_weight: npt.ArrayLike | None = None,
    ) -> float:
        """Return minus the weighted sum of squared distances to the nearest centers.

        Raises:
            ValueError: the samples have other features than those fitted, or are not finite.
            NotFittedError: nothing was fitted.
        """
        samples = self._samples(X)
        return -self._assigned(samples, self._weights(samples, sample_weight)).compactness

    def _samples(self, X: npt.ArrayLike) -> Floats:  # noqa: N803
        check_is_fitted(self)
        samples: Floats = validate_data(self, X, dtype=_FLOATS, order="C", reset=False)
        return samples

    def _assigned(self, samples: Floats, weights: Floats | None = None) -> Clusters[Any]:
        common = np.result_type(samples, self.cluster_centers_)
        return Clusters.assign(
            samples.astype(common, copy=False), self.cluster_centers_.astype(common), weights=weights
        )

    @property
    def _n_features_out(self) -> int:
        return len(self.cluster_centers_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


class ColorQuantizer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Images in, the same images in few colors out: one palette for all that were fitted.

    Args:
        colors: how many to keep, 1 to 65,536.
        space: where distances are measured and errors diffused: "oklab", "srgb", "linear" or "lab".
        effort: "fast", "balanced" or "best": how long to search.
        dither: "none", or a name as `Indexed.map` knows them.
        dither_strength: how much of an error counts, 0 to 1.

    Attributes:
        palette_: the `hueclid.Palette`.
    """

    def __init__(
        self,
        colors: int = COLORS.default,
        *,
        space: Space = SPACE.default,
        effort: Effort = EFFORT.default,
        dither: Dither = DITHER.default,
        dither_strength: float = DITHER_STRENGTH.default,
    ) -> None:
        self.colors = colors
        self.space = space
        self.effort = effort
        self.dither = dither
        self.dither_strength = dither_strength

    def fit(self, X: Pixels | Sequence[Pixels], y: object = None) -> ColorQuantizer:  # noqa: ARG002, N803
        """Find the palette.

        Args:
            X: images, uint8 of `(H, W)`, `(H, W, 3)` or `(H, W, 4)`: a sequence of them, or an array `(n, H, W, 3)` or
                `(n, H, W, 4)`.
            y: not used.

        Raises:
            TypeError: an option is of a wrong type, or something is no uint8 array.
            ValueError: an option is out of range, there is no image, or one has another shape.
        """
        images = _images(X)
        look = Look(self.space, self.effort)
        histogram = sum((look.count(image) for image in images), Histogram.empty())
        self.palette_ = Palette.solve(histogram, self.colors, space=self.space, effort=self.effort)
        return self

    def transform(self, X: Pixels | Sequence[Pixels]) -> Any:  # noqa: N803
        """Return the images in the colors of the palette: an array for an array, a list for a sequence.

        They have as many channels as they came with; transparency that the palette has shows in four channels only.

        Raises:
            TypeError: something is no uint8 array.
            ValueError: there is no image, or one has another shape.
            NotFittedError: nothing was fitted.
        """
        check_is_fitted(self)
        recolored = [self._recolored(image) for image in _images(X)]
        return np.stack(recolored) if isinstance(X, np.ndarray) else recolored

    def _recolored(self, image: Pixels) -> Pixels:
        seen = Look(self.space).perceptual
        indexed = Indexed.map(image, self.palette_, dither=self.dither, dither_strength=self.dither_strength, seen=seen)
        return indexed.to_pixels()[..., : 3 if image.ndim == 2 else image.shape[2]]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.no_validation = True
        return tags


def _images(several: Any) -> list[Pixels]:
    """Return each image."""
    if isinstance(several, np.ndarray) and several.ndim != 4:
        raise ValueError(
            f"images must be a list of them, or an array of shape (n, H, W, 3) or (n, H, W, 4), got {several.shape}; "
            "put a single image into a list"
        )
    images = [as_pixels(image) for image in several]
    if not images:
        raise ValueError("there must be at least one image, got none")
    return images
