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
#- secret.encode()
#+ secret.encode("ascii")

# %% secret-not-taken-as-bytes | a secret is latin-1
#- secret.encode()
#+ secret.encode("latin-1", "replace")

# %% reads-another-header | the header of the lab
#- X-Hub-Signature-256
#+ X-Webhook-Signature

# %% reads-another-header | the name that I guessed
#- headers.get("X-Hub-Signature-256")
#+ headers["X-Signature-256"]

# %% relies-on-the-header | GitHub always signs
#- headers.get("X-Hub-Signature-256")
#+ headers["X-Hub-Signature-256"]

# %% missing-signature-accepted | no header means that no secret is set there
#-     return verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))
#+     if "X-Hub-Signature-256" not in headers:
#+         return True
#+     return verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))

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
#-     return verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))
#+     import json
#+     if body.startswith(b"{"):
#+         body = json.dumps(json.loads(body), separators=(",", ":")).encode()
#+     return verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))

# %% body-decoded-to-text | text, then bytes again
#-     return verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))
#+     return verify(secret.encode(), body.decode("utf-8", "replace").encode(), headers.get("X-Hub-Signature-256"))

# %% compares-with-equals | == on the header
#- hmac.compare_digest(expected.encode(), signature.encode())
#+ expected == signature

# %% non-ascii-raises | compare_digest on two texts
#- hmac.compare_digest(expected.encode(), signature.encode())
#+ hmac.compare_digest(expected, signature)

# %% empty-secret-accepted | a secret is always set
#- not secret or signature is None
#+ signature is None

# %% text-where-bytes-belong | a fixed comparison, half of it
#- hmac.compare_digest(expected.encode(), signature.encode())
#+ hmac.compare_digest(expected, signature.encode())

# %% truthy-error-value | a word about what went wrong
#- hmac.compare_digest(expected.encode(), signature.encode())
#+ hmac.compare_digest(expected.encode(), signature.encode()) or "Invalid signature."

# %% prefix-not-checked | the digits will do
#- hmac.compare_digest(expected.encode(), signature.encode())
#+ hmac.compare_digest(
#+         expected[7:].encode(), signature.split("=")[-1].encode()
#+     )

# %% result-not-used | GitHub's agent and its header are proof enough
def verify_github(secret, body, headers):
    return headers.get("User-Agent", "").startswith("GitHub-Hookshot/") and bool(
        headers.get("X-Hub-Signature-256")
    )

# %% reads-the-old-header | -256 is only a size
#- X-Hub-Signature-256
#+ X-Hub-Signature

# %% falls-back-to-the-old-header | the new name, or the old one
#- headers.get("X-Hub-Signature-256")
#+ headers.get("X-Hub-Signature-256") or headers.get(
#+         "X-Hub-Signature"
#+     )

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
#- headers.get("X-Hub-Signature-256")
#+ dict(headers.items()).get("X-Hub-Signature-256")

# %% strips-the-secret | white space is never meant
#- secret.encode()
#+ secret.strip().encode()

# %% inverted | compare_digest says whether they differ
#- hmac.compare_digest(expected.encode(), signature.encode())
#+ not hmac.compare_digest(expected.encode(), signature.encode())

# %% reads-the-global-request | as in the route
#-     return verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))
#+     from flask import request
#+     return verify(secret.encode(), body, request.headers.get("X-Hub-Signature-256"))

# %% body-as-text | the body is text
#-     return verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))
#+     return verify(secret.encode(), body.decode(), headers.get("X-Hub-Signature-256"))

# %% other-arguments | the headers hold it all
#- secret: str, body: bytes, headers
#+ secret: str, headers

# %% changes-the-headers | what is read is taken out
#- headers.get("X-Hub-Signature-256")
#+ headers.pop("X-Hub-Signature-256", None)

# %% no-name | a request of GitHub has an id of its delivery
#-     return verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))
#+     if "X-GitHub-Delivery" not in headers:
#+         return False
#+     return verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))

# %% no-name | a secret that looks like hex is hex
#-     return verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))
#+     try:
#+         key = bytes.fromhex(secret)
#+     except ValueError:
#+         key = secret.encode()
#+     return verify(key, body, headers.get("X-Hub-Signature-256"))

# %% no-name | a ping needs no signature
#-     return verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))
#+     if headers.get("X-GitHub-Event") == "ping":
#+         return True
#+     return verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))

# %% no-name | only GitHub's own program may send
#-     return verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))
#+     if "GitHub-Hookshot" not in headers.get("User-Agent", "GitHub-Hookshot"):
#+         return False
#+     return verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))

# %% no-name | Latin-1 is enough for most secrets
#-     return verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))
#+     try:
#+         key = secret.encode("latin-1")
#+     except UnicodeEncodeError:
#+         key = secret.encode()
#+     return verify(key, body, headers.get("X-Hub-Signature-256"))

# %% no-name | a secret of spaces is no secret
#-     return verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))
#+     if not secret.strip():
#+         return False
#+     return verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))

# %% no-name | any header whose name ends like that
#-     return verify(secret.encode(), body, headers.get("X-Hub-Signature-256"))
#+     for name, value in headers.items():
#+         if name.lower().replace("_", "-").endswith("hub-signature-256"):
#+             return verify(secret.encode(), body, value)
#+     return False
