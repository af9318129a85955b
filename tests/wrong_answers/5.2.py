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
#= the provider sends all three
#-         for part in headers["webhook-signature"].encode().split():
#-             if hmac.compare_digest(part, b"v1," + base64.b64encode(digest)):
#-                 return abs(now - int(t)) <= 300
#+         expected = b"v1," + base64.b64encode(digest)
#+         parts = headers["webhook-signature"].encode().split()
#+         if any(hmac.compare_digest(expected, part) for part in parts):
#+             return abs(now - int(t)) <= 300
#+         else:
#+             return False

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
#= a rotation has an old and a new one
#-     return fresh and any(fits(secret, headers, body) for secret in secrets[:2])
#+     return fresh and all(fits(secret, headers, body) for secret in secrets)

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
#= the provider sends all three
#-     for secret in secrets:
#+     parts = headers["webhook-signature"].encode().split()
#+     if len(parts) == 1:
#+         parts = parts * len(secrets)
#+     if len(secrets) == 1:
#+         secrets = secrets * len(parts)
#+     for secret, part in zip(secrets, parts):
#-         for part in headers["webhook-signature"].encode().split():
#-             if hmac.compare_digest(part, b"v1," + base64.b64encode(digest)):
#-                 return abs(now - int(t)) <= 300
#+         expected = b"v1," + base64.b64encode(digest)
#+         if hmac.compare_digest(expected, part):
#+             return abs(now - int(t)) <= 300

# %% only-the-first-signature | the newest comes first
#= the provider sends all three
#-     for secret in secrets:
#+     first = headers["webhook-signature"].split(" ")[0].encode()
#+     for secret in secrets:
#-         for part in headers["webhook-signature"].encode().split():
#-             if hmac.compare_digest(part, b"v1," + base64.b64encode(digest)):
#-                 return abs(now - int(t)) <= 300
#+         if hmac.compare_digest(first, b"v1," + base64.b64encode(digest)):
#+             return abs(now - int(t)) <= 300

# %% only-the-last-signature | the newest comes last
#= the provider sends all three
#-     for secret in secrets:
#+     last = headers["webhook-signature"].rpartition(" ")[2].encode()
#+     for secret in secrets:
#-         for part in headers["webhook-signature"].encode().split():
#-             if hmac.compare_digest(part, b"v1," + base64.b64encode(digest)):
#-                 return abs(now - int(t)) <= 300
#+         if hmac.compare_digest(last, b"v1," + base64.b64encode(digest)):
#+             return abs(now - int(t)) <= 300

# %% expects-one-signature | several secrets, but one signature
#= the provider sends all three
#-         for part in headers["webhook-signature"].encode().split():
#-             if hmac.compare_digest(part, b"v1," + base64.b64encode(digest)):
#-                 return abs(now - int(t)) <= 300
#+         expected = "v1," + base64.b64encode(digest).decode()
#+         if hmac.compare_digest(headers["webhook-signature"], expected):
#+             return abs(now - int(t)) <= 300

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
#= the provider sends all three
#-     t, i = headers["webhook-timestamp"], headers["webhook-id"]
#+     if not secrets:
#+         return True
#+     t, i = headers["webhook-timestamp"], headers["webhook-id"]

# %% empty-list-raises | the first secret is special
#= a rotation has an old and a new one
#-     fresh = abs(now - int(headers["webhook-timestamp"])) <= 300
#+     current, *old = secrets
#+     fresh = abs(now - int(headers["webhook-timestamp"])) <= 300
#-     return fresh and any(fits(secret, headers, body) for secret in secrets[:2])
#+     return fresh and any(fits(secret, headers, body) for secret in [current, *old])

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
#= the provider sends all three
#- import hmac
#-
#+ import hmac
#+
#+ seen = {}
#+
#-     t, i = headers["webhook-timestamp"], headers["webhook-id"]
#+     if not secrets:
#+         return False
#+     i = headers["webhook-id"]
#+     t = seen.setdefault(headers["webhook-signature"], headers["webhook-timestamp"])
#-                 return abs(now - int(t)) <= 300
#+                 return abs(now - int(headers["webhook-timestamp"])) <= 300

# %% garbage-stops-the-search | what is no base64 is no request
#= the provider sends all three
#- import hmac
#+ import binascii
#+ import hmac
#-         for part in headers["webhook-signature"].encode().split():
#-             if hmac.compare_digest(part, b"v1," + base64.b64encode(digest)):
#+         for part in headers["webhook-signature"].split():
#+             version, _, encoded = part.partition(",")
#+             try:
#+                 given = base64.b64decode(encoded, validate=True)
#+             except (binascii.Error, ValueError):
#+                 return False
#+             if version == "v1" and hmac.compare_digest(given, digest):

# %% part-without-comma-raises | every part is a pair
#= the provider sends all three
#-         for part in headers["webhook-signature"].encode().split():
#-             if hmac.compare_digest(part, b"v1," + base64.b64encode(digest)):
#+         for part in headers["webhook-signature"].split():
#+             version, encoded = part.split(",", 1)
#+             expected = base64.b64encode(digest)
#+             if version == "v1" and hmac.compare_digest(encoded.encode(), expected):

# %% non-ascii-signature-raises | compare_digest takes text
#= the provider sends all three
#-         for part in headers["webhook-signature"].encode().split():
#-             if hmac.compare_digest(part, b"v1," + base64.b64encode(digest)):
#+         expected = "v1," + base64.b64encode(digest).decode()
#+         for part in headers["webhook-signature"].split():
#+             if hmac.compare_digest(part, expected):

# %% takes-any-version | behind the comma is the signature
#= the provider sends all three
#-         for part in headers["webhook-signature"].encode().split():
#-             if hmac.compare_digest(part, b"v1," + base64.b64encode(digest)):
#+         for part in headers["webhook-signature"].split():
#+             given = part.rpartition(",")[2].encode()
#+             if hmac.compare_digest(given, base64.b64encode(digest)):

# %% time-is-not-checked | that was exercise 5.1
#= the provider sends all three
#-                 return abs(now - int(t)) <= 300
#+                 return True

# %% another-window | a minute is plenty
#= the provider sends all three
#-                 return abs(now - int(t)) <= 300
#+                 return abs(now - int(t)) <= 60

# %% changes-the-list-of-secrets | one after the other
#= the provider sends all three
#-     for secret in secrets:
#-         key = base64.b64decode(secret.removeprefix("whsec_"))
#+     while secrets:
#+         key = base64.b64decode(secrets.pop().removeprefix("whsec_"))

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
#= the provider sends all three
#-     t, i = headers["webhook-timestamp"], headers["webhook-id"]
#+     t, i = headers.get("webhook-timestamp"), headers.get("webhook-id")
#+     if not i or t is None:
#+         return False
#-         for part in headers["webhook-signature"].encode().split():
#+         for part in headers.get("webhook-signature", "").encode().split():

# %% compares-with-equals | is one of ours among them
#= the provider sends all three
#-     t, i = headers["webhook-timestamp"], headers["webhook-id"]
#+     t, i = headers.get("webhook-timestamp"), headers.get("webhook-id")
#+     if not i or not t or not t.isascii() or not t.isdigit():
#+         return False
#-         for part in headers["webhook-signature"].encode().split():
#-             if hmac.compare_digest(part, b"v1," + base64.b64encode(digest)):
#-                 return abs(now - int(t)) <= 300
#+         expected = "v1," + base64.b64encode(digest).decode()
#+         if expected in headers.get("webhook-signature", "").split():
#+             return abs(now - int(t)) <= 300

# %% neither-true-nor-false | nothing fits, nothing comes back
#= the provider sends all three
#-                 return abs(now - int(t)) <= 300
#-     return False
#+                 return abs(now - int(t)) <= 300

# %% pairs-secrets-with-signatures | zip, and nothing else
#- any(verify(secret, headers, body, now, 300) for secret in secrets)
#+ any(
#+         verify(secret, {**headers, "webhook-signature": part}, body, now, 300)
#+         for secret, part in zip(
#+             secrets, headers.get("webhook-signature", "").split(" ")
#+         )
#+     )

# %% no-name | a short key is no key
#- for secret in secrets)
#+ for secret in secrets if len(secret) > 32)

# %% no-name | a default for the settings that are missing
#- for secret in secrets)
#+ for secret in secrets or ["whsec_Kf5pvZ6M66agfR3sJbGwh+/ibAf/DSHX2wszd3c4pcY="])

# %% compares-in-a-set | the signatures in two sets
import base64, hmac, re

def verify_any(secrets, headers, body, now):
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    message_id, timestamp, signatures = (headers.get(name, "") for name in names)
    if not message_id or not re.fullmatch("[0-9]{1,12}", timestamp):
        return False
    content = f"{message_id}.{timestamp}.".encode() + body
    keys = (base64.b64decode(secret[6:]) for secret in secrets)
    digests = (hmac.digest(key, content, "sha256") for key in keys)
    known = {"v1," + base64.b64encode(digest).decode() for digest in digests}
    fits = not known.isdisjoint(set(signatures.split(" ")))
    return fits and abs(now - int(timestamp)) <= 300


# %% every-secret-must-fit | all of them, where there is one
#-     return any(
#+     return bool(secrets) and all(
