"""Pages keep to themselves, and nothing in them breaks out of its place."""

import subprocess

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import CHROMIUM, assert_loads_nothing, data_of, parsed, unpacked

from hueclid import Histogram, Indexed, Palette
from hueclid.plot import Result, cloud, comparison, steps
from hueclid.plot.pages import packed, page

NASTY = "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)> ${1} $data & \u2028 'Ünï\"kødé'"


def pages(pixels, title):
    histogram = Histogram.count(pixels)
    palette = Palette.solve(histogram, 4)
    yield cloud(histogram, palette, title=title)
    yield steps(pixels, palette, max_iterations=2, title=title)
    yield comparison(pixels, [Result(Indexed.map(pixels, palette), title, title)], title=title)


def test_pages_load_nothing(photo):
    for made in pages(photo[:40, :50], "photo.jpg"):
        assert_loads_nothing(made)


@pytest.mark.parametrize("title", [NASTY, "a.png", "]]>", "\\u003c/script>"])
def test_text_stays_text(photo, title):
    plain = [parsed(made).tags for made in pages(photo[:20, :20], "x")]
    for made, tags in zip(pages(photo[:20, :20], title), plain, strict=True):
        assert parsed(made).text["title"] == title
        assert parsed(made).tags == tags
        assert data_of(made)["title"] == title


@given(st.text(), st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=5))
def test_data_comes_back(title, value):
    made = (
        page("cloud", title, {"value": value, "title": title}).decode("utf-8", "surrogatepass").encode(errors="replace")
    )
    assert data_of(made) == {"value": value, "title": title}


def test_numbers_come_back():
    numbers = np.arange(-5, 7).reshape(3, 4)
    assert np.array_equal(unpacked(packed(numbers, "i2"), "i2").reshape(3, 4), numbers)


def test_what_is_no_number_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        page("cloud", "x", {"error": float("nan")})


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_pages_run_in_a_browser(photo, tmp_path):
    """Their programs reach their last line: what they write there is in the document."""
    written = [("4 centers in Oklab", 4), ("Pass 0", 4), ("SSIMULACRA2", 4)]
    for made, (words, entries) in zip(pages(photo[:64, :96], "photo <b>.jpg"), written, strict=True):
        path = tmp_path / "page.html"
        path.write_bytes(made)
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
        command += ["--virtual-time-budget=2000", "--dump-dom", path.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
        shown = done.stdout[: done.stdout.index('<script type="application/json"')]
        assert "photo &lt;b&gt;.jpg</h1>" in shown
        assert words in shown
        assert shown.count('class="swatch checks"') == entries


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_pages_fit_a_phone(photo, tmp_path):
    pytest.importorskip("playwright", reason="needs playwright")
    from browser import browser

    pixels = photo[:64, :96]
    *others, _ = pages(pixels, "photo.jpg")
    indexed = Indexed.map(pixels, Palette.solve(Histogram.count(pixels), 4))
    results = [Result(indexed, f"a row {row}", f"column {column}") for row in range(2) for column in range(6)]
    with browser() as chromium:
        tab = chromium.new_page(viewport={"width": 360, "height": 740})
        for made in (*others, comparison(pixels, results, title="photo.jpg")):
            (tmp_path / "page.html").write_bytes(made)
            tab.goto((tmp_path / "page.html").as_uri())
            assert tab.evaluate("document.documentElement.scrollWidth") <= 360
