"""What OpenCV raises."""

from __future__ import annotations

from typing import Final

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
