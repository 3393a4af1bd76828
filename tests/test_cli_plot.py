"""The command line draws: clouds, steps, strips, comparisons; what it refuses, and that nothing is lost."""

import io
import os
import xml.etree.ElementTree as ET
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from command import call, decoded, names, noise, photographs, pipe
from pages import data_of, image_of
from PIL import Image

import hueclid
from hueclid import plot
from hueclid.cli.compare import ROWS
from hueclid.options import QUANTIZE


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder with three photographs."""
    monkeypatch.chdir(tmp_path)
    return photographs(tmp_path)


def solved(name: str, colors: int, **options: object) -> tuple[hueclid.Histogram, hueclid.Palette]:
    histogram = hueclid.Histogram.count(hueclid.read(name))
    return histogram, hueclid.Palette.solve(histogram, colors, **options)


def test_plot_goes_beside_the_input(folder: Path) -> None:
    done = call("plot", "a.png")
    assert done.exit_code == 0
    assert done.stderr.startswith("hueclid: a-cloud.html: ")
    assert Path("a-cloud.html").read_bytes() == plot.cloud(*solved("a.png", 8), title="a.png")
    assert call("plot", "a.png").exit_code == 1
    assert call("plot", "a.png", "--force").exit_code == 0
    assert call("plot", "a.png", "--steps").exit_code == 0
    assert names(folder) == {"a.png", "b.png", "c.png", "a-cloud.html", "a-steps.html"}


@pytest.mark.parametrize("kind", ["html", "svg", "png", "SVG"])
def test_suffix_says_the_format_of_a_cloud(folder: Path, kind: str) -> None:
    done = call("plot", "a.png", "-k", 3, "--space", "lab", "--points", 90, "-o", f"x.{kind}")
    assert done.exit_code == 0
    expected = plot.cloud(*solved("a.png", 3, space="lab"), kind.lower(), points=90, title="a.png")
    assert Path(f"x.{kind}").read_bytes() == expected


@pytest.mark.parametrize("kind", ["html", "gif", "webp", "png"])
def test_suffix_says_the_format_of_steps(folder: Path, kind: str) -> None:
    flags = ["--init", "random", "--seed", 4, "--points", 90]
    assert call("plot", "a.png", "--steps", "-k", 3, *flags, "-o", f"x.{kind}").exit_code == 0
    _, start = solved("a.png", 3, init="random", seed=4, max_iterations=0)
    expected = plot.steps(hueclid.read("a.png"), start, kind, points=90, title="a.png")
    assert Path(f"x.{kind}").read_bytes() == expected


def test_plot_through_pipes(folder: Path) -> None:
    done = pipe("plot", "-", "-o", "-", "-k", 2, stdin=Path("a.png").read_bytes())
    assert done.returncode == 0
    assert len(data_of(done.stdout)["passes"][0]["centers"]) == 2


@pytest.mark.parametrize("viewer", [0, 1])
def test_plot_opens_the_viewer_or_says_that_it_cannot(
    folder: Path, monkeypatch: pytest.MonkeyPatch, viewer: int
) -> None:
    opened: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("click.launch", lambda path: opened.append(path) or viewer)
    done = call("plot", "a.png", "--show")
    assert done.exit_code == 0
    assert opened == [str(folder / "a-cloud.html")]
    assert ("not shown" in done.stderr) == bool(viewer)


@pytest.mark.parametrize("kind", ["svg", "png"])
@pytest.mark.parametrize("widths", ["share", "equal"])
def test_strips(folder: Path, kind: str, widths: str) -> None:
    done = call("palette", "a.png", "b.png", "-k", 5, "--format", kind, "--widths", widths)
    assert (done.exit_code, done.stdout) == (0, "")
    for name in "ab":
        _, palette = solved(f"{name}.png", 5)
        assert Path(f"{name}-palette.{kind}").read_bytes() == plot.strip(palette, kind, widths=widths)
    assert call("palette", "a.png", "-k", 5, "-o", f"x.{kind}", "--widths", widths).exit_code == 0
    assert Path(f"x.{kind}").read_bytes() == Path(f"a-palette.{kind}").read_bytes()


def test_strips_through_pipes(folder: Path) -> None:
    done = pipe("palette", "-", "-k", 4, "-o", "-", stdin=Path("a.png").read_bytes())
    assert len(ET.fromstring(done.stdout.decode())) == 4
    done = pipe("palette", "-", "-k", 4, "--format", "png", stdin=Path("a.png").read_bytes())
    assert len(Image.open(io.BytesIO(done.stdout)).getcolors()) == 4


@pytest.mark.parametrize("arguments", [["-o", "x.html"], ["-o", "x.png"]])
def test_compare_in_rows(folder: Path, arguments: list[object]) -> None:
    given = [
        "--space",
        "srgb",
        "--space",
        "oklab",
        "--dither",
        "none",
        "--dither",
        "floyd-steinberg",
        "--space",
        "srgb",
    ]
    done = call("compare", "a.png", "-k", 2, "-k", 5, "-k", 2, *given, *arguments)
    assert done.exit_code == 0
    assert f"hueclid: {arguments[-1]}: 9 pictures, " in done.stderr
    expected = {
        (f"space {space}, dither {dither}", f"K = {k}"): hueclid.quantize("a.png", k, space=space, dither=dither)
        for space, dither, k in product(("srgb", "oklab"), ("none", "floyd-steinberg"), (2, 5))
    }
    if arguments[-1] == "x.png":
        with Image.open("x.png") as sheet:
            shown = {color for _, color in sheet.getcolors(1 << 20)}
        for result in expected.values():
            assert {tuple(color[:3]) for color in result.palette.colors.tolist()} <= shown
        return
    data = data_of(Path("x.html").read_bytes())
    assert data["title"] == "a.png"
    assert data["original"]["bytes"] == os.path.getsize("a.png")
    assert np.array_equal(np.asarray(image_of(data["original"]["image"])), hueclid.read("a.png"))
    results = {(entry["row"], entry["column"]): entry for entry in data["results"]}
    assert list(results) == list(expected)
    for place, result in expected.items():
        assert results[place]["colors"] == result.palette.colors.tolist()
        shown = np.asarray(image_of(results[place]["image"]).convert("RGBA"))
        assert np.array_equal(shown, result.to_pixels())


def test_one_row_has_no_name(folder: Path) -> None:
    assert call("compare", "a.png", "-k", 2, "--dither", "none", "-o", "x.html").exit_code == 0
    assert data_of(Path("x.html").read_bytes())["rows"] == [""]


@pytest.mark.parametrize("kind", ["png", "html"])
def test_more_colors_than_an_indexed_png_holds(folder: Path, kind: str) -> None:
    done = call("compare", "a.png", "-k", 300, "-o", f"x.{kind}")
    assert done.exit_code == 0
    assert f"hueclid: x.{kind}: 2 pictures" in done.stderr


def test_rows_are_options_of_the_table() -> None:
    assert {option.name for option in ROWS} == {"method", "space", "dither"} & {option.name for option in QUANTIZE}
    assert all(option.choices for option in ROWS)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["plot", "a.png", "-o", "x.pdf"], "the name ends in .html or .svg or .png, got x.pdf"),
        (["plot", "a.png", "-o", "x.gif"], "the name ends in .html or .svg or .png, got x.gif"),
        (["plot", "a.png", "--steps", "-o", "x.svg"], "the name ends in .html or .gif or .webp or .png, got x.svg"),
        (["plot", "a.png", "--steps", "-k", 257], "--steps shows up to 256 colors, got 257"),
        (["plot", "a.png", "--steps", "--method", "wu"], "--steps shows passes of k-means, got wu"),
        (["plot", "a.png", "--steps", "--objective", "euclidean"], "--steps shows passes of k-means, got euclidean"),
        (["plot", "a.png", "--points", 0], "must be an integer from 1 to 100000, got '0'"),
        (["plot", "-", "-o", "-", "--show"], "needs a file"),
        (["plot", "a.png", "--attempts", 3], "3 would be the same with --init divisive"),
        (["compare", "a.png", "-o", "x.jpg"], "the name ends in .png or .html, got x.jpg"),
        (["compare", "a.png", "--space", "lab", "--space", "rgb"], "must be one of 'oklab', 'srgb', 'linear', 'lab'"),
        (["palette", "a.png", "-o", "x.doc"], "or .svg or .png, got x.doc"),
        (["palette", "a.png", "-o", "x.gpl", "--widths", "equal"], "is for strips: --format svg or png"),
        (["palette", "a.png", "--format", "svg", "-o", "x.png"], "the name ends in .svg, got x.png"),
        (["palette", "a.png", "--format", "hex", "-o", "x.txt"], "the name ends in .hex, got x.txt"),
        (["palette", "a.png", "--widths", "equal"], "is for strips: --format svg or png"),
        (["palette", "a.png", "--force"], "is for files: name one with -o, or give --format"),
        (["palette", "a.png", "b.png", "-o", "x.svg"], "x.svg takes one input"),
    ],
)
def test_wrong_usage_does_nothing(folder: Path, arguments: list[object], words: str) -> None:
    done = call(*arguments)
    assert done.exit_code == 2
    assert words in " ".join(done.stderr.split())
    assert names(folder) == {"a.png", "b.png", "c.png"}


@pytest.mark.parametrize(
    "command", [["plot"], ["plot", "--steps"], ["compare", "-o", "x.html"], ["palette", "-o", "x.svg"]]
)
def test_failures_leave_nothing(folder: Path, command: list[str]) -> None:
    Path("broken.png").write_bytes(b"no image")
    before = names(folder)
    done = call(*command, "broken.png")
    assert done.exit_code == 1
    assert done.stderr.startswith("hueclid: broken.png: ")
    assert names(folder) == before


@pytest.mark.parametrize("command", [["plot"], ["palette"]])
def test_existing_files_are_kept(folder: Path, command: list[str]) -> None:
    Path("x.svg").write_text("precious")
    done = call(*command, "a.png", "-o", "x.svg")
    assert done.exit_code == 1
    assert "x.svg exists; " in done.stderr
    assert Path("x.svg").read_text() == "precious"
    assert call(*command, "a.png", "-o", "x.svg", "--force").exit_code == 0
    assert Path("x.svg").read_text() != "precious"


def test_names_with_tags_stay_names(folder: Path) -> None:
    name = "<script>alert(1)<!-- & \"'.png"
    noise(1).save(folder / name)
    for command, page in (("plot", "x.html"), ("compare", "y.html")):
        assert call(command, name, "-k", 2, "-o", page).exit_code == 0
        assert data_of(Path(page).read_bytes())["title"] == name
        assert b"<script>alert" not in Path(page).read_bytes()


def test_transparent_pictures(folder: Path) -> None:
    pixels = np.dstack([decoded("a.png")[..., :3], np.arange(24 * 32, dtype=np.uint8).reshape(24, 32)])
    Image.fromarray(pixels).save("clear.png")
    for arguments in (["plot"], ["plot", "--steps"], ["compare", "-o", "x.html"], ["palette", "--format", "png"]):
        assert call(*arguments, "clear.png").exit_code == 0
    shown = np.asarray(image_of(data_of(Path("x.html").read_bytes())["original"]["image"]))
    assert np.array_equal(shown, pixels)
