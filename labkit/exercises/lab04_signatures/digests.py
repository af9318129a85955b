"""The right signature, and the mistakes that a wrong one shows."""

import hmac

from labkit.checks.mistakes import mistakes

NO_KEY, NO_HMAC, SWAPPED, OTHER_HASH, TWICE = mistakes("""
    no-key-in-it: Your code hashes only the body. Anyone can compute such a hash for any
        body, so it proves nothing about the sender.
        Try: Use the secret: hmac.new takes the key first, then the message.
    hash-without-hmac: Your code joins the secret and the body and hashes the result. An
        attacker can compute such a hash for a longer body without knowing the secret
        (length extension).
        Try: Use the module hmac, which combines key and message safely.
    key-and-body-swapped: Your code uses the body as the key and the secret as the
        message. The result looks like a signature, but no other program computes it.
        Try: Pass the key first and the message second to hmac.new.
    another-hash-function: Your code uses a hash function other than SHA-256. Both sides
        must use the same one, or no signature ever matches.
        Try: Pass hashlib.sha256 in the call.
    hashes-twice: Your code signs a hash of the body instead of the body. HMAC hashes
        the message itself, so the body is hashed one time too many.
        Try: Pass the body itself to the HMAC.
""")
REPR, RESERIALISED, LINE_END, AS_TEXT, STRIPPED = mistakes("""
    signs-the-repr: Your code calls str() on bytes. The result contains b'…', and this
        text was signed.
        Try: Pass secret and body to the HMAC as they are, without str().
    re-serialised-json: Your code parses the body and serialises it again before it
        computes the HMAC. If a space, an escape such as \\u00eb or the order of keys
        differs, the signature no longer matches.
        Try: Use the raw bytes of the request; parse JSON after the signature is
        verified.
    adds-a-line-end: Your code adds a line break to the body before it signs it. For the
        HMAC that is one more byte, and the signature does not match.
        Try: Sign the body and nothing else.
    body-decoded-to-text: Your code decodes the body before it computes the HMAC. Bytes
        that are not valid text are lost or replaced, so different bodies have the same
        signature.
        Try: Keep the body as bytes: no decode and no str before the HMAC.
    strips-the-body: Your code removes white space from the body. The sender signed
        every byte of it, including a line break at the end.
        Try: Sign all bytes of the body, including those that you cannot see.
""")
JOINED, BARE, BASE64, UPPER, QUOTED = mistakes("""
    secret-in-the-message: Your code uses the secret as the key and also puts it into
        the message. No sender signs in this way.
        Try: Use the secret as the key, and only the body as the message.
    bare-hex: Your signature has the right digits but no prefix. The scheme puts the
        name of the algorithm before them.
        Try: Put "sha256=" before the hex digits.
    base64-instead-of-hex: Your signature is encoded in base64, but this scheme uses
        hex. Other providers use base64.
        Try: Call .hexdigest() on the HMAC.
    upper-case: Your signature has upper-case letters. Signatures are compared byte by
        byte, and an upper-case letter is another byte.
        Try: Use hexdigest() as it is; it returns lower case.
    bytes-written-as-text: Your code formats bytes into a string, so Python writes them
        as b'…'.
        Try: Use hexdigest(), which returns a string; digest() returns bytes.
""")
OTHER_PREFIX, CUT, FIXED_KEY, EXAMPLE, INVERTED = mistakes("""
    other-prefix: Your signature has the right digits, but another prefix. The other
        side compares every character.
        Try: Put exactly "sha256=" before the digits: lower case, no space, no colon.
    cuts-the-digest: Your signature contains only a part of the digest. The other side
        expects all 64 digits.
        Try: Use hexdigest() without shortening it.
    fixed-key: Your code uses the secret of the notebook's example instead of the
        argument `secret`. With any other secret, no legitimate request matches.
        Try: Use the argument `secret` as the key, not a constant and not a global
        variable.
    repeats-the-example: Your code returns the digest of the example above: `mac` was
        made there, from another secret and another body.
        Try: Make a new HMAC in your function, from its arguments.
    inverted: Your code rejects the right signature and accepts a wrong one (64 zeros).
        The result is inverted.
        Try: Check every `not` and every `if`: what happens if the two signatures are
        equal?
""")


def digest_of(secret: bytes, body: bytes) -> bytes:
    """Return the right digest: HMAC-SHA256 of the body under the secret, 32 bytes."""
    return hmac.digest(secret, body, "sha256")


def signature_of(secret: bytes, body: bytes) -> str:
    """Return the header's right value, `sha256=<lower-case hex>`."""
    return f"sha256={digest_of(secret, body).hex()}"
