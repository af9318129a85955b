"""What can go wrong in the kit, as one tree with one root.

    LabError                        everything the kit raises on purpose
    ├── VerificationError           a request is not authentic
    │   ├── SignatureMissing        a header that the scheme needs is not there
    │   ├── SignatureMalformed      a header is present and can't be read
    │   ├── SignatureMismatch       the signature belongs to other bytes or another key
    │   └── TimestampOutOfTolerance the request is too old, or from the future
    ├── NoAnswer                    an attempt ended without a response
    │   ├── ConnectionRefused       nobody listens at that address
    │   ├── ConnectionLost          the connection broke before the response was whole
    │   └── TimedOut                no response within the sender's timeout
    ├── BadSecret                   a secret has not the form that its scheme asks for
    ├── UnknownName                 no scheme, profile, fault or exercise of that name
    ├── BadSetting                  a setting has a value that is not allowed
    ├── PortTaken                   another program listens on the wanted port
    ├── NoTunnel                no public URL can be had here
    ├── AppNotLoaded                a Flask app could not be imported or is none
    ├── NotebookStale               a notebook and its source disagree
    └── ProgressUnreadable          a file is not an exported progress file

Every message states the facts and the remedy; the facts are kept as attributes too.
Where a learner calls the kit, `shown_plainly` cuts the kit's own lines off a
traceback, because the line to fix is the learner's.
"""

import difflib
import functools
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar


class LabError(Exception):
    """Anything the kit raises on purpose."""


class VerificationError(LabError):
    """A request is not authentic, and must not be processed."""


class SignatureMissing(VerificationError):
    """A header that the scheme needs is missing; `header` names it.

    `query:hmac` is a field in the query of the URL, `body:Signature` one in the body.
    """

    def __init__(self, header: str) -> None:
        self.header = header
        super().__init__(
            f"the request has no {_where(header)}; an unsigned request is rejected"
        )


class SignatureMalformed(VerificationError):
    """A header is present and can't be read; `header` and `value` are the evidence."""

    def __init__(self, header: str, value: str, wanted: str) -> None:
        self.header = header
        self.value = value
        self.wanted = wanted
        super().__init__(f"{header} is {_short(value)}; expected {wanted}")


class SignatureMismatch(VerificationError):
    """The signature belongs to other bytes or another key; `header` names it.

    `signed` says in words what the scheme signs, such as "body" or "URL and body".
    """

    def __init__(self, header: str, given: str, signed: str = "body") -> None:
        self.header = header
        self.given = given
        self.signed = signed
        super().__init__(
            f"{header} {_short(given)} does not match this {signed} with "
            f"any known secret; either the signed content changed in transit, or "
            "the secrets differ"
        )


class TimestampOutOfTolerance(VerificationError):
    """The request is too old or from the future.

    `age` is in seconds and negative for a request from the future; `tolerance` is the
    largest age, either way, that would have been accepted.
    """

    def __init__(self, age: float, tolerance: float) -> None:
        self.age = age
        self.tolerance = tolerance
        cause = (
            "the sender's clock is slow, or an old request was replayed"
            if age > 0
            else "the sender's clock is ahead of yours"
        )
        super().__init__(f"age {age:.0f} s, tolerance {tolerance:.0f} s; {cause}")


class NoAnswer(LabError):
    """An attempt ended without a response; the receiver may have done its work."""


class ConnectionRefused(NoAnswer):
    """Nothing listens at the address."""


class ConnectionLost(NoAnswer):
    """The connection broke before the response was whole."""


class TimedOut(NoAnswer):
    """No response came within the sender's timeout."""


class BadSecret(LabError):
    """A secret does not have the form that its scheme requires."""


class UnknownName(LabError):
    """No scheme, profile, fault or exercise of that name; `nearest` may be meant."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind = kind
        self.name = name
        self.known = sorted(known)
        close = difflib.get_close_matches(str(name), self.known, n=1, cutoff=0.55)
        self.nearest = close[0] if close else None
        meant = f" Did you mean {self.nearest!r}?" if self.nearest else ""
        super().__init__(
            f"there is no {kind} {name!r}.{meant} Known: {', '.join(self.known)}."
        )


class BadSetting(LabError):
    """A setting has a value that is not allowed."""


class PortTaken(LabError):
    """Another program listens on the wanted port; `port` is its number."""

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__(
            f"port {port} is used by another program; omit the port to "
            "get a free one, or stop that program"
        )


class NoTunnel(LabError):
    """No public URL can be had here; the message says why and what to do instead."""


class AppNotLoaded(LabError):
    """A Flask app could not be imported, or what was given is none."""


class NotebookStale(LabError):
    """A notebook and its source disagree, or another version of the kit wrote it."""


class ProgressUnreadable(LabError):
    """A file is not an exported progress file, or this kit can't read it."""


P = ParamSpec("P")
R = TypeVar("R")


def shown_plainly(function: Callable[P, R]) -> Callable[P, R]:
    """Make a kit function whose errors show the caller's lines and one of the kit's."""

    @functools.wraps(function)
    def plain(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except LabError as error:
            raise error.with_traceback(None) from None

    return plain


def _where(header: str) -> str:
    """Name the place of a signature; some are in the query or in the body."""
    place, colon, name = header.partition(":")
    places = {"query": "the query of its URL", "body": "its body"}
    return f"{name} in {places[place]}" if colon else f"{header} header"


def _short(value: str, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…'"
