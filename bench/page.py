"""How soon the page shows what the slider asks for: from its event to pixels on the screen, in Chromium.

    python bench/page.py [IMAGE] [--moves N] [--json]

Needs the extras ui and test. Starts `hueclid ui` with the picture, a photograph of two megapixels if none is given,
opens it in Chromium without a window, waits until all is done, and moves the slider of colors to and fro below 256,
each time as soon as the last result is on the screen. The time runs from the slider's event to the first task after
the frame that shows the result.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

MOVE = """async (place) => {
    const slider = document.querySelector('.stops input[type=range]');
    const shown = new Promise((done) => addEventListener('shown', () => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done(performance.now());
        port2.postMessage(0);
    }, { once: true }));
    slider.value = place;
    const begin = performance.now();
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    return (await shown) - begin;
}"""
"""Move the slider; gives the milliseconds until the frame after it is painted."""


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("image", nargs="?", help="a picture; without it coffee.png of scikit-image, enlarged")
    parser.add_argument("--moves", type=int, default=40, help="of the slider (default: 40)")
    parser.add_argument("--json", action="store_true", help="print all times")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        image = given.image or _photograph(Path(folder))
        times = moved(image, given.moves)
    if given.json:
        print(json.dumps([round(time, 1) for time in times]))
        return
    tenths = statistics.quantiles(times, n=10)
    print(f"slider to screen, ms: median {statistics.median(times):.0f}, nine of ten within {tenths[-1]:.0f}")


def moved(image: str | Path, moves: int) -> list[float]:
    """Return the milliseconds that each move of the slider took."""
    with _served(image) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1440, "height": 900})
        tab.goto(address)
        _rest(tab)
        last = int(tab.get_attribute(".stops input[type=range]", "max") or 0)
        times = [tab.evaluate(MOVE, last - number % 2) for number in range(1, moves + 4)]
        browser.close()
    return times[3:]  # the first ones wake up caches


def _photograph(folder: Path) -> Path:
    """Write a photograph of two megapixels."""
    from skimage import data

    path = folder / "photograph.png"
    Image.fromarray(data.coffee()).resize((1732, 1155), Image.Resampling.BICUBIC).save(path)
    return path


@contextmanager
def _served(image: str | Path) -> Iterator[str]:
    command = [sys.executable, "-m", "hueclid", "ui", "--no-browser", str(image)]
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
            && [...document.querySelectorAll('.ladder img')].every((image) => image.naturalWidth > 60)""",
        timeout=120_000,
    )


if __name__ == "__main__":
    main()
