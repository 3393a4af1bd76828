"""The guard lets the page's own requests through and no other."""

import asyncio

import pytest

from hueclid.ui.guard import Guard

PORT = 8123


async def behind(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"here"})


def answer(headers, *, query="", token="", kind="http"):
    """The status, headers and body that a request gets; of a websocket, what it was sent."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": f"{kind}.connect"}

    scope = {
        "type": kind,
        "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
        "query_string": query.encode(),
    }
    asyncio.run(Guard(behind, PORT, token)(scope, receive, send))
    if kind == "websocket":
        return sent
    return sent[0]["status"], {k.decode(): v.decode() for k, v in sent[0]["headers"]}, sent[1]["body"].decode()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_this_machine_may_enter(host):
    for origin in ({}, {"origin": f"http://{host}:{PORT}"}):
        status, headers, body = answer({"host": f"{host}:{PORT}", **origin})
        assert (status, body) == (200, "here")
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "set-cookie" not in headers


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"host": "127.0.0.1"},
        {"host": f"127.0.0.1:{PORT + 1}"},
        {"host": f"evil.example:{PORT}"},
        {"host": f"127.0.0.1.evil.example:{PORT}"},
        {"host": f"127.0.0.1:{PORT}", "origin": "http://evil.example"},
        {"host": f"127.0.0.1:{PORT}", "origin": "null"},
        {"host": f"127.0.0.1:{PORT}", "origin": f"http://127.0.0.1:{PORT + 1}"},
        {"host": f"127.0.0.1:{PORT}", "origin": f"http://localhost:{PORT}"},
    ],
)
def test_others_may_not(headers):
    status, _, body = answer(headers)
    assert status == 403
    assert body.startswith("This ")
    (close,) = answer(headers, kind="websocket")
    assert (close["type"], close["code"]) == ("websocket.close", 1008)


def test_a_token_opens_other_names():
    headers = {"host": "studio.example:80"}
    assert answer(headers, token="secret")[0] == 403
    assert answer(headers, token="secret", query="token=wrong")[0] == 403
    assert answer(headers, token="secret", query="token=")[0] == 403
    status, given, _ = answer(headers, token="secret", query="token=secret")
    assert status == 200
    assert given["set-cookie"] == f"hueclid-{PORT}=secret; HttpOnly; SameSite=Strict; Path=/"
    cookie = {**headers, "cookie": f"other=1; hueclid-{PORT}=secret"}
    assert answer(cookie, token="secret")[0] == 200
    assert answer({**cookie, "origin": "http://evil.example"}, token="secret")[0] == 403
    assert answer({**headers, "cookie": f"hueclid-{PORT}=wrong"}, token="secret")[0] == 403
