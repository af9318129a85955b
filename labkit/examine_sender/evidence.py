"""Sightings as text for a report, without secrets."""

from labkit.examine_sender.harness import SenderHarness
from labkit.findings import Evidence
from labkit.witness import Sighting

LONGEST = 1_200


def evidence_of(
    harness: SenderHarness, sightings: tuple[Sighting, ...]
) -> tuple[Evidence, ...]:
    """Return what was seen, one piece per request."""
    return tuple(_one(harness, sighting) for sighting in sightings)


def _one(harness: SenderHarness, sighting: Sighting) -> Evidence:
    request = sighting.request
    head = request.raw or "".join(f"{k}: {v}\r\n" for k, v in request.headers).encode()
    text = head.decode("latin-1").replace("\r\n", "\n") + request.body.decode(
        "utf-8", "replace"
    )
    for secret in harness.secrets:
        text = text.replace(secret, "(the secret)")
        bare = secret.removeprefix("whsec_")
        if len(bare) >= 8:
            text = text.replace(bare, "(the secret)")
    if len(text) > LONGEST:
        text = text[:LONGEST] + f" … ({len(request.everything)} bytes in all)"
    when = harness.sender(sighting.ended)
    clock = "" if harness.clock.speed == 1 else " of the sender's clock"
    end = ""
    if sighting.closed is not None:
        held = harness.sender(sighting.closed - sighting.ended)
        end = f"; the sender took {sighting.taken} bytes in {held:.1f} s"
    return Evidence(
        label=f"attempt {sighting.number} at {sighting.path}, {when:.1f} s{clock} "
        "after the start",
        request=text,
        response=sighting.behaviour + end,
    )
