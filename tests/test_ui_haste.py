"""Who is faster than the page's server loses nothing that was typed, clicked or picked meanwhile."""

import pytest
from pages import CHROMIUM

pytest.importorskip("nicegui", reason="needs the extra ui")
pytest.importorskip("playwright", reason="needs playwright")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")

COLORS = ".stops input[type=number]"


@pytest.fixture
def one(tab):
    opened = tab(line=True)
    opened.rest()
    return opened


def says(one, words):
    """Wait for the line that says what is chosen."""
    one.page.wait_for_function("(words) => document.querySelector('.line pre').textContent.includes(words)", arg=words)


def typed(one, field, text):
    one.page.focus(field)
    one.page.keyboard.press("Control+A")
    one.page.keyboard.type(text)


def watched(one, what):
    """All that an expression says from now on, frame by frame."""
    return one.page.evaluate_handle(f"""() => {{
        const seen = [], look = () => {{ seen.push({what}); requestAnimationFrame(look); }};
        look();
        return seen;
    }}""")


def test_typing_goes_on_while_a_preset_is_answered(one):
    with one.line.slow():
        one.page.click(".presets >> text=Pixel art")
        typed(one, COLORS, "4")
    says(one, "-k 16 --dither bayer-4")
    one.page.keyboard.type("2")
    one.page.keyboard.press("Enter")
    says(one, "-k 42 --dither bayer-4")
    one.rest()
    assert one.page.input_value(COLORS) == "42"


def test_typing_goes_on_while_a_number_is_answered(one):
    with one.line.slow():
        typed(one, COLORS, "3")
        one.page.keyboard.press("Enter")
        one.page.keyboard.type("1")
    says(one, "-k 3 ")
    assert one.page.input_value(COLORS) == "31"
    one.page.keyboard.press("Enter")
    says(one, "-k 31 ")


def test_a_field_that_is_left_as_it_was_shows_what_was_answered_meanwhile(one):
    with one.line.slow():
        one.page.click(".presets >> text=Pixel art")
        typed(one, COLORS, "25")
        one.page.keyboard.type("6")
    says(one, "-k 16 --dither bayer-4")
    assert one.page.input_value(COLORS) == "256"  # what stood there when it was entered
    one.page.focus(".theme")
    one.page.wait_for_function(f"() => document.querySelector('{COLORS}').value === '16'")


def test_a_click_is_not_taken_back_by_the_answer_to_an_earlier_one(one):
    one.page.click("input[value=linear]", force=True)
    says(one, "--space linear")
    one.rest()
    with one.line.slow():
        one.page.click(".presets >> text=Poster")
        one.page.wait_for_timeout(500)  # the answer to it is on its way
        one.page.click("input[value=lab]", force=True)
        shown = watched(one, "document.querySelector('input[value=lab]').checked")
    says(one, "-k 6 --space lab --dither none")
    assert set(shown.json_value()) == {True}


def test_what_is_refused_gives_way_to_what_holds(one):
    one.page.click("summary >> text=More options")
    field = ".control:has(.name:text-is('Alpha')) input"
    typed(one, field, "many")
    one.page.keyboard.press("Enter")
    assert "alpha must be" in one.word()
    assert "'many'" in one.word()
    assert one.page.input_value(field) == ""


def test_a_slider_stays_where_it_is_dragged(one):
    box = one.page.locator(".stops input[type=range]").bounding_box()
    at = lambda part: (box["x"] + part * box["width"], box["y"] + box["height"] / 2)  # noqa: E731
    one.page.mouse.move(*at(0.3))
    one.page.mouse.down()
    with one.line.slow():
        one.page.mouse.move(*at(0.5))
        one.page.wait_for_timeout(1000)  # at rest: its result is on its way
        one.page.mouse.move(*at(0.8))
        there = one.page.input_value(COLORS)
        shown = watched(one, f"document.querySelector('{COLORS}').value")
    one.page.mouse.up()
    says(one, f"-k {there} ")
    one.rest()
    assert set(shown.json_value()) == {there}
    assert one.fact("colors").endswith(f"→ {there}")


def test_a_color_is_picked_while_others_are_found(one):
    one.colors(4)
    code = one.swatches()[2][0]
    one.page.click(f".swatches button[title^='{code}']")
    one.page.evaluate("""() => {
        const input = document.querySelector('.acts input');
        input.addEventListener('click', (event) => event.preventDefault());  // no dialog, which nobody here can close
        input.click();
        input.value = '#12ab34';
        input.dispatchEvent(new Event('input', { bubbles: true }));
    }""")
    one.colors(5)
    assert code not in dict(one.swatches())
    one.page.evaluate(
        "() => document.querySelector('.acts input').dispatchEvent(new Event('change', { bubbles: true }))"
    )
    one.page.wait_for_selector(".swatches .locked[title^='#12ab34']")
    one.rest()
    assert [code for code, locked in one.swatches() if locked] == ["#12ab34"]


def test_a_lock_pressed_twice_before_the_answer_is_locked(one):
    one.colors(6)
    code = one.swatches()[1][0]
    one.page.click(f".swatches button[title^='{code}']")
    with one.line.slow():
        for _ in range(2):
            one.page.click(".acts >> text=Lock")
    one.page.wait_for_selector(f".swatches .locked[title^='{code}']")
    one.rest()
    assert (code, True) in one.swatches()


def test_a_result_that_comes_before_its_original_is_shown(one):
    kept = []
    one.page.route("**/original?*", lambda route: kept.append(route))
    one.page.click(".queued [title='table.png']")
    one.page.wait_for_function("() => document.querySelector('.facts .pixels dd')?.textContent.startsWith('120')")
    typed(one, COLORS, "4")
    one.page.keyboard.press("Enter")
    says(one, "-k 4 ")
    one.rest()
    with one.page.expect_event("requestfinished", lambda request: "/original?" in request.url):
        kept.pop().continue_()
    one.page.wait_for_timeout(300)  # it is painted
    one.page.wait_for_function("() => document.querySelector('.tab.right').textContent === '4 colors'")
    one.page.click("button:text-is('Difference')")
    one.page.wait_for_function("""() => {
        const canvas = document.querySelector('.viewer canvas');
        const { width, height } = canvas;
        const image = canvas.getContext('2d').getImageData(width / 4, height / 4, width / 2, height / 2);
        return image.data.some((value, i) => i % 4 < 3 && value > 8);
    }""")
