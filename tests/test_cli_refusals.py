"""What the command line refuses, with which words and status, and that nothing is lost."""

import errno
import os
import shlex
import stat
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from command import call, decoded, names, noise, photographs, reduced, start
from PIL import Image

import hueclid


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder with three photographs."""
    monkeypatch.chdir(tmp_path)
    return photographs(tmp_path)


@pytest.mark.parametrize("number", ["0", "-1", "65537", "many", "2.5", ""])
def test_number_of_colors_is_checked(folder: Path, number: str) -> None:
    done = call("quantize", "a.png", f"--colors={number}")
    assert done.exit_code == 2
    assert f"must be an integer from 1 to 65536, or 'auto', got '{number}'" in " ".join(done.stderr.split())
    assert names(folder) == {"a.png", "b.png", "c.png"}


@pytest.mark.parametrize("command", ["quantize", "palette", "compare", "curve", "plot"])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--attempts", 3], "3 would be the same with --init divisive; take one of k-means++, random, maximin"),
        (["--attempts", 0], "must be an integer from 1 to 10000, got '0'"),
        (["--init", "centers"], "must be one of 'divisive', 'k-means++', 'random', 'maximin', got 'centers'"),
        (["--objective", "cubed"], "must be one of 'squared', 'euclidean', got 'cubed'"),
        (["--seed", -1], "must be an integer from 0 to 18446744073709551615, got '-1'"),
        (["--seed", "1.5"], "got '1.5'"),
        (["--time-limit", -1], "must be a number of at least 0.0, got '-1'"),
        (["--time-limit", "nan"], "got 'nan'"),
    ],
)
def test_how_to_search_is_checked(folder: Path, command: str, arguments: list[object], words: str) -> None:
    done = call(command, "a.png", *arguments)
    assert done.exit_code == 2
    assert words in " ".join(done.stderr.split())
    assert names(folder) == {"a.png", "b.png", "c.png"}


@pytest.mark.parametrize("command", ["quantize", "palette", "compare"])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--pin", "red"], "must be a color as #rrggbb or #rrggbbaa, or @FILE, got 'red'"),
        (["--pin", "@none.gpl"], f"none.gpl: {os.strerror(errno.ENOENT)}"),
        (["--pin", "@a.png.txt"], "a.png.txt"),
        (["--pin", "@a.png", "-k", 4], "colors are more than --colors 4; pin fewer, or ask for more"),
        (["--pin", "#fff"], "got '#fff'"),
        (["--pin", "#ffffff", "--pin", "#ffffffff"], "pinned must be distinct colors, got #ffffff twice"),
        (
            ["--pin", "#000000", "--pin", "#ffffff", "-k", 1],
            "2 colors are more than --colors 1; pin fewer, or ask for more",
        ),
    ],
)
def test_pins_are_checked(folder: Path, command: str, arguments: list[object], words: str) -> None:
    done = call(command, "a.png", *arguments)
    assert done.exit_code == 2
    assert words in " ".join(done.stderr.split())
    assert names(folder) == {"a.png", "b.png", "c.png"}


def test_pins_leave_room_for_what_is_transparent(folder: Path) -> None:
    pixels = np.full((8, 8, 4), 255, np.uint8)
    pixels[:2] = 0
    Image.fromarray(pixels).save("clear.png")
    done = call("quantize", "clear.png", "-k", 2, "--pin", "#102030", "--pin", "#ffffff")
    assert done.exit_code == 1
    assert "but not the transparent one, too; ask for one more, or pin '#00000000'" in " ".join(done.stderr.split())
    assert names(folder) == {"a.png", "b.png", "c.png", "clear.png"}


@pytest.mark.parametrize("command", ["quantize", "palette"])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--method", "lloyd"], "must be one of 'kmeans', 'wu', 'median-cut', "),
        (["--method", "wu", "--effort", "best"], "--effort: says how kmeans searches; leave it out with --method wu"),
        (["--method", "wu", "--init", "random", "--attempts", 2], "--init: says how kmeans searches"),
        (["--method", "octree", "--seed", 1], "--seed: says how kmeans searches"),
        (["--method", "octree", "--time-limit", 1], "--time-limit: says how kmeans searches"),
    ],
)
def test_the_method_is_checked(folder: Path, command: str, arguments: list[object], words: str) -> None:
    done = call(command, "a.png", *arguments)
    assert done.exit_code == 2
    assert words in " ".join(done.stderr.split())
    assert names(folder) == {"a.png", "b.png", "c.png"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--dither", "bayer"], "must be one of 'floyd-steinberg', "),
        (["--dither", "ostromoukhov"], "--dither: ostromoukhov mixes two colors; give -k 2 with it"),
        (["--dither", "ostromoukhov", "-k", "auto"], "ostromoukhov mixes two colors"),
        (["--dither", "bayer-8", "--dither-path", "raster"], "--dither-path: is for error diffusion along rows; "),
        (["--dither-form", "amplitude"], "--dither-form: is for thresholds; leave it out with floyd-steinberg"),
        (["--dither-threshold", "grey.png", "--dither-path", "raster"], "leave it out with thresholds"),
        (["--dither-threshold", "flat.png"], "--dither-threshold: thresholds must differ, got 100 of one value"),
        (["--dither-threshold", "a.png"], "--dither-threshold: thresholds must be grey and opaque"),
        (["--dither-threshold", "no.png"], "--dither-threshold: no.png: there is no such file"),
        (["--dither-threshold", "grey.png", "--dither", "none"], "stands for --dither none; leave one of them out"),
        (["--dither-mask", "a.png"], "--dither-mask: the image must be grey and opaque"),
        (["--dither-mask", "no.png"], "--dither-mask: no.png: there is no such file"),
        (["--dither-strength", 1.5], "must be a number from 0.0 to 1.0, got '1.5'"),
    ],
)
def test_how_to_dither_is_checked(folder: Path, arguments: list[object], words: str) -> None:
    Image.new("L", (10, 10), 9).save("flat.png")
    Image.linear_gradient("L").save("grey.png")
    before = names(folder)
    done = call("quantize", "a.png", *arguments)
    assert done.exit_code == 2
    assert words in " ".join(done.stderr.split())
    assert names(folder) == before


@pytest.mark.parametrize("command", ["compare", "curve"])
def test_two_colors_are_all_that_some_ways_mix(folder: Path, command: str) -> None:
    done = call(command, "a.png", "--dither", "ostromoukhov", "-k", 2, "-k", 3)
    assert done.exit_code == 2
    assert "ostromoukhov mixes two colors" in done.stderr
    assert names(folder) == {"a.png", "b.png", "c.png"}


def test_a_mask_of_another_size_fails_its_images_alone(folder: Path) -> None:
    height, width = hueclid.read("a.png").shape[:2]
    Image.new("L", (width, height), 255).save("mask.png")
    Image.new("RGB", (7, 5)).save("small.png")
    done = call("quantize", "a.png", "small.png", "-k", 4, "--dither-mask", "mask.png")
    assert done.exit_code == 1
    assert f"small.png: is 7 x 5 pixels, and the mask {width} x {height}; make them of one size" in done.stderr
    assert names(folder) == {"a.png", "b.png", "c.png", "mask.png", "small.png", "a-k4.png"}


@pytest.mark.parametrize(
    "args", [["quantize"], ["palette"], ["curve"], ["compare", "-o", "x.png"]], ids=lambda args: args[0]
)
def test_importance_of_another_size_is_a_failure(folder: Path, args: list[str]) -> None:
    height, width = hueclid.read("a.png").shape[:2]
    Image.new("L", (7, 5), 255).save("counts.png")
    before = names(folder)
    done = call(*args, "a.png", "-k", 4, "--importance", "counts.png")
    assert done.exit_code == 1
    assert f"a.png: is {width} x {height} pixels, and the importance 7 x 5; make them of one size" in done.stderr
    assert names(folder) == before


def test_existing_output_is_kept_unless_forced(folder: Path) -> None:
    Path("a-k4.png").write_text("precious")
    done = call("quantize", "a.png", "b.png", "-k", 4)
    assert done.exit_code == 1
    assert "hueclid: a.png: a-k4.png exists; " in done.stderr
    assert "--force" in done.stderr
    assert Path("a-k4.png").read_text() == "precious"
    assert Path("b-k4.png").exists()
    assert call("quantize", "a.png", "-k", 4, "--force").exit_code == 0
    assert np.array_equal(decoded("a-k4.png"), reduced("a.png", 4).to_pixels())


def test_output_that_appears_during_the_work_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hueclid.cli.targets.guard", lambda *_, **__: None)
    Path("a-k4.png").write_text("precious")
    done = call("quantize", "a.png", "-k", 4)
    assert done.exit_code == 1
    assert "a-k4.png: exists; " in done.stderr
    assert Path("a-k4.png").read_text() == "precious"


def test_input_is_kept_unless_forced(folder: Path) -> None:
    before = Path("a.png").read_bytes()
    done = call("quantize", "a.png", "-k", 4, "-o", f"{folder}/a.png")
    assert done.exit_code == 1
    assert "output and input are the same file" in done.stderr
    assert Path("a.png").read_bytes() == before
    assert call("quantize", "a.png", "-k", 4, "-o", "a.png", "--force").exit_code == 0
    assert Path("a.png").read_bytes() != before


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["a.png", "b.png", "-o", "x.png"], "x.png takes one input"),
        (["a.png", "b.png", "-o", "-"], "takes one input"),
        (["a.png", "-o", "missing/"], "there is no folder missing/; create it first"),
        (["a.png", "-o", "missing/x.png"], "there is no folder missing; create it first"),
        (["-", "--json"], "needs a file"),
        (["a.png", "-o", "-", "--show"], "needs a file"),
        (["a.png", "b.png", "--show"], "shows one image"),
        (["a.png", "--space", "rgb"], "must be one of 'oklab', 'srgb', 'linear', 'lab', got 'rgb'"),
        (["a.png", "--format", "tga"], "must be one of 'png', "),
        (["a.png", "--max-bytes", "infKB"], "must be an integer from 1 to 1099511627776, got 'infKB'"),
        (["a.png", "--max-bytes", "3 km"], "must be an integer from 1 to 1099511627776, got '3 km'"),
        ([], "IMAGE"),
        ([""], "IMAGE: the name is empty"),
        (["a.png", "-o", ""], "--output: the name is empty"),
    ],
)
def test_wrong_usage_does_nothing(folder: Path, args: list[str], words: str) -> None:
    (folder / "sub").mkdir()
    before = names(folder)
    done = call("quantize", *args)
    assert done.exit_code == 2
    assert words in " ".join(done.output.split())
    assert names(folder) == before
    assert not names(folder / "sub")


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("quantise", "did you mean quantize?"),
        ("a.png", "did you mean hueclid quantize a.png?"),
        ("xyz", "did you mean one of quantize, palette, compare,"),
    ],
)
def test_a_wrong_command_is_told_the_right_one(folder: Path, name: str, remedy: str) -> None:
    done = call(name, "-k", 4)
    assert done.exit_code == 2
    assert f"there is no command '{name}'; {remedy}" in done.stderr


@pytest.mark.parametrize("command", ["palette", "compare", "plot", "curve"])
@pytest.mark.parametrize("folder_name", [".", "..", "/"])
def test_folders_of_no_name_are_no_images(folder: Path, command: str, folder_name: str) -> None:
    done = call(command, folder_name, *(["-o", "x.gpl"] if command == "palette" else []))
    assert done.exit_code == 1
    assert f"hueclid: {folder_name}: is a folder; name the images in it" in done.stderr


def test_format_that_cannot_hold_the_colors(folder: Path) -> None:
    done = call("quantize", "a.png", "-k", 300)
    assert done.exit_code == 1
    assert "256" in done.stderr
    assert "a-k300.png" not in names(folder)


def test_bomb_is_refused(folder: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    Path("bomb.png").write_bytes(data)
    done = call("quantize", "bomb.png")
    assert done.exit_code == 1
    assert "60,000 x 60,000 pixels" in done.stderr
    assert "--max-pixels" in done.stderr
    assert call("quantize", "a.png", "--max-pixels", 10).exit_code == 1


def test_folder_as_input_is_refused(folder: Path) -> None:
    (folder / "sub").mkdir()
    done = call("palette", "sub")
    assert done.exit_code == 1
    assert "folder" in done.stderr


@pytest.mark.parametrize("kind", ["gif", "png", "webp"])
def test_an_animation_is_refused_unless_its_first_frame_is_asked_for(folder: Path, kind: str) -> None:
    frames = [noise(seed).quantize(16) for seed in range(3)]
    settings = {"lossless": True} if kind == "webp" else {}
    frames[0].save(f"moves.{kind}", save_all=True, append_images=frames[1:], **settings)
    for command in ("quantize", "palette", "compare", "curve", "plot", "measure"):
        others = ["a.png"] if command == "measure" else []
        done = call(command, f"moves.{kind}", *others)
        assert done.exit_code == 1
        assert f"hueclid: moves.{kind}: has 3 frames, and all but the first would be lost; " in done.stderr
        assert "--first-frame" in done.stderr
    assert names(folder) == {"a.png", "b.png", "c.png", f"moves.{kind}"}
    done = call("quantize", f"moves.{kind}", "--first-frame", "-o", "still.png")
    assert done.exit_code == 0
    assert f"hueclid: moves.{kind}: has 3 frames, took the first" in done.stderr
    assert np.array_equal(decoded("still.png"), decoded(f"moves.{kind}"))


def test_full_disk_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    done = call("quantize", "a.png")
    assert done.exit_code == 1
    assert "hueclid: a.png: a-k256.png: the disk is full" in done.stderr
    assert names(folder) == {"a.png", "b.png", "c.png"}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize(
    "args",
    [
        ["quantize", "-o", "-", "a.png"],
        ["quantize", "--json", "a.png"],
        ["palette", "a.png"],
        ["compare", "-o", "-", "a.png"],
        ["plot", "-o", "-", "a.png"],
        ["--version"],
        ["--help"],
        ["palette", "--help"],
        ["pngquant", "--version"],
    ],
)
def test_full_standard_output_is_a_failure(folder: Path, args: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        process = start(*args, stdout=full, stderr=subprocess.PIPE)
        _, stderr = process.communicate()
    assert process.returncode == 1
    assert stderr.startswith(b"hueclid: ")
    assert os.strerror(errno.ENOSPC).encode() in stderr
    assert b"Traceback" not in stderr
    assert b"Exception ignored" not in stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_batch_ends_when_its_reader_is_gone(folder: Path) -> None:
    copies = [f"{i}.png" for i in range(40)]
    for copy in copies:
        noise(1, 200).save(copy)
    with open("/dev/full", "wb") as full:
        process = start("quantize", *copies, "--json", "--threads", 1, stdout=full, stderr=subprocess.PIPE)
        process.communicate()
    assert process.returncode == 1
    assert len(names(folder)) < 3 + 2 * len(copies)


@pytest.mark.skipif(os.name == "nt", reason="has no such names")
def test_a_name_stays_within_its_line(folder: Path) -> None:
    name = "a\nb\x1b[2J é.png"
    done = call("quantize", name)
    assert done.stderr == "hueclid: a\\nb\\x1b[2J é.png: there is no such file; check the path\n"
    Path("a.png").rename(name)
    assert call("quantize", name, "-k", 4).stderr.startswith("hueclid: a\\nb\\x1b[2J é-k4.png: ")


@pytest.mark.skipif(os.name == "nt", reason="closes streams as shells do")
@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("quantize - -o x.png <&-", b"hueclid: -: Bad file descriptor"),
        ("quantize a.png -o - >&-", b"standard output can't be written: Bad file descriptor"),
        ("palette a.png <&- >&-", b"standard output can't be written: Bad file descriptor"),
        ("quantize none.png 2>&-", b""),
        ("--version >&-", b"standard output can't be written: Bad file descriptor"),
        ("--help >&-", b"standard output can't be written: Bad file descriptor"),
        ("pngquant --help >&-", b"standard output can't be written: Bad file descriptor"),
        ("--version >&- 2>&-", b""),
    ],
)
def test_closed_streams_are_failures(folder: Path, command: str, words: bytes) -> None:
    line = f"{shlex.quote(sys.executable)} -m hueclid {command}"
    done = subprocess.run(line, shell=True, capture_output=True, check=False)
    assert done.returncode == 1
    assert words in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    assert names(folder) == {"a.png", "b.png", "c.png"}


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="needs /dev/null")
def test_devices_and_pipes_are_written_to(folder: Path) -> None:
    assert call("quantize", "a.png", "-o", "/dev/null", "--format", "png").exit_code == 0
    assert call("quantize", "a.png", "-o", "file.png").exit_code == 0
    os.mkfifo("pipe.png")
    with subprocess.Popen(["cat", "pipe.png"], stdout=subprocess.PIPE) as reader:
        assert call("quantize", "a.png", "-o", "pipe.png").exit_code == 0
        assert reader.communicate()[0] == Path("file.png").read_bytes()
    assert stat.S_ISFIFO(os.stat("pipe.png").st_mode)


@pytest.mark.skipif(not os.path.exists("/proc/self"), reason="needs a folder in which nobody can write")
def test_read_only_folder_is_a_failure(folder: Path) -> None:
    done = call("quantize", "a.png", "-o", "/proc/x.png")
    assert done.exit_code == 1
    assert done.stderr.startswith("hueclid: a.png: /proc/x.png: ")


@pytest.mark.parametrize("command", ["quantize", "palette", "compare", "plot"])
def test_ctrl_c_is_a_status_of_its_own(folder: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    module = "reduction" if command == "quantize" else command
    monkeypatch.setattr(f"hueclid.cli.{module}.load", interrupt)
    assert call(command, "a.png").exit_code == 130
    assert names(folder) == {"a.png", "b.png", "c.png"}


def test_ctrl_c_before_there_is_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import hueclid.__main__ as program, signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # what runs in the background ignores it
        "program._hueclid = lambda: signal.raise_signal(signal.SIGINT)\n"
        "program.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("click.Context.get_help", interrupt)
    assert call("--help").exit_code == 130
    assert call("palette", "--help").exit_code == 130


def test_bug_shows_a_traceback(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hueclid.cli.targets.guard", lambda *_, **__: 1 / 0)
    assert isinstance(call("quantize", "a.png", "b.png").exception, ZeroDivisionError)
