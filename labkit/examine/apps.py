"""Give an application of any kind an address at which it can be examined."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from labkit.errors import BadSetting


@dataclass(frozen=True, slots=True)
class Place:
    """Where to examine: at a URL, or by calling `app` as if it had that URL."""

    url: str
    app: object = None


@contextlib.contextmanager
def placed(app_or_url: object, path: str = "/webhooks") -> Iterator[Place]:
    """Return where an application or a URL is examined, while the block lasts.

    A WSGI or ASGI application is called in this process. An aiohttp application is
    served on this machine, because it has no such interface. `path` is the path of the
    endpoint in an application. Raises BadSetting for anything else.
    """
    if isinstance(app_or_url, str):
        yield Place(app_or_url)
    elif type(app_or_url).__module__.startswith("aiohttp."):
        with _served_by_aiohttp(app_or_url) as base:
            yield Place(base + path)
    elif callable(app_or_url):
        yield Place(f"http://localhost{path}", app_or_url)
    else:
        raise BadSetting(
            f"{app_or_url!r:.60} is neither a URL nor an application; give a WSGI, "
            "ASGI or aiohttp application, or a URL like http://127.0.0.1:5000/webhooks"
        )


@contextlib.contextmanager
def _served_by_aiohttp(app: Any) -> Iterator[str]:
    from aiohttp import web

    loop = asyncio.new_event_loop()
    runner = web.AppRunner(app)

    async def start() -> str:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        return f"http://{host}:{port}"

    base = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield base
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
