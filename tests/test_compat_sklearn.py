"""scikit-learn's contract: its own checks of estimators, and the laws that its tests of k-means hold."""

import pickle
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.cluster import KMeans as TheirKMeans
from sklearn.datasets import make_blobs
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.metrics import v_measure_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from hueclid import Histogram, Indexed, Palette
from hueclid.compat.sklearn import ColorQuantizer, KMeans

SAMPLES, TRUE = make_blobs(n_samples=100, centers=3, n_features=5, cluster_std=1.0, random_state=42)


def first_ones(samples, k, random_state):
    return samples[:k]


def failed(estimator):
    """The names of scikit-learn's checks that an estimator does not pass."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(estimator, on_fail=None, on_skip=None)
    assert len(results) > 40
    return {result["check_name"] for result in results if result["status"] == "failed"}


def test_no_check_fails_that_theirs_passes():
    assert failed(KMeans()) <= failed(TheirKMeans())


def agrees(first, second):
    """Whether two fits are one but for the numbers of the clusters."""
    assert v_measure_score(first.labels_, second.labels_) == pytest.approx(1.0)
    order = [np.lexsort(model.cluster_centers_.T[::-1]) for model in (first, second)]
    assert_allclose(first.cluster_centers_[order[0]], second.cluster_centers_[order[1]], rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.uint8])
@pytest.mark.parametrize("init", ["k-means++", "random", SAMPLES[[0, 1, 2]], first_ones])
def test_clusters_are_found(dtype, init):
    samples = ((SAMPLES - SAMPLES.min()) * 5).astype(dtype)
    start = (init - SAMPLES.min()) * 5 if isinstance(init, np.ndarray) else init
    model = KMeans(3, init=start, n_init=1 if isinstance(init, np.ndarray) else 10, random_state=0).fit(samples)
    assert v_measure_score(TRUE, model.labels_) == pytest.approx(1.0)
    assert model.inertia_ > 0
    assert model.labels_.dtype == np.int32
    assert model.cluster_centers_.shape == (3, 5)
    assert model.cluster_centers_.dtype == (np.float32 if dtype == np.float32 else np.float64)
    assert model.n_features_in_ == 5
    assert 1 <= model.n_iter_ <= 300
    assert_allclose(model.score(samples), -model.inertia_, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_results_are_theirs_from_the_same_start(dtype):
    samples = np.random.default_rng(0).normal(size=(500, 4)).astype(dtype)
    settings = {"n_clusters": 7, "init": samples[:7], "n_init": 1, "tol": 0, "max_iter": 500}
    ours, theirs = KMeans(**settings).fit(samples), TheirKMeans(**settings).fit(samples)
    assert_array_equal(ours.labels_, theirs.labels_)
    assert_allclose(ours.cluster_centers_, theirs.cluster_centers_, rtol=1e-4, atol=1e-5)
    assert_allclose(ours.inertia_, theirs.inertia_, rtol=1e-5)
    other = np.random.default_rng(1).normal(size=(50, 4)).astype(dtype)
    assert_array_equal(ours.predict(other), theirs.predict(other))
    assert_allclose(ours.transform(other), theirs.transform(other), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("init", ["k-means++", "random", SAMPLES[:8]])
@pytest.mark.parametrize("max_iter", [2, 100])
def test_predict_says_the_labels(dtype, init, max_iter):
    samples = SAMPLES.astype(dtype)
    model = KMeans(8, init=init, n_init=1, max_iter=max_iter, random_state=3)
    labels = model.fit_predict(samples)
    assert_array_equal(labels, model.labels_)
    assert_array_equal(model.predict(samples), labels)
    assert_array_equal(model.predict(model.cluster_centers_), np.arange(8))
    assert_array_equal(model.transform(samples).argmin(1), labels)
    assert_allclose(model.fit_transform(samples), model.transform(samples))


def test_predict_takes_other_dtypes_than_fit():
    model = KMeans(4, random_state=0).fit(SAMPLES.astype(np.float32))
    assert_array_equal(model.predict(SAMPLES.astype(np.float32).astype(np.float64)), model.labels_)
    assert model.predict([[0] * 5]).shape == (1,)


def test_weights_are_copies():
    rng = np.random.default_rng(2)
    weights = rng.integers(1, 5, len(SAMPLES))
    start = SAMPLES[:5]
    weighted = KMeans(5, init=start, n_init=1).fit(SAMPLES, sample_weight=weights)
    copied = KMeans(5, init=start, n_init=1).fit(np.repeat(SAMPLES, weights, axis=0))
    assert_array_equal(np.repeat(weighted.labels_, weights), copied.labels_)
    assert_allclose(weighted.inertia_, copied.inertia_, rtol=1e-9)
    assert_allclose(weighted.cluster_centers_, copied.cluster_centers_, rtol=1e-9)


def test_equal_weights_change_nothing():
    plain = KMeans(3, random_state=0).fit(SAMPLES)
    for weight in (1.0, 0.5, 4.0):
        weights = np.full(len(SAMPLES), weight)
        weighted = KMeans(3, random_state=0).fit(SAMPLES, sample_weight=weights)
        agrees(plain, weighted)
        assert weighted.inertia_ == pytest.approx(plain.inertia_ * weight)
        assert weighted.score(SAMPLES, sample_weight=weights) == pytest.approx(-weighted.inertia_)


def test_samples_of_no_weight_count_for_nothing():
    rng = np.random.default_rng(3)
    weights = rng.integers(0, 2, len(SAMPLES)).astype(float)
    start = SAMPLES[weights > 0][:4]
    whole = KMeans(4, init=start, n_init=1, tol=0).fit(SAMPLES, sample_weight=weights)
    part = KMeans(4, init=start, n_init=1, tol=0).fit(SAMPLES[weights > 0])
    assert_allclose(whole.cluster_centers_, part.cluster_centers_)
    assert_array_equal(whole.labels_[weights > 0], part.labels_)


def test_empty_clusters_are_given_samples():
    far = np.full((3, 5), 1e3)
    far[0] = SAMPLES[0]
    model = KMeans(3, init=far, n_init=1).fit(SAMPLES)
    assert len(np.unique(model.labels_)) == 3


def test_fewer_distinct_samples_than_clusters_are_warned_of():
    samples = np.repeat([[0.0, 1.0], [2.0, 3.0]], 4, axis=0)
    message = (
        r"Number of distinct clusters \(2\) found smaller than n_clusters \(3\). Possibly due to duplicate points in X"
    )
    with pytest.warns(ConvergenceWarning, match=message):
        model = KMeans(3).fit(samples)
    assert model.cluster_centers_.shape == (3, 2)
    assert model.inertia_ == 0


def test_seeds_repeat_and_more_starts_are_never_worse():
    samples = np.random.default_rng(4).normal(size=(400, 6))
    first, again = (KMeans(15, random_state=7).fit(samples) for _ in range(2))
    assert_array_equal(first.cluster_centers_, again.cluster_centers_)
    assert len({KMeans(15, random_state=seed).fit(samples).inertia_ for seed in range(5)}) > 1
    inertias = [KMeans(15, n_init=n, random_state=7).fit(samples).inertia_ for n in (1, 3, 9)]
    assert inertias == sorted(inertias, reverse=True)


def test_max_iter_and_tol_end_the_moves():
    samples = np.random.default_rng(5).normal(size=(2000, 6))
    settings = {"n_clusters": 20, "init": samples[:20], "n_init": 1}
    assert [KMeans(max_iter=most, tol=0, **settings).fit(samples).n_iter_ for most in (1, 3)] == [1, 3]
    loose, tight = (KMeans(tol=tol, **settings).fit(samples) for tol in (1e-1, 1e-8))
    assert loose.n_iter_ < tight.n_iter_ < 300
    assert loose.inertia_ > tight.inertia_


def test_a_callable_starts_each_time_anew():
    calls = []

    def start(samples, k, random_state):
        calls.append(random_state)
        return samples[random_state.permutation(len(samples))[:k]]

    KMeans(3, init=start, n_init=4, random_state=0).fit(SAMPLES)
    assert len(calls) == 4
    KMeans(3, init=start, random_state=0).fit(SAMPLES)
    assert len(calls) == 14


def test_inputs_are_left_alone():
    samples, start = SAMPLES.copy(), SAMPLES[:3].copy()
    samples.flags.writeable = False
    model = KMeans(3, init=start, n_init=1).fit(samples)
    assert_array_equal(start, SAMPLES[:3])
    assert model.cluster_centers_.base is not start
    assert clone(model).init is not None


def test_parameters_are_theirs_and_those_of_no_use_change_nothing(capsys):
    assert KMeans().get_params() == TheirKMeans().get_params()
    plain = KMeans(3, random_state=0).fit(SAMPLES)
    assert not capsys.readouterr().out
    other = KMeans(3, random_state=0, verbose=1, copy_x=False, algorithm="elkan").fit(SAMPLES)
    assert_array_equal(other.cluster_centers_, plain.cluster_centers_)
    assert capsys.readouterr().out == f"{plain.n_iter_} iterations, inertia {plain.inertia_}\n"


def test_models_pickle_and_have_names():
    model = KMeans(3, random_state=0).fit(SAMPLES)
    assert_array_equal(pickle.loads(pickle.dumps(model)).predict(SAMPLES), model.labels_)
    assert model.get_feature_names_out().tolist() == ["kmeans0", "kmeans1", "kmeans2"]
    assert make_pipeline(StandardScaler(), KMeans(3, random_state=0)).fit(SAMPLES).predict(SAMPLES).shape == (100,)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_clusters": 0}, "The 'n_clusters' parameter of KMeans must be an int in the range"),
        ({"n_clusters": 101}, "n_samples=100 should be >= n_clusters=101"),
        ({"n_init": 0}, "The 'n_init' parameter of KMeans must be"),
        ({"max_iter": 0}, "The 'max_iter' parameter of KMeans must be an int"),
        ({"tol": -1.0}, "The 'tol' parameter of KMeans must be a float"),
        ({"init": "wrong"}, "The 'init' parameter of KMeans must be"),
        ({"algorithm": "full"}, "The 'algorithm' parameter of KMeans must be"),
        ({"copy_x": 2}, "The 'copy_x' parameter of KMeans must be"),
        ({"verbose": -1}, "The 'verbose' parameter of KMeans must be"),
        ({"init": SAMPLES[:4], "n_init": 1}, r"initial centers \(4, 5\) does not match the number of clusters 8"),
        ({"init": SAMPLES[:8, :2], "n_init": 1}, "does not match the number of features of the data 5"),
        ({"init": lambda samples, *_, **__: samples[:2]}, "does not match the number of clusters 8"),
    ],
)
def test_bad_parameters_are_told_as_theirs(parameters, message):
    for estimator in (KMeans, TheirKMeans):
        with pytest.raises(ValueError, match=message):
            estimator(**parameters).fit(SAMPLES)


def test_given_centers_are_tried_once():
    with pytest.warns(RuntimeWarning, match="performing only one init in KMeans instead of n_init=5"):
        KMeans(3, init=SAMPLES[:3], n_init=5).fit(SAMPLES)


@pytest.mark.parametrize(
    ("samples", "weights", "message"),
    [
        (np.array([[0.0], [np.nan]]), None, "NaN"),
        (np.array([[0.0], [np.inf]]), None, "infinity"),
        (np.zeros((0, 2)), None, "minimum of 1 is required"),
        (np.zeros((3, 0)), None, "minimum of 1 is required"),
        (np.eye(3), [1, 2], "sample_weight"),
        (np.eye(3), [1, 2, -1], "sample_weight must not be negative"),
    ],
)
def test_bad_samples_are_told(samples, weights, message):
    with pytest.raises(ValueError, match=message):
        KMeans(1).fit(samples, sample_weight=weights)


def test_unfitted_models_say_so():
    for call in (KMeans().predict, KMeans().transform, KMeans().score):
        with pytest.raises(NotFittedError):
            call(SAMPLES)


def test_a_stream_gives_the_means_of_what_each_center_was_given():
    rng = np.random.default_rng(6)
    batches = [(rng.normal(size=(50, 2)) + 20 * rng.integers(0, 2, (50, 1)), rng.random(50)) for _ in range(6)]
    model = KMeans(2, random_state=0)
    for number, (batch, weights) in enumerate(batches):
        assert model.partial_fit(batch, sample_weight=weights) is model
        assert model.n_iter_ == number + 1
        assert_array_equal(model.predict(batch), model.labels_)
    samples, weights = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    labels = model.predict(samples)  # far apart: no sample ever changed its center
    means = [np.average(samples[labels == c], axis=0, weights=weights[labels == c]) for c in range(2)]
    assert_allclose(model.cluster_centers_, means, rtol=1e-9)


def test_a_stream_goes_on_from_a_fit():
    model = KMeans(3, random_state=0).fit(SAMPLES)
    before = model.cluster_centers_.copy()
    model.partial_fit(before)
    assert_allclose(model.cluster_centers_, before)
    with pytest.raises(ValueError, match="features"):
        model.partial_fit(SAMPLES[:, :2])
    with pytest.raises(ValueError, match="n_samples=2 should be >= n_clusters=3"):
        KMeans(3).partial_fit(SAMPLES[:2])


@pytest.mark.parametrize("n_clusters", [8, 16, 32, 64])
def test_photographs_are_clustered_no_worse_than_theirs(coffee, n_clusters):
    samples = coffee[::2, ::2].reshape(-1, 3) / 255
    ours = KMeans(n_clusters, random_state=0).fit(samples)
    theirs = TheirKMeans(n_clusters, random_state=0).fit(samples)
    assert ours.inertia_ <= 1.0005 * theirs.inertia_
    assert_array_equal(ours.predict(samples), ours.labels_)


def test_images_go_in_and_images_come_out(photo, icon):
    quantizer = ColorQuantizer(8, dither="none")
    (same,) = quantizer.fit_transform([photo])
    palette = Palette.solve(Histogram.count(photo, importance="masking"), 8)
    expected = Indexed.map(photo, palette, dither="none", seen=True)
    assert_array_equal(same, expected.to_pixels()[..., :3])
    assert quantizer.palette_ == expected.palette
    other, cut, grey = quantizer.transform([photo[::2], icon, photo[..., 0]])
    assert (other.shape, cut.shape, grey.shape) == ((100, 200, 3), (200, 200, 4), (200, 200, 3))
    seen = {tuple(color) for color in quantizer.palette_.colors[:, :3].tolist()}
    assert {tuple(color) for color in other.reshape(-1, 3).tolist()} <= seen


def test_one_palette_serves_all_images(photo):
    images = np.stack([photo[:100], photo[100:]])
    together = ColorQuantizer(16).fit(images)
    halves = [Histogram.count(image, importance="masking") for image in images]
    assert together.palette_ == Palette.solve(sum(halves), 16)
    recolored = together.transform(images)
    assert isinstance(recolored, np.ndarray)
    assert recolored.shape == images.shape
    assert len(np.unique(recolored.reshape(-1, 3), axis=0)) <= 16


def test_quantizers_work_in_pipelines(photo):
    pipeline = make_pipeline(FunctionTransformer(lambda images: [image[::2] for image in images]), ColorQuantizer(4))
    (recolored,) = pipeline.set_params(colorquantizer__colors=3).fit_transform([photo])
    assert len(np.unique(recolored.reshape(-1, 3), axis=0)) == 3
    assert repr(clone(ColorQuantizer(4, space="srgb"))) == "ColorQuantizer(colors=4, space='srgb')"


def test_bad_images_are_told(photo):
    with pytest.raises(ValueError, match="put a single image into a list"):
        ColorQuantizer().fit(photo)
    with pytest.raises(ValueError, match="at least one image"):
        ColorQuantizer().fit([])
    with pytest.raises(TypeError, match="uint8"):
        ColorQuantizer().fit([photo / 255])
    with pytest.raises(ValueError, match="colors must be"):
        ColorQuantizer(0).fit([photo])
    with pytest.raises(NotFittedError):
        ColorQuantizer().transform([photo])
