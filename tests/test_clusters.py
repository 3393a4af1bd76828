import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from oracle import nearest

from hueclid.clusters import Clusters

DTYPES = st.sampled_from([np.float32, np.float64])


@st.composite
def points(draw, most=40):
    """Few points of few values, with ties, in up to nine dimensions."""
    shape = draw(st.integers(1, most)), draw(st.integers(1, 9))
    whole = draw(hnp.arrays(np.int8, shape, elements=st.integers(-3, 3)))
    scale = draw(st.sampled_from([1.0, 2.0**-90, 2.0**90]))
    return (whole * scale).astype(draw(DTYPES))


@given(data=points(), draw=st.data())
def test_labels_are_nearest_and_compactness_is_their_sum(data, draw):
    k = draw.draw(st.integers(1, len(data)))
    weights = draw.draw(hnp.arrays(np.float64, len(data), elements=st.sampled_from([0.0, 0.5, 1.0, 3.0])))
    clusters = Clusters.solve(data, k, weights=weights, attempts=2, seed=draw.draw(st.integers(0, 9)))
    wide, centers = data.astype(np.float64), clusters.centers.astype(np.float64)
    _, least = nearest(wide, centers)
    mine = np.square(wide - centers[clusters.labels]).sum(1)
    np.testing.assert_allclose(mine, least, rtol=1e-12)
    assert clusters.compactness == pytest.approx((weights * least).sum(), rel=1e-9)
    assert clusters.centers.dtype == data.dtype


@given(data=points(), k=st.integers(1, 5))
def test_ties_go_to_the_lower_center(data, k):
    centers = data[np.arange(k) % len(data)]
    found = Clusters.assign(data, centers)
    labels, _ = nearest(data.astype(np.float64), centers.astype(np.float64))
    np.testing.assert_array_equal(found.labels, labels)


@given(data=points())
def test_every_center_has_a_point_where_there_are_as_many(data):
    k = len(np.unique(data, axis=0))
    clusters = Clusters.solve(data, k)
    assert len(np.unique(clusters.labels)) == k
    assert clusters.compactness == 0


def test_many_threads_give_the_same():
    data = np.random.default_rng(0).normal(size=(30_000, 3)).astype(np.float32)
    for columns in (3, 2, 1):
        one, three = (Clusters.solve(data[:, :columns], 20, threads=threads) for threads in (1, 3))
        np.testing.assert_array_equal(one.centers, three.centers)
        np.testing.assert_array_equal(one.labels, three.labels)
        assert one.compactness == three.compactness


def test_weights_stand_for_copies():
    rng = np.random.default_rng(1)
    data, copies = rng.normal(size=(300, 6)), rng.integers(0, 4, 300)
    start = data[:5].copy()
    weighted = Clusters.solve(data, 5, weights=copies.astype(np.float64), init=start)
    copied = Clusters.solve(np.repeat(data, copies, axis=0), 5, init=start)
    np.testing.assert_allclose(weighted.centers, copied.centers, rtol=1e-12)
    assert weighted.compactness == pytest.approx(copied.compactness, rel=1e-12)


def test_more_attempts_are_never_worse():
    data = np.random.default_rng(2).normal(size=(2_000, 7))
    errors = [Clusters.solve(data, 12, attempts=attempts, seed=3).compactness for attempts in (1, 2, 4, 8)]
    assert errors == sorted(errors, reverse=True)


def test_inputs_are_left_alone():
    data = np.random.default_rng(3).normal(size=(50, 4))
    start = data[:3].copy()
    before = data.copy(), start.copy()
    data.flags.writeable = start.flags.writeable = False
    Clusters.solve(data[::2], 3, init=start)
    np.testing.assert_array_equal(data, before[0])
    np.testing.assert_array_equal(start, before[1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k": 0}, "k must be from 1 to the number of points, 4; got 0"),
        ({"k": 5}, "k must be from 1 to the number of points, 4; got 5"),
        ({"attempts": 0}, "attempts must be at least 1"),
        ({"epsilon": np.nan}, "attempts must be at least 1"),
        ({"weights": np.array([1.0, 1.0, -1.0, 1.0])}, "weights must be 4 finite numbers"),
        ({"weights": np.ones(3)}, "weights must be 4 finite numbers"),
        ({"init": np.zeros((3, 2))}, r"centers must be of shape \(2, 2\), got \(3, 2\)"),
        ({"labels": np.array([0, 1, 2, 0], np.int32)}, "labels must be 4 numbers from 0 to 1"),
        ({"points": np.zeros((0, 2))}, "points must be of shape"),
        ({"points": np.zeros((2, 0))}, "points must be of shape"),
        ({"points": np.array([[0, 1], [2, np.inf]])}, "inf in row 1, column 1"),
        ({"points": np.full((4, 2), 1e308)}, "divide them by a power of ten"),
    ],
)
def test_bad_input_is_told(arguments, message):
    with pytest.raises(ValueError, match=message):
        Clusters.solve(**{"points": np.eye(4, 2), "k": 2, **arguments})


@pytest.mark.parametrize("wrong", [[[1.0]], np.ones((2, 2), int), np.ones((2, 2), np.float16)])
def test_other_dtypes_are_refused(wrong):
    with pytest.raises(TypeError, match="points must be an array of float32 or float64"):
        Clusters.solve(wrong, 1)
