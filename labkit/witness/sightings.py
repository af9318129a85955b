"""One request as it arrived, with its times."""

from dataclasses import dataclass

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """The bytes of one request, parsed no further than HTTP demands.

    `raw` holds the head as it was received; `headers` keeps order and spelling.
    """

    method: str
    target: str
    headers: Headers
    body: bytes
    raw: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the first header of that name in any case, or None."""
        wanted = name.lower()
        return next((v for k, v in self.headers if k.lower() == wanted), None)

    @property
    def everything(self) -> bytes:
        """All bytes that the sender chose: the head and the body."""
        raw = self.raw or "".join(f"{k}: {v}\r\n" for k, v in self.headers).encode()
        return raw + self.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One request that reached the witness, and how its exchange went on.

    `path` is the endpoint's and `mark` that of the event, empty where none was found.
    `number` counts the requests for that mark at that path, from 1. `connected`,
    `began` (first byte), `ended` (last byte of the request) and `closed` are in
    seconds of the witness's clock; `closed` is None while the exchange goes on.
    `taken` counts the bytes of the response that the sender's side accepted.
    `finished` is true once the response was sent whole and the sender has read it
    without resetting the connection. `behaviour` says what the endpoint did.
    """

    path: str
    mark: str
    number: int
    request: Request
    connected: float
    began: float
    ended: float
    closed: float | None = None
    taken: int = 0
    finished: bool = False
    behaviour: str = ""
