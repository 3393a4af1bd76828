"""The three lines everybody wants, and the names that users see."""

import inspect
import io
import multiprocessing
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import hueclid
from hueclid import Histogram, Indexed, Palette, options


def test_the_names_of_the_api():
    assert hueclid.__all__ == [
        "Curve",
        "Histogram",
        "HueclidError",
        "Indexed",
        "Kernel",
        "Metadata",
        "Palette",
        "Quality",
        "ReadError",
        "Source",
        "TargetError",
        "Thresholds",
        "WriteError",
        "__version__",
        "curve",
        "flat_colors",
        "knee",
        "load",
        "measure",
        "quantize",
        "read",
        "reduce_alpha",
    ]
    assert all(hasattr(hueclid, name) for name in hueclid.__all__)
    with pytest.raises(AttributeError, match="no attribute 'quantise'"):
        hueclid.quantise  # noqa: B018


@pytest.mark.parametrize("part", ["compat", "errors", "palettes", "plot", "quality_scale"])
def test_parts_need_no_import_of_their_own(part):
    code = f"import hueclid; assert {part!r} in dir(hueclid); print(hueclid.{part}.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"hueclid.{part}"


def test_the_keywords_are_the_table_of_options():
    image, colors, *keywords = inspect.signature(hueclid.quantize).parameters.values()
    assert (image.name, image.kind) == ("image", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    others = ("dither_mask", "on_pass", "on_rows", "quality")  # an image, functions, a range: no Option checks them
    keywords = [keyword for keyword in keywords if keyword.name not in others]
    assert [p.name for p in (colors, *keywords)] == [option.name for option in options.QUANTIZE]
    assert [p.default for p in (colors, *keywords)] == [option.default for option in options.QUANTIZE]
    assert {p.kind for p in keywords} == {inspect.Parameter.KEYWORD_ONLY}


def test_quantize_is_count_solve_map(photo):
    options = {"space": "srgb", "effort": "fast"}
    palette = Palette.solve(Histogram.count(photo), 16, **options)
    by_hand = Indexed.map(photo, palette, dither="none")
    assert hueclid.quantize(photo, 16, dither="none", **options) == by_hand


@pytest.mark.parametrize(
    "options",
    [
        {"init": "random", "attempts": 3, "max_iterations": 2, "seed": 5},
        {"init": [(0, 0, 0), (90, 0, 0), (0, 90, 0), (255, 255, 255)], "tolerance": 0.5},
        {"init": "maximin", "time_limit": 0},
        {"objective": "euclidean", "space": "srgb"},
    ],
)
def test_quantize_hands_every_control_on(photo, options):
    solved = Palette.solve(Histogram.count(photo), 4, **options)
    palette = hueclid.quantize(photo, 4, importance="uniform", fit=0, **options).palette
    assert palette == solved
    for name in ("error", "iterations", "attempt_errors", "ended"):
        assert getattr(palette, name) == getattr(solved, name)
    assert palette != Palette.solve(Histogram.count(photo), 4)


def test_every_kind_of_input_gives_the_same(photo, tmp_path):
    path = tmp_path / "photo.png"
    picture = Image.fromarray(photo)
    picture.save(path)
    expected = hueclid.quantize(photo, colors=8)
    for image in (path, str(path), path.read_bytes(), io.BytesIO(path.read_bytes()), picture):
        assert hueclid.quantize(image, colors=8) == expected


def test_the_picture_is_saved_and_comes_back(photo, tmp_path):
    indexed = hueclid.quantize(photo, colors=16)
    size = indexed.save(tmp_path / "photo.png")
    assert size == (tmp_path / "photo.png").stat().st_size
    saved = Image.open(tmp_path / "photo.png")
    assert saved.mode == "P"
    assert np.array_equal(np.asarray(saved.convert("RGBA")), indexed.to_pixels())
    assert np.array_equal(np.asarray(indexed.to_pil().convert("RGBA")), indexed.to_pixels())


@pytest.mark.parametrize("shape", [(1, 1), (1, 9, 3), (9, 1, 4), (1, 1, 3)])
def test_the_smallest_images(shape):
    image = np.full(shape, 7, np.uint8)
    assert hueclid.quantize(image, colors=3).to_pixels().shape == (*shape[:2], 4)


def test_strided_and_read_only_arrays(photo):
    view = photo[::2, ::-3]
    view.flags.writeable = False
    assert hueclid.quantize(view, 4) == hueclid.quantize(view.copy(), 4)


def test_importing_hueclid_imports_nothing_heavy():
    code = "import sys, hueclid; print([m for m in ('numpy', 'PIL', 'click', 'rich') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def solve_in_child(pixels):
    return Palette.solve(Histogram.count(pixels), 8).hex()


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_child_processes_have_threads_of_their_own(photo, method):
    here = solve_in_child(photo)  # the pool of this process exists before the fork
    with multiprocessing.get_context(method).Pool(1) as pool:
        assert pool.apply_async(solve_in_child, (photo,)).get(timeout=60) == here


def test_the_thread_that_imports_may_end():
    # mimalloc 3.3 takes it for the main one, and the next one crashes: github.com/microsoft/mimalloc/issues/1287
    script = """
import threading, numpy
def work():
    import hueclid
    print(len(hueclid.quantize(numpy.arange(192, dtype=numpy.uint8).reshape(8, 8, 3), 4, threads=1).palette))
for _ in range(4):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout.split()) == (0, ["4"] * 4)


@pytest.mark.parametrize(("given", "kept"), [(None, "1000"), ("5", "5")])
def test_freed_memory_is_kept_for_a_second_unless_told_otherwise(given, kept):
    rest = {name: value for name, value in os.environ.items() if name != "MIMALLOC_PURGE_DELAY"}
    told = {} if given is None else {"MIMALLOC_PURGE_DELAY": given}
    script = "import os, hueclid._core; print(os.environ['MIMALLOC_PURGE_DELAY'])"
    done = subprocess.run([sys.executable, "-c", script], env=rest | told, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == kept
