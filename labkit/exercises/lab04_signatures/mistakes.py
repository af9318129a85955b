"""What verifiers get wrong; 4.2, 4.3 and 4.4 know the same mistakes.

Each of them was found in code that was in use; `facts.md`, section 4.1, numbers 1 to 11
and 34, names where.
"""

from labkit.checks import Mistake

NOTHING = Mistake(
    "returns-nothing",
    "The function came to its end without a return. The caller sees None, and honest "
    "requests are refused.",
    "Return what the comparison says.",
)
NO_BOOL = Mistake(
    "answer-is-no-bool",
    "The contract is True or False. A caller may well write `is True` or `is False`, "
    "and anything else falls through between the two.",
    "Return True or False on every path; bool(…) makes one of anything.",
)
TRUTHY = Mistake(
    "truthy-error-value",
    "In Python everything that is not empty counts as true, an error message too: "
    "`if verify(…)` lets this request in.",
    "Return False where the signature does not fit. Say why somewhere else.",
)
RAISES = Mistake(
    "raises-instead-of-false",
    "A wrong signature is nothing unexpected; anybody can send one. As an exception it "
    "becomes a 500, and an assert is gone under python -O.",
    "Return False.",
)
ACCEPTS_ANYTHING = Mistake(
    "result-not-used",
    "A forged request was accepted: what the comparison found did not decide.",
    "Follow this request through your lines: which of them should have said False?",
)
WRONG_KEY = Mistake(
    "ignores-the-secret",
    "This was signed with somebody else's secret, and got in. Then anybody can sign.",
    "The key of the HMAC must be the secret that came as an argument.",
)
PART = Mistake(
    "compares-only-a-part",
    "One or two of the 64 digits are wrong and nobody noticed. Each digit that does "
    "not count makes the signature 16 times easier to guess.",
    "Compare all of it. In a loop of your own, gather the differences with |=.",
)
FALLBACK = Mistake(
    "re-serialised-as-fallback",
    "The signature of other bytes was accepted, because you also try the body in a "
    "form of your own. What the sender signed is no longer what you process.",
    "Let one try decide, the one with the bytes as they came.",
)
LSTRIP = Mistake(
    "strips-characters-not-a-prefix",
    "strip and lstrip take a set of characters, not a word. This digest begins or ends "
    'with one of the characters of "sha256=", and lost it.',
    "removeprefix takes off a word. Or compare with the whole header, prefix and all.",
)
SECRET_AS_TEXT = Mistake(
    "secret-not-taken-as-bytes",
    "A secret may be any bytes. Turned to text and back, or written in another "
    "encoding than UTF-8, it is another secret.",
    "Take a secret of bytes as it is, and one of text by .encode().",
)
MISSING_ACCEPTED = Mistake(
    "missing-signature-accepted",
    "The request has no signature, so your check was skipped. Whoever forges a request "
    "just leaves the header out.",
    "No signature is a wrong signature: False, before anything else.",
)
MISSING_RAISES = Mistake(
    "missing-signature-raises",
    "The header was not there, and you worked with it all the same. Anybody can make "
    "your server answer 500 by leaving it out.",
    "Ask for None first.",
)
NO_HEADER = Mistake(
    "relies-on-the-header",
    "The header was not there, and square brackets raise a KeyError for a name that is "
    "missing. No header has to be there: anybody can leave it out, and have a 500.",
    "Use headers.get(…): it gives None for a missing header, or what you name.",
)
STRIPS_SECRET = Mistake(
    "strips-the-secret",
    "White space at the ends of the secret was cut off. It belongs to the key, and the "
    "sender's HMAC has it; without it no honest request fits.",
    "Take the secret as it is, without strip.",
)
PIECE = Mistake(
    "a-piece-is-enough",
    "A piece of the right signature was accepted. The shorter it may be, the sooner "
    "it is guessed; an empty one needs no guess.",
    "Compare the whole of both. `in`, `startswith`, `zip` are content with a piece.",
)
STARTS = Mistake(
    "starts-with-is-enough",
    "The header goes on after the right signature, and you did not look at the rest.",
    "Equal means equal: to the last character, on both sides.",
)
ANYWHERE = Mistake(
    "found-somewhere-in-it",
    "The header holds the right digits somewhere, among others. That is not the header "
    "which the sender writes.",
    "Compare with the whole header, instead of looking for the digits in it.",
)
NON_HEX_RAISES = Mistake(
    "non-hex-raises",
    "These are 64 characters, and none is a hex digit. Decoding them raises, and "
    "anybody can make your server answer 500.",
    "You need not decode: compare the hex text. Or catch ValueError, and say False.",
)
LENGTH_RAISES = Mistake(
    "other-lengths-raise",
    "The signature is longer or shorter than yours, and your code relies on its "
    "length. Anybody can make your server answer 500.",
    "compare_digest copes with any lengths. In a loop of your own, ask for len first.",
)
GARBAGE_RAISES = Mistake(
    "garbage-raises",
    "A header is whatever somebody typed. Yours was expected to have a certain form, "
    "and without it the function raises: a 500 for the asking.",
    "Don't take the header apart. Compare it as a whole, or check its form first.",
)
NON_ASCII_RAISES = Mistake(
    "non-ascii-raises",
    "An é in the header, and the function raises: compare_digest takes text only if "
    "it is ASCII. Anybody can make your server answer 500.",
    "Turn both sides into bytes first, with .encode(); then any text is fine.",
)
PREFIX = Mistake(
    "prefix-not-checked",
    "Only the digits were compared, whatever stood before them. The prefix names the "
    "algorithm; ignored today, it is a second way in tomorrow.",
    'Let "sha256=" be part of what is compared.',
)
CHOOSES = Mistake(
    "sender-chooses-the-algorithm",
    "The header said which hash function to use, and you used it. So the weakest that "
    "Python knows is what guards you.",
    "You know which one was agreed on: SHA-256, and no other.",
)
NUMBER = Mistake(
    "reads-hex-as-a-number",
    "int() reads many texts as the same number: with 0x, with zeros or underscores in "
    "them. And comparing numbers takes a time that depends on them.",
    "Compare the texts, as bytes, with hmac.compare_digest.",
)
DROPS = Mistake(
    "drops-odd-characters",
    "The header holds a character that does not belong there, and it was dropped "
    "before the comparison. So many headers pass where one should.",
    "Encode without `ignore`: plain .encode() keeps every character.",
)
EMPTY_SECRET = Mistake(
    "empty-secret-accepted",
    "The secret was empty, as it is when a setting is missing. An empty key is a valid "
    "key for HMAC, and everybody knows it.",
    "Without a secret nothing can be authentic: say False before you compute.",
)
EQUALS = Mistake(
    "compares-with-equals",
    "`==` and its like stop at the first difference. How long the answer took tells "
    "how much of a guess was right, and a guess can be mended digit by digit.",
    "hmac.compare_digest looks at everything, whatever it finds.",
)
STOPS = Mistake(
    "stops-at-the-first-difference",
    "Your loop ends where the first difference is, so its time tells how much of a "
    "guess was right, and a guess can be mended digit by digit.",
    "Go through all of it and decide at the end; hmac.compare_digest does just that.",
)
