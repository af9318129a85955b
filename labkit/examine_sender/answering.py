"""How an endpoint that only listens responds: to a share of real events, badly.

Two of these get another 2xx than 200, and the others fail at first. Each of these gets
its 2xx in the end, if the sender retries it. So a failure of another kind is tried only
after the event of the last one came again. A response that may end a delivery for good,
such as 410, is never sent, nor one that is a load on the sender.
"""

from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.retry_after import wish
from labkit.witness import (
    Behaviour,
    CloseUnanswered,
    Hang,
    Request,
    Reset,
    Respond,
)

CANARY = "/labkit-redirected"
"""Where redirects lead: a path of the same server, which a tunnel reaches as well."""

IN_A_ROW = 3
"""How many bad responses may follow each other if no rule to disable is known."""

OK = Respond(200)


def plan_for(harness: SenderHarness) -> tuple[tuple[Behaviour, ...], ...]:
    """Return what the failing deliveries get in turn, one behaviour per attempt."""
    fail = (Respond(500),) * 3
    seconds = f"{wish(harness):g}"
    return (
        (Respond(503),),
        fail,
        (Respond(429, (("Retry-After", seconds),)),),
        (Reset(),),
        fail,
        (Respond(302, (("Location", CANARY),)),),
        (Respond(204),),
        (CloseUnanswered(),),
        fail,
        (Respond(307, (("Location", CANARY),)),),
        (Hang(),),
        fail,
        (Respond(202),),
        (Respond(502),),
    )


class Answers:
    """What each request gets; `share` of the events fail, one at first.

    It is called while the witness records the request, so by one thread at a time.
    """

    def __init__(self, harness: SenderHarness, share: float) -> None:
        self._harness, self._share = harness, share
        self._plan = plan_for(harness)
        self._next = 0
        self._failing: dict[str, int] = {}
        self._made: dict[str, int] = {}
        self._proven: set[str] = set()
        self._in_a_row = 0
        limit = harness.promise.disable_after
        self._most = limit - 1 if limit else IN_A_ROW

    def __call__(self, request: Request) -> Behaviour:
        """Return what is done with the request."""
        if request.target.partition("?")[0] == CANARY or not request.body:
            return OK
        key = key_of(self._harness, request)
        made = self._made[key] = self._made.get(key, 0) + 1
        if made == 1 and self._due():
            self._failing[key] = self._next % len(self._plan)
            self._next += 1
        step = self._failing.get(key)
        if step is not None and made > 1:
            self._proven.add(self._kind(step))
        script = () if step is None else self._plan[step]
        played = script[made - 1] if made <= len(script) else OK
        if accepts(played):
            self._in_a_row = 0
        elif self._in_a_row >= self._most:
            self._in_a_row = 0
            return OK
        else:
            self._in_a_row += 1
        return played

    def _due(self) -> bool:
        """Tell whether a new event may fail now."""
        steps = set(self._failing.values())
        failed = {self._kind(n) for n in steps if not accepts(self._plan[n][0])}
        waiting = failed - self._proven
        if waiting and self._kind(self._next % len(self._plan)) not in self._proven:
            return False
        if not self._share or self._in_a_row >= self._most:
            return False
        return not self._failing or len(self._failing) < self._share * len(self._made)

    def _kind(self, step: int) -> str:
        """Name a kind of failure; it is proven once an event came again after it."""
        return self._plan[step][0].name


def accepts(behaviour: Behaviour) -> bool:
    """Tell whether this is an acknowledgement."""
    return isinstance(behaviour, Respond) and behaviour.status // 100 == 2


def key_of(harness: SenderHarness, request: Request) -> str:
    """Return the event's id, or its body if there is none."""
    return harness.event_id(request) or request.body.decode("latin-1")
