"""Hypothesis strategies for the nouns."""

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hueclid import Histogram, Palette

SPACES = st.sampled_from(["oklab", "srgb", "linear", "lab"])
EFFORTS = st.sampled_from(["fast", "balanced", "best"])
CHANCE = st.sampled_from(["k-means++", "random", "maximin"])
INITS = st.just("divisive") | CHANCE
METHODS = st.sampled_from(["wu", "median-cut", "octree", "maxmin", "popularity", "uniform"])
SEEDS = st.integers(0, 2**64 - 1)


@st.composite
def pixels(draw: st.DrawFn, *, most: int = 12, channels: tuple[int, ...] = (1, 3, 4)) -> npt.NDArray[np.uint8]:
    """Small images: grey, RGB or RGBA, of any colors, of a few, or crowded together."""
    height, width = draw(st.integers(1, most)), draw(st.integers(1, most))
    count = draw(st.sampled_from(channels))
    shape = (height, width) if count == 1 else (height, width, count)
    low, high = draw(st.sampled_from([(0, 255), (100, 104), (0, 1)]))
    return draw(hnp.arrays(np.uint8, shape, elements=st.integers(low, high)))


@st.composite
def histograms(draw: st.DrawFn) -> Histogram:
    """Histograms of small images, with weights up to 2^40."""
    histogram = Histogram.count(draw(pixels()))
    weights = draw(hnp.arrays(np.uint64, len(histogram), elements=st.integers(1, 9) | st.integers(1, 1 << 40)))
    return Histogram(histogram.colors, weights)


@st.composite
def palettes(draw: st.DrawFn, *, most: int = 40, opaque: bool = False) -> Palette:
    """Distinct colors in any order."""
    byte = st.integers(0, 255)
    alpha = st.just(255) if opaque else byte | st.just(255)
    color = st.tuples(byte, byte, byte, alpha)
    colors = draw(st.lists(color, min_size=1, max_size=most, unique=True))
    return Palette.from_colors(colors, space=draw(SPACES))
