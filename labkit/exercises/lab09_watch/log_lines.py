"""What the check of 9.1 compares of a line for the log."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flask
from werkzeug.exceptions import HTTPException

from labkit.checks import short
from labkit.checks.observing import Seen, exactly, outcome
from labkit.checks.space import Fields

KEYS = ("address", "headers", "payload", "outcome")
SECRET_FIELDS = ("card_number", "cvc", "token", "password")
LONGEST = 16_000
"""So many characters a line must not have."""
IN_CHARACTERS = "the length in characters"


@dataclass(frozen=True, slots=True)
class LogLine:
    """Observes one line; `about` says which part of it a trial compares."""

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Log one request in a server of its own, and look at a part of the line."""
        after: list[Any] = []

        def call() -> Any:
            with _arrives(fields):
                line = solution(flask.request, fields["outcome"])
                if fields["about"] == "unchanged":
                    after.extend(_read_later())
                return line

        seen = outcome(call, exactly)
        if seen.raised or seen.value == "coroutine":
            return seen
        if after:
            with _arrives(fields):
                after = [a == b for a, b in zip(after, _read_later(), strict=True)]
        value, text = _part_of(seen.result, fields, after)
        return Seen(value, text, None, seen.result)

    def show(self, fields: Fields) -> str:
        """Return the request as a verdict shows it."""
        query = f"?{fields['query']}" if fields["query"] else ""
        lines = [f"POST /webhooks{query}, from {fields['address']}"]
        lines += [f"{name}: {value}" for name, value in fields["headers"].items()]
        if fields["chunked"]:
            lines.append("(chunked, without a Content-Length)")
        body = fields["body"]
        shown = short(body) if len(body) < 1000 else short(body[:80], 100)
        size = "" if len(body) < 1000 else f" and so on, {len(body):,} bytes"
        return "\n".join([*lines, shown + size, f"outcome {fields['outcome']!r}"])


def _arrives(fields: Fields) -> Any:
    """Return Flask's context of this request, in an app of its own.

    Without folders Flask looks for none: an app takes 10 µs instead of 500.
    """
    here = Path("/").resolve()
    app = flask.Flask(
        "check", static_folder=None, root_path=str(here), instance_path=str(here)
    )
    context = app.test_request_context(
        "/webhooks",
        base_url=f"http://{fields['host']}",
        query_string=fields["query"],
        method="POST",
        data=fields["body"],
        headers=dict(fields["headers"]),
        environ_overrides={"REMOTE_ADDR": fields["address"]},
    )
    if fields["chunked"]:
        del context.request.environ["CONTENT_LENGTH"]
        context.request.environ["wsgi.input_terminated"] = True
    return context


def _read_later() -> tuple[Any, Any]:
    """Return what later code reads of the request: the body, and JSON or an error."""
    body = flask.request.get_data()
    try:
        return body, exactly(flask.request.get_json())
    except HTTPException as error:
        return body, f"{error.code}"


def _part_of(line: Any, fields: Fields, after: list[Any]) -> tuple[Any, str]:
    """Return what a trial compares of a line, and that part as text."""
    if isinstance(line, (str, bytes)):
        return "a text", short(line)
    if not isinstance(line, Mapping):
        return "no dictionary", short(line)
    if missing := [key for key in KEYS if key not in line]:
        return "a key is missing", f"a dictionary without {', '.join(missing)}"
    try:
        text = json.dumps(line)
    except (TypeError, ValueError, RecursionError) as error:
        return "not JSON", f"json.dumps: {type(error).__name__}: {error}"
    about = fields["about"]
    if about == "bound":
        fits = len(text) < LONGEST
        told = f"a line of {len(text):,} characters"
        return ("short enough" if fits else "too long"), told
    if about == "unchanged":
        return _left_alone(after)
    return _entry_of(line, fields)


def _left_alone(after: list[Any]) -> tuple[Any, str]:
    """Say whether later code finds the body and the JSON as they were."""
    parts = zip(("body", "JSON"), after, strict=True)
    changed = tuple(f"{name} changed" for name, same in parts if not same)
    return changed, ", ".join(changed) or "the body and the JSON are as they were"


def _entry_of(line: Mapping[str, Any], fields: Fields) -> tuple[Any, str]:
    """Return what a trial compares of the entries, and that part as text."""
    about = fields["about"]
    if fields["secret"]:
        return _hidden(line, fields)
    if about in ("address", "outcome"):
        return exactly(line[about])[1], f"{about!r}: {short(line[about])}"
    if about in ("no-json", "long"):
        return _length(line["payload"], fields["body"])
    if about == "secret-fields":
        kept = _entry(line, fields["name"])
        hidden = kept is None or isinstance(kept, str)
        return hidden, f"{fields['name']!r}: {short(kept)}"
    headers = _headers(line["headers"], fields["headers"])
    if about == "headers":
        return headers
    if about not in ("payload", "any-json", "others"):
        return "a line", short(line)
    payload = _payload(line["payload"], json.loads(fields["body"]))
    if about != "others":
        return payload
    return (*headers[0], *payload[0]), f"{headers[1]}\n{payload[1]}"


_ALWAYS_SENT = {"host", "content-length", "content-type"}


def _headers(found: Any, sent: Mapping[str, str]) -> tuple[Any, str]:
    told = f"'headers': {short(found)}"
    if not isinstance(found, Mapping):
        kept = all(json.dumps(value) in json.dumps(found) for value in sent.values())
        return "not by name" if kept else "values lost", told
    noted = {str(name).lower(): value for name, value in found.items()}
    if noted.keys() - {name.lower() for name in sent} - _ALWAYS_SENT:
        return "headers that were not sent", told
    values = [noted.get(name.lower(), KeyError) for name in sent]
    return tuple(map(_compared, values, sent.values())), told


def _compared(found: Any, wanted: Any) -> str:
    if found is KeyError:
        return "absent"
    if exactly(found) == exactly(wanted):
        return "same"
    text, original = str(found).casefold(), str(wanted).casefold()
    pieces = (original[at : at + 3] for at in range(max(1, len(original) - 2)))
    return "changed" if any(each in text for each in pieces) else "replaced"


def _payload(found: Any, wanted: Any) -> tuple[Any, str]:
    """Compare with what the body holds; secrets may be anything."""
    told = f"'payload': {short(found)}"
    if not isinstance(wanted, (dict, list)):
        return (_compared(found, wanted),), told
    if isinstance(found, str) and found.lstrip("b'\"")[:1] in ("{", "["):
        return "text of JSON", told
    if not isinstance(found, (Mapping, list, tuple)):
        return "another type", told
    codes = [
        _compared(_at(found, place), value)
        for place, value in _leaves(wanted)
        if not any(key in SECRET_FIELDS for key in place)
    ]
    return tuple(sorted({*codes})), told


def _leaves(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """Yield each value without values of its own, with the way to it."""
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    if not inner:
        yield place, value
    for key, each in inner:
        yield from _leaves(each, (*place, key))


def _at(value: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return KeyError
    return value


def _length(payload: Any, body: bytes) -> tuple[Any, str]:
    """Say whether the payload is a text with the length of the body, and no more."""
    told = f"'payload': {short(payload)}"
    if not isinstance(payload, str):
        return "no text", told
    if _pieces(body) & _pieces(payload.encode()):
        return "a piece of the body", told
    digits = re.sub(r"(?<=\d)[ ,._'](?=\d{3})", "", payload)
    numbers = re.findall(r"\d+", digits)
    if str(len(body)) in numbers:
        return True, told
    letters = str(len(body.decode(errors="replace")))
    return (IN_CHARACTERS if letters in numbers else False), told


def _pieces(body: bytes) -> set[str]:
    """Return the pieces of four letters and digits at the beginning of a body."""
    text = body[:500].decode(errors="replace")
    pieces = (text[at : at + 4] for at in range(len(text) - 3))
    return {each for each in pieces if each.isalnum()}


_LEFT = {
    "nothing": "no more of the secret than is allowed",
    "part": "more of the secret than is allowed",
    "encoded": "the secret in base64 or hex",
}


def _hidden(line: Mapping[str, Any], fields: Fields) -> tuple[Any, str]:
    """Say how much of the secret is in the line, and whether its name is there."""
    secret, name = fields["secret"], fields["name"]
    text = json.dumps(line, ensure_ascii=False)
    told = "…"
    if fields["about"] == "remains":
        entry = json.dumps(_entry(line, name), ensure_ascii=False)
        left = "part" if _part(secret, entry, text) else "nothing"
        if any(each in text for each in _spellings(secret)):
            left = "encoded"
        told = f"{name}: {short(_entry(line, name))}; in the line: {_LEFT[left]}"
        return left, told
    if secret in text:
        at = text.index(secret)
        told = f"… {text[max(0, at - 40) : at + len(secret) + 10]} …"
        kept = _entry(line, name)
        masked = isinstance(kept, str) and kept != secret and len(secret) < 4
        inside = fields["about"] == "secret-fields" and masked
        return ("left over" if inside else "whole"), told
    if name and _entry(line, name) is KeyError:
        return "absent", f"no {name} in the line"
    return "hidden", f"{name or 'the line'} without {secret}"


def _entry(line: Mapping[str, Any], name: str) -> Any:
    """Return what a line has for the name of a header or a field, or KeyError."""
    if isinstance(line["headers"], Mapping):
        for each, value in line["headers"].items():
            if str(each).lower() == name.lower():
                return value
    todo = [line["payload"]]
    while todo:
        value = todo.pop()
        if isinstance(value, Mapping):
            if name in value:
                return value[name]
            todo.extend(value.values())
        elif isinstance(value, (list, tuple)):
            todo.extend(value)
    return KeyError


def _part(secret: str, entry: str, text: str) -> bool:
    """Whether more remains of a secret than its last four characters."""
    if len(secret) < 4:
        return any(letter in entry for letter in secret)
    if len(secret) > 4 and secret[-5:] in entry:
        return True
    last = secret[-4:]
    rest = entry.replace(last, "", 1)
    pieces = (secret[at : at + 3] for at in range(len(secret) - 2))
    in_entry = any(piece in rest for piece in pieces)
    windows = (secret[at : at + 6] for at in range(len(secret) - 5))
    return in_entry or any(window in text for window in windows)


def _spellings(secret: str) -> Iterator[str]:
    """Yield the secret as hex, and as it is in base64, wherever it begins there."""
    raw = secret.encode()
    if len(raw) < 8:
        return
    yield raw.hex()
    for offset in range(3):
        # The first and the last group of four depend on what is next to it.
        yield base64.b64encode(bytes(offset) + raw).decode()[4:-4]
