"""Three shops with one bug each, and the same three without it.

    forgiving.py   checks the signature over more than the bytes that came
    forgetful.py   forgets the ids that it has shipped
    hasty.py       claims an id before the work is done

The broken ones are shown to the learner, so they read like a learner's own. A right one
differs from its twin in the bug alone.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask

from labkit.exercises.lab10_test_it.shops import forgetful, forgiving, hasty

MakeShop = Callable[[str, Callable[[str], None], Callable[[], float]], Flask]
"""Takes the secret, `ship(order_id)`, and `now()`, the time in seconds."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop with one bug, its twin without it, and how its sender signs."""

    broken: MakeShop
    sound: MakeShop
    scheme: str
    secrets: tuple[str, str]

    @property
    def source(self) -> str:
        """The lines of the broken one."""
        return inspect.getsource(self.broken).rstrip()


_TEXTS = ("blue-kite-42", "red-lamp-7")
_KEYS = (
    "whsec_Ymx1ZS1raXRlLTQyLWJsdWUta2l0ZS00Mg==",
    "whsec_cmVkLWxhbXAtNy1yZWQtbGFtcC03LXJlZC0=",
)

SHOPS = {
    "10.2": Shop(forgiving.make_shop, forgiving.make_right_shop, "generic", _TEXTS),
    "10.3": Shop(forgetful.make_shop, forgetful.make_right_shop, "standard", _KEYS),
    "10.4": Shop(hasty.make_shop, hasty.make_right_shop, "generic", _TEXTS),
}
"""The shops by the exercise in which they are to be broken."""
