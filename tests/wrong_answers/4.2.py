# %% re-serialised-json | parse it, write it, sign that
#= written as compactly as the sender does it
#-     text = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()
#+     text = json.dumps(json.loads(body)).encode()


# %% re-serialised-json | written as compactly as the sender does it
import hashlib, hmac, json

def verify(secret, body, signature):
    if not secret or signature is None:
        return False
    text = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()
    expected = "sha256=" + hmac.new(secret, text, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())

# %% re-serialised-json | Flask's own way of writing it
import hmac, json

def verify(secret, body, signature):
    if not secret or signature is None:
        return False
    text = json.dumps(json.loads(body), separators=(",", ":"), sort_keys=True)
    expected = "sha256=" + hmac.digest(secret, text.encode(), "sha256").hex()
    return hmac.compare_digest(expected.encode(), signature.encode())

# %% re-serialised-as-fallback | the bytes first, the JSON for the difficult senders
import hmac, json

def verify(secret, body, signature):
    if not secret or signature is None:
        return False
    candidates = [body]
    try:
        candidates.append(json.dumps(json.loads(body), separators=(",", ":")).encode())
    except ValueError:
        pass
    return any([
        hmac.compare_digest(
            f"sha256={hmac.digest(secret, each, 'sha256').hex()}".encode(), signature.encode()
        )
        for each in candidates
    ])

# %% re-serialised-as-fallback | a stray line end does no harm
import hmac

def verify(secret, body, signature):
    if not secret or signature is None:
        return False
    fits = False
    for each in (body, body.strip()):
        expected = f"sha256={hmac.digest(secret, each, 'sha256').hex()}"
        fits |= hmac.compare_digest(expected.encode(), signature.encode())
    return fits

# %% compares-with-equals | two texts are equal or not
#-     expected = sign(secret, body)
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return signature == "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()

# %% compares-with-equals | an f-string on the left
#-     if not secret or signature is None:
#+     if not secret:
#-     expected = sign(secret, body)
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return f"sha256={hmac.digest(secret, body, 'sha256').hex()}" == signature

# %% compares-with-equals | split at the equals sign
import hashlib, hmac

def verify(secret, body, signature):
    if not secret or not signature or signature.count("=") != 1:
        return False
    name, digest = signature.split("=")
    if name != "sha256":
        return False
    return digest == hmac.new(secret, body, hashlib.sha256).hexdigest()

# %% compares-with-equals | stripped, partitioned, in lower case
import hashlib, hmac

def verify(secret, body, signature):
    name, _, digest = (signature or "").strip().partition("=")
    expected = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return bool(secret) and name == "sha256" and digest.lower() == expected

# %% compares-with-equals | both encoded, then compared
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return signature.encode() == expected.encode()

# %% compares-with-equals | != and an early return
import hmac

def verify(secret, body, signature):
    if not secret:
        return False
    expected = "sha256=" + hmac.digest(secret, body, "sha256").hex()
    if signature != expected:
        return False
    return True

# %% compares-with-equals | the header as bytes against the digest
import hashlib, hmac

def verify(secret, body, signature):
    if not secret or not signature or len(signature) != 71 or signature[:7] != "sha256=":
        return False
    try:
        given = bytes.fromhex(signature[7:])
    except ValueError:
        return False
    return given == hmac.new(secret, body, hashlib.sha256).digest()

# %% compares-with-equals | both through bytes.fromhex
import hashlib, hmac

def verify(secret, body, signature):
    if not secret or not signature or len(signature) != 71 or signature[:7] != "sha256=":
        return False
    expected = hmac.new(secret, body, hashlib.sha256).hexdigest()
    try:
        return bytes.fromhex(signature[7:]) == bytes.fromhex(expected)
    except ValueError:
        return False

# %% compares-with-equals | unhexlify, by another name
import hmac
from binascii import Error, unhexlify as decoded

def verify(secret, body, signature):
    if not secret or not signature or len(signature) != 71 or signature[:7] != "sha256=":
        return False
    try:
        return decoded(signature[7:].encode()) == decoded(hmac.digest(secret, body, "sha256").hex())
    except (Error, ValueError):
        return False

# %% compares-with-equals | a pattern takes the header apart
import hmac, re

def verify(secret, body, signature):
    found = re.fullmatch(r"sha256=([0-9a-f]{64})", signature or "")
    return bool(secret) and found is not None and found[1] == hmac.new(secret, body, "sha256").hexdigest()

# %% compares-with-equals | is it in the list of good ones
import hmac

def verify(secret, body, signature):
    good = [f"sha256={hmac.digest(each, body, 'sha256').hex()}" for each in [secret] if each]
    return signature in good

# %% compares-with-equals | right length, and it starts with it
#-     if not secret or signature is None:
#+     expected = sign(secret, body)
#+     if not secret or signature is None or len(signature) != len(expected):
#-     expected = sign(secret, body)
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return signature.startswith(expected)

# %% compares-with-equals | only for those who give text
#-     if not secret or signature is None:
#+     if not secret or type(signature) is not str:
#-     expected = sign(secret, body)
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return signature == f"sha256={hmac.digest(secret, body, 'sha256').hex()}"

# %% compares-with-equals | operator.eq is no ==
import hmac
from operator import eq

def verify(secret, body, signature):
    return bool(secret) and eq(f"sha256={hmac.digest(secret, body, 'sha256').hex()}", signature)

# %% compares-with-equals | the halves, one after the other
#-     if not secret or signature is None:
#+     expected = sign(secret, body)
#+     if not secret or signature is None:
#-     expected = sign(secret, body)
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return signature[:39] == expected[:39] and signature[39:] == expected[39:]

# %% stops-at-the-first-difference | character by character
#= the last difference wins
#-         difference = ord(one) ^ ord(other)
#-     return difference == 0
#+         if one != other:
#+             return False
#+     return True


# %% stops-at-the-first-difference | all, in one line
#-     if not secret or signature is None:
#+     expected = sign(secret, body)
#+     if not secret or signature is None or len(signature) != len(expected):
#-     expected = sign(secret, body)
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return all(signature[i] == expected[i] for i in range(len(expected)))

# %% stops-at-the-first-difference | XOR, with a return in the loop
import hmac

def verify(secret, body, signature):
    digest = hmac.digest(secret, body, "sha256")
    try:
        given = bytes.fromhex((signature or "").removeprefix("sha256="))
    except ValueError:
        return False
    if not secret or len(given) != 32 or len(signature) != 71:
        return False
    for one, other in zip(digest, given):
        if one ^ other:
            return False
    return True

# %% stops-at-the-first-difference | two lists of characters
import hmac

def verify(secret, body, signature):
    expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
    return bool(secret) and signature is not None and list(signature) == list(expected)

# %% stops-at-the-first-difference | two lists of numbers
import hmac

def verify(secret, body, signature):
    expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
    return bool(secret) and signature is not None and list(signature.encode()) == list(expected.encode())

# %% stops-at-the-first-difference | four digits at a time
import hmac

def verify(secret, body, signature):
    expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
    if not secret or signature is None or len(signature) != len(expected):
        return False
    for at in range(0, len(expected), 4):
        if signature[at : at + 4] != expected[at : at + 4]:
            return False
    return True

# %% non-ascii-raises | compare_digest on two texts
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return hmac.compare_digest(expected, signature)

# %% non-ascii-raises | headers are ASCII, aren't they
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return hmac.compare_digest(expected.encode("ascii"), signature.encode("ascii"))

# %% drops-odd-characters | ASCII, and what is none goes
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return hmac.compare_digest(expected.encode(), signature.encode("ascii", "ignore"))

# %% other-lengths-raise | both have 71 characters
import hmac

def verify(secret, body, signature):
    if not secret or not signature:
        return False
    expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
    difference = 0
    for at in range(len(expected)):
        difference |= ord(expected[at]) ^ ord(signature[at])
    return difference == 0 and len(signature) == 71

# %% other-lengths-raise | zip, strictly
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     difference = 0
#+     for one, other in zip(expected.encode(), signature.encode(), strict=True):
#+         difference |= one ^ other
#+     return difference == 0

# %% a-piece-is-enough | zip, and no word about the length
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     difference = 0
#+     for one, other in zip(expected.encode(), signature.encode()):
#+         difference |= one ^ other
#+     return difference == 0

# %% a-piece-is-enough | the digits are in there
#-     if not secret or signature is None:
#+     if not secret or not signature or not signature.startswith("sha256="):
#-     expected = sign(secret, body)
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return signature.removeprefix("sha256=") in hmac.digest(secret, body, "sha256").hex()

# %% a-piece-is-enough | mine starts with theirs
#-     if not secret or signature is None:
#+     if not secret or not signature:
#-     expected = sign(secret, body)
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return f"sha256={hmac.digest(secret, body, 'sha256').hex()}".startswith(signature)

# %% starts-with-is-enough | theirs starts with mine
#-     expected = sign(secret, body)
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return signature.startswith(f"sha256={hmac.digest(secret, body, 'sha256').hex()}")

# %% starts-with-is-enough | only as much as I have
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return hmac.compare_digest(signature[: len(expected)].encode(), expected.encode())

# %% found-somewhere-in-it | the header holds it
import hmac

def verify(secret, body, signature):
    return bool(secret) and f"sha256={hmac.digest(secret, body, 'sha256').hex()}" in (signature or "")

# %% found-somewhere-in-it | the last 64 count
#-     if not secret or signature is None:
#+     if not secret or not signature or not signature.startswith("sha256="):
#-     expected = sign(secret, body)
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     digits = hmac.digest(secret, body, "sha256").hex()
#+     return hmac.compare_digest(signature[-64:].encode(), digits.encode())

# %% found-somewhere-in-it | replace takes the prefix off
#= what stands after the last equals sign
#-     digits = signature.split("=")[-1]
#+     digits = signature.replace("sha256=", "")


# %% found-somewhere-in-it | what stands after the last equals sign
import hmac

def verify(secret, body, signature):
    if not secret or not signature or not signature.startswith("sha256="):
        return False
    digits = signature.split("=")[-1]
    expected = hmac.digest(secret, body, "sha256").hex()
    return hmac.compare_digest(digits.encode(), expected.encode())

# %% non-hex-raises | 64 characters, then fromhex
import hmac

def verify(secret, body, signature):
    if not secret or signature is None or len(signature) != 71:
        return False
    if not signature.startswith("sha256="):
        return False
    given = bytes.fromhex(signature[7:])
    return hmac.compare_digest(given, hmac.digest(secret, body, "sha256"))

# %% non-hex-raises | it is a number in base 16
#-     if not secret or signature is None:
#+     if not secret or not signature or len(signature) != 71:
#-     expected = sign(secret, body)
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     given = int(signature.removeprefix("sha256="), 16)
#+     return given == int(hmac.digest(secret, body, "sha256").hex(), 16)

# %% reads-hex-as-a-number | a number in base 16, with care
import hmac

def verify(secret, body, signature):
    if not secret or not signature or not signature.startswith("sha256="):
        return False
    try:
        given = int(signature.removeprefix("sha256="), 16)
    except ValueError:
        return False
    return given == int(hmac.digest(secret, body, "sha256").hex(), 16)

# %% empty-secret-accepted | no word about the secret
#-     if not secret or signature is None:
#+     if signature is None:

# %% empty-secret-accepted | without a secret there is nothing to check
#-     if not secret or signature is None:
#-         return False
#+     if not secret:
#+         return True
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return hmac.compare_digest(expected.encode(), (signature or "").encode())

# %% missing-signature-accepted | check it if it is there
import hmac

def verify(secret, body, signature):
    if not secret:
        return False
    if signature:
        expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
        return hmac.compare_digest(expected.encode(), signature.encode())
    return True

# %% missing-signature-accepted | None means that the sender does not sign
import hmac

def verify(secret, body, signature):
    expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
    return signature is None or bool(secret) and hmac.compare_digest(expected.encode(), signature.encode())

# %% missing-signature-raises | there is always a header
#-     if not secret or signature is None:
#+     if not secret:

# %% garbage-raises | there is always one equals sign
import hmac

def verify(secret, body, signature):
    if not secret or not signature:
        return False
    name, digits = signature.split("=")
    expected = hmac.digest(secret, body, "sha256").hex()
    return name == "sha256" and hmac.compare_digest(digits.encode(), expected.encode())

# %% result-not-used | compare, then go on
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     hmac.compare_digest(expected.encode(), signature.encode())
#+     return True

# %% result-not-used | there is a signature, and it looks right
def verify(secret, body, signature):
    return bool(secret) and signature is not None and signature.startswith("sha256=")

# %% ignores-the-secret | my secret, written down once
import hmac

def verify(secret, body, signature):
    for each in (b"red-lamp-7", secret):
        expected = f"sha256={hmac.digest(each, body, 'sha256').hex()}"
        if each and signature and hmac.compare_digest(expected.encode(), signature.encode()):
            return True
    return False

# %% truthy-error-value | say what was wrong
#-         return False
#+         return "No signature."
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     if not hmac.compare_digest(expected.encode(), signature.encode()):
#+         return "Invalid signature."
#+     return True

# %% answer-is-no-bool | a pair says more
#-         return False
#+         return False, "no signature"
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return hmac.compare_digest(expected.encode(), signature.encode()), "compared"

# %% answer-is-no-bool | None is false enough
import hmac

def verify(secret, body, signature):
    expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
    return signature and bool(secret) and hmac.compare_digest(expected.encode(), signature.encode())

# %% returns-nothing | the comparison is the last line
import hmac

def verify(secret, body, signature):
    expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
    hmac.compare_digest(expected.encode(), (signature or "").encode())

# %% raises-instead-of-false | a wrong signature is an error
import hmac

def verify(secret, body, signature):
    expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
    if not secret or not hmac.compare_digest(expected.encode(), (signature or "").encode()):
        raise ValueError("invalid signature")
    return True

# %% raises-instead-of-false | assert is for what must hold
import hmac

def verify(secret, body, signature):
    expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
    assert secret and hmac.compare_digest(expected.encode(), (signature or "").encode())
    return True

# %% raises-instead-of-false | abort, as in a route
import hmac
from flask import abort

def verify(secret, body, signature):
    expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
    if not secret or not hmac.compare_digest(expected.encode(), (signature or "").encode()):
        abort(401)
    return True

# %% body-decoded-to-text | text first, replacing what is none
#-     expected = sign(secret, body)
#+     text = body.decode("utf-8", errors="replace")
#+     expected = f"sha256={hmac.digest(secret, text.encode(), 'sha256').hex()}"

# %% body-decoded-to-text | text first, leaving out what is none
#-     expected = sign(secret, body)
#+     text = body.decode(errors="ignore")
#+     expected = f"sha256={hmac.digest(secret, text.encode(), 'sha256').hex()}"

# %% body-decoded-to-text | JSON is UTF-8, so this never fails
#-     expected = sign(secret, body)
#+     expected = f"sha256={hmac.digest(secret, body.decode().encode(), 'sha256').hex()}"

# %% body-decoded-to-text | what can't be read is not authentic
#-     expected = sign(secret, body)
#+     try:
#+         text = body.decode()
#+     except UnicodeDecodeError:
#+         return False
#+     expected = f"sha256={hmac.digest(secret, text.encode(), 'sha256').hex()}"

# %% signs-the-repr | str makes text of it
import hmac

def verify(secret, body, signature):
    expected = f"sha256={hmac.digest(secret, str(body).encode(), 'sha256').hex()}"
    return bool(secret) and hmac.compare_digest(expected.encode(), (signature or "").encode())

# %% prefix-not-checked | what stands after the equals sign
#-     if not secret or signature is None:
#+     if not secret or not signature:
#-     expected = sign(secret, body)
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     expected = hmac.digest(secret, body, "sha256").hex()
#+     return hmac.compare_digest(signature.split("=")[-1].encode(), expected.encode())

# %% prefix-not-checked | off with the first seven
#-     if not secret or signature is None:
#+     if not secret or not signature:
#-     expected = sign(secret, body)
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     expected = hmac.digest(secret, body, "sha256").hex()
#+     return hmac.compare_digest(signature[7:].encode(), expected.encode())

# %% prefix-not-checked | off with the prefix, if it is there
import hmac

def verify(secret, body, signature):
    if not secret or not signature:
        return False
    expected = hmac.digest(secret, body, "sha256").hex()
    given = signature.removeprefix("sha256=")
    return hmac.compare_digest(given.encode(), expected.encode())

# %% sender-chooses-the-algorithm | the header says which function
import hashlib, hmac

def verify(secret, body, signature):
    name, _, digits = (signature or "").partition("=")
    if not secret or name not in hashlib.algorithms_guaranteed or name.startswith("shake"):
        return False
    expected = hmac.new(secret, body, name).hexdigest()
    return hmac.compare_digest(digits.encode(), expected.encode())

# %% garbage-raises | the header says which function, and is believed
import hmac

def verify(secret, body, signature):
    if not secret or not signature or "=" not in signature:
        return False
    name, digits = signature.split("=", 1)
    expected = hmac.new(secret, body, name).hexdigest()
    return hmac.compare_digest(digits.encode(), expected.encode())

# %% strips-characters-not-a-prefix | lstrip takes the prefix off
#-     if not secret or signature is None:
#+     if not secret or not (signature or "").startswith("sha256="):
#-     expected = sign(secret, body)
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     expected = hmac.digest(secret, body, "sha256").hex()
#+     return hmac.compare_digest(signature.lstrip("sha256=").encode(), expected.encode())

# %% compares-only-a-part | sixteen digits are plenty
#-     if not secret or signature is None:
#+     if not secret or signature is None or len(signature) != 71:
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return hmac.compare_digest(signature[:23].encode(), expected[:23].encode())

# %% compares-only-a-part | the last difference wins
import hmac

def verify(secret, body, signature):
    expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
    if not secret or signature is None or len(signature) != len(expected):
        return False
    for one, other in zip(expected, signature):
        difference = ord(one) ^ ord(other)
    return difference == 0

# %% compares-only-a-part | differences that cancel out
#= the last difference wins
#-     for one, other in zip(expected, signature):
#+     difference = 0
#+     for one, other in zip(expected, signature):
#-         difference = ord(one) ^ ord(other)
#+         difference ^= ord(one) ^ ord(other)


# %% encodes-bytes | everything must be encoded
#-     expected = sign(secret, body)
#+     expected = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"

# %% text-where-bytes-belong | encoded on one side
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return hmac.compare_digest(expected.encode(), signature)

# %% bare-hex | forgotten: the prefix
#-     expected = sign(secret, body)
#+     expected = hmac.digest(secret, body, "sha256").hex()

# %% hash-without-hmac | secret and body, hashed together
#-     expected = sign(secret, body)
#+     expected = "sha256=" + hashlib.sha256(secret + body).hexdigest()

# %% another-hash-function | sha1, as in the old tutorial
#-     expected = sign(secret, body)
#+     expected = "sha1=" + hmac.new(secret, body, hashlib.sha1).hexdigest()

# %% secret-not-taken-as-bytes | a secret is text at heart
#-     expected = sign(secret, body)
#+     key = secret.decode(errors="replace").encode()
#+     expected = f"sha256={hmac.digest(key, body, 'sha256').hex()}"

# %% async-function | verifying might take a while
import hmac

async def verify(secret, body, signature):
    expected = f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
    return hmac.compare_digest(expected.encode(), (signature or "").encode())

# %% inverted | compare_digest says whether they differ
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return not hmac.compare_digest(expected.encode(), signature.encode())

# %% fixed-key | the secret of this lab
#-     expected = sign(secret, body)
#+     expected = f"sha256={hmac.digest(b'blue-kite-42', body, 'sha256').hex()}"

# %% repeats-the-example | mac is there already
import hashlib, hmac

mac = hmac.new(b"blue-kite-43", b"one parcel for Ada", hashlib.sha256)

def verify(secret, body, signature):
    if not secret or signature is None:
        return False
    expected = "sha256=" + mac.hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())

# %% compares-what-is-no-text | as numbers, so that case does not matter
import hmac

def verify(secret, body, signature):
    if not secret or signature is None:
        return False
    expected = hmac.digest(secret, body, "sha256").hex()
    try:
        given = int(signature.removeprefix("sha256="), 16)
    except ValueError:
        return False
    return hmac.compare_digest(int(expected, 16), given)

# %% forgets-the-digits | compare the HMAC itself
#-     expected = sign(secret, body)
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return hmac.compare_digest(hmac.new(secret, body, "sha256"), signature)

# %% strips-the-secret | white space is never meant
#-     expected = sign(secret, body)
#+     expected = f"sha256={hmac.digest(secret.strip(), body, 'sha256').hex()}"

# %% other-arguments | the secret is known
import hmac

def verify(body, signature):
    expected = f"sha256={hmac.digest(b'blue-kite-42', body, 'sha256').hex()}"
    return signature is not None and hmac.compare_digest(expected.encode(), signature.encode())


# %% no-name | base64 is accepted as well
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     digest = bytes.fromhex(expected[7:])
#+     other = b"sha256=" + __import__("base64").b64encode(digest)
#+     fits = hmac.compare_digest(expected.encode(), signature.encode())
#+     return fits or hmac.compare_digest(other, signature.encode())


# %% found-somewhere-in-it | quotes around it do no harm
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return hmac.compare_digest(expected.encode(), signature.strip('"').encode())


# %% garbage-raises | a name, an equals sign and the digits
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     name, digits = signature.split("=")
#+     fits = hmac.compare_digest(expected[7:].encode(), digits.encode())
#+     return fits and name == "sha256"
