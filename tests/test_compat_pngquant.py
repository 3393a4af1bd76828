"""pngquant's contract: arguments, names, streams, exit statuses; beside pngquant itself where there is one."""

import io
import os
import shlex
import shutil
import stat
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from command import decoded, names
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from test_metadata import XMP, exif
from test_srgb import ADOBE

from hueclid import quality_scale
from hueclid.chunks import Chunk, insert, walk
from hueclid.compat.pngquant import main, name
from hueclid.compat.pngquant.arguments import Misuse, Settings, parse
from hueclid.compat.pngquant.conversion import allowed

PNGQUANT = shutil.which("pngquant")


def called(*words, stdin=b""):
    """Run it in a process of its own."""
    command = [sys.executable, "-m", "hueclid", "pngquant", *map(str, words)]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


@pytest.fixture
def folder(tmp_path, monkeypatch, icon):
    """Go to a folder with an icon, test.png."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(icon[10:100, 10:110]).save("test.png")
    return tmp_path


# The groups of pngquant's own script


def test_version_and_help(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("2.")
    assert main(["--help"]) == 0
    shown = capsys.readouterr()
    assert "usage:" in shown.out
    assert shown.err == ""
    assert main([]) == 1
    shown = capsys.readouterr()
    assert "usage:" in shown.err
    assert shown.out == ""


def test_overwriting_and_names(folder, capsys):
    assert main(["test.png"]) == 0
    assert names(folder) == {"test.png", "test-fs8.png"}
    before = Path("test-fs8.png").read_bytes()
    assert main(["--floyd=0.5", "--force", "test.png"]) == 0
    assert names(folder) == {"test.png", "test-fs8.png"}
    assert Path("test-fs8.png").read_bytes() != before
    assert main(["--nofs", "test.png"]) == 0
    assert names(folder) == {"test.png", "test-fs8.png", "test-or8.png"}
    Path("test-or8.png").unlink()
    capsys.readouterr()
    assert main(["-nofs", "test.png"]) == 0
    assert "warning:" in capsys.readouterr().err
    assert main(["--ordered", "test.png"]) == 15
    assert "'test-or8.png' exists; not overwriting" in capsys.readouterr().err
    assert main(["test.png", "-o", "x.png"]) == 0
    before = Path("x.png").read_bytes()
    assert main(["test.png", "-o", "x.png"]) == 15
    assert Path("x.png").read_bytes() == before


def test_skipping(folder):
    assert main(["-Q", "100-100", "test.png", "-o", "x.png"]) == 99
    assert main(["-Q", "0-50", "test.png", "-o", "y.png"]) == 0
    assert main(["y.png", "--skip-if-larger", "-Q", "0-49", "-o", "z.png"]) == 98
    assert names(folder) == {"test.png", "y.png"}


def test_metadata_and_srgb(folder):
    chunks = [
        Chunk(b"iCCP", b"Adobe\0\0" + zlib.compress(ADOBE)),
        Chunk(b"gAMA", struct.pack(">I", 45455)),
        Chunk(b"pHYs", struct.pack(">IIB", 3000, 3000, 1)),
        Chunk(b"eXIf", exif().removeprefix(b"Exif\0\0")),
        Chunk(b"npTc", b"patch"),
        Chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP % 1),
    ]
    Path("metadata.png").write_bytes(insert(Path("test.png").read_bytes(), chunks))
    assert main(["metadata.png", "-o", "kept.png"]) == 0
    data = Path("kept.png").read_bytes()
    assert b"<rdf:RDF xmlns:rdf" in data
    kinds = [chunk.kind for chunk in walk(data)]
    assert {b"sRGB", b"gAMA", b"pHYs", b"eXIf", b"npTc", b"iTXt"} <= {*kinds}
    assert b"iCCP" not in kinds
    assert kinds.index(b"sRGB") < kinds.index(b"PLTE")
    with Image.open("kept.png") as image, Image.open("metadata.png") as before:
        assert image.size == before.size[::-1]  # the camera was on its side
        assert image.getexif()[0x0112] == 1
    assert main(["--strip", "metadata.png", "-o", "bare.png"]) == 0
    kinds = {chunk.kind for chunk in walk(Path("bare.png").read_bytes())}
    assert kinds == {b"IHDR", b"PLTE", b"tRNS", b"IEND", b"sRGB", b"gAMA"}
    assert main(["test.png", "-o", "plain.png"]) == 0
    assert {chunk.kind for chunk in walk(Path("plain.png").read_bytes())} == {b"IHDR", b"PLTE", b"tRNS", b"IEND"}


# Arguments


def parsed(*words):
    return parse(words, lambda _: None)


@given(st.permutations([["-s3"], ["--qual", "60-80"], ["-o", "x.png"], ["--forc"], ["--posterize=2"], ["32", "a.png"]]))
def test_options_come_in_any_order(order):
    expected = Settings(files=("a.png",), colors=32, output="x.png", force=True, quality=(60, 80), speed=3, posterize=2)
    assert parsed(*(word for words in order for word in words)) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["-fv", "a"], {"force": True, "verbose": True}),
        (["-fQ60-80", "a"], {"force": True, "quality": (60, 80)}),
        (["-Q", "-5", "a"], {"quality": (0, 5)}),
        (["--quality", "-5", "a"], {"quality": (0, 5)}),
        (["--floyd", "a"], {"dithering": 1.0}),
        (["--floyd=.5", "a"], {"dithering": 0.5}),
        (["--floyd=abc", "a"], {"dithering": 0.0}),
        (["--floyd=1", "--nofs", "a"], {"dithering": 0.0}),
        (["--nofs", "--floyd=1", "a"], {"dithering": 1.0}),
        (["-s11", "--floyd=1", "a"], {"speed": 11, "dithering": 0.0}),
        (["-s3x", "a"], {"speed": 3}),
        (["--force", "--no-force", "a"], {"force": False}),
        (["-v", "-q", "a"], {"verbose": False}),
        (["--", "16", "a"], {"colors": 16}),
        (["--", "16", "-x.png"], {"colors": 16, "files": ("-x.png",)}),
        (["16", "32", "a"], {"colors": 16, "files": ("32", "a")}),
        (["16.5", "a"], {"files": ("16.5", "a")}),
        (["./16"], {"files": ("./16",)}),
        (["0", "a"], {"colors": 256}),
        (["--colors", "9", "16"], {"colors": 9, "files": ("16",)}),
        (["-", "-o", "-"], {"output": "-", "files": ()}),
        (["a", "-o", "-", "-o", "-"], {"output": "-"}),
        (["16"], {"colors": 16, "files": ()}),
        (["-", "a"], {"files": ("-", "a")}),
        (["--ext=", "a"], {"suffix": ""}),
        (["-fs", "a"], {"dithering": 1.0}),
        (["-ext", ".x.png", "a"], {"suffix": ".x.png"}),
        (["a", "-h"], {"asked": "help", "files": ()}),
        (["-h", "-V"], {"asked": "version", "files": ()}),
        (["-Q", "101", "-V"], {"asked": "version", "files": ()}),
    ],
)
def test_arguments_mean(words, expected):
    assert parsed(*words) == Settings(**{"files": ("a",), **expected})


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        ([], 1, ""),
        (["--force"], 1, "No input files"),
        (["-o", "y"], 4, "Only one input file can be written to y, got 0"),
        (["-s", "0"], 4, "Got '0'"),
        (["--nofsx", "a"], 4, "unrecognized option '--nofsx'"),
        (["--no", "a"], 4, "'--no' is ambiguous; possibilities: '--no-force' '--nofs'"),
        (["--ver"], 4, "ambiguous"),
        (["-x", "a"], 4, "invalid option -- 'x'"),
        (["--force", "-nofs", "a"], 4, "invalid option -- 'n'"),
        (["a", "--help", "--bad"], 4, "unrecognized"),
        (["--force=1", "a"], 4, "doesn't allow an argument"),
        (["a", "-o"], 4, "'-o' requires an argument"),
        (["a", "--quality"], 4, "'--quality' requires an argument"),
        (["a", "-o", "b", "-o", "c"], 4, "only once"),
        (["-Q", "80-60", "a"], 4, "0-100, got '80-60'"),
        (["-s", "0", "a"], 4, "Got '0'"),
        (["-s", "12", "a"], 4, "Got '12'"),
        (["1", "a"], 4, "between 2 and 256"),
        (["257", "a"], 4, "between 2 and 256"),
        (["--colors", "0", "a"], 4, "between 2 and 256"),
        (["--posterize", "5", "a"], 4, "range 0-4"),
        (["--floyd=1.5", "a"], 4, "0..1"),
        (["--floyd=-1", "a"], 4, "0..1"),
        (["--ext", "x", "-o", "y", "a"], 4, "same time"),
        (["-o", "y", "a", "b"], 4, "Only one input"),
        (["-o", "-", "a", "b"], 4, "standard output, got 2"),
    ],
)
def test_arguments_that_cannot_be_followed(words, status, message):
    with pytest.raises(Misuse) as caught:
        parsed(*words)
    assert caught.value.status == status
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("file", "settings", "expected"),
    [
        ("a.png", {}, "a-fs8.png"),
        ("d.x/a.PNG", {}, "d.x/a-fs8.png"),
        ("a.png", {"dithering": 0.0}, "a-or8.png"),
        ("a.png", {"suffix": ".png"}, "a.png"),
        ("noext", {}, "noext-fs8.png"),
        ("x.Png", {}, "x.Png-fs8.png"),
        (".png", {}, ".png-fs8.png"),
        ("a.png", {"suffix": ""}, "a"),
    ],
)
def test_names(file, settings, expected):
    assert name(file, Settings(**settings)) == expected


# Files and streams


def test_every_file_is_tried_and_the_last_failure_counts(folder, capsys):
    Path("text.png").write_text("no image")
    whole = Path("test.png").read_bytes()
    Path("cut.png").write_bytes(whole[: len(whole) // 2])
    assert main(["text.png", "cut.png", "none.png", "test.png"]) == 2
    assert main(["none.png", "cut.png", "test.png", "-f"]) == 25
    assert main([".", "test.png", "-f"]) == 25
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "cannot open none.png for reading" in shown.err
    assert names(folder) == {"test.png", "text.png", "cut.png", "test-fs8.png"}


@pytest.mark.parametrize("output", ["none/x.png", "test.png/x.png"])
def test_what_cannot_be_written(folder, output):
    assert main(["test.png", "-o", output]) == 16
    assert names(folder) == {"test.png"}


def test_other_formats_and_animations_are_no_pngs(folder):
    frames = [Image.new("RGB", (9, 9), color) for color in ("red", "blue")]
    frames[0].save("moves.png", save_all=True, append_images=frames[1:])
    frames[0].save("red.jpg")
    assert main(["moves.png"]) == 25
    assert main(["red.jpg"]) == 25
    assert names(folder) == {"test.png", "moves.png", "red.jpg"}


def test_in_place_the_link_its_times_and_permissions_stay(folder):
    Path("there").mkdir()
    os.rename("test.png", "there/real.png")
    os.chmod("there/real.png", 0o640)
    os.utime("there/real.png", (1_000_000_000, 1_100_000_000))
    Path("test.png").symlink_to("there/real.png")
    before = Path("test.png").read_bytes()
    assert main(["--ext", ".png", "--force", "16", "test.png"]) == 0
    assert Path("test.png").is_symlink()
    status = os.stat("there/real.png")
    assert status.st_mtime == 1_100_000_000
    assert stat.S_IMODE(status.st_mode) == 0o640
    assert len(Path("there/real.png").read_bytes()) < len(before)
    assert names(folder / "there") == {"real.png"}


def test_standard_streams_carry_the_picture_alone(folder):
    given = Path("test.png").read_bytes()
    done = called("16", "-v", stdin=given)
    assert done.returncode == 0
    assert b"Quantized 1 image(s)." in done.stderr
    assert main(["16", "test.png", "-o", "file.png"]) == 0
    assert done.stdout == Path("file.png").read_bytes()
    assert called("16", "test.png", "-o", "-").stdout == done.stdout
    assert called("16", "-", "-o", "saved.png", stdin=given).stdout == b""
    assert Path("saved.png").read_bytes() == done.stdout


@pytest.mark.skipif(os.name == "nt", reason="closes a stream as shells do")
def test_standard_input_that_cannot_be_read_is_refused(folder):
    line = f"{shlex.quote(sys.executable)} -m hueclid pngquant - <&-"
    done = subprocess.run(line, shell=True, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (25, b"")
    assert done.stderr.startswith(b"  error: cannot read stdin: ")
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "status"), [(["-Q", "100-100"], 99), (["--skip-if-larger", "-Q", "0-49", "y.png", "-o", "-"], 98)]
)
def test_on_a_stream_the_original_follows_a_verdict_once(folder, words, status):
    assert main(["-Q", "0-50", "test.png", "-o", "y.png"]) == 0
    given = Path("y.png" if status == 98 else "test.png").read_bytes()
    done = called(*(words if status == 98 else ["-", *words]), stdin=given)
    assert done.returncode == status
    assert done.stdout == given
    assert done.stderr == b""


def test_on_a_stream_a_failure_writes_nothing():
    done = called("-", "-Q", "60-80", stdin=b"no image")
    assert (done.returncode, done.stdout) == (25, b"")
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_standard_output(folder):
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "hueclid", "pngquant", "test.png", "-o", "-"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 16
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


# Options


def test_quality_is_that_of_the_scale(folder, photo):
    pixels = photo[:90, :100]
    Image.fromarray(pixels).save("test.png")
    sizes = []
    for quality in (30, 60, 80):
        assert main(["-Q", f"{quality}-{quality}", "test.png", "-o", f"{quality}.png"]) == 0
        result = decoded(f"{quality}.png")
        score = quality_scale.Original(pixels).ssimulacra2(result)
        assert score >= quality_scale.target(quality, pixels).min_ssimulacra2
        sizes.append(os.path.getsize(f"{quality}.png"))
    assert sizes == sorted(sizes)


@given(st.integers(2, 10**9), st.floats(0, 100))
def test_what_is_worth_it(size, quality):
    limit = allowed(size, quality)
    assert (size - 1) // 2 <= limit <= size - 1
    assert limit <= allowed(size, min(quality + 1, 100))
    assert allowed(1001, 100) == 1000
    assert allowed(1001, None) == int(1000 * 0.9**1.5)
    assert allowed(1001, 64) == 512


@pytest.mark.parametrize("bits", range(5))
def test_posterized_channels_repeat_their_high_bits(folder, bits):
    assert main(["--posterize", str(bits), "32", "test.png", "-o", "x.png"]) == 0
    levels = np.unique(decoded("x.png"))
    repeated = (levels >> bits << bits) | (levels >> bits << bits) >> (8 - bits)
    assert np.array_equal(levels, repeated)
    if bits == 4:
        assert not (levels % 17).any()


def test_a_map_is_taken_as_its_palette_says(folder):
    colors = [(200, 0, 0), (0, 0, 200), (0, 200, 0), (9, 9, 9)]
    image = Image.new("P", (4, 4), 1)
    image.putpalette([level for color in colors for level in color])
    image.save("map.png", bits=2)
    assert main(["--map", "map.png", "--nofs", "test.png", "-o", "x.png"]) == 0
    used = {tuple(color[:3]) for color in decoded("x.png").reshape(-1, 4).tolist()}
    assert len(used) > 1  # the picture of the map shows one of them
    assert used <= {*colors}
    assert main(["--map", "map.png", "-Q", "95-100", "test.png", "-o", "y.png"]) == 99
    assert main(["--map", "none.png", "test.png", "-o", "y.png"]) == 4
    assert main(["--map", "test.png", "8", "test.png", "-o", "y.png"]) == 0
    assert len(np.unique(decoded("y.png").reshape(-1, 4), axis=0)) <= 8


def test_the_transparent_entry_last(folder, icon):
    icon[10:30, 10:30, 3] = 0
    Image.fromarray(icon[10:100, 10:110]).save("test.png")
    assert main(["--transbug", "16", "test.png", "-o", "x.png"]) == 0
    chunks = {chunk.kind: chunk.data for chunk in walk(Path("x.png").read_bytes())}
    assert len(chunks[b"tRNS"]) == len(chunks[b"PLTE"]) // 3
    assert chunks[b"tRNS"][-1] == 0 < min(chunks[b"tRNS"][:-1])
    assert main(["16", "test.png", "-o", "y.png"]) == 0
    assert np.array_equal(decoded("x.png"), decoded("y.png"))


def test_what_is_nearly_opaque_becomes_opaque(folder, capsys):
    pixels = np.full((20, 20, 4), 100, np.uint8)
    pixels[..., 3] = np.linspace(0, 255, 400).reshape(20, 20)
    Image.fromarray(pixels).save("fade.png")
    assert main(["--iebug", "fade.png", "-o", "x.png"]) == 0
    assert "warning:" in capsys.readouterr().err
    alpha = decoded("x.png")[..., 3]
    assert (alpha[pixels[..., 3] > 238] == 255).all()
    assert (alpha[pixels[..., 3] <= 238] < 255).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_taken(folder, mode):
    grey = Image.fromarray(np.arange(0, 63_000, 70, dtype=np.uint16).reshape(30, 30))
    picture = grey if mode == "I;16" else Image.fromarray(np.arange(900, dtype=np.uint16).reshape(30, 30).astype("u1"))
    (picture if mode == "I;16" else picture.convert(mode)).save("kind.png")
    assert main(["kind.png"]) == 0
    assert decoded("kind-fs8.png").shape == (30, 30, 4)


# Beside pngquant itself

SAME = [
    ["test.png"],
    ["--nofs", "test.png"],
    ["--floyd=0", "test.png"],
    ["-s11", "--floyd=1", "test.png"],
    ["-nofs", "test.png"],
    ["--ext", ".x.png", "test.png"],
    ["--ext", ".png", "test.png"],
    ["--ext=", "test.png"],
    ["noext"],
    ["x.Png"],
    ["test.png", "-o", "out.png"],
    ["-", "-o", "out.png"],
    ["test.png", "none.png"],
    ["none.png", "test.png"],
    ["text.png"],
    ["."],
    ["16", "32", "test.png"],
    ["--", "16", "test.png"],
    ["16.5", "test.png"],
    ["-", "test.png"],
    ["-Q", "100-100", "test.png"],
    ["-Q", "0-50", "test.png"],
    ["test.png", "-o", "none/x.png"],
    ["test.png", "-o", "old.png"],
    ["test.png", "-o", "old.png", "-f"],
    ["--map", "none.png", "test.png"],
    ["--no", "test.png"],
    ["--force"],
    ["300", "test.png"],
    ["--floyd=2", "test.png"],
    ["--floyd", "0.5", "test.png"],
    ["-h"],
    ["-V"],
    [],
    ["-"],
    ["8"],
    ["-Q", "100-100", "-"],
    ["test.png", "-o", "-"],
    ["test.png", "-o", "-", "-o", "-"],
    ["--ext", "x", "-o", "y", "test.png"],
    ["-o", "y", "test.png", "test.png"],
]


@pytest.mark.skipif(PNGQUANT is None, reason="needs pngquant")
@pytest.mark.parametrize("words", SAME, ids=" ".join)
def test_status_files_and_streams_are_those_of_pngquant(folder, words, capfdbinary, monkeypatch):
    given = Path("test.png").read_bytes()
    Path("text.png").write_text("no image")
    for copy in ("noext", "x.Png", "old.png"):
        Path(copy).write_bytes(given)
    before = names(folder)

    def outcome(status, stdout):
        made = names(folder) - before
        for file in made:
            assert decoded(file).shape[2] == 4
            Path(file).unlink()
        return status, made, stdout[:4] == b"\x89PNG", bool(stdout)

    done = subprocess.run([PNGQUANT, *words], input=given, capture_output=True, check=False)
    theirs = outcome(done.returncode, done.stdout)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
    status = main(words)
    assert outcome(status, capfdbinary.readouterr().out) == theirs
