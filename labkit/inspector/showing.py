"""One received request as the page and the export get it: plain data for JSON."""

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from labkit.inbox import Received
from labkit.inspector.bodies import event_id, parsed_view, raw_view, subject
from labkit.inspector.checking import Checking, check
from labkit.inspector.curl import as_command
from labkit.inspector.diagnosis import diagnose
from labkit.inspector.finding import AUTHENTIC, UNCHECKED, Problem
from labkit.redaction import Redaction
from labkit.running.ownership import is_learners, line_text

_SEARCHED = 2_000
"""How many bytes of a body the page's filter searches."""

_NARROW = 200
"""How many characters of foreign text a row of the list holds."""


class Showing:
    """Turns received requests into plain data, with all secrets hidden.

    `url` is the receiver's own, without a path.
    """

    def __init__(self, url: str, checking: Checking) -> None:
        self.url = url
        self.checking = checking
        self._redaction = Redaction(checking.secrets)

    def row(self, got: Received) -> dict[str, Any]:
        """Return what the list shows of a request."""
        shown = self._redaction.request(got.request)
        finding = check(got, self.checking, url=self.url)
        return {
            "number": got.number,
            "at": got.at,
            "method": shown.method[:_NARROW],
            "target": shown.path[:_NARROW],
            "subject": subject(shown.body, shown.headers)[:_NARROW],
            "size": len(got.request.body),
            "status": got.status,
            "ms": round(got.seconds * 1000, 1),
            "signature": finding.outcome,
            "scheme": finding.scheme,
            "error": type(got.error).__name__ if got.error else "",
            "resend_of": got.resend_of,
            "event": event_id(shown.body, shown.headers)[:_NARROW],
            "planned": got.planned,
            "text": shown.body[:_SEARCHED].decode("utf-8", "replace"),
        }

    def detail(self, got: Received, others: Iterable[Received]) -> dict[str, Any]:
        """Return all that is known of a request; `others` help to explain it."""
        shown = self._redaction.request(got.request)
        finding = diagnose(got, self.checking, url=self.url, others=others)
        content_type = got.request.header("content-type") or ""
        return self.row(got) | {
            "phrase": _phrase(got.status),
            "note": self._redaction.text(_note(got, finding)),
            "finding": self._finding(finding),
            "headers": [list(pair) for pair in shown.headers],
            "returned": self._returned(got),
            "raw": raw_view(shown.body),
            "parsed": parsed_view(shown.body, content_type),
            "failure": self._failure(got.error),
            "printed": self._redaction.text(got.printed),
            "curl": as_command(shown, self.url),
        }

    def record(self, got: Received) -> dict[str, Any]:
        """Return a request for the export."""
        shown = self._redaction.request(got.request)
        finding = check(got, self.checking, url=self.url)
        try:
            body = {"body": shown.body.decode()}
        except UnicodeDecodeError:
            body = {"body_base64": base64.b64encode(shown.body).decode()}
        return {
            "number": got.number,
            "at": datetime.fromtimestamp(got.at, UTC).isoformat(),
            "resend_of": got.resend_of,
            "method": shown.method,
            "path": shown.path,
            "headers": [list(pair) for pair in shown.headers],
            **body,
            "status": got.status,
            "seconds": round(got.seconds, 6),
            "scheme": finding.scheme,
            "signature": finding.outcome,
            "failure": self._failure(got.error),
            "printed": self._redaction.text(got.printed),
        }

    def body(self, got: Received) -> bytes:
        """Return the bytes that came, known secrets hidden."""
        return self._redaction.body(got.request.body)

    def _returned(self, got: Received) -> dict[str, Any] | None:
        """Return the headers of the response, and the beginning of its body."""
        if got.returned is None:
            return None
        body = self._redaction.body(got.returned.body)
        headers = [self._redaction.header(*pair) for pair in got.returned.headers]
        content_type = dict(headers).get("Content-Type", "")
        return {
            "headers": [list(pair) for pair in headers],
            "raw": raw_view(body),
            "parsed": parsed_view(body, content_type),
            "size": got.returned.size,
        }

    def _finding(self, finding: Problem) -> dict[str, Any]:
        body = finding.body
        return {
            "outcome": finding.outcome,
            "reason": finding.reason,
            "why": self._redaction.text(finding.why),
            "scheme": finding.scheme,
            "covers": finding.covers,
            "header": finding.header,
            "given": self._redaction.text(finding.given)[:2000],
            "expected": finding.expected,
            "differs_at": finding.differs_at,
            "body": body
            and {
                "at": body.at,
                "lead": body.lead,
                "signed": self._redaction.text(body.signed),
                "arrived": self._redaction.text(body.arrived),
            },
        }

    def _failure(self, error: BaseException | None) -> dict[str, Any] | None:
        if error is None:
            return None
        try:
            said = str(error)
        except Exception:  # noqa: BLE001 - a learner's __str__ may do anything
            said = "(it can't be shown)"
        return {
            "type": type(error).__name__,
            "message": self._redaction.text(said[:2000]),
            "lines": [self._redaction.text(line) for line in _lines_of(error)],
        }


def _lines_of(error: BaseException) -> list[str]:
    """Return the learner's own lines that an exception went through."""
    lines = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if is_learners(code.co_filename):
            text = line_text(code.co_filename, trace.tb_lineno)
            lines.append(f"{code.co_name}, line {trace.tb_lineno}: {text}")
        trace = trace.tb_next
    return lines


def _note(got: Received, finding: Problem) -> str:
    """Say where the app's answer and the signature contradict each other."""
    good = 200 <= got.status < 300
    if finding.outcome == AUTHENTIC and got.status in (400, 401, 403):
        return (
            f"The request is authentic, but your app rejected it with {got.status}. "
            "Look at what it verifies: the bytes of request.get_data(), not "
            "re-serialised JSON, with the same secret and header as here."
        )
    if finding.outcome not in (AUTHENTIC, UNCHECKED) and finding.scheme and good:
        return (
            f"Your app acknowledged a request that is not authentic "
            f"({finding.outcome}). Anyone who knows the address could have sent it."
        )
    return ""


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
