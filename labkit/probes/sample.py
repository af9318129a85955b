"""The event that an examination sends again and again, each time with a new id."""

import copy
import hashlib
import html
import json
import re
import urllib.parse
import uuid
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, StrEnum
from typing import Any

from labkit.errors import BadSetting
from labkit.samples import payments
from labkit.signing.embedded import with_member

Payload = Any
"""What JSON can hold: most often an object, or a list of objects for a batch."""

BOUNDARY = "labkit-boundary-7MA4YWxk"

FORM = "application/x-www-form-urlencoded"
"""The content type of a form."""

_TIMES = frozenset(
    [
        "created",
        "created_at",
        "date",
        "create_time",
        "event_time",
        "occurred_at",
        "occurredAt",
        "timestamp",
        "time",
        "time_ms",
        "webhookTimestamp",
        "dateCreated",
    ]
)
_PREFIX = re.compile(r"[A-Za-z]{1,8}[_-]?")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SHA1 = re.compile("[0-9a-f]{40}")
_FORM = re.compile(rb"[\w.*~%+-]+=[^\s&=]*(&[\w.*~%+-]+=[^\s&=]*)*\s*")
_LATER = 100_000_000_000  # as seconds far in the future, so it is milliseconds


class Encoding(StrEnum):
    """How an event is written into the body of a request."""

    JSON = "json"
    FORM = "form"
    """Each value is a field of a form."""
    FIELD = "payload"
    """A form with one field, `payload`, that holds the JSON, as GitHub sends it."""
    MULTIPART = "multipart"
    """Each value is a part of a multipart form, as mail services send it."""
    XML = "xml"
    """XML that the scheme puts into a field of a form, as Braintree sends it."""


class Ids(Enum):
    """What the ids of a provider look like."""

    TEXT = "a prefix, letters and digits"
    NUMBER = "a whole number"
    UUID = "a UUID"


def _payment() -> Payload:
    return json.loads(payments()[0].body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """An event of a type that the endpoint takes; without a template, a payment.

    `id_path` and `type_path` say where in the body its id and type are, the steps
    separated by full stops. A number as step means every item of a list, so that each
    event of a batch gets an id of its own. A path is empty if the value is only in a
    header; `kind` then is the type. `vary` are further paths whose text is made unique.
    `ending` follows the JSON. Raises BadSetting where nothing is found at a path.

    `objects` are the paths of the object that the event is about, such as a payment;
    each event has another one. `before` and `after` are types of events about the same
    object that the provider sends earlier and later, empty if there is none.
    """

    template: Payload = field(default_factory=_payment)
    id_path: str = "id"
    type_path: str = "event"
    kind: str = ""
    encoding: Encoding = Encoding.JSON
    ids: Ids | None = None
    vary: tuple[str, ...] = ()
    ending: bytes = b""
    objects: tuple[str, ...] = ("data.order_id",)
    before: str = "payment.pending"
    after: str = "payment.refunded"

    def __post_init__(self) -> None:
        for option, path in (
            ("--id-path", self.id_path),
            ("--type-path", self.type_path),
        ):
            # True and False are numbers in Python, but not ids.
            found = at(self.template, path) if path else ""
            if not isinstance(found, str | int) or isinstance(found, bool):
                raise BadSetting(
                    f"the sample event holds no text or number at {path!r}; say with "
                    f"{option} where it is, such as data.id or events.0.id"
                )

    @property
    def type(self) -> str:
        """The type of the event."""
        return self.kind or str(at(self.template, self.type_path) or "event")

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON."""
        return self.encoding is Encoding.JSON

    @property
    def content_type(self) -> str:
        """The content type of the body."""
        return {
            Encoding.JSON: "application/json",
            Encoding.MULTIPART: f"multipart/form-data; boundary={BOUNDARY}",
        }.get(self.encoding, FORM)

    @property
    def form_of_ids(self) -> Ids:
        """What the ids look like; taken from the one in the template."""
        if self.ids:
            return self.ids
        found = at(self.template, self.id_path) if self.id_path else ""
        if isinstance(found, int) or str(found).isdigit():
            return Ids.NUMBER
        return Ids.UUID if _UUID.fullmatch(str(found)) else Ids.TEXT

    def make_id(self, run: str, number: int) -> str:
        """Return the id of the event of that number, unlike those of other runs."""
        if self.form_of_ids is Ids.NUMBER:
            # Below 2**53, so that receivers in JavaScript can tell them apart. The last
            # digit is left for the further events of a batch.
            return str((zlib.crc32(run.encode()) * 10_000 + number) * 10)
        if self.form_of_ids is Ids.UUID:
            return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{run} {number:04}"))
        found = at(self.template, self.id_path) if self.id_path else ""
        prefix = _PREFIX.match(str(found))
        return f"{prefix[0] if prefix else 'evt_'}{run}{number:04}"

    def fresh(self, id: str, now: float) -> Payload:  # noqa: A002 - the word of every provider
        """Return a new event with that id, made at `now`."""
        payload = copy.deepcopy(self.template)
        if self.id_path:
            self.put_id(payload, id)
        for path in self.vary:
            put(payload, path, _like(str(at(payload, path)), id))
        _renew(payload, now)
        data = payload.get("data") if isinstance(payload, dict) else None
        if isinstance(data, dict) and "order_id" in data:
            # Two events about one order would rightly have one effect in some shops.
            data["order_id"] = f"A-{id}"
        return payload

    def put_id(self, payload: Payload, id: str) -> None:  # noqa: A002 - the word of every provider
        """Set the id in a payload; further events of a batch get further ids."""
        is_number = isinstance(at(self.template, self.id_path), int)

        def value(place: int) -> str | int:
            if is_number:
                return int(id) + place
            return self._further(id, place) if place else id

        change(payload, self.id_path, value)

    def _further(self, id: str, place: int) -> str:  # noqa: A002 - the word of every provider
        if self.form_of_ids is Ids.NUMBER and id.isdigit():
            return str(int(id) + place)
        if self.form_of_ids is Ids.UUID:
            return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{id} {place}"))
        return f"{id}b{place}"

    @property
    def list_path(self) -> str | None:
        """Where the events of a batch are, empty for the body; None for one event."""
        steps = self.id_path.split(".")
        places = [n for n, step in enumerate(steps) if step.isdigit()]
        return ".".join(steps[: places[0]]) if places else None

    def joined(self, first: Payload, second: Payload) -> Payload:
        """Return one batch with the events of two."""
        path = self.list_path
        if not path:
            return [*first, *second]
        both = copy.deepcopy(second)
        found = at(both, path)
        found[:] = [*at(first, path), *found]
        return both

    def put_type(self, payload: Payload, kind: str) -> None:
        """Set the type in a payload, if it is there."""
        if self.type_path:
            put(payload, self.type_path, kind)

    def encode(self, payload: Payload) -> bytes:
        """Return the body of a request."""
        if self.is_json:
            return compact(payload) + self.ending
        if self.encoding is Encoding.FIELD:
            return urllib.parse.urlencode({"payload": compact(payload)}).encode()
        if self.encoding is Encoding.XML:
            return _elements(payload).encode()
        fields = {
            name: value if isinstance(value, str) else compact(value).decode()
            for name, value in payload.items()
        }
        if self.encoding is Encoding.FORM:
            return urllib.parse.urlencode(fields).encode()
        parts = (
            f"--{BOUNDARY}\r\nContent-Disposition: form-data; "
            f'name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        return f"{''.join(parts)}--{BOUNDARY}--\r\n".encode()

    def noted(self, body: bytes, note: bytes) -> bytes:
        """Return an encoded event with one more field; `note` is its value, as JSON."""
        if self.is_json:
            return with_member(body, b'"labkit_note":' + note)
        text = urllib.parse.quote(note.strip(b'"'), safe="")
        if self.encoding is Encoding.XML:
            start, end = body[: body.rindex(b"</")], body[body.rindex(b"</") :]
            return start + f"<labkit_note>{text}</labkit_note>".encode() + end
        if self.encoding is Encoding.MULTIPART:
            head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="labkit_note"'
            return f"{head}\r\n\r\n{text}\r\n".encode() + body
        return body + f"&labkit_note={text}".encode()


def _elements(payload: Payload) -> str:
    """Write an object as XML: each value is an element with the name of the field."""
    if not isinstance(payload, dict):
        return html.escape(str(payload), quote=False)
    return "".join(
        f"<{name}>{_elements(value)}</{name}>" for name, value in payload.items()
    )


def _like(found: str, id: str) -> str:  # noqa: A002 - the word of every provider
    """Return a text made of the id that looks like the one that was found."""
    if _SHA1.fullmatch(found):
        return hashlib.sha1(id.encode(), usedforsecurity=False).hexdigest()
    prefix = _PREFIX.match(found)
    return f"{prefix[0] if prefix else ''}{id}"


def merged(payload: Payload, more: Mapping[str, Any]) -> Payload:
    """Return the payload with more fields; a list gets them in each item."""
    if isinstance(payload, list):
        return [merged(item, more) for item in payload]
    return payload | dict(more)


def fields_of(payload: Payload) -> list[str]:
    """Return the names of the fields of an event, or of the first of a list."""
    found = payload[0] if isinstance(payload, list) and payload else payload
    return list(found) if isinstance(found, dict) else []


def left_out(payload: Payload, name: str) -> Payload:
    """Return the payload without the field of that name."""
    if isinstance(payload, list):
        return [left_out(item, name) for item in payload]
    return {key: value for key, value in payload.items() if key != name}


def put(payload: Payload, path: str, value: Any) -> None:
    """Set what is at a path in the payload, in every item of a list."""
    change(payload, path, lambda _: value)


def change(payload: Payload, path: str, value_for: Callable[[int], Any]) -> None:
    """Set what is at a path to a value for each place of a list, counted from 0."""
    *steps, last = path.split(".")
    places = [payload]
    for step in steps:
        places = [
            item
            for place in places
            for item in (place if _is_place(step, place) else [place[step]])
        ]
    for number, place in enumerate(places):
        if _is_place(last, place):
            place[:] = [value_for(n) for n in range(len(place))]
        else:
            place[last] = value_for(number)


def compact(payload: Any) -> bytes:
    """Encode as the kit's events are: no spaces, letters as they are."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def read_event(content: bytes) -> tuple[Payload, Encoding]:
    """Return the event in a file, which is JSON or a form, and how it is written.

    Raises ValueError for what is neither.
    """
    if _FORM.fullmatch(content):
        fields = urllib.parse.parse_qsl(
            content.decode().strip(), keep_blank_values=True
        )
        if [name for name, _ in fields] == ["payload"]:
            return json.loads(fields[0][1]), Encoding.FIELD
        return dict(fields), Encoding.FORM
    found = json.loads(content)
    items = found if isinstance(found, list) else [found]
    if not items or not all(isinstance(item, dict) for item in items):
        raise ValueError("it is not a JSON object, and not a list of them")
    return found, Encoding.JSON


def at(payload: Payload, path: str) -> Any:
    """Return what is at a path, in the first item of each list, or None."""
    for step in path.split("."):
        if _is_place(step, payload):
            if not payload:
                return None
            payload = payload[0]
        elif isinstance(payload, Mapping) and step in payload:
            payload = payload[step]
        else:
            return None
    return payload


def _is_place(step: str, payload: Payload) -> bool:
    return (
        isinstance(payload, Sequence)
        and not isinstance(payload, str)
        and (step.isdigit())
    )


def _renew(payload: Payload, now: float) -> None:
    """Write the present time into the fields that hold the time of the event."""
    if isinstance(payload, list):
        for item in payload:
            _renew(item, now)
        return
    if not isinstance(payload, dict):
        return
    for name, value in payload.items():
        if name in ("data", "events"):
            _renew(value, now)
        if name not in _TIMES or isinstance(value, bool):
            continue
        if isinstance(value, int):
            payload[name] = int(now * 1000) if value > _LATER else int(now)
        elif isinstance(value, str) and _is_time(value):
            moment = datetime.fromtimestamp(now, UTC)
            payload[name] = f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return len(text) > len("2026-01-01")
