"""How the receivers in Python verify, written from the providers' pages."""

import base64
import contextlib
import hashlib
import hmac
import re
import threading
import time
from pathlib import Path

from tests.receivers.shop import Away, Letter, Refused, Shop

STANDARD = "whsec_" + base64.b64encode(b"the first key of the receivers!!").decode()
STANDARD_2 = "whsec_" + base64.b64encode(b"the second key of the receivers!").decode()
STANDARD_OLD = "whsec_" + base64.b64encode(b"a leaked key, no longer valid!!!").decode()
STRIPE = "whsec_ReceiversOfTheTests1"
STRIPE_2 = "whsec_ReceiversOfTheTests2"
STRIPE_OLD = "whsec_ReceiversOfTheTests0"
TEXT = "a text that only both sides know"
TEXT_2 = "another text that both sides know"
TEXT_OLD = "a text that leaked last year"
URL = "https://shop.example/webhooks"

TOLERANCE = 300


def sha256(key: bytes, content: bytes) -> bytes:
    return hmac.new(key, content, hashlib.sha256).digest()


def same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def fresh(t: str, now: float) -> bool:
    if not re.fullmatch("[0-9]{1,15}", t, re.ASCII):
        return False
    return -TOLERANCE <= now - int(t) <= TOLERANCE


class Standard(Shop):
    """Standard Webhooks: id, time and body; a list of signatures."""

    secrets: tuple[str, ...] = (STANDARD, STANDARD_2)

    def verify(self, letter: Letter) -> None:
        id_ = letter.headers.get("webhook-id", "")
        t = letter.headers.get("webhook-timestamp", "")
        if not id_ or "." in id_ or not fresh(t, self.now()):
            raise Refused
        wanted = self.wanted(f"{id_}.{t}.".encode() + letter.body)
        given = self.given(letter.headers.get("webhook-signature", ""))
        if not any(same(one, right) for one in given for right in wanted):
            raise Refused

    def wanted(self, content: bytes) -> list[str]:
        keys = [base64.b64decode(s.removeprefix("whsec_")) for s in self.secrets]
        return ["v1," + base64.b64encode(sha256(key, content)).decode() for key in keys]

    def given(self, header: str) -> list[str]:
        return header.split(" ")

    def key(self, letter: Letter, event: dict[str, object]) -> str:
        return letter.headers["webhook-id"]


class GitHub(Shop):
    """GitHub: the body alone; the id of the event is in the body."""

    secrets: tuple[str, ...] = (TEXT, TEXT_2)

    def verify(self, letter: Letter) -> None:
        given = letter.headers.get("x-hub-signature-256", "")
        if not any(same(given, one) for one in self.wanted(letter.body)):
            raise Refused

    def wanted(self, content: bytes) -> list[str]:
        return ["sha256=" + sha256(s.encode(), content).hex() for s in self.secrets]


class Stripe(Shop):
    """Stripe: time and body, in one header."""

    secrets: tuple[str, ...] = (STRIPE, STRIPE_2)

    def verify(self, letter: Letter) -> None:
        header = letter.headers.get("stripe-signature", "")
        parts = [part.partition("=") for part in header.split(",")]
        times = [value for name, _, value in parts if name == "t"]
        given = [value for name, _, value in parts if name == "v1"]
        if len(times) != 1 or not fresh(times[0], self.now()):
            raise Refused
        content = f"{times[0]}.".encode() + letter.body
        wanted = [sha256(s.encode(), content).hex() for s in self.secrets]
        if not any(same(one, right) for one in given for right in wanted):
            raise Refused


class QueueingStripe(Stripe):
    """The same, which stores an event, acknowledges, and works it off afterwards."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        with self.ledger.open() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS queue (id TEXT)")
        threading.Thread(target=self.work_off, daemon=True).start()

    def take(self, key: str) -> bool:
        with self.ledger.writing() as connection:
            if not self.ledger.claim(connection, key):
                return False
            connection.execute("INSERT INTO queue VALUES (?)", (key,))
            return True

    def work_off(self) -> None:
        while True:
            with contextlib.suppress(Away), self.ledger.writing() as connection:
                rows = connection.execute("SELECT id FROM queue LIMIT 20").fetchall()
                for (key,) in rows:
                    self.ledger.work(connection, key)
                    connection.execute("DELETE FROM queue WHERE id = ?", (key,))
            time.sleep(0.1)


class Square(Shop):
    """Square: the URL that is configured, and the body."""

    secrets: tuple[str, ...] = (TEXT, TEXT_2)

    def verify(self, letter: Letter) -> None:
        given = letter.headers.get("x-square-hmacsha256-signature", "")
        content = self.address(letter).encode() + letter.body
        wanted = [
            base64.b64encode(sha256(s.encode(), content)).decode() for s in self.secrets
        ]
        if not any(same(given, one) for one in wanted):
            raise Refused

    def address(self, letter: Letter) -> str:
        return URL
