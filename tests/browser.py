"""The page in a real browser: a server of its own, and tabs that hear everything the browser says."""

import http.client
import io
import os
import re
import select
import subprocess
import sys
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

from pages import CHROMIUM
from PIL import Image


@contextmanager
def served(*args, cwd=None):
    """Run `hueclid ui`; gives the process and its address."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    command = [sys.executable, "-m", "hueclid", "ui", "--no-browser", *map(str, args)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=cwd
    )
    try:
        assert select.select([process.stdout], [], [], 60)[0], "the server said nothing for a minute"
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line + process.stderr.read()
        yield process, found[0]
    finally:
        process.terminate()
        process.communicate(timeout=20)


@contextmanager
def browser():
    """Start Chromium, headless."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield started
        finally:
            started.close()


class Line:
    """What the server says to a tab, which can be kept back, as on a slow line; what the tab says goes through."""

    def __init__(self, page):
        self._slow, self._kept = False, []
        page.route_web_socket("**/*", self._route)

    def _route(self, page):
        server = page.connect_to_server()
        self._page = page
        page.on_message(server.send)
        server.on_message(lambda said: (self._kept.append if self._slow else page.send)(said))

    @contextmanager
    def slow(self):
        """Keep answers back; all of them come in the end."""
        self._slow = True
        yield
        self._slow = False
        for said in self._kept:
            self._page.send(said)
        self._kept.clear()


class Tab:
    """A tab on the page.

    Args:
        browser: where.
        address: of the page.
        complaints: heard is added to these: errors, warnings, failed requests, requests to other places.
        line: whether it has a line that can be made slow.
        settings: of the tab, such as its size.
    """

    def __init__(self, browser, address, complaints, *, line=False, **settings):
        self.context = browser.new_context(accept_downloads=True, **settings)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page = self.context.new_page()
        self.page.set_default_timeout(90_000)
        origin = re.match(r"http://[^/]+", address)[0]
        own = (origin + "/", origin.replace("http", "ws") + "/", "data:", f"blob:{origin}/")
        page, self._complaints = self.page, complaints
        page.on("console", lambda said: said.type in ("error", "warning") and complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: asked.url.startswith(own) or complaints.append(f"asks {asked.url}"))
        page.on("websocket", lambda opened: opened.url.startswith(own) or complaints.append(f"opens {opened.url}"))
        self.line = Line(page) if line else None
        page.goto(address)
        page.wait_for_selector(".facts")

    @contextmanager
    def apart(self):
        """Break the connection to the server; what the browser says of that is no complaint."""
        before = len(self._complaints)
        self.context.set_offline(True)
        self.page.evaluate("() => socket.io.engine.close()")
        yield
        self.context.set_offline(False)
        self.page.wait_for_function("() => window.socket?.connected")
        del self._complaints[before:]

    def rest(self):
        """Wait until nothing is done any more and all is known."""
        self.page.wait_for_function(
            """() => !document.querySelector('.progress.busy') && document.querySelector('.facts .ssimulacra2')
                && ![...document.querySelectorAll('.facts dd')].some((fact) => fact.textContent.includes('…'))"""
        )

    def fact(self, name):
        return self.page.inner_text(f".facts .{name} dd")

    def colors(self, number):
        """Ask for a number of colors, and wait for them."""
        self.page.fill(".stops input[type=number]", str(number))
        self.page.press(".stops input[type=number]", "Enter")
        self.page.wait_for_function(
            f"() => document.querySelector('.facts .colors dd')?.textContent.endsWith('→ {number}')"
        )
        shown = "(words) => document.querySelector('.tab.right').textContent === words"
        self.page.wait_for_function(shown, arg=f"{number} color{'s' * (number > 1)}")
        self.rest()

    def send(self, *files):
        """Choose files, and wait for the last to be shown."""
        self.page.set_input_files("#files", files)

    def downloaded(self, press):
        """Press something that downloads; gives the name and the bytes."""
        with self.page.expect_download() as caught:
            press()
        with open(caught.value.path(), "rb") as file:
            return caught.value.suggested_filename, file.read()

    def download(self):
        return self.downloaded(lambda: self.page.click(".take .primary"))

    def lines(self):
        return [line.text_content() for line in self.page.query_selector_all(".line pre")]

    def swatches(self):
        """Hex codes in their order, and whether they are locked."""
        return [
            (swatch.get_attribute("title").split(",")[0], "locked" in (swatch.get_attribute("class") or ""))
            for swatch in self.page.query_selector_all(".swatches button")
        ]

    def word(self):
        """What the page says, once it says something."""
        self.page.wait_for_selector(".word.wrong:not(:empty)")
        return self.page.inner_text(".word")

    def close(self):
        self.context.close()


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
