"""What an endpoint does with one request, as steps that any transport can play.

A step is bytes to send, a pause in seconds, or `RESET`. When the steps end, the
connection is closed in order. A behaviour knows nothing about sockets or clocks.

To add one: write a frozen dataclass with a `name` and `steps`, and a line in the
probe that needs it.
"""

import gzip
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from typing import Literal, Protocol

RESET: Literal["reset"] = "reset"
"""A step: drop the connection with a TCP reset."""

Step = bytes | float | Literal["reset"]

FOREVER = math.inf
"""A pause that ends only when the sender closes the connection."""


class Behaviour(Protocol):
    """What is done with one request."""

    @property
    def name(self) -> str:
        """Name it in a few words, for a report."""

    def steps(self) -> Iterator[Step]:
        """Yield what happens after the request was read to its end."""


@dataclass(frozen=True, slots=True)
class Respond:
    """Respond with a status, after a pause in seconds.

    `keep` leaves the connection open, as HTTP/1.1 does by default. A header value
    may be a callable without arguments, which is called for each response.
    """

    status: int
    headers: tuple[tuple[str, str | Callable[[], str]], ...] = ()
    body: bytes = b"ok"
    after: float = 0.0
    keep: bool = False

    @property
    def name(self) -> str:
        """Return the status and what is special about it."""
        extra = "".join(
            f", {name}" if callable(value) else f", {name}: {value}"
            for name, value in self.headers
        )
        late = f", after {self.after:g} s" if self.after else ""
        return f"{self.status}{extra}{late}"

    def steps(self) -> Iterator[Step]:
        """Pause, then respond."""
        if self.after:
            yield self.after
        body = b"" if self.status in {204, 304} else self.body
        headers = [
            (name, value() if callable(value) else value)
            for name, value in self.headers
        ]
        headers.append(("Content-Length", str(len(body))))
        if self.status == HTTPStatus.NO_CONTENT:
            headers.pop()
        if not self.keep:
            headers.append(("Connection", "close"))
        yield head(self.status, headers) + body


@dataclass(frozen=True, slots=True)
class Hang:
    """Accept the request and never respond."""

    name: str = "no response at all"

    def steps(self) -> Iterator[Step]:
        """Wait until the sender closes."""
        yield FOREVER


@dataclass(frozen=True, slots=True)
class Reset:
    """Read the request, then reset the connection."""

    name: str = "a connection reset"

    def steps(self) -> Iterator[Step]:
        """Reset at once."""
        yield RESET


@dataclass(frozen=True, slots=True)
class CloseUnanswered:
    """Read the request to its end, then close without a status."""

    name: str = "a close before the status (a lost acknowledgement)"

    def steps(self) -> Iterator[Step]:
        """Close at once."""
        yield from ()


@dataclass(frozen=True, slots=True)
class Garbage:
    """Respond with bytes that are not HTTP."""

    name: str = "bytes that are not HTTP"

    def steps(self) -> Iterator[Step]:
        """Send the bytes and close."""
        yield b"\x00\xffgarbage\r\n\r\nmore garbage\r\n"


@dataclass(frozen=True, slots=True)
class Stream:
    """Respond with 200 and a body of `total` bytes; the sender may close earlier."""

    total: int = 100_000_000
    chunk: bytes = field(default=b"x" * 65_536, repr=False)

    @property
    def name(self) -> str:
        """Name the size."""
        return f"a 200 response with a body of {self.total / 1e6:g} MB"

    def steps(self) -> Iterator[Step]:
        """Send the body, without a length."""
        yield head(200, [("Content-Type", "text/plain"), ("Connection", "close")])
        for _ in range(self.total // len(self.chunk)):
            yield self.chunk


@dataclass(frozen=True, slots=True)
class Bomb:
    """Respond with a small gzip body that inflates to `total` bytes."""

    total: int = 200_000_000

    def __post_init__(self) -> None:
        """Make the body now: it takes a second, and a sender may wait less long."""
        _zipped(self.total)

    @property
    def name(self) -> str:
        """Name the size after inflating."""
        return (
            f"a 200 response with a gzip body that inflates to {self.total / 1e6:g} MB"
        )

    def steps(self) -> Iterator[Step]:
        """Send the body."""
        body = _zipped(self.total)
        yield head(
            200,
            [
                ("Content-Type", "text/plain"),
                ("Content-Encoding", "gzip"),
                ("Content-Length", str(len(body))),
                ("Connection", "close"),
            ],
        )
        yield body


@dataclass(frozen=True, slots=True)
class Drip:
    """Respond with 200 at once, then send one byte of the body every `every` seconds.

    It never ends by itself, and no single read takes longer than `every`.
    """

    every: float = 1.0

    @property
    def name(self) -> str:
        """Name the rate."""
        return f"a 200 response with one byte of the body every {self.every:g} s"

    def steps(self) -> Iterator[Step]:
        """Drip until the sender closes."""
        yield head(200, [("Content-Type", "text/plain"), ("Connection", "close")])
        while True:
            yield b"x"
            yield self.every


@dataclass(frozen=True, slots=True)
class DripHeaders:
    """Send a response head byte by byte, one every `every` seconds, without an end."""

    every: float = 1.0

    @property
    def name(self) -> str:
        """Name the rate."""
        return f"one byte of the response's headers every {self.every:g} s"

    def steps(self) -> Iterator[Step]:
        """Drip until the sender closes."""
        for byte in b"HTTP/1.1 200 OK\r\nX-Long: ":
            yield bytes([byte])
            yield self.every
        while True:
            yield b"x"
            yield self.every


@dataclass(frozen=True, slots=True)
class EndlessHeaders:
    """Send header after header; the head of the response never ends."""

    total: int = 100_000_000

    @property
    def name(self) -> str:
        """Name the size."""
        return f"{self.total / 1e6:g} MB of response headers"

    def steps(self) -> Iterator[Step]:
        """Send header after header until the sender closes."""
        yield b"HTTP/1.1 200 OK\r\n"
        line = b"X-Filler: " + b"x" * 4000 + b"\r\n"
        for _ in range(self.total // len(line)):
            yield line


def head(status: int, headers: list[tuple[str, str]]) -> bytes:
    """Return the head of a response."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Status"
    lines = [f"HTTP/1.1 {status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


@cache
def _zipped(total: int) -> bytes:
    return gzip.compress(bytes(total), compresslevel=9, mtime=0)
