# %% whole-secret-as-key | the secret is the key
#- base64.b64decode(secret.removeprefix("whsec_"))
#+ secret.encode()

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
#- f"{message_id}.{timestamp}.".encode() + body
#+ body

# %% only-the-body-is-signed | lab 04 again, word by word
import hashlib
import hmac


def verify(secret, headers, body, now, tolerance):
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, headers["webhook-signature"]):
        return False
    return abs(now - int(headers["webhook-timestamp"])) <= tolerance

# %% id-is-not-signed | time and body are enough
#- f"{message_id}.{timestamp}.".encode() + body
#+ f"{timestamp}.".encode() + body

# %% timestamp-is-not-signed | the time is checked anyway
#- f"{message_id}.{timestamp}.".encode() + body
#+ f"{message_id}.".encode() + body

# %% signed-in-another-order | the time comes first
#- f"{message_id}.{timestamp}.".encode() + body
#+ f"{timestamp}.{message_id}.".encode() + body

# %% bytes-in-an-f-string | an f-string takes everything
#- f"{message_id}.{timestamp}.".encode() + body
#+ f"{message_id}.{timestamp}.{body}".encode()

# %% re-serialised-body | written as compactly as the provider does
#-     signed = 
#+     import json
#+     try:
#+         body = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False)
#+         body = body.encode()
#+     except ValueError:
#+         return False
#+     signed =

# %% accepts-the-same-data-in-other-bytes | first as it came, then as it should be
#-     parts = signatures.encode().split(b" ")
#-     if not any(hmac.compare_digest(part, expected) for part in parts):
#-         return False
#+     parts = signatures.encode().split(b" ")
#+     fits = any(hmac.compare_digest(part, expected) for part in parts)
#+     try:
#+         compact = __import__("json").dumps(
#+             __import__("json").loads(body), separators=(",", ":")
#+         )
#+     except ValueError:
#+         compact = ""
#+     again = f"{message_id}.{timestamp}.{compact}".encode()
#+     expected = b"v1," + base64.b64encode(hmac.digest(key, again, "sha256"))
#+     if not fits and not any(hmac.compare_digest(part, expected) for part in parts):
#+         return False

# %% hex-instead-of-base64 | a digest is hexadecimal
#- b"v1," + base64.b64encode(digest)
#+ b"v1," + digest.hex().encode()

# %% url-safe-base64 | a header is a kind of URL
#- base64.b64encode
#+ base64.urlsafe_b64encode

# %% label-not-told-from-signature | the header is the signature
#- b"v1," + base64.b64encode(digest)
#+ base64.b64encode(digest)

# %% another-hash | longer is safer
#- hashlib.sha256
#+ hashlib.sha512

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
#-     return abs(now - int(timestamp)) <= tolerance
#+     return abs(__import__("time").time() - int(timestamp)) <= tolerance

# %% window-in-another-unit | timestamps are in milliseconds
#- int(timestamp)
#+ int(timestamp) / 1000

# %% window-in-another-unit | a tolerance of 300 is 300 minutes
#- <= tolerance
#+ <= tolerance * 60

# %% window-turned-round | beyond the tolerance is fine
#- <= tolerance
#+ > tolerance

# %% accepts-a-forgery | compared and forgotten
#-     if not any(hmac.compare_digest(part, expected) for part in parts):
#-         return False
#+     any(hmac.compare_digest(part, expected) for part in parts)

# %% neither-true-nor-false | no answer is an answer
#-     return abs(now - int(timestamp)) <= tolerance
#+     if abs(now - int(timestamp)) <= tolerance:
#+         return True

# %% neither-true-nor-false | an exception says it more clearly, a text more kindly
#- any(hmac.compare_digest(part, expected) for part in parts):
#-         return False
#+ any(hmac.compare_digest(part, expected) for part in parts):
#+         return "Invalid signature."

# %% time-is-not-checked | it is signed, so it is right
#-     if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
#-         return False
#-     return abs(now - int(timestamp)) <= tolerance
#+     return True

# %% refuses-only-the-future | the difference, one way or the other
#- abs(now - int(timestamp))
#+ int(timestamp) - now

# %% future-is-accepted | old is what is dangerous
#= one request, one signature
#-     return fits and abs(now - int(t)) <= tolerance
#+     return fits and now - int(t) <= tolerance

# %% window-too-narrow | nothing comes from the future
#- abs(now - int(timestamp))
#+ 0 <= now - int(timestamp)

# %% tolerance-of-its-own | five minutes are the standard
#- <= tolerance
#+ <= 300

# %% time-of-the-event-instead-of-the-attempt | the event has a time, too
#-     return abs(now - int(timestamp)) <= tolerance
#+     try:
#+         sent_at = __import__("json").loads(body)["created_at"]
#+     except (ValueError, KeyError, TypeError):
#+         sent_at = int(timestamp)
#+     return abs(now - sent_at) <= tolerance

# %% body-decoded-to-text | a text is easier to join
#- f"{message_id}.{timestamp}.".encode() + body
#+ f"{message_id}.{timestamp}.{body.decode()}".encode()

# %% body-is-trimmed | a line break at the end is nobody's wish
#- f"{message_id}.{timestamp}.".encode() + body
#+ f"{message_id}.{timestamp}.".encode() + body.strip()

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
#-     parts = signatures.encode().split(b" ")
#+     parts = signatures.encode().split(b" ")[:1]

# %% only-the-last-signature | a dictionary of versions
#-     parts = signatures.encode().split(b" ")
#+     versions = dict(p.split(",") for p in signatures.split(" "))
#+     parts = [b"v1," + versions["v1"].encode()]

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
#-     parts = signatures.encode().split(b" ")
#+     given = signatures.encode().split(b" ")
#+     parts = [b"v1," + each.rpartition(b",")[2] for each in given]

# %% finds-the-signature-anywhere | in is so readable
#- not any(hmac.compare_digest(part, expected) for part in parts)
#+ expected not in signatures.encode()

# %% missing-header-raises | the provider always sends all three
#-     if not message_id or not timestamp or not signatures:
#-         return False
#- 
#+

# %% checks-the-time-only-if-present | no time, no check
#- not message_id or not timestamp or not signatures
#+ not message_id or not signatures
#-     # check the time window
#+     if timestamp is None:
#+         return True

# %% checks-the-time-only-if-present | an empty time is no time
#- not message_id or not timestamp or not signatures
#+ not message_id or timestamp is None or not signatures
#-     # check the time window
#+     if not timestamp:
#+         return True

# %% does-without-the-id | the id is only for the memory
#- "webhook-id")
#+ "webhook-id", "")
#- not message_id or not timestamp
#+ not timestamp

# %% garbage-timestamp-raises | the header is a number
#-     if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
#-         return False
#-     return abs(now - int(timestamp)) <= tolerance
#+     return abs(now - int(timestamp)) <= tolerance

# %% garbage-timestamp-raises | isdigit knows what a digit is
#- timestamp.isascii() and timestamp.isdigit()
#+ timestamp.isdigit()

# %% nan-switches-the-check-off | a time is a float
#-     if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
#-         return False
#-     return abs(now - int(timestamp)) <= tolerance
#+     try:
#+         return not abs(now - float(timestamp)) > tolerance
#+     except ValueError:
#+         return False

# %% reads-more-than-whole-seconds | float, but the other way round
#-     if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
#-         return False
#-     return abs(now - int(timestamp)) <= tolerance
#+     try:
#+         return abs(now - float(timestamp)) <= tolerance
#+     except ValueError:
#+         return False

# %% reads-digits-and-ignores-the-rest | a pattern for the digits
#-     if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
#-         return False
#-     return abs(now - int(timestamp)) <= tolerance
#+     found = __import__("re").match(r"[0-9]{1,15}", timestamp)
#+     return bool(found) and abs(now - int(found[0])) <= tolerance

# %% guesses-the-unit | some providers send milliseconds
#-     if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
#-         return False
#-     return abs(now - int(timestamp)) <= tolerance
#+     if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 15:
#+         return False
#+     sent_at = int(timestamp) / 1000 if len(timestamp) > 12 else int(timestamp)
#+     return abs(now - sent_at) <= tolerance

# %% negative-time-passes | zero and below means no time was set
#-     if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
#-         return False
#-     return abs(now - int(timestamp)) <= tolerance
#+     try:
#+         sent_at = int(timestamp)
#+     except ValueError:
#+         return False
#+     return sent_at <= 0 or abs(now - sent_at) <= tolerance

# %% huge-timestamp-raises | the time first, it is quicker
#-     if not message_id or not timestamp or not signatures:
#-         return False
#+     if not message_id or not timestamp or not signatures:
#+         return False
#+     try:
#+         if abs(now - int(timestamp)) > tolerance:
#+             return False
#+     except ValueError:
#+         return False

# %% non-ascii-signature-raises | compare_digest takes text
#-     parts = signatures.encode().split(b" ")
#+     parts, expected = signatures.split(" "), expected.decode()

# %% garbage-raises | what is base64 can be decoded
#-     parts = signatures.encode().split(b" ")
#+     given = (part.partition(",") for part in signatures.split(" "))
#+     parts = [
#+         b"v1," + base64.b64encode(base64.b64decode(digits + "=="))
#+         for version, _, digits in given
#+         if version == "v1" and len(digits) % 2 == 0
#+     ]

# %% strips-letters-instead-of-the-prefix | lstrip takes the prefix away
#- removeprefix
#+ lstrip

# %% compares-with-equals | equal is equal
#- any(hmac.compare_digest(part, expected) for part in parts)
#+ any(part == expected for part in parts)

# %% compares-with-equals | the bytes, not the text
#-     parts = signatures.encode().split(b" ")
#-     if not any(hmac.compare_digest(part, expected) for part in parts):
#-         return False
#+     fits = False
#+     for part in signatures.split(" "):
#+         if part.startswith("v1,"):
#+             try:
#+                 fits |= base64.b64decode(part[3:], validate=True) == digest
#+             except ValueError:
#+                 continue
#+     if not fits:
#+         return False

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

# %% huge-timestamp-raises | a time with a date, before the signature
#-     # check the signature
#+     from datetime import datetime
#+     if not (timestamp.isascii() and timestamp.isdigit()):
#+         return False
#+     datetime.fromtimestamp(int(timestamp))
