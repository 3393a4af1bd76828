"""The server without a browser."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

pytest.importorskip("nicegui", reason="needs the extra ui")


def test_who_never_opens_the_page_leaves_nothing():
    import httpx
    from nicegui import Client

    from hueclid.ui.server import application
    from hueclid.ui.session import Sessions

    sessions, ready = Sessions(1 << 20), []

    async def ask():
        with ThreadPoolExecutor(1) as pool:
            app = application(sessions, pool, lambda: ready.append(True))
            sent = httpx.ASGITransport(app)
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(transport=sent, base_url="http://x") as asking,
            ):
                for _ in range(3):
                    assert (await asking.get("/")).status_code == 200
                Client.prune_instances(client_age_threshold=-1)
                await asyncio.sleep(0.1)

    asyncio.run(ask())
    assert ready
    assert not sessions.by_tab
    assert not sessions.by_id
