"""What `labkit send` does: events, faults and a target, all given as text."""

import hashlib
import ipaddress
import json
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from labkit.errors import BadSetting, UnknownName
from labkit.faults import FAULTS, Fault
from labkit.model import Event
from labkit.profiles import PROFILES


def fault_from(text: str) -> Fault:
    """Make a fault from its name and settings, like `Delay:seconds=5,probability=0.3`.

    Raises UnknownName for a fault or a setting that there is not, and BadSetting for a
    value that it can't have.
    """
    name, _, settings = text.partition(":")
    kind = FAULTS[name.strip()]
    types = {each.name: each.type for each in fields(kind) if each.name != "change"}
    given: dict[str, Any] = {}
    for setting in filter(None, (part.strip() for part in settings.split(","))):
        key, _, value = (part.strip() for part in setting.partition("="))
        if key not in types:
            raise UnknownName(f"setting of {kind.__name__}", key, types)
        if not value:
            raise BadSetting(f"{kind.__name__}: {key} has no value; write {key}=…")
        given[key] = _value(f"{kind.__name__}: {key}", types[key], value)
    return kind(**given)


def events_from(
    event_type: str,
    data: str,
    *,
    count: int,
    every: float,
    seed: int,
    clock: Callable[[], float] = time.time,
) -> list[Event]:
    """Return `count` events of one type, one each `every` seconds from now on.

    `data` is a JSON object, as text. Ids come from all of that and the seed, so that a
    receiver which remembers ids takes the same events again under another seed.
    """
    try:
        payload = json.loads(data)
    except ValueError as error:
        raise BadSetting(
            f"the data {data!r:.60} is no JSON ({error}); "
            """give an object, like '{"order_id": "A-1"}'"""
        ) from error
    if not isinstance(payload, dict):
        raise BadSetting(
            f"the data {data!r:.60} is no JSON object; "
            """give one, like '{"order_id": "A-1"}'"""
        )
    now = int(clock())
    return [
        Event(
            event_type,
            payload,
            id=_id(event_type, data, seed, number),
            created_at=now + round(number * every),
        )
        for number in range(count)
    ]


def scheme_of(name: str | None, secret: str | None) -> str:
    """Return the scheme to use; raise BadSetting for one that has no secret."""
    if name and not secret:
        raise BadSetting(
            f"the scheme {name} signs with a secret, and none is given; "
            "give --secret, or set LABKIT_SECRET"
        )
    return name or "generic"


def profile_of(scheme: str | None) -> str:
    """Return the profile of the provider that a scheme belongs to, or `standard`."""
    profile = PROFILES.get(scheme or "")
    return profile.name if profile and profile.scheme == scheme else "standard"


def check_target(url: str, *, owned: bool) -> None:
    """Raise BadSetting unless the URL is on this machine, or `owned` by the user.

    No name is looked up: beside `localhost` only addresses in digits count.
    """
    try:
        host = urllib.parse.urlsplit(url).hostname
    except ValueError:
        host = None
    if host and not owned and not _is_loopback(host):
        raise BadSetting(
            f"{url} is not on this machine, and faulty traffic to a stranger's server "
            "is an attack; if the endpoint is yours, say --i-own-this-endpoint"
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _value(where: str, kind: object, text: str) -> int | float | str:
    if kind not in (int, float):
        return text
    try:
        return int(text) if kind is int else float(text)
    except ValueError as error:
        raise BadSetting(f"{where} is {text!r}; give a number") from error


def _id(event_type: str, data: str, seed: int, number: int) -> str:
    content = json.dumps([event_type, data, seed, number])
    return f"evt_{hashlib.sha256(content.encode()).hexdigest()[:12]}"
