"""Send captured requests again, and compare the responses with those of another run."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from labkit.errors import BadSetting, NoAnswer
from labkit.inbox import Received
from labkit.model import Request
from labkit.redaction import HIDDEN
from labkit.signing import Scheme
from labkit.signing.embedded import IN_BODY
from labkit.signing.query import into_query, out_of_query
from labkit.transport import HttpTransport, transport_to

LONGEST_BODY = 2_000
"""How many characters of a response's body are kept for the comparison."""

_OWN = ("host", "content-length", "connection", "transfer-encoding", "accept-encoding")
"""Headers that belong to the connection and not to the request."""


@dataclass(frozen=True, slots=True)
class Response:
    """What came back for one captured request; a status of None means: nothing.

    `problem` then says why. `body` is the beginning of the response's text.
    """

    number: int
    status: int | None
    body: str
    problem: str = ""

    def __str__(self) -> str:
        return f"{self.status or self.problem}"


@dataclass(frozen=True, slots=True)
class Signing:
    """How to sign requests again: a scheme, its secret, and the time for them."""

    scheme: Scheme
    secret: str
    clock: Callable[[], float] = time.time

    def __call__(self, request: Request, url: str) -> Request:
        """Return the request with the scheme's headers made again."""
        scheme = self.scheme
        if scheme.signature_header.startswith(IN_BODY):
            raise BadSetting(
                f"{scheme.name} signs inside the body, so a captured request can't be "
                "signed again; replay it as it was captured"
            )
        names = (scheme.id_header, scheme.timestamp_header, scheme.signature_header)
        more = (*scheme.weaker_headers, *scheme.describe(request.body))
        old = {name.lower() for name in (*names, *more) if name}
        kept = tuple(pair for pair in request.headers if pair[0].lower() not in old)
        id_ = (request.header(scheme.id_header) or "") if scheme.id_header else ""
        signed = scheme.sign(
            request.body,
            secret=self.secret,
            id=id_ or "evt_replayed",
            timestamp=int(self.clock()),
            url=url,
        )
        path = out_of_query(request.path, scheme.signature_header)
        path, rest = into_query(scheme.target(path, request.body), signed)
        return Request(request.method, path, kept + tuple(rest.items()), request.body)


def replay(
    captured: Iterable[Received],
    url: str,
    *,
    timeout: float,
    signing: Signing | None = None,
) -> Iterator[Response]:
    """Send the requests to the URL one after the other, and yield each response.

    Without `signing` the bytes and headers are those that were captured. A URL without
    a path keeps the path of each request. `timeout` is in seconds for each request.
    """
    for got in captured:
        transport, path = transport_to(url, path=got.request.path)
        request = _sendable(got.request, path)
        try:
            if signing is not None:
                request = signing(request, transport.base + path)
            answer = transport.send(request, timeout=timeout)
        except NoAnswer as error:
            yield Response(got.number, None, "", str(error))
        else:
            text = answer.body.decode("utf-8", "replace")[:LONGEST_BODY]
            yield Response(got.number, answer.status, text)
        finally:
            if isinstance(transport, HttpTransport):
                transport.close()


def differences(now: Iterable[Response], before: Iterable[Response]) -> Iterator[str]:
    """Say for each request whose response is another than in the run before."""
    earlier = {response.number: response for response in before}
    for response in now:
        last = earlier.get(response.number)
        if last is None:
            yield f"#{response.number}: new, {response}"
        elif last.status != response.status:
            yield f"#{response.number}: {last} before, {response} now"
        elif last.body != response.body:
            yield (
                f"#{response.number}: {response} as before, with another body: "
                f"{last.body!r:.60} before, {response.body!r:.60} now"
            )


def as_lines(responses: Iterable[Response]) -> str:
    """Write the responses of a run as JSON lines."""
    return "".join(
        json.dumps(
            {
                "number": each.number,
                "status": each.status,
                "body": each.body,
                "problem": each.problem,
            },
            ensure_ascii=False,
        )
        + "\n"
        for each in responses
    )


def from_lines(text: str) -> list[Response]:
    """Read the responses that `as_lines` wrote. Raises BadSetting."""
    try:
        return [Response(**json.loads(line)) for line in text.split("\n") if line]
    except (ValueError, TypeError) as error:
        raise BadSetting(
            f"the responses of the last run cannot be read ({error}); delete the file"
        ) from error


def _sendable(request: Request, path: str) -> Request:
    headers = tuple(
        (name, value)
        for name, value in request.headers
        if name.lower() not in _OWN and value != HIDDEN
    )
    return Request(request.method, path, headers, request.body)
