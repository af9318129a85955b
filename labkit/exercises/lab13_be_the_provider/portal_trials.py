"""The requests to the portal that exercise 13.7 tries, and the rows they meet."""

import random
from collections.abc import Iterator
from typing import Any

from labkit.checks.space import Trial
from labkit.exercises.lab13_be_the_provider.due import NOW, delivery, inserted

EVENTS = "".join(
    inserted(
        "events",
        id=f"evt_{number}",
        type="payment.succeeded",
        payload="{}",
        created=NOW - 1_000 + 100 * number,
    )
    for number in range(1, 7)
)
"""Six events; the first was created 900 s ago, and each other one 100 s later."""
_ODD = inserted(
    "endpoints",
    id="EP_1 ",
    url="https://odd.example/",
    secret="whsec_b2Rk",  # noqa: S106 - of a trial
) + inserted(
    "events", id="EVT 1 ", type="payment.succeeded", payload="{}", created=NOW - 9
)
"""An endpoint and an event whose ids differ from others only in case and spaces."""
FAILURES = "UPDATE endpoints SET failures = 2 WHERE id != 'ep_2';\n"


def _attempts(number: int, *statuses: int | None) -> str:
    """Return the SQL of a delivery's attempts."""
    return "".join(
        inserted(
            "attempts",
            delivery=number,
            event=f"evt_{number}",
            endpoint="ep_1",
            number=made,
            at=NOW - 500 + made,
            status=status,
            body="",
        )
        for made, status in enumerate(statuses, 1)
    )


def _dead(number: int, **columns: Any) -> str:
    return delivery(number, **{"state": "dead", "made": 3, **columns})


def _notice(endpoint: str, event: str, seen: int) -> str:
    return inserted("notices", endpoint=endpoint, event=event, at=NOW - 90, seen=seen)


_MIXED = (
    delivery(1, state="delivered", made=2, due=NOW - 1)
    + _dead(2, due=NOW - 7)
    + delivery(3, endpoint="ep_2", made=1)
    + delivery(4, event="evt_2", due=NOW - 3)
    + _attempts(1, 503, 204)
    + _attempts(2, 500, 404, None)
)


def listing(state: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a request for the deliveries of an endpoint."""
    return {"action": "list", "endpoint": "ep_1", "state": state, **more}


def _resend(number: int) -> dict[str, Any]:
    return {"action": "resend", "delivery": number}


def _all(since: float = NOW - 900, endpoint: str = "ep_1") -> dict[str, Any]:
    return {"action": "resend_all", "endpoint": endpoint, "since": since}


def _for(action: str, endpoint: str = "ep_1", **more: Any) -> dict[str, Any]:
    return {"action": action, "endpoint": endpoint, **more}


def _ask(
    sentence: str, look: str, request: dict[str, Any], setup: str, **more: Any
) -> Trial:
    """Return a trial of one request that looks at the result, the rows or both."""
    changes = {"request": request, "setup": setup, "look": look, **more}
    return Trial(sentence, changes)


def trials() -> Iterator[Trial]:
    """Yield the requests of the contract, sentence by sentence."""
    yield from _lists()
    yield from _resends()
    yield from _resends_of_all()
    yield from _switches_and_notices()
    yield from _odd_ids()
    for request in (
        *(listing(endpoint=name) for name in ("ep_3", "", "EP_1")),
        *(_resend(number) for number in (9, 0, -1)),
        _all(endpoint="ep_3"),
        *(_for(action, "ep_3") for action in ("disable", "enable", "seen")),
        _for("notice", "ep_3", event="evt_1"),
    ):
        yield _ask("unknown", "result", request, _dead(1))
        yield _ask("nothing", "rows", request, _dead(1))
    for request in (
        *(_resend(1), _all(), _for("disable"), _for("enable", "ep_off")),
        *(_for("notice", event="evt_1"), _for("seen")),
    ):
        setup = _dead(1) + _notice("ep_1", "evt_2", int(request["action"] != "seen"))
        yield _ask("committed", "rows", request, setup)


def _odd_ids() -> Iterator[Trial]:
    """Yield trials for ids that must be compared and stored as they are."""
    own = {"event": "EVT 1 ", "endpoint": "EP_1 "}
    others = delivery(2, event="evt 1", endpoint="EP_1 ") + _dead(3, event="EVT 1 ")
    setup = _ODD + _dead(1, **own) + others
    yield _ask("list", "both", listing(endpoint="EP_1 "), setup)
    yield _ask("resend", "both", _resend(1), setup)
    yield _ask("all", "both", _all(endpoint="EP_1 "), setup)
    setup += "".join(_notice(name, "evt_1", 0) for name in ("ep_1", "EP_1"))
    for action in ("disable", "enable", "seen"):
        yield _ask(action, "rows", _for(action, "EP_1 "), setup)
    yield _ask("notice", "rows", _for("notice", "EP_1 ", event="EVT 1 "), setup)


def _lists() -> Iterator[Trial]:
    for setup in (delivery(1), "", _MIXED):
        yield _ask("list", "list", listing(), setup)
    yield _ask("list", "list", listing(endpoint="ep_2"), _MIXED)
    off = delivery(1, endpoint="ep_off", event="evt_1")
    yield _ask("list", "result", listing(endpoint="ep_off"), off)
    many = "".join(delivery(number, event="evt_1") for number in range(1, 41))
    yield Trial("list", {"request": listing(), "setup": many}, "40 deliveries")
    statuses: tuple[tuple[int | None, ...], ...] = (
        *((), (204,), (503, 204), (404, 500, None), (None, 410)),
        (500,) * 11 + (204,),
    )
    for each in statuses:
        setup = delivery(1, made=len(each)) + _attempts(1, *each)
        yield _ask("status", "result", listing(), setup)
    last_first = "".join(reversed(_attempts(1, 503, 500, 404).splitlines()))
    yield _ask("status", "result", listing(), delivery(1, made=3) + last_first)
    again = _dead(1) + delivery(2, event="evt_1", made=1) + _attempts(1, 500, 404)
    for setup in (again, again + _attempts(2, 200)):
        yield _ask("status", "result", listing(), setup)
    for state in ("pending", "delivered", "dead"):
        for setup in (_MIXED, delivery(1)):
            yield _ask("filter", "result", listing(state), setup)
    yield _ask("filter", "result", listing("dead"), "")


def _resends() -> Iterator[Trial]:
    others = (
        delivery(5, event="evt_1", endpoint="ep_2"),
        delivery(5, event="evt_5"),
        _dead(5, event="evt_1"),
        delivery(5, event="evt_1", state="delivered"),
    )
    crm = _dead(1, endpoint="ep_2", worker="w9", leased=NOW + 9)
    yield _ask("resend", "both", _resend(1), _dead(1))
    yield _ask("resend", "both", _resend(2), _dead(1) + _dead(2))
    for setup in (
        delivery(1, state="delivered", made=1),
        *(_dead(1) + other for other in others),
        crm + _dead(4),
    ):
        yield _ask("resend", "both", _resend(1), setup)
    yield _ask("keeps", "both", _resend(1), _dead(1) + _attempts(1, 500, 404))
    yield _ask("keeps", "both", _all(), _dead(1) + _dead(2) + _attempts(1, 500))
    off = _dead(1, endpoint="ep_off")
    pending = (
        delivery(1),
        delivery(1, due=NOW + 900, made=2),
        _dead(1) + delivery(2, event="evt_1", due=NOW + 60),
        delivery(1, state="delivered") + delivery(2, event="evt_1"),
    )
    yield _ask("disabled", "result", _resend(1), off)
    for setup in (off, ""):
        yield _ask("disabled", "result", _all(endpoint="ep_off"), setup)
    for setup in pending:
        yield _ask("pending", "result", _resend(1), setup)
    for setup in (off, *pending):
        yield _ask("nothing", "rows", _resend(1), setup)
    yield _ask("nothing", "rows", _all(endpoint="ep_off"), off)


def _resends_of_all() -> Iterator[Trial]:
    dead = "".join(_dead(number) for number in range(1, 7))
    late = _dead(1, due=NOW + 900) + _dead(6, due=NOW - 5_000)
    yield _ask("all", "both", _all(), _dead(1))
    yield _ask("all", "both", _all(), dead)
    for since in (NOW - 700, NOW - 700.25, NOW - 699.75, NOW - 400, NOW, 0):
        yield _ask("all", "both", _all(since), dead)
    yield _ask("all", "both", _all(NOW - 500), late)
    for setup in (
        delivery(2, event="evt_1"),
        delivery(2, event="evt_1", state="delivered"),
        delivery(2, event="evt_1", endpoint="ep_2"),
        delivery(2, event="evt_1", endpoint="ep_2", state="delivered"),
        _dead(2, endpoint="ep_2"),
    ):
        yield _ask("all", "both", _all(), _dead(1) + setup)
        yield _ask("all", "both", _all(), setup.replace("(2,", "(7,") + _dead(8))
    yield _ask("all", "both", _all(endpoint="ep_2"), _dead(1))
    yield _ask("all", "both", _all(), delivery(1, state="delivered"))
    yield _ask("all", "both", _all(), delivery(1))
    twice = _dead(1) + _dead(2, event="evt_1") + _dead(3, event="evt_1")
    for setup in ("", twice, twice + _dead(4)):
        yield _ask("count", "both", _all(), setup)
    yield _ask("count", "both", _all(), twice, again=1)


def _switches_and_notices() -> Iterator[Trial]:
    both = delivery(1) + _dead(2) + delivery(3, endpoint="ep_off")
    for action in ("disable", "enable"):
        for endpoint in ("ep_1", "ep_2", "ep_off"):
            yield _ask(action, "rows", _for(action, endpoint), both)
    new, seen = _notice("ep_1", "evt_2", 0), _notice("ep_1", "evt_2", 1)
    elsewhere, same = _notice("ep_2", "evt_1", 0), _notice("ep_1", "evt_1", 1)
    for setup in (
        *("", new, seen, elsewhere, seen + elsewhere, seen + new, new + seen, same),
        _notice("ep_1", "evt_1", 0),
    ):
        for again in (0, 1):
            request = _for("notice", event="evt_1")
            yield _ask("notice", "rows", request, setup, again=again)
    for endpoint in ("ep_2", "ep_off"):
        request = _for("notice", endpoint, event="evt_6")
        yield _ask("notice", "rows", request, new)
    for setup in ("", new, seen, new + elsewhere, new + same + new, elsewhere):
        yield _ask("seen", "rows", _for("seen"), setup)


def any_trial(rng: random.Random) -> Trial:
    """Return a trial with up to eight deliveries of any state."""
    setup = "".join(
        delivery(
            number,
            event=f"evt_{rng.randint(1, 4)}",
            endpoint=rng.choice(("ep_1", "ep_1", "ep_2", "ep_off")),
            state=rng.choice(("pending", "delivered", "dead", "dead", "dead")),
        )
        for number in range(1, rng.randint(2, 9))
    )
    sentence, request = rng.choice(
        (
            ("resend", _resend(rng.randint(1, 8))),
            ("all", _all(NOW - rng.choice((950, 900, 800, 700, 650)))),
            ("filter", listing(rng.choice((None, "pending", "dead")))),
        )
    )
    return Trial(sentence, {"request": request, "setup": setup, "look": "both"})
