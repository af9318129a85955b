"""One good delivery first: without it nothing can be judged."""

import base64
import binascii
import contextlib
from collections.abc import Iterator

from labkit.errors import BadSetting
from labkit.examine_sender.bench import NotRegistered, SenderHarness
from labkit.examine_sender.levers import Refused
from labkit.signing import Scheme
from labkit.signing.scheme import Claim
from labkit.witness import Endpoint, Request


def calibrate(bench: SenderHarness) -> tuple[str, list[str]]:
    """Deliver two events; return why that failed, or nothing, and what was learned."""
    try:
        endpoint = bench.endpoint("calibration")
    except (NotRegistered, BadSetting) as error:
        return f"the good endpoint could not be registered: {error}", []
    bench.await_registration()
    said = [f"Good endpoint: {endpoint.url}"]
    added: Endpoint | None = None
    for number in (1, 2):
        if number == 2 and bench.by_hand is None:
            with contextlib.suppress(NotRegistered):
                added = bench.endpoint("calibration-2")
        start = bench.clock.now()
        try:
            took = bench.trigger(mark := bench.witness.new_mark())
        except (Refused, BadSetting) as error:
            return f"trigger {number} failed: {error}", said
        until = start + bench.patience
        while not endpoint.seen(mark):
            if bench.clock.now() >= until:
                return _nothing(bench, endpoint.path), said
            bench.clock.pause(bench.witness.changed, until)
        latency = bench.clock.now() - start
        said.append(
            f"Event {number} arrived {latency:.2f} s after its trigger began; "
            f"the trigger took {took:.2f} s"
        )
        if number == 2 or bench.clock.speed == 1:
            bench.learned.latency, bench.learned.trigger = latency, took
    while added is not None and not added.seen():
        if bench.clock.now() >= until:
            return _cached(bench, endpoint, added), said
        bench.clock.pause(bench.witness.changed, until)
    first = endpoint.seen()[0].request
    found = bench.event_id(first)
    said.append(f"The first delivery's id is {found!r}" if found else "No id was found")
    if bench.scheme is not None:
        fault = bench.signature_fault(first)
        said.append(
            f"Its {bench.scheme.name} signature is "
            + (f"not valid: {fault}" if fault else "valid")
        )
    bench.end_group()
    return "", said


def alive(bench: SenderHarness) -> bool:
    """Tell whether the sender delivers to a good endpoint that stays.

    It stays because a sender may cache its endpoints: a new one would get nothing.
    """
    try:
        endpoint = bench.control()
        mark = bench.event(endpoint)
    except (Refused, BadSetting):
        return False
    until = bench.clock.now() + bench.patience
    while not endpoint.seen(mark) and bench.clock.now() < until:
        bench.clock.pause(bench.witness.changed, until)
    endpoint.marks.discard(mark)
    return bool(endpoint.seen(mark))


def _nothing(bench: SenderHarness, path: str) -> str:
    others = bench.witness.seen(path=path)
    waited = f"within {bench.patience:g} s (--patience)"
    if others:
        return (
            f"{len(others)} requests arrived {waited}, but none carries the data of "
            "the trigger; the kit recognises a delivery by that data, so --trigger "
            f"must put {{data}} into the event"
        )
    tried = "registered it and triggered an event, and both commands succeeded"
    return (
        f"no request arrived at {bench.server.base}{path} {waited}; the kit {tried}. "
        "Is the worker running, and may the sender call a loopback address (--open)?"
    )


def _cached(bench: SenderHarness, first: Endpoint, added: Endpoint) -> str:
    return (
        f"event 2 arrived at {first.path}, but within {bench.patience:g} s (--patience) "
        f"not at {added.path}, which was registered after event 1; the probes register "
        "endpoints all the time. Does the sender cache them, and can that be turned off?"
    )


def wrong_keys(bench: SenderHarness, request: Request) -> Iterator[str]:
    """Yield what the sender does to its secret, if a variant of it verifies."""
    if bench.scheme is None:
        return
    for what, key in _variants(bench.secret):
        if signed_with(bench.scheme, request, key, bench.server.base):
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
