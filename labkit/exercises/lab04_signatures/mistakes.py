"""What verifiers get wrong; 4.2, 4.3 and 4.4 share these mistakes.

Each of them was found in code that was in use; `facts.md`, section 4.1, numbers 1 to 11
and 34, names where.
"""

from labkit.checks.mistakes import mistakes

NOTHING, NO_BOOL, TRUTHY, RAISES, ACCEPTS_ANYTHING = mistakes("""
    returns-nothing: Your function ends without a return, so it returns None. The caller
        rejects legitimate requests.
        Try: Return the result of the comparison.
    answer-is-no-bool: Your function returns neither True nor False. A caller that
        writes `is True` gets a wrong result.
        Try: Return True or False on every path; bool(…) converts any value.
    truthy-error-value: Your function returns a value that counts as true, such as an
        error message. `if verify(…)` then accepts this request.
        Try: Return False if the signature does not match, and report the reason
        elsewhere.
    raises-instead-of-false: Your code raises an exception for a wrong signature. Anyone
        can send one, and the exception becomes a 500; python -O also removes every
        assert.
        Try: Return False.
    result-not-used: Your code accepted a forged request. No comparison with the right
        signature decided what your function returned.
        Try: Follow this request through your code: which line should have returned
        False?
""")
WRONG_KEY, PART, FALLBACK, LSTRIP, SECRET_AS_TEXT = mistakes("""
    ignores-the-secret: Your code accepted a request that was signed with another
        secret. Then anyone can make a valid signature.
        Try: Use the argument `secret` as the key of the HMAC.
    compares-only-a-part: Your code accepted a signature in which one or two of the 64
        digits are wrong. Each digit that does not count makes the signature 16 times
        easier to guess.
        Try: Compare all digits; in a loop of your own, collect the differences with |=.
    re-serialised-as-fallback: Your code also tries the body in another form, and
        accepted a signature over other bytes. So you process something that the sender
        did not sign.
        Try: Verify once, with the raw bytes.
    strips-characters-not-a-prefix: Your code uses strip or lstrip, which take a set of
        characters and not a word. This digest begins or ends with one of the characters
        of "sha256=", and your code removed it.
        Try: Use removeprefix, or compare the whole header including its prefix.
    secret-not-taken-as-bytes: Your code decodes the secret, or encodes it with an
        encoding other than UTF-8. The result may be another secret.
        Try: If the secret is bytes, pass it to the HMAC unchanged; if it is a string,
        call .encode() on it first.
""")
MISSING_ACCEPTED, MISSING_RAISES, NO_HEADER, STRIPS_SECRET, PIECE = mistakes("""
    missing-signature-accepted: Your code accepts a request whose signature is missing
        or empty. An attacker does not need the secret then.
        Try: Return False for a missing and for an empty signature, before anything
        else.
    missing-signature-raises: Your code raises an exception if the header is missing.
        Anyone can cause a 500 by omitting it.
        Try: Return False if the signature is None, before you use it.
    relies-on-the-header: Your code reads the header with square brackets, which raise a
        KeyError if it is missing. Anyone can cause a 500 by omitting it.
        Try: Use headers.get(…), which returns None or your default for a missing
        header.
    strips-the-secret: Your code removes white space from the secret. This white
        space is a part of the key, so no legitimate request matches.
        Try: Use the secret as it is, without strip.
    a-piece-is-enough: Your code accepted a part of the right signature. A short part is
        easy to guess, and an empty one needs no guess.
        Try: Compare the whole strings; `in`, `startswith` and `zip` accept a part.
""")
STARTS, ANYWHERE, NON_HEX_RAISES, LENGTH_RAISES, GARBAGE_RAISES = mistakes("""
    starts-with-is-enough: Your code accepted a header that continues after the right
        signature.
        Try: Compare both strings to the last character.
    found-somewhere-in-it: Your code accepted a header that contains the right digits
        among others. The sender does not write such a header.
        Try: Compare with the whole header instead of searching for the digits in it.
    non-hex-raises: Your code raises an exception for 64 characters that are not hex
        digits. Anyone can cause a 500 in this way.
        Try: Compare the hex strings without decoding them, or catch the exception and
        return False.
    other-lengths-raise: Your code expects a signature of a certain length and raises
        for another one. Anyone can cause a 500 in this way.
        Try: Use compare_digest, which accepts any lengths, or compare the lengths
        first.
    garbage-raises: Your code expects the header to be in a certain format, and raises
        an exception if it is not. So anyone can cause a 500.
        Try: Compare the header as a whole, or check its format first.
""")
NON_ASCII_RAISES, PREFIX, CHOOSES, NUMBER, DROPS = mistakes("""
    non-ascii-raises: Your code raises an exception for a character such as é in the
        header. compare_digest accepts a string only if it is ASCII, and ASCII cannot
        encode an é either. Anyone can cause a 500 in this way.
        Try: Encode both sides with .encode() first.
    prefix-not-checked: Your code compares only the digits and ignores the prefix. The
        prefix names the algorithm, so a later version could be confused with this one.
        Try: Include "sha256=" in the comparison.
    sender-chooses-the-algorithm: Your code accepts a signature that was made with
        another hash function. An attacker can choose the weakest one that your code
        accepts (a downgrade attack).
        Try: Use SHA-256, and no other.
    reads-hex-as-a-number: Your code converts the signature with int(), which reads many
        strings as the same number: with 0x, zeros or underscores. The time of the
        comparison also depends on the numbers.
        Try: Compare the strings, as bytes, with hmac.compare_digest.
    drops-odd-characters: Your code drops invalid characters from the header before it
        compares. So it accepts many headers where only one is valid.
        Try: Use .encode() without `ignore`; it then keeps every character.
""")
EMPTY_SECRET, EQUALS, STOPS = mistakes("""
    empty-secret-accepted: Your code accepts an empty secret, which occurs if a setting
        is missing. HMAC accepts an empty key, so anyone can compute the signature.
        Try: Return False for an empty secret, before you compute anything.
    compares-with-equals: Your code compares the signatures with `==` or a similar
        operator, which stops at the first difference. An attacker can measure the
        response time and find the signature digit by digit (a timing attack).
        Try: Compare bytes with hmac.compare_digest.
    stops-at-the-first-difference: Your loop ends at the first difference. An attacker
        can measure the response time and find the signature digit by digit (a timing
        attack).
        Try: Compare all characters and decide at the end, or use hmac.compare_digest.
""")
