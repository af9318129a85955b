# %% passed | get, encode, compare
import hashlib, hmac

def verify_github(secret, body, headers):
    given = headers.get("X-Hub-Signature-256")
    if not secret or not given:
        return False
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), given.encode())


# %% passed | names in lower case, and the walrus
import hmac, secrets

def verify_github(secret, body, headers):
    if (given := headers.get("x-hub-signature-256")) is None or secret == "":
        return False
    mine = b"sha256=%s" % hmac.digest(secret.encode("utf-8"), body, "sha256").hex().encode()
    return secrets.compare_digest(mine, given.encode("utf-8"))


# %% passed | a dictionary of its own, all names in lower case
import hmac

def verify_github(secret, body, headers):
    own = {name.lower(): value for name, value in headers.items()}
    try:
        return hmac.compare_digest(
            own["x-hub-signature-256"].encode(),
            f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}".encode(),
        ) and len(secret) > 0
    except KeyError:
        return False


# %% passed | a search through all headers, with itsdangerous at the end
import hashlib
from itsdangerous.signer import HMACAlgorithm

def verify_github(secret, body, headers):
    found = [headers[name] for name in headers if name.lower() == "x-hub-signature-256"]
    if len(found) != 1 or not secret:
        return False
    mine = HMACAlgorithm(hashlib.sha256).get_signature(secret.encode(), body).hex()
    algorithm = HMACAlgorithm(hashlib.sha256)
    key = b"any key, the same for both"
    theirs = algorithm.get_signature(key, found[0].encode())
    return algorithm.verify_signature(key, f"sha256={mine}".encode(), theirs)


# %% passed | gidgethub verifies, and raises what we turn into False
from gidgethub import ValidationFailure
from gidgethub.sansio import validate_event

def verify_github(secret, body, headers):
    signature = headers.get("X-Hub-Signature-256", "")
    if not secret or not signature.isascii() or not signature.startswith("sha256="):
        return False
    try:
        validate_event(body, signature=signature, secret=secret)
    except ValidationFailure:
        return False
    return True


# %% passed | the verify of 4.2, in a closure
import hmac

def verifier(header):
    def verify(secret, body, signature):
        expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
        return all((secret, signature)) and hmac.compare_digest(expected.encode(), signature.encode())

    return lambda secret, body, headers: verify(secret.encode(), body, headers.get(header))

verify_github = verifier("X-HUB-SIGNATURE-256")
