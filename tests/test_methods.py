"""Each method does what its paper says, and keeps the promises of solving."""

import itertools

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import METHODS, SPACES, histograms, pixels

import hueclid
from hueclid import Histogram, Indexed, Palette, methods, options
from hueclid.methods import sample

NAMES = [name for name in options.METHOD.choices if name != "kmeans"]


def as_set(colors):
    return {*map(tuple, colors.tolist())}


@given(histograms(), st.integers(1, 30), METHODS, SPACES)
def test_exactly_as_many_distinct_used_colors_as_asked_for(histogram, k, method, space):
    palette = Palette.solve(histogram, k, method=method, space=space)
    expected = min(k, len(histogram))
    assert len(palette) <= expected if method == "uniform" else len(palette) == expected
    assert palette.weights.min() > 0
    assert palette.weights.sum() == histogram.total
    assert palette.weights.tolist() == sorted(palette.weights.tolist(), reverse=True)
    assert (palette.iterations, palette.attempt_errors, palette.ended) == (0, (), "")


@given(histograms(), METHODS, SPACES)
def test_a_histogram_of_few_colors_is_its_own_palette(histogram, method, space):
    palette = Palette.solve(histogram, len(histogram), method=method, space=space)
    assert as_set(palette.colors) == as_set(histogram.colors)
    assert palette.error == 0


@given(pixels(), st.integers(1, 30), METHODS, SPACES)
def test_weights_are_the_pixels_that_are_nearest(image, k, method, space):
    palette = Palette.solve(Histogram.count(image), k, method=method, space=space)
    indices = Indexed.map(image, palette, dither="none").indices
    mapped = np.bincount(indices.ravel(), minlength=len(palette))
    points, centers = (
        hueclid._core.to_space(oracle.widen(image).reshape(-1, 4), space),
        hueclid._core.to_space(palette.colors, space),
    )
    squares = ((points[:, None].astype(float) - centers[None]) ** 2).sum(-1)
    ties = (squares <= squares.min(1, keepdims=True) * (1 + 1e-5)).sum(1) > 1
    assert np.abs(mapped - palette.weights.astype(int)).max() <= ties.sum()


@given(histograms(), st.integers(1, 12), METHODS)
def test_the_error_is_that_of_the_palette(histogram, k, method):
    palette = Palette.solve(histogram, k, method=method, space="srgb")
    _, squares = oracle.nearest(oracle.srgb_points(histogram.colors), oracle.srgb_points(palette.colors))
    # Coordinates have 32 bits: of neighbors that are hardly opaque the last ones tell.
    assert palette.error == pytest.approx((squares * histogram.weights).sum(), rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("method", NAMES)
def test_an_error_far_below_the_scatter_is_exact(method):
    other = [[0, 13, 13, 13], [13, 0, 13, 2], [13, 13, 0, 13], [13, 13, 2, 13], [13, 13, 12, 13], [13, 13, 13, 12]]
    other += [[13, 13, 175, 13], [13, 13, 255, 255], [13, 14, 1, 13], [13, 38, 13, 13]]
    colors = np.array(sorted([*other, [13, 13, 13, 13], [13, 14, 13, 13]]), dtype=np.uint8)
    weights = np.full(len(colors), 4845420, dtype=np.uint64)
    weights[colors.tolist().index([13, 14, 13, 13])] = 1
    histogram = Histogram(colors, weights)
    palette = Palette.solve(histogram, len(colors) - 1, method=method, space="srgb")
    _, squares = oracle.nearest(oracle.srgb_points(colors), oracle.srgb_points(palette.colors))
    assert palette.error == pytest.approx((squares * weights).sum(), rel=1e-4)


@given(histograms(), st.integers(1, 12), METHODS, SPACES)
def test_doubling_all_weights_doubles_the_error_alone(histogram, k, method, space):
    twice = Palette.solve(histogram + histogram, k, method=method, space=space)
    once = Palette.solve(histogram, k, method=method, space=space)
    assert twice == once
    assert twice.error == pytest.approx(2 * once.error)


@pytest.mark.parametrize("method", NAMES)
@pytest.mark.parametrize("space", ["oklab", "srgb"])
def test_threads_and_repetition_change_nothing(photo, icon, method, space):
    for image, k in itertools.product((photo[::2, ::2].copy(), icon[::2, ::2].copy()), (2, 100)):
        histogram = Histogram.count(image)
        once = Palette.solve(histogram, k, method=method, space=space)
        for threads in (1, 3):
            again = Palette.solve(histogram, k, method=method, space=space, threads=threads)
            assert (again, again.error) == (once, once.error)
            assert np.array_equal(again.weights, once.weights)


@pytest.mark.parametrize("method", NAMES)
def test_what_is_fully_transparent_has_an_entry_of_its_own(icon, method):
    painted = icon.copy()
    painted[icon[..., 3] == 0, :3] = 77
    for k in (2, 5, 16):
        palette = Palette.solve(Histogram.count(icon), k, method=method)
        assert [0, 0, 0, 0] in palette.colors.tolist()
        assert palette == Palette.solve(Histogram.count(painted), k, method=method)


@pytest.mark.parametrize("method", NAMES)
def test_k_means_is_nearest_to_a_photograph(photo, method):
    histogram = Histogram.count(photo)
    for k in (4, 32):
        best = Palette.solve(histogram, k, space="srgb").error
        assert best < Palette.solve(histogram, k, space="srgb", method=method).error


def twin(method, histogram, k):
    """The groups of colors whose means the slow twin of a method takes."""
    points, weights = oracle.srgb_points(histogram.colors), histogram.weights.astype(float)
    of_codes = method in ("octree", "popularity")
    where = oracle.premultiplied(histogram.colors) if of_codes else points
    groups = getattr(oracle, method.replace("-", "_"))(where, weights, k)
    means = np.array([np.average(points[group], axis=0, weights=weights[group]) for group in groups])
    labels, opaque = oracle.nearest(points, means)[0], histogram.colors[:, 3] == 255
    served, seen = (np.bincount(labels, shares, len(means)) for shares in (weights, weights * opaque))
    expected = oracle.straight(means)
    expected[5 * seen > served, 3] = 255  # an entry of which a fifth of what it serves is opaque is so itself
    return expected


def assert_is_the_twins(method, histogram, k):
    palette = Palette.solve(histogram, k, method=method, space="srgb")
    expected = twin(method, histogram, k)
    if len(histogram) > k:
        _, first = np.unique(expected, axis=0, return_index=True)
        expected = expected[np.sort(first)]
        labels, _ = oracle.nearest(oracle.srgb_points(histogram.colors), oracle.srgb_points(expected))
        used = expected[np.unique(labels)]
        assert as_set(used) <= as_set(palette.colors)
        assert as_set(palette.colors) - as_set(used) <= as_set(histogram.colors)


SMALL = st.lists(
    st.tuples(*[st.integers(0, 255) | st.integers(96, 130)] * 3, st.integers(1, 9)), min_size=1, max_size=60
)


def histogram_of(entries):
    colors, weights = np.array([(*rgb, 255) for *rgb, _ in entries], np.uint8), [weight for *_, weight in entries]
    return Histogram.from_colors(colors, np.array(weights, np.uint64))


@pytest.mark.parametrize("method", ["wu", "median-cut", "octree", "maxmin", "popularity"])
@given(entries=SMALL, k=st.integers(1, 24))
def test_it_equals_its_slow_twin(method, entries, k):
    assert_is_the_twins(method, histogram_of(entries), k)


@pytest.mark.parametrize("method", ["wu", "median-cut", "octree", "maxmin", "popularity"])
@pytest.mark.parametrize("k", [7, 60])
def test_it_equals_its_slow_twin_on_a_photograph(photo, method, k):
    assert_is_the_twins(method, Histogram.count(photo[::6, ::6].copy()), k)


@pytest.mark.parametrize("method", ["octree", "popularity", "median-cut"])
def test_it_equals_its_slow_twin_on_translucent_colors(icon, method):
    part = icon[1::3, 1::3]  # no mean alpha of it is a half, which 32 bits round as they like
    translucent = part[part[..., 3] > 0][None].copy()
    assert (translucent[..., 3] < 255).any()
    assert_is_the_twins(method, Histogram.count(translucent), 20)


@given(SMALL, st.integers(1, 5))
def test_maxmin_is_at_most_twice_as_far_as_the_best_there_is(entries, k):
    histogram = histogram_of(entries[:9])
    points = oracle.srgb_points(histogram.colors)
    palette = Palette.solve(histogram, k, method="maxmin", space="srgb")
    assert as_set(palette.colors) <= as_set(histogram.colors)
    farthest = np.sqrt(oracle.nearest(points, oracle.srgb_points(palette.colors))[1].max())
    best = min(
        np.sqrt(oracle.nearest(points, points[list(some)])[1].max())
        for some in itertools.combinations(range(len(points)), min(k, len(points)))
    )
    assert farthest <= 2 * best + 1e-9


def test_popular_colors_of_flat_art_come_back_exact():
    histogram = histogram_of([(0, 0, 0, 9), (255, 0, 0, 8), (0, 255, 0, 7), (9, 200, 90, 1), (90, 9, 200, 1)])
    assert Palette.solve(histogram, 3, method="popularity").hex() == ["#000000", "#ff0000", "#00ff00"]


@pytest.mark.parametrize(
    ("k", "levels"),
    [
        (1, (1, 1, 1)),
        (2, (1, 2, 1)),
        (4, (2, 2, 1)),
        (8, (2, 2, 2)),
        (16, (2, 3, 2)),
        (27, (3, 3, 3)),
        (256, (6, 7, 6)),
    ],
)
def test_uniform_is_a_grid_of_levels(k, levels):
    colors = np.random.default_rng(k).integers(0, 256, (5000, 4), np.uint8)
    colors[:, 3] = 255
    histogram = Histogram.from_colors(colors)
    axes = [np.floor(np.linspace(0, 255, n) + 0.5).astype(int).tolist() if n > 1 else [128] for n in levels]
    grid = np.array([(*rgb, 255) for rgb in itertools.product(*axes)], np.uint8)
    for space in ("srgb", "oklab"):
        palette = Palette.solve(histogram, k, method="uniform", space=space)
        assert as_set(palette.colors) <= as_set(grid)
    palette = Palette.solve(histogram, k, method="uniform", space="srgb")
    labels, _ = oracle.nearest(oracle.srgb_points(histogram.colors), oracle.srgb_points(grid))
    assert as_set(palette.colors) == as_set(grid[np.unique(labels)])


def test_uniform_has_levels_of_alpha_where_it_differs():
    colors = np.random.default_rng(0).integers(0, 256, (5000, 4), np.uint8)
    palette = Palette.solve(Histogram.from_colors(colors), 256, method="uniform")
    assert as_set(palette.colors[:, 3:]) == {(0,), (85,), (170,), (255,)}  # 4 x 4 x 4 x 3 beside the transparent one


@pytest.mark.parametrize("method", NAMES)
def test_quantize_hands_the_method_on(photo, method):
    palette = Palette.solve(Histogram.count(photo), 9, method=method)
    assert hueclid.quantize(photo, 9, method=method).palette == palette


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"method": "lloyd"}, ValueError, "method must be one of 'kmeans', 'wu', .*, got 'lloyd'"),
        ({"method": None}, TypeError, "method must be one of .*, or a clusterer with fit.., got None"),
        ({"method": 3}, TypeError, "got 3"),
        ({"method": "wu", "effort": "best"}, ValueError, "effort must be left out with method='wu', got 'best'"),
        ({"method": "wu", "init": "random"}, ValueError, "init must be left out"),
        ({"method": "wu", "init": [(0, 0, 0)]}, ValueError, "init must be left out"),
        ({"method": "octree", "attempts": 2}, ValueError, "attempts must be left out with method='octree', got 2"),
        ({"method": "octree", "max_iterations": 0}, ValueError, "max_iterations must be left out"),
        ({"method": "maxmin", "tolerance": 0.1}, ValueError, "tolerance must be left out"),
        ({"method": "maxmin", "seed": 1}, ValueError, "seed must be left out"),
        ({"method": "maxmin", "time_limit": 9}, ValueError, "time_limit must be left out"),
        ({"method": "uniform", "space": "hsv"}, ValueError, "space must be one of"),
        ({"method": "uniform", "colors": 0}, ValueError, "colors must be"),
        ({"method": "uniform", "threads": -1}, ValueError, "threads must be"),
    ],
)
def test_wrong_options_say_what_is_allowed(photo, given, error, text):
    with pytest.raises(error, match=text):
        Palette.solve(Histogram.count(photo), **given)


def test_options_left_at_their_defaults_are_no_misuse(photo):
    defaults = {option.name: option.default for option in options.SEARCH}
    histogram = Histogram.count(photo)
    given = {**defaults, "seed": np.int64(0)}
    assert Palette.solve(histogram, 4, method="wu", **given) == Palette.solve(histogram, 4, method="wu")


class ByRed:
    """A clusterer that needs no library: colors by the first coordinate, cut at some values."""

    def __init__(self, *cuts):
        self.cuts = cuts

    def fit(self, X):  # noqa: N803
        self.seen = X
        return self

    def predict(self, X):  # noqa: N803
        return np.digitize(X[:, 0], self.cuts)


class Weighted(ByRed):
    def fit(self, X, y=None, sample_weight=None):  # noqa: ARG002, N803
        self.labels_ = self.predict(X) - 1
        Weighted.weights, Weighted.seen = sample_weight, X
        return self


class Labelled:
    """A clusterer that labels what it was fitted to, and nothing else."""

    def __init__(self, *cuts):
        self.cuts = cuts

    def fit(self, X):  # noqa: N803
        self.labels_ = np.digitize(X[:, 0], self.cuts) - 1


def red_means(histogram, low, high):
    points, weights = oracle.srgb_points(histogram.colors), histogram.weights
    inside = (points[:, 0] >= low) & (points[:, 0] < high)
    return oracle.straight(np.average(points[inside], axis=0, weights=weights[inside])[None])[0].tolist()


@pytest.mark.parametrize("kind", [ByRed, Weighted])
def test_a_clusterer_gives_the_weighted_mean_of_each_label(photo, kind):
    histogram = Histogram.count(photo)
    clusterer = kind(60, 150)
    palette = Palette.solve(histogram, method=clusterer, space="srgb")
    expected = [red_means(histogram, *ends) for ends in ((0, 60), (60, 150), (150, 256))]
    assert sorted(palette.colors.tolist()) == sorted(expected)
    assert palette.weights.sum() == histogram.total
    _, squares = oracle.nearest(oracle.srgb_points(histogram.colors), oracle.srgb_points(palette.colors))
    assert palette.error == pytest.approx((squares * histogram.weights).sum(), rel=1e-4)
    assert not hasattr(clusterer, "labels_")  # the caller's own is left alone
    assert hueclid.quantize(photo, method=clusterer, space="srgb").palette == palette


def test_weights_reach_a_clusterer_that_takes_them(photo):
    histogram = Histogram.count(photo)
    Palette.solve(histogram, method=Weighted(0.5))
    assert np.array_equal(Weighted.weights, histogram.weights)
    assert Weighted.seen.shape == (len(histogram), 3)
    assert Weighted.seen.dtype == np.float64


def test_points_have_alpha_where_it_differs(icon):
    histogram = Histogram.count(icon)
    palette = Palette.solve(histogram, method=Weighted(0.5))
    assert Weighted.seen.shape == (len(histogram) - 1, 4)
    assert [0, 0, 0, 0] in palette.colors.tolist()
    assert len(palette) == 3  # two clusters and what is fully transparent


def test_noise_has_no_color_of_its_own(photo):
    histogram = Histogram.count(photo[::4, ::4].copy())
    assert histogram.total <= methods.SAMPLE
    palette = Palette.solve(histogram, method=Labelled(60, 150), space="srgb")  # below 60: label -1
    expected = [red_means(histogram, *ends) for ends in ((60, 150), (150, 256))]
    assert sorted(palette.colors.tolist()) == sorted(expected)
    assert palette.weights.sum() == histogram.total
    with pytest.raises(ValueError, match=r"Labelled.* found noise alone"):
        Palette.solve(histogram, method=Labelled(300), space="srgb")


def test_a_sample_stands_for_all_where_there_are_no_weights(photo):
    histogram = Histogram.count(photo)
    assert histogram.total > methods.SAMPLE
    assert not np.array_equal(sample(histogram.weights, 0), sample(histogram.weights, 1))
    best = Palette.solve(histogram, method=ByRed(60, 150), space="srgb")
    for seed in (0, 1, 2**64 - 1):
        palette, again = (
            Palette.solve(histogram, method=Labelled(0, 60, 150), space="srgb", seed=seed) for _ in range(2)
        )
        assert (palette, palette.error) == (again, again.error)
        assert len(palette) == 3
        assert palette.error == pytest.approx(best.error, rel=1e-2)


@given(st.lists(st.integers(1, 9) | st.integers(1, 1 << 30), min_size=1, max_size=50), st.integers(0, 99))
def test_a_sample_has_every_color_by_its_share(weights, seed):
    weights = np.array(weights, np.uint64)
    chosen = sample(weights, seed)
    assert len(chosen) == min(int(weights.sum()), methods.SAMPLE)
    counts = np.bincount(chosen, minlength=len(weights))
    assert np.abs(counts - weights * (len(chosen) / weights.sum())).max() < 1 + 1e-6
    if weights.sum() <= methods.SAMPLE:
        assert np.array_equal(counts, weights)


class Nothing:
    def fit(self, X):  # noqa: N803
        pass


class Halves(ByRed):
    def predict(self, X):  # noqa: N803
        return np.full(len(X), 0.5)


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"method": ByRed}, TypeError, r"or a clusterer with fit\(\), got .*; make one, as in ByRed\(\)"),
        ({"method": Nothing()}, TypeError, r"has predict\(\) or labels_ after fit\(\)"),
        ({"method": Halves()}, ValueError, "labels must be .* integers, got float64"),
        ({"method": ByRed(9), "colors": 16}, ValueError, "colors must be left out with a clusterer, got 16; it says"),
        ({"method": ByRed(9), "effort": "fast"}, ValueError, "effort must be left out with a clusterer, got 'fast'"),
        ({"method": ByRed(9), "seed": -1}, ValueError, "seed must be an integer"),
    ],
)
def test_wrong_clusterers_say_what_is_allowed(photo, given, error, text):
    with pytest.raises(error, match=text):
        Palette.solve(Histogram.count(photo), **given)


def test_where_nothing_is_visible_nothing_is_clustered():
    clear = Histogram.count(np.zeros((2, 2, 4), np.uint8))
    assert Palette.solve(clear, method=ByRed(9)).colors.tolist() == [[0, 0, 0, 0]]


def test_clusterers_of_scikit_learn(photo):
    cluster = pytest.importorskip("sklearn.cluster")
    mixture = pytest.importorskip("sklearn.mixture")
    histogram = Histogram.count(photo[::4, ::4].copy())
    uniform = Palette.solve(histogram, 16, method="uniform").error
    for clusterer in (
        cluster.KMeans(12, n_init=1, random_state=0),
        cluster.MiniBatchKMeans(12, n_init=1, random_state=0),
        cluster.BisectingKMeans(12, random_state=0),
        cluster.Birch(n_clusters=12, threshold=0.02),
        cluster.AgglomerativeClustering(12),
        mixture.GaussianMixture(12, random_state=0),
    ):
        palette = Palette.solve(histogram, method=clusterer)
        assert len(palette) == 12
        assert palette.error < uniform
    shifted = Palette.solve(histogram, method=cluster.MeanShift(bandwidth=0.1, bin_seeding=True))
    assert 1 < len(shifted) < 100
    dense = Palette.solve(histogram, method=cluster.DBSCAN(eps=0.01, min_samples=5))
    assert dense.weights.sum() == histogram.total


def test_k_means_of_scikit_learn_is_what_it_says(photo):
    cluster = pytest.importorskip("sklearn.cluster")
    histogram = Histogram.count(photo[::4, ::4].copy())
    points = oracle.srgb_points(histogram.colors)[:, :3]
    fitted = cluster.KMeans(5, n_init=1, random_state=3).fit(points, sample_weight=histogram.weights.astype(float))
    palette = Palette.solve(histogram, method=cluster.KMeans(5, n_init=1, random_state=3), space="srgb")
    assert palette.error == pytest.approx(fitted.inertia_, rel=1e-2)
    assert np.abs(np.sort(palette.colors[:, :3], axis=0) - np.sort(fitted.cluster_centers_, axis=0)).max() < 2
