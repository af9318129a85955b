"""Captured requests of six kinds: the five incidents of the lab, and many others."""

import base64
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from labkit.errors import LabError
from labkit.model import LAB_EPOCH, Event
from labkit.samples import payments
from labkit.signing import SCHEMES

Capture = dict[str, Any]

WORDS = ("wrong secret", "re-serialised", "stale", "doubled", "slow", "healthy")
"""The six words, in the order in which they are asked for."""

TOLERANCE = 300
"""How far the two clocks may be apart, in seconds."""

_STANDARD = SCHEMES["standard"]


def fits(capture: Capture, body: bytes) -> bool:
    """Return whether the signature of a captured request matches a body.

    The signature is taken from the capture's headers and the secret from the capture;
    the time is not checked.
    """
    headers = capture["headers"]
    try:
        _STANDARD.verify(
            body,
            headers,
            secrets=[capture["secret"]],
            now=float(headers["webhook-timestamp"]),
        )
    except (LabError, KeyError, ValueError):
        return False
    return True


def incidents() -> dict[str, Capture]:
    """Return the five captured incidents by the day on which they happened."""
    make = Maker(random.Random("a bad week"))
    return {
        "Monday": make.reserialised(error="signature does not match"),
        "Tuesday": make.wrong_secret(error="signature does not match"),
        "Wednesday": make.stale(error="request refused"),
        "Thursday": make.slow(error=""),
        "Friday": make.doubled(error=""),
    }


class Maker:
    """Makes captures of each kind; everything else in them is random."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._number = rng.randrange(100, 900)

    def healthy(self, **fields: Any) -> Capture:
        """Return a request with which nothing is wrong; `fields` replace its own."""
        secret = _STANDARD.make_secret(self._rng)
        signed_at = LAB_EPOCH + self._rng.randrange(30 * 86_400)
        event = self._event(signed_at)
        raw = self._rng.choice(_LAYOUTS)(event)
        capture = {
            "id": event.id,
            "secret": secret,
            "headers": self._headers(raw, secret, event.id, signed_at),
            "raw": raw,
            "checked": raw,
            "arrived_at": signed_at + round(self._rng.uniform(0.1, 4), 1),
            "seconds": round(self._rng.uniform(0.02, 0.9), 2),
            "timeout": self._rng.choice((3, 5, 10, 15, 30)),
            "status": self._rng.choice((200, 202, 204)),
            "error": self._rng.choice(("", "", "one pixel is missing in the logo")),
            "seen": self._ids(),
            "shipped": True,
        }
        return {**capture, **fields}

    def wrong_secret(self, **fields: Any) -> Capture:
        """Return a request that was signed with a secret other than the receiver's."""
        capture = self._refused(**fields)
        return {**capture, "secret": _STANDARD.make_secret(self._rng)}

    def reserialised(self, **fields: Any) -> Capture:
        """Return a request whose signature was checked over other bytes."""
        capture = self._refused(**fields)
        parsed = json.loads(capture["raw"])
        writings = [writing(parsed) for writing in _WRITINGS]
        others = [each for each in writings if each != capture["raw"]]
        return {**capture, "checked": self._rng.choice(others)}

    def stale(self, *, ahead: bool = False, **fields: Any) -> Capture:
        """Return a request from too long ago, or from too far `ahead`."""
        capture = self._refused(**fields)
        apart = self._rng.choice((300.5, 301, 400, 3_600, 40_000))
        signed_at = int(capture["headers"]["webhook-timestamp"])
        return {**capture, "arrived_at": signed_at + (-apart if ahead else apart)}

    def doubled(self, **fields: Any) -> Capture:
        """Return a request whose event had been handled before, and shipped again."""
        capture = self.healthy(**fields)
        return {**capture, "seen": [*capture["seen"], capture["id"]], "shipped": True}

    def slow(self, **fields: Any) -> Capture:
        """Return a request whose response came after the provider's timeout."""
        capture = self.healthy(**fields)
        late = self._rng.choice((0.1, 0.4, 1.5, 9))
        return {**capture, "seconds": round(capture["timeout"] + late, 2)}

    def _refused(self, **fields: Any) -> Capture:
        """Return a request that was refused; why is not said in its answer."""
        error = self._rng.choice(("bad signature", "refused", "not authentic", ""))
        status = self._rng.choice((400, 401, 403, 500))
        told = {"error": error, "status": status, "shipped": False}
        return self.healthy(**{**told, **fields})

    def _event(self, at: int) -> Event:
        self._number += self._rng.randrange(1, 9)
        first = payments(1, seed=self._number)[0]
        data = {**first.data, "order_id": f"A-{self._number}", "buyer": "Zoë"}
        return Event(first.type, data, id=first.id, created_at=at)

    def _ids(self) -> list[str]:
        return [f"evt_{self._rng.randrange(10_000, 99_999)}" for _ in range(2)]

    def _headers(
        self, raw: bytes, secret: str, event_id: str, signed_at: int
    ) -> dict[str, str]:
        signed = _STANDARD.sign(raw, secret=secret, id=event_id, timestamp=signed_at)
        return {name.lower(): value for name, value in dict(signed).items()}


def with_old_signature(capture: Capture) -> Capture:
    """Return the capture with a second signature, as in a rotation of secrets."""
    other = "v1," + base64.b64encode(bytes(32)).decode()
    headers = capture["headers"]
    both = f"{other} {headers['webhook-signature']}"
    return {**capture, "headers": {**headers, "webhook-signature": both}}


def sampled(kind: Callable[[Maker], Capture], count: int) -> Iterator[Capture]:
    """Yield so many captures of one kind, the same in every run."""
    for number in range(count):
        yield kind(Maker(random.Random(f"sample {number}")))


_LAYOUTS: tuple[Callable[[Event], bytes], ...] = (
    lambda event: event.body,
    lambda event: json.dumps(json.loads(event.body), indent=2).encode(),
    lambda event: event.body + b"\n",
)
"""How providers lay out their bodies: closely, over several lines, with an end."""

_WRITINGS: tuple[Callable[[Any], bytes], ...] = (
    lambda value: json.dumps(value).encode(),
    lambda value: json.dumps(value, separators=(",", ":")).encode(),
    lambda value: json.dumps(value, sort_keys=True).encode(),
    lambda value: json.dumps(value, ensure_ascii=False).encode(),
    lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(),
)
"""How receivers serialise again what they have parsed."""
