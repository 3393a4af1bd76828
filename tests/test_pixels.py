"""The gate for arrays: what is good passes as it is, the rest is told what to do."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hueclid.pixels import as_pixels

SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(
    lambda side: st.sampled_from([side, (*side, 3), (*side, 4)])
)
IMAGES = SHAPES.flatmap(lambda shape: arrays.arrays(np.uint8, shape))


@given(IMAGES)
def test_good_arrays_pass_without_a_copy(array):
    assert np.shares_memory(as_pixels(array), array)
    assert as_pixels(array).shape == array.shape


@given(IMAGES)
def test_views_become_contiguous_with_the_same_pixels_and_stay_as_they_are(array):
    view = array[::-1, ::2]
    before = view.copy()
    pixels = as_pixels(view)
    assert pixels.flags.c_contiguous
    assert np.array_equal(pixels, before)
    assert np.array_equal(view, before)


def test_read_only_arrays_and_subclasses_are_welcome():
    array = np.zeros((2, 3, 3), np.uint8)
    array.flags.writeable = False
    assert np.shares_memory(as_pixels(array), array)
    masked = np.ma.MaskedArray(array)
    assert type(as_pixels(masked)) is np.ndarray


WRONG_TYPES = {
    "list": ([[1, 2]], "got list", "np.asarray"),
    "none": (None, "got NoneType", "np.asarray"),
    "float": (np.full((2, 2, 3), 2.5), "got float64", "floats have no agreed range, scale to 0..255"),
    "float up to 1": (np.array([[0, 1, np.nan]]), "got float64", "np.round(array * 255)"),
    "nan": (np.full((2, 2, 3), np.nan, np.float32), "got float32", "12 values are NaN"),
    "bool": (np.zeros((2, 2), bool), "got bool", "np.uint8(255)"),
    "16 bits": (np.zeros((2, 2), np.uint16), "got uint16", "/ 257"),
    "16 bits of a TIFF": (np.zeros((2, 2), ">u2"), "got >u2", "/ 257"),
    "int": (np.zeros((2, 2), int), "got int64", "within 0..255"),
    "strings": (np.array([["a"]]), "got <U1", "numbers"),
}


@pytest.mark.parametrize(("array", "got", "remedy"), WRONG_TYPES.values(), ids=WRONG_TYPES)
def test_a_wrong_type_is_told(array, got, remedy):
    with pytest.raises(TypeError) as caught:
        as_pixels(array)
    assert got in str(caught.value)
    assert remedy in str(caught.value)
    assert "(H, W), (H, W, 3) or (H, W, 4)" in str(caught.value)


WRONG_SHAPES = {
    (4,): "rows and columns",
    (): "rows and columns",
    (4, 5, 1): "array[:, :, 0]",
    (4, 5, 2): "[0, 0, 0, 1]",
    (9, 7, 5): "array[:, :, :3]",
    (3, 4, 5): "np.moveaxis",
    (2, 4, 5, 3): "array[0]",
    (0, 5, 3): "at least one pixel",
    (5, 0): "at least one pixel",
    (0, 0, 4): "at least one pixel",
    (0, 5, 5): "array[:, :, :3]",
}


@pytest.mark.parametrize(("shape", "remedy"), WRONG_SHAPES.items(), ids=map(str, WRONG_SHAPES))
def test_a_wrong_shape_is_told(shape, remedy):
    with pytest.raises(ValueError, match="pixels must be") as caught:
        as_pixels(np.zeros(shape, np.uint8))
    assert f"got shape {shape}" in str(caught.value)
    assert remedy in str(caught.value)


def test_a_list_of_colors_is_told_from_an_image():
    colors = np.zeros((1024, 3), np.uint8)
    with pytest.warns(UserWarning, match=r"shape \(1024, 3\) is a grey image 3 pixels wide.*array\[None\]"):
        as_pixels(colors)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for image in (colors[None], colors[:1023], np.zeros((1024, 5), np.uint8)):
            as_pixels(image)


def test_the_remedies_work():
    grey_alpha = np.arange(40, dtype=np.uint8).reshape(4, 5, 2)
    assert as_pixels(np.take(grey_alpha, [0, 0, 0, 1], axis=2)).shape == (4, 5, 4)
    assert as_pixels(np.round(np.array([[0, 65535]], np.uint16) / 257).astype(np.uint8)).tolist() == [[0, 255]]
