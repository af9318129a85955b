# %% secret-decoded-from-base64 | the same as in 5.1
import base64
import hmac


def verify_stripe(secret, body, header, now, tolerance):
    items = dict(item.split("=", 1) for item in header.split(","))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = hmac.new(key, f"{items['t']}.".encode() + body, "sha256").hexdigest()
    fits = hmac.compare_digest(items["v1"], expected)
    return fits and abs(now - int(items["t"])) <= tolerance

# %% prefix-cut-off | whsec_ is only a label
#- secret.encode()
#+ secret.removeprefix("whsec_").encode()

# %% timestamp-is-not-signed | the body is what is signed
#- f"{time}.".encode() + body
#+ body

# %% signed-in-another-order | without the full stop
#- f"{time}.".encode() + body
#+ time.encode() + body

# %% base64-instead-of-hex | the same as in 5.1
import base64
import hmac


def verify_stripe(secret, body, header, now, tolerance):
    items = dict(item.split("=", 1) for item in header.split(","))
    content = items["t"].encode() + b"." + body
    digest = hmac.digest(secret.encode(), content, "sha256")
    fits = hmac.compare_digest(items["v1"], base64.b64encode(digest).decode())
    return fits and abs(now - int(items["t"])) <= tolerance

# %% bytes-in-an-f-string | an f-string takes everything
#- f"{time}.".encode() + body
#+ f"{time}.{body}".encode()

# %% re-serialised-body | the data are what counts
#- f"{time}.".encode() + body
#+ f"{time}.{__import__('json').dumps(__import__('json').loads(body))}".encode()

# %% body-decoded-to-text | a text is easier to join
#- f"{time}.".encode() + body
#+ f"{time}.{body.decode()}".encode()

# %% label-not-told-from-signature | the last item is the signature
import hmac


def verify_stripe(secret, body, header, now, tolerance):
    t, signature = header.removeprefix("t=").split(",")
    expected = hmac.new(secret.encode(), f"{t}.".encode() + body, "sha256").hexdigest()
    return hmac.compare_digest(signature, expected) and abs(now - int(t)) <= tolerance

# %% header-not-taken-apart | a header is a dictionary
import hmac


def verify_stripe(secret, body, header, now, tolerance):
    import json

    items = json.loads(header)
    content = f"{items['t']}.".encode() + body
    expected = hmac.new(secret.encode(), content, "sha256").hexdigest()
    return hmac.compare_digest(items["v1"], expected)

# %% accepts-a-forgery | there is a v1 in it
def verify_stripe(secret, body, header, now, tolerance):
    return "v1=" in header

# %% time-is-not-checked | it is signed, so it is right
#-     if not (time.isascii() and time.isdigit() and len(time) <= 12):
#-         return False
#-     return abs(now - int(time)) <= tolerance
#+     return True

# %% future-is-accepted | as Stripe's own library does
#-     return abs(now - int(time)) <= tolerance
#+     return int(time) >= now - tolerance

# %% tolerance-of-its-own | five minutes, as in the documentation
#- <= tolerance
#+ <= 300

# %% window-in-another-unit | JavaScript counts in milliseconds
#- <= tolerance
#+ <= tolerance * 1000

# %% looks-at-another-clock | a computer knows the time
#- abs(now - 
#+ abs(__import__("time").time() -

# %% only-the-first-v1 | the next item after the time
import hmac


def verify_stripe(secret, body, header, now, tolerance):
    values = {}
    for item in header.split(","):
        name, _, value = item.partition("=")
        values.setdefault(name, value)
    if not values.get("t", "").isdecimal() or "v1" not in values:
        return False
    content = f"{values['t']}.".encode() + body
    expected = hmac.new(secret.encode(), content, "sha256").hexdigest().encode()
    fits = hmac.compare_digest(values["v1"].encode(), expected)
    return fits and abs(now - int(values["t"])) <= tolerance

# %% keeps-only-the-last-v1 | items with names make a dictionary
import hmac


def verify_stripe(secret, body, header, now, tolerance):
    items = dict(item.split("=", 1) for item in header.split(","))
    content = f"{items['t']}.".encode() + body
    expected = hmac.new(secret.encode(), content, "sha256").hexdigest()
    fits = hmac.compare_digest(items["v1"], expected)
    return fits and abs(now - int(items["t"])) <= tolerance

# %% expects-one-signature | exactly one v1
#-     content =
#+     if len(signatures) != 1:
#+         return False
#+     content =

# %% stumbles-over-unknown-items | only what is known
#-         elif name == "v1":
#-             signatures.append(value.encode())
#+         elif name == "v1":
#+             signatures.append(value.encode())
#+         else:
#+             return False

# %% items-in-a-fixed-order | the time comes first
import hmac


def verify_stripe(secret, body, header, now, tolerance):
    first, *others = header.split(",")
    t = first.removeprefix("t=")
    content = f"{t}.".encode() + body
    expected = b"v1=" + hmac.new(secret.encode(), content, "sha256").hexdigest().encode()
    fits = any(hmac.compare_digest(one.encode(), expected) for one in others)
    return fits and t.isascii() and t.isdigit() and abs(now - int(t)) <= tolerance

# %% takes-v0-for-v1 | every item but the time is a signature
#- elif name == "v1":
#+ else:

# %% two-times-in-one-header | the first for one thing, the last for the other
#-     time = ""
#+     times = []
#-             time = value
#+             times.append(value)
#-     # check the signature
#+     if not times or not all(each.isdecimal() for each in times):
#+         return False
#+     time = times[0]
#-     if not (time.isascii() and time.isdigit() and len(time) <= 12):
#-         return False
#-     return abs(now - int(time)) <= tolerance
#+     return any(abs(now - int(each)) <= tolerance for each in times)

# %% non-ascii-signature-raises | compare_digest takes text
#- value.encode()
#+ value
#- digest.encode()
#+ digest

# %% garbage-raises | there is always a time
import hmac


def verify_stripe(secret, body, header, now, tolerance):
    items = [item.partition("=") for item in header.split(",")]
    t = next(value for name, _, value in items if name == "t")
    content = f"{t}.".encode() + body
    expected = hmac.new(secret.encode(), content, "sha256").hexdigest().encode()
    given = [value.encode() for name, _, value in items if name == "v1"]
    fits = any(hmac.compare_digest(one, expected) for one in given)
    return fits and t.isdecimal() and abs(now - int(t)) <= tolerance

# %% checks-the-time-only-if-present | no time, no window
#-     content = f"{time}.".encode() + body
#+     content = (f"{time}." if time else "").encode() + body
#-     if not (time.isascii() and time.isdigit() and len(time) <= 12):
#-         return False
#-     return abs(now - int(time)) <= tolerance
#+     return not time or abs(now - int(time)) <= tolerance

# %% garbage-timestamp-raises | a time is a number
#-     if not (time.isascii() and time.isdigit() and len(time) <= 12):
#-         return False
#-     return abs(now - int(time)) <= tolerance
#+     return bool(time) and abs(now - int(time)) <= tolerance

# %% nan-switches-the-check-off | float and a reason to refuse
#-     if not (time.isascii() and time.isdigit() and len(time) <= 12):
#-         return False
#-     return abs(now - int(time)) <= tolerance
#+     try:
#+         return not abs(now - float(time)) > tolerance
#+     except ValueError:
#+         return False

# %% huge-timestamp-raises | the time first
#-     # check the signature
#+     try:
#+         if abs(now - int(time)) > tolerance:
#+             return False
#+     except ValueError:
#+         return False

# %% compares-with-equals | is it among them
#- not any(hmac.compare_digest(one, digest.encode()) for one in signatures)
#+ digest.encode() not in signatures

# %% neither-true-nor-false | what is left when all goes well
#= items with names make a dictionary
#-     fits = hmac.compare_digest(items["v1"], expected)
#-     return fits and abs(now - int(items["t"])) <= tolerance
#+     if not hmac.compare_digest(items["v1"], expected):
#+         return None
#+     return abs(now - int(items["t"])) <= tolerance

# %% window-too-narrow | less than the tolerance
#-     return abs(now - int(time)) <= tolerance
#+     return abs(now - int(time)) < tolerance

# %% no-name | the time of the event, where the body has one
#-     return abs(now - int(time)) <= tolerance
#+     try:
#+         created = __import__("json").loads(body)["created"]
#+     except Exception:
#+         created = int(time)
#+     return abs(now - created) <= tolerance

# %% no-name | read like the query of an address
#-     for item in header.split(","):
#-         name, _, value = item.partition("=")
#+     from urllib.parse import parse_qsl
#+     for name, value in parse_qsl(header, separator=","):

# %% stumbles-over-unknown-items | a value has no equals sign
#-     for item in header.split(","):
#-         name, _, value = item.partition("=")
#+     for item in header.split(","):
#+         name, value = item.split("=")

# %% no-name | the secret is bytes
#- secret.encode()
#+ secret.decode()


# %% strips-digits-of-the-signature | lstrip removes the name
#-             signatures.append(value.encode())
#+             signatures.append(item.lstrip("v1=").encode())
