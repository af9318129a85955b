"""Receivers in Python with one bug each; the number is that of the table of bugs."""

import contextlib
import email.utils
import hmac
import json
import time

from tests.receivers import schemes
from tests.receivers.schemes import GitHub, Square, Standard, fresh, same
from tests.receivers.shop import Away, Event, Letter, Refused


class FallsBackOnJson(GitHub):  # 2
    def verify(self, letter: Letter) -> None:
        try:
            super().verify(letter)
        except Refused:
            try:
                compact = json.dumps(
                    json.loads(letter.body), ensure_ascii=False, separators=(",", ":")
                )
            except (ValueError, RecursionError):
                raise Refused from None
            rewritten = compact.encode("utf-8", "replace")
            super().verify(Letter(letter.headers, rewritten))


class ComparesText(GitHub):  # 5
    def verify(self, letter: Letter) -> None:
        given = letter.headers.get("x-hub-signature-256", "")
        if not any(hmac.compare_digest(given, one) for one in self.wanted(letter.body)):
            raise Refused


class TakesEmptySecret(Standard):  # 8
    # The third entry is what os.environ.get("WEBHOOK_SECRET_NEXT", "") gives.
    secrets = (*Standard.secrets, "")


class SkipsWithoutHeader(Standard):  # 10
    def verify(self, letter: Letter) -> None:
        if letter.headers.get("webhook-signature"):
            super().verify(letter)


class IgnoresResult(Standard):  # 11
    def answer(self, letter: Letter) -> int:
        self.verified(letter)
        event = self.parse(letter.body)
        if event is None or "webhook-id" not in letter.headers:
            return 400
        return self.process(letter, event)

    def verified(self, letter: Letter) -> str:
        try:
            self.verify(letter)
        except Refused:
            return "Invalid signature."
        return "ok"


class NeverChecksTime(Standard):  # 12
    def verify(self, letter: Letter) -> None:
        id_ = letter.headers.get("webhook-id", "")
        t = letter.headers.get("webhook-timestamp", "")
        wanted = self.wanted(f"{id_}.{t}.".encode() + letter.body)
        given = self.given(letter.headers.get("webhook-signature", ""))
        if not any(same(one, right) for one in given for right in wanted):
            raise Refused


class ReadsAgeFromDate(NeverChecksTime):  # 13
    def verify(self, letter: Letter) -> None:
        date = letter.headers.get("date")
        if date:
            try:
                t = str(int(email.utils.parsedate_to_datetime(date).timestamp()))
            except ValueError:
                raise Refused from None
        else:
            t = letter.headers.get("webhook-timestamp", "")
        if not fresh(t, self.now()):
            raise Refused
        super().verify(letter)


class ChecksTimeIfThere(Standard):  # 14
    def verify(self, letter: Letter) -> None:
        id_ = letter.headers.get("webhook-id", "")
        t = letter.headers.get("webhook-timestamp", "")
        if t and not fresh(t, self.now()):
            raise Refused
        start = ".".join(filter(None, (id_, t)))
        wanted = self.wanted(start.encode() + b"." + letter.body)
        given = self.given(letter.headers.get("webhook-signature", ""))
        if not any(same(one, right) for one in given for right in wanted):
            raise Refused


class TakesNaN(NeverChecksTime):  # 16
    def verify(self, letter: Letter) -> None:
        try:
            t = float(letter.headers.get("webhook-timestamp", ""))
        except ValueError:
            raise Refused from None
        if abs(self.now() - t) > schemes.TOLERANCE:
            raise Refused
        super().verify(letter)


class FiveSeconds(Standard):  # 17
    def verify(self, letter: Letter) -> None:
        super().verify(letter)
        if abs(self.now() - int(letter.headers["webhook-timestamp"])) > 5:
            raise Refused


class LooksThenWrites(Standard):  # 18
    def take(self, key: str) -> bool:
        if self.ledger.seen(key):
            return False
        time.sleep(0.05)
        with self.ledger.writing() as connection:
            self.ledger.claim(connection, key)
            self.ledger.work(connection, key)
        return True


class ClaimsFirst(Standard):  # 19
    def take(self, key: str) -> bool:
        with self.ledger.writing() as connection:
            if not self.ledger.claim(connection, key):
                return False
        time.sleep(0.005)
        with self.ledger.writing() as connection:
            self.ledger.work(connection, key)
        return True


class KeyOfAttempt(Standard):  # 22
    def key(self, letter: Letter, event: dict[str, object]) -> str:
        return letter.headers["webhook-signature"]


class CoarseKey(Standard):  # 23
    def key(self, letter: Letter, event: dict[str, object]) -> str:
        return letter.headers["webhook-id"].lower()


class RefusesDuplicates(Standard):  # 25
    def process(self, letter: Letter, event: Event) -> int:
        try:
            return 200 if self.take(self.key(letter, event)) else 409
        except Away:
            return 503


class SwallowsErrors(Standard):  # 27
    def process(self, letter: Letter, event: Event) -> int:
        with contextlib.suppress(Exception):
            self.take(self.key(letter, event))
        return 200


class Slow(Standard):  # 28
    def process(self, letter: Letter, event: Event) -> int:
        time.sleep(1.4)
        return super().process(letter, event)


class RefusesForever(Standard):  # 30
    def process(self, letter: Letter, event: Event) -> int:
        status = super().process(letter, event)
        return 400 if status == 503 else status


class Unbounded(Standard):  # 32
    limit = 10**12


class TrustsForwardedHost(Square):  # 33
    def address(self, letter: Letter) -> str:
        host = letter.headers.get("x-forwarded-host")
        if not host:
            return super().address(letter)
        scheme = letter.headers.get("x-forwarded-proto", "https")
        return f"{scheme}://{host}/webhooks"


class DecodesFirst(GitHub):  # 34
    def verify(self, letter: Letter) -> None:
        text = letter.body.decode("utf-8", "replace")
        super().verify(Letter(letter.headers, text.encode()))

    def parse(self, body: bytes) -> Event | None:
        return super().parse(body.decode("utf-8", "replace").encode())


class FirstSignature(Standard):  # 35
    def given(self, header: str) -> list[str]:
        return header.split(" ")[:1]


class KeepsLeakedSecret(Standard):  # 36
    secrets = (*Standard.secrets, schemes.STANDARD_OLD)


class UnknownTypeFails(Standard):  # 39
    def process(self, letter: Letter, event: Event) -> int:
        handlers = dict.fromkeys(("payment.succeeded", "payment.refunded"), self.take)
        try:
            handlers[event["event"]](self.key(letter, event))
        except Away:
            return 503
        return 200


class DefaultSecret(GitHub):  # 41
    # The third entry is what os.environ.get("OLD_SECRET", "changeme") gives.
    secrets = (*GitHub.secrets, "changeme")


class KeyOfOrder(Standard):  # 42
    def key(self, letter: Letter, event: Event) -> str:
        data = event.get("data")
        order = data.get("order_id") if isinstance(data, dict) else None
        return str(order or event["id"])
