"""What an inbox keeps of one request."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from labkit.model import Headers, Request

REMEMBERED_RESPONSE = 64_000
"""How many bytes of a response's body an inbox keeps."""


@dataclass(slots=True, eq=False)
class Returned:
    """What an app returned: its headers, and its body as far as it has been sent."""

    headers: Headers = ()
    size: int = 0
    _kept: bytearray = field(default_factory=bytearray, repr=False)

    @property
    def body(self) -> bytes:
        """The beginning of the body."""
        return bytes(self._kept)

    def note(self, part: bytes) -> None:
        """Keep a part of the body that is being sent."""
        self.size += len(part)
        self._kept += part[: max(0, REMEMBERED_RESPONSE - len(self._kept))]

    def passing(self, parts: Iterable[bytes]) -> Iterable[bytes]:
        """Return the parts of a body, which are noted as they are sent."""
        if isinstance(parts, list | tuple):  # a server counts these
            for part in parts:
                self.note(part)
            return parts
        return _Passing(parts, self)


class _Passing:
    """The parts of a body on their way to the server."""

    def __init__(self, parts: Iterable[bytes], returned: Returned) -> None:
        self._parts = parts
        self._returned = returned

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            self._returned.note(part)
            yield part

    def close(self) -> None:
        """Close what the app returned, as a server does at the end."""
        close: Callable[[], object] | None = getattr(self._parts, "close", None)
        if close is not None:
            close()


@dataclass(frozen=True, slots=True)
class Received:
    """One request in an inbox.

    `status` is what the app answered, `seconds` how long it took, `printed` what it
    printed meanwhile. `error` is the exception that it let out, or None. `number`
    counts a receiver's requests from 1, in the order in which they were answered; `at`
    is when it came, in seconds since the Unix epoch. `resend_of` is the number of the
    request that the inspector sent again, or None for one from outside. `returned` is
    what the app returned, or None if that is not known; `planned` says that the
    inspector returned it instead of the app.
    """

    request: Request
    status: int
    seconds: float
    printed: str
    error: BaseException | None
    number: int = 0
    at: float = 0.0
    resend_of: int | None = None
    returned: Returned | None = field(default=None, compare=False)
    planned: bool = False
