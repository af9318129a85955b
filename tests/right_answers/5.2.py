# %% passed | verify of 5.1 for each secret
import base64
import hmac


def verify(secret, headers, body, now, tolerance):
    i, t = headers.get("webhook-id"), headers.get("webhook-timestamp")
    if not i or not t:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
    expected = b"v1," + base64.b64encode(digest)
    parts = headers.get("webhook-signature", "").split(" ")
    if not any(hmac.compare_digest(part.encode(), expected) for part in parts):
        return False
    try:
        return abs(now - int(t)) <= 300
    except ValueError:
        return False


def verify_any(secrets, headers, body, now):
    return any(verify(secret, headers, body, now, 300) for secret in secrets)


# %% passed | a loop inside a loop, and every pair is compared
import base64
import hmac
import re


def verify_any(secrets, headers, body, now):
    try:
        i, t, s = (headers["webhook-" + n] for n in ("id", "timestamp", "signature"))
    except KeyError:
        return False
    if not i or not re.fullmatch(r"\d{1,12}", t, re.ASCII) or not -300 <= now - int(t) <= 300:
        return False
    found = False
    for secret in secrets:
        key = base64.b64decode(secret[len("whsec_") :])
        mac = hmac.new(key, f"{i}.{t}.".encode(), "sha256")
        mac.update(body)
        for part in s.split(" "):
            if part[:3] != "v1,":
                continue
            given = part[3:].encode("utf-8")
            found |= hmac.compare_digest(given, base64.b64encode(mac.digest()))
    return found


# %% passed | products of both lists, decoded, with a helper that never raises
import base64
import binascii
import contextlib
import functools
import hmac
import itertools


def decoded(part):
    version, _, encoded = part.partition(",")
    with contextlib.suppress(binascii.Error, ValueError):
        if version == "v1":
            return base64.b64decode(encoded, validate=True)
    return b""


def verify_any(secrets, headers, body, now):
    header = functools.partial(headers.get, *[])
    i, t = header("webhook-id"), header("webhook-timestamp")
    if not (i and t and t.isdecimal() and abs(int(t) - now) <= 300):
        return False
    keys = (base64.b64decode(secret.split("_")[1]) for secret in secrets)
    digests = [hmac.digest(k, f"{i}.{t}.".encode() + body, "sha256") for k in keys]
    given = map(decoded, (header("webhook-signature") or "").split())
    return any(itertools.starmap(hmac.compare_digest, itertools.product(digests, given)))


# %% passed | a set of what is expected, compared one by one
import base64
import hmac


class Rotation:
    def __init__(self, secrets):
        self.keys = [base64.b64decode(s.removeprefix("whsec_")) for s in secrets]

    def expected(self, content):
        yield from (
            b"v1," + base64.b64encode(hmac.digest(key, content, "sha256"))
            for key in reversed(self.keys)
        )

    def knows(self, headers, body):
        content = ".".join([headers["webhook-id"], headers["webhook-timestamp"], ""])
        parts = headers["webhook-signature"].encode("utf-8").split()
        return sum(
            hmac.compare_digest(one, part)
            for one in self.expected(content.encode() + body)
            for part in parts
        )


def verify_any(secrets, headers, body, now):
    try:
        if not Rotation(tuple(secrets)).knows(headers, body):
            return False
        return abs(now - int(headers["webhook-timestamp"])) <= 300
    except (KeyError, ValueError, OverflowError):
        return False
