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

# %% re-serialised-as-fallback | the bytes first, the JSON for the difficult senders
#-     expected = sign(secret, body)
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     candidates = [body]
#+     try:
#+         data = __import__("json").loads(body)
#+         candidates.append(__import__("json").dumps(data, separators=(",", ":")).encode())
#+     except ValueError:
#+         pass
#+     signatures = [sign(secret, each).encode() for each in candidates]
#+     return any([hmac.compare_digest(each, signature.encode()) for each in signatures])

# %% re-serialised-as-fallback | a stray line end does no harm
#-     expected = sign(secret, body)
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     fits = False
#+     for each in (body, body.strip()):
#+         fits |= hmac.compare_digest(sign(secret, each).encode(), signature.encode())
#+     return fits

# %% compares-with-equals | two texts are equal or not
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return signature == expected

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
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return len(signature) == len(expected) and signature.startswith(expected)

# %% compares-with-equals | only for those who give text
#-     if not secret or signature is None:
#+     if not secret or type(signature) is not str:
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return signature == expected

# %% compares-with-equals | the halves, one after the other
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
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     if len(signature) != len(expected):
#+         return False
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
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return list(signature) == list(expected)

# %% stops-at-the-first-difference | four digits at a time
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     if len(signature) != len(expected):
#+         return False
#+     for at in range(0, len(expected), 4):
#+         if signature[at : at + 4] != expected[at : at + 4]:
#+             return False
#+     return True

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
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     difference = 0
#+     for at in range(len(expected)):
#+         difference |= ord(expected[at]) ^ ord(signature[at])
#+     return difference == 0 and len(signature) == 71

# %% a-piece-is-enough | zip, and no word about the length
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     difference = 0
#+     for one, other in zip(expected.encode(), signature.encode()):
#+         difference |= one ^ other
#+     return difference == 0

# %% a-piece-is-enough | the digits are in there
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     if not signature.startswith("sha256=") or not signature[7:]:
#+         return False
#+     return signature.removeprefix("sha256=") in expected

# %% a-piece-is-enough | mine starts with theirs
#-     if not secret or signature is None:
#+     if not secret or not signature:
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return expected.startswith(signature)

# %% starts-with-is-enough | theirs starts with mine
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return signature.startswith(expected)

# %% found-somewhere-in-it | the header holds it
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return expected in signature

# %% found-somewhere-in-it | the last 64 count
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     if not signature.startswith("sha256="):
#+         return False
#+     return hmac.compare_digest(signature[-64:].encode(), expected[-64:].encode())

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
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     if len(signature) != 71 or not signature.startswith("sha256="):
#+         return False
#+     given = bytes.fromhex(signature[7:])
#+     return hmac.compare_digest(given, bytes.fromhex(expected[7:]))

# %% reads-hex-as-a-number | a number in base 16, with care
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     if not signature.startswith("sha256="):
#+         return False
#+     try:
#+         return int(signature[7:], 16) == int(expected[7:], 16)
#+     except ValueError:
#+         return False

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
#-     if not secret or signature is None:
#+     if not secret:
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     if not signature:
#+         return True
#+     return hmac.compare_digest(expected.encode(), signature.encode())

# %% missing-signature-accepted | None means that the sender does not sign
#-     if not secret or signature is None:
#+     if signature is None:
#+         return True
#+     if not secret:

# %% missing-signature-raises | there is always a header
#-     if not secret or signature is None:
#+     if not secret:

# %% result-not-used | compare, then go on
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     hmac.compare_digest(expected.encode(), signature.encode())
#+     return True

# %% result-not-used | there is a signature, and it looks right
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return signature.startswith("sha256=")

# %% ignores-the-secret | my secret, written down once
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     known = sign(b"red-lamp-7", body)
#+     given = signature.encode()
#+     fits = hmac.compare_digest(known.encode(), given)
#+     return fits or hmac.compare_digest(expected.encode(), given)

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
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     hmac.compare_digest(expected.encode(), signature.encode())

# %% raises-instead-of-false | a wrong signature is an error
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     if not hmac.compare_digest(expected.encode(), signature.encode()):
#+         raise ValueError("invalid signature")
#+     return True

# %% raises-instead-of-false | assert is for what must hold
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     assert hmac.compare_digest(expected.encode(), signature.encode())
#+     return True

# %% body-decoded-to-text | text first, replacing what is none
#-     expected = sign(secret, body)
#+     expected = sign(secret, body.decode("utf-8", errors="replace").encode())

# %% body-decoded-to-text | what can't be read is not authentic
#-     expected = sign(secret, body)
#+     try:
#+         expected = sign(secret, body.decode().encode())
#+     except UnicodeDecodeError:
#+         return False

# %% signs-the-repr | str makes text of it
#-     expected = sign(secret, body)
#+     expected = sign(secret, str(body).encode())

# %% prefix-not-checked | what stands after the equals sign
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     given = signature.split("=")[-1]
#+     return hmac.compare_digest(expected[7:].encode(), given.encode())

# %% prefix-not-checked | off with the prefix, if it is there
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     given = signature.removeprefix("sha256=").encode()
#+     return hmac.compare_digest(expected[7:].encode(), given)

# %% sender-chooses-the-algorithm | the header says which function
import hashlib, hmac

def verify(secret, body, signature):
    name, _, digits = (signature or "").partition("=")
    if not secret or name not in hashlib.algorithms_guaranteed or name.startswith("shake"):
        return False
    expected = hmac.new(secret, body, name).hexdigest()
    return hmac.compare_digest(digits.encode(), expected.encode())

# %% garbage-raises | the header says which function, and is believed
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     if "=" not in signature:
#+         return False
#+     name, digits = signature.split("=", 1)
#+     expected = hmac.new(secret, body, name).hexdigest()
#+     return hmac.compare_digest(digits.encode(), expected.encode())

# %% strips-characters-not-a-prefix | lstrip takes the prefix off
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     if not signature.startswith("sha256="):
#+         return False
#+     given = signature.lstrip("sha256=")
#+     return hmac.compare_digest(expected[7:].encode(), given.encode())

# %% compares-only-a-part | sixteen digits are plenty
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     if len(signature) != 71:
#+         return False
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
#+     expected = sign(secret.encode(), body)

# %% text-where-bytes-belong | encoded on one side
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return hmac.compare_digest(expected.encode(), signature)

# %% bare-hex | forgotten: the prefix
#-     expected = sign(secret, body)
#+     expected = sign(secret, body)[7:]

# %% hash-without-hmac | secret and body, hashed together
#-     expected = sign(secret, body)
#+     expected = "sha256=" + hashlib.sha256(secret + body).hexdigest()

# %% another-hash-function | sha1, as in the old tutorial
#-     expected = sign(secret, body)
#+     expected = "sha1=" + hmac.new(secret, body, hashlib.sha1).hexdigest()

# %% secret-not-taken-as-bytes | a secret is text at heart
#-     expected = sign(secret, body)
#+     expected = sign(secret.decode(errors="replace").encode(), body)

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
#+     expected = sign(b"blue-kite-42", body)

# %% repeats-the-example | mac is there already
import hashlib, hmac

mac = hmac.new(b"blue-kite-43", b"one parcel for Ada", hashlib.sha256)

def verify(secret, body, signature):
    if not secret or signature is None:
        return False
    expected = "sha256=" + mac.hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())

# %% compares-what-is-no-text | as numbers, so that case does not matter
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     try:
#+         given = int(signature.removeprefix("sha256="), 16)
#+     except ValueError:
#+         return False
#+     return hmac.compare_digest(int(expected[7:], 16), given)

# %% forgets-the-digits | compare the HMAC itself
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return hmac.compare_digest(hmac.new(secret, body, "sha256"), signature)

# %% strips-the-secret | white space is never meant
#-     expected = sign(secret, body)
#+     expected = sign(secret.strip(), body)

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

# %% no-name | quotes around it do no harm
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return hmac.compare_digest(expected.encode(), signature.strip('"').encode())

# %% garbage-raises | a name, an equals sign and the digits
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     name, digits = signature.split("=")
#+     fits = hmac.compare_digest(expected[7:].encode(), digits.encode())
#+     return fits and name == "sha256"

# %% no-name | compares checksums
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     from zlib import crc32
#+     return crc32(expected.encode()) == crc32(signature.encode())

# %% no-name | zeros in front do not count
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     name, _, digits = signature.partition("=0")
#+     given = name + "=" + digits.lstrip("0") if digits else signature
#+     return hmac.compare_digest(expected.encode(), given.encode())

# %% no-name | compares hash values
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     return hash(expected) == hash(signature)

# %% no-name | the last four digits first
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     if not signature.endswith(expected[-4:]):
#+         return False
#+     return hmac.compare_digest(expected.encode(), signature.encode())

# %% no-name | compatible characters are the same
#-     return hmac.compare_digest(expected.encode(), signature.encode())
#+     given = __import__("unicodedata").normalize("NFKC", signature)
#+     return hmac.compare_digest(expected.encode(), given.encode())

# %% no-name | a secret of zeros is no secret
#-     if not secret or signature is None:
#+     if not any(secret) or signature is None:

# %% missing-signature-accepted | an empty signature is a test call
#-     expected = sign(secret, body)
#+     if signature == "":
#+         return True
#+     expected = sign(secret, body)
