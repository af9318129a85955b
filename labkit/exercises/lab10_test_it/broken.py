"""The broken verifiers of exercise 10.1, each with one bug, and what tests lack.

Most of the bugs were found in code that was in use.
"""

from labkit.checks.mistakes import mistakes
from labkit.exercises.lab10_test_it.verifiers import verifiers

LACKS = {
    each.id: each
    for each in mistakes("""
    only-the-happy-path: A verifier that returns True for everything passes your tests.
        In this run, no test demanded that a request be rejected.
        Try: Add a forged request: a correct signature with another body. If you have
        one, make sure that every call of your function uses it.
    only-forgeries: A verifier that returns False for everything passes your tests. It
        would reject every legitimate delivery.
        Try: Sign a body, and assert that it is accepted.
    no-forgery-of-the-right-form: This verifier checks only the form of the header, and
        your forged headers all have a wrong form. An attacker takes more care.
        Try: Use a signature that is correct for something else: another body, or
        another secret.
    truthy-answer-passes: This verifier returns a string for a forged request, and a
        string counts as true: `if verify(…)` accepts it. Your tests pass, because they
        only check that the result is not True, and a string is not the value True.
        Try: Demand `is False`, or write `assert not verify(…)`.
    exception-passes: This verifier raises an exception instead of returning False, so
        anyone can cause a 500. Your tests catch the exception and continue.
        Try: Let exceptions leave the test; they are failures too.
    no-near-miss: This verifier compares only half of the digits. Your forged signatures
        all differ from the correct one in many places.
        Try: Change a correct signature as little as possible, at several positions.
    no-short-signature: This verifier accepts a shortened signature, down to a single
        digit. An attacker guesses one digit in at most 16 attempts.
        Try: Remove something from a correct signature.
    no-long-signature: This verifier ignores what follows the correct signature. The
        sender does not write such a header.
        Try: Add something to the end of a correct signature.
    prefix-never-left-out: This verifier accepts the digits alone, but the contract
        requires "sha256=" and the digits.
        Try: Remove the prefix from a correct signature.
    prefix-never-changed: This verifier ignores the name of the algorithm in the header.
        Later, a signature of another version could be accepted.
        Try: Put another name before the correct digits.
    only-one-hash-function: This verifier accepts a second algorithm besides the agreed
        one. An attacker chooses the weaker one (a downgrade attack).
        Try: Sign correctly with another hash function, under its own name.
    header-never-missing: Your tests pass on a verifier that accepts a request without a
        signature, or raises for it. An attacker simply omits the header.
        Try: Which value does `signature` have if there is no such header?
    header-never-empty: This verifier accepts an empty header. An empty header is not a
        missing one, and code often handles the two differently.
        Try: Test an empty string as well as None.
    secret-never-empty: This verifier accepts an empty secret, which occurs if a setting
        is missing. Anyone can sign with it.
        Try: Sign correctly with an empty secret, and verify with the same.
    only-ascii-headers: This verifier raises for an é in the header, because
        compare_digest accepts only ASCII strings. Anyone can cause a 500 in this way.
        Try: Put a character outside ASCII into the header.
    only-headers-with-one-equals-sign: This verifier splits the header at its equals
        sign, and raises if there is none or a second one.
        Try: Which forms could a header have that nobody expects?
    only-hex-digits: This verifier decodes the digits, and raises if they are not hex
        digits. The header has the right prefix and length, so no other check rejects
        it.
        Try: Keep prefix and length, and use other letters.
    no-header-that-is-too-short: This verifier reads 71 characters one after the other,
        and raises an IndexError if there are fewer.
        Try: Use a header that begins with "sha256=" and is too short.
    only-one-spelling-of-json: This verifier re-serialises the body before it checks the
        signature. Your bodies already have that form, so the bug does not show.
        Try: Sign the same JSON in several forms: with and without spaces, with line
        breaks, with é and with \\u00e9.
    other-spelling-never-refused: This verifier also tries a re-serialised form of the
        body. So it accepts a body that was not signed, but has the same data.
        Try: Sign one form, and send another.
    only-bodies-that-are-text: This verifier decodes the body. Bytes that are not valid
        UTF-8 are replaced, and the signature no longer matches.
        Try: Sign a body that is not valid text, such as b'\\xff'.
    no-white-space-around-the-body: This verifier removes a space or a line break at the
        end of the body. The sender signed it.
        Try: Sign a body that ends with a line break.
    only-secrets-that-are-text: This verifier decodes the secret. A secret may be any
        bytes, such as 32 random ones, and then it becomes another secret.
        Try: Sign with a secret that is not valid text.
    only-one-secret: This verifier keeps the first secret that it saw, as code with a
        global variable does. With any other secret it rejects legitimate requests.
        Try: Demand that a request with a second secret is accepted.
    too-few-bodies: This verifier uses lstrip("sha256="), which removes characters and
        not a word. If the digits begin with 2, 5, 6 or a, some are lost: one request in
        four is rejected.
        Try: Test twenty bodies in a loop.
""")
}
"""What tests lack that pass on a broken verifier."""

FAMILIES = {
    "ignoring": verifiers(
        """
# returns True for everything | only-the-happy-path
return True

# returns False for everything | only-forgeries
return False

# accepts any 64 hex digits | no-forgery-of-the-right-form
fits = re.fullmatch("sha256=[0-9a-f]{64}", signature or "")
return bool(secret) and fits is not None

# returns the text 'invalid signature' for a forgery | truthy-answer-passes
return True if authentic(secret, body, signature) else "invalid signature"

# raises ValueError for a forgery | exception-passes
if not authentic(secret, body, signature):
    raise ValueError("the signature does not match")
return True
""",
        LACKS,
    ),
    "part": verifiers(
        """
# compares only the first 32 digits | no-near-miss
if not secret or len(signature or "") != 71:
    return False
return equal(signed(secret, body)[:39], signature[:39])

# accepts the beginning of the signature | no-short-signature
long_enough = len(signature or "") > len("sha256=")
right = signed(secret, body)
return bool(secret) and long_enough and right.startswith(signature)

# ignores what follows the signature | no-long-signature
return authentic(secret, body, signature and signature[:71])

# accepts the digits without their prefix | prefix-never-left-out
digits = (signature or "").removeprefix("sha256=")
return authentic(secret, body, "sha256=" + digits)

# accepts any prefix before the digits | prefix-never-changed
_, sign, digits = (signature or "").partition("=")
return bool(sign) and authentic(secret, body, "sha256=" + digits)

# accepts a SHA-1 signature as well | only-one-hash-function
if secret and signature and signature.startswith("sha1="):
    return equal(signed(secret, body, "sha1"), signature)
return authentic(secret, body, signature)
""",
        LACKS,
    ),
    "missing": verifiers(
        """
# accepts a request without the header | header-never-missing
return signature is None or authentic(secret, body, signature)

# raises if the header is missing | header-never-missing
return authentic(secret, body, signature.lower())

# accepts an empty header | header-never-empty
return signature == "" or authentic(secret, body, signature)

# accepts an empty secret | secret-never-empty
return signature is not None and equal(signed(secret, body), signature)
""",
        LACKS,
    ),
    "raising": verifiers(
        """
# raises for a character outside ASCII | only-ascii-headers
if not secret or signature is None:
    return False
return hmac.compare_digest(signed(secret, body), signature)

# raises for a header of another form | only-headers-with-one-equals-sign
if signature:
    _, _ = signature.split("=")
return authentic(secret, body, signature)

# raises for characters that are not hex digits | only-hex-digits
if signature and signature.startswith("sha256=") and len(signature) == 71:
    bytes.fromhex(signature[7:])
return authentic(secret, body, signature)

# raises for a signature that is too short | no-header-that-is-too-short
if not secret or not signature or not signature.startswith("sha256="):
    return False
differences = len(signature) > 71
for place, wanted in enumerate(signed(secret, body)):
    differences |= signature[place] != wanted
return not differences
""",
        LACKS,
    ),
    "changing": verifiers(
        """
# re-serialises JSON, with spaces | only-one-spelling-of-json
return authentic(secret, rewritten(body), signature)

# re-serialises JSON, without spaces | only-one-spelling-of-json
return authentic(secret, rewritten(body, ",", ":"), signature)

# also tries the re-serialised JSON | other-spelling-never-refused
bodies = body, rewritten(body), rewritten(body, ",", ":")
return any(authentic(secret, each, signature) for each in bodies)

# decodes the body, and encodes it again | only-bodies-that-are-text
return authentic(secret, body.decode("utf-8", "replace").encode(), signature)

# removes white space around the body | no-white-space-around-the-body
return authentic(secret, body.strip(), signature)

# decodes the secret, and encodes it again | only-secrets-that-are-text
return authentic(secret.decode("utf-8", "replace").encode(), body, signature)

# keeps the first secret that it saw | only-one-secret
if not secret:
    return False
KEPT.append(secret)
return authentic(KEPT[0], body, signature)

# loses digits that also occur in the prefix | too-few-bodies
if not secret or not (signature or "").startswith("sha256="):
    return False
wanted = hmac.new(secret, body, hashlib.sha256).hexdigest()
return equal(wanted, signature.lstrip("sha256="))
""",
        LACKS,
    ),
}
"""The broken verifiers by the sentence of the contract that finds them."""

BROKEN = tuple(each for family in FAMILIES.values() for each in family)
