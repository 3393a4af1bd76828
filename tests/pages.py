"""Reading a page back: its data, the numbers packed in it, and whether it keeps to itself."""

import base64
import io
import json
import re
import shutil
from html.parser import HTMLParser

import numpy as np
from PIL import Image

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
"""The browser of this machine, if there is one."""


class _Parser(HTMLParser):
    """Collect what a browser would: the data, the title, and all tags and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.tags, self.within = {"title": "", "data": "", "script": "", "style": ""}, [], ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.within = "data" if ("id", "data") in attrs else tag

    def handle_endtag(self, _: str) -> None:
        self.within = ""

    def handle_data(self, data: str) -> None:
        if self.within in self.text:
            self.text[self.within] += data


def parsed(page: bytes) -> _Parser:
    parser = _Parser()
    parser.feed(page.decode())
    return parser


def data_of(page: bytes) -> dict:
    return json.loads(parsed(page).text["data"])


def unpacked(text: str, dtype: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.dtype(dtype).newbyteorder("<"))


def file_of(address: str) -> bytes:
    head, _, body = address.partition(",")
    assert head == "data:image/png;base64"
    return base64.b64decode(body)


def image_of(address: str) -> Image.Image:
    return Image.open(io.BytesIO(file_of(address)))


def assert_loads_nothing(page: bytes) -> None:
    """No address but those that hold their data, anywhere; and the browser is told to load no other."""
    assert not re.search(rb"https?:|//[a-z0-9-]+\.|@import|url\(", page)
    parser = parsed(page)
    for tag, attributes in parser.tags:
        assert tag not in ("link", "iframe", "object", "embed", "base")
        assert not {"src", "href", "srcset"} & {*attributes}
    policy = next(a["content"] for tag, a in parser.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; img-src data:;")
