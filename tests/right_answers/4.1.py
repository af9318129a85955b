# %% passed | one call
import hmac

def sign(secret, body):
    return f"sha256={hmac.digest(secret, body, 'sha256').hex()}"


# %% passed | an object that is fed, and a join
import hashlib
import hmac as mac

def sign(secret, body):
    machine = mac.new(secret, digestmod=hashlib.sha256)
    for byte in body:
        machine.update(bytes([byte]))
    return "=".join((machine.name.removeprefix("hmac-"), machine.hexdigest()))


# %% passed | a lambda, keyword arguments, percent
import hmac

sign = lambda secret, body: "sha256=%s" % hmac.new(key=secret, msg=body, digestmod="SHA256").hexdigest()


# %% passed | HMAC written out, as RFC 2104 says
from hashlib import sha256

def sign(secret, body):
    key = (sha256(secret).digest() if len(secret) > 64 else secret).ljust(64, b"\0")
    inner = sha256(bytes(k ^ 0x36 for k in key) + body).digest()
    return "sha256=" + sha256(bytes(k ^ 0x5C for k in key) + inner).digest().hex()


# %% passed | a class with a copy of one keyed object, and binascii
import binascii, functools, hmac

class Signer:
    @functools.cached_property
    def keyed(self):
        return functools.lru_cache(lambda secret: hmac.new(secret, None, "sha256"))

    def __call__(self, secret: bytes, body: bytes) -> str:
        copied = self.keyed(secret).copy()
        copied.update(body)
        return "sha256=" + binascii.hexlify(copied.digest()).decode("ascii")

sign = Signer()


# %% passed | itsdangerous does the HMAC
import hashlib
from itsdangerous.signer import HMACAlgorithm

def sign(secret, body):
    return "sha256=" + HMACAlgorithm(hashlib.sha256).get_signature(secret, body).hex()
