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


@pytest.fixture(scope="module")
def chromium():
    """A browser."""
    from browser import browser

    with browser() as started:
        yield started


@pytest.fixture(scope="session")
def server(tmp_path_factory, coffee):
    """The page, which begins with two pictures; gives its process, its address, and their folder."""
    from browser import served
    from PIL import Image

    folder = tmp_path_factory.mktemp("pictures")
    Image.fromarray(coffee[100:260, 200:440]).save(folder / "cup.png")
    Image.fromarray(coffee[:90, :120]).save(folder / "table.png")
    with served("cup.png", "table.png", cwd=folder) as (process, address):
        yield process, address, folder


@pytest.fixture
def tab(chromium, server):
    """Open tabs; what the browser complains of fails the test."""
    from browser import Tab

    opened, complaints = [], []

    def open_tab(**settings):
        opened.append(Tab(chromium, server[1], complaints, **settings))
        return opened[-1]

    yield open_tab
    for one in opened:
        one.close()
    assert not complaints
