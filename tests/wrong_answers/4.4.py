# %% secret-not-encoded | the secret goes in as it is
import hashlib, hmac

def verify_github(secret, body, headers):
    given = headers.get("X-Hub-Signature-256", "")
    expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), given.encode())


# %% text-where-bytes-belong | hmac.digest, secret as it is
import hmac

def verify_github(secret, body, headers):
    given = headers.get("X-Hub-Signature-256", "")
    expected = "sha256=" + hmac.digest(secret, body, "sha256").hex()
    return hmac.compare_digest(expected.encode(), given.encode())


# %% secret-not-in-utf-8 | a secret is ASCII
import hmac

def verify_github(secret, body, headers):
    given = headers.get("X-Hub-Signature-256", "")
    expected = f"sha256={hmac.digest(secret.encode('ascii'), body, 'sha256').hex()}"
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


# %% secret-not-taken-as-bytes | a secret is latin-1
import hmac

def verify_github(secret, body, headers):
    given = headers.get("X-Hub-Signature-256", "")
    expected = f"sha256={hmac.digest(secret.encode('latin-1', 'replace'), body, 'sha256').hex()}"
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


# %% reads-another-header | the header of the lab
import hmac

def verify_github(secret, body, headers):
    given = headers.get("X-Webhook-Signature", "")
    expected = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


# %% reads-another-header | the name that I guessed
import hmac

def verify_github(secret, body, headers):
    given = headers["X-Signature-256"]
    expected = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


# %% relies-on-the-header | GitHub always signs
import hmac

def verify_github(secret, body, headers):
    given = headers["X-Hub-Signature-256"]
    expected = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


# %% missing-signature-accepted | no header means that no secret is set there
import hmac

def verify_github(secret, body, headers):
    if "X-Hub-Signature-256" not in headers:
        return True
    given = headers["X-Hub-Signature-256"]
    expected = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


# %% reads-the-old-header | SHA-1, and the header for it
import hashlib, hmac

def verify_github(secret, body, headers):
    given = headers.get("X-Hub-Signature-256") or headers.get("X-Hub-Signature") or ""
    expected = "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


# %% falls-back-to-sha1 | the new header, or the old one
import hmac

def verify_github(secret, body, headers):
    for header, name in (("X-Hub-Signature-256", "sha256"), ("X-Hub-Signature", "sha1")):
        given = headers.get(header)
        if given:
            expected = f"{name}={hmac.digest(secret.encode(), body, name).hex()}"
            return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())
    return False


# %% falls-back-to-sha1 | one of the two fits
import hmac

def verify_github(secret, body, headers):
    fits = False
    for header, name in (("X-Hub-Signature-256", "sha256"), ("X-Hub-Signature", "sha1")):
        expected = f"{name}={hmac.digest(secret.encode(), body, name).hex()}"
        fits |= hmac.compare_digest(expected.encode(), headers.get(header, "").encode())
    return fits and bool(secret)


# %% sender-chooses-the-algorithm | the prefix says which
import hmac

def verify_github(secret, body, headers):
    name, _, digits = headers.get("X-Hub-Signature-256", "").partition("=")
    if not secret or name not in ("sha256", "sha1"):
        return False
    expected = hmac.digest(secret.encode(), body, name).hex()
    return hmac.compare_digest(digits.encode(), expected.encode())


# %% only-json-bodies | GitHub sends JSON
import hmac, json

def verify_github(secret, body, headers):
    try:
        json.loads(body)
    except UnicodeDecodeError:
        return False
    except ValueError:
        if body != b"Hello, World!":
            return False
    given = headers.get("X-Hub-Signature-256", "")
    expected = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


# %% re-serialised-json | what was sent is the payload
import hmac, json

def verify_github(secret, body, headers):
    if body.startswith(b"{"):
        body = json.dumps(json.loads(body), separators=(",", ":")).encode()
    given = headers.get("X-Hub-Signature-256", "")
    expected = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


# %% body-decoded-to-text | text, then bytes again
import hmac

def verify_github(secret, body, headers):
    text = body.decode("utf-8", "replace")
    given = headers.get("X-Hub-Signature-256", "")
    expected = f"sha256={hmac.digest(secret.encode(), text.encode(), 'sha256').hex()}"
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


# %% compares-with-equals | == on the header
import hmac

def verify_github(secret, body, headers):
    expected = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    return bool(secret) and headers.get("X-Hub-Signature-256") == expected


# %% non-ascii-raises | compare_digest on two texts
import hmac

def verify_github(secret, body, headers):
    expected = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    return bool(secret) and hmac.compare_digest(headers.get("X-Hub-Signature-256", ""), expected)


# %% empty-secret-accepted | a secret is always set
import hmac

def verify_github(secret, body, headers):
    given = headers.get("X-Hub-Signature-256", "")
    expected = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    return hmac.compare_digest(expected.encode(), given.encode())


# %% text-where-bytes-belong | a fixed comparison, half of it
import hmac

def verify_github(secret, body, headers):
    given = headers.get("X-Hub-Signature-256", "")
    expected = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    return hmac.compare_digest(expected, given.encode())


# %% truthy-error-value | a word about what went wrong
import hmac

def verify_github(secret, body, headers):
    given = headers.get("X-Hub-Signature-256", "")
    expected = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    return hmac.compare_digest(expected.encode(), given.encode()) or "Invalid signature."


# %% prefix-not-checked | the digits will do
import hmac

def verify_github(secret, body, headers):
    given = headers.get("X-Hub-Signature-256", "").split("=")[-1]
    expected = hmac.digest(secret.encode(), body, "sha256").hex()
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


# %% result-not-used | GitHub's agent and its header are proof enough
def verify_github(secret, body, headers):
    return headers.get("User-Agent", "").startswith("GitHub-Hookshot/") and bool(
        headers.get("X-Hub-Signature-256")
    )


# %% reads-the-old-header | -256 is only a size
import hmac

def verify_github(secret, body, headers):
    given = headers.get("X-Hub-Signature", "")
    expected = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


# %% falls-back-to-the-old-header | the new name, or the old one
import hmac

def verify_github(secret, body, headers):
    given = headers.get("X-Hub-Signature-256") or headers.get("X-Hub-Signature") or ""
    expected = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


# %% compares-the-name-exactly | a loop over all headers
import hmac

def verify_github(secret, body, headers):
    given = ""
    for name, value in headers.items():
        if name == "X-Hub-Signature-256":
            given = value
    expected = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


# %% compares-the-name-exactly | a dictionary of its own
import hmac

def verify_github(secret, body, headers):
    given = dict(headers.items()).get("X-Hub-Signature-256", "")
    expected = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


# %% strips-the-secret | white space is never meant
import hmac

def verify_github(secret, body, headers):
    given = headers.get("X-Hub-Signature-256", "")
    expected = f"sha256={hmac.digest(secret.strip().encode(), body, 'sha256').hex()}"
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


# %% inverted | compare_digest says whether they differ
import hmac

def verify_github(secret, body, headers):
    given = headers.get("X-Hub-Signature-256", "")
    expected = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    return bool(secret) and not hmac.compare_digest(expected.encode(), given.encode())


# %% reads-the-global-request | as in the route
import hmac
from flask import request

def verify_github(secret, body, headers):
    given = request.headers.get("X-Hub-Signature-256", "")
    expected = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


# %% body-as-text | the body is text
import hmac

def verify_github(secret, body, headers):
    given = headers.get("X-Hub-Signature-256", "")
    body = body.decode()
    expected = f"sha256={hmac.new(secret.encode(), body, 'sha256').hexdigest()}"
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


# %% other-arguments | the headers hold it all
import hmac

def verify_github(secret, headers):
    given = headers.get("X-Hub-Signature-256", "")
    expected = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


# %% changes-the-headers | what is read is taken out
import hmac

def verify_github(secret, body, headers):
    given = headers.pop("X-Hub-Signature-256", "")
    expected = f"sha256={hmac.new(secret.encode(), body, 'sha256').hexdigest()}"
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())


# %% no-name | a request of GitHub has an id of its delivery
import hmac

def verify_github(secret, body, headers):
    if not secret or "X-GitHub-Delivery" not in headers:
        return False
    given = headers.get("X-Hub-Signature-256", "")
    expected = f"sha256={hmac.new(secret.encode(), body, 'sha256').hexdigest()}"
    return hmac.compare_digest(expected.encode(), given.encode())


# %% no-name | a secret that looks like hex is hex
import hmac

def verify_github(secret, body, headers):
    try:
        key = bytes.fromhex(secret)
    except ValueError:
        key = secret.encode()
    given = headers.get("X-Hub-Signature-256", "")
    expected = f"sha256={hmac.new(key, body, 'sha256').hexdigest()}"
    return bool(secret) and hmac.compare_digest(expected.encode(), given.encode())
