"""OpenCV's contract, measured on opencv-python 5.0; and the laws that its own tests hold."""

import doctest
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from oracle import nearest
from PIL import Image

import hueclid
from hueclid.compat import opencv as cv2
from hueclid.compat.opencv import clustering

CRITERIA = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 10, 1.0)


@pytest.fixture
def data():
    return np.random.default_rng(0).random((20, 3), np.float32)


def checked(data, result, k):
    """What holds for every result."""
    compactness, labels, centers = result
    samples = np.ascontiguousarray(data, np.float64).reshape(labels.size, -1)
    assert isinstance(compactness, float)
    assert labels.dtype == np.int32
    assert centers.dtype == np.float32
    assert centers.shape == (k, samples.shape[1])
    assert set(labels.ravel().tolist()) == set(range(k))
    mine = np.square(samples - centers[labels.ravel()].astype(np.float64)).sum(1)
    _, least = nearest(samples, centers.astype(np.float64))
    np.testing.assert_allclose(mine, least, rtol=1e-12)
    assert compactness == pytest.approx(mine.sum(), rel=1e-9)


@given(
    distinct=hnp.arrays(
        np.float32, st.tuples(st.integers(1, 6), st.integers(1, 5)), elements=st.floats(-9, 9, width=32)
    ),
    picks=st.lists(st.integers(0, 5), min_size=1, max_size=40),
    data=st.data(),
)
def test_singular_data_gives_every_cluster_a_sample(distinct, picks, data):
    samples = distinct[np.array(picks) % len(distinct)]
    k = data.draw(st.integers(1, len(samples)))
    flags = data.draw(st.sampled_from([cv2.KMEANS_RANDOM_CENTERS, cv2.KMEANS_PP_CENTERS]))
    checked(samples, cv2.kmeans(samples, k, None, CRITERIA, 2, flags), k)


@pytest.mark.parametrize("flags", [cv2.KMEANS_RANDOM_CENTERS, cv2.KMEANS_PP_CENTERS])
@pytest.mark.parametrize("k", [1, 2, 16, 128, 1024])
def test_compactness_is_the_sum_recomputed(k, flags):
    samples = np.random.default_rng(1).normal(size=(1024, 7)).astype(np.float32)
    checked(samples, cv2.kmeans(samples, k, None, CRITERIA, 1, flags), k)


def test_five_clusters_of_normal_points_are_found():
    rng = np.random.RandomState(10)
    samples, true = [], []
    for number, place in enumerate([(0.1, 0.1), (0.1, 0.9), (0.9, 0.1), (0.9, 0.9), (0.5, 0.5)]):
        spread = (rng.rand(2, 2) - 0.5) * 51.2
        samples.append(rng.multivariate_normal(np.multiply(place, 512), spread @ spread.T + 25.6 * np.eye(2), 300))
        true += [number] * 300
    samples = np.float32(np.vstack(samples))
    _, labels, centers = cv2.kmeans(samples, 5, None, (cv2.TERM_CRITERIA_EPS, 30, 0.1), 10, 0)
    assert len(centers) == 5
    for number in range(5):
        found = np.bincount(labels[np.array(true) == number, 0], minlength=5)
        assert found.max() / found.sum() > 0.9


@pytest.mark.parametrize(
    ("shape", "samples", "features"),
    [
        ((60, 1), 60, 1),
        ((60,), 60, 1),
        ((1, 60), 60, 1),
        ((20, 3), 20, 3),
        ((20, 1, 3), 20, 3),
        ((1, 20, 3), 20, 3),
    ],
)
def test_layouts(data, shape, samples, features):
    shaped = data.reshape(shape)
    result = cv2.kmeans(shaped, 4, None, CRITERIA, 3, 0)
    assert result[1].shape == (samples, 1)
    assert result[2].shape == (4, features)
    checked(shaped, result, 4)


def test_an_unshaped_image_is_taken_as_opencv_does_and_warned_of(data):
    with pytest.warns(UserWarning, match=r"4 samples of 15 features; to cluster pixels use data.reshape\(-1, 3\)"):
        _, labels, centers = cv2.kmeans(data.reshape(4, 5, 3), 2, None, CRITERIA, 1, 0)
    assert (labels.shape, centers.shape) == ((4, 1), (2, 15))


@pytest.mark.parametrize("shape", [(20, 1), (20,), (1, 20)])
def test_labels_and_centers_are_written_in_place(data, shape):
    labels, centers = np.full(shape, 9, np.int32), np.zeros((3, 3), np.float32)
    compactness, same, means = cv2.kmeans(data, 3, labels, CRITERIA, 2, 0, centers)
    assert same is labels
    assert means is centers
    checked(data, (compactness, same, means), 3)


def test_strided_arrays_are_written_in_place(data):
    labels = np.zeros((20, 2), np.int32)[:, :1]
    assert cv2.kmeans(data, 3, labels, CRITERIA, 2, 0)[1] is labels
    assert set(labels.ravel()) == {0, 1, 2}


@pytest.mark.parametrize(
    ("labels", "centers"),
    [
        (np.zeros((10, 1), np.int32), np.zeros((2, 3), np.float32)),
        (np.zeros((20, 1), np.uint8), np.zeros((3, 3), np.float64)),
        (np.zeros((20, 1), np.float32), np.zeros((3, 3), np.int32)),
    ],
)
def test_outputs_that_do_not_fit_are_made_anew(data, labels, centers):
    _, found, means = cv2.kmeans(data, 3, labels, CRITERIA, 2, 0, centers)
    assert (found.shape, found.dtype) == ((20, 1), np.int32)
    assert (means.shape, means.dtype) == ((3, 3), np.float32)
    assert not labels.any()
    assert not centers.any()


def test_initial_labels_start_the_first_attempt():
    samples = np.float32([[0], [1], [10], [11]])
    worse = np.int32([[0], [1], [1], [1]])
    flags = cv2.KMEANS_USE_INITIAL_LABELS
    # Means 0 and 22/3: the second sample turns, and the best is found in one move more.
    compactness, labels, _ = cv2.kmeans(samples, 2, worse.copy(), CRITERIA, 1, flags)
    assert compactness == 1.0
    assert labels.ravel().tolist() == [0, 0, 1, 1]
    # Labels whose means rest where they are, in a poor place.
    corners = np.float32([[0, 0], [0, 2], [9, 0], [9, 2]])
    poor = np.int32([[0], [1], [0], [1]])
    assert cv2.kmeans(corners, 2, poor.copy(), CRITERIA, 1, flags)[0] == 81.0
    assert cv2.kmeans(corners, 2, poor.copy(), CRITERIA, 20, flags | cv2.KMEANS_PP_CENTERS)[0] == 4.0


def test_initial_labels_may_leave_clusters_empty(data):
    labels = np.full((20, 1), 2, np.int32)
    checked(data, cv2.kmeans(data, 5, labels, CRITERIA, 1, cv2.KMEANS_USE_INITIAL_LABELS), 5)


def test_initial_labels_left_out_start_like_any(data):
    checked(data, cv2.kmeans(data, 5, None, CRITERIA, 1, cv2.KMEANS_USE_INITIAL_LABELS), 5)


def test_criteria_end_the_passes():
    samples = np.random.default_rng(4).random((3000, 5), np.float32)
    few, most, eps = cv2.TERM_CRITERIA_MAX_ITER, cv2.TERM_CRITERIA_COUNT, cv2.TERM_CRITERIA_EPS
    labels = np.int32(np.arange(3000) % 40)

    def compactness(criteria):
        return cv2.kmeans(samples, 40, labels.copy(), criteria, 1, cv2.KMEANS_USE_INITIAL_LABELS)[0]

    assert compactness((few, 0, 0)) == compactness((few, 2, 0)) > compactness((most, 5, 0)) > compactness(None)
    assert compactness((eps, 0, 10.0)) > compactness((eps, 0, 0.01)) > compactness((eps, 0, -1.0))
    assert compactness((eps, 0, 0.0)) == compactness((0, 0, 0.0)) == compactness(None)
    assert compactness((few + eps, 7, 0.0)) == compactness((few, 7, 0.0))


@pytest.mark.parametrize("attempts", [0, -5])
def test_less_than_one_attempt_is_one(data, attempts):
    checked(data, cv2.kmeans(data, 3, None, CRITERIA, attempts, 0), 3)


def test_integers_of_all_kinds(data):
    checked(data, cv2.kmeans(data, np.int64(3), None, [3, np.int32(10), 1], np.uint8(2), np.int16(2)), 3)


def test_keywords_are_opencvs(data):
    result = cv2.kmeans(data=data, K=3, bestLabels=None, criteria=CRITERIA, attempts=1, flags=0, centers=None)
    checked(data, result, 3)


@pytest.mark.parametrize("scale", [1e30, 1e-30, 3e38])
def test_huge_and_tiny_values(data, scale):
    scaled = (data - 0.5) * np.float32(scale)
    checked(scaled, cv2.kmeans(scaled, 4, None, (3, 10, 0.0), 3, 2), 4)


def test_as_many_clusters_as_samples(data):
    result = cv2.kmeans(data, 20, None, CRITERIA, 3, 0)
    checked(data, result, 20)
    assert result[0] == 0


def test_read_only_and_strided_data(data):
    wide = np.repeat(data, 2, axis=1)
    wide.flags.writeable = False
    checked(wide[::-2, ::2], cv2.kmeans(wide[::-2, ::2], 3, None, CRITERIA, 3, 0), 3)


def test_the_seed_repeats(data):
    def several():
        return [cv2.kmeans(data, 6, None, (3, 2, 1.0), 1, 0)[0] for _ in range(8)]

    cv2.setRNGSeed(7)
    first = several()
    assert len(set(first)) > 1
    cv2.setRNGSeed(7)
    assert several() == first
    with pytest.raises(TypeError, match="required to be an integer"):
        cv2.setRNGSeed(1.5)


def test_pixels_are_no_farther_than_plain_attempts(coffee):
    samples = np.float32(coffee.reshape(-1, 3))
    whole = cv2.kmeans(samples, 8, None, CRITERIA, 10, cv2.KMEANS_RANDOM_CENTERS)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        labels = rng.integers(0, 8, len(samples)).astype(np.int32)
        plain = cv2.kmeans(samples, 8, labels, CRITERIA, 1, cv2.KMEANS_USE_INITIAL_LABELS)
        assert whole[0] <= plain[0]


ASSERTED = r"\(-215:Assertion failed\) data0.dims <= 2 && type == CV_32F && K > 0"


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"data": [[1.0], [2.0]]}, -5, "data is not a numpy array, neither a scalar; got list"),
        ({"data": None}, -215, ASSERTED),
        ({"data": np.zeros((4, 3), np.uint8)}, -215, ASSERTED + r".*got uint8; use np.float32\(data\)"),
        ({"data": np.zeros((4, 3))}, -215, ASSERTED + ".*got float64"),
        ({"data": np.zeros((4, 3, 2, 2), np.float32)}, -215, ASSERTED + r".*got \(4, 3, 2, 2\)"),
        ({"data": np.zeros((4, 3, 600), np.float32)}, -215, ASSERTED),
        ({"data": np.zeros((4, 0), np.float32)}, -215, "at least one feature"),
        ({"data": np.zeros((0, 3), np.float32)}, -2, "There can't be more clusters than elements"),
        ({"K": 21}, -2, r"There can't be more clusters than elements \(expected: 'N >= K'\)"),
        ({"K": 0}, -215, ASSERTED),
        ({"K": -3}, -215, ASSERTED),
        ({"K": 2.5}, -5, "Argument 'K' is required to be an integer; got 2.5"),
        ({"K": True}, -5, "Argument 'K' must be integer, not bool"),
        ({"attempts": 2.5}, -5, "Argument 'attempts' is required to be an integer"),
        ({"flags": "0"}, -5, "Argument 'flags' is required to be an integer"),
        ({"criteria": (3, 10)}, -5, "Can't parse 'criteria' as TermCriteria. Expected sequence length 3, got 2"),
        ({"criteria": (3, 10, 1.0, 2)}, -5, "Expected sequence length 3, got 4"),
        ({"criteria": 10}, -5, "Can't parse 'criteria' as TermCriteria; got 10"),
        ({"criteria": (3.0, 10, 1.0)}, -5, "criteria type' is required to be an integer"),
        ({"criteria": (3, 10.5, 1.0)}, -5, "criteria max count' is required to be an integer"),
        ({"criteria": (3, 10, "a")}, -5, "criteria epsilon' can not be treated as a double"),
        ({"bestLabels": [0] * 20}, -5, "bestLabels is not a numpy array, neither a scalar"),
        ({"bestLabels": np.zeros((20, 1), np.int64)}, -5, "Layout of the output array bestLabels is incompatible"),
        ({"bestLabels": np.zeros(10, np.int32), "flags": 1}, -215, r"bestLabels must be int32 of shape \(20, 1\)"),
        ({"bestLabels": np.zeros((20, 1), np.float32), "flags": 1}, -215, "bestLabels must be int32"),
        ({"bestLabels": np.full((20, 1), 3, np.int32), "flags": 3}, -215, "from 0 to 2, got 3 for sample 0"),
        ({"bestLabels": np.full((20, 1), -1, np.int32), "flags": 1}, -215, "from 0 to 2, got -1 for sample 0"),
        ({"centers": "here"}, -5, "centers is not a numpy array, neither a scalar; got str"),
        ({"centers": np.zeros((3, 3), np.int64)}, -5, "Layout of the output array centers is incompatible"),
    ],
)
def test_bad_input_is_an_error_as_in_opencv(data, change, code, message):
    arguments = {"data": data, "K": 3, "bestLabels": None, "criteria": CRITERIA, "attempts": 2, "flags": 0, **change}
    with pytest.raises(cv2.error, match=message) as raised:
        cv2.kmeans(**arguments)
    assert (raised.value.code, raised.value.func) == (code, "kmeans")


@pytest.mark.parametrize("name", ["bestLabels", "centers"])
def test_read_only_outputs_are_refused(data, name):
    outputs = {"bestLabels": np.zeros((20, 1), np.int32), "centers": np.zeros((3, 3), np.float32)}
    outputs[name].flags.writeable = False
    with pytest.raises(
        cv2.error, match=f"{name} marked as output argument, but provided NumPy array marked as readonly"
    ):
        cv2.kmeans(data, 3, outputs["bestLabels"], CRITERIA, 2, 0, outputs["centers"])


@pytest.mark.parametrize("flags", [0, 2])
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_found(data, wrong, flags):
    data[3, 1] = wrong
    with pytest.raises(cv2.error, match=r"check input for huge or NaN values\): .* in row 3, column 1") as raised:
        cv2.kmeans(data, 3, None, CRITERIA, 2, flags)
    assert raised.value.code == -7


def test_constants_are_opencvs():
    assert (cv2.TERM_CRITERIA_EPS, cv2.TERM_CRITERIA_MAX_ITER, cv2.TERM_CRITERIA_COUNT) == (2, 1, 1)
    assert (cv2.KMEANS_RANDOM_CENTERS, cv2.KMEANS_USE_INITIAL_LABELS, cv2.KMEANS_PP_CENTERS) == (0, 1, 2)
    assert (cv2.IMREAD_UNCHANGED, cv2.IMREAD_GRAYSCALE, cv2.IMREAD_COLOR) == (-1, 0, 1)


def test_imread_gives_blue_first(tmp_path):
    rgba = np.array([[[200, 100, 50, 255], [0, 0, 0, 9]]], np.uint8)
    Image.fromarray(rgba).save(tmp_path / "a.png")
    Image.fromarray(rgba[..., 0]).save(tmp_path / "grey.png")
    color = cv2.imread(tmp_path / "a.png")
    assert color.tolist() == [[[50, 100, 200], [0, 0, 0]]]
    assert color.flags.c_contiguous
    assert cv2.imread(str(tmp_path / "a.png"), cv2.IMREAD_COLOR_RGB).tolist() == rgba[..., :3].tolist()
    assert cv2.imread(tmp_path / "a.png", cv2.IMREAD_UNCHANGED)[0, 1].tolist() == [0, 0, 0, 9]
    assert cv2.imread(tmp_path / "a.png", cv2.IMREAD_GRAYSCALE).tolist() == [[124, 0]]
    assert cv2.imread(tmp_path / "grey.png").tolist() == [[[200] * 3, [0] * 3]]
    for flags in (cv2.IMREAD_UNCHANGED, cv2.IMREAD_GRAYSCALE):
        grey = cv2.imread(tmp_path / "grey.png", flags)
        assert grey.tolist() == [[200, 0]]
        grey[0] = 1


def test_imread_tells_what_it_cannot_read(tmp_path):
    with pytest.warns(UserWarning, match="can't open/read file.*no such file"):
        assert cv2.imread(tmp_path / "nowhere.png") is None
    with pytest.raises(cv2.error, match="Expected 'filename' to be a str or path-like object; got 3"):
        cv2.imread(3)
    with pytest.raises(cv2.error, match=r"flags must be one of .*, got 77"):
        cv2.imread(tmp_path / "nowhere.png", 77)


@pytest.fixture
def no_screen(monkeypatch, tmp_path):
    """Where waitKey writes files: a folder for temporary ones."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("mat", "shown"),
    [
        (np.array([[[1, 2, 3]]], np.uint8), [[[3, 2, 1]]]),
        (np.array([[[1, 2, 3, 4]]], np.uint8), [[[3, 2, 1, 4]]]),
        (np.array([[[7]]], np.uint8), [[7]]),
        (np.array([[0.0, 0.5, 2.0, np.nan]]), [[0, 128, 255, 0]]),
    ],
)
def test_without_a_screen_images_become_files(no_screen, caplog, mat, shown):
    cv2.imshow("a b/c", np.zeros((1, 1), np.uint8))
    cv2.imshow("a b/c", mat)
    assert cv2.waitKey(0) == -1
    (path,) = no_screen.glob("hueclid-*/*.png")
    assert path.name == "0-a_b_c.png"
    assert np.asarray(Image.open(path)).tolist() == shown
    assert str(path) in caplog.text
    cv2.waitKey(1)
    assert len(list(no_screen.glob("hueclid-*"))) == 1


def test_with_a_screen_images_open_in_the_viewer(no_screen, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":9")
    shown = []
    monkeypatch.setattr(Image.Image, "show", lambda image, title: shown.append((title, image.size)))
    cv2.imshow("one", np.zeros((2, 3), np.uint8))
    cv2.imshow("two", np.zeros((4, 5, 3), np.uint8))
    assert cv2.waitKey(1) == -1
    assert shown == [("one", (3, 2)), ("two", (5, 4))]


def test_windows_that_are_destroyed_are_not_shown(no_screen):
    cv2.imshow("one", np.zeros((2, 3), np.uint8))
    cv2.destroyAllWindows()
    cv2.waitKey(0)
    assert not list(no_screen.iterdir())


def test_waitkey_reads_a_key_from_the_terminal(no_screen, monkeypatch):
    class Terminal:
        def isatty(self):
            return True

        def readline(self):
            return "q\n"

    monkeypatch.setattr(sys, "stdin", Terminal())
    assert cv2.waitKey(0) == ord("q")
    assert cv2.waitKey(5) == -1


@pytest.mark.parametrize("mat", [None, np.zeros(3, np.uint8), np.zeros((1, 1, 2), np.uint8), np.zeros((2, 2), int)])
def test_imshow_refuses_what_is_no_image(mat):
    with pytest.raises(cv2.error, match="mat must be of"):
        cv2.imshow("a", mat)


def test_imshow_refuses_nothing():
    with pytest.raises(cv2.error, match="has no pixels"):
        cv2.imshow("a", np.zeros((0, 3), np.uint8))


def test_the_tutorials_listing_runs(coffee, tmp_path):
    Image.fromarray(coffee).save(tmp_path / "home.png")
    listing = """
        import numpy as np
        from hueclid.compat import opencv as cv2

        img = cv2.imread('home.png')
        Z = img.reshape((-1, 3))
        Z = np.float32(Z)
        criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 10, 1.0)
        K = 3
        ret, label, center = cv2.kmeans(Z, K, None, criteria, 10, cv2.KMEANS_RANDOM_CENTERS)
        center = np.uint8(center)
        res = center[label.flatten()]
        res2 = res.reshape((img.shape))
        cv2.imshow('res2', res2)
        cv2.waitKey(0)
        cv2.destroyAllWindows()
    """
    environment = {name: value for name, value in os.environ.items() if "DISPLAY" not in name}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(listing)],
        cwd=tmp_path,
        env={**environment, "TMPDIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "'res2' was written to" in done.stderr
    (path,) = tmp_path.glob("hueclid-*/0-res2.png")
    shown = np.asarray(Image.open(path))
    assert shown.shape == coffee.shape
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) == 3
    ours = hueclid.quantize(coffee, 3, space="srgb", dither="none", effort="best")
    assert np.square(shown.astype(int) - coffee).sum() <= 1.002 * ours.palette.error


def test_examples_of_docstrings():
    assert doctest.testmod(clustering).failed == 0
