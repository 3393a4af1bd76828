"""Temporary."""
import numpy as np
import numpy.typing as npt
Pixels = npt.NDArray[np.uint8]
def as_pixels(p):
    return np.ascontiguousarray(p)
