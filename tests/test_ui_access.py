"""The page for everyone: by keyboard, by ear, in light and dark, on any screen."""

import pytest
from pages import CHROMIUM

import hueclid
from hueclid.codec import encode

pytest.importorskip("nicegui", reason="needs the extra ui")
pytest.importorskip("playwright", reason="needs playwright")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")


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
    assert data == encode(hueclid.quantize(server[2] / "cup.png", 4, pinned=[second], lossy="auto"), "png")


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
    cut = one.page.evaluate("""() => {
        for (const more of document.querySelectorAll(".panel details")) more.open = true;
        document.querySelector(".take .primary").textContent = "Download 129 kB";
        const end = document.querySelector(".panel").getBoundingClientRect().right;
        const wide = (one) => one.scrollWidth > one.clientWidth + 1 || one.getBoundingClientRect().right > end;
        return [...document.querySelectorAll(".panel button, .panel select, .panel input")]
            .filter((one) => one.offsetWidth && wide(one)).map((one) => one.textContent || one.ariaLabel);
    }""")
    assert not cut
    assert one.page.evaluate("""() => {
        const [formats, download] = [".take .formats", ".take .primary"].map((one) => document.querySelector(one));
        return formats.offsetTop === download.offsetTop;
    }""")
