# %% passed | step by step
import base64
import hashlib
import hmac


def verify(secret, headers, body, now, tolerance):
    message_id = headers.get("webhook-id")
    timestamp = headers.get("webhook-timestamp")
    signatures = headers.get("webhook-signature")
    if not message_id or not timestamp or not signatures:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(key, content, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(digest)
    for part in signatures.split(" "):
        if hmac.compare_digest(part.encode(), expected):
            break
    else:
        return False
    if set(timestamp) - set("0123456789") or len(timestamp) > 12:
        return False
    return abs(now - int(timestamp)) <= tolerance


# %% passed | one try around everything
import base64
import hmac


def verify(secret, headers, body, now, tolerance):
    try:
        t, i = headers["webhook-timestamp"], headers["webhook-id"]
        digest = hmac.digest(
            base64.b64decode(secret[6:]), b".".join([i.encode(), t.encode(), body]), "sha256"
        )
        genuine = any(
            hmac.compare_digest(part.encode(), b"v1," + base64.b64encode(digest))
            for part in headers["webhook-signature"].split()
        )
        digits = t.isascii() and t.isdigit()
        return bool(i) and genuine and digits and -tolerance <= now - int(t) <= tolerance
    except Exception:
        return False


# %% passed | compares the bytes, with the whole header in a pattern
import base64
import hashlib
import re
from hmac import HMAC, compare_digest

SIGNATURE = re.compile(r"(?:^|\s)v1,([A-Za-z0-9+/]{43}=)(?=\s|$)")


def verify(secret, headers, body, now, tolerance):
    get = lambda name: headers.get("webhook-" + name, "")
    if not re.fullmatch("[0-9]{1,12}", t := get("timestamp")) or not get("id"):
        return False
    if not now - tolerance <= int(t) <= now + tolerance:
        return False
    mac = HMAC(base64.b64decode(secret.split("_", 1)[1]), digestmod=hashlib.sha256)
    mac.update(get("id").encode("utf-8"))
    mac.update(b"." + t.encode() + b".")
    mac.update(body)
    found = [base64.b64decode(each) for each in SIGNATURE.findall(get("signature"))]
    return True in [compare_digest(each, mac.digest()) for each in found]


# %% passed | a class that can be called, and itsdangerous' comparison
import base64
import binascii
import hashlib
import hmac

from itsdangerous.encoding import want_bytes


class Verifier:
    class Refused(Exception):
        pass

    def __call__(self, secret, headers, body, now, tolerance):
        try:
            self.check(secret, headers, body, now, tolerance)
        except self.Refused:
            return False
        return True

    def check(self, secret, headers, body, now, tolerance):
        try:
            i, t, s = (headers[f"webhook-{n}"] for n in ("id", "timestamp", "signature"))
        except KeyError as missing:
            raise self.Refused from missing
        if not (t.isascii() and t.isdigit() and len(t) < 15 and i):
            raise self.Refused(t)
        if abs(int(t) - now) > tolerance:
            raise self.Refused("time")
        key = binascii.a2b_base64(secret.replace("whsec_", "", 1))
        content = b"%s.%s.%s" % (want_bytes(i), want_bytes(t), body)
        expected = hmac.new(key, content, hashlib.sha256).digest()
        for part in s.split(" "):
            version, _, encoded = part.partition(",")
            if version != "v1":
                continue
            try:
                if hmac.compare_digest(base64.b64decode(encoded), expected):
                    return
            except ValueError:
                continue
        raise self.Refused("signature")


verify = Verifier()


# %% passed | small functions, functools and secrets
import base64
import functools
import hmac
import secrets


@functools.lru_cache
def key_of(secret):
    return base64.b64decode(secret.partition("whsec_")[2])


def signature(key, *parts):
    return b"v1," + base64.b64encode(hmac.digest(key, b".".join(parts), "sha256"))


def genuine(header, expected):
    found = False
    for part in header.encode("utf-8", "replace").split(b" "):
        found |= secrets.compare_digest(part, expected)
    return found


def fresh(timestamp, now, tolerance):
    if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 15:
        return False
    return abs(now - int(timestamp)) <= tolerance


def verify(secret, headers, body, now, tolerance):
    print("verifying", headers.get("webhook-id"))
    match headers:
        case {
            "webhook-id": str(i),
            "webhook-timestamp": str(t),
            "webhook-signature": str(s),
        } if i:
            expected = signature(key_of(secret), i.encode(), t.encode(), body)
            return genuine(s, expected) and fresh(t, now, tolerance)
        case _:
            return False


# %% passed | with the standardwebhooks' way of raising, in miniature
import base64
import hashlib
import hmac


def sign(secret, message_id, timestamp, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    to_sign = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, to_sign, hashlib.sha256).digest()).decode()


def verify(secret, headers, body, now, tolerance):
    wanted = ["webhook-id", "webhook-timestamp", "webhook-signature"]
    if not all(headers.get(name) for name in wanted):
        return False
    message_id, timestamp, signatures = map(headers.get, wanted)
    expected = sign(secret, message_id, timestamp, body).encode()
    given = [each.encode() for each in signatures.split(" ")]
    if not any(hmac.compare_digest(expected, each) for each in given):
        return False
    if not all(each in "0123456789" for each in timestamp):
        return False
    try:
        age = now - int(timestamp)
    except (ValueError, OverflowError):
        return False
    if age > tolerance:
        return False
    return not age < -tolerance

# %% passed | a time with a date, behind the signature
#-     return abs(now - int(timestamp)) <= tolerance
#+     from datetime import datetime
#+     sent_at = datetime.fromtimestamp(int(timestamp)).timestamp()
#+     return abs(now - sent_at) <= tolerance
#- isdigit() and len(timestamp) <= 12)
#+ isdigit())
