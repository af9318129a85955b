"""What the headers of a request claim: the scheme, the id and the time."""

import random
import re
from collections.abc import Sequence

from labkit.errors import BadSecret, BadSetting
from labkit.model import Request
from labkit.signing import PROVIDERS, SCHEMES, Scheme, scheme_named

_TIME_IN_SIGNATURE = re.compile(r"(?:^|[,;])\s*ts?=(\d{1,20})", re.ASCII)


def scheme_of(request: Request, wanted: str | None) -> Scheme | None:
    """Return the wanted scheme, or else the one whose header is there, or None."""
    if wanted is not None:
        return scheme_named(wanted)
    names = {name.lower() for name, _ in request.headers}
    others = (scheme for scheme in PROVIDERS.values() if scheme.layout is not None)
    return next(
        (
            scheme
            for scheme in (*SCHEMES.values(), *others)
            if scheme.signature_header.lower() in names
        ),
        None,
    )


def fitting(scheme: Scheme, secrets: Sequence[str]) -> list[str]:
    """Return the secrets that have the scheme's form."""
    found = []
    for secret in secrets:
        try:
            scheme.receiver_secret(secret)
        except (BadSecret, BadSetting):
            continue
        found.append(secret)
    return found


def any_secret(scheme: Scheme) -> str:
    """Make up a secret, to find out whether the headers can be read at all."""
    return scheme.receiver_secret(scheme.make_secret(random.Random(0)))


def id_of(request: Request, scheme: Scheme) -> str:
    """Return the id that the scheme signs, or an empty text."""
    for name in (scheme.id_header, "webhook-id"):
        if name and (value := request.header(name)):
            return value
    return ""


def time_of(request: Request, scheme: Scheme) -> str:
    """Return the time that the scheme signs, as it stands there, or an empty text."""
    if scheme.timestamp_header == scheme.signature_header:
        found = _TIME_IN_SIGNATURE.search(request.header(scheme.signature_header) or "")
        return found[1] if found else ""
    for name in (scheme.timestamp_header, "webhook-timestamp"):
        if name and (value := request.header(name)):
            return value
    return ""


def any_time(request: Request, given: str = "") -> str:
    """Return what looks like the time of a scheme that the kit does not know.

    `given` is the signature header's value, which may hold it as `t=`.
    """
    if found := _TIME_IN_SIGNATURE.search(given):
        return found[1]
    return next(
        (
            value
            for name, value in request.headers
            if "timestamp" in name.lower() or name.lower().endswith("-time")
        ),
        "",
    )


def any_id(request: Request) -> str:
    """Return what looks like the id of a scheme that the kit does not know."""
    return next(
        (value for name, value in request.headers if name.lower().endswith("-id")), ""
    )
