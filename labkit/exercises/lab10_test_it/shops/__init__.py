"""Three shops with one bug each, and the same three without it.

    forgiving.py   checks the signature over more than the bytes that came
    forgetful.py   forgets the ids that it has shipped
    hasty.py       claims an id before the work is done

The broken ones are shown to the learner, so they read like a learner's own.
"""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from flask import Flask

from labkit.checks.reference import edited, load
from labkit.exercises.lab10_test_it.shops import forgetful, forgiving, hasty

MakeShop = Callable[[str, Callable[[str], None], Callable[[], float]], Flask]
"""Takes the secret, `ship(order_id)`, and `now()`, the time in seconds."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop with one bug, the edits that remove it, and how its sender signs.

    The notebook shows the shop with the first of its `secrets`.
    """

    module: ModuleType
    edits: tuple[tuple[str, str], ...]
    scheme: str
    secrets: tuple[str, ...]

    @property
    def broken(self) -> MakeShop:
        """The shop with the bug."""
        made: MakeShop = self.module.make_shop
        return made

    @property
    def source(self) -> str:
        """The lines of the shop with the bug."""
        return inspect.getsource(self.broken).rstrip()

    @property
    def correct(self) -> MakeShop:
        """The shop without the bug."""
        return _corrected(self)


@functools.cache
def _corrected(shop: Shop) -> MakeShop:
    text = edited(inspect.getsource(shop.module), shop.edits)
    # The name of generated code: what fails in it is not the learner's.
    made: MakeShop = load(text, "make_shop", label="string>: a correct shop")
    return made


_TEXTS = ("blue-kite-42", "red-lamp-7", "s3")
_KEYS = (
    "whsec_Ymx1ZS1raXRlLTQyLWJsdWUta2l0ZS00Mg==",
    "whsec_cmVkLWxhbXAtNy1yZWQtbGFtcC03LXJlZC0=",
    "whsec_b25lIG9mIHRoaXJ0eS10d28gYnl0ZXMsIG5vIG1vcmU=",
)
_CLAIM = '        claimed.add(event["id"])\n'
_SHIP = '        ship(event["data"]["order_id"])\n'

SHOPS = {
    "10.2": Shop(
        forgiving,
        ((" and not fits(without_blanks(body), given)", ""),),
        "generic",
        _TEXTS,
    ),
    "10.3": Shop(
        forgetful, (("now() - shipped[known] > 300", "False"),), "standard", _KEYS
    ),
    "10.4": Shop(hasty, ((_CLAIM, ""), (_SHIP, _SHIP + _CLAIM)), "generic", _TEXTS),
}
"""The shops by the exercise in which they are to be broken."""
