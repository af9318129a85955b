"""The same request with one thing changed."""

import dataclasses
import json
import urllib.parse

from labkit.model import Headers, Request
from labkit.probes.sample import FORM, Payload, at, compact, put
from labkit.signing.apple import token_in
from labkit.signing.embedded import IN_BODY
from labkit.signing.jwt import b64, object_in
from labkit.signing.query import IN_QUERY, from_query, into_query, out_of_query


def header_of(request: Request, name: str) -> str:
    """Return a header, or a part of query or body; empty if it is missing."""
    if name.startswith(IN_QUERY):
        return from_query(request.path).get(name, "")
    if not name.startswith(IN_BODY):
        return request.header(name) or ""
    found = at(_read(request), name.removeprefix(IN_BODY))
    return found if isinstance(found, str) else ""


def with_header(request: Request, name: str, value: str) -> Request:
    """Return the request with that header, instead of any of the same name."""
    if name.startswith(IN_QUERY):
        return with_more(without(request, name), ((name, value),))
    if name.startswith(IN_BODY):
        payload = _read(request)
        if at(payload, name.removeprefix(IN_BODY)) is None:
            return request
        put(payload, name.removeprefix(IN_BODY), value)
        return _with_payload(request, payload)
    return dataclasses.replace(
        request, headers=(*without(request, name).headers, (name, value))
    )


def without(request: Request, *names: str) -> Request:
    """Return the request without the headers of these names."""
    for name in names:
        if name.startswith(IN_BODY):
            request = _without_part(request, name.removeprefix(IN_BODY))
        path = out_of_query(request.path, name)
        request = dataclasses.replace(request, path=path)
    gone = {name.lower() for name in names}
    kept = tuple(pair for pair in request.headers if pair[0].lower() not in gone)
    return dataclasses.replace(request, headers=kept)


def _without_part(request: Request, path: str) -> Request:
    payload = _read(request)
    above, _, last = path.rpartition(".")
    place = at(payload, above) if above else payload
    if not isinstance(place, dict):
        return request
    place.pop(last, None)
    return _with_payload(request, payload)


def _token(request: Request) -> str:
    """Return the token that is the body, or in it, empty if there is none."""
    text = request.body.decode("utf-8", "replace")
    token = text if text.startswith("eyJ") else token_in(request.body)
    return token if token.count(".") == 2 else ""


def _is_form(request: Request) -> bool:
    return (request.header("Content-Type") or "").startswith(FORM)


def _with_payload(request: Request, payload: Payload) -> Request:
    if _is_form(request):
        return with_body(request, urllib.parse.urlencode(payload).encode())
    if old := _token(request):
        claims = b64(json.dumps(payload["claims"]).encode()).decode()
        new = ".".join((payload["head"], claims, payload.get("signature", "")))
        text = request.body.decode("utf-8", "replace").replace(old, new)
        return with_body(request, text.encode("utf-8", "replace"))
    return with_body(request, compact(payload))


def _read(request: Request) -> Payload:
    if _is_form(request):
        text = request.body.decode("utf-8", "replace")
        return dict(urllib.parse.parse_qsl(text, keep_blank_values=True))
    if token := _token(request):
        head, claims, signature = token.split(".")
        return {"head": head, "claims": object_in(claims), "signature": signature}
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        return None


def with_body(request: Request, body: bytes) -> Request:
    """Return the request with other bytes under the same signature."""
    return dataclasses.replace(request, body=body)


def with_more(request: Request, more: Headers) -> Request:
    """Return the request with more headers, beside any of the same names.

    A body has no second value of the same name, so parts of it are left out.
    """
    path = request.path
    for name, value in more:
        path, _ = into_query(path, {name: value})
    elsewhere = (IN_QUERY, IN_BODY)
    headers = tuple(pair for pair in more if not pair[0].startswith(elsewhere))
    return dataclasses.replace(request, path=path, headers=(*request.headers, *headers))


def bare(request: Request, method: str) -> Request:
    """Return the request with another method and no body."""
    return dataclasses.replace(request, method=method, body=b"")
