# %% whole-secret-as-key | the secret is the key
import base64
import hashlib
import hmac


def verify(secret, headers, body, now, tolerance):
    try:
        sent_at = int(headers["webhook-timestamp"])
        content = f"{headers['webhook-id']}.{sent_at}.".encode() + body
    except (KeyError, ValueError):
        return False
    digest = hmac.new(secret.encode(), content, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(digest)
    parts = headers.get("webhook-signature", "").encode().split(b" ")
    fits = any(hmac.compare_digest(part, expected) for part in parts)
    return fits and abs(now - sent_at) <= tolerance


# %% key-not-decoded | whsec_ is a label, the rest is the key
import base64
import hmac


def verify(secret, headers, body, now, tolerance):
    key = secret.removeprefix("whsec_").encode()
    sent_at = int(headers["webhook-timestamp"])
    content = f"{headers['webhook-id']}.{sent_at}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, content, "sha256")).decode()
    return hmac.compare_digest("v1," + expected, headers["webhook-signature"])


# %% only-the-body-is-signed | as in the lab before
import base64
import hmac


def verify(secret, headers, body, now, tolerance):
    key = base64.b64decode(secret[6:])
    expected = "v1," + base64.b64encode(hmac.digest(key, body, "sha256")).decode()
    fresh = abs(now - int(headers["webhook-timestamp"])) <= tolerance
    return fresh and hmac.compare_digest(expected, headers["webhook-signature"])


# %% only-the-body-is-signed | lab 04 again, word by word
import hashlib
import hmac


def verify(secret, headers, body, now, tolerance):
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, headers["webhook-signature"]):
        return False
    return abs(now - int(headers["webhook-timestamp"])) <= tolerance


# %% id-is-not-signed | time and body are enough
#= one request, one signature
#-     t, i = headers["webhook-timestamp"], headers["webhook-id"]
#-     digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
#+     t = headers["webhook-timestamp"]
#+     digest = hmac.digest(key, t.encode() + b"." + body, "sha256")


# %% timestamp-is-not-signed | the time is checked anyway
import base64
import hmac


def verify(secret, headers, body, now, tolerance):
    sent_at = int(headers["webhook-timestamp"])
    if abs(now - sent_at) > tolerance:
        return False
    key = base64.b64decode(secret[6:])
    content = headers["webhook-id"].encode() + b"." + body
    expected = "v1," + base64.b64encode(hmac.digest(key, content, "sha256")).decode()
    return hmac.compare_digest(expected, headers["webhook-signature"])


# %% signed-in-another-order | the time comes first
#= one request, one signature
#-     digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
#-     expected = "v1," + base64.b64encode(digest).decode()
#+     content = f"{t}.{i}.".encode() + body
#+     expected = "v1," + base64.b64encode(hmac.digest(key, content, "sha256")).decode()


# %% signed-in-another-order | just put together
#= one request, one signature
#-     digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
#-     expected = "v1," + base64.b64encode(digest).decode()
#+     content = i.encode() + t.encode() + body
#+     expected = "v1," + base64.b64encode(hmac.digest(key, content, "sha256")).decode()


# %% bytes-in-an-f-string | an f-string takes everything
#= one request, one signature
#-     digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
#-     expected = "v1," + base64.b64encode(digest).decode()
#+     content = f"{i}.{t}.{body}".encode()
#+     expected = "v1," + base64.b64encode(hmac.digest(key, content, "sha256")).decode()


# %% re-serialised-body | the data are what counts
#= one request, one signature
#- import hmac
#+ import hmac
#+ import json
#-     digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
#-     expected = "v1," + base64.b64encode(digest).decode()
#+     content = f"{i}.{t}.{json.dumps(json.loads(body))}".encode()
#+     expected = "v1," + base64.b64encode(hmac.digest(key, content, "sha256")).decode()


# %% re-serialised-body | written as compactly as the provider does
#= one request, one signature
#- import hmac
#+ import hmac
#+ import json
#-     digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
#-     expected = "v1," + base64.b64encode(digest).decode()
#+     try:
#+         data = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False)
#+     except ValueError:
#+         return False
#+     content = f"{i}.{t}.{data}".encode()
#+     expected = "v1," + base64.b64encode(hmac.digest(key, content, "sha256")).decode()


# %% accepts-the-same-data-in-other-bytes | first as it came, then as it should be
import base64
import hmac
import json


def verify(secret, headers, body, now, tolerance):
    key = base64.b64decode(secret[6:])
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    bodies = [body]
    try:
        compact = json.dumps(json.loads(body), separators=(",", ":"))
        bodies.append(compact.encode())
    except ValueError:
        pass
    if abs(now - int(t)) > tolerance:
        return False
    for each in bodies:
        digest = hmac.digest(key, f"{i}.{t}.".encode() + each, "sha256")
        expected = "v1," + base64.b64encode(digest).decode()
        if hmac.compare_digest(expected, headers["webhook-signature"]):
            return True
    return False


# %% hex-instead-of-base64 | a digest is hexadecimal
#= one request, one signature
#- import hmac
#+ import hashlib
#+ import hmac
#-     digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
#-     expected = "v1," + base64.b64encode(digest).decode()
#+     content = f"{i}.{t}.".encode() + body
#+     expected = "v1," + hmac.new(key, content, hashlib.sha256).hexdigest()


# %% url-safe-base64 | a header is a kind of URL
#= one request, one signature
#-     expected = "v1," + base64.b64encode(digest).decode()
#+     expected = "v1," + base64.urlsafe_b64encode(digest).decode()


# %% label-not-told-from-signature | the header is the signature
#= one request, one signature
#-     expected = "v1," + base64.b64encode(digest).decode()
#+     expected = base64.b64encode(digest).decode()


# %% another-hash | longer is safer
#= one request, one signature
#-     digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
#+     digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha512")


# %% text-where-bytes-belong | hmac takes the secret as it is
import hashlib
import hmac


def verify(secret, headers, body, now, tolerance):
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return hmac.new(secret, content, hashlib.sha256).hexdigest() in headers.values()


# %% timestamp-is-still-text | a number is a number
def verify(secret, headers, body, now, tolerance):
    if now - headers["webhook-timestamp"] > tolerance:
        return False
    return True


# %% other-header-names | as the documentation writes them
def verify(secret, headers, body, now, tolerance):
    return bool(headers["Webhook-Signature"])


# %% looks-at-another-clock | a computer knows the time
#= one request, one signature
#- import hmac
#+ import hmac
#+ import time
#-     return fits and abs(now - int(t)) <= tolerance
#+     return fits and abs(time.time() - int(t)) <= tolerance


# %% window-in-another-unit | timestamps are in milliseconds
#= one request, one signature
#-     return fits and abs(now - int(t)) <= tolerance
#+     return fits and abs(now - int(t) / 1000) <= tolerance


# %% window-in-another-unit | a tolerance of 300 is 300 minutes
#= one request, one signature
#-     return fits and abs(now - int(t)) <= tolerance
#+     return fits and abs(now - int(t)) <= tolerance * 60


# %% window-in-another-unit | the distance in milliseconds
#= one request, one signature
#-     return fits and abs(now - int(t)) <= tolerance
#+     return fits and abs(now - int(t)) * 1000 <= tolerance


# %% window-turned-round | beyond the tolerance is fine
#= one request, one signature
#-     return fits and abs(now - int(t)) <= tolerance
#+     return fits and abs(now - int(t)) > tolerance


# %% accepts-a-forgery | the headers are there, so it is theirs
def verify(secret, headers, body, now, tolerance):
    return "webhook-signature" in headers


# %% accepts-a-forgery | compared and forgotten
#= one request, one signature
#-     fits = hmac.compare_digest(expected, headers["webhook-signature"])
#-     return fits and abs(now - int(t)) <= tolerance
#+     hmac.compare_digest(expected, headers["webhook-signature"])
#+     return abs(now - int(t)) <= tolerance


# %% neither-true-nor-false | no answer is an answer
#= one request, one signature
#-     fits = hmac.compare_digest(expected, headers["webhook-signature"])
#-     return fits and abs(now - int(t)) <= tolerance
#+     if hmac.compare_digest(expected, headers["webhook-signature"]):
#+         if abs(now - int(t)) <= tolerance:
#+             return True


# %% neither-true-nor-false | an exception says it more clearly, a text more kindly
#= one request, one signature
#-     fits = hmac.compare_digest(expected, headers["webhook-signature"])
#-     return fits and abs(now - int(t)) <= tolerance
#+     if not hmac.compare_digest(expected, headers["webhook-signature"]):
#+         return "Invalid signature."
#+     return abs(now - int(t)) <= tolerance


# %% time-is-not-checked | it is signed, so it is right
import base64
import hmac


def verify(secret, headers, body, now, tolerance):
    key = base64.b64decode(secret[6:])
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.digest(key, content, "sha256"))
    parts = headers["webhook-signature"].encode().split()
    return any(hmac.compare_digest(expected, part) for part in parts)


# %% refuses-only-the-future | the difference, one way or the other
#= one request, one signature
#-     return fits and abs(now - int(t)) <= tolerance
#+     return fits and int(t) - now <= tolerance


# %% future-is-accepted | old is what is dangerous
#= one request, one signature
#-     return fits and abs(now - int(t)) <= tolerance
#+     return fits and now - int(t) <= tolerance


# %% window-too-narrow | nothing comes from the future
#= one request, one signature
#-     return fits and abs(now - int(t)) <= tolerance
#+     return fits and 0 <= now - int(t) <= tolerance


# %% tolerance-of-its-own | five minutes are the standard
#= one request, one signature
#-     return fits and abs(now - int(t)) <= tolerance
#+     return fits and abs(now - int(t)) <= 300


# %% tolerance-of-its-own | ten minutes are on the safe side
#= one request, one signature
#-     return fits and abs(now - int(t)) <= tolerance
#+     return fits and abs(now - int(t)) <= 600


# %% time-of-the-event-instead-of-the-attempt | the event has a time, too
#= one request, one signature
#- import hmac
#+ import hmac
#+ import json
#-     fits = hmac.compare_digest(expected, headers["webhook-signature"])
#-     return fits and abs(now - int(t)) <= tolerance
#+     if not hmac.compare_digest(expected, headers["webhook-signature"]):
#+         return False
#+     if abs(now - int(t)) > tolerance:
#+         return False
#+     return abs(now - json.loads(body)["created_at"]) <= tolerance


# %% body-decoded-to-text | a text is easier to join
#= one request, one signature
#-     digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
#+     digest = hmac.digest(key, f"{i}.{t}.{body.decode()}".encode(), "sha256")


# %% body-decoded-to-text | and where it does not go, a question mark
#= one request, one signature
#-     digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
#+     text = body.decode(errors="replace")
#+     digest = hmac.digest(key, f"{i}.{t}.{text}".encode(), "sha256")


# %% body-is-trimmed | a line break at the end is nobody's wish
#= one request, one signature
#-     digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
#+     digest = hmac.digest(key, f"{i}.{t}.".encode() + body.strip(), "sha256")


# %% expects-one-signature | one request, one signature
import base64
import hmac


def verify(secret, headers, body, now, tolerance):
    key = base64.b64decode(secret[6:])
    t, i = headers["webhook-timestamp"], headers["webhook-id"]
    digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
    expected = "v1," + base64.b64encode(digest).decode()
    fits = hmac.compare_digest(expected, headers["webhook-signature"])
    return fits and abs(now - int(t)) <= tolerance


# %% only-the-first-signature | the newest comes first
#= one request, one signature
#-     fits = hmac.compare_digest(expected, headers["webhook-signature"])
#-     return fits and abs(now - int(t)) <= tolerance
#+     first = headers["webhook-signature"].split(" ")[0]
#+     return hmac.compare_digest(expected, first) and abs(now - int(t)) <= tolerance


# %% only-the-last-signature | a dictionary of versions
#= one request, one signature
#-     expected = "v1," + base64.b64encode(digest).decode()
#-     fits = hmac.compare_digest(expected, headers["webhook-signature"])
#+     versions = dict(p.split(",") for p in headers["webhook-signature"].split(" "))
#+     fits = hmac.compare_digest(base64.b64encode(digest).decode(), versions["v1"])


# %% part-without-comma-raises | every part is a pair
#= one request, one signature
#-     expected = "v1," + base64.b64encode(digest).decode()
#-     fits = hmac.compare_digest(expected, headers["webhook-signature"])
#-     return fits and abs(now - int(t)) <= tolerance
#+     expected = base64.b64encode(digest).decode()
#+     if abs(now - int(t)) > tolerance:
#+         return False
#+     for part in headers["webhook-signature"].split(" "):
#+         version, signature = part.split(",")
#+         if version == "v1" and hmac.compare_digest(signature, expected):
#+             return True
#+     return False


# %% takes-any-version | behind the comma is the signature
#= one request, one signature
#-     expected = "v1," + base64.b64encode(digest).decode()
#-     fits = hmac.compare_digest(expected, headers["webhook-signature"])
#-     return fits and abs(now - int(t)) <= tolerance
#+     expected = base64.b64encode(digest)
#+     if abs(now - int(t)) > tolerance:
#+         return False
#+     parts = headers["webhook-signature"].split(" ")
#+     return any(
#+         hmac.compare_digest(part.rpartition(",")[2].encode(), expected)
#+         for part in parts
#+     )


# %% finds-the-signature-anywhere | in is so readable
#= one request, one signature
#-     fits = hmac.compare_digest(expected, headers["webhook-signature"])
#-     return fits and abs(now - int(t)) <= tolerance
#+     return expected in headers["webhook-signature"] and abs(now - int(t)) <= tolerance


# %% missing-header-raises | the provider always sends all three
#= one request, one signature
#-     expected = "v1," + base64.b64encode(digest).decode()
#-     fits = hmac.compare_digest(expected, headers["webhook-signature"])
#+     expected = b"v1," + base64.b64encode(digest)
#+     parts = headers["webhook-signature"].encode().split(b" ")
#+     fits = any(hmac.compare_digest(part, expected) for part in parts)


# %% checks-the-time-only-if-present | no time, no check
#= an empty time is no time
#-     t, i = headers.get("webhook-timestamp", ""), headers.get("webhook-id", "")
#-     if t and abs(now - int(t)) > tolerance:
#+     t, i = headers.get("webhook-timestamp"), headers.get("webhook-id")
#+     if i is None:
#-     return any(hmac.compare_digest(part, expected) for part in parts)
#+     if not any(hmac.compare_digest(part, expected) for part in parts):
#+         return False
#+     if t is None:
#+         return True
#+     return abs(now - int(t)) <= tolerance


# %% checks-the-time-only-if-present | an empty time is no time
import base64
import hmac


def verify(secret, headers, body, now, tolerance):
    key = base64.b64decode(secret[6:])
    t, i = headers.get("webhook-timestamp", ""), headers.get("webhook-id", "")
    if t and abs(now - int(t)) > tolerance:
        return False
    digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
    expected = b"v1," + base64.b64encode(digest)
    parts = headers.get("webhook-signature", "").encode().split(b" ")
    return any(hmac.compare_digest(part, expected) for part in parts)


# %% does-without-the-id | the id is only for the memory
#= an empty time is no time
#-     t, i = headers.get("webhook-timestamp", ""), headers.get("webhook-id", "")
#-     if t and abs(now - int(t)) > tolerance:
#+     t, i = headers.get("webhook-timestamp"), headers.get("webhook-id", "")
#+     if not t or abs(now - int(t)) > tolerance:


# %% garbage-timestamp-raises | the header is a number
#= an empty time is no time
#-     t, i = headers.get("webhook-timestamp", ""), headers.get("webhook-id", "")
#-     if t and abs(now - int(t)) > tolerance:
#+     t, i = headers.get("webhook-timestamp"), headers.get("webhook-id")
#+     if not t or not i:
#-     return any(hmac.compare_digest(part, expected) for part in parts)
#+     fits = any(hmac.compare_digest(part, expected) for part in parts)
#+     return fits and abs(now - int(t)) <= tolerance


# %% garbage-timestamp-raises | isdigit knows what a digit is
#= an empty time is no time
#-     t, i = headers.get("webhook-timestamp", ""), headers.get("webhook-id", "")
#-     if t and abs(now - int(t)) > tolerance:
#+     t, i = headers.get("webhook-timestamp", ""), headers.get("webhook-id")
#+     if not t.isdigit() or not i:
#-     return any(hmac.compare_digest(part, expected) for part in parts)
#+     fits = any(hmac.compare_digest(part, expected) for part in parts)
#+     return fits and abs(now - int(t)) <= tolerance


# %% nan-switches-the-check-off | a time is a float
#= zero and below means no time was set
#-     t, i = headers.get("webhook-timestamp", ""), headers.get("webhook-id")
#-     try:
#+     try:
#-         sent_at = int(t)
#-     except ValueError:
#-         return False
#-     if not i or (sent_at > 0 and abs(now - sent_at) > tolerance):
#+         t, i = headers["webhook-timestamp"], headers["webhook-id"]
#+         if abs(now - float(t)) > tolerance:
#+             return False
#+     except (KeyError, ValueError):


# %% reads-more-than-whole-seconds | float, but the other way round
import base64
import hmac


def verify(secret, headers, body, now, tolerance):
    try:
        t, i = headers["webhook-timestamp"], headers["webhook-id"]
        fresh = abs(now - float(t)) <= tolerance
    except (KeyError, ValueError):
        return False
    key = base64.b64decode(secret[6:])
    digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
    expected = b"v1," + base64.b64encode(digest)
    parts = headers.get("webhook-signature", "").encode().split(b" ")
    return fresh and any(hmac.compare_digest(part, expected) for part in parts)


# %% reads-digits-and-ignores-the-rest | a pattern for the digits
import base64
import hmac
import re


def verify(secret, headers, body, now, tolerance):
    t, i = headers.get("webhook-timestamp", ""), headers.get("webhook-id")
    found = re.match(r"[0-9]{1,15}", t)
    if not found or not i:
        return False
    key = base64.b64decode(secret[6:])
    digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
    expected = b"v1," + base64.b64encode(digest)
    parts = headers.get("webhook-signature", "").encode().split(b" ")
    fits = any(hmac.compare_digest(part, expected) for part in parts)
    return fits and abs(now - int(found[0])) <= tolerance


# %% guesses-the-unit | some providers send milliseconds
#= zero and below means no time was set
#-     if not i or (sent_at > 0 and abs(now - sent_at) > tolerance):
#+     if not i:
#-     key = base64.b64decode(secret[6:])
#+     if sent_at > 1e12:
#+         sent_at = sent_at / 1000
#+     key = base64.b64decode(secret[6:])
#-     return any(hmac.compare_digest(part, expected) for part in parts)
#+     fits = any(hmac.compare_digest(part, expected) for part in parts)
#+     return fits and abs(now - sent_at) <= tolerance


# %% negative-time-passes | zero and below means no time was set
import base64
import hmac


def verify(secret, headers, body, now, tolerance):
    t, i = headers.get("webhook-timestamp", ""), headers.get("webhook-id")
    try:
        sent_at = int(t)
    except ValueError:
        return False
    if not i or (sent_at > 0 and abs(now - sent_at) > tolerance):
        return False
    key = base64.b64decode(secret[6:])
    digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
    expected = b"v1," + base64.b64encode(digest)
    parts = headers.get("webhook-signature", "").encode().split(b" ")
    return any(hmac.compare_digest(part, expected) for part in parts)


# %% huge-timestamp-raises | the time first, it is quicker
#= zero and below means no time was set
#-     if not i or (sent_at > 0 and abs(now - sent_at) > tolerance):
#+     if not i or abs(now - sent_at) > tolerance:


# %% non-ascii-signature-raises | compare_digest takes text
#= equal is equal
#-     key = base64.b64decode(secret.removeprefix("whsec_"))
#+     key = base64.b64decode(secret[6:])
#-     if not any(p == expected for p in headers.get("webhook-signature", "").split(" ")):
#+     parts = headers.get("webhook-signature", "").split(" ")
#+     if not any(hmac.compare_digest(part, expected) for part in parts):


# %% garbage-raises | what is base64 can be decoded
#= equal is equal
#-     key = base64.b64decode(secret.removeprefix("whsec_"))
#+     key = base64.b64decode(secret[6:])
#-     expected = "v1," + base64.b64encode(digest).decode()
#-     if not any(p == expected for p in headers.get("webhook-signature", "").split(" ")):
#-         return False
#+     fits = False
#+     for part in headers.get("webhook-signature", "").split(" "):
#+         version, comma, signature = part.partition(",")
#+         if version == "v1" and len(signature) % 2 == 0:
#+             fits |= hmac.compare_digest(base64.b64decode(signature + "=="), digest)
#-         return abs(now - int(t)) <= tolerance
#+         return fits and abs(now - int(t)) <= tolerance


# %% strips-letters-instead-of-the-prefix | lstrip takes the prefix away
#= equal is equal
#-     key = base64.b64decode(secret.removeprefix("whsec_"))
#+     key = base64.b64decode(secret.lstrip("whsec_"))
#-     expected = "v1," + base64.b64encode(digest).decode()
#-     if not any(p == expected for p in headers.get("webhook-signature", "").split(" ")):
#+     expected = b"v1," + base64.b64encode(digest)
#+     parts = headers.get("webhook-signature", "").encode().split(b" ")
#+     if not any(hmac.compare_digest(part, expected) for part in parts):


# %% compares-with-equals | equal is equal
import base64
import hmac


def verify(secret, headers, body, now, tolerance):
    t, i = headers.get("webhook-timestamp", ""), headers.get("webhook-id")
    if not i:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
    expected = "v1," + base64.b64encode(digest).decode()
    if not any(p == expected for p in headers.get("webhook-signature", "").split(" ")):
        return False
    try:
        return abs(now - int(t)) <= tolerance
    except ValueError:
        return False


# %% compares-with-equals | is it in the list
#= equal is equal
#-     expected = "v1," + base64.b64encode(digest).decode()
#-     if not any(p == expected for p in headers.get("webhook-signature", "").split(" ")):
#+     expected = b"v1," + base64.b64encode(digest)
#+     if expected not in headers.get("webhook-signature", "").encode().split():


# %% compares-with-equals | the bytes, not the text
#= equal is equal
#- import hmac
#+ import binascii
#+ import hashlib
#+ import hmac
#-     digest = hmac.digest(key, f"{i}.{t}.".encode() + body, "sha256")
#-     expected = "v1," + base64.b64encode(digest).decode()
#-     if not any(p == expected for p in headers.get("webhook-signature", "").split(" ")):
#-         return False
#+     digest = hmac.new(key, f"{i}.{t}.".encode() + body, hashlib.sha256).digest()
#+     fits = False
#+     for part in headers.get("webhook-signature", "").split(" "):
#+         if part.startswith("v1,"):
#+             try:
#+                 fits = fits or base64.b64decode(part[3:], validate=True) == digest
#+             except (binascii.Error, ValueError):
#+                 continue
#-         return abs(now - int(t)) <= tolerance
#+         return fits and abs(now - int(t)) <= tolerance


# %% async-function | a server is asynchronous
async def verify(secret, headers, body, now, tolerance):
    return True


# %% still-running | waiting for the right moment
def verify(secret, headers, body, now, tolerance):
    while abs(now - int(headers["webhook-timestamp"])) <= tolerance:
        pass
    return False


# %% window-too-narrow | less than the tolerance
#-     return abs(now - int(timestamp)) <= tolerance
#+     return abs(now - int(timestamp)) < tolerance


# %% no-name | a good key has 24 bytes at least
#-     signed = f"{message_id}.{timestamp}.".encode() + body
#+     if len(key) < 24:
#+         return False
#+     signed = f"{message_id}.{timestamp}.".encode() + body
