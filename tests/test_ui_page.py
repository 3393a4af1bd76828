"""The page in a real browser: every step from a picture to the file, and everything that may go wrong."""

import http.client
import io
import json
import re
import shlex
import zipfile
import zlib
from contextlib import closing
from urllib.parse import urlsplit

import numpy as np
import pytest
from browser import Tab, browser, served
from command import call, decoded
from pages import CHROMIUM, image_of
from PIL import Image

import hueclid
from hueclid.codec import encode
from hueclid.options import PALETTE_FORMAT
from hueclid.palettes import decode, in_order

pytest.importorskip("nicegui", reason="needs the extra ui")
pytest.importorskip("playwright", reason="needs playwright")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")


@pytest.fixture(scope="module")
def chromium():
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def server(tmp_path_factory, coffee):
    """A server that begins with two pictures; yields its process, its address, and their folder."""
    folder = tmp_path_factory.mktemp("pictures")
    Image.fromarray(coffee[100:260, 200:440]).save(folder / "cup.png")
    Image.fromarray(coffee[:90, :120]).save(folder / "table.png")
    with served("cup.png", "table.png", cwd=folder) as (process, address):
        yield process, address, folder


@pytest.fixture
def tab(chromium, server):
    """Open tabs; what the browser complains of fails the test."""
    opened, complaints = [], []

    def open_tab(**settings):
        opened.append(Tab(chromium, server[1], complaints, **settings))
        return opened[-1]

    yield open_tab
    for one in opened:
        one.close()
    assert not complaints


def request(address, method="GET", path="/", body=b"", **headers):
    """Ask the server without a browser; returns status and body."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.putrequest(method, path, skip_host="host" in headers)
    headers = {"content-length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    for name, value in headers.items():
        connection.putheader(name, value)
    with closing(connection):
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")


def session_of(tab):
    return re.search(r"/s/([\w-]+)/", tab.page.get_attribute(".queue img", "src"))[1]


def file_of(pixels, kind="PNG"):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def test_a_sample_is_there_at_once(chromium, tmp_path):
    complaints = []
    with served(cwd=tmp_path) as (_, address):
        tab = Tab(chromium, address, complaints)
        tab.rest()
        assert tab.fact("pixels") == "600 \N{MULTIPLICATION SIGN} 400"
        assert tab.fact("colors").endswith("→ 16")
        assert tab.fact("change").startswith("\N{MINUS SIGN}")
        tab.page.wait_for_function(
            "() => [...document.querySelectorAll('.ladder img')].every((i) => i.naturalWidth > 60)"
        )
        tab.close()
    assert not complaints
    assert not list(tmp_path.iterdir())


def test_from_a_file_to_a_file(tab, server, photo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my photo.png").write_bytes(file_of(photo))
    one = tab()
    one.rest()
    one.send(tmp_path / "my photo.png")
    one.page.wait_for_selector(".queued.now [title='my photo.png']")
    one.colors(5)
    name, data = one.download()
    expected = hueclid.quantize(photo, 5, lossy=30)
    assert name == "my photo-k5.png"
    assert data == encode(expected, "png")
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), expected.indices)
    assert [code for code, _ in one.swatches()] == expected.palette.hex()
    assert one.fact("psnr") == f"{hueclid.measure(photo, expected).psnr:.1f} dB"
    command, python = one.lines()
    assert call(*shlex.split(command)[1:]).exit_code == 0
    assert (tmp_path / name).read_bytes() == data
    (tmp_path / name).unlink()
    exec(python, {})
    assert (tmp_path / name).read_bytes() == data
    for kind in ("gif", "webp"):
        one.page.click(f".formats >> text=/^{kind}$/i")
        one.page.wait_for_function(f"() => document.querySelector('.line pre').textContent.includes('k5.{kind}')")
        one.rest()
        assert one.download() == (f"my photo-k5.{kind}", encode(hueclid.quantize(photo, 5), kind))


def test_the_slider_is_followed(tab):
    one = tab()
    one.rest()
    slid = """async (place) => {
        const slider = document.querySelector('.stops input[type=range]');
        const shown = new Promise((done) => addEventListener('shown', (event) => done(event.detail), { once: true }));
        slider.value = place;
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        return await shown;
    }"""
    for place, colors in ((3, 5), (0, 2), (9, 11)):
        assert one.page.evaluate(slid, place)["width"] == 240
        one.page.wait_for_function(f"() => document.querySelector('.tab.right').textContent === '{colors} colors'")
    one.rest()
    one.page.click(".ladder button[aria-label='8 colors']")
    one.page.wait_for_function("() => document.querySelector('.tab.right').textContent === '8 colors'")
    assert one.page.input_value(".stops input[type=number]") == "8"


def test_swipe_flip_difference_and_zoom(tab, server):
    one = tab(viewport={"width": 1200, "height": 800})
    one.colors(4)
    original = decoded(server[2] / "cup.png")[..., :3]
    result = hueclid.quantize(server[2] / "cup.png", 4, lossy=30).to_pixels()[..., :3]

    def seen():
        """The colors in the middle row of the picture, at the left and at the right of the stage's middle."""
        address = one.page.evaluate(
            """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
                done(document.querySelector('.stage canvas').toDataURL()))))"""
        )
        rows = np.asarray(image_of(address).convert("RGBA"))
        row = rows[len(rows) // 2]
        shown = np.flatnonzero(row[:, 3] == 255)
        half = len(row) // 2
        return row[shown[shown < half - 2], :3], row[shown[shown > half + 2], :3]

    def among(colors, picture):
        return {tuple(color) for color in colors.tolist()} <= {
            tuple(color) for color in picture.reshape(-1, 3).tolist()
        }

    left, right = seen()
    assert len(left) > 100
    assert among(left, original)
    assert not among(left, result)
    assert among(right, result)
    one.page.focus(".handle")
    one.page.keyboard.press("Home")
    assert all(among(side, result) for side in seen())
    one.page.keyboard.press("End")
    assert all(among(side, original) for side in seen())
    one.page.keyboard.press("f")
    assert all(among(side, result) for side in seen())
    one.page.keyboard.press("f")
    assert all(among(side, original) for side in seen())
    one.page.keyboard.press("d")
    difference = np.minimum(4 * np.abs(original.astype(int) - result.astype(int)), 255).astype(np.uint8)
    assert all(among(side, difference) for side in seen())
    one.page.keyboard.press("s")
    one.page.focus(".stage canvas")
    for _ in range(9):
        one.page.keyboard.press("+")
    assert int(one.page.inner_text(".tools [title^='Pixel']").split()[0]) >= 1000
    one.page.mouse.move(500, 300)
    pixel = one.page.inner_text(".pixel").split()
    x, y = int(pixel[0].strip(",")), int(re.match(r"\d+", pixel[1])[0])
    codes = re.findall("#[0-9a-f]{6}", one.page.inner_text(".pixel"))
    assert codes == ["#" + bytes(picture[y, x].tolist()).hex() for picture in (original, result)]
    one.page.keyboard.press("0")
    assert one.page.get_attribute(".tools [title^='All']", "aria-pressed") == "true"


def test_the_palette_is_a_thing_to_hold(tab, server):
    one = tab()
    one.colors(6)
    cup = hueclid.read(server[2] / "cup.png")
    before = [code for code, _ in one.swatches()]
    one.page.click(f".swatches button[title^='{before[2]}']")
    one.page.wait_for_selector(f"text=Copied {before[2]}")
    assert one.page.evaluate("() => navigator.clipboard.readText()") == before[2]

    one.page.click(".acts >> text=Lock")
    one.page.wait_for_selector(".swatches .locked")
    one.rest()
    expected = hueclid.quantize(cup, 6, pinned=[before[2]], lossy=30)
    assert one.swatches() == [(code, code == before[2]) for code in expected.palette.hex()]
    assert one.download()[1] == encode(expected, "png")
    assert f"--pin '{before[2]}'" in one.lines()[0]

    one.page.evaluate("""() => {
        const input = document.querySelector('.acts input');
        input.value = '#12ab34';
        input.dispatchEvent(new Event('change', { bubbles: true }));
    }""")
    one.page.wait_for_selector(".swatches .locked[title^='#12ab34']")
    one.rest()
    expected = hueclid.quantize(cup, 6, pinned=["#12ab34"], lossy=30)
    assert one.swatches() == [(code, code == "#12ab34") for code in expected.palette.hex()]

    gone, kept = (
        expected.palette.hex()[3],
        [code for code in expected.palette.hex() if code != expected.palette.hex()[3]],
    )
    one.page.click(f".swatches button[title^='{gone}']")
    one.page.click(".acts >> text=Remove")
    one.page.wait_for_function("() => document.querySelectorAll('.swatches .locked').length === 5")
    one.rest()
    assert {code for code, _ in one.swatches()} == set(kept)
    assert one.fact("colors").endswith("→ 5")

    one.page.select_option("select[aria-label='Sort']", "lightness")
    palette = in_order(hueclid.Palette.from_colors([list(bytes.fromhex(code[1:])) for code in kept]), "lightness")
    one.page.wait_for_selector(f".swatches button:first-child[title^='{palette.hex()[0]}']")
    for kind in PALETTE_FORMAT.choices:
        name, data = one.downloaded(
            lambda kind=kind: one.page.select_option("select[aria-label='Save the palette']", kind)
        )
        assert name == f"cup-palette.{kind}"
        if kind != "svg":
            assert decode(data, kind).hex() == palette.hex()
    one.page.click("text=Unlock all")
    one.page.wait_for_function("() => !document.querySelector('.swatches .locked')")


def test_options_reach_the_engine(tab, server):
    one = tab()
    one.rest()
    cup = hueclid.read(server[2] / "cup.png")
    one.page.click(".presets >> text=Pixel art")
    one.page.check("input[value=linear]", force=True)
    one.page.wait_for_function("() => document.querySelector('.line pre').textContent.includes('--space linear')")
    one.rest()
    assert one.download()[1] == encode(hueclid.quantize(cup, 16, dither="bayer-4", space="linear"), "png")
    one.page.click("summary >> text=Reach a size or a quality")
    one.page.fill(".control:has(.name:text('PSNR at least')) input", "31")
    one.page.press(".control:has(.name:text('PSNR at least')) input", "Enter")
    one.page.fill(".stops input[type=number]", "200")
    one.page.press(".stops input[type=number]", "Enter")
    one.page.wait_for_function(
        "() => document.querySelector('.line pre').textContent.includes('-k 200 --lossy 0 --min-psnr 31.0')"
    )
    one.rest()
    expected = hueclid.quantize(cup, 200, min_psnr=31, dither="bayer-4", space="linear")
    assert one.fact("colors").endswith(f"→ {len(expected.palette)}")
    assert one.download() == ("cup-auto.png", encode(expected, "png"))
    one.page.fill(".control:has(.name:text('PSNR at least')) input", "99")
    one.page.press(".control:has(.name:text('PSNR at least')) input", "Enter")
    assert "200 colors reach psnr" in one.word()
    one.page.click("summary >> text=More options")
    one.page.fill(".control:has(.name:text-is('Alpha')) input", "many")
    one.page.press(".control:has(.name:text-is('Alpha')) input", "Enter")
    one.page.wait_for_function("() => document.querySelector('.word').textContent.startsWith('alpha must be')")


def test_curve_and_cloud(tab):
    one = tab()
    one.colors(8)
    one.page.click(".views >> text=Error and bytes")
    one.page.wait_for_function(
        "() => document.querySelectorAll('.chart svg')[1].querySelectorAll('.spot').length === 16"
    )
    one.page.click(".chart svg:first-of-type .spot[aria-label^='24 colors']")
    one.page.wait_for_function("() => document.querySelector('.facts .colors dd').textContent.endsWith('→ 24')")
    one.rest()
    one.page.click(".views >> text=Colors in space")
    frame = one.page.frame_locator("iframe")
    frame.locator("#legend li").nth(23).wait_for()
    assert frame.locator("#turn").get_attribute("aria-pressed") == "true"


def test_tabs_are_undisturbed_by_each_other(tab, photo, tmp_path):
    one, other = tab(), tab()
    one.page.click(".presets >> text=Poster")
    other.send({"name": "photo.png", "mimeType": "image/png", "buffer": file_of(photo)})
    other.page.wait_for_selector(".queued.now [title='photo.png']")
    one.send({"name": "no.png", "mimeType": "image/png", "buffer": b"no picture"})
    assert "no.png: not an image" in one.word()
    other.colors(7)
    one.colors(3)
    assert other.download()[1] == encode(hueclid.quantize(photo, 7, lossy=30), "png")
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
            assert packed.read(made) == encode(hueclid.quantize(picture, 4, lossy=30), "png")
    one.page.click("[aria-label='Remove cup.png']", force=True)
    one.page.wait_for_selector(".queued.now [title='table.png']")
    assert one.page.is_hidden("text=All as a zip")


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
    assert one.download()[1] == encode(hueclid.quantize(coffee, 12, effort="best", lossy=30), "png")


def test_keyboard_alone(tab, server):
    one = tab()
    one.rest()
    page = one.page

    def go_to(selector):
        for _ in range(120):
            page.keyboard.press("Tab")
            if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"the Tab key never comes to {selector}")

    go_to(".stops input[type=range]")
    page.keyboard.press("Home")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('.facts .colors dd').textContent.endsWith('→ 4')")
    one.rest()
    go_to(".swatches button")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    second = one.swatches()[1][0]
    page.wait_for_selector(f"text=Copied {second}")
    go_to(".acts button")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".swatches .locked[title^='{second}']")
    one.rest()
    go_to(".take .primary")
    _, data = one.downloaded(lambda: page.keyboard.press("Enter"))
    assert data == encode(hueclid.quantize(server[2] / "cup.png", 4, pinned=[second], lossy=30), "png")


def test_everything_has_a_label(tab):
    one = tab()
    one.rest()
    bare = one.page.evaluate("""() => {
        const shown = (element) => !element.closest('[hidden]') && element.type !== 'file';
        const named = (element) => element.getAttribute('aria-label') || element.title || element.textContent.trim()
            || [...(element.labels ?? [])].some((label) => label.textContent.trim());
        return [...document.querySelectorAll('button, input, select, a, [role=slider], [role=img], iframe')]
            .filter((element) => shown(element) && !named(element)).map((element) => element.outerHTML.slice(0, 120));
    }""")
    assert not bare
    assert one.page.evaluate("document.documentElement.lang") == "en-US"


@pytest.mark.parametrize(
    ("width", "scheme"), [(360, "light"), (360, "dark"), (768, "dark"), (1024, "light"), (2400, "dark")]
)
def test_it_fits_any_screen(tab, width, scheme):
    one = tab(viewport={"width": width, "height": 760}, color_scheme=scheme)
    one.rest()
    assert one.page.evaluate("document.documentElement.scrollWidth") <= width
    assert one.page.evaluate("document.documentElement.dataset.theme") == scheme
    box = one.page.query_selector(".stage").bounding_box()
    assert box["width"] > 0.55 * width
    assert box["height"] >= 220
    one.page.click(".theme")
    assert one.page.evaluate("document.documentElement.dataset.theme") != scheme
    for selector in (".stops input[type=range]", ".take .primary", ".swatches button"):
        one.page.query_selector(selector).scroll_into_view_if_needed()
        assert one.page.query_selector(selector).is_visible()


def test_a_foreign_host_asks_for_the_token(chromium, tmp_path):
    complaints = []
    with served("--host", "0.0.0.0", cwd=tmp_path) as (_, address):
        address = address.replace("0.0.0.0", "127.0.0.1")
        assert "token=" in address
        assert request(address)[0] == 403
        one = Tab(chromium, address, complaints)
        one.rest()
        assert one.download()[0] == "coffee-k16.png"
        one.close()
    assert not complaints
