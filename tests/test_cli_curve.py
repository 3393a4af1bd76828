"""`hueclid curve`, and the number of colors that `quantize` looks for."""

import json
from pathlib import Path

import numpy as np
import pytest
from command import call, decoded, names, photographs

import hueclid


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder with three photographs."""
    monkeypatch.chdir(tmp_path)
    return photographs(tmp_path)


def test_the_table_and_the_object_tell_the_curve(folder: Path) -> None:
    flags = ["-k", 3, "-k", 8, "--dither", "none", "--space", "srgb", "--effort", "fast", "--optimize", "fast"]
    expected = hueclid.curve("a.png", [3, 8], dither="none", space="srgb", effort="fast", optimize="fast")
    assert call("curve", "a.png", *flags).stdout == f"{expected}\n"
    record = json.loads(call("curve", "a.png", *flags, "--json").stdout)
    assert (record["input"], record["knee"]) == ("a.png", expected.knee)
    assert [row["colors"] for row in record["rows"]] == [3, 8]
    assert [(row["error"], row["bytes"]) for row in record["rows"]] == [(row.error, row.bytes) for row in expected]
    assert names(folder) == {"a.png", "b.png", "c.png"}


def test_a_loss_makes_fewer_bytes(folder: Path) -> None:
    flags = ["-k", 64, "--effort", "fast", "--json"]
    sizes = []
    for lossy in (0, 50):
        (row,) = json.loads(call("curve", "a.png", *flags, "--lossy", lossy).stdout)["rows"]
        sizes.append(row["bytes"])
    assert sizes[1] < sizes[0]
    refused = call("curve", "a.png", "--lossy", 50, "--dither", "bayer-8")
    assert refused.exit_code == 2
    assert "goes with floyd-steinberg and none, got bayer-8" in " ".join(refused.stderr.split())


@pytest.mark.parametrize(("output", "name"), [("c.svg", "c.svg"), ("d.png", "d.png"), (".", "a-curve.svg")])
def test_it_is_drawn(folder: Path, output: str, name: str) -> None:
    done = call("curve", "a.png", "-k", 2, "-k", 3, "-o", output)
    assert done.exit_code == 0
    assert names(folder) == {"a.png", "b.png", "c.png", name}
    again = call("curve", "a.png", "-k", 2, "-o", output)
    assert again.exit_code == 1
    assert "exists" in again.stderr
    assert call("curve", "a.png", "-k", 2, "-o", output, "--force").exit_code == 0


@pytest.mark.parametrize(
    ("args", "status", "words"),
    [
        (["a.png", "-o", "c.pdf"], 2, "a plot is an SVG or PNG"),
        (["a.png", "-o", "-"], 2, "name a file for the plot"),
        (["a.png", "-o", "gone/c.svg"], 2, "there is no folder gone"),
        (["a.png", "-k", 0], 2, "must be an integer from 1 to 65536"),
        (["gone.png"], 1, "gone.png"),
    ],
)
def test_wrong_curves_write_nothing(folder: Path, args: list[object], status: int, words: str) -> None:
    done = call("curve", *args)
    assert done.exit_code == status
    assert words in " ".join(done.stderr.split())
    assert names(folder) == {"a.png", "b.png", "c.png"}


@pytest.mark.parametrize(
    ("flags", "options"),
    [
        (["-k", "auto"], {"colors": "auto", "lossy": "auto"}),
        (["--min-psnr", 20], {"min_psnr": 20}),
        (["--max-error", 30, "-k", 100, "--dither", "none"], {"max_error": 30, "colors": 100, "dither": "none"}),
        (["--min-ssimulacra2", 30], {"min_ssimulacra2": 30, "lossy": "auto"}),
        (["--min-ssimulacra2", 30, "--lossy", 0], {"min_ssimulacra2": 30}),
    ],
)
def test_quantize_looks_for_the_number_of_colors(folder: Path, flags: list[object], options: dict[str, object]) -> None:
    done = call("quantize", "a.png", *flags, "--json")
    assert done.exit_code == 0
    expected = hueclid.quantize("a.png", **options)
    record = json.loads(done.stdout)
    assert (record["output"], record["colors_out"]) == ("a-auto.png", len(expected.palette))
    assert np.array_equal(decoded("a-auto.png"), expected.to_pixels())


def test_a_palette_of_auto(folder: Path) -> None:
    done = call("palette", "a.png", "-k", "auto", "--format", "hex")
    histogram = hueclid.Histogram.count(hueclid.read("a.png"))
    assert done.stdout.split() == hueclid.Palette.solve(histogram, hueclid.knee(histogram)).hex()


def test_out_of_reach_fails_alone_and_writes_nothing(folder: Path) -> None:
    hueclid.quantize("b.png", 4).save("flat.png")
    done = call("quantize", "a.png", "flat.png", "-k", 5, "--min-psnr", 60, "--json")
    assert done.exit_code == 1
    assert "5 colors reach psnr" in done.stderr
    assert names(folder) == {"a.png", "b.png", "c.png", "flat.png", "flat-auto.png"}
    assert "5 colors reach psnr" in json.loads(done.stdout.splitlines()[0])["failure"]


def test_auto_and_a_target_do_not_go_together(folder: Path) -> None:
    done = call("quantize", "a.png", "-k", "auto", "--min-psnr", 30)
    assert done.exit_code == 2
    assert "leave one of them out" in " ".join(done.stderr.split())
