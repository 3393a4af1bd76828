"""Tabs keep their pictures, within limits; names of files are names and nothing else."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hueclid.ui import session as module
from hueclid.ui.session import LARGEST_FILE, RefusedError, Sessions, plain


def file_of(seed=0, side=9, kind="PNG"):
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)).save(file, kind)
    return file.getvalue()


@given(st.text(max_size=400))
def test_names_are_names(name):
    made = plain(name)
    assert made
    assert len(made) <= 140
    assert not set(made) & set('/\\<>:"|?*\0\n')
    assert made not in (".", "..")
    assert plain(made) == made


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a.png", "a.png"),
        ("<img src=x onerror=alert(1)>.png", "img src=x onerror=alert(1).png"),
        ("Käse & Wein.png", "Käse & Wein.png"),
        ("..", "picture"),
        ("", "picture"),
        ("a\u202egnp.exe", "agnp.exe"),
    ],
)
def test_names_of_note(name, made):
    assert plain(name) == made


def test_a_tab_keeps_its_pictures_until_it_is_left():
    sessions = Sessions(1 << 20)
    sessions.given.append(sessions.picture(file_of(), "a.png"))
    tab, other = sessions.enter("one"), sessions.enter("two")
    assert sessions.enter("one") is tab
    assert tab.id != other.id
    tab.take(sessions.picture(file_of(1), "b.png"))
    assert [picture.name for picture in tab.pictures] == ["a.png", "b.png"]
    assert [picture.name for picture in other.pictures] == ["a.png"]
    tab.page = object()
    sessions.leave("one")
    assert sessions.enter("one") is tab
    tab.page = None
    sessions.leave("one")
    assert tab.id not in sessions.by_id
    assert (tab.pictures, tab.files, tab.current) == ([], {}, None)
    assert sessions.enter("one") is not tab


def test_there_is_so_much_room(monkeypatch):
    sessions = Sessions(1 << 20)
    monkeypatch.setattr(module, "ROOM", 1000)
    tab = sessions.enter("one")
    for number in range(200):
        try:
            tab.take(sessions.picture(file_of(number), f"{number}.png"))
        except RefusedError as error:
            assert "the pictures here are more than 0 MiB; remove some" in str(error)  # noqa: PT017
    held = sum(len(picture.data) for picture in tab.pictures)
    assert 500 < held <= 1000
    tab.remove(tab.pictures[0])
    tab.take(sessions.picture(file_of(), "x.png"))
    sessions.enter("two")
    with pytest.raises(RefusedError):
        sessions.check_room(900)
    with pytest.raises(RefusedError, match="larger than 128 MiB; use the command line"):
        sessions.check_room(LARGEST_FILE + 1)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "x.png: the file is empty"),
        (b"plain words", "x.png: not an image, or of a format that can't be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "x.png: not an image"),
        (file_of(side=90)[:3000], "x.png: damaged or not supported"),
        (file_of(side=120), "x.png: 120 x 120 pixels are more than the limit of 10,000"),
    ],
)
def test_what_is_no_picture_is_refused(data, words):
    with pytest.raises(RefusedError) as caught:
        Sessions(10_000).picture(data, "/tmp/x.png")
    assert str(caught.value).startswith(words)
    assert "max_pixels" not in str(caught.value)
