"""The server of the page: its addresses, uploads, and the port it listens on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote, unquote

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from nicegui import app as pages
from nicegui import ui

from ..errors import HueclidError
from .guard import LOCAL, Guard
from .page import Page
from .session import LARGEST_FILE, RefusedError, Sessions

SAMPLE = "coffee.png"
"""The picture that is there at once: by Rachel Michetti, CC0, from scikit-image."""

_HEAD = """<link rel="stylesheet" href="/web/page.css">
<script src="/web/gestures.js"></script><script src="/web/page.js"></script>"""
_STAY = 60.0  # seconds that a tab's pictures outlive it, for one that is only loaded again
_RECONNECT = 30.0  # that its page does: what is chosen while the connection is broken comes late, but it comes
_THREADS = 16  # more than there are cores, so that long work of some tabs leaves room for the previews of others
_WEB = Path(str(files(__package__) / "web"))
_GESTURES = Path(str(files("hueclid.plot") / "web" / "gestures.js"))


def is_local(host: str) -> bool:
    """Whether only this machine can reach an address."""
    return host in LOCAL or host == "::1" or host.startswith("127.")


def listen(host: str, port: int) -> socket.socket:
    """Take a port, 0 for a free one.

    Raises:
        OSError: it is taken, or there is no such host.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    taken = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
        taken.listen(128)  # so that whoever is told the address does not come too early
    except OSError:
        taken.close()
        raise
    return taken


def run(
    port: socket.socket,
    images: Iterable[tuple[str, bytes]],
    *,
    foreign: bool,
    max_pixels: int,
    said: Callable[[str], None],
    ready: Callable[[str], None],
) -> None:
    """Serve the page until Ctrl-C.

    Args:
        port: where, as `listen` gives it.
        images: names and bytes of the pictures to begin with; without one that can be read, a sample.
        foreign: whether other machines can reach it: then it asks for a token.
        max_pixels: refuse larger pictures.
        said: takes words on an image that can't be read.
        ready: takes the address, once the page can be opened.
    """
    sessions = Sessions(max_pixels)
    for name, data in images:
        try:
            sessions.given.append(sessions.picture(data, name))
        except RefusedError as error:
            said(str(error))
    if not sessions.given:
        sessions.given.append(sessions.picture((_WEB / SAMPLE).read_bytes(), SAMPLE))
    host, number = port.getsockname()[:2]
    token = secrets.token_urlsafe(16) if foreign else ""
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{number}/" + f"?token={token}" * bool(token)
    with ThreadPoolExecutor(_THREADS, "hueclid") as pool:
        server = uvicorn.Server(
            uvicorn.Config(
                Guard(application(sessions, pool, lambda: ready(address)), number, token),
                log_level="error",
                lifespan="on",
                server_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        try:
            with contextlib.suppress(KeyboardInterrupt):
                server.run(sockets=[port])
        finally:
            for session in sessions.by_id.values():
                session.stop()
            pool.shutdown(wait=False, cancel_futures=True)


def application(sessions: Sessions, pool: ThreadPoolExecutor, ready: Callable[[], None]) -> FastAPI:
    """Return the application: the page, what its tabs fetch, and where they send pictures."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/s/{session}/{name}")
    async def fetch(session: str, name: str) -> Response:
        known = sessions.by_id.get(session)
        file = known.files.get(name) if known else None
        if file is None:
            return Response("There is no such file.", 404)
        headers = {"cache-control": "no-store"}
        if file.name:
            headers["content-disposition"] = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
        return Response(file.data, media_type=file.kind, headers=headers)

    @app.post("/s/{session}/pictures")
    async def receive(session: str, request: Request) -> Response:
        known = sessions.by_id.get(session)
        if known is None:
            return JSONResponse({"failure": "this page was closed; load it again"}, 404)
        name = unquote(request.headers.get("x-name", ""), errors="replace") or "picture"
        try:
            data = await _body(request, sessions)
            picture = await asyncio.get_running_loop().run_in_executor(pool, sessions.picture, data, name)
            known.take(picture)
        except HueclidError as error:
            return JSONResponse({"failure": str(error)})
        return JSONResponse({"name": picture.name})

    @ui.page("/", title="hueclid", dark=None, favicon=_WEB / "icon.svg", reconnect_timeout=_RECONNECT)
    async def page() -> None:
        client = ui.context.client
        await client.connected()
        if client.is_deleted:  # whoever asked for the page never opened it
            return
        tab = client.tab_id or client.id
        session = sessions.enter(tab)
        shown = Page(session, pool, max_pixels=sessions.max_pixels)
        session.page = shown

        def disconnected() -> None:
            if session.page is shown:
                session.stop()

        def deleted() -> None:
            shown.forget()
            if session.page is shown:
                session.page = None
                asyncio.get_running_loop().call_later(_STAY, sessions.leave, tab)

        client.on_disconnect(disconnected)
        client.on_connect(shown.settle)
        client.on_delete(deleted)
        shown.open()

    pages.add_static_file(local_file=_GESTURES, url_path="/web/gestures.js")
    for name in ("page.css", "page.js"):
        pages.add_static_file(local_file=_WEB / name, url_path=f"/web/{name}")
    ui.add_head_html(_HEAD, shared=True)
    pages.on_startup(ready)
    ui.run_with(
        app,
        title="hueclid",
        favicon=_WEB / "icon.svg",
        dark=None,
        language="en-US",
        tailwind=False,
        gzip_middleware_factory=None,
        show_welcome_message=False,
        reconnect_timeout=_RECONNECT,
        message_history_length=200,
    )
    return app


async def _body(request: Request, sessions: Sessions) -> bytes:
    """Return the body of a request, as far as there is room for it.

    Raises:
        RefusedError: there is none.
    """
    announced = request.headers.get("content-length", "")
    sessions.check_room(int(announced) if announced.isdecimal() else 0)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_FILE:
            sessions.check_room(size)
        parts.append(part)
    return b"".join(parts)
