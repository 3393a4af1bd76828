"""The pictures of the local web page, taken in a browser."""

import io
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, sync_playwright

import hueclid

from .tools import PICTURES

_CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_DESK = {"viewport": {"width": 1280, "height": 800}}
_PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2}


def page() -> None:
    """Take all pictures of the page."""
    with _served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])

        def take(name: str, settings: dict[str, Any], scheme: str, do: Callable[[Page], object]) -> None:
            context = browser.new_context(**settings, color_scheme=scheme)
            tab = context.new_page()
            tab.goto(address)
            _rest(tab)
            tab.click("button[aria-label='16 colors']")
            tab.wait_for_function("() => document.querySelectorAll('.swatches button').length === 16")
            _rest(tab)
            do(tab)
            _rest(tab)
            tab.wait_for_timeout(400)  # fonts, and the last frame
            shot = hueclid.read(io.BytesIO(tab.screenshot()))
            hueclid.quantize(shot, 256).save(PICTURES / f"{name}.png", optimize="max")
            context.close()

        take("page", _DESK, "light", _as_it_is)
        take("page-dark", _DESK, "dark", _lock_two)
        take("page-curve", _DESK, "light", _curve)
        take("page-cloud", _DESK, "dark", _cloud)
        take("page-phone", _PHONE, "light", _as_it_is)
        browser.close()


@contextmanager
def _served() -> Iterator[str]:
    command = [sys.executable, "-m", "hueclid", "ui", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield re.findall(r"http://\S+", server.stdout.readline())[0]
        finally:
            server.terminate()


def _rest(tab: Page) -> None:
    tab.wait_for_function(
        """() => !document.querySelector('.progress.busy') && document.querySelector('.facts .ssimulacra2')
            && ![...document.querySelectorAll('.facts dd')].some((fact) => fact.textContent.includes('…'))
            && [...document.querySelectorAll('.ladder img')].every((image) => image.naturalWidth > 60)"""
    )


def _as_it_is(_: Page) -> None:
    pass


def _lock_two(tab: Page) -> None:
    tab.click("button[aria-label='8 colors']")
    tab.wait_for_function("() => document.querySelectorAll('.swatches button').length === 8")
    for locked in (1, 2):
        _rest(tab)
        tab.click(f".swatches button:nth-child({3 * locked})")
        tab.click(".acts >> text=Lock")
        tab.wait_for_function(f"() => document.querySelectorAll('.swatches .locked').length === {locked}")
    _rest(tab)
    tab.focus(".stage canvas")
    for _ in range(2):
        tab.keyboard.press("+")


def _curve(tab: Page) -> None:
    tab.click(".views >> text=Error and bytes")
    tab.wait_for_function("() => document.querySelectorAll('.chart .spot').length === 32", timeout=300_000)


def _cloud(tab: Page) -> None:
    tab.click(".views >> text=Colors in space")
    tab.frame_locator("iframe").locator("#legend li").first.wait_for()
    tab.wait_for_timeout(1500)
