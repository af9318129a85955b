"""One good delivery first: without it nothing can be judged."""

import base64
import binascii
import contextlib
from collections.abc import Iterator

from labkit.errors import BadSetting, LabError
from labkit.examine_sender.harness import NotRegistered, SenderHarness
from labkit.signing import Scheme
from labkit.signing.parts import Claim
from labkit.witness import Endpoint, Request

PICKUP = 2
"""For how many times the patience events are made until a new endpoint is called."""


def calibrate(harness: SenderHarness) -> tuple[str, list[str]]:
    """Deliver two events; return why that failed, or nothing, and what was learned.

    The second one must reach an endpoint that was added after the first one, too.
    """
    said: list[str] = []
    try:
        endpoint = harness.endpoint("calibration")
        harness.await_registration()
        said.append(f"The endpoint {endpoint.url} was registered")
        said.append(_measured(harness, 1, endpoint))
        said.append(_measured(harness, 2, endpoint, _second(harness)))
    except (NotRegistered, BadSetting) as error:
        return f"the good endpoint could not be registered: {error}", said
    except LabError as error:
        return str(error), said
    first = endpoint.seen()[0].request
    found = harness.event_id(first)
    said.append(
        f"The first delivery has the id {found!r}" if found else "No id was found"
    )
    if harness.scheme is not None:
        fault = harness.signature_fault(first)
        said.append(
            f"Its {harness.scheme.name} signature is "
            + (f"not valid: {fault}" if fault else "valid")
        )
    harness.end_group()
    return "", said


def _second(harness: SenderHarness) -> Endpoint | None:
    """Add another endpoint, unless someone has to do it by hand."""
    if harness.by_hand is None:
        with contextlib.suppress(NotRegistered):
            added = harness.endpoint("added")
            harness.await_registration()
            return added
    return None


def _measured(
    harness: SenderHarness,
    number: int,
    endpoint: Endpoint,
    added: Endpoint | None = None,
) -> str:
    """Deliver an event, learn how long it takes, and return that as a sentence."""
    start = harness.clock.now()
    mark, took = _trigger(harness, number)
    until = start + harness.patience
    if not _arrives(harness, endpoint, mark, until):
        raise LabError(_nothing(harness, endpoint.path))
    latency = harness.clock.now() - start
    if number == 2 or harness.clock.speed == 1:
        harness.learned.latency, harness.learned.trigger = latency, took
    late = "" if added is None else _picked_up(harness, {mark: start}, endpoint, added)
    return (
        f"Event {number} arrived {latency:.2f} s after its trigger began; "
        f"the trigger took {took:.2f} s{late}"
    )


def _trigger(harness: SenderHarness, number: int) -> tuple[str, float]:
    """Make an event; return its mark, and how long that took."""
    mark = harness.witness.new_mark()
    try:
        return mark, harness.trigger(mark)
    except BadSetting as error:
        raise LabError(f"trigger {number} failed: {error}") from None


def _picked_up(
    harness: SenderHarness, made: dict[str, float], first: Endpoint, added: Endpoint
) -> str:
    """Make events until one reaches a new endpoint; learn how long that takes.

    `made` has the time of the first of these events by its mark. A sender may cache its
    endpoints, and then it calls a new one only later.
    """
    known, start = harness.learned, min(made.values())
    limit = harness.patience
    if known.pickup is None:
        limit *= PICKUP
    pause = max(2.0, 5 * known.latency, harness.patience / 20)
    while not _arrives(harness, added, None, harness.clock.now() + pause):
        if harness.clock.now() >= start + limit:
            raise LabError(_cached(harness, first, added, limit))
        if known.pickup is None:
            moment = harness.clock.now()
            mark, _ = _trigger(harness, 2 + len(made))
            made[mark] = moment
    if known.pickup is not None:
        return ""
    late = made[added.seen()[0].mark] - start
    known.pickup = 1.1 * late + 1.0 if late else 0.0
    if not late:
        return ""
    return (
        f". The sender calls a new endpoint only {late:.0f} s after its registration, "
        f"so the kit waits {known.pickup:.0f} s each time it adds endpoints "
        "(--pickup). If you can, let the sender cache its endpoints for a shorter time"
    )


def _arrives(
    harness: SenderHarness, endpoint: Endpoint, mark: str | None, until: float
) -> bool:
    """Wait for an event, or any, at an endpoint; return whether it arrived in time."""
    while not endpoint.seen(mark) and harness.clock.now() < until:
        harness.clock.pause(harness.witness.changed, until)
    return bool(endpoint.seen(mark))


def alive(harness: SenderHarness) -> bool:
    """Tell whether the sender delivers to a good endpoint that stays.

    It stays because a sender may cache its endpoints: a new one would get nothing.
    """
    try:
        endpoint = harness.control()
        mark = harness.event(endpoint)
    except BadSetting:
        return False
    endpoint.marks.discard(mark)
    return _arrives(harness, endpoint, mark, harness.clock.now() + harness.patience)


def _nothing(harness: SenderHarness, path: str) -> str:
    others = harness.witness.seen(path=path)
    waited = f"within {harness.patience:g} s (--patience)"
    if others:
        return (
            f"{len(others)} requests arrived {waited}, but none carries the data of "
            "the trigger; the kit recognises a delivery by that data, so --trigger "
            f"must put {{data}} into the event"
        )
    tried = "registered it and triggered an event, and both commands succeeded"
    return (
        f"no request arrived at {harness.server.base}{path} {waited}; the kit {tried}. "
        "Is the worker running, and may the sender call a loopback address (--open)?"
    )


def _cached(
    harness: SenderHarness, first: Endpoint, added: Endpoint, waited: float
) -> str:
    return (
        f"event 2 arrived at {first.path}, but within {waited:g} s (--patience "
        f"{harness.patience:g}) no event arrived at {added.path}, which was registered "
        "after event 1. Every probe registers endpoints: does the sender cache them, "
        "and can you turn that off? If it only takes longer, give more --patience"
    )


def wrong_keys(harness: SenderHarness, request: Request) -> Iterator[str]:
    """Yield what the sender does to its secret, if a variant of it verifies."""
    if harness.scheme is None:
        return
    for what, key in _variants(harness.secret):
        if signed_with(harness.scheme, request, key, harness.base):
            yield what


def signed_with(scheme: Scheme, request: Request, key: bytes, base: str = "") -> bool:
    """Tell whether the request is signed with exactly these key bytes."""
    # `verify` takes a secret and not a key, and here a key is to be tried as it is.
    read, fits = scheme._read, scheme._fits  # noqa: SLF001 - as above
    try:
        claim: Claim = read(dict(request.headers))
        return fits(key, request.body, claim, base + request.target)
    except Exception:  # noqa: BLE001 - what can't be read is not signed with that key
        return False


def _variants(secret: str) -> Iterator[tuple[str, bytes]]:
    bare = secret.removeprefix("whsec_")
    yield (
        "keys the signature with the text of the secret, not its bytes",
        (secret.encode()),
    )
    yield "keys the signature with the text after whsec_, not its bytes", bare.encode()
    yield (
        "keys the signature with the secret and a line break",
        (secret + "\n").encode(),
    )
    yield "keys the signature with nothing", b""
    for name, decode in (("base64", base64.b64decode), ("hex", bytes.fromhex)):
        try:
            yield f"decodes the secret from {name}", decode(bare)
        except (ValueError, binascii.Error):
            continue
