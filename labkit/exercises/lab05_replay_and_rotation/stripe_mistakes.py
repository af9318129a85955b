"""The mistakes of 5.4 that 5.1 does not have."""

from labkit.checks import Mistake
from labkit.checks.mistakes import mistakes
from labkit.exercises.lab05_replay_and_rotation import mistakes as m

DECODES_SECRET, CUTS_PREFIX, TIME_UNSIGNED, ORDER, BASE64 = mistakes("""
    secret-decoded-from-base64: Your code decodes the secret, as in exercise 5.1.
        Stripe's secrets look the same, but the whole text is the key.
        Try: Use secret.encode() as the key.
    prefix-cut-off: Your code removes whsec_. For Stripe, these characters belong to the
        key.
        Try: Use secret.encode() as the key.
    timestamp-is-not-signed: Your code signs the body without the timestamp. An attacker
        can put today's timestamp on an old request (a replay attack).
        Try: Sign the timestamp, a full stop, and the body.
    signed-in-another-order: Your code signs the right two parts in another order or
        with another separator.
        Try: Sign the timestamp as it is after t=, a full stop, and the body.
    base64-instead-of-hex: Your code writes the digest in base64, as Standard Webhooks
        does. Stripe uses hex.
        Try: Use .hexdigest().
""")

LABEL, PARSES, CLOCK = mistakes("""
    label-not-told-from-signature: Your code does not compare with the value of a v1
        item. Each item of the header is a name, an equals sign and a value.
        Try: Split the item with partition("=").
    header-not-taken-apart: Your code does not split the header. It is one string with
        several items, such as t=1767225600 and v1=….
        Try: Split it at the commas, then each item at its first "=".
    looks-at-another-clock: Your code rejects the request because of its age, although
        signature and time are right. It does not compare `now` with the time in the
        header.
        Try: Compare `now` with the value of t, and nothing else.
""")

STRIPES_FUTURE = Mistake(
    m.FUTURE.id,
    "Your code accepts a timestamp that is too far in the future, so an attacker can "
    "use the request until that time. Stripe's own library accepts it too, but here "
    "the tolerance applies in both directions.",
    m.FUTURE.try_next,
)

STRIPS, FIRST_ONLY, LAST_ONLY, ONE_ONLY, ITEM_ORDER, UNKNOWN_ITEM = mistakes("""
    strips-digits-of-the-signature: Your code uses strip or lstrip, which take a set of
        characters and not a word. If the hex digits begin with 1, this digit is lost
        too, and the request is rejected.
        Try: Use item.removeprefix("v1="), or split the item at its first equals sign.
    only-the-first-v1: Your code looks only at the first v1. During a rotation Stripe
        signs with both secrets, in any order.
        Try: Collect the values of all v1 items, and try each.
    keeps-only-the-last-v1: Your code puts the items into a dictionary, which keeps only
        the last v1. A released library does the same, and rejects legitimate requests
        during a rotation.
        Try: Collect the values of all v1 items in a list, and try each.
    expects-one-signature: Your code rejects a header with two v1 items. During a
        rotation Stripe signs with both secrets.
        Try: Collect the values of all v1 items in a list, and try each.
    items-in-a-fixed-order: Your code finds the items by their position, or it needs t
        before v1. They have names, so they may come in any order.
        Try: Collect all items by their names first, and compare after the loop.
    stumbles-over-unknown-items: Your code fails because of an item that it does not
        know or cannot split. If the provider adds such an item, your shop rejects every
        request.
        Try: Ignore every item whose name is not t or v1.
""")

SCHEME, TWO_TIMES, SKIPPED = mistakes("""
    takes-v0-for-v1: Your code treats the value of another item as a v1. An attacker who
        can choose the version can choose a weak one (a downgrade attack).
        Try: Use the name of the item; only v1 counts.
    two-times-in-one-header: Your code uses two different t items: one for the signature
        and one for the window. An attacker can add a fresh t to a captured header.
        Try: Read t once, and use the same value for both.
    checks-the-time-only-if-present: Your code skips the check of the time if there is
        no t=. Then a request that was signed without one is valid forever.
        Try: Return False if t is missing, before you compute anything.
""")
