"""The verifiers of exercise 10.1: correct ones, and broken ones with one bug each.

All are written with the helpers below. A correct one does what the contract of 4.2 asks
for, and no more; where the contract leaves a choice, they choose differently. Most of
the bugs were found in code that was in use.
"""

import hashlib
import hmac
import json
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labkit.checks import Mistake

Verify = Callable[[bytes, bytes, str | None], bool]


def signed(secret: bytes, body: bytes, algorithm: str = "sha256") -> str:
    """Return the header's value for a body."""
    return f"{algorithm}={hmac.digest(secret, body, algorithm).hex()}"


def equal(one: str, other: str) -> bool:
    """Whether two headers are equal, whatever they contain."""
    first, second = (each.encode("utf-8", "surrogatepass") for each in (one, other))
    return hmac.compare_digest(first, second)


def authentic(secret: bytes, body: bytes, signature: str | None) -> bool:
    """Whether the contract says True: the whole header matches, and there is a key."""
    if not secret or signature is None:
        return False
    return equal(signed(secret, body), signature)


def as_sent(signature: str) -> str:
    """Return a signature as the sender writes it: lower-case digits, no white space.

    That is all that the contract leaves open; the prefix must be as it is.
    """
    prefix, equals, digits = signature.strip().partition("=")
    return prefix + equals + digits.lower()


def rewritten(body: bytes, comma: str = ", ", colon: str = ": ") -> bytes:
    """Return a body with its JSON serialised again; as it is if it is not JSON."""
    try:
        return json.dumps(json.loads(body), separators=(comma, colon)).encode()
    except ValueError:
        return body


@dataclass(frozen=True, slots=True)
class Verifier:
    """A verifier: what it does, and the lines of a function or of its body.

    `mistake` says what tests lack that pass on it; a correct verifier has none.
    """

    does: str
    lines: str
    mistake: Mistake | None = None

    def make(self) -> Verify:
        """Make the function; it has not been called yet, so it remembers nothing."""
        text = textwrap.dedent(self.lines).strip()
        if not text.startswith(("def ", "class ")):
            text = textwrap.indent(text, "    ")
            text = f"def verify(secret, body, signature):\n{text}"
        space: dict[str, Any] = {**_HELPERS, "KEPT": []}
        exec(compile(text, "<string>: a verifier", "exec"), space)  # noqa: S102 - these lines
        made: Verify = space["verify"]
        return made


def _broken(does: str, lines: str, name: str, why: str, try_next: str) -> Verifier:
    """Return a broken verifier, and with it the mistake of tests that pass on it."""
    return Verifier(does, lines, Mistake(name, why, try_next))


_HELPERS = {
    each.__name__: each
    for each in (hashlib, hmac, re, signed, equal, authentic, as_sent, rewritten)
}

CORRECT = (
    Verifier(
        "makes the whole header and compares it",
        "return authentic(secret, body, signature)",
    ),
    Verifier(
        "also accepts upper-case digits, and white space around",
        "return authentic(secret, body, signature and as_sent(signature))",
    ),
    Verifier(
        "names its arguments in other words",
        """
        def verify(key, raw, header):
            return bool(key) and authentic(key, raw, header or "")
        """,
    ),
    Verifier(
        "takes the header apart, and checks its form first",
        """
        found = re.fullmatch("sha256=([0-9a-f]{64})", signature or "")
        if not secret or not found:
            return False
        wanted = hmac.new(secret, body, hashlib.sha256).digest()
        return hmac.compare_digest(wanted, bytes.fromhex(found[1]))
        """,
    ),
    Verifier(
        "is an object, and compares in a loop of its own",
        """
        class Looping:
            def __call__(self, secret, body, signature):
                wanted, given = signed(secret, body), signature or ""
                differences = len(wanted) ^ len(given)
                for one, other in zip(wanted, given):
                    differences |= ord(one) ^ ord(other)
                return bool(secret) and differences == 0

        verify = Looping()
        """,
    ),
    Verifier(
        "takes its arguments by position only, and a string as a body, too",
        """
        def verify(secret, body, signature, /):
            body = body.encode() if isinstance(body, str) else body
            return authentic(secret, body, signature)
        """,
    ),
)

REWRITTEN = (
    "only-one-spelling-of-json",
    (
        "This verifier re-serialises the body before it checks the signature. Your "
        "bodies already have that form, so the bug does not show."
    ),
    (
        "Sign the same JSON in several forms: with and without spaces, with line "
        "breaks, with é and with \\u00e9."
    ),
)

IGNORING = (
    _broken(
        "returns True for everything",
        "return True",
        "only-the-happy-path",
        "A verifier that returns True for everything passes your tests. They never "
        "demand that something is rejected.",
        "Add a forged request: a correct signature with another body.",
    ),
    _broken(
        "returns False for everything",
        "return False",
        "only-forgeries",
        "A verifier that returns False for everything passes your tests. It would "
        "reject every legitimate delivery.",
        "Sign a body, and assert that it is accepted.",
    ),
    _broken(
        "accepts any 64 hex digits",
        """
        fits = re.fullmatch("sha256=[0-9a-f]{64}", signature or "")
        return bool(secret) and fits is not None
        """,
        "no-forgery-of-the-right-form",
        "This verifier checks only the form of the header, and your forged headers "
        "all have a wrong form. An attacker takes more care.",
        "Use a signature that is correct for something else: another body, or "
        "another secret.",
    ),
    _broken(
        "returns the text 'invalid signature' for a forgery",
        'return True if authentic(secret, body, signature) else "invalid signature"',
        "truthy-answer-passes",
        "This verifier returns a string for a forged request, and a string counts "
        "as true: `if verify(…)` accepts it. Your tests pass, because they only "
        "check that the result is not True, and a string is not the value True.",
        "Demand `is False`, or write `assert not verify(…)`.",
    ),
    _broken(
        "raises ValueError for a forgery",
        """
        if not authentic(secret, body, signature):
            raise ValueError("the signature does not match")
        return True
        """,
        "exception-passes",
        "This verifier raises an exception instead of returning False, so anyone "
        "can cause a 500. Your tests catch the exception and continue.",
        "Let exceptions out of the test; they are failures too.",
    ),
)
COMPARING_A_PART = (
    _broken(
        "compares only the first 32 digits",
        """
        if not secret or len(signature or "") != 71:
            return False
        return equal(signed(secret, body)[:39], signature[:39])
        """,
        "no-near-miss",
        "This verifier compares only half of the digits. Your forged signatures "
        "all differ from the correct one in many places.",
        "Change a correct signature as little as possible, at several positions.",
    ),
    _broken(
        "accepts the beginning of the signature",
        """
        long_enough = len(signature or "") > len("sha256=")
        right = signed(secret, body)
        return bool(secret) and long_enough and right.startswith(signature)
        """,
        "no-short-signature",
        "This verifier accepts a shortened signature, down to a single digit. An "
        "attacker guesses one digit in at most 16 attempts.",
        "Remove something from a correct signature.",
    ),
    _broken(
        "ignores what follows the signature",
        "return authentic(secret, body, signature and signature[:71])",
        "no-long-signature",
        "This verifier ignores what follows the correct signature. The sender does "
        "not write such a header.",
        "Add something to the end of a correct signature.",
    ),
    _broken(
        "accepts the digits without their prefix",
        """
        digits = (signature or "").removeprefix("sha256=")
        return authentic(secret, body, "sha256=" + digits)
        """,
        "prefix-never-left-out",
        "This verifier accepts the digits alone, but the contract requires "
        '"sha256=" and the digits.',
        "Remove the prefix from a correct signature.",
    ),
    _broken(
        "accepts any prefix before the digits",
        """
        _, sign, digits = (signature or "").partition("=")
        return bool(sign) and authentic(secret, body, "sha256=" + digits)
        """,
        "prefix-never-changed",
        "This verifier ignores the name of the algorithm in the header. Later, a "
        "signature of another version could be accepted.",
        "Put another name before the correct digits.",
    ),
    _broken(
        "accepts a SHA-1 signature as well",
        """
        if secret and signature and signature.startswith("sha1="):
            return equal(signed(secret, body, "sha1"), signature)
        return authentic(secret, body, signature)
        """,
        "only-one-hash-function",
        "This verifier accepts a second algorithm besides the agreed one. An "
        "attacker chooses the weaker one (a downgrade attack).",
        "Sign correctly with another hash function, under its own name.",
    ),
)
ABOUT_MISSING_VALUES = (
    _broken(
        "accepts a request without the header",
        "return signature is None or authentic(secret, body, signature)",
        "header-never-missing",
        "This verifier accepts a request without a signature. An attacker simply "
        "omits the header.",
        "Which value does `signature` have if there is no such header?",
    ),
    _broken(
        "raises if the header is missing",
        "return authentic(secret, body, signature.lower())",
        "header-never-missing",
        "This verifier raises if the header is missing, so anyone can cause a 500 "
        "by omitting it.",
        "Which value does `signature` have if there is no such header?",
    ),
    _broken(
        "accepts an empty header",
        'return signature == "" or authentic(secret, body, signature)',
        "header-never-empty",
        "This verifier accepts an empty header. An empty header is not a missing "
        "one, and code often handles the two differently.",
        "Test an empty string as well as None.",
    ),
    _broken(
        "accepts an empty secret",
        "return signature is not None and equal(signed(secret, body), signature)",
        "secret-never-empty",
        "This verifier accepts an empty secret, which occurs if a setting is "
        "missing. Anyone can sign with it.",
        "Sign correctly with an empty secret, and verify with the same.",
    ),
)
RAISING = (
    _broken(
        "raises for a character outside ASCII",
        """
        if not secret or signature is None:
            return False
        return hmac.compare_digest(signed(secret, body), signature)
        """,
        "only-ascii-headers",
        "This verifier raises for an é in the header, because compare_digest "
        "accepts only ASCII strings. Anyone can cause a 500 in this way.",
        "Put a character outside ASCII into the header.",
    ),
    _broken(
        "raises for a header of another form",
        """
        if signature:
            _, _ = signature.split("=")
        return authentic(secret, body, signature)
        """,
        "only-headers-with-one-equals-sign",
        "This verifier splits the header at its equals sign, and raises if there "
        "is none or a second one.",
        "Which forms could a header have that nobody expects?",
    ),
    _broken(
        "raises for characters that are not hex digits",
        """
        if signature and signature.startswith("sha256=") and len(signature) == 71:
            bytes.fromhex(signature[7:])
        return authentic(secret, body, signature)
        """,
        "only-hex-digits",
        "This verifier decodes the digits, and raises if they are not hex digits. "
        "The header has the right prefix and length, so no other check rejects it.",
        "Keep prefix and length, and use other letters.",
    ),
    _broken(
        "raises for a signature that is too short",
        """
        if not secret or not signature or not signature.startswith("sha256="):
            return False
        differences = len(signature) > 71
        for place, wanted in enumerate(signed(secret, body)):
            differences |= signature[place] != wanted
        return not differences
        """,
        "no-header-that-is-too-short",
        "This verifier reads 71 characters one after the other, and raises an "
        "IndexError if there are fewer.",
        'Use a header that begins with "sha256=" and is too short.',
    ),
)
CHANGING = (
    _broken(
        "re-serialises JSON, with spaces",
        "return authentic(secret, rewritten(body), signature)",
        *REWRITTEN,
    ),
    _broken(
        "re-serialises JSON, without spaces",
        'return authentic(secret, rewritten(body, ",", ":"), signature)',
        *REWRITTEN,
    ),
    _broken(
        "also tries the re-serialised JSON",
        """
        bodies = body, rewritten(body), rewritten(body, ",", ":")
        return any(authentic(secret, each, signature) for each in bodies)
        """,
        "other-spelling-never-refused",
        "This verifier also tries a re-serialised form of the body. So it accepts "
        "a body that was not signed, but has the same data.",
        "Sign one form, and send another.",
    ),
    _broken(
        "decodes the body, and encodes it again",
        'return authentic(secret, body.decode("utf-8", "replace").encode(), signature)',
        "only-bodies-that-are-text",
        "This verifier decodes the body. Bytes that are not valid UTF-8 are "
        "replaced, and the signature no longer matches.",
        "Sign a body that is not valid text, such as b'\\xff'.",
    ),
    _broken(
        "removes white space around the body",
        "return authentic(secret, body.strip(), signature)",
        "no-white-space-around-the-body",
        "This verifier removes a space or a line break at the end of the body. The "
        "sender signed it.",
        "Sign a body that ends with a line break.",
    ),
    _broken(
        "decodes the secret, and encodes it again",
        'return authentic(secret.decode("utf-8", "replace").encode(), body, signature)',
        "only-secrets-that-are-text",
        "This verifier decodes the secret. A secret may be any bytes, such as 32 "
        "random ones, and then it becomes another secret.",
        "Sign with a secret that is not valid text.",
    ),
    _broken(
        "keeps the first secret that it saw",
        """
        if not secret:
            return False
        KEPT.append(secret)
        return authentic(KEPT[0], body, signature)
        """,
        "only-one-secret",
        "This verifier keeps the first secret that it saw, as code with a global "
        "variable does. With any other secret it rejects legitimate requests.",
        "Demand that a request with a second secret is accepted.",
    ),
    _broken(
        "loses digits that also occur in the prefix",
        """
        if not secret or not (signature or "").startswith("sha256="):
            return False
        wanted = hmac.new(secret, body, hashlib.sha256).hexdigest()
        return equal(wanted, signature.lstrip("sha256="))
        """,
        "too-few-bodies",
        'This verifier uses lstrip("sha256="), which removes characters and not a '
        "word. If the digits begin with 2, 5, 6 or a, some are lost: one request "
        "in four is rejected.",
        "Test twenty bodies in a loop.",
    ),
)

BROKEN = (*IGNORING, *COMPARING_A_PART, *ABOUT_MISSING_VALUES, *RAISING, *CHANGING)
MISTAKES = tuple(each.mistake for each in BROKEN)
