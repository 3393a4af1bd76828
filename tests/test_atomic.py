"""A file holds all of the new bytes or all of the old, and nothing is left beside it."""

import os
import stat

import pytest

from hueclid import WriteError, atomic
from hueclid.atomic import write_bytes

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes and links as on POSIX")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "old").write_bytes(b"old")
    return tmp_path


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_file_is_created_or_replaced(folder):
    assert write_bytes(b"new", folder / "old") == 3
    assert write_bytes(b"", str(folder / "none")) == 0
    assert contents(folder) == {"old": b"new", "none": b""}


def test_a_new_file_gets_the_mode_that_open_gives(folder):
    before = os.umask(0o027)
    try:
        write_bytes(b"new", folder / "ours")
        (folder / "theirs").touch()
    finally:
        os.umask(before)
    assert (folder / "ours").stat().st_mode == (folder / "theirs").stat().st_mode


def test_a_replaced_file_keeps_its_mode(folder):
    (folder / "old").chmod(0o640)
    write_bytes(b"new", folder / "old")
    assert stat.S_IMODE((folder / "old").stat().st_mode) == 0o640


@pytest.mark.parametrize("exists", [True, False])
def test_of_a_link_the_target_is_replaced(folder, exists):
    (folder / "there").mkdir()
    target = folder / "there" / "target"
    if exists:
        target.write_bytes(b"old")
    (folder / "link").symlink_to("there/target")
    write_bytes(b"new", folder / "link")
    assert (folder / "link").is_symlink()
    assert contents(folder / "there") == {"target": b"new"}


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt(), MemoryError()])
@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
def test_a_failure_leaves_the_old_file_alone(folder, monkeypatch, step, failure):
    def fail(*_):
        raise failure

    monkeypatch.setattr(atomic.os, step, fail)
    expected = WriteError if isinstance(failure, OSError) else type(failure)
    with pytest.raises(expected) as caught:
        write_bytes(b"new", folder / "old")
    monkeypatch.undo()
    if expected is WriteError:
        assert "disk is full" in str(caught.value)
        assert caught.value.__cause__ is failure
    assert contents(folder) == {"old": b"old"}


def test_what_exists_stays_unless_overwriting(folder):
    with pytest.raises(WriteError, match="old: exists"):
        write_bytes(b"new", folder / "old", overwrite=False)
    write_bytes(b"new", folder / "free", overwrite=False)
    assert contents(folder) == {"old": b"old", "free": b"new"}


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_appears_meanwhile_stays(folder, monkeypatch, links):
    link = os.link

    def race(source, target):
        (folder / "late").write_bytes(b"theirs")
        if not links:
            raise PermissionError(1, "Operation not permitted")
        link(source, target)

    monkeypatch.setattr(atomic.os, "link", race)
    with pytest.raises(WriteError, match="late: exists"):
        write_bytes(b"new", folder / "late", overwrite=False)
    assert contents(folder) == {"old": b"old", "late": b"theirs"}


def test_without_hard_links_a_free_name_is_taken(folder, monkeypatch):
    def no_links(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(atomic.os, "link", no_links)
    write_bytes(b"new", folder / "free", overwrite=False)
    assert contents(folder) == {"old": b"old", "free": b"new"}


def test_a_dangling_link_counts_as_existing(folder):
    (folder / "link").symlink_to("nowhere")
    with pytest.raises(WriteError, match="exists"):
        write_bytes(b"new", folder / "link", overwrite=False)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("none/file", "no such folder"),
        ("old/file", "no such folder"),
        (".", "is a folder"),
        ("n" * 300, "too long"),
    ],
)
def test_a_place_that_takes_no_file_is_told(folder, path, words):
    with pytest.raises(WriteError, match=words):
        write_bytes(b"new", folder / path)
    assert contents(folder) == {"old": b"old"}


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_read_only_folder_or_file_is_told(folder):
    (folder / "old").chmod(0o444)
    with pytest.raises(WriteError, match="no permission"):
        write_bytes(b"new", folder / "old")
    folder.chmod(0o555)
    try:
        with pytest.raises(WriteError, match="no permission"):
            write_bytes(b"new", folder / "new")
    finally:
        folder.chmod(0o755)


@pytest.mark.parametrize("number", [13, 1, 30])
def test_a_refusal_of_the_system_is_told(folder, monkeypatch, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(atomic.os, "open", refuse)
    with pytest.raises(WriteError, match="choose another output"):
        write_bytes(b"new", folder / "old")
    assert contents(folder) == {"old": b"old"}


def test_a_device_is_written_to_and_not_replaced():
    write_bytes(b"new", "/dev/null")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    if os.path.exists("/dev/full"):
        with pytest.raises(WriteError, match="disk is full"):
            write_bytes(b"new", "/dev/full")
