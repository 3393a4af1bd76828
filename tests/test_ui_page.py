"""The page in a real browser: every step from a picture to the file."""

import io
import re
import shlex

import numpy as np
import pytest
from browser import Tab, file_of, request, served
from command import call, decoded
from pages import CHROMIUM, image_of
from PIL import Image

import hueclid
from hueclid.codec import encode

pytest.importorskip("nicegui", reason="needs the extra ui")
pytest.importorskip("playwright", reason="needs playwright")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")


def test_a_sample_is_there_at_once(chromium, tmp_path):
    complaints = []
    with served(cwd=tmp_path) as (_, address):
        tab = Tab(chromium, address, complaints)
        tab.rest()
        assert tab.fact("pixels") == "600 \N{MULTIPLICATION SIGN} 400"
        assert tab.fact("colors").endswith("→ 256")
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
    expected = hueclid.quantize(photo, 5, lossy="auto")
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
        expected = hueclid.quantize(photo, 5, lossy="auto", lossy_for=kind)
        assert one.download() == (f"my photo-k5.{kind}", encode(expected, kind))
        assert call(*shlex.split(one.lines()[0])[1:]).exit_code == 0
        assert (tmp_path / f"my photo-k5.{kind}").read_bytes() == encode(expected, kind)


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


def test_a_slider_that_moves_in_the_middle_of_work_gets_its_result(tab, coffee):
    one = tab()
    one.rest()
    large = np.tile(coffee, (2, 2, 1))
    one.send({"name": "large.png", "mimeType": "image/png", "buffer": file_of(large)})
    one.page.wait_for_selector(".queued.now [title='large.png']")
    one.page.wait_for_function("() => document.querySelector('.working').dataset.word.startsWith('pass')")
    for place in (4, 3):
        one.page.wait_for_timeout(400)
        one.page.evaluate(
            """(place) => {
            const slider = document.querySelector('.stops input[type=range]');
            slider.value = place;
            slider.dispatchEvent(new Event('input', { bubbles: true }));
        }""",
            place,
        )
    one.page.wait_for_function("() => document.querySelector('.facts .colors dd')?.textContent.endsWith('→ 5')")
    one.rest()
    assert one.download() == ("large-k5.png", encode(hueclid.quantize(large, 5, lossy="auto"), "png"))


def test_swipe_flip_difference_and_zoom(tab, server):
    one = tab(viewport={"width": 1200, "height": 800})
    one.colors(4)
    original = decoded(server[2] / "cup.png")[..., :3]
    result = hueclid.quantize(server[2] / "cup.png", 4, lossy="auto").to_pixels()[..., :3]

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
    # What is shown follows the keys with the next frame.
    one.page.wait_for_function(
        """() => parseInt(document.querySelector(".tools [title^='Pixel']").innerText) >= 1000"""
    )
    one.page.mouse.move(500, 300)
    pixel = one.page.inner_text(".pixel").split()
    x, y = int(pixel[0].strip(",")), int(re.match(r"\d+", pixel[1])[0])
    codes = re.findall("#[0-9a-f]{6}", one.page.inner_text(".pixel"))
    assert codes == ["#" + bytes(picture[y, x].tolist()).hex() for picture in (original, result)]
    one.page.keyboard.press("0")
    assert one.page.get_attribute(".tools [title^='All']", "aria-pressed") == "true"


def test_mouse_and_wheel(tab):
    one = tab(viewport={"width": 1200, "height": 800})
    one.rest()
    mouse, stage = one.page.mouse, one.page.query_selector(".stage").bounding_box()
    x, y = stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2

    def drag(dx, dy):
        mouse.down()
        mouse.move(x + dx / 2, y + dy / 2)
        mouse.move(x + dx, y + dy)
        mouse.up()

    mouse.move(x, y)
    drag(-200, 0)
    assert float(one.page.get_attribute(".handle", "aria-valuenow")) == pytest.approx(
        100 * (0.5 - 200 / stage["width"]), abs=1.5
    )
    one.page.keyboard.press("1")  # pixel for pixel
    mouse.move(x + 100, y)
    mouse.wheel(0, -400)
    one.page.wait_for_function("() => parseInt(document.querySelector('.tools [title^=Pixel]').textContent) > 150")
    one.page.keyboard.press("1")
    one.page.evaluate("() => { window.before = document.querySelector('.stage canvas').toDataURL() }")
    mouse.move(x, y)
    mouse.move(x + 100, y + 50)
    x, y = x + 100, y + 50
    drag(60, 40)
    one.page.wait_for_function("() => document.querySelector('.stage canvas').toDataURL() !== window.before")


def test_pictures_are_dropped_and_pasted(tab, photo):
    one = tab()
    one.rest()
    hand = """([bytes, name, kind]) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], name, { type: 'image/png' }));
        const given = kind === 'paste' ? { clipboardData: data } : { dataTransfer: data };
        const event = kind === 'paste' ? new ClipboardEvent(kind, { ...given, bubbles: true })
            : new DragEvent(kind, { ...given, bubbles: true, cancelable: true });
        document.body.dispatchEvent(event);
        return event.defaultPrevented;
    }"""
    data = list(file_of(photo[:40, :60]))
    assert one.page.evaluate(hand, [data, "dropped.png", "dragover"])
    assert "dropping" in one.page.get_attribute("body", "class")
    assert one.page.evaluate(hand, [data, "dropped.png", "drop"])
    one.page.wait_for_selector(".queued.now [title='dropped.png']")
    assert "dropping" not in one.page.get_attribute("body", "class")
    one.page.evaluate(hand, [data, "pasted.png", "paste"])
    one.page.wait_for_selector(".queued.now [title='pasted.png']")
    one.rest()
    assert one.fact("pixels") == "60 \N{MULTIPLICATION SIGN} 40"


def test_every_pixel_of_a_result_is_on_the_screen(tab):
    rng = np.random.default_rng(5)
    colors = rng.permutation(1 << 24)[:256]
    picture = np.stack([colors >> 16, colors >> 8 & 255, colors & 255], axis=1).astype(np.uint8)
    picture = picture[rng.integers(0, 256, (31, 43))]
    one = tab()
    one.rest()
    one.send({"name": "noise.png", "mimeType": "image/png", "buffer": file_of(picture)})
    one.page.wait_for_selector(".queued.now [title='noise.png']")
    one.rest()
    assert one.fact("psnr") == "exact"
    one.page.focus(".handle")
    one.page.keyboard.press("Home")
    one.page.wait_for_function("() => document.querySelector('.handle').style.left === '0%'")
    address = one.page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>"
        " done(document.querySelector('.stage canvas').toDataURL()))))"
    )
    rows = np.asarray(image_of(address).convert("RGBA"))
    seen = rows[..., 3] == 255
    rows = rows[seen.any(axis=1)][:, seen.any(axis=0), :3]
    times = rows.shape[0] // picture.shape[0]
    assert times > 4
    assert np.array_equal(rows, picture.repeat(times, 0).repeat(times, 1))


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


def test_a_foreign_host_asks_for_the_token(chromium, tmp_path):
    complaints = []
    with served("--host", "0.0.0.0", cwd=tmp_path) as (_, address):
        address = address.replace("0.0.0.0", "127.0.0.1")
        assert "token=" in address
        assert request(address)[0] == 403
        one = Tab(chromium, address, complaints)
        one.rest()
        assert one.download()[0] == "coffee-k256.png"
        one.close()
    assert not complaints
