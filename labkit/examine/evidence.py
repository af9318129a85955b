"""Show an exchange as text: no secret in it, and the changed bytes always visible."""

import dataclasses
import functools
from collections.abc import Iterator

from labkit.findings import Evidence
from labkit.inspector.curl import as_curl
from labkit.model import Headers, Request
from labkit.probes import Exchange, Harness, forge
from labkit.redaction import Redaction

BODY_SHOWN = 300
"""Bytes shown of a body."""

VALUE_SHOWN = 200
"""Characters shown of a header's value."""

AROUND = 24
"""Bytes shown before and after a change."""

LOOKED_AT = 20_000
"""Bytes of a body that are looked at to show it."""

COMMAND_BODY = 2_000
"""Bytes of a body up to which a command is given that repeats the request."""


def evidence_of(harness: Harness, exchange: Exchange) -> Evidence:
    """Return a request and its response as text, and what makes the request odd."""
    redaction = _redaction(tuple(harness.endpoint.hidden))
    size = len(exchange.request.body)
    # Secrets first: one that was cut in two would not be found.
    request = redaction.request(_short(exchange.request))
    made_from = harness.valid_form(exchange.request)
    valid = redaction.request(_short(made_from)) if made_from else None
    answer = exchange.response
    headers = tuple(redaction.header(name, value) for name, value in answer.headers)
    start = _difference(valid.body, request.body) if valid else 0
    first = f"{request.method} {_cut(request.path, VALUE_SHOWN)} HTTP/1.1"
    asked = _message(first, request.headers, request.body, start, size)
    content = redaction.body(answer.body)
    answered = _message(str(answer), headers, content, 0, len(content))
    changed = "; ".join(_changes(harness, valid, request)) if valid else ""
    if size > len(request.body):
        changed += f"; the body has {size} bytes"
    return Evidence(
        label=_plain(redaction.text(exchange.label)),
        request=_plain(asked),
        response=_plain(answered),
        changed=_plain(changed),
        command=_plain(_command(harness, request)) if size <= COMMAND_BODY else "",
    )


def _short(request: Request) -> Request:
    """Return the request with as much of its body as is looked at."""
    return dataclasses.replace(request, body=request.body[:LOOKED_AT])


@functools.lru_cache(maxsize=4)
def _redaction(secrets: tuple[str, ...]) -> Redaction:
    return Redaction(secrets)


def _changes(harness: Harness, valid: Request, request: Request) -> Iterator[str]:
    """Say what differs from the valid request, the signature last."""
    if valid.method != request.method:
        yield f"method {valid.method} became {request.method}"
    if valid.path != request.path:
        yield f"path {_shown(valid.path)} became {_shown(request.path)}"
    signatures = {name.lower() for name in forge.signature_headers(harness.scheme)}
    before, after = _by_name(valid.headers), _by_name(request.headers)
    names = [*after, *(name for name in before if name not in after)]
    late = []
    for name in names:
        old, new = before.get(name, []), after.get(name, [])
        if old == new:
            continue
        said = _header_change(name, old, new)
        if name in signatures:
            late.append(said)
        else:
            yield said
    if valid.body != request.body:
        yield _body_change(valid.body, request.body)
    yield from late


def _header_change(name: str, old: list[str], new: list[str]) -> str:
    if not old:
        return f"header {name} added: {_shown(new[0])}"
    if not new:
        return f"header {name} removed"
    if len(new) > len(old):
        return f"header {name} sent {len(new)} times"
    start = _difference(old[0].encode(), new[0].encode())
    return (
        f"header {name}: {_window(old[0].encode(), start)} became "
        f"{_window(new[0].encode(), start)}"
    )


def _body_change(old: bytes, new: bytes) -> str:
    if not new:
        return f"the body of {len(old)} bytes removed"
    start = _difference(old, new)
    return (
        f"body from byte {start}: {_window(old, start)} became {_window(new, start)} "
        f"({len(old)} bytes became {len(new)})"
    )


def _difference(old: bytes, new: bytes) -> int:
    """Return the place of the first byte that differs."""
    size = min(len(old), len(new))
    low, high = 0, size
    # Slices are compared in C, single bytes are not.
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _window(content: bytes, start: int) -> str:
    begin = max(0, start - AROUND)
    part = content[begin : start + AROUND].decode("utf-8", "backslashreplace")
    before = "…" if begin else ""
    after = "…" if start + AROUND < len(content) else ""
    return f"“{before}{part}{after}”"


def _message(first: str, headers: Headers, body: bytes, start: int, size: int) -> str:
    lines = [f"{name}: {_cut(value, VALUE_SHOWN)}" for name, value in headers]
    begin = 0 if start + AROUND < BODY_SHOWN else start - BODY_SHOWN // 3
    text = body[begin : begin + BODY_SHOWN].decode("utf-8", "backslashreplace")
    if begin:
        text = f"… {text}"
    if begin + BODY_SHOWN < size:
        text += " …"
    if size > BODY_SHOWN:
        text += f" ({size} bytes)"
    return "\n".join((first, *lines, "", text)).strip()


def _command(harness: Harness, request: Request) -> str:
    names = {name.lower() for name, _ in request.headers}
    if names & {"content-length", "transfer-encoding"}:
        return ""  # curl makes its own
    if not request.path.startswith("/"):
        return ""
    return as_curl(request, harness.wire.base)


def _by_name(headers: Headers) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.lower(), []).append(value)
    return found


def _shown(text: str) -> str:
    return f"“{_cut(text, 2 * AROUND)}”"


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]} …"


def _plain(text: str) -> str:
    """Escape control characters: they must not reach the reader's terminal."""
    return "".join(
        sign if sign.isprintable() or sign == "\n" else repr(sign)[1:-1]
        for sign in text
    )
