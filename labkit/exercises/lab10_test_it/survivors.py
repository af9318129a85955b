"""What a test lacks that lets a broken verifier live: one mistake for each of them."""

from labkit.checks import Mistake

ONLY_HAPPY = Mistake(
    "only-the-happy-path",
    "A verifier that says True to everything passes your tests. They never ask for "
    "something that must be refused, and refusing is what a verifier is there for.",
    "Begin with a forgery: a right signature, and another body.",
)
ONLY_FORGED = Mistake(
    "only-forgeries",
    "A verifier that says False to everything passes your tests. It would refuse every "
    "honest delivery, and the shop would stand still.",
    "Sign a body, and assert that it is accepted.",
)
NO_OTHER_DIGITS = Mistake(
    "no-forgery-of-the-right-form",
    "It only looks whether the header has the right form. Your forgeries all have a "
    "wrong one; a forger takes more care.",
    "Take a signature that is right for something else: another body, another secret.",
)
TRUTHY = Mistake(
    "truthy-answer-passes",
    "It answers a forgery with a text, and a text counts as true: `if verify(…)` lets "
    "the forgery in. Your tests are content, because a text is not True either.",
    "Ask for `is False`, or assert `not verify(…)`.",
)
RAISING_PASSES = Mistake(
    "exception-passes",
    "It raises where it should say False, which is a 500 for everybody who sends a "
    "forgery. Your tests catch the exception and go on.",
    "Let exceptions out of the test: they are failures too.",
)
FIRST_DIGITS = Mistake(
    "no-near-miss",
    "Half of the digits decide, so half of them need not be guessed. Your forgeries "
    "are all far away from the right signature.",
    "Take the right signature and change as little of it as you can, in more than one "
    "place.",
)
PIECE = Mistake(
    "no-short-signature",
    "A signature may be cut short, to a single digit in the end, and that is guessed "
    "at the sixteenth try.",
    "Cut something off a right signature.",
)
GOES_ON = Mistake(
    "no-long-signature",
    "What stands behind the right signature is not looked at. The header that was "
    "accepted is not one that the sender writes.",
    "Add something to the end of a right signature.",
)
NO_PREFIX = Mistake(
    "prefix-never-left-out",
    'The digits alone are accepted, and the contract says: "sha256=" and the digits.',
    "Take the prefix off a right signature.",
)
ANY_PREFIX = Mistake(
    "prefix-never-changed",
    "The digits decide, whatever algorithm the header names. Ignored today, that is a "
    "second way in tomorrow.",
    "Write another name before the right digits.",
)
OTHER_HASH = Mistake(
    "only-one-hash-function",
    "A second algorithm is accepted beside the one that was agreed on, so the forger "
    "chooses the weaker lock.",
    "Sign with another hash function, properly and under its own name.",
)
MISSING = Mistake(
    "header-never-missing",
    "Whoever forges a request just leaves the header out, and gets in.",
    "Which value does `signature` have when there is no such header?",
)
MISSING_RAISES = Mistake(
    "header-never-missing",
    "Without the header it raises, so everybody can have a 500 for the asking.",
    "Which value does `signature` have when there is no such header?",
)
EMPTY = Mistake(
    "header-never-empty",
    "A header may be there and have nothing in it. That is not the same as no header, "
    "and code often treats the two differently.",
    "Ask for an empty text as well as for None.",
)
EMPTY_SECRET = Mistake(
    "secret-never-empty",
    "A setting that is missing often arrives as an empty secret. HMAC takes it, and "
    "everybody can sign with it.",
    "Sign with an empty secret, properly, and ask with the same.",
)
NON_ASCII = Mistake(
    "only-ascii-headers",
    "compare_digest takes text only if it is ASCII. One é in the header, and the "
    "answer is a 500.",
    "A header is whatever somebody typed: type something.",
)
OTHER_FORM = Mistake(
    "only-headers-with-one-equals-sign",
    "It takes the header apart at its equals sign, and raises where there is none, or "
    "a second one.",
    "Which forms could a header have that nobody expects?",
)
NO_HEX = Mistake(
    "only-hex-digits",
    "It decodes the digits, and raises where they are none. The header has the right "
    "prefix and the right length, so no other check catches it.",
    "Keep prefix and length, and write other letters.",
)
SHORT = Mistake(
    "no-header-that-is-too-short",
    "It looks for 71 characters, one after the other, and raises an IndexError where "
    "there are fewer. Where the first difference is does not matter to it.",
    'Begin with "sha256=", and end too early.',
)
REWRITTEN = Mistake(
    "only-one-spelling-of-json",
    "It parses the body and writes it anew before it checks. Your bodies happen to be "
    "spelled as it spells them, so it never shows; the sender may spell otherwise.",
    "Sign the same JSON in several spellings: with blanks and without, with line "
    "breaks, with é and with \\u00e9.",
)
FALLBACK = Mistake(
    "other-spelling-never-refused",
    "The body that arrived is not the one that was signed, only one that means the "
    "same. It was accepted because the JSON was tried in a spelling of its own.",
    "Sign one spelling, and send another.",
)
AS_TEXT = Mistake(
    "only-bodies-that-are-text",
    "It makes text of the body. Bytes that are no UTF-8 are replaced on the way, and "
    "the signature fits no more.",
    "A body is bytes: sign some that are no text, such as b'\\xff'.",
)
STRIPPED = Mistake(
    "no-white-space-around-the-body",
    "A blank or a line break at the end of the body is cut off before the check. The "
    "sender has signed it.",
    "Sign a body that ends with a line break.",
)
TEXT_SECRET = Mistake(
    "only-secrets-that-are-text",
    "A secret may be any bytes: often it is 32 of them, drawn by chance. Made text and "
    "bytes again, it is another secret.",
    "Sign with a secret that is no text.",
)
ONE_SECRET = Mistake(
    "only-one-secret",
    "It goes on with the secret that it saw first, as code does that keeps it in a "
    "global. With every later one honest requests are refused.",
    "Let something that was signed with a second secret be accepted.",
)
FEW_BODIES = Mistake(
    "too-few-bodies",
    'lstrip("sha256=") takes off characters, not a word. Where the digits begin with '
    "2, 5, 6 or a, they lose some: one honest request in four is refused. Your bodies "
    "are not among them.",
    "Try twenty bodies in a loop.",
)
