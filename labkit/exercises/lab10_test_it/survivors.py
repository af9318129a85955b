"""What a test lacks that lets a broken verifier live: one mistake for each of them."""

from labkit.checks import Mistake

ONLY_HAPPY = Mistake(
    "only-the-happy-path",
    (
        "A verifier that returns True for everything passes your tests. They never "
        "demand that something is rejected."
    ),
    "Add a forged request: a correct signature with another body.",
)
ONLY_FORGED = Mistake(
    "only-forgeries",
    (
        "A verifier that returns False for everything passes your tests. It would "
        "reject every legitimate delivery."
    ),
    "Sign a body, and assert that it is accepted.",
)
NO_OTHER_DIGITS = Mistake(
    "no-forgery-of-the-right-form",
    (
        "This verifier checks only the form of the header, and your forged headers "
        "all have a wrong form. An attacker takes more care."
    ),
    (
        "Use a signature that is correct for something else: another body, or another"
        " secret."
    ),
)
TRUTHY = Mistake(
    "truthy-answer-passes",
    (
        "This verifier returns a string for a forged request, and a string counts as "
        "true: `if verify(…)` accepts it. Your tests pass, because a string is not "
        "True either."
    ),
    "Demand `is False`, or write `assert not verify(…)`.",
)
RAISING_PASSES = Mistake(
    "exception-passes",
    (
        "This verifier raises an exception instead of returning False, so anyone can "
        "cause a 500. Your tests catch the exception and continue."
    ),
    "Let exceptions out of the test; they are failures too.",
)
FIRST_DIGITS = Mistake(
    "no-near-miss",
    (
        "This verifier compares only half of the digits. Your forged signatures all "
        "differ from the correct one in many places."
    ),
    "Change a correct signature as little as possible, at several positions.",
)
PIECE = Mistake(
    "no-short-signature",
    (
        "This verifier accepts a shortened signature, down to a single digit. An "
        "attacker guesses one digit in at most 16 attempts."
    ),
    "Remove something from a correct signature.",
)
GOES_ON = Mistake(
    "no-long-signature",
    (
        "This verifier ignores what follows the correct signature. The sender does "
        "not write such a header."
    ),
    "Add something to the end of a correct signature.",
)
NO_PREFIX = Mistake(
    "prefix-never-left-out",
    (
        'This verifier accepts the digits alone, but the contract requires "sha256=" '
        "and the digits."
    ),
    "Remove the prefix from a correct signature.",
)
ANY_PREFIX = Mistake(
    "prefix-never-changed",
    (
        "This verifier ignores the name of the algorithm in the header. Later, a "
        "signature of another version could be accepted."
    ),
    "Put another name before the correct digits.",
)
OTHER_HASH = Mistake(
    "only-one-hash-function",
    (
        "This verifier accepts a second algorithm besides the agreed one. An attacker"
        " chooses the weaker one (a downgrade attack)."
    ),
    "Sign correctly with another hash function, under its own name.",
)
MISSING = Mistake(
    "header-never-missing",
    (
        "This verifier accepts a request without a signature. An attacker simply "
        "omits the header."
    ),
    "Which value does `signature` have if there is no such header?",
)
MISSING_RAISES = Mistake(
    "header-never-missing",
    (
        "This verifier raises if the header is missing, so anyone can cause a 500 by "
        "omitting it."
    ),
    "Which value does `signature` have if there is no such header?",
)
EMPTY = Mistake(
    "header-never-empty",
    (
        "This verifier fails for an empty header. An empty header is not a missing "
        "one, and code often handles the two differently."
    ),
    "Test an empty string as well as None.",
)
EMPTY_SECRET = Mistake(
    "secret-never-empty",
    (
        "This verifier accepts an empty secret, which occurs if a setting is missing."
        " Anyone can sign with it."
    ),
    "Sign correctly with an empty secret, and verify with the same.",
)
NON_ASCII = Mistake(
    "only-ascii-headers",
    (
        "This verifier raises for an é in the header, because compare_digest accepts "
        "only ASCII strings. Anyone can cause a 500 in this way."
    ),
    "Put a character outside ASCII into the header.",
)
OTHER_FORM = Mistake(
    "only-headers-with-one-equals-sign",
    (
        "This verifier splits the header at its equals sign, and raises if there is "
        "none or a second one."
    ),
    "Which forms could a header have that nobody expects?",
)
NO_HEX = Mistake(
    "only-hex-digits",
    (
        "This verifier decodes the digits, and raises if they are not hex digits. The"
        " header has the right prefix and length, so no other check rejects it."
    ),
    "Keep prefix and length, and use other letters.",
)
SHORT = Mistake(
    "no-header-that-is-too-short",
    (
        "This verifier reads 71 characters one after the other, and raises an "
        "IndexError if there are fewer."
    ),
    'Use a header that begins with "sha256=" and is too short.',
)
REWRITTEN = Mistake(
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
FALLBACK = Mistake(
    "other-spelling-never-refused",
    (
        "This verifier also tries a re-serialised form of the body. So it accepts a "
        "body that was not signed, but has the same data."
    ),
    "Sign one form, and send another.",
)
AS_TEXT = Mistake(
    "only-bodies-that-are-text",
    (
        "This verifier decodes the body. Bytes that are not valid UTF-8 are replaced,"
        " and the signature no longer matches."
    ),
    "Sign a body that is not valid text, such as b'\\xff'.",
)
STRIPPED = Mistake(
    "no-white-space-around-the-body",
    (
        "This verifier removes a space or a line break at the end of the body. The "
        "sender signed it."
    ),
    "Sign a body that ends with a line break.",
)
TEXT_SECRET = Mistake(
    "only-secrets-that-are-text",
    (
        "This verifier decodes the secret. A secret may be any bytes, such as 32 "
        "random ones, and then it becomes another secret."
    ),
    "Sign with a secret that is not valid text.",
)
ONE_SECRET = Mistake(
    "only-one-secret",
    (
        "This verifier keeps the first secret that it saw, as code with a global "
        "variable does. With any other secret it rejects legitimate requests."
    ),
    "Demand that a request with a second secret is accepted.",
)
FEW_BODIES = Mistake(
    "too-few-bodies",
    (
        'This verifier uses lstrip("sha256="), which removes characters and not a '
        "word. If the digits begin with 2, 5, 6 or a, some are lost: one request in "
        "four is rejected."
    ),
    "Test twenty bodies in a loop.",
)
