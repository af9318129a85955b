# %% passed | step by step
import hashlib
import hmac


def verify_stripe(secret, body, header, now, tolerance):
    time, given = "", []
    for item in header.split(","):
        name, _, value = item.partition("=")
        if name == "t":
            time = value
        elif name == "v1":
            given.append(value)
    if not (time.isascii() and time.isdigit() and len(time) <= 15):
        return False
    content = time.encode() + b"." + body
    expected = hmac.new(secret.encode(), content, hashlib.sha256).hexdigest().encode()
    if not any(hmac.compare_digest(one.encode(), expected) for one in given):
        return False
    return abs(now - int(time)) <= tolerance


# %% passed | patterns for the items
import hmac
import re


def verify_stripe(secret, body, header, now, tolerance):
    times = re.findall(r"(?:^|,)\s*t=([0-9]+)(?=,|$)", header)
    given = re.findall(r"(?:^|,)\s*v1=([0-9a-f]{64})(?=,|$)", header)
    if len(times) != 1:
        return False
    (t,) = times
    mac = hmac.new(bytes(secret, "utf-8"), b"%s." % t.encode(), "sha256")
    mac.update(body)
    if True not in {hmac.compare_digest(mac.hexdigest(), one) for one in given}:
        return False
    return -tolerance <= now - int(t) <= tolerance


# %% passed | a dictionary of lists, the digests as bytes, one try
import binascii
import collections
import hmac
import secrets


def verify_stripe(secret, body, header, now, tolerance):
    found = collections.defaultdict(list)
    for item in header.split(","):
        name, equals, value = item.strip().partition("=")
        found[name].append(value)
    digest = hmac.digest(secret.encode(), f"{found['t'][0]}.".encode() + body, "sha256") if found["t"] else b""
    fits = False
    for value in found["v1"]:
        try:
            fits = secrets.compare_digest(binascii.unhexlify(value), digest) or fits
        except (binascii.Error, ValueError):
            pass
    if found["t"] and set(found["t"][0]) - set("0123456789"):
        return False
    try:
        return fits and abs(now - int(found["t"][-1])) <= tolerance and len(found["t"]) == 1
    except (ValueError, IndexError, OverflowError):
        return False


# %% passed | nested functions and a walrus
import hmac


def verify_stripe(secret, body, header, now, tolerance):
    def values(wanted):
        return [
            value
            for item in header.split(",")
            for name, equals, value in [item.partition("=")]
            if name == wanted and equals
        ]

    def genuine(t):
        expected = hmac.new(secret.encode(), f"{t}.".encode() + body, "sha256")
        return any(
            hmac.compare_digest(one.encode("utf-8"), expected.hexdigest().encode())
            for one in values("v1")
        )

    def fresh(t):
        return t.isascii() and t.isdecimal() and abs(now - int(t)) <= tolerance

    return bool(times := values("t")) and genuine(times[0]) and fresh(times[0])
