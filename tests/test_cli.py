"""The command line: what it writes where, in batches too, and what it tells."""

import io
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from command import call, decoded, names, noise, photographs, pipe, reduced, start
from PIL import Image

import hueclid
from hueclid import codec


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder with three photographs."""
    monkeypatch.chdir(tmp_path)
    return photographs(tmp_path)


def test_result_goes_beside_the_input(folder: Path) -> None:
    done = call("quantize", "a.png", "-k", 5)
    assert done.exit_code == 0
    assert done.stdout == ""
    assert names(folder) == {"a.png", "b.png", "c.png", "a-k5.png"}
    expected = reduced("a.png", 5)
    assert np.array_equal(decoded("a-k5.png"), expected.to_pixels())
    sizes = [os.path.getsize(name) for name in ("a.png", "a-k5.png")]
    assert done.stderr.startswith("hueclid: a-k5.png: ")
    assert f"{sizes[1] / sizes[0] - 1:+.1%}" in done.stderr


def test_options_reach_the_result(folder: Path) -> None:
    options = {"space": "srgb", "effort": "fast", "dither": "none", "threads": 2}
    flags = [word for name, value in options.items() for word in (f"--{name}", value)]
    assert call("quantize", "a.png", "-k", 7, *flags, "--optimize", "fast").exit_code == 0
    assert np.array_equal(decoded("a-k7.png"), reduced("a.png", 7, **options).to_pixels())
    assert call("quantize", "a.png", "-o", "s.png", "-k", 7, "--dither-strength", 0.3).exit_code == 0
    strong = reduced("a.png", 7, dither_strength=0.3)
    assert np.array_equal(decoded("s.png"), strong.to_pixels())


def solved(name: str, colors: int, **options: object) -> hueclid.Palette:
    return hueclid.Palette.solve(hueclid.Histogram.count(hueclid.read(name)), colors, **options)


def test_flags_of_dithering_are_the_options(folder: Path) -> None:
    pixels = hueclid.read("a.png")
    mask = np.zeros(pixels.shape[:2], np.uint8)
    mask[: len(mask) // 2] = 255
    Image.fromarray(mask).save("mask.png")
    tile = np.random.default_rng(1).permutation(64).astype(np.uint8).reshape(8, 8)
    Image.fromarray(tile).save("tile.png")
    for flags, options in (
        (["--dither", "stucki", "--dither-path", "raster"], {"dither": "stucki", "dither_path": "raster"}),
        (["--dither", "bayer-4", "--dither-form", "amplitude"], {"dither": "bayer-4", "dither_form": "amplitude"}),
        (["--dither-mask", "mask.png"], {"dither_mask": mask}),
        (["--dither-threshold", "tile.png"], {"dither": hueclid.Thresholds(tile)}),
    ):
        assert call("quantize", "a.png", "-o", "d.png", "-k", 5, "--force", *flags).exit_code == 0
        assert np.array_equal(decoded("d.png"), reduced(pixels, 5, **options).to_pixels())


@pytest.mark.parametrize(
    "options",
    [
        {"init": "random", "attempts": 3, "seed": 9, "time_limit": 0},
        {"init": "maximin", "time_limit": 0},
        {"objective": "euclidean"},
    ],
)
def test_how_to_search_reaches_every_command(folder: Path, options: dict[str, object]) -> None:
    flags = [str(word) for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
    expected = reduced("a.png", 5, **options)
    palette = solved("a.png", 5, **options)
    assert call("palette", "a.png", "-k", 5, *flags).stdout.split() == palette.hex()
    assert palette.hex() != call("palette", "a.png", "-k", 5).stdout.split()
    assert call("quantize", "a.png", "-k", 5, *flags).exit_code == 0
    assert np.array_equal(decoded("a-k5.png"), expected.to_pixels())
    assert call("compare", "a.png", "-k", 5, *flags, "-o", "sheet.png").exit_code == 0
    assert call("compare", "a.png", "-k", 5, "-o", "plain.png").exit_code == 0
    assert Path("sheet.png").read_bytes() != Path("plain.png").read_bytes()


@pytest.mark.parametrize("method", ["wu", "uniform"])
def test_the_method_reaches_the_result(folder: Path, method: str) -> None:
    expected = reduced("a.png", 5, method=method)
    assert call("palette", "a.png", "-k", 5, "--method", method).stdout.split() == expected.palette.hex()
    assert call("quantize", "a.png", "-k", 5, "--method", method).exit_code == 0
    assert np.array_equal(decoded("a-k5.png"), expected.to_pixels())


@pytest.mark.parametrize("command", ["quantize", "palette", "compare"])
def test_pinned_colors_are_in_the_palette(folder: Path, command: str) -> None:
    pins = ["--pin", "#00ff00", "--pin", "ff0000"]
    done = call(command, "a.png", "-k", 4, *pins)
    assert done.exit_code == 0
    if command == "palette":
        assert done.stdout.split()[:2] == ["#00ff00", "#ff0000"]
    if command == "quantize":
        expected = reduced("a.png", 4, pinned=["#00ff00", "#ff0000"])
        assert np.array_equal(decoded("a-k4.png"), expected.to_pixels())


@pytest.mark.parametrize("suffix", ["hex", "gpl", "json", "ase", "css", "png"])
def test_a_palette_file_is_pinned_in_its_order(folder: Path, suffix: str) -> None:
    inks = ["#00ff00", "#000000", "#ff0000", "#ffffff"]
    hueclid.Palette.from_colors(inks).save(f"inks.{suffix}")
    done = call("quantize", "a.png", "-k", 4, "--pin", f"@inks.{suffix}", "-o", "out.png")
    assert done.exit_code == 0, done.stderr
    assert np.array_equal(decoded("out.png"), reduced("a.png", 4, pinned=inks).to_pixels())
    done = call("palette", "a.png", "-k", 6, "--pin", "#0000ff", "--pin", f"@inks.{suffix}", "--format", "hex")
    assert done.stdout.split()[:5] == ["#0000ff", *inks]


def test_colors_of_flat_areas_may_be_means(folder: Path) -> None:
    image = np.full((60, 60, 3), 250, np.uint8)
    image[:30, :40] = np.random.default_rng(1).integers(200, 250, (30, 40, 3))
    Image.fromarray(image).save("flat.png")
    for flat in ("exact", "mean"):
        assert call("quantize", "flat.png", "-k", 2, "--flat", flat, "-o", f"{flat}.png").exit_code == 0
        assert np.array_equal(decoded(f"{flat}.png"), reduced("flat.png", 2, flat=flat).to_pixels())


@pytest.mark.parametrize("output", ["out", "out/"])
def test_folder_takes_many_results(folder: Path, output: str) -> None:
    (folder / "out").mkdir()
    assert call("quantize", "a.png", "b.png", "-k", 4, "-o", output).exit_code == 0
    assert names(folder / "out") == {"a-k4.png", "b-k4.png"}


def test_format_is_told_by_flag_or_suffix(folder: Path) -> None:
    assert call("quantize", "a.png", "-k", 4, "--format", "gif").exit_code == 0
    assert call("quantize", "a.png", "-k", 4, "-o", "x.webp").exit_code == 0
    with Image.open("a-k4.gif") as gif, Image.open("x.webp") as webp:
        assert (gif.format, webp.format) == ("GIF", "WEBP")


def test_every_format_is_offered(folder: Path) -> None:
    for kind in codec.FORMATS:
        assert call("quantize", "a.png", "-k", 4, "--format", kind).exit_code == 0
        told = {"lossy_for": kind} if kind == "gif" else {}
        expected = hueclid.quantize("a.png", 4) if kind == "bmp" else reduced("a.png", 4, **told)
        assert np.array_equal(decoded(f"a-k4.{kind}"), expected.to_pixels())
    assert f"--format {'|'.join(codec.FORMATS)}" in call("quantize", "--help").stdout


@pytest.mark.parametrize("name", ["x.tga", "x"])
def test_unknown_suffix_is_wrong_usage(folder: Path, name: str) -> None:
    done = call("quantize", "a.png", "-o", name)
    assert done.exit_code == 2
    assert "end it in one of .png, .gif, .bmp" in " ".join(done.stderr.split())


def test_standard_output_gets_the_image_and_nothing_else(folder: Path) -> None:
    done = pipe("quantize", "a.png", "-k", 4, "-o", "-")
    assert done.returncode == 0
    assert np.array_equal(decoded(io.BytesIO(done.stdout)), reduced("a.png", 4).to_pixels())
    assert names(folder) == {"a.png", "b.png", "c.png"}


def test_standard_input_goes_to_standard_output(folder: Path) -> None:
    done = pipe("quantize", "-", "-k", 4, stdin=Path("a.png").read_bytes())
    assert done.returncode == 0
    assert np.array_equal(decoded(io.BytesIO(done.stdout)), reduced("a.png", 4).to_pixels())


def test_failing_input_does_not_stop_the_others(folder: Path) -> None:
    Path("text.png").write_text("no image")
    done = call("quantize", "a.png", "text.png", "gone.png", "b.png", "-k", 4, "--json")
    assert done.exit_code == 1
    assert names(folder) >= {"a-k4.png", "b-k4.png"}
    assert "text-k4.png" not in names(folder)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["input"] for record in records] == ["a.png", "text.png", "gone.png", "b.png"]
    assert [set(record) == {"input", "failure"} for record in records] == [False, True, True, False]
    lines = done.stderr.splitlines()
    assert lines[0] == f"hueclid: text.png: {records[1]['failure']}"
    assert lines[1].startswith("hueclid: gone.png: ")
    assert lines[2].startswith("hueclid: 2 of 4 files done, 2 failed: ")
    assert len(lines) == 3


def test_json_tells_the_truth(folder: Path) -> None:
    done = call("quantize", "a.png", "-k", 6, "--json")
    record = json.loads(done.stdout)
    pixels, indexed = hueclid.read("a.png"), reduced("a.png", 6)
    assert record.pop("seconds") >= 0
    assert record == {
        "input": "a.png",
        "output": "a-k6.png",
        "format": "png",
        "width": 32,
        "height": 24,
        "bytes_in": os.path.getsize("a.png"),
        "bytes_out": os.path.getsize("a-k6.png"),
        "colors_in": len(hueclid.Histogram.count(pixels)),
        "colors_out": 6,
        "error": indexed.palette.error,
        "psnr": round(hueclid.measure(pixels, indexed).psnr, 3),
        "ssimulacra2": None,
        "kept": None,
    }


def test_exact_result_has_no_psnr(folder: Path) -> None:
    Image.new("RGB", (3, 3), "red").save("flat.png")
    record = json.loads(call("quantize", "flat.png", "--json").stdout)
    assert (record["psnr"], record["colors_in"], record["colors_out"]) == (None, 1, 1)


def test_threads_do_not_reach_the_result(folder: Path) -> None:
    results = []
    for threads in (1, 2, 8):
        (folder / str(threads)).mkdir()
        done = call("quantize", "a.png", "b.png", "c.png", "-k", 9, "-o", threads, "--threads", threads)
        assert done.exit_code == 0
        results.append({path.name: path.read_bytes() for path in (folder / str(threads)).iterdir()})
    assert results[0] == results[1] == results[2]
    assert len(results[0]) == 3


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
def test_ctrl_c_stops_a_batch(tmp_path: Path) -> None:
    inputs = [tmp_path / f"{i}.png" for i in range(30)]
    for i, path in enumerate(inputs):
        noise(i, 400).save(path)
    out = tmp_path / "out"
    out.mkdir()
    process = start(
        "quantize",
        *inputs,
        "-o",
        out,
        "--effort",
        "best",
        "--json",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while not any(path.suffix == ".png" for path in out.iterdir()):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    written = {str(path) for path in out.iterdir()}
    assert 0 < len(written) < len(inputs)
    assert {json.loads(line)["output"] for line in stdout.splitlines()} == written
    for path in written:
        decoded(path)
    assert f"hueclid: stopped by Ctrl-C, {len(written)} of 30 files done: " in stderr.decode()
    assert "Traceback" not in stderr.decode()


def test_palette_prints_hex_in_a_pipe(folder: Path) -> None:
    colors = [solved(name, 3).hex() for name in ("a.png", "b.png")]
    assert call("palette", "a.png", "-k", 3).stdout.splitlines() == colors[0]
    assert call("palette", "a.png", "-k", 3, "--format", "hex").stdout.splitlines() == colors[0]
    both = call("palette", "a.png", "b.png", "-k", 3).stdout.splitlines()
    assert both == ["a.png:", *colors[0], "b.png:", *colors[1]]


def test_palette_as_json(folder: Path) -> None:
    done = call("palette", "a.png", "gone.png", "-k", 3, "--format", "json")
    assert done.exit_code == 1
    first, second = map(json.loads, done.stdout.splitlines())
    palette = solved("a.png", 3)
    assert first["input"] == "a.png"
    assert [entry["hex"] for entry in first["palette"]] == palette.hex()
    assert [entry["rgba"] for entry in first["palette"]] == palette.colors.tolist()
    assert [entry["weight"] for entry in first["palette"]] == palette.weights.tolist()
    assert sum(entry["share"] for entry in first["palette"]) == pytest.approx(1, abs=1e-5)
    assert set(second) == {"input", "failure"}


def test_compare_draws_a_sheet(folder: Path) -> None:
    done = call("compare", "a.png")
    assert done.exit_code == 0
    with Image.open("a-compare.png") as sheet:
        assert (sheet.format, sheet.mode) == ("PNG", "RGB")
        shown = {color for _, color in sheet.getcolors(1 << 20)}
    for k in (2, 3, 8, 16):
        assert {tuple(color[:3]) for color in hueclid.quantize("a.png", k).palette.colors.tolist()} <= shown
    assert call("compare", "a.png").exit_code == 1
    assert call("compare", "a.png", "-k", 2, "-o", "x.png").exit_code == 0
    assert call("compare", "a.png", "-k", 2, "-o", "x.jpg").exit_code == 2
