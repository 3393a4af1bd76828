"""What the page refuses, in words, and lives on."""

import json
import re
import shlex
import socket
import zlib
from urllib.parse import urlsplit

import numpy as np
import pytest
from browser import file_of, request, session_of
from pages import CHROMIUM

pytest.importorskip("nicegui", reason="needs the extra ui")
pytest.importorskip("playwright", reason="needs playwright")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")


def bomb():
    """A PNG of a few bytes that claims to be enormous."""
    data = bytearray(file_of(np.zeros((1, 1, 3), np.uint8)))
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    return bytes(data)


SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"


BAD = [
    ("words.txt", b"words", "words.txt: not an image"),
    ("half.png", file_of(np.random.default_rng(1).integers(0, 255, (60, 60, 3), np.uint8))[:4000], "half.png: damaged"),
    ("bomb.png", bomb(), "bomb.png: 60,000 x 60,000 pixels are more than the limit"),
    ("drawing.svg", SVG, "drawing.svg: not an image"),
    ("empty.png", b"", "empty.png: the file is empty"),
    ("<img src=x onerror=alert(1)>.png", b"x", "img src=x onerror=alert(1).png: not an image"),
]


def test_bad_files_are_refused_in_words(tab):
    one = tab()
    one.rest()
    for name, data, words in BAD:
        one.send({"name": name, "mimeType": "image/png", "buffer": data})
        one.page.wait_for_function(
            "(words) => document.querySelector('.word.wrong')?.textContent.includes(words)", arg=words
        )
    assert len(one.page.query_selector_all(".queued")) == 2
    one.colors(9)


def test_what_was_refused_among_others_is_told_until_something_else_is_done(tab, photo):
    one = tab()
    one.rest()
    files = [("no.png", b"words"), ("empty.png", b""), ("photo.png", file_of(photo))]
    one.send(*({"name": name, "mimeType": "image/png", "buffer": data} for name, data in files))
    one.page.wait_for_selector(".queued.now [title='photo.png']")
    one.rest()
    assert one.word() == "no.png: not an image, or of a format that can't be read; empty.png: the file is empty"
    one.colors(5)
    assert one.page.inner_text(".word") == ""


def test_a_name_is_text_wherever_it_is_shown(tab, photo):
    one = tab()
    one.rest()
    name = "../<b>&lt;\"'`${1}$(id) ü.png"
    one.send({"name": name, "mimeType": "image/png", "buffer": file_of(photo)})
    one.page.wait_for_function("() => document.querySelector('.line pre').textContent.includes('ü')")
    one.colors(3)
    shown = one.page.get_attribute(".queued.now button", "title")
    assert shown == "b&lt;'`${1}$(id) ü.png"
    assert one.download()[0] == "b&lt;'`${1}$(id) ü-k3.png"
    assert shlex.split(one.lines()[0])[2] == shown


def test_enormous_uploads_are_refused_before_they_are_read(tab, server):
    one = tab()
    one.rest()
    path = f"/s/{session_of(one)}/pictures"
    status, body = request(server[1], "POST", path, content_length=str(200 << 20))
    assert (status, json.loads(body)["failure"][:40]) == (200, "the file is larger than 128 MiB; use the")
    status, body = request(server[1], "POST", "/s/guessed/pictures", body=b"x")
    assert (status, json.loads(body)) == (404, {"failure": "this page was closed; load it again"})

    # One that does not say how large it is, is cut off.
    address = urlsplit(server[1])
    with socket.create_connection((address.hostname, address.port), timeout=60) as sent:
        sent.sendall(f"POST {path} HTTP/1.1\r\nHost: {address.netloc}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        part = b"100000\r\n" + bytes(1 << 20) + b"\r\n"
        try:
            for _ in range(200):
                sent.sendall(part)
        except OSError:
            pass
        answer = sent.recv(4096)
    assert b"the file is larger than 128 MiB" in answer


def test_an_enormous_file_stays_where_it_is(tab, tmp_path):
    with open(tmp_path / "large.png", "wb") as file:
        file.truncate(200 << 20)
    one = tab()
    one.rest()
    sent = []
    one.page.on("request", lambda request: sent.append(request.url))
    one.send(tmp_path / "large.png")
    assert "large.png: the file is larger than 128 MiB" in one.word()
    assert not [url for url in sent if url.endswith("/pictures")]
    one.colors(5)


def test_foreign_requests_are_refused(server):
    _, address, _ = server
    own = urlsplit(address).netloc
    assert request(address)[0] == 200
    assert request(address, host="evil.example")[0] == 403
    assert request(address, origin="http://evil.example")[0] == 403
    assert request(address, "POST", "/s/x/pictures", b"x", origin="http://evil.example")[0] == 403
    sneaky = {
        "upgrade": "websocket",
        "connection": "Upgrade",
        "sec_websocket_version": "13",
        "sec_websocket_key": "eHh4eHh4eHh4eHh4eHh4eA==",
    }
    path = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    assert request(address, path=path, origin="http://evil.example", **sneaky)[0] == 403
    for path in ("/web/../server.py", "/web/%2e%2e/server.py", "/docs", "/openapi.json", "/s//original"):
        assert request(address, path=path, host=own)[0] == 404


def test_memory_stays_bounded_over_many_uploads(tab, server, coffee):
    process, address, _ = server

    def resident():
        with open(f"/proc/{process.pid}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) >> 10

    one = tab()
    one.rest()
    path, data = f"/s/{session_of(one)}/pictures", file_of(coffee[:120, :160])
    for number in range(20):
        assert request(address, "POST", path, data, x_name=f"{number}.png")[0] == 200
    before = resident()
    for number in range(20, 200):
        assert request(address, "POST", path, data, x_name=f"{number}.png")[0] == 200
    one.page.wait_for_selector(".queued.now [title='199.png']")
    one.rest()
    assert resident() - before < 200
    assert one.fact("pixels") == "160 \N{MULTIPLICATION SIGN} 120"
