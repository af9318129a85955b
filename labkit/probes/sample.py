"""The event that an examination sends again and again, each time with a new id."""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labkit.errors import BadSetting
from labkit.samples import payments

Payload = dict[str, Any]

_CREATED = ("created_at", "created")


def _payment() -> Payload:
    payload: Payload = json.loads(payments()[0].body)
    return payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """An event of a type that the endpoint takes; without a template, a payment.

    `id_path` and `type_path` say where in the body its id and type stand, the steps
    parted by full stops. Raises BadSetting where no text stands there.
    """

    template: Mapping[str, Any] = field(default_factory=_payment)
    id_path: str = "id"
    type_path: str = "event"

    def __post_init__(self) -> None:
        for option, path in (
            ("--id-path", self.id_path),
            ("--type-path", self.type_path),
        ):
            if not isinstance(_at(self.template, path), str):
                raise BadSetting(
                    f"the sample event holds no text at {path!r}; say with {option} "
                    "where it stands, such as data.id"
                )

    @property
    def type(self) -> str:
        """The type of the event."""
        return str(_at(self.template, self.type_path))

    def fresh(self, id: str, now: float) -> Payload:  # noqa: A002 - the word of every provider
        """Return a new event with that id, made at `now`."""
        payload: Payload = copy.deepcopy(dict(self.template))
        put(payload, self.id_path, id)
        for name in _CREATED:
            if isinstance(payload.get(name), int):
                payload[name] = int(now)
        data = payload.get("data")
        if isinstance(data, dict) and "order_id" in data:
            # Two events about one order would rightly have one effect in some shops.
            data["order_id"] = f"A-{id}"
        return payload


def put(payload: Payload, path: str, value: Any) -> None:
    """Set what stands at a path in the payload."""
    *steps, last = path.split(".")
    place = payload
    for step in steps:
        place = place[step]
    place[last] = value


def compact(payload: Any) -> bytes:
    """Encode as the kit's events are: no spaces, letters as they are."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def _at(payload: Any, path: str) -> Any:
    for step in path.split("."):
        if not isinstance(payload, Mapping) or step not in payload:
            return None
        payload = payload[step]
    return payload
