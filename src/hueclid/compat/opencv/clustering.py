"""`cv2.kmeans`, its constants and its random numbers."""

from __future__ import annotations

import operator
import random
import warnings
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ...clusters import Clusters, refuse_not_finite
from .errors import ASSERTION, BAD_ARGUMENT, NO_CONVERGENCE, UNSPECIFIED, error

TERM_CRITERIA_COUNT: Final = 1
TERM_CRITERIA_MAX_ITER: Final = 1
TERM_CRITERIA_EPS: Final = 2
TermCriteria_COUNT: Final = 1
TermCriteria_MAX_ITER: Final = 1
TermCriteria_EPS: Final = 2
KMEANS_RANDOM_CENTERS: Final = 0
KMEANS_USE_INITIAL_LABELS: Final = 1
KMEANS_PP_CENTERS: Final = 2

_FLOAT_EPSILON: Final = float(np.finfo(np.float32).eps)
_MOST_CHANNELS: Final = 512
_UNLIMITED: Final = 1 << 31
_STATE: Final = random.Random(0)


def setRNGSeed(seed: int) -> None:  # noqa: N802 OpenCV's name
    """Make the random numbers of the following calls repeat."""
    try:
        _STATE.seed(operator.index(seed))
    except TypeError:
        raise TypeError("Argument 'seed' is required to be an integer") from None


def kmeans(
    data: npt.NDArray[np.float32],
    K: int,  # noqa: N803 OpenCV's name
    bestLabels: npt.NDArray[np.int32] | None,  # noqa: N803
    criteria: tuple[int, int, float] | None,
    attempts: int,
    flags: int,
    centers: npt.NDArray[np.float32] | None = None,
) -> tuple[float, npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Find centers of clusters and group the samples around them, as `cv2.kmeans` does.

    `attempts`, `criteria` and `flags` say how much effort is allowed, and where to start. Of many samples of up to four
    features, such as pixels, a part is first gathered into cells; all attempts are made among these, and one is carried
    on with all samples.

    Args:
        data: float32 samples: `(N, D)`, `(N, 1, D)` or `(1, N, D)`; `(N,)` and `(1, N)` are N samples of one feature.
            `(H, W, C)` is H samples of W * C features, as for OpenCV; that is hardly what you want, and warned of.
        K: how many clusters, 1 to N.
        bestLabels: None, or int32 labels `(N, 1)`, `(N,)` or `(1, N)`, overwritten and returned. With
            `KMEANS_USE_INITIAL_LABELS` the first attempt starts from them.
        criteria: `(type, max_iter, epsilon)`. An attempt ends after `max_iter` iterations (at least 2) if the type has
            `TERM_CRITERIA_MAX_ITER`, and once no center moves by more than `epsilon` if it has `TERM_CRITERIA_EPS`
            (otherwise than 1.2e-7); always when no label changes. None for neither.
        attempts: how many starts, of which the least compactness counts; less than 1 counts as 1.
        flags: `KMEANS_RANDOM_CENTERS` or `KMEANS_PP_CENTERS`: random starts, which are by k-means++ for both;
            plus `KMEANS_USE_INITIAL_LABELS`.
        centers: None, or a float32 `(K, D)` array, overwritten and returned.

    Returns:
        The compactness, which is the sum of the squared distances to the returned centers; labels, int32 `(N, 1)`,
        of the nearest center; centers, float32 `(K, D)`. Every center has a label.

    Raises:
        error: an argument is of a wrong type or out of range, or data holds NaN or infinity.

    >>> import numpy as np
    >>> data = np.float32([[1, 1], [1, 2], [9, 9]])
    >>> criteria = (TERM_CRITERIA_EPS + TERM_CRITERIA_MAX_ITER, 10, 1.0)
    >>> compactness, labels, centers = kmeans(data, 2, None, criteria, 10, KMEANS_PP_CENTERS)
    >>> compactness, centers[labels.ravel()].tolist()
    (0.5, [[1.0, 1.5], [1.0, 1.5], [9.0, 9.0]])
    """
    k, attempts, flags = (_integer(*named) for named in (("K", K), ("attempts", attempts), ("flags", flags)))
    labels = _output("bestLabels", bestLabels)
    means = _output("centers", centers)
    most, epsilon = _limits(criteria)
    samples = _samples(data, k)
    initial = None
    if flags & KMEANS_USE_INITIAL_LABELS and labels is not None:
        initial = _initial(labels, len(samples), k)
    found = Clusters.solve(
        samples,
        k,
        labels=initial,
        attempts=max(attempts, 1),
        max_iterations=most,
        epsilon=epsilon,
        seed=_STATE.getrandbits(64),
    )
    if found.compactness == 0:
        _share(found.labels, found.centers)
    if labels is None or labels.dtype != np.int32 or labels.shape not in _shapes(len(samples)):
        labels = found.labels.reshape(-1, 1)
    else:
        labels[...] = found.labels.reshape(labels.shape)
    if means is None or means.dtype != np.float32 or means.shape != found.centers.shape:
        means = found.centers
    else:
        means[...] = found.centers
    return found.compactness, labels, means


def _refused(code: int, message: str) -> error:
    return error(code, message, "kmeans")


def _integer(name: str, value: object) -> int:
    """Take an integer of any kind but bool, as OpenCV does."""
    if isinstance(value, (bool, np.bool_)):
        raise _refused(BAD_ARGUMENT, f"Argument '{name}' must be integer, not bool")
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise _refused(BAD_ARGUMENT, f"Argument '{name}' is required to be an integer; got {value!r}") from None


def _output(name: str, array: Any) -> npt.NDArray[Any] | None:
    """Return an array that can be written to, or None."""
    if array is None:
        return None
    if not isinstance(array, np.ndarray):
        raise _refused(BAD_ARGUMENT, f"{name} is not a numpy array, neither a scalar; got {type(array).__name__}")
    if not array.flags.writeable:
        raise _refused(
            BAD_ARGUMENT, f"{name} marked as output argument, but provided NumPy array marked as readonly; pass a copy"
        )
    if array.dtype.kind not in "iuf" or (array.dtype.itemsize == 8 and array.dtype.kind != "f"):
        raise _refused(
            BAD_ARGUMENT,
            f"Layout of the output array {name} is incompatible with cv::Mat: its dtype is {array.dtype}; "
            f"use {'int32' if name == 'bestLabels' else 'float32'}",
        )
    return array


def _limits(criteria: Any) -> tuple[int, float]:
    """Return the most iterations, and the distance below which moves end."""
    if criteria is None:
        criteria = (0, 0, 0.0)
    try:
        parts = tuple(criteria)
    except TypeError:
        raise _refused(BAD_ARGUMENT, f"Can't parse 'criteria' as TermCriteria; got {criteria!r}") from None
    if len(parts) != 3:
        raise _refused(
            BAD_ARGUMENT,
            f"Can't parse 'criteria' as TermCriteria. Expected sequence length 3, got {len(parts)}; "
            "give (type, max_iter, epsilon)",
        )
    kind = _integer("criteria type", parts[0])
    most = _integer("criteria max count", parts[1])
    try:
        epsilon = float(parts[2])
    except (TypeError, ValueError):
        raise _refused(
            BAD_ARGUMENT, f"Argument 'criteria epsilon' can not be treated as a double; got {parts[2]!r}"
        ) from None
    given = kind & TERM_CRITERIA_EPS and epsilon == epsilon
    return (
        min(max(most, 2), _UNLIMITED) if kind & TERM_CRITERIA_COUNT else _UNLIMITED,
        max(epsilon, 0.0) if given else _FLOAT_EPSILON,
    )


def _samples(data: Any, k: int) -> npt.NDArray[np.float32]:
    """Return the samples as `(N, D)`."""
    if data is not None and not isinstance(data, np.ndarray):
        raise _refused(
            BAD_ARGUMENT,
            f"data is not a numpy array, neither a scalar; got {type(data).__name__}; use np.float32(data)",
        )
    asserted = "data0.dims <= 2 && type == CV_32F && K > 0"
    if data is None or data.dtype != np.float32:
        got = "None" if data is None else data.dtype
        raise _refused(ASSERTION, f"{asserted}: data must be of float32, got {got}; use np.float32(data)")
    if k < 1:
        raise _refused(ASSERTION, f"{asserted}: K must be at least 1, got {k}")
    match data.shape:
        case (_,) | (1, _):
            samples = data.reshape(-1, 1)
        case (_, _):
            samples = data
        case (1, _, features) | (_, 1, features) if features <= _MOST_CHANNELS:
            samples = data.reshape(-1, features)
        case (height, width, channels) if channels <= _MOST_CHANNELS:
            warnings.warn(
                f"data of shape {data.shape} is {height} samples of {width * channels} features; "
                f"to cluster pixels use data.reshape(-1, {channels})",
                stacklevel=3,
            )
            samples = data.reshape(height, width * channels)
        case _:
            raise _refused(ASSERTION, f"{asserted}: data must be of shape (N, D), got {data.shape}")
    if not samples.shape[1]:
        raise _refused(ASSERTION, f"{asserted}: samples must have at least one feature, got shape {data.shape}")
    if len(samples) < k:
        raise _refused(
            UNSPECIFIED,
            "There can't be more clusters than elements (expected: 'N >= K'), where\n"
            f">     'N' is {len(samples)}\n> must be greater than or equal to\n>     'K' is {k}\n",
        )
    try:
        refuse_not_finite(samples)
    except ValueError as wrong:
        raise _refused(
            NO_CONVERGENCE, f"kmeans: can't update cluster center (check input for huge or NaN values): {wrong}"
        ) from None
    return samples


def _shapes(samples: int) -> tuple[tuple[int, ...], ...]:
    return (samples, 1), (samples,), (1, samples)


def _initial(labels: npt.NDArray[Any], samples: int, k: int) -> npt.NDArray[np.int32]:
    """Return labels to start from."""
    if labels.dtype != np.int32 or labels.shape not in _shapes(samples):
        raise _refused(
            ASSERTION,
            f"bestLabels must be int32 of shape ({samples}, 1) with KMEANS_USE_INITIAL_LABELS, "
            f"got {labels.dtype} of shape {labels.shape}",
        )
    initial = np.ascontiguousarray(labels).reshape(-1)
    wrong = np.flatnonzero((initial < 0) | (initial >= k))
    if len(wrong):
        raise _refused(
            ASSERTION,
            f"(unsigned)_labels.at<int>(i) < (unsigned)K: labels must be from 0 to {k - 1}, "
            f"got {initial[wrong[0]]} for sample {wrong[0]}",
        )
    return initial


def _share(labels: npt.NDArray[np.int32], centers: npt.NDArray[np.float32]) -> None:
    """Give each center without a label the sample of one that has several.

    There are such only where the distinct samples are fewer than the centers: every sample lies on its center then, and
    a second center there is as near.
    """
    counts = np.bincount(labels, minlength=len(centers))
    empty = np.flatnonzero(counts == 0)
    if len(empty):
        order = np.argsort(labels, kind="stable")
        first = np.zeros(len(order), bool)
        first[np.cumsum(counts[counts > 0]) - counts[counts > 0]] = True
        spare = order[~first][: len(empty)]
        centers[empty] = centers[labels[spare]]
        labels[spare] = empty
