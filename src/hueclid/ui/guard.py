"""Who may talk to the page: its own origin alone, and on other hosts than this machine who has the token."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOCAL: Final = ("127.0.0.1", "localhost", "[::1]")
"""The names of this machine in addresses."""

_COOKIE: Final = "hueclid"
_HEADERS: Final = {
    # Vue makes functions of its templates, hence 'unsafe-eval'; nothing comes from another origin.
    "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; font-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class Guard:
    """Lets requests through to an application, or refuses them.

    The Host header must name this machine, so that no foreign name can be pointed at it (DNS rebinding), and an Origin,
    where a browser sends one, must be the page's own. With a token any host name is good, but each request has to bring
    the token, in the address at first and from then on in a cookie.

    Args:
        app: to guard.
        port: the page's own.
        token: to ask for; empty: none.
    """

    def __init__(self, app: App, port: int, token: str = "") -> None:
        self._app, self._token, self._cookie = app, token, f"{_COOKIE}-{port}"
        self._hosts = {f"{name}:{port}" for name in LOCAL} | ({*LOCAL} if port == 80 else set())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI has it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]
        if reason := self._refusal(headers, asked):
            await _refuse(scope, receive, send, reason)
            return

        async def answer(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                more = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
                if self._token and asked:
                    cookie = f"{self._cookie}={self._token}; HttpOnly; SameSite=Strict; Path=/"
                    more.append((b"set-cookie", cookie.encode()))
                message["headers"] = [*message.get("headers", []), *more]
            await send(message)

        await self._app(scope, receive, answer)

    def _refusal(self, headers: dict[str, str], asked: str) -> str:
        """Return why a request is refused; empty if it is not."""
        host = headers.get("host", "").lower()
        if not self._token and host not in self._hosts:
            return "This page is for the machine it runs on: open it as http://127.0.0.1."
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
            return "This request comes from another site."
        if self._token and not any(_equal(given, self._token) for given in (asked, self._cookie_of(headers))):
            return "This page asks for its token: open the whole address that hueclid ui printed."
        return ""

    def _cookie_of(self, headers: dict[str, str]) -> str:
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return ""
        return cookies[self._cookie].value if self._cookie in cookies else ""


def _equal(given: str, token: str) -> bool:
    return secrets.compare_digest(given.encode(), token.encode())


async def _refuse(scope: Scope, receive: Receive, send: Send, reason: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": reason})
        return
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": reason.encode()})
