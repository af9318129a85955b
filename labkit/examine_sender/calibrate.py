"""One good delivery first: without it nothing can be judged."""

import base64
import binascii
import contextlib
from collections.abc import Iterator

from labkit.errors import BadSetting, LabError
from labkit.examine_sender.bench import NotRegistered, SenderHarness
from labkit.examine_sender.levers import Refused
from labkit.signing import Scheme
from labkit.signing.scheme import Claim
from labkit.witness import Endpoint, Request


def calibrate(bench: SenderHarness) -> tuple[str, list[str]]:
    """Deliver two events; return why that failed, or nothing, and what was learned.

    The second one must reach an endpoint that was added after the first one, too.
    """
    said: list[str] = []
    try:
        endpoint = bench.endpoint("calibration")
        bench.await_registration()
        said.append(f"Good endpoint: {endpoint.url}")
        said.append(_measured(bench, 1, endpoint))
        said.append(_measured(bench, 2, endpoint, _second(bench)))
    except (NotRegistered, BadSetting) as error:
        return f"the good endpoint could not be registered: {error}", said
    except LabError as error:
        return str(error), said
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


def _second(bench: SenderHarness) -> Endpoint | None:
    """Add another endpoint, unless someone has to do it by hand."""
    if bench.by_hand is None:
        with contextlib.suppress(NotRegistered):
            return bench.endpoint("added")
    return None


def _measured(
    bench: SenderHarness, number: int, endpoint: Endpoint, added: Endpoint | None = None
) -> str:
    """Deliver an event, learn how long it takes, and return that as a sentence."""
    start = bench.clock.now()
    try:
        took = bench.trigger(mark := bench.witness.new_mark())
    except (Refused, BadSetting) as error:
        raise LabError(f"trigger {number} failed: {error}") from None
    until = start + bench.patience
    if not _arrives(bench, endpoint, mark, until):
        raise LabError(_nothing(bench, endpoint.path))
    latency = bench.clock.now() - start
    if number == 2 or bench.clock.speed == 1:
        bench.learned.latency, bench.learned.trigger = latency, took
    if added is not None and not _arrives(bench, added, mark, until):
        raise LabError(_cached(bench, endpoint, added))
    return (
        f"Event {number} arrived {latency:.2f} s after its trigger began; "
        f"the trigger took {took:.2f} s"
    )


def _arrives(bench: SenderHarness, endpoint: Endpoint, mark: str, until: float) -> bool:
    """Wait for an event at an endpoint; return whether it arrived in time."""
    while not endpoint.seen(mark) and bench.clock.now() < until:
        bench.clock.pause(bench.witness.changed, until)
    return bool(endpoint.seen(mark))


def alive(bench: SenderHarness) -> bool:
    """Tell whether the sender delivers to a good endpoint that stays.

    It stays because a sender may cache its endpoints: a new one would get nothing.
    """
    try:
        endpoint = bench.control()
        mark = bench.event(endpoint)
    except (Refused, BadSetting):
        return False
    endpoint.marks.discard(mark)
    return _arrives(bench, endpoint, mark, bench.clock.now() + bench.patience)


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
        f"event 2 arrived at {first.path}, but within {bench.patience:g} s (--patience)"
        f" not at {added.path}, which was registered after event 1. Every probe "
        "registers endpoints: does the sender cache them, and can you turn that off?"
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
