"""Pages: one HTML file each, with its style, its program and its data inside, that loads nothing."""

from __future__ import annotations

import json
from base64 import b64encode
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

import numpy as np
import numpy.typing as npt


def page(name: str, title: str, data: dict[str, Any]) -> bytes:
    """Fill in a page.

    Args:
        name: of its parts in the folder `web`.
        title: plain text; shown in the title of the window.
        data: what its program shows; to be had from the page as JSON, in the element with the id "data".
    """
    parts = files(__package__) / "web"

    def part(ending: str, *shared: str) -> str:
        return "".join((parts / f"{which}.{ending}").read_text("utf-8") for which in (*shared, "page", name))

    body, skeleton = (parts / f"{name}.html").read_text("utf-8"), (parts / "page.html").read_text("utf-8")
    whole = Template(skeleton).substitute(
        title=escape(title), style=part("css"), body=body, data=_json(data), script=part("js", "gestures")
    )
    return whole.encode("utf-8", "backslashreplace")  # names of files may be no text


def packed(array: npt.NDArray[Any], dtype: str) -> str:
    """Return an array as base64 of its numbers, little-endian, of a NumPy dtype."""
    return b64encode(np.ascontiguousarray(array, np.dtype(dtype).newbyteorder("<")).tobytes()).decode()


def image_url(png: bytes) -> str:
    """Return a PNG as an address that holds it."""
    return f"data:image/png;base64,{b64encode(png).decode()}"


def _json(data: dict[str, Any]) -> str:
    """Return JSON that nothing in a page can mistake for a tag."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
