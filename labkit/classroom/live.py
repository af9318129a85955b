"""The class page of a hub: who is where now, from what the learners' servers tell.

`LiveClass` keeps the last that each server told, so a learner whose server has stopped
stays on the page. A learner who did not agree to be named is shown as a number, which
is the same until the hub's page is started again. What a server tells is not trusted:
what doesn't fit is left out and named.
"""

import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from labkit.classroom.gathering import Classroom
from labkit.classroom.page import to_html
from labkit.errors import BadSetting, ProgressUnreadable
from labkit.learner import document, exports
from labkit.learner.exports import Learner

REFRESH = 10
"""After how many seconds the page asks for the newest."""

# It replaces what is in the page, so the reader's place in it stays.
_SCRIPT = """<script>
setInterval(async () => {
  try {
    const answer = await fetch(location.href);
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const places = [...document.querySelectorAll(".wide")].map((e) => e.scrollLeft);
    const focused = [...document.querySelectorAll(".wide")]
      .indexOf(document.activeElement);
    document.querySelector("main").replaceWith(page.querySelector("main"));
    document.querySelectorAll(".wide").forEach((e, n) => { e.scrollLeft = places[n]; });
    document.querySelectorAll(".wide")[focused]?.focus({ preventScroll: true });
  } catch {
    // The hub may be starting again; the next attempt follows.
  }
}, SECONDS * 1000);
</script>"""


@dataclass(slots=True)
class LiveClass:
    """What the servers of a class have told so far.

    `clock` gives seconds since 1970.
    """

    clock: Callable[[], float] = time.time
    _numbers: dict[str, int] = field(default_factory=dict)
    _learners: dict[str, Learner] = field(default_factory=dict)
    _refused: dict[str, str] = field(default_factory=dict)

    def hear(self, user: str, told: bytes) -> None:
        """Take what the server of that user of the hub has told."""
        number = self._numbers.setdefault(user, len(self._numbers) + 1)
        name = f"learner {number}"
        self._refused.pop(user, None)
        try:
            learner = _learner(told, name, self.clock)
        except ProgressUnreadable as error:
            self._refused[user] = f"what the server of {name} says is left out: {error}"
            return
        if learner.steps:
            self._learners[user] = learner

    def forget(self, users: set[str]) -> None:
        """Keep only these users: the others are no longer accounts of the hub."""
        for user in set(self._learners) - users:
            del self._learners[user]
        for user in set(self._refused) - users:
            del self._refused[user]

    def classroom(self) -> Classroom:
        """Return the class as it is now; named learners first, by name."""
        shown: dict[str, Learner] = {}
        for user, number in self._numbers.items():
            if learner := self._learners.get(user):
                # Two learners may agree to the same name.
                twice = f"{learner.name} ({number})"
                name = twice if learner.name in shown else learner.name
                shown[name] = replace(learner, name=name)
        numbers = {f"learner {number}" for number in self._numbers.values()}
        named = sorted(set(shown) - numbers, key=str.casefold)
        nameless = [name for name in shown if name in numbers]
        return Classroom(
            tuple(shown[name] for name in [*named, *nameless]),
            tuple(self._refused[user] for user in sorted(self._refused)),
        )

    def page(self) -> str:
        """Return the page; it refreshes itself."""
        script = _SCRIPT.replace("SECONDS", str(REFRESH))
        return to_html(self.classroom()).replace("</body>", f"{script}</body>")


def _learner(told: bytes, number: str, clock: Callable[[], float]) -> Learner:
    """Read what a server tells; without a readable name the learner has a number."""
    try:
        content: Any = json.loads(told)
        entries = content["exercises"]
        learner = (
            exports.summary(number, entries, clock=clock)
            if document.fits({"exercises": entries})
            else None
        )
    except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError):
        learner = None
    if learner is None:
        raise ProgressUnreadable("it is not what labkit tells")
    with contextlib.suppress(BadSetting):
        learner = replace(learner, name=exports.readable(content.get("name")))
    return exports.parsed(exports.as_content(learner))
