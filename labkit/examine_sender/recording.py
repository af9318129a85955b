"""Deliveries as lines of JSON: what was listened to, or what a receiver saved.

One line is one request: `method`, `path`, `headers` as pairs or as an object, `body` as
text or `body_base64`, and `at`, in seconds since the epoch or in ISO 8601. The files of
`labkit receive --save` have this form. `did` or `status` says how the endpoint
responded. `began`, `closed` and `finished` are those of a `Sighting`; only a record of
`labkit examine-sender --listen` has them.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from labkit.errors import BadSetting
from labkit.witness import Request, Sighting


def to_line(sighting: Sighting, started: float) -> str:
    """Write a sighting as one line of a record; `started` is the witness's start."""
    request, closed = sighting.request, sighting.closed
    return json.dumps(
        {
            "method": request.method,
            "path": request.target,
            "headers": request.headers,
            "body_base64": base64.b64encode(request.body).decode(),
            "at": round(started + sighting.ended, 3),
            "did": sighting.behaviour,
            "began": round(started + sighting.began, 3),
            "closed": None if closed is None else round(started + closed, 3),
            "finished": sighting.finished,
        }
    )


def read_record(file: Path) -> tuple[Sighting, ...]:
    """Read a record, in the order of arrival, with times from the first one on.

    Raises BadSetting with the line that can't be read.
    """
    sightings = []
    lines = file.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                sightings.append(_sighting(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise BadSetting(
                    f"line {number} of {file} is not a delivery ({error!r}); it needs "
                    "method, path, headers, body or body_base64, and at"
                ) from None
    return _from_the_first(sorted(sightings, key=lambda each: each.began))


def _from_the_first(sightings: Sequence[Sighting]) -> tuple[Sighting, ...]:
    start = sightings[0].began if sightings else 0.0
    return tuple(
        replace(
            each,
            connected=each.connected - start,
            began=each.began - start,
            ended=each.ended - start,
            closed=None if each.closed is None else each.closed - start,
        )
        for each in sightings
    )


def _sighting(line: dict[str, Any]) -> Sighting:
    headers = line["headers"]
    pairs = headers.items() if isinstance(headers, dict) else headers
    encoded = line.get("body_base64")
    body = str(line["body"]).encode() if encoded is None else base64.b64decode(encoded)
    request = Request(
        method=str(line["method"]),
        target=str(line["path"]),
        headers=tuple((str(name), str(value)) for name, value in pairs),
        body=body,
    )
    at = _moment(line["at"])
    began = _moment(line.get("began", at))
    closed = line.get("closed")
    return Sighting(
        path=request.target.partition("?")[0],
        mark="",
        number=1,
        request=request,
        connected=began,
        began=began,
        ended=at,
        closed=None if closed is None else float(closed),
        finished=bool(line.get("finished")),
        behaviour=str(line.get("did") or line.get("status") or ""),
    )


def _moment(value: Any) -> float:
    if isinstance(value, str) and "T" in value:
        return datetime.fromisoformat(value).timestamp()
    return float(value)
