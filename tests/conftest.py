"""Pictures that the tests share."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import settings

settings.register_profile("hueclid", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("hueclid")


@pytest.fixture(scope="session")
def coffee() -> npt.NDArray[np.uint8]:
    """A photograph, 600 x 400, that scikit-image ships under CC0."""
    from skimage import data

    return np.ascontiguousarray(data.coffee())


@pytest.fixture
def photo(coffee) -> npt.NDArray[np.uint8]:
    """A part of it with some 20,000 distinct colors."""
    return coffee[100:300, 200:400].copy()


@pytest.fixture
def icon(photo) -> npt.NDArray[np.uint8]:
    """A round cut-out with soft edges, whose transparent pixels still have colors."""
    y, x = np.mgrid[:200, :200] - 99.5
    alpha = np.clip((95 - np.hypot(x, y)) * 16, 0, 255).astype(np.uint8)
    return np.dstack([photo, alpha])
