"""The requests that exercise 2.2 lets a solution describe."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import flask

from labkit.checks import short
from labkit.checks.calls import JSON
from labkit.samples import payments

FIELDS = ("method", "path", "user_agent", "content_type", "address", "body")
ADDRESS = "203.0.113.7"
FORGED = "198.51.100.99"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PARTS = {"Content-Type": "multipart/form-data; boundary=Cut"}


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as the check makes it; `query` comes without its question mark."""

    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    path: str = "/webhooks"
    query: str = ""
    method: str = "POST"
    address: str = ADDRESS
    chunked: bool = False

    def __str__(self) -> str:
        target = f"{self.path}?{self.query}" if self.query else self.path
        lines = [f"{self.method} {target}, from {self.address}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += ["Transfer-Encoding: chunked"] if self.chunked else []
        return "\n".join([*lines, short(self.body)])

    @property
    def described(self) -> dict[str, Any]:
        """What `describe` should return for it; None stands for a missing header."""
        return {
            "method": self.method,
            "path": self.path,
            "user_agent": self.headers.get("User-Agent"),
            "content_type": self.headers.get("Content-Type"),
            "address": self.address,
            "body": self.body,
        }

    def arrive(self) -> Any:
        """Return Flask's context of this request."""
        environ: dict[str, Any] = {"REMOTE_ADDR": self.address}
        if self.chunked:
            environ |= {
                "CONTENT_LENGTH": "",
                "HTTP_TRANSFER_ENCODING": "chunked",
                "wsgi.input_terminated": True,
            }
        return _APP.test_request_context(
            self.path,
            base_url="http://shop.example",
            query_string=self.query,
            method=self.method,
            data=self.body,
            headers=dict(self.headers),
            environ_overrides=environ,
        )


_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_APP = flask.Flask("check")
_APP.add_url_rule("/webhooks/<name>", "webhook", methods=_METHODS)

BODY = payments(1)[0].body
USUAL = {"User-Agent": "PayCo/2.1", **JSON}
MULTIPART = (
    b'--Cut\r\nContent-Disposition: form-data; name="order_id"\r\n\r\nA-1\r\n'
    b'--Cut\r\nContent-Disposition: form-data; name="slip"; filename="a.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\nhello\r\n--Cut--\r\n"
)
URLENCODED = b"order_id=A-1&note=caf%c3%a9+au%20lait&gift="
OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
NO_FORM = (b"ping", b"caf\xe9")
ABOUT_ADDRESSES = (
    "X-Forwarded-For",
    "X-Real-IP",
    "CF-Connecting-IP",
    "True-Client-IP",
    "X-Client-IP",
    "Client-IP",
    "Fastly-Client-IP",
    "X-Cluster-Client-IP",
    "X-Forwarded",
    "X-Original-Forwarded-For",
)
