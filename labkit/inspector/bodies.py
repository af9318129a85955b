"""A body for a reader: its text or its bytes, and what it says when it is parsed."""

import json
import urllib.parse
from collections.abc import Iterable
from typing import Any

SHOWN = 64_000
"""How many characters of a body are shown; the whole can be downloaded."""

PARSED = 1_000_000
"""How many bytes are parsed at most."""


def raw_view(body: bytes) -> dict[str, Any]:
    """Return a body as text where it is UTF-8, else as a dump of its bytes.

    `left_out` counts the bytes that are not shown.
    """
    text = _text(body[:SHOWN], whole=len(body) <= SHOWN)
    if text is not None:
        left_out = len(body) - len(text.encode())
        return {"kind": "text", "text": text, "left_out": left_out}
    piece = body[: SHOWN // 16]
    return {"kind": "bytes", "text": _dump(piece), "left_out": len(body) - len(piece)}


def parsed_view(body: bytes, content_type: str) -> dict[str, Any] | None:
    """Return what a body says: JSON indented, a form by its fields, or None.

    `note` tells of what a reader can't see, such as a key that stands there twice.
    """
    if not body or len(body) > PARSED:
        return None
    if content_type.partition(";")[0].strip().lower() == (
        "application/x-www-form-urlencoded"
    ):
        fields = urllib.parse.parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True
        )
        lines = [f"{name} = {value}" for name, value in fields]
        return {"kind": "form", "text": "\n".join(lines)[:SHOWN], "note": ""}
    doubles: list[str] = []
    try:
        content = json.loads(
            body, object_pairs_hook=lambda pairs: _noting(pairs, doubles)
        )
        text = json.dumps(content, indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None
    note = ""
    if doubles:
        names = ", ".join(repr(name) for name in dict.fromkeys(doubles))
        note = f"duplicate keys; the last one counts: {names:.200}"
    return {"kind": "JSON", "text": text[:SHOWN], "note": note}


def subject(body: bytes, headers: Iterable[tuple[str, str]]) -> str:
    """Return the type of the event that a request tells of, or an empty text."""
    for name, value in headers:
        if name.lower() in ("x-github-event", "x-shopify-topic"):
            return value
    if not body.startswith(b"{") or len(body) > SHOWN:
        return ""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    found = content.get("event") or content.get("type")
    return found if isinstance(found, str) else ""


def event_id(body: bytes, headers: Iterable[tuple[str, str]]) -> str:
    """Return the id of the event that a request tells of, or an empty text."""
    for name, value in headers:
        if name.lower() in _IDS:
            return value
    if not body.startswith(b"{") or len(body) > SHOWN:
        return ""
    try:
        found = json.loads(body).get("id")
    except (ValueError, RecursionError):
        return ""
    return found if isinstance(found, str) else ""


_IDS = ("webhook-id", "svix-id", "x-github-delivery", "x-shopify-event-id")
"""Headers that name the event; every attempt at it has the same."""


def _text(piece: bytes, *, whole: bool) -> str | None:
    """Decode a beginning of a body, or return None where it is no UTF-8."""
    for cut in range(1 if whole else 4):
        # The end of the piece may have gone through a character of up to four bytes.
        try:
            return piece[: len(piece) - cut].decode()
        except UnicodeDecodeError:
            continue
    return None


def _noting(pairs: list[tuple[str, Any]], doubles: list[str]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        doubles += [name for name in content if names.count(name) > 1]
    return content


def _dump(piece: bytes) -> str:
    """Write 16 bytes a line: place, hex and what of it is printable ASCII."""
    lines = []
    for start in range(0, len(piece), 16):
        row = piece[start : start + 16]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"{start:06x}  {row.hex(' '):<47}  {shown}")
    return "\n".join(lines)
