"""`cv2.kmeans` and what the tutorials need around it, under OpenCV's names and to its contract.

    from hueclid.compat import opencv as cv2

Better where OpenCV is wrong: labels are those of the returned centers, not of the ones before; NaN and infinity are an
error that says where; iterations are not capped at 100.
"""

from .clustering import (
    KMEANS_PP_CENTERS,
    KMEANS_RANDOM_CENTERS,
    KMEANS_USE_INITIAL_LABELS,
    TERM_CRITERIA_COUNT,
    TERM_CRITERIA_EPS,
    TERM_CRITERIA_MAX_ITER,
    TermCriteria_COUNT,
    TermCriteria_EPS,
    TermCriteria_MAX_ITER,
    kmeans,
    setRNGSeed,
)
from .errors import error
from .images import (
    IMREAD_COLOR,
    IMREAD_COLOR_BGR,
    IMREAD_COLOR_RGB,
    IMREAD_GRAYSCALE,
    IMREAD_UNCHANGED,
    destroyAllWindows,
    imread,
    imshow,
    waitKey,
)

__all__ = [
    "IMREAD_COLOR",
    "IMREAD_COLOR_BGR",
    "IMREAD_COLOR_RGB",
    "IMREAD_GRAYSCALE",
    "IMREAD_UNCHANGED",
    "KMEANS_PP_CENTERS",
    "KMEANS_RANDOM_CENTERS",
    "KMEANS_USE_INITIAL_LABELS",
    "TERM_CRITERIA_COUNT",
    "TERM_CRITERIA_EPS",
    "TERM_CRITERIA_MAX_ITER",
    "TermCriteria_COUNT",
    "TermCriteria_EPS",
    "TermCriteria_MAX_ITER",
    "destroyAllWindows",
    "error",
    "imread",
    "imshow",
    "kmeans",
    "setRNGSeed",
    "waitKey",
]
