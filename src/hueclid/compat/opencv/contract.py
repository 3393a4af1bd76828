"""OpenCV's constants and its error."""

from __future__ import annotations

from typing import Final

TERM_CRITERIA_COUNT: Final = 1
TERM_CRITERIA_MAX_ITER: Final = 1
TERM_CRITERIA_EPS: Final = 2
TermCriteria_COUNT: Final = 1
TermCriteria_MAX_ITER: Final = 1
TermCriteria_EPS: Final = 2
KMEANS_RANDOM_CENTERS: Final = 0
KMEANS_USE_INITIAL_LABELS: Final = 1
KMEANS_PP_CENTERS: Final = 2
IMREAD_UNCHANGED: Final = -1
IMREAD_GRAYSCALE: Final = 0
IMREAD_COLOR: Final = 1
IMREAD_COLOR_BGR: Final = 1
IMREAD_COLOR_RGB: Final = 256

BAD_ARGUMENT: Final = -5
ASSERTION: Final = -215
UNSPECIFIED: Final = -2
NO_CONVERGENCE: Final = -7
_KINDS: Final = {
    BAD_ARGUMENT: "Bad argument",
    ASSERTION: "Assertion failed",
    UNSPECIFIED: "Unspecified error",
    NO_CONVERGENCE: "Iterations do not converge",
}


class error(Exception):  # noqa: N801, N818 OpenCV's name
    """What OpenCV raises for bad input.

    Attributes:
        code: OpenCV's number of the kind of error, such as -215 for a failed assertion.
        err: what is wrong.
        func: the function that was called.
    """

    def __init__(self, code: int, err: str, func: str) -> None:
        super().__init__(f"hueclid: error: ({code}:{_KINDS[code]}) {err} in function '{func}'")
        self.code, self.err, self.func = code, err, func
