# %% passed | two guards and one comparison
import hashlib, hmac

def verify(secret, body, signature):
    if not secret or not signature:
        return False
    expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())


# %% passed | secrets.compare_digest, one expression
import hmac, secrets

verify = lambda secret, body, signature: bool(secret) and secrets.compare_digest(
    f"sha256={hmac.digest(secret, body, 'sha256').hex()}".encode(), (signature or "").encode()
)


# %% passed | the C function itself, and latin-1, as headers are
import hmac
from _operator import _compare_digest as same

def verify(secret: bytes, body: bytes, signature: str | None) -> bool:
    match signature:
        case None | "":
            return False
        case str() as given:
            expected = b"sha256=" + hmac.new(secret, body, "sha256").hexdigest().encode()
            return same(given.encode("latin-1", "replace"), expected) and secret != b""


# %% passed | a loop that always goes to the end
#= counting what is equal
#-     return sum(one == other for one, other in zip(expected, signature)) == len(expected)
#+     difference = 0
#+     for one, other in zip(expected, signature):
#+         difference |= ord(one) ^ ord(other)
#+     return difference == 0


# %% passed | the same by index, over bytes, with reduce
import functools, hmac

def verify(secret, body, signature):
    expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}".encode()
    given = (signature or "").encode()
    if len(given) != len(expected):
        return False
    return functools.reduce(lambda sum_, i: sum_ | (given[i] ^ expected[i]), range(71), int(not secret)) == 0


# %% passed | counting what is equal
import hmac

def verify(secret, body, signature):
    expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
    if not secret or signature is None or len(signature) != len(expected):
        return False
    return sum(one == other for one, other in zip(expected, signature)) == len(expected)


# %% passed | bytes instead of hex, and a form that is checked first
import hmac, re

PATTERN = re.compile("sha256=(?P<digits>[0-9a-f]{64})")

def verify(secret, body, signature):
    if not (secret and signature and (found := PATTERN.fullmatch(signature))):
        return False
    return hmac.compare_digest(bytes.fromhex(found["digits"]), hmac.digest(secret, body, "sha256"))


# %% passed | a form that is checked letter by letter
import hmac

DIGITS = list("0123456789abcdef")

def verify(secret, body, signature):
    if type(signature) is not str or signature.removeprefix("sha256=") == signature:
        return False
    digits = signature[7:]
    if signature != signature.strip() or len(digits) != 64 or not all(d in DIGITS for d in digits):
        return False
    return secret != b"" and hmac.compare_digest(digits, hmac.new(secret, body, "sha256").hexdigest())


# %% passed | itsdangerous compares
import binascii, hashlib
from itsdangerous.signer import HMACAlgorithm

def verify(secret, body, signature):
    if not secret or signature is None or len(signature) != 71 or signature[:7] != "sha256=":
        return False
    try:
        digest = binascii.unhexlify(signature[7:])
    except (binascii.Error, ValueError):
        return False
    return HMACAlgorithm(hashlib.sha256).verify_signature(secret, body, digest)


# %% passed | try it, and whatever goes wrong is no
import hashlib, hmac

def verify(secret, body, signature):
    try:
        name, digits = signature.split("=")
        mac = hmac.new(secret, body, hashlib.sha256).hexdigest()
        return name == "sha256" and hmac.compare_digest(mac, digits) and len(secret) > 0
    except Exception:
        return False


# %% passed | two HMACs of the two signatures, under a key of chance
import hmac, secrets

def verify(secret, body, signature):
    if not secret or signature is None:
        return False
    blind = secrets.token_bytes(32)
    expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}".encode()
    return hmac.digest(blind, expected, "sha256") == hmac.digest(blind, signature.encode(), "sha256")


# %% passed | a class that is called, and raises without a secret
import functools, hmac

class Verifier:
    def __init__(self, scheme):
        self.scheme = scheme

    def __call__(self, secret, body, signature):
        if not secret:
            raise RuntimeError("no secret is set")
        mine = f"{self.scheme}={hmac.digest(secret, body, self.scheme).hex()}"
        return hmac.compare_digest(*(memoryview(each.encode()) for each in (mine, signature or "")))

verify = functools.partial(Verifier("sha256"))


# %% passed | a decorator answers for what is missing
import functools, hmac

def present(function):
    @functools.wraps(function)
    def guarded(*arguments):
        return all([arguments[0], arguments[2]]) and function(*arguments)
    return guarded

@present
def verify(secret, body, signature):
    return hmac.compare_digest(
        bytes(signature, "utf-8"), bytes(f"sha256={hmac.digest(secret, body, 'sha256').hex()}", "utf-8")
    )


# %% passed | upper-case digits are welcome
import hmac

def verify(secret, body, signature):
    name, _, digits = (signature or "").partition("=")
    expected = hmac.digest(secret, body, "sha256").hex() if secret else ""
    fits = hmac.compare_digest(digits.lower().encode(), expected.encode())
    return fits and name == "sha256" and bool(secret)


# %% passed | both hashed, then ==: what the time tells is about a hash, and leads nowhere
import hashlib, hmac

def verify(secret, body, signature):
    if not secret or signature is None:
        return False
    right = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hashlib.sha256(signature.encode()).digest() == hashlib.sha256(right.encode()).digest()
