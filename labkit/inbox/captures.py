"""Requests as lines of JSON (NDJSON): written when they come, read to send them again.

One line is one request:

    {"number": 1, "at": "2026-11-30T12:00:00+00:00", "method": "POST",
     "path": "/webhooks", "headers": [["Content-Type", "application/json"]],
     "body": "{}", "status": 200, "seconds": 0.001}

A body that is not UTF-8 is in `body_base64`. The inspector's export has the same form.
"""

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from labkit.errors import BadSetting
from labkit.inbox.received import Received
from labkit.model import Request, header_pairs


def as_line(got: Received) -> str:
    """Write one request with its line break."""
    request = got.request
    try:
        body = {"body": request.body.decode()}
    except UnicodeDecodeError:
        body = {"body_base64": base64.b64encode(request.body).decode()}
    record = {
        "number": got.number,
        "at": datetime.fromtimestamp(got.at, UTC).isoformat(),
        "method": request.method,
        "path": request.path,
        "headers": [list(pair) for pair in request.headers],
        **body,
        "status": got.status,
        "seconds": round(got.seconds, 6),
    }
    return json.dumps(record, ensure_ascii=False) + "\n"


def read_lines(text: str) -> list[Received]:
    """Read captured requests. Raises BadSetting with the line that can't be read."""
    found = []
    for place, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found.append(_read(json.loads(line), number=place))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadSetting(
                f"line {place} is not a captured request ({error!r}); give a file that "
                "labkit receive --save wrote, or the inspector's export"
            ) from error
    return found


def chosen(captured: Iterable[Received], numbers: Iterable[int]) -> list[Received]:
    """Return the requests with these numbers, or all. Raises BadSetting."""
    by_number = {got.number: got for got in captured}
    wanted = list(numbers) or list(by_number)
    missing = [number for number in wanted if number not in by_number]
    if missing or not by_number:
        known = ", ".join(map(str, by_number)) or "none"
        raise BadSetting(
            f"there is no captured request {', '.join(map(str, missing)) or 'at all'}; "
            f"the file has {known}"
        )
    return [by_number[number] for number in wanted]


def _read(record: dict[str, Any], *, number: int) -> Received:
    if "body_base64" in record:
        body = base64.b64decode(record["body_base64"], validate=True)
    else:
        body = record["body"].encode()
    headers = header_pairs([(name, value) for name, value in record["headers"]])
    at = datetime.fromisoformat(record["at"]).timestamp() if "at" in record else 0.0
    return Received(
        Request(str(record["method"]), str(record["path"]), headers, body),
        int(record.get("status") or 0),
        float(record.get("seconds") or 0.0),
        "",
        None,
        int(record.get("number", number)),
        at,
    )
