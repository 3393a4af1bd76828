"""What is chosen on the page is what the engine does."""

import pytest
from pages import CHROMIUM

import hueclid
from hueclid.codec import encode
from hueclid.options import PALETTE_FORMAT
from hueclid.palettes import decode, in_order

pytest.importorskip("nicegui", reason="needs the extra ui")
pytest.importorskip("playwright", reason="needs playwright")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")


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
    expected = hueclid.quantize(cup, 6, pinned=[before[2]], lossy="auto")
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
    expected = hueclid.quantize(cup, 6, pinned=["#12ab34"], lossy="auto")
    assert one.swatches() == [(code, code == "#12ab34") for code in expected.palette.hex()]

    gone, kept = (
        expected.palette.hex()[3],
        [code for code in expected.palette.hex() if code != expected.palette.hex()[3]],
    )
    one.page.click(f".swatches button[title^='{gone}']")
    one.page.click(".acts >> text=Remove")
    one.page.wait_for_function("() => document.querySelectorAll('.swatches .locked').length === 5")
    one.rest()
    assert "the other 5 are locked" in one.page.inner_text(".word")
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
    one.page.click("button:has-text('Unlock all')")
    one.page.wait_for_function("() => !document.querySelector('.swatches .locked')")


def test_options_reach_the_engine(tab, server):
    one = tab()
    one.rest()
    cup = hueclid.read(server[2] / "cup.png")
    line = "(words) => document.querySelector('.line pre').textContent.includes(words)"
    one.page.click(".presets >> text=Pixel art")
    one.page.wait_for_function(line, arg="--dither bayer-4")
    one.rest()
    one.page.click("input[value=linear]", force=True)  # the line says whether it was taken, once it is
    one.page.wait_for_function(line, arg="--space linear")
    one.rest()
    assert one.download()[1] == encode(hueclid.quantize(cup, 16, dither="bayer-4", space="linear"), "png")
    one.page.click("summary >> text=Reach something else")
    one.page.fill(".control:has(.name:text('PSNR at least')) input", "31")
    one.page.press(".control:has(.name:text('PSNR at least')) input", "Enter")
    one.page.fill(".stops input[type=number]", "200")
    one.page.press(".stops input[type=number]", "Enter")
    one.page.wait_for_function(line, arg="-k 200 --min-psnr 31 --space linear")
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


def test_a_quality_or_a_size_instead_of_a_number(tab, server):
    one = tab()
    one.rest()
    one.page.click(".queued [title='table.png']")
    one.page.wait_for_function("() => document.querySelector('.facts .pixels dd')?.textContent.startsWith('120')")
    table = hueclid.read(server[2] / "table.png")

    def way(name, words):
        one.page.check(f"input[value={name}]", force=True)
        one.page.wait_for_function(
            "(words) => document.querySelector('.line pre').textContent.includes(words)", arg=words
        )
        one.rest()

    def field(name):
        return f".control:not([hidden]):has(.name:text-is('{name}')) input"

    way("quality", "-k 256 --quality 75 -o table-auto.png")
    assert one.download() == ("table-auto.png", encode(hueclid.quantize(table, quality=75), "png"))
    one.page.focus(field("Quality"))
    one.page.keyboard.press("Home")
    one.page.keyboard.press("PageUp")
    one.page.wait_for_function("() => document.querySelector('.line pre').textContent.includes('--quality 10')")
    one.rest()
    assert one.download()[1] == encode(hueclid.quantize(table, quality=10), "png")

    way("size", "--max-bytes")
    one.page.fill(field("Bytes at most"), "4.5 kB")
    one.page.press(field("Bytes at most"), "Enter")
    one.page.wait_for_function("() => document.querySelector('.line pre').textContent.includes('--max-bytes 4500')")
    one.rest()
    data = one.download()[1]
    assert len(data) <= 4500
    assert data == encode(hueclid.quantize(table, max_bytes=4500), "png")
    one.page.click(".formats >> text=/^GIF$/")
    one.page.wait_for_function("() => document.querySelector('.line pre').textContent.includes('auto.gif')")
    one.rest()
    expected = hueclid.quantize(table, max_bytes=4500, lossy_for="gif", alpha="binary")
    assert one.download()[1] == encode(expected, "gif")
    one.page.fill(field("Bytes at most"), "30")
    one.page.press(field("Bytes at most"), "Enter")
    assert "bytes are the smallest file where 30 were allowed" in one.word()
    one.rest()
    assert one.page.is_disabled(".take .primary")
    one.page.click(".formats >> text=/^PNG$/")

    way("loss", "-k 256 --lossy 30 -o table-k256.png")
    assert one.download()[1] == encode(hueclid.quantize(table, lossy=30), "png")
    way("auto", "hueclid quantize table.png -k 256 -o table-k256.png")
    one.page.select_option(field("Dither").replace("input", "select"), "bayer-4")
    one.page.wait_for_selector("input[value=loss]", state="detached")
