"""The witness without sockets: a transport for a sender in process, in virtual time."""

from collections.abc import Iterator, Mapping

from labkit.errors import ConnectionLost, ConnectionRefused, TimedOut
from labkit.witness.behaviours import RESET, Behaviour, Step
from labkit.witness.sightings import Request
from labkit.witness.witness import Endpoint, Witness

BASE = "http://endpoint.test"


class VirtualClock:
    """Seconds that pass only when someone says so."""

    def __init__(self, start: float = 1_780_000_000.0) -> None:
        self.time = start

    def __call__(self) -> float:
        """Return the time."""
        return self.time


class Reply:
    """A response whose body is read piece by piece, in virtual time.

    `status` and `headers` are there at once. `read` raises TimedOut when the next
    bytes come later than the timeout that the sender gave, as a socket does.
    """

    def __init__(
        self, wire: "_Wire", status: int, headers: tuple[tuple[str, str], ...]
    ) -> None:
        self._wire, self.status, self.headers = wire, status, headers

    def header(self, name: str) -> str | None:
        """Return the first header of that name in any case, or None."""
        wanted = name.lower()
        return next((v for k, v in self.headers if k.lower() == wanted), None)

    def read(self, most: int = -1) -> bytes:
        """Read up to `most` bytes, or to the end if it is negative."""
        return self._wire.read(most)

    def close(self) -> None:
        """Close the connection, whatever is left to read."""
        self._wire.close()


class InProcessServer:
    """What `Server` is on sockets; `post` is the transport that the sender uses."""

    host, port = "endpoint.test", 80

    def __init__(self, witness: Witness, clock: VirtualClock) -> None:
        self.witness, self._clock = witness, clock
        self.base = BASE
        self.handshakes: list[str] = []
        self.strays: list[tuple[str, Request]] = []

    def endpoint(self, name: str, *script: Behaviour) -> Endpoint:
        """Add a path that plays the script; its `url` leads here."""
        added = self.witness.endpoint(name, *script)
        added.url = BASE + added.path
        return added

    def close(self) -> None:
        """Do nothing; there is no socket."""

    def drop(self) -> None:
        """Do nothing; an exchange is over before `post` returns."""

    def post(
        self, url: str, *, headers: Mapping[str, str], body: bytes, timeout: float
    ) -> Reply:
        """Send one request and return the reply once its head has arrived.

        `timeout` bounds each wait for bytes, in seconds, and not the whole. Raises
        TimedOut, ConnectionLost or ConnectionRefused.
        """
        pairs = tuple(headers.items())
        raw = "".join(f"{name}: {value}\r\n" for name, value in pairs).encode()
        if not url.startswith(BASE + "/"):
            self.strays.append((url, Request("POST", url, pairs, body, raw)))
            raise ConnectionRefused(f"nobody listens at {url}")
        request = Request("POST", url.removeprefix(BASE), pairs, body, raw)
        now = self.witness.now()
        index, behaviour = self.witness.arrive(request, connected=now, began=now)
        wire = _Wire(self.witness, self._clock, index, behaviour.steps(), timeout)
        return wire.reply()


class _Wire:
    def __init__(
        self,
        witness: Witness,
        clock: VirtualClock,
        index: int,
        steps: Iterator[Step],
        timeout: float,
    ) -> None:
        self._witness, self._clock, self._index = witness, clock, index
        self._steps, self._timeout = steps, timeout
        self._ready = b""
        self._taken = 0
        self._over = False

    def reply(self) -> Reply:
        head = b""
        while b"\r\n\r\n" not in head:
            more = self._next()
            if not more:
                self.close()
                raise ConnectionLost("the connection ended before the response")
            head += more
        raw, _, self._ready = head.partition(b"\r\n\r\n")
        first, *lines = raw.decode("latin-1").split("\r\n")
        if not first.startswith("HTTP/1."):
            self.close()
            raise ConnectionLost("the response is not HTTP")
        pairs = (line.partition(":") for line in lines)
        headers = tuple((name, value.strip()) for name, _, value in pairs)
        return Reply(self, int(first.split(" ")[1]), headers)

    def read(self, most: int) -> bytes:
        read = self._ready
        while most < 0 or len(read) < most:
            more = self._next()
            if not more:
                break
            read += more
        cut = len(read) if most < 0 else most
        self._ready = read[cut:]
        return read[:cut]

    def close(self) -> None:
        self._end(finished=False)

    def _next(self) -> bytes:
        waited = 0.0
        while not self._over:
            step = next(self._steps, None)
            if step is None:
                self._end(finished=True)
                break
            if step == RESET:
                self._end(finished=False)
                raise ConnectionLost("the connection was reset")
            if isinstance(step, bytes):
                self._taken += len(step)
                return step
            waited += float(step)
            if waited > self._timeout:
                self._clock.time += self._timeout
                self._end(finished=False)
                raise TimedOut(f"no bytes within {self._timeout:g} s")
            self._clock.time += float(step)
        return b""

    def _end(self, *, finished: bool) -> None:
        if not self._over:
            self._over = True
            self._witness.amend(
                self._index,
                taken=self._taken,
                finished=finished,
                closed=self._witness.now(),
            )
