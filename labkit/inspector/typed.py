"""A request as someone typed it: a body and lines with its headers."""

import re
from collections.abc import Iterable

from labkit.errors import BadSetting
from labkit.inbox import Received
from labkit.model import Request

_REQUEST_LINE = re.compile(r"(?P<method>[A-Z]+) (?P<path>\S+) HTTP/[0-9.]+")


def request_from(
    body: bytes, headers: Iterable[str], *, at: float, url: str
) -> tuple[Received, str]:
    """Return the request as if it had been received, and the URL without the path.

    `headers` are lines such as `Name: value`, as curl takes and prints them. `at` is
    the time of the check, in seconds since the epoch. `url` is the one that the
    provider calls. Raises BadSetting for a line that is not a header.
    """
    base, path = _split(url)
    method, pairs = "POST", []
    for given in headers:
        # curl -v prints a > before each line that it sent.
        line = given.strip().removeprefix(">").strip()
        found = _REQUEST_LINE.fullmatch(line)
        if found:
            method, path = found["method"], found["path"]
        elif line:
            pairs.append(_pair(line))
    request = Request(method, path, tuple(pairs), body)
    return Received(request, 0, 0.0, "", None, 1, at), base


def _pair(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name.strip() or " " in name.strip():
        raise BadSetting(
            f"{line!r:.60} is not a header; give lines such as "
            "'X-Hub-Signature-256: sha256=…'"
        )
    return name.strip(), value.strip()


def _split(url: str) -> tuple[str, str]:
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}", slash + path or "/"
