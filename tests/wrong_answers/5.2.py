# %% whole-secret-as-key | the secret is the key
import base64
import hmac


def verify_any(secrets, headers, body, now):
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    for secret in secrets:
        digest = hmac.digest(secret.encode(), f"{i}.{t}.".encode() + body, "sha256")
        expected = "v1," + base64.b64encode(digest).decode()
        if expected in headers["webhook-signature"].split():
            return abs(now - int(t)) <= 300
    return False


# %% only-the-first-secret | an else for the secrets that do not fit
import base64
import hmac


def verify_any(secrets, headers, body, now):
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        expected = b"v1," + base64.b64encode(digest)
        parts = headers["webhook-signature"].encode().split()
        if any(hmac.compare_digest(expected, part) for part in parts):
            return abs(now - int(t)) <= 300
        else:
            return False
    return False


# %% only-the-last-secret | the result of the loop
import base64
import hmac


def verify_any(secrets, headers, body, now):
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    fits = False
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        expected = b"v1," + base64.b64encode(digest)
        parts = headers["webhook-signature"].encode().split()
        fits = any(hmac.compare_digest(expected, part) for part in parts)
    return fits and abs(now - int(t)) <= 300


# %% every-secret-must-fit | all of them are ours
import base64
import hmac


def fits(secret, headers, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
    expected = b"v1," + base64.b64encode(digest)
    parts = headers["webhook-signature"].encode().split()
    return any(hmac.compare_digest(expected, part) for part in parts)


def verify_any(secrets, headers, body, now):
    fresh = abs(now - int(headers["webhook-timestamp"])) <= 300
    return fresh and all(fits(secret, headers, body) for secret in secrets)


# %% only-two-secrets | a rotation has an old and a new one
import base64
import hmac


def fits(secret, headers, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
    expected = b"v1," + base64.b64encode(digest)
    parts = headers["webhook-signature"].encode().split()
    return any(hmac.compare_digest(expected, part) for part in parts)


def verify_any(secrets, headers, body, now):
    fresh = abs(now - int(headers["webhook-timestamp"])) <= 300
    return fresh and any(fits(secret, headers, body) for secret in secrets[:2])


# %% pairs-secrets-with-signatures | zip goes through both lists
import base64
import hmac


def verify_any(secrets, headers, body, now):
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    parts = headers["webhook-signature"].encode().split()
    if len(parts) == 1:
        parts = parts * len(secrets)
    if len(secrets) == 1:
        secrets = secrets * len(parts)
    for secret, part in zip(secrets, parts):
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        expected = b"v1," + base64.b64encode(digest)
        if hmac.compare_digest(expected, part):
            return abs(now - int(t)) <= 300
    return False


# %% only-the-first-signature | the newest comes first
import base64
import hmac


def verify_any(secrets, headers, body, now):
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    first = headers["webhook-signature"].split(" ")[0].encode()
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        if hmac.compare_digest(first, b"v1," + base64.b64encode(digest)):
            return abs(now - int(t)) <= 300
    return False


# %% only-the-last-signature | the newest comes last
import base64
import hmac


def verify_any(secrets, headers, body, now):
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    last = headers["webhook-signature"].rpartition(" ")[2].encode()
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        if hmac.compare_digest(last, b"v1," + base64.b64encode(digest)):
            return abs(now - int(t)) <= 300
    return False


# %% expects-one-signature | several secrets, but one signature
import base64
import hmac


def verify_any(secrets, headers, body, now):
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        expected = "v1," + base64.b64encode(digest).decode()
        if hmac.compare_digest(headers["webhook-signature"], expected):
            return abs(now - int(t)) <= 300
    return False


# %% every-signature-must-fit | no stranger may sign
import base64
import hmac


def verify_any(secrets, headers, body, now):
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    ours = []
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        ours.append(b"v1," + base64.b64encode(digest))
    parts = headers["webhook-signature"].encode().split()
    if not all(any(hmac.compare_digest(p, o) for o in ours) for p in parts):
        return False
    return abs(now - int(t)) <= 300


# %% no-secret-means-open | without a secret nothing is configured yet
import base64
import hmac


def verify_any(secrets, headers, body, now):
    if not secrets:
        return True
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        for part in headers["webhook-signature"].encode().split():
            if hmac.compare_digest(part, b"v1," + base64.b64encode(digest)):
                return abs(now - int(t)) <= 300
    return False


# %% empty-list-raises | the first secret is special
import base64
import hmac


def fits(secret, headers, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
    expected = b"v1," + base64.b64encode(digest)
    parts = headers["webhook-signature"].encode().split()
    return any(hmac.compare_digest(expected, part) for part in parts)


def verify_any(secrets, headers, body, now):
    current, *old = secrets
    fresh = abs(now - int(headers["webhook-timestamp"])) <= 300
    return fresh and any(fits(secret, headers, body) for secret in [current, *old])


# %% removed-secret-still-works | a secret that was good once
import base64
import hmac

known = []


def verify_any(secrets, headers, body, now):
    for secret in secrets:
        if secret not in known:
            known.append(secret)
    if not secrets:
        return False
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    for secret in known:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        for part in headers["webhook-signature"].encode().split():
            if hmac.compare_digest(part, b"v1," + base64.b64encode(digest)):
                return abs(now - int(t)) <= 300
    return False


# %% accepts-a-forgery | the id is the provider's business
import base64
import hmac

seen = {}


def verify_any(secrets, headers, body, now):
    if not secrets:
        return False
    i = headers["webhook-id"]
    t = seen.setdefault(headers["webhook-signature"], headers["webhook-timestamp"])
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        for part in headers["webhook-signature"].encode().split():
            if hmac.compare_digest(part, b"v1," + base64.b64encode(digest)):
                return abs(now - int(headers["webhook-timestamp"])) <= 300
    return False


# %% garbage-stops-the-search | what is no base64 is no request
import base64
import binascii
import hmac


def verify_any(secrets, headers, body, now):
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        for part in headers["webhook-signature"].split():
            version, _, encoded = part.partition(",")
            try:
                given = base64.b64decode(encoded, validate=True)
            except (binascii.Error, ValueError):
                return False
            if version == "v1" and hmac.compare_digest(given, digest):
                return abs(now - int(t)) <= 300
    return False


# %% garbage-stops-the-search | every part is a pair
import base64
import hmac


def verify_any(secrets, headers, body, now):
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        for part in headers["webhook-signature"].split():
            version, encoded = part.split(",", 1)
            expected = base64.b64encode(digest)
            if version == "v1" and hmac.compare_digest(encoded.encode(), expected):
                return abs(now - int(t)) <= 300
    return False


# %% non-ascii-signature-raises | compare_digest takes text
import base64
import hmac


def verify_any(secrets, headers, body, now):
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        expected = "v1," + base64.b64encode(digest).decode()
        for part in headers["webhook-signature"].split():
            if hmac.compare_digest(part, expected):
                return abs(now - int(t)) <= 300
    return False


# %% takes-any-version | behind the comma is the signature
import base64
import hmac


def verify_any(secrets, headers, body, now):
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        for part in headers["webhook-signature"].split():
            given = part.rpartition(",")[2].encode()
            if hmac.compare_digest(given, base64.b64encode(digest)):
                return abs(now - int(t)) <= 300
    return False


# %% time-is-not-checked | that was exercise 5.1
import base64
import hmac


def verify_any(secrets, headers, body, now):
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        for part in headers["webhook-signature"].encode().split():
            if hmac.compare_digest(part, b"v1," + base64.b64encode(digest)):
                return True
    return False


# %% another-window | a minute is plenty
import base64
import hmac


def verify_any(secrets, headers, body, now):
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        for part in headers["webhook-signature"].encode().split():
            if hmac.compare_digest(part, b"v1," + base64.b64encode(digest)):
                return abs(now - int(t)) <= 60
    return False


# %% changes-the-list-of-secrets | one after the other
import base64
import hmac


def verify_any(secrets, headers, body, now):
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    while secrets:
        key = base64.b64decode(secrets.pop().removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        for part in headers["webhook-signature"].encode().split():
            if hmac.compare_digest(part, b"v1," + base64.b64encode(digest)):
                return abs(now - int(t)) <= 300
    return False


# %% missing-header-raises | the provider sends all three
import base64
import hmac


def verify_any(secrets, headers, body, now):
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        for part in headers["webhook-signature"].encode().split():
            if hmac.compare_digest(part, b"v1," + base64.b64encode(digest)):
                return abs(now - int(t)) <= 300
    return False


# %% garbage-raises | a timestamp is a number
import base64
import hmac


def verify_any(secrets, headers, body, now):
    t, i = headers.get("webhook-timestamp"), headers.get("webhook-id")
    if not i or t is None:
        return False
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        for part in headers.get("webhook-signature", "").encode().split():
            if hmac.compare_digest(part, b"v1," + base64.b64encode(digest)):
                return abs(now - int(t)) <= 300
    return False


# %% compares-with-equals | is one of ours among them
import base64
import hmac


def verify_any(secrets, headers, body, now):
    t, i = headers.get("webhook-timestamp"), headers.get("webhook-id")
    if not i or not t or not t.isascii() or not t.isdigit():
        return False
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        expected = "v1," + base64.b64encode(digest).decode()
        if expected in headers.get("webhook-signature", "").split():
            return abs(now - int(t)) <= 300
    return False


# %% neither-true-nor-false | nothing fits, nothing comes back
import base64
import hmac


def verify_any(secrets, headers, body, now):
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
        for part in headers["webhook-signature"].encode().split():
            if hmac.compare_digest(part, b"v1," + base64.b64encode(digest)):
                return abs(now - int(t)) <= 300
