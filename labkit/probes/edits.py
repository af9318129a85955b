"""The same request with one thing changed."""

import dataclasses

from labkit.model import Headers, Request


def with_header(request: Request, name: str, value: str) -> Request:
    """Return the request with that header, in place of any of the same name."""
    return dataclasses.replace(
        request, headers=(*without(request, name).headers, (name, value))
    )


def without(request: Request, *names: str) -> Request:
    """Return the request without the headers of these names."""
    gone = {name.lower() for name in names}
    kept = tuple(pair for pair in request.headers if pair[0].lower() not in gone)
    return dataclasses.replace(request, headers=kept)


def with_body(request: Request, body: bytes) -> Request:
    """Return the request with other bytes under the same signature."""
    return dataclasses.replace(request, body=body)


def with_more(request: Request, more: Headers) -> Request:
    """Return the request with further headers, beside any of the same names."""
    return dataclasses.replace(request, headers=(*request.headers, *more))
