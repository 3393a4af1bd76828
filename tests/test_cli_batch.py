"""Batches: folders, what is left out, reports, resuming, and what goes wrong in the middle."""

import errno
import json
import os
import re
import signal
import stat
import struct
import subprocess
import sys
import time
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
from command import call, decoded, names, noise, photographs, reduced, start
from PIL import Image

import hueclid
import hueclid.chunks


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder with a tree of photographs, `in`."""
    monkeypatch.chdir(tmp_path)
    for place in ("in", "in/sub/deep", "in/.hidden"):
        Path(place).mkdir(parents=True)
        photographs(Path(place))
    noise(7).save("in/sub/d.jpg")
    Path("in/sub/notes.txt").write_text("no image")
    Path("in/.e.png").write_bytes(b"hidden")
    return tmp_path


def tree(place: str) -> set[str]:
    return {path.relative_to(place).as_posix() for path in Path(place).rglob("*") if path.is_file()}


WHOLE = {*(f"{name}.png" for name in "abc"), *(f"sub/deep/{name}.png" for name in "abc"), "sub/d.png"}


def test_a_folder_is_mirrored(folder: Path) -> None:
    done = call("quantize", "in", "-k", 4, "-o", "new/out")
    assert done.exit_code == 0
    assert tree("new/out") == WHOLE
    assert np.array_equal(decoded("new/out/sub/d.png"), reduced("in/sub/d.jpg", 4).to_pixels())
    assert "7 of 7 files done" in done.stderr


def test_files_and_folders_go_together(folder: Path) -> None:
    noise(9).save("alone.png")
    assert call("quantize", "alone.png", "in/sub", "-k", 4, "-o", "out", "--format", "gif").exit_code == 0
    assert tree("out") == {"alone-k4.gif", "d.gif", "deep/a.gif", "deep/b.gif", "deep/c.gif"}


@pytest.mark.parametrize("again", range(2))
def test_a_folder_may_contain_its_own_output(folder: Path, again: int) -> None:
    for _ in range(again + 1):
        done = call("quantize", "in", "-k", 4, "-o", "in/out", "--force")
        assert done.exit_code == 0
    assert tree("in/out") == WHOLE


def test_a_folder_in_place(folder: Path) -> None:
    before = {name: Path("in", name).read_bytes() for name in tree("in")}
    done = call("quantize", "in", "-k", 4, "-o", "in")
    assert done.exit_code == 1
    assert done.stderr.count("output and input are the same file") == 6
    assert tree("in") == {*before, "sub/d.png"}
    assert all(Path("in", name).read_bytes() == data for name, data in before.items())
    Path("in/sub/d.png").unlink()
    assert call("quantize", "in", "-k", 4, "-o", "in", "--force").exit_code == 0
    assert Path("in/a.png").read_bytes() != before["a.png"]


def test_links_to_folders_are_not_followed(folder: Path) -> None:
    Path("in/sub/loop").symlink_to("..")
    Path("in/link.png").symlink_to("sub/deep/a.png")
    assert call("quantize", "in", "-k", 4, "-o", "out").exit_code == 0
    assert tree("out") == {*WHOLE, "link.png"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["in"], "in is a folder; name one for the results with -o"),
        (["in", "-o", "-"], "in is a folder; name one for the results with -o"),
        (["in", "-o", "in/a.png"], "in/a.png is no folder; in needs one for its results"),
        (["in/.hidden/..", "in/empty", "-o", "out"], "there are no images in the folder in/empty"),
        (["in", "-o", "out", "--skip", "@none"], "none can't be read: No such file"),
        (["in", "-o", "out", "--report", "r.txt"], "r.txt is neither JSON nor a page; end its name in .json or .html"),
        (["in", "-o", "out", "--report", "no/r.json"], "there is no folder no; create it first"),
        (["in", "-o", "out", "--report", "in/old.json"], "in/old.json exists; name another, or replace it"),
        (["in", "-o", "out", "--resume", "in/old.json"], "in/old.json can't be used: it is no journal of hueclid"),
        (["in", "-o", "out", "--resume", "no/j"], "no/j can't be used: No such file"),
        (["in", "-o", "out", "--resume", "in/sub/notes.txt"], "in/sub/notes.txt can't be used: it is no journal"),
        (["in", "-o", "out", "--resume", "out/a.png"], "out/a.png is an image of this batch"),
        (["in", "-o", "out", "--resume", "r.json", "--report", "r.json"], "r.json is another file of this batch"),
        (["in", "-o", "out", "--report", "r.json", "--report", "./r.json"], "./r.json is another file of this batch"),
        (["inn", "-o", "out"], "there is no inn; check the path"),
        (["in", "-o", "out", "--strip", "--keep", "text"], "leaves nothing that --keep text could keep"),
        (["in", "-o", "out", "--keep", "icc"], "must be one of 'resolution', "),
        (["in", "-o", "out", "--format", "gif", "--profile", "keep"], "GIF holds no ICC profile; write PNG"),
        (["-", "-o", "x.png", "--keep-times"], "standard input has no times; name a file"),
    ],
)
def test_wrong_usage_does_nothing(folder: Path, arguments: list[str], words: str) -> None:
    Path("in/empty").mkdir()
    Path("in/old.json").write_text('{"mine": 1}')
    before = tree(".")
    done = call("quantize", *arguments)
    assert done.exit_code == 2
    assert words in " ".join(done.stderr.split())
    assert tree(".") == before
    assert Path("in/old.json").read_text() == '{"mine": 1}'


# What is left out


def test_what_is_skipped_is_told(folder: Path) -> None:
    Path("list").write_text("# not these\nsub/deep\n\n*.jpg\n", encoding="utf-8")
    done = call("quantize", "in", "-o", "out", "-k", 4, "--skip", "@list", "--skip", "b.*", "--json")
    assert done.exit_code == 0
    assert tree("out") == {"a.png", "c.png"}
    records = [json.loads(line) for line in done.stdout.splitlines()]
    skipped = {Path(record["input"]).as_posix(): record["skipped"] for record in records if "skipped" in record}
    assert skipped == {
        "in/b.png": "skipped as b.*",
        "in/sub/deep": "skipped as sub/deep",
        "in/sub/d.jpg": "skipped as *.jpg",
    }
    assert "2 of 5 files done, 3 skipped" in done.stderr


def test_what_is_skipped_alone_is_told(folder: Path) -> None:
    before = tree("in")
    done = call("quantize", "in/a.png", "--skip", "*.png")
    assert (done.exit_code, done.stderr) == (0, "hueclid: in/a.png: skipped as *.png\n")
    done = call("quantize", "in/a.png", "--max-bytes", 10, "--on-fail", "keep")
    assert done.exit_code == 0
    assert done.stderr.startswith("hueclid: in/a.png: left as it is: ")
    assert tree("in") == before


def test_patterns_go_for_files_that_are_named_too(folder: Path) -> None:
    assert call("quantize", "in/a.png", "in/b.png", "-k", 4, "--skip", "a.png").exit_code == 0
    assert {"b-k4.png"} == tree("in") - {*WHOLE, "sub/d.jpg", "sub/notes.txt", ".e.png"} - {
        f".hidden/{name}.png" for name in "abc"
    }


def test_two_inputs_for_one_output_fail_and_the_others_are_done(folder: Path) -> None:
    noise(8).save("in/a.jpg")
    originals = {name: Path("in", name).read_bytes() for name in tree("in")}
    done = call("quantize", "in", "-o", "out", "-k", 4)
    assert done.exit_code == 1
    assert done.stderr.count("in/a.jpg and in/a.png would both write out/a.png; do them apart") == 2
    assert tree("out") == WHOLE - {"a.png"}
    assert {name: Path("in", name).read_bytes() for name in tree("in")} == originals
    done = call("quantize", "in/a.png", "in/b.png", "in/a.jpg", "-k", 4, "-o", "out")
    assert done.exit_code == 1
    assert tree("out") == {*(WHOLE - {"a.png"}), "b-k4.png"}
    done = call("quantize", "in/c.png", "in/c-k4.png", "-k", 4)
    assert done.exit_code == 1
    assert "in/c.png would write in/c-k4.png, which is an input too; leave one of them out" in done.stderr


# Never larger


def packed(place: str, colors: int = 4) -> bytes:
    """Leave a PNG that can't be packed better, and return it."""
    assert call("quantize", "in/a.png", "-k", colors, "-o", place, "--optimize", "max").exit_code == 0
    return Path(place).read_bytes()


def test_what_would_not_be_smaller_is_kept(folder: Path) -> None:
    before = packed("small.png")
    done = call("quantize", "small.png", "-o", "again.png", "--json")
    record = json.loads(done.stdout)
    assert Path("again.png").read_bytes() == before
    assert re.fullmatch(r"\d+ bytes of PNG would not be fewer than its \d+", record["kept"].replace(",", ""))
    assert (record["bytes_out"], record["psnr"], record["colors_out"]) == (len(before), None, 4)
    assert f"kept as it was, as {record['kept']}" in done.stderr
    done = call("quantize", "small.png", "in/b.png", "-o", "in", "-k", 8)
    assert "2 of 2 files done, 1 kept as they were" in done.stderr
    assert Path("in/small-k8.png").read_bytes() == before


def test_a_larger_result_is_written_on_request_or_where_it_is_what_was_asked_for(folder: Path) -> None:
    before = packed("small.png")
    hueclid.quantize(Image.new("RGB", (9, 9), "red")).save("red.gif")
    for flags, kept in (([], True), (["--allow-larger"], False)):
        done = call("quantize", "red.gif", "--format", "gif", "-o", "x.gif", "--force", "--json", *flags)
        assert (json.loads(done.stdout)["kept"] is not None) == kept
        assert np.array_equal(decoded("x.gif"), decoded("red.gif"))
    record = json.loads(call("quantize", "small.png", "-o", "b.bmp", "--json").stdout)
    assert (record["kept"], record["bytes_out"] > len(before)) == (None, True)
    clear = np.dstack([np.full((5, 5, 3), 90, np.uint8), np.full((5, 5), 128, np.uint8)])
    Image.fromarray(clear).save("clear.png", optimize=True)
    record = json.loads(call("quantize", "clear.png", "-o", "c.png", "--matte", "#ffffff", "--json").stdout)
    assert record["kept"] is None
    assert (decoded("c.png")[..., 3] == 255).all()


def test_what_has_few_colors_comes_back_exact(folder: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 6, (40, 40, 3), np.uint8) * 51
    Image.fromarray(pixels).save("few.png", compress_level=0)
    record = json.loads(call("quantize", "few.png", "--json", "-o", "out.png").stdout)
    assert record["bytes_out"] < record["bytes_in"]
    assert (record["psnr"], record["kept"]) == (None, None)
    assert np.array_equal(decoded("out.png")[..., :3], pixels)


def test_stripping_does_not_keep_an_original_with_metadata(folder: Path) -> None:
    with Image.open("in/a.png") as image:
        image.quantize(2).save("told.png", dpi=(300, 300))
    for flags, kept in (([], True), (["--strip"], False)):
        assert call("quantize", "told.png", "-o", "x.png", "--force", "--optimize", "fast", *flags).exit_code == 0
        with Image.open("x.png") as image:
            assert ("dpi" in image.info) == kept


def test_standard_input_is_passed_on(folder: Path) -> None:
    before = packed("small.png")
    done = call("quantize", "-", "-o", "-", stdin=before)
    assert done.stdout_bytes == before


# Metadata on the command line


def test_flags_of_metadata(folder: Path) -> None:
    exif = Image.Exif()
    exif[0x013B] = "Ada"
    noise(3).save("told.jpg", exif=exif, dpi=(300, 300), comment="words")
    for flags, kept in (
        ([], {b"pHYs"}),
        (["--strip"], set()),
        (["--keep", "exif", "--keep", "text"], {b"eXIf", b"tEXt"}),
        (["--keep", "all"], {b"pHYs", b"eXIf", b"tEXt"}),
    ):
        assert call("quantize", "told.jpg", "-k", 4, "-o", "x.png", "--force", *flags).exit_code == 0
        chunks = {chunk.kind for chunk in hueclid.chunks.walk(Path("x.png").read_bytes())}
        assert chunks - {b"IHDR", b"PLTE", b"IEND"} == kept


def test_times_and_permissions_are_kept_on_request(folder: Path) -> None:
    os.chmod("in/a.png", 0o640)
    os.utime("in/a.png", (1_000_000_000, 1_100_000_000))
    assert call("quantize", "in/a.png", "-o", "x.png", "-k", 4, "--keep-times").exit_code == 0
    assert call("quantize", "in/a.png", "-o", "y.png", "-k", 4).exit_code == 0
    kept, fresh = os.stat("x.png"), os.stat("y.png")
    assert (kept.st_mtime, stat.S_IMODE(kept.st_mode)) == (1_100_000_000, 0o640)
    assert fresh.st_mtime > 1_500_000_000


def test_a_broken_profile_is_told_and_the_image_done(folder: Path) -> None:
    noise(3).save("odd.png", icc_profile=b"no profile")
    done = call("quantize", "odd.png", "in/a.png", "-k", 4, "-o", "in")
    assert done.exit_code == 0
    assert "hueclid: odd.png: the ICC profile is broken; took its colors as they are" in done.stderr


# Reports


def test_reports_tell_what_became_of_each(folder: Path) -> None:
    Path("in/sub/cut.png").write_bytes(Path("in/a.png").read_bytes()[:900])
    Path("in/small.png").write_bytes(packed("small.png"))
    flags = ["-k", 8, "--skip", "*.jpg", "--report", "r.json", "--report", "r.html"]
    done = call("quantize", "in", "-o", "out", *flags)
    assert done.exit_code == 1
    report = json.loads(Path("r.json").read_text("utf-8"))
    counts = {name: report[name] for name in ("inputs", "done", "kept", "skipped", "failed", "stopped")}
    assert counts == {"inputs": 9, "done": 7, "kept": 1, "skipped": 1, "failed": 1, "stopped": False}
    assert report["bytes_out"] == sum(Path("out", name).stat().st_size for name in tree("out"))
    pixels, result = hueclid.read("in/a.png"), reduced("in/a.png", 8)
    (first,) = (one for one in report["files"] if Path(one["input"]) == Path("in/a.png"))
    assert first["ssimulacra2"] == round(hueclid.measure(pixels, result).ssimulacra2, 3)
    page = Path("r.html").read_text("utf-8")
    assert "http" not in page.replace("http-equiv", "")
    assert "damaged or not supported" in page
    assert "skipped as *.jpg" in page
    assert "kept as it was: " in page
    pictures = re.findall(r'src="data:image/webp;base64,([^"]+)"', page)
    assert len(pictures) == 14
    for picture in pictures:
        assert b64decode(picture).startswith(b"RIFF")


def test_names_cannot_break_a_page(folder: Path) -> None:
    noise(1).save("<b>&amp;.png")
    assert call("quantize", "<b>&amp;.png", "-k", 4, "-o", "x.png", "--report", "r.html").exit_code == 0
    assert "<b>&lt;b&gt;&amp;amp;.png</b>" in Path("r.html").read_text("utf-8")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_no_text(folder: Path) -> None:
    name = os.fsdecode(b"\xff.png")
    noise(1).save(name)
    flags = ["-k", 4, "--report", "r.html", "--report", "r.json", "--resume", "journal"]
    assert call("quantize", name, "none", "-o", "in", *flags).exit_code == 1
    assert r"<b>\udcff.png</b>" in Path("r.html").read_text("utf-8")
    assert [one["input"] for one in json.loads(Path("r.json").read_text("utf-8"))["files"]] == [name, "none"]
    for command in ("plot", "compare"):
        assert call(command, name, "-k", 4, "-o", f"{command}.html").exit_code == 0
        assert r"\udcff.png" in Path(f"{command}.html").read_text("utf-8")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_report_that_cannot_be_written_fails_and_the_images_are_done(folder: Path) -> None:
    Path("r.json").symlink_to("/dev/full")
    done = call("quantize", "in", "-o", "out", "-k", 4, "--report", "r.json", "--force")
    assert done.exit_code == 1
    assert "hueclid: the report r.json: the disk is full" in done.stderr
    assert tree("out") == WHOLE


# What goes wrong in the middle


def test_one_truncated_file_among_a_thousand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    noise(0, 8).save("in/0000.png")
    whole = Path("in/0000.png").read_bytes()
    for number in range(1, 1000):
        Path(f"in/{number:04}.png").write_bytes(whole if number != 500 else whole[:-60])
    done = call("quantize", "in", "-o", "out", "-k", 2)
    assert done.exit_code == 1
    assert "999 of 1000 files done, 1 failed" in done.stderr
    assert "hueclid: in/0500.png: damaged" in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert names(Path("out")) == {f"{number:04}.png" for number in range(1000) if number != 500}
    assert Path("in/0500.png").read_bytes() == whole[:-60]


def test_a_disk_that_is_full_in_the_middle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync, calls = os.fsync, []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if 3 <= len(calls) <= 4:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    originals = {name: Path("in", name).read_bytes() for name in tree("in")}
    done = call("quantize", "in", "-o", "out", "-k", 4, "--threads", 1)
    assert done.exit_code == 1
    assert done.stderr.count("the disk is full") == 2
    assert len(tree("out")) == 5
    assert tree("out") < WHOLE
    assert {name: Path("in", name).read_bytes() for name in tree("in")} == originals


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user who may not do everything")
def test_a_folder_that_cannot_be_searched_fails_alone(folder: Path) -> None:
    os.chmod("in/sub/deep", 0)
    try:
        done = call("quantize", "in", "-o", "out", "-k", 4)
    finally:
        os.chmod("in/sub/deep", 0o755)
    assert done.exit_code == 1
    assert "the folder can't be searched" in done.stderr
    assert tree("out") == {"a.png", "b.png", "c.png", "sub/d.png"}


# Resuming


def test_what_was_done_is_not_done_again(folder: Path) -> None:
    flags = ["-o", "out", "-k", 4, "--resume", "journal"]
    assert call("quantize", "in", *flags).exit_code == 0
    before = {name: Path("out", name).stat().st_mtime_ns for name in tree("out")}
    done = call("quantize", "in", *flags, "--report", "r.json", "--report", "r.html")
    assert done.exit_code == 0
    assert {name: Path("out", name).stat().st_mtime_ns for name in tree("out")} == before
    assert json.loads(Path("r.json").read_text("utf-8"))["done"] == 7
    assert Path("r.html").read_text("utf-8").count("data:image/webp") == 14


@pytest.mark.parametrize("spelled", ["./in", "in/", "in/../in", None])
def test_what_was_done_is_not_done_again_under_another_spelling(folder: Path, spelled: str | None) -> None:
    call("quantize", "in", "-k", 8, "-o", "out", "--resume", "j")
    before = Path("out/a.png").stat().st_mtime_ns
    result = call("quantize", spelled or folder / "in", "-k", 8, "-o", "./out", "--resume", "j", "--json")
    assert result.exit_code == 0, result.stderr
    assert Path("out/a.png").stat().st_mtime_ns == before
    inputs = [json.loads(line)["input"] for line in result.stdout.splitlines()]
    assert str(Path(spelled or folder / "in", "a.png")) in map(str, map(Path, inputs))


def test_a_tree_is_moved_with_its_journal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call("quantize", "in", "-k", 8, "-o", "out", "--resume", "j")
    Path("new").mkdir()
    for name in ("in", "out", "j"):
        Path(name).rename(f"new/{name}")
    monkeypatch.chdir(folder / "new")
    before = Path("out/a.png").stat().st_mtime_ns
    assert call("quantize", "in", "-k", 8, "-o", "out", "--resume", "j").exit_code == 0
    assert Path("out/a.png").stat().st_mtime_ns == before


def test_what_is_named_twice_is_done_once(folder: Path) -> None:
    result = call("quantize", "in/a.png", "./in/a.png", folder / "in/a.png", "in/b.png", "-k", 8, "--json")
    assert result.exit_code == 0, result.stderr
    assert [json.loads(line)["input"] for line in result.stdout.splitlines()] == ["in/a.png", "in/b.png"]
    assert call("quantize", "in/c.png", "in/c.png", "-k", 8, "-o", "one.png").exit_code == 0
    Path("link.png").symlink_to("in/a.png")  # another name, and so another result
    result = call("palette", "in/a.png", "link.png", "in/a.png", "-k", 2, "--format", "json")
    assert [json.loads(line)["input"] for line in result.stdout.splitlines()] == ["in/a.png", "link.png"]


def test_what_was_done_is_measured_when_that_is_asked_for(folder: Path) -> None:
    noise(3).quantize(4).save("in/exact.bmp")
    flags = ["in", "-k", 8, "--format", "webp", "--matte", "#102030"]
    reports = ["--report", "r.json", "--force"]
    assert call("quantize", *flags, "-o", "all", *reports).exit_code == 0
    at_once = json.loads(Path("r.json").read_text("utf-8"))["files"]
    assert call("quantize", *flags, "-o", "out", "--resume", "journal").exit_code == 0
    assert call("quantize", *flags, "-o", "out", "--resume", "journal", *reports).exit_code == 0
    later = json.loads(Path("r.json").read_text("utf-8"))["files"]
    numbers = ("input", "bytes_out", "psnr", "ssimulacra2", "kept")
    assert [[one[name] for name in numbers] for one in later] == [[one[name] for name in numbers] for one in at_once]
    assert sum(one["psnr"] is None for one in later) == 1


def test_what_was_copied_is_not_done_again(folder: Path) -> None:
    flags = ["-o", "out", "--max-bytes", 10, "--on-fail", "copy", "--resume", "journal", "--report", "r.json"]
    assert call("quantize", "in", *flags).exit_code == 0
    copies = json.loads(Path("r.json").read_text("utf-8"))["files"]
    assert len(copies) == 7
    for copy in copies:
        assert "where 10 were allowed" in copy["kept"]
        assert Path(copy["output"]).read_bytes() == Path(copy["input"]).read_bytes()
        assert Path(copy["output"]).suffix == Path(copy["input"]).suffix
    before = {name: Path("out", name).stat().st_mtime_ns for name in tree("out")}
    assert call("quantize", "in", *flags, "--force").exit_code == 0
    assert {name: Path("out", name).stat().st_mtime_ns for name in tree("out")} == before


def test_a_copy_replaces_nothing_either(folder: Path) -> None:
    Path("in/d.jpg").write_bytes(Path("in/sub/d.jpg").read_bytes())
    flags = ["--max-bytes", 10, "--on-fail", "copy", "--json"]
    done = call("quantize", "in/d.jpg", "-o", "in/d.png", *flags)
    assert done.exit_code == 1
    assert "output and input are the same file" in done.stderr
    done = call("quantize", "-", "-o", "x.gif", *flags, stdin=Path("in/d.jpg").read_bytes())
    assert json.loads(done.stdout)["output"] == "x.jpeg"
    assert Path("x.jpeg").read_bytes() == Path("in/d.jpg").read_bytes()
    assert call("quantize", "-", "-o", "x.gif", *flags, stdin=Path("in/d.jpg").read_bytes()).exit_code == 1


@pytest.mark.parametrize("change", ["input", "options", "output gone", "output changed"])
def test_what_changed_is_done_again(folder: Path, change: str) -> None:
    flags = ["-o", "out", "--resume", "journal"]
    assert call("quantize", "in", *flags, "-k", 4).exit_code == 0
    before = {name: Path("out", name).stat().st_mtime_ns for name in tree("out")}
    if change == "input":
        noise(99).save("in/a.png")
    elif change == "output gone":
        Path("out/a.png").unlink()
    elif change == "output changed":
        Path("out/a.png").write_bytes(b"other")
    colors = 5 if change == "options" else 4
    done = call("quantize", "in", *flags, "-k", colors, "--force")
    assert done.exit_code == 0
    after = {name: Path("out", name).stat().st_mtime_ns for name in tree("out")}
    anew = {name for name in after if after[name] != before[name]}
    assert anew == (WHOLE if change == "options" else {"a.png"})
    assert np.array_equal(decoded("out/a.png"), reduced("in/a.png", colors).to_pixels())


def test_a_line_that_was_cut_off_is_done_again(folder: Path) -> None:
    flags = ["-o", "out", "-k", 4, "--resume", "journal", "--force"]
    assert call("quantize", "in", *flags, "--threads", 1).exit_code == 0
    journal = Path("journal").read_text("utf-8")
    for length in (0, 3, len(journal) // 2, len(journal) - 3):
        Path("journal").write_text(journal[:length], encoding="utf-8")
        assert call("quantize", "in", *flags).exit_code == 0
        lines = [line for line in Path("journal").read_text("utf-8").splitlines() if line]
        assert len(lines) == 7 + (length > 0 and journal[length - 1] != "\n")


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
def test_a_batch_goes_on_where_ctrl_c_stopped_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    for number in range(30):
        noise(number, 300).save(f"in/{number:02}.png")
    words = ["quantize", "in", "-o", "out", "--effort", "best", "-k", 32, "--resume", "journal", "--report", "r.json"]
    process = start(*words, stderr=subprocess.PIPE)
    while not Path("out").is_dir() or not any(path.suffix == ".png" for path in Path("out").iterdir()):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    first = {name: Path("out", name).stat().st_mtime_ns for name in tree("out")}
    assert 0 < len(first) < 30
    report = json.loads(Path("r.json").read_text("utf-8"))
    assert (report["stopped"], report["done"]) == (True, len(first))
    words[words.index("best")] = "fast"
    process = start(*words, "--force", stderr=subprocess.PIPE)
    process.communicate(timeout=60)
    assert process.returncode == 0
    second = {name: Path("out", name).stat().st_mtime_ns for name in tree("out")}
    assert len(second) == 30
    assert not any(second[name] == time for name, time in first.items())  # other options: all anew
    process = start(*words, stderr=subprocess.PIPE)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert {name: Path("out", name).stat().st_mtime_ns for name in tree("out")} == second


def test_a_truncated_header_in_a_folder_is_told(folder: Path) -> None:
    Path("in/bad.png").write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13))
    done = call("quantize", "in", "-o", "out", "-k", 4)
    assert done.exit_code == 1
    assert "hueclid: in/bad.png: " in done.stderr
    assert tree("out") == WHOLE
