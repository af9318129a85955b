"""The class page of the hub: a service that shows instructors who is where.

The hub starts it; see jupyterhub_config.py. For each view it asks every running server
for its learner's progress (labkit.learner.serving), and shows a name only if the
learner agreed to it with share_name(). It stores nothing.
"""

import asyncio
import json
import os
import time
from typing import Any
from urllib.parse import urlsplit

from jupyterhub.services.auth import HubOAuthCallbackHandler, HubOAuthenticated
from jupyterhub.utils import url_path_join
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.web import Application, RequestHandler, authenticated

from labkit.classroom import LiveClass

FRESH = 5.0
"""How old an answer may be, in seconds, before the servers are asked again."""

LARGEST = 1024 * 1024
"""How many bytes a server may answer with."""

AT_ONCE = 20
"""How many servers are asked at the same time."""

PATIENCE = 5.0
"""How long a server may take, in seconds."""


class Asking:
    """Asks the hub for its servers, and each server for its learner's progress."""

    def __init__(self, hub_api: str, token: str) -> None:
        self._api = hub_api
        # The proxy leads to each server below the hub's own base address.
        self._headers = {"Authorization": f"token {token}"}
        self._asked = float("-inf")
        self._turn = asyncio.Lock()
        self._places = asyncio.Semaphore(AT_ONCE)
        AsyncHTTPClient.configure(
            None, max_clients=AT_ONCE + 1, max_body_size=16 * LARGEST
        )
        self.learners = LiveClass()

    async def bring_up_to_date(self) -> None:
        """Ask all servers, unless that was done a moment ago."""
        async with self._turn:
            if time.monotonic() - self._asked < FRESH:
                return
            users = json.loads(await self._get(url_path_join(self._api, "users")))
            self.learners.forget({user["name"] for user in users})
            await asyncio.gather(*(self._ask(user) for user in users))
            self._asked = time.monotonic()

    async def _ask(self, user: dict[str, Any]) -> None:
        server = user["servers"].get("", {})
        if not server.get("ready"):
            return
        address = url_path_join(PUBLIC, server["url"], "labkit/progress")
        try:
            async with self._places:
                told = await self._get(address)
        except (HTTPClientError, OSError):
            return  # It stops, or has another kit; what it told before stays.
        if len(told) <= LARGEST:
            self.learners.hear(user["name"], told)

    async def _get(self, url: str) -> bytes:
        answer = await AsyncHTTPClient().fetch(
            url,
            headers=self._headers,
            connect_timeout=PATIENCE,
            request_timeout=PATIENCE,
            follow_redirects=False,
        )
        return answer.body


class Page(HubOAuthenticated, RequestHandler):
    """The page, for those whom the hub lets in."""

    def initialize(self, asking: Asking) -> None:
        """Remember who asks the servers."""
        self._asking = asking

    @authenticated
    async def get(self) -> None:
        """Answer with the page as it is now."""
        await self._asking.bring_up_to_date()
        self.set_header("Cache-Control", "no-store")
        self.finish(self._asking.learners.page())


# The hub names these to each of its services.
PREFIX = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
PUBLIC = os.environ["LABKIT_PROXY"]


async def main() -> None:
    """Serve the page until the hub stops this program."""
    asking = Asking(
        os.environ["JUPYTERHUB_API_URL"], os.environ["JUPYTERHUB_API_TOKEN"]
    )
    app = Application(
        [
            (PREFIX, Page, {"asking": asking}),
            (url_path_join(PREFIX, "oauth_callback"), HubOAuthCallbackHandler),
        ],
        cookie_secret=os.urandom(32),
    )
    place = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    app.listen(place.port, place.hostname)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
