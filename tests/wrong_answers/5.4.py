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
#= items with names make a dictionary
#-     content = f"{items['t']}.".encode() + body
#-     expected = hmac.new(secret.encode(), content, "sha256").hexdigest()
#+     key = secret.removeprefix("whsec_").encode()
#+     expected = hmac.new(key, f"{items['t']}.".encode() + body, "sha256").hexdigest()


# %% timestamp-is-not-signed | the body is what is signed
#= items with names make a dictionary
#-     content = f"{items['t']}.".encode() + body
#-     expected = hmac.new(secret.encode(), content, "sha256").hexdigest()
#+     expected = hmac.new(secret.encode(), body, "sha256").hexdigest()


# %% signed-in-another-order | without the full stop
#= items with names make a dictionary
#-     content = f"{items['t']}.".encode() + body
#+     content = items["t"].encode() + body


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
#= items with names make a dictionary
#-     content = f"{items['t']}.".encode() + body
#+     content = f"{items['t']}.{body}".encode()


# %% re-serialised-body | the data are what counts
#= items with names make a dictionary
#- import hmac
#+ import hmac
#+ import json
#-     content = f"{items['t']}.".encode() + body
#+     content = f"{items['t']}.{json.dumps(json.loads(body))}".encode()


# %% body-decoded-to-text | a text is easier to join
#= items with names make a dictionary
#-     content = f"{items['t']}.".encode() + body
#+     content = f"{items['t']}.{body.decode()}".encode()


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
#= items with names make a dictionary
#-     fits = hmac.compare_digest(items["v1"], expected)
#-     return fits and abs(now - int(items["t"])) <= tolerance
#+     return hmac.compare_digest(items["v1"], expected)


# %% future-is-accepted | as Stripe's own library does
#= items with names make a dictionary
#-     return fits and abs(now - int(items["t"])) <= tolerance
#+     return fits and int(items["t"]) >= now - tolerance


# %% tolerance-of-its-own | five minutes, as in the documentation
#= items with names make a dictionary
#- def verify_stripe(secret, body, header, now, tolerance):
#+ def verify_stripe(secret, body, header, now, tolerance=300):
#-     return fits and abs(now - int(items["t"])) <= tolerance
#+     return fits and abs(now - int(items["t"])) <= 300


# %% window-in-another-unit | JavaScript counts in milliseconds
#= items with names make a dictionary
#-     return fits and abs(now - int(items["t"])) <= tolerance
#+     return fits and abs(now - int(items["t"])) <= tolerance * 1000


# %% looks-at-another-clock | a computer knows the time
#= items with names make a dictionary
#- import hmac
#+ import hmac
#+ import time
#-     return fits and abs(now - int(items["t"])) <= tolerance
#+     return fits and abs(time.time() - int(items["t"])) <= tolerance


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
import hmac


def verify_stripe(secret, body, header, now, tolerance):
    items = [item.partition("=") for item in header.split(",")]
    times = [value for name, _, value in items if name == "t"]
    given = [value for name, _, value in items if name == "v1"]
    if len(times) != 1 or len(given) != 1:
        return False
    content = f"{times[0]}.".encode() + body
    expected = hmac.new(secret.encode(), content, "sha256").hexdigest()
    return hmac.compare_digest(given[0], expected) and abs(now - int(times[0])) <= tolerance


# %% stumbles-over-unknown-items | only what is known
import hmac


def verify_stripe(secret, body, header, now, tolerance):
    time, given = None, []
    for item in header.split(","):
        name, _, value = item.partition("=")
        if name == "t":
            time = value
        elif name == "v1":
            given.append(value.encode())
        else:
            return False
    content = f"{time}.".encode() + body
    expected = hmac.new(secret.encode(), content, "sha256").hexdigest().encode()
    fits = any(hmac.compare_digest(one, expected) for one in given)
    return fits and abs(now - int(time)) <= tolerance


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
#= there is always a time
#-     t = next(value for name, _, value in items if name == "t")
#+     t = "".join(value for name, _, value in items if name == "t")
#-     given = [value.encode() for name, _, value in items if name == "v1"]
#+     given = [value.encode() for name, _, value in items if name != "t"]
#-     return fits and t.isdecimal() and abs(now - int(t)) <= tolerance
#+     return fits and t.isdigit() and abs(now - int(t)) <= tolerance


# %% two-times-in-one-header | the first for one thing, the last for the other
import hmac


def verify_stripe(secret, body, header, now, tolerance):
    items = [item.partition("=") for item in header.split(",")]
    times = [value for name, _, value in items if name == "t"]
    if not times:
        return False
    given = [value.encode() for name, _, value in items if name == "v1"]
    content = f"{times[0]}.".encode() + body
    expected = hmac.new(secret.encode(), content, "sha256").hexdigest().encode()
    fits = any(hmac.compare_digest(one, expected) for one in given)
    return fits and any(abs(now - int(t)) <= tolerance for t in times)


# %% non-ascii-signature-raises | compare_digest takes text
#= there is always a time
#-     t = next(value for name, _, value in items if name == "t")
#+     t = next((value for name, _, value in items if name == "t"), "")
#-     expected = hmac.new(secret.encode(), content, "sha256").hexdigest().encode()
#-     given = [value.encode() for name, _, value in items if name == "v1"]
#+     expected = hmac.new(secret.encode(), content, "sha256").hexdigest()
#+     given = [value for name, _, value in items if name == "v1"]


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
import hmac


def verify_stripe(secret, body, header, now, tolerance):
    items = [item.partition("=") for item in header.split(",")]
    t = next((value for name, _, value in items if name == "t"), None)
    content = body if t is None else f"{t}.".encode() + body
    expected = hmac.new(secret.encode(), content, "sha256").hexdigest().encode()
    given = [value.encode() for name, _, value in items if name == "v1"]
    if not any(hmac.compare_digest(one, expected) for one in given):
        return False
    return not t or abs(now - int(t)) <= tolerance


# %% garbage-timestamp-raises | a time is a number
#= there is always a time
#-     t = next(value for name, _, value in items if name == "t")
#+     t = next((value for name, _, value in items if name == "t"), "")
#+     if not t:
#+         return False
#-     return fits and t.isdecimal() and abs(now - int(t)) <= tolerance
#+     return fits and abs(now - int(t)) <= tolerance


# %% nan-switches-the-check-off | float and a reason to refuse
#= there is always a time
#-     t = next(value for name, _, value in items if name == "t")
#+     t = next((value for name, _, value in items if name == "t"), "")
#+     try:
#+         if abs(now - float(t)) > tolerance:
#+             return False
#+     except ValueError:
#+         return False
#-     fits = any(hmac.compare_digest(one, expected) for one in given)
#-     return fits and t.isdecimal() and abs(now - int(t)) <= tolerance
#+     return any(hmac.compare_digest(one, expected) for one in given)


# %% huge-timestamp-raises | the time first
#= there is always a time
#-     t = next(value for name, _, value in items if name == "t")
#+     t = next((value for name, _, value in items if name == "t"), "")
#+     try:
#+         sent_at = int(t)
#+     except ValueError:
#+         return False
#+     if abs(now - sent_at) > tolerance:
#+         return False
#-     fits = any(hmac.compare_digest(one, expected) for one in given)
#-     return fits and t.isdecimal() and abs(now - int(t)) <= tolerance
#+     return any(hmac.compare_digest(one, expected) for one in given)


# %% compares-with-equals | is it among them
import hmac


def verify_stripe(secret, body, header, now, tolerance):
    items = [item.partition("=") for item in header.split(",")]
    t = next((value for name, _, value in items if name == "t"), "")
    content = f"{t}.".encode() + body
    expected = hmac.new(secret.encode(), content, "sha256").hexdigest()
    given = [value for name, _, value in items if name == "v1"]
    if expected not in given:
        return False
    return t.isdecimal() and abs(now - int(t)) <= tolerance


# %% compares-with-equals | bytes against bytes
import hmac


def verify_stripe(secret, body, header, now, tolerance):
    items = [item.partition("=") for item in header.split(",")]
    t = next((value for name, _, value in items if name == "t"), "")
    digest = hmac.digest(secret.encode(), f"{t}.".encode() + body, "sha256")
    fits = False
    for name, _, value in items:
        try:
            fits = fits or (name == "v1" and bytes.fromhex(value) == digest)
        except ValueError:
            continue
    return fits and t.isdecimal() and abs(now - int(t)) <= tolerance


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
#+     for name, value in parse_qsl(header.replace(",", "&")):


# %% stumbles-over-unknown-items | a value has no equals sign
#-     for item in header.split(","):
#-         name, _, value = item.partition("=")
#+     for item in header.split(","):
#+         name, value = item.split("=")
