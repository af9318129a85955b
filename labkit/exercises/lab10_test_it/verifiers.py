"""The correct verifiers of exercise 10.1, and how verifiers are written.

A correct one does what the contract of 4.2 asks for, and no more; where the contract
leaves a choice, they choose differently. All use the helpers below.
"""

import hashlib
import hmac
import json
import re
import textwrap
from collections.abc import Callable, Mapping
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
        text = self.lines
        if not text.startswith(("def ", "class ")):
            text = textwrap.indent(text, "    ")
            text = f"def verify(secret, body, signature):\n{text}"
        space: dict[str, Any] = {**_HELPERS, "KEPT": []}
        exec(compile(text, "<string>: a verifier", "exec"), space)  # noqa: S102 - these lines
        made: Verify = space["verify"]
        return made


_HELPERS = {
    each.__name__: each
    for each in (hashlib, hmac, re, signed, equal, authentic, as_sent, rewritten)
}


def verifiers(
    text: str, mistakes: Mapping[str, Mistake] | None = None
) -> tuple[Verifier, ...]:
    """Return the verifiers that a text gives.

    The lines of each follow a comment that says what it does, and for a broken one also
    the id of the mistake: `# what it does | id`.
    """
    found = []
    for entry in re.split("^# ", text.strip(), flags=re.MULTILINE)[1:]:
        title, _, lines = entry.partition("\n")
        does, _, name = title.partition(" | ")
        mistake = mistakes[name] if mistakes else None
        found.append(Verifier(does, lines.strip(), mistake))
    return tuple(found)


CORRECT = verifiers("""
# makes the whole header and compares it
return authentic(secret, body, signature)

# also accepts upper-case digits, and white space around
return authentic(secret, body, signature and as_sent(signature))

# names its arguments in other words
def verify(key, raw, header):
    return bool(key) and authentic(key, raw, header or "")

# takes the header apart, and checks its form first
found = re.fullmatch("sha256=([0-9a-f]{64})", signature or "")
if not secret or not found:
    return False
wanted = hmac.new(secret, body, hashlib.sha256).digest()
return hmac.compare_digest(wanted, bytes.fromhex(found[1]))

# is an object, and compares in a loop of its own
class Looping:
    def __call__(self, secret, body, signature):
        wanted, given = signed(secret, body), signature or ""
        differences = len(wanted) ^ len(given)
        for one, other in zip(wanted, given):
            differences |= ord(one) ^ ord(other)
        return bool(secret) and differences == 0

verify = Looping()

# takes its arguments by position only, and a string as a body, too
def verify(secret, body, signature, /):
    body = body.encode() if isinstance(body, str) else body
    return authentic(secret, body, signature)
""")
