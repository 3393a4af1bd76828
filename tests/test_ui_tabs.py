"""Tabs, the queue, and what becomes of work when a tab is loaded again or closed."""

import io
import os
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from browser import file_of, request, session_of
from pages import CHROMIUM

import hueclid
from hueclid.codec import encode

pytest.importorskip("nicegui", reason="needs the extra ui")
pytest.importorskip("playwright", reason="needs playwright")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")


def test_tabs_are_undisturbed_by_each_other(tab, photo, tmp_path):
    one, other = tab(), tab()
    one.page.click(".presets >> text=Poster")
    other.send({"name": "photo.png", "mimeType": "image/png", "buffer": file_of(photo)})
    other.page.wait_for_selector(".queued.now [title='photo.png']")
    one.send({"name": "no.png", "mimeType": "image/png", "buffer": b"no picture"})
    assert "no.png: not an image" in one.word()
    other.colors(7)
    one.colors(3)
    assert other.download()[1] == encode(hueclid.quantize(photo, 7, lossy="auto"), "png")
    assert not one.page.query_selector("[title='photo.png']")
    assert one.download()[0] == "cup-k3.png"
    assert other.page.input_value(".stops input[type=number]") == "7"
    status, _ = request(other.page.url, path=f"/s/{session_of(one)}/original")
    assert status == 200
    assert request(other.page.url, path="/s/guessed/original")[0] == 404


def test_the_queue_leaves_as_a_zip(tab, server):
    one = tab()
    one.colors(4)
    name, data = one.downloaded(lambda: one.page.click("text=All as a zip"))
    assert name == "hueclid.zip"
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert packed.namelist() == ["cup-k4.png", "table-k4.png"]
        for made in packed.namelist():
            picture = server[2] / made.replace("-k4", "")
            assert packed.read(made) == encode(hueclid.quantize(picture, 4, lossy="auto"), "png")
    one.page.click("[aria-label='Remove cup.png']", force=True)
    one.page.wait_for_selector(".queued.now [title='table.png']")
    assert one.page.is_hidden("text=All as a zip")


@pytest.mark.parametrize("wait", [0, 700])
def test_a_connection_that_breaks_is_taken_up_again(tab, coffee, wait):
    one = tab()
    one.rest()
    one.send({"name": "large.png", "mimeType": "image/png", "buffer": file_of(coffee)})
    one.page.wait_for_selector(".queued.now [title='large.png']")
    one.page.wait_for_timeout(wait)
    one.page.evaluate("() => { socket.disconnect(); setTimeout(() => socket.connect(), 600); }")
    one.page.wait_for_function("() => document.querySelector('.facts .pixels dd')?.textContent.startsWith('600')")
    one.rest()
    assert one.download() == ("large-k256.png", encode(hueclid.quantize(coffee, lossy="auto"), "png"))


@pytest.mark.parametrize("seconds", [0, 5])
def test_what_is_chosen_while_a_connection_is_broken_is_heard_once_it_is_there_again(tab, seconds):
    one = tab()
    one.rest()
    with one.apart():
        one.page.click("input[value=linear]", force=True)
        one.page.fill(".stops input[type=number]", "7")
        one.page.press(".stops input[type=number]", "Enter")
        one.page.wait_for_timeout(1000 * seconds)
    one.page.wait_for_function("() => document.querySelector('.line pre')?.textContent.includes('-k 7 --space linear')")
    one.rest()
    assert one.fact("colors").endswith("→ 7")


def test_reload_in_the_middle_of_work(tab, coffee):
    one = tab()
    one.rest()
    one.send({"name": "large.png", "mimeType": "image/png", "buffer": file_of(coffee)})
    one.page.wait_for_selector(".queued.now [title='large.png']")
    one.page.check("input[value=best]", force=True)
    one.page.wait_for_selector(".progress.busy", state="attached")
    one.page.reload()
    one.page.wait_for_selector(".queued.now [title='large.png']")
    assert one.page.is_checked("input[value=best]")
    one.colors(12)
    assert one.download()[1] == encode(hueclid.quantize(coffee, 12, effort="best", lossy="auto"), "png")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_closing_a_tab_stops_its_work(tab, server, coffee):
    def worked():
        """Seconds that the server has worked so far."""
        numbers = Path(f"/proc/{server[0].pid}/stat").read_text().rpartition(") ")[2].split()
        return sum(map(int, numbers[11:13])) / os.sysconf("SC_CLK_TCK")

    one = tab()
    one.rest()
    large = np.tile(coffee, (5, 5, 1))
    one.send({"name": "large.png", "mimeType": "image/png", "buffer": file_of(large)})
    one.page.wait_for_selector(".queued.now [title='large.png']")
    one.page.check("input[value=best]", force=True)
    one.page.wait_for_function("() => document.querySelector('.working').dataset.word.startsWith('pass')")
    one.close()
    idle = 0
    for _ in range(60):
        before = worked()
        time.sleep(0.5)
        idle = idle + 1 if worked() - before < 0.1 else 0
        if idle == 4:
            break
    assert idle == 4, "the server works on for nobody"
