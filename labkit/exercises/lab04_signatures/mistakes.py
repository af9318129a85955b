"""What verifiers get wrong; 4.2, 4.3 and 4.4 share these mistakes.

Each of them was found in code that was in use; `facts.md`, section 4.1, numbers 1 to 11
and 34, names where.
"""

from labkit.checks import Mistake

NOTHING = Mistake(
    "returns-nothing",
    "Your function ends without a return, so it returns None. The caller rejects "
    "legitimate requests.",
    "Return the result of the comparison.",
)
NO_BOOL = Mistake(
    "answer-is-no-bool",
    "Your function returns neither True nor False. A caller that writes `is True` "
    "gets a wrong result.",
    "Return True or False on every path; bool(…) converts any value.",
)
TRUTHY = Mistake(
    "truthy-error-value",
    "Your function returns a value that counts as true, such as an error message. `if "
    "verify(…)` then accepts this request.",
    ("Return False if the signature does not match, and report the reason elsewhere."),
)
RAISES = Mistake(
    "raises-instead-of-false",
    "Your code raises an exception for a wrong signature. Anyone can send one, and "
    "the exception becomes a 500; python -O also removes every assert.",
    "Return False.",
)
ACCEPTS_ANYTHING = Mistake(
    "result-not-used",
    "Your code accepted a forged request. No comparison with the right signature "
    "decided what your function returned.",
    ("Follow this request through your code: which line should have returned False?"),
)
WRONG_KEY = Mistake(
    "ignores-the-secret",
    "Your code accepted a request that was signed with another secret. Then anyone "
    "can make a valid signature.",
    "Use the argument `secret` as the key of the HMAC.",
)
PART = Mistake(
    "compares-only-a-part",
    "Your code accepted a signature in which one or two of the 64 digits are wrong. "
    "Each digit that does not count makes the signature 16 times easier to guess.",
    "Compare all digits; in a loop of your own, collect the differences with |=.",
)
FALLBACK = Mistake(
    "re-serialised-as-fallback",
    "Your code also tries the body in another form, and accepted a signature over "
    "other bytes. So you process something that the sender did not sign.",
    "Verify once, with the raw bytes.",
)
LSTRIP = Mistake(
    "strips-characters-not-a-prefix",
    "Your code uses strip or lstrip, which take a set of characters and not a "
    'word. This digest begins or ends with one of the characters of "sha256=", '
    "and your code removed it.",
    "Use removeprefix, or compare the whole header including its prefix.",
)
SECRET_AS_TEXT = Mistake(
    "secret-not-taken-as-bytes",
    "Your code decodes the secret, or encodes it with an encoding other than UTF-8. A "
    "secret may be any bytes, and the result may be another secret.",
    "Use a bytes secret as it is, and encode a string with .encode().",
)
MISSING_ACCEPTED = Mistake(
    "missing-signature-accepted",
    "Your code accepts a request without a signature. An attacker simply omits the "
    "header.",
    "Return False for a missing signature, before anything else.",
)
MISSING_RAISES = Mistake(
    "missing-signature-raises",
    "Your code raises an exception if the header is missing. Anyone can cause a 500 "
    "by omitting it.",
    "Return False if the signature is None, before you use it.",
)
NO_HEADER = Mistake(
    "relies-on-the-header",
    "Your code reads the header with square brackets, which raise a KeyError if it is "
    "missing. Anyone can cause a 500 by omitting it.",
    "Use headers.get(…), which returns None or your default for a missing header.",
)
STRIPS_SECRET = Mistake(
    "strips-the-secret",
    "Your code removes white space from the secret. It belongs to the key, so no "
    "legitimate request matches.",
    "Use the secret as it is, without strip.",
)
PIECE = Mistake(
    "a-piece-is-enough",
    "Your code accepted a part of the right signature. A short part is easy to guess, "
    "and an empty one needs no guess.",
    "Compare the whole strings; `in`, `startswith` and `zip` accept a part.",
)
STARTS = Mistake(
    "starts-with-is-enough",
    "Your code accepted a header that continues after the right signature.",
    "Compare both strings to the last character.",
)
ANYWHERE = Mistake(
    "found-somewhere-in-it",
    "Your code accepted a header that contains the right digits among others. The "
    "sender does not write such a header.",
    "Compare with the whole header instead of searching for the digits in it.",
)
NON_HEX_RAISES = Mistake(
    "non-hex-raises",
    "Your code decodes 64 characters that are not hex digits, and raises. Anyone can "
    "cause a 500 in this way.",
    "Compare the hex strings without decoding them, or catch ValueError and return "
    "False.",
)
LENGTH_RAISES = Mistake(
    "other-lengths-raise",
    "Your code expects a signature of a certain length and raises for another one. "
    "Anyone can cause a 500 in this way.",
    "Use compare_digest, which accepts any lengths, or compare the lengths first.",
)
GARBAGE_RAISES = Mistake(
    "garbage-raises",
    "Your code expects the header to be in a certain format, and raises an exception "
    "if it is not. So anyone can cause a 500.",
    "Compare the header as a whole, or check its format first.",
)
NON_ASCII_RAISES = Mistake(
    "non-ascii-raises",
    "Your code raises an exception for a character such as é in the header. "
    "compare_digest accepts a string only if it is ASCII, and ASCII cannot encode an "
    "é either. Anyone can cause a 500 in this way.",
    "Encode both sides with .encode() first.",
)
PREFIX = Mistake(
    "prefix-not-checked",
    "Your code compares only the digits and ignores the prefix. The prefix names the "
    "algorithm, so a later version could be confused with this one.",
    'Include "sha256=" in the comparison.',
)
CHOOSES = Mistake(
    "sender-chooses-the-algorithm",
    "Your code uses the hash function that the header names. An attacker can choose "
    "the weakest one that Python supports (a downgrade attack).",
    "Use SHA-256, and no other.",
)
NUMBER = Mistake(
    "reads-hex-as-a-number",
    "Your code converts the signature with int(), which reads many strings as the "
    "same number: with 0x, zeros or underscores. The time of the comparison also "
    "depends on the numbers.",
    "Compare the strings, as bytes, with hmac.compare_digest.",
)
DROPS = Mistake(
    "drops-odd-characters",
    "Your code drops invalid characters from the header before it compares. So it "
    "accepts many headers where only one is valid.",
    "Use .encode() without `ignore`, which keeps every character.",
)
EMPTY_SECRET = Mistake(
    "empty-secret-accepted",
    "Your code accepts an empty secret, which occurs if a setting is missing. An "
    "empty key is valid for HMAC, and everyone knows it.",
    "Return False for an empty secret, before you compute anything.",
)
EQUALS = Mistake(
    "compares-with-equals",
    "Your code compares the signatures with `==` or a similar operator, which stops "
    "at the first difference. An attacker can measure the response time and find the "
    "signature digit by digit (a timing attack).",
    "Compare bytes with hmac.compare_digest.",
)
STOPS = Mistake(
    "stops-at-the-first-difference",
    "Your loop ends at the first difference. An attacker can measure the response "
    "time and find the signature digit by digit (a timing attack).",
    "Compare all characters and decide at the end, or use hmac.compare_digest.",
)
