"""The mistakes of solutions that verify a request with a signed time."""

from labkit.checks.mistakes import mistakes

(
    WHOLE_SECRET,
    NOT_DECODED,
    ID_AND_TIME_UNSIGNED,
    ID_UNSIGNED,
    TIME_UNSIGNED,
) = mistakes("""
    whole-secret-as-key: Your code uses the whole secret, including whsec_, as the key.
        In Standard Webhooks the key is the part after whsec_, decoded from base64;
        Stripe does use the whole text.
        Try: Remove whsec_ and decode the rest with base64.b64decode.
    key-not-decoded: Your code removes whsec_ and uses the base64 text as the key. The
        key is the bytes that this text encodes.
        Try: Decode the text with base64.b64decode.
    only-the-body-is-signed: Your code signs only the body. If id and timestamp are not
        signed, an attacker can change both, and the timestamp proves nothing.
        Try: Sign the id, a full stop, the timestamp, a full stop, and the body.
    id-is-not-signed: Your code signs the timestamp and the body, but not the id. An
        attacker could replay the request under a new id, and a receiver that remembers
        ids would not recognise it.
        Try: Put webhook-id and a full stop in front.
    timestamp-is-not-signed: Your code signs the id and the body, but not the timestamp.
        An attacker can put today's timestamp on an old request (a replay attack).
        Try: Put webhook-timestamp between the id and the body.
""")
OTHER_ORDER, BYTES_IN_TEXT, RESERIALISED, HEX, URL_SAFE = mistakes("""
    signed-in-another-order: Your code signs the right three parts in the wrong order or
        with the wrong separators. One different byte gives a different signature.
        Try: Sign id, timestamp and body in this order, with one full stop between them
        and none at the end.
    bytes-in-an-f-string: Your code formats bytes in an f-string, which writes them as
        b'…'. The b and the quotes were signed, too.
        Try: Encode the front part and add the body: f"{…}.{…}.".encode() + body.
    re-serialised-body: Your code parses the body and serialises it again. The result
        has the same data but other bytes, and only the raw bytes are signed.
        Try: Sign the raw bytes, and parse the body after the signature is verified.
    hex-instead-of-base64: Your code writes the digest in hex. GitHub and Stripe do
        that, but Standard Webhooks uses base64.
        Try: Use .digest() and encode it with base64.b64encode.
    url-safe-base64: Your code uses the base64 alphabet for URLs, which has - and _
        instead of + and /. So only some signatures match, by chance.
        Try: Use base64.b64encode and base64.b64decode, without urlsafe.
""")
LABEL, CLOCK, UNIT, TURNED_ROUND, HEADER_NAMES = mistakes("""
    label-not-told-from-signature: One of the two strings that your code compares begins
        with the version, and the other one does not. In the header, a signature of
        version 1 is written as `v1,` and then the base64.
        Try: Compare with "v1," plus your signature, or remove the version first.
    looks-at-another-clock: Your code rejects the request because of its age, although
        signature and time are right. It does not compare the two times that the
        arguments contain.
        Try: Compare `now` with webhook-timestamp, and nothing else.
    window-in-another-unit: Your code mixes units: now, the timestamp and the tolerance
        are all in seconds. So the window is too wide or too narrow by a factor of 60 or
        1000.
        Try: Remove the factor; nothing has to be converted.
    window-turned-round: Your code rejects fresh requests and accepts old ones.
        Try: Reverse the comparison: accept if the distance is at most the tolerance.
    other-header-names: Your code looks up a header name that is not in the dictionary.
        The names are webhook-id, webhook-timestamp and webhook-signature, in lower
        case.
        Try: Compare the name in your line with these three.
""")
ACCEPTS_ALL, ID_FREE, TIME_FREE, NOT_CHECKED, BACKWARDS = mistakes("""
    accepts-a-forgery: Your code accepted a request that was not signed with the secret.
        Try: Find the path on which your function returns True without a matching
        signature.
    id-may-be-changed: Your code accepts the same signature with another id. An attacker
        who captured this request can send it under new ids, as often as they like.
        Try: Sign the id that is in the header.
    timestamp-may-be-changed: Your code accepts the same signature with another
        timestamp. An attacker can make an old request look fresh (a replay attack).
        Try: Sign the same timestamp that you compare with the clock.
    time-is-not-checked: Your code signs the timestamp but never compares it with the
        clock. A captured request can be replayed forever.
        Try: Compare the time in the header with `now`.
    refuses-only-the-future: Your code subtracts in the wrong direction. An old request
        then has a negative age, which is below every tolerance.
        Try: Use abs(now - timestamp), or check both bounds.
""")
OWN_TOLERANCE, FUTURE, TOO_NARROW, EVENTS_TIME, DECODED = mistakes("""
    tolerance-of-its-own: Your window has a fixed width and ignores `tolerance`. A
        caller who asks for a narrower window does not get one.
        Try: Use the argument `tolerance` instead of your number.
    future-is-accepted: Your code accepts a timestamp that lies too far in the future.
        If a sender's clock is fast, an attacker can replay its requests for that much
        longer.
        Try: Check both directions: abs(now - timestamp).
    window-too-narrow: Your code rejects a request that is within the tolerance. The
        tolerance exists because clocks differ and requests take time to arrive.
        Try: Accept any age from minus the tolerance to plus the tolerance.
    time-of-the-event-instead-of-the-attempt: Your code uses the event's created_at
        instead of the time in the header. A retry of an old event is signed again with
        the current time, and your code rejects it.
        Try: Use the time in the header, which the sender renews for each attempt.
    body-decoded-to-text: Your code decodes the body before it signs it. If the body is
        not valid UTF-8, it raises an exception or signs other bytes.
        Try: Keep the body as bytes, and add it to the encoded front part.
""")
TRIMMED, TWO_BODIES, ONE_ONLY, FIRST_ONLY, LAST_ONLY = mistakes("""
    body-is-trimmed: Your code removes white space from the end of the body. The sender
        signed it like every other byte.
        Try: Sign the body as it is, without strip.
    accepts-the-same-data-in-other-bytes: The body was changed in transit, and your code
        accepted it. A signature that matches two different byte strings no longer
        proves what was sent.
        Try: Verify the raw bytes, and nothing made from them.
    expects-one-signature: Your code compares with the whole header. During a rotation
        the header contains several signatures, separated by spaces.
        Try: Split the header at the spaces, and accept if one of the parts matches.
    only-the-first-signature: Your code looks only at the first signature in the header.
        During a rotation, the matching one may be at any position.
        Try: Check all parts of the header before you return False.
    only-the-last-signature: Your code looks only at the last signature in the header.
        During a rotation, the matching one may be at any position.
        Try: Check all parts of the header, and accept the first that matches.
""")
NO_COMMA, VERSION, ANYWHERE, MISSING, SKIPPED = mistakes("""
    part-without-comma-raises: Your code raises an exception for a part of the header
        that has no comma. Anyone can cause a 500 in this way.
        Try: Use partition(","), or compare the whole part with "v1," plus your
        signature.
    takes-any-version: Your code ignores the version in front of the signature. If any
        version counts as v1, an attacker can choose how you verify (a downgrade
        attack).
        Try: Ignore parts that do not begin with "v1,".
    finds-the-signature-anywhere: Your code searches for the signature anywhere in the
        header. It then accepts malformed headers, and the search stops at the first
        difference (a timing attack).
        Try: Split the header at the spaces, and compare each part in constant time.
    missing-header-raises: Your code raises an exception if one of the headers is
        missing. Anyone can cause a 500 in this way.
        Try: Use headers.get(name), and return False if the header is missing.
    checks-the-time-only-if-present: Your code skips the check of the time if there is
        no timestamp. Then a request that was signed without one is valid forever.
        Try: Return False for a missing timestamp, before you compute anything.
""")
NO_ID, NAN, FRACTIONS, PREFIX, MILLISECONDS = mistakes("""
    does-without-the-id: Your code accepts a request without an id. A receiver that
        remembers ids to stop replays would not recognise it.
        Try: Return False for a missing webhook-id.
    nan-switches-the-check-off: Your code accepts the timestamp NaN, which float reads.
        Every comparison with NaN is false, so the request is never too old.
        Try: Convert with int, or write the condition so that only a good time is
        accepted.
    reads-more-than-whole-seconds: Your code accepts fractions or exponents, such as
        1.5 or 1e9, because float reads them. The header contains whole seconds in
        decimal digits.
        Try: Before you convert the timestamp, check that it consists only of the digits
        0 to 9.
    reads-digits-and-ignores-the-rest: Your code reads the digits at the beginning and
        ignores the rest. Another program reads this header differently, and attackers
        use such differences.
        Try: Require that the whole timestamp consists of the digits 0 to 9, for example
        with re.fullmatch("[0-9]+", …).
    guesses-the-unit: Your code treats a large number as milliseconds and divides it.
        The scheme uses seconds, so one time then has two forms.
        Try: Use the number as seconds; milliseconds are then rejected because they are
        far in the future.
""")
NEGATIVE, GARBAGE_TIME, HUGE_TIME, NON_ASCII, GARBAGE = mistakes("""
    negative-time-passes: Your code accepts a negative timestamp, a time before 1970,
        without comparing it.
        Try: Compare every timestamp with the clock, without a special case.
    garbage-timestamp-raises: Your code raises an exception if the timestamp is not a
        number. Anyone can cause a 500 in this way.
        Try: Catch ValueError around the conversion, and return False.
    huge-timestamp-raises: Your code raises an exception for a very large timestamp, in
        a request that nobody has signed.
        Try: Check the signature first, or reject a timestamp of more than 12 digits.
    non-ascii-signature-raises: Your code passes a string that is not ASCII to
        compare_digest, which raises an exception. Anyone can cause a 500 by sending an
        é.
        Try: Encode both sides, and compare bytes.
    garbage-raises: Your code raises an exception for a malformed header. Anyone can
        cause a 500 in this way.
        Try: Find the value in the line above that your code did not expect, and return
        False for it.
""")
STRIPS, EQUALS, ALL_SIGNATURES = mistakes("""
    strips-letters-instead-of-the-prefix: Your code uses strip or lstrip, which take a
        set of characters and not a word. If the part after whsec_ begins with w, h, s,
        e, c or _, those characters are lost, too, and every request is rejected.
        Try: Use secret.removeprefix("whsec_").
    compares-with-equals: Your code compares the signatures with `==` or `in`, which
        stop at the first difference. An attacker can measure the response time and find
        the signature digit by digit (a timing attack).
        Try: Compare bytes with hmac.compare_digest.
    every-signature-must-fit: Your code requires that every signature in the header
        matches. One of them may belong to a secret that you do not have yet, or no
        longer.
        Try: Accept the request if one signature matches.
""")
