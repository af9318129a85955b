"""Let `requests` reach the receivers that are served in process.

In a browser's Python no socket can be opened, so a learner's own
`requests.post(receiver.url)` is led to the app itself.
"""

import io
import urllib.parse
from collections.abc import Mapping
from typing import Any

import requests
import requests.adapters

from labkit.model import Request, header_pairs
from labkit.transport import AppTransport, served_in_process


class InProcessAdapter(requests.adapters.BaseAdapter):
    """A `requests` adapter that calls the app which is served at the URL."""

    def __init__(self, transport: AppTransport) -> None:
        super().__init__()
        self._transport = transport

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Call the app and dress its answer as requests does."""
        body = request.body or b""
        target = urllib.parse.urlsplit(request.url or "")
        answer = self._transport.send(
            Request(
                request.method or "GET",
                str(target.path) + (f"?{target.query!s}" if target.query else ""),
                header_pairs(request.headers),
                body.encode() if isinstance(body, str) else bytes(body),
            ),
            timeout=0.0,
        )
        response = requests.Response()
        response.status_code = answer.status
        response.headers.update(answer.headers)
        response.raw = io.BytesIO(answer.body)
        response.url = request.url or ""
        response.request = request
        response.encoding = requests.utils.get_encoding_from_headers(response.headers)
        return response

    def close(self) -> None:
        """There is nothing to close."""


def lead_requests_inside() -> None:
    """Let every `requests` session find the receivers served in process, once."""
    session = requests.Session
    if getattr(session.get_adapter, "leads_inside", False):
        return
    ordinary = session.get_adapter

    def get_adapter(self: requests.Session, url: str | bytes) -> Any:
        transport = served_in_process(str(url))
        return InProcessAdapter(transport) if transport else ordinary(self, str(url))

    get_adapter.leads_inside = True  # type: ignore[attr-defined]  # marks it as ours
    session.get_adapter = get_adapter  # type: ignore[method-assign]  # the one way in
