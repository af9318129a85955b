"""The lab's mistakes in the words of 7.3, where a parcel is a row."""

from collections.abc import Mapping
from dataclasses import replace

from labkit.checks import Mistake
from labkit.exercises.lab07_idempotency import mistakes

_WORDS = (
    ("no parcel was shipped", "no row was written"),
    ("the parcel was shipped", "the row was committed"),
    ("(ship the parcel or write its row)", "(write and commit the row)"),
    ("shipped two parcels", "wrote two rows"),
    ("shipped something other", "wrote something other"),
    ("shipped a duplicate", "wrote a row for a duplicate"),
    ("shipped a second parcel", "wrote a second row"),
    ("ships a second parcel", "writes a second row"),
    ("ship a second parcel", "write a second row"),
    ("ships a parcel", "writes a row"),
    ("leads to a parcel", "leads to a row"),
    ("a second row with this id, not a second parcel", "a second id, not a second row"),
    ("The second shop never ships this event.", "The second shop never stores it."),
    ("two of them shipped the event", "two of them wrote a row"),
    ("so both ship the event", "so both write a row"),
    ("was still shipping. Then shipping failed", "was still writing. Then that failed"),
    ("another worker is shipping", "another worker is writing"),
    ("no worker shipped the event", "no worker wrote the row"),
    ("wins the claim ship the event", "wins the claim write the row"),
    ("If shipping then fails", "If the INSERT then fails"),
    ("although shipping had failed", "although its row could not be written"),
    ("When shipping had failed", "When the INSERT had failed"),
    ("before you ship", "before you write the row"),
    ("events were shipped", "events have a row"),
    ("each shipped event", "each event that has its row"),
)
_OTHERWISE: Mapping[str, str] = {
    mistakes.CLAIMED_EARLY.id: "Commit the id and the row in one transaction, so that "
    "a failure removes both. The exception must leave `with database:`: a `return` in "
    "this block commits, and so does `commit` in a `finally`. With "
    "`isolation_level=None` each statement commits at once, and `executescript` "
    "commits what is open.",
}
"""What to do next, where the advice of the other exercises does not apply."""


def in_rows(mistake: Mistake) -> Mistake:
    """Return the mistake with rows in the place of parcels."""
    why, try_next = mistake.why, _OTHERWISE.get(mistake.id, mistake.try_next)
    for old, new in _WORDS:
        why, try_next = why.replace(old, new), try_next.replace(old, new)
    return replace(mistake, why=why, try_next=try_next)
