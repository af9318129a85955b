"""A valid event signed over other content, or at another time."""

import base64
import hmac
import re
import string
from collections.abc import Iterator
from dataclasses import replace

from labkit.examine.variant import Variant
from labkit.model import Request
from labkit.probes import Draft, Harness, forge
from labkit.signing import Layout, Unit

_FIELDS = re.compile("{[a-z]+}|[a-z0-9]+")
"""The parts of a layout that are not separators: fields, and a version such as v0."""

_HASHES = {20: "sha1", 32: "sha256", 64: "sha512"}
"""The hashes by the length of what they make, in bytes."""


def other_contents(layout: Layout) -> Iterator[Variant]:
    """Yield events signed over less than the scheme asks for, or with another hash."""
    fix = (
        f"compute the signature over {layout.words}, with the hash that the provider's "
        "documentation names"
    )
    bare = layout.front.replace("{id}", "").replace("{t}", "").replace("{url}", "")
    fronts = {
        "body-alone": ("the body alone", ""),
        "no-separator": (
            f"{layout.words}, without what separates them",
            "".join(_FIELDS.findall(layout.front)),
        ),
        "no-id": ("the time and the body, without the id", "{t}."),
        "no-time": ("the id and the body, without the time", "{id}."),
    }
    if not bare:
        del fronts["no-separator"]
    if "{id}" not in layout.front:
        del fronts["no-id"], fronts["no-time"]
    tried = {layout.front}
    for name, (words, front) in fronts.items():
        if front not in tried:
            tried.add(front)
            yield _resigned(name, words, replace(layout, front=front), "", fix)
    for digest in ("sha1", "sha512"):
        words = f"{layout.words}, with HMAC-{digest.upper()}"
        yield _resigned(digest, words, layout, digest, fix)


def _resigned(name: str, words: str, layout: Layout, digest: str, fix: str) -> Variant:
    """Sign another content; `digest` names another hash, if it is given."""

    def make(harness: Harness, draft: Draft) -> Request:
        key = forge.key_of(harness.scheme, harness.endpoint.secret)
        t = harness.moment()
        front = layout.before(id=draft.id, t=t, url=harness.signed_url)

        def change(own: str) -> str:
            in_hex = set(own) <= set(string.hexdigits)
            size = len(own) // 2 if in_hex else len(own.rstrip("=")) * 3 // 4
            kind = digest or _HASHES.get(size, "sha256")
            mac = hmac.digest(key, front + draft.body, kind)
            return mac.hex() if in_hex else base64.b64encode(mac).decode()

        return harness.seal(draft.body, id=draft.id, t=t, change=change)

    bug = f"the receiver computes the signature over {words}"
    return Variant(f"content-{name}", f"signed over {words}", bug, fix, make)


def other_times(unit: Unit) -> Iterator[Variant]:
    """Yield events signed at another time: in another unit, in another time zone."""
    yield _other_unit(unit)
    for hours in range(-12, 15):
        if hours:
            way = "behind" if hours < 0 else "ahead of"
            words = f"{abs(hours)} h {way} UTC"
            yield Variant(
                f"time-zone-{hours:+}",
                f"with its timestamp {words}",
                f"the receiver's clock is {words}",
                "take the time as seconds since 1970 (time.time() in Python, "
                "Date.now() in JavaScript): a datetime without a time zone is taken "
                "for local time",
                lambda harness, draft, hours=hours: harness.seal(  # type: ignore[misc]  # bound early
                    draft.body,
                    id=draft.id,
                    t=unit.write(int(harness.now()) + 3600 * hours),
                ),
            )


def _other_unit(own: Unit) -> Variant:
    """Write the time in milliseconds, or in seconds if the scheme has milliseconds."""
    unit = Unit.MILLISECONDS if own is not Unit.MILLISECONDS else Unit.SECONDS
    words = unit.name.lower()
    return Variant(
        f"time-{words}",
        f"with its timestamp in {words}",
        f"the receiver reads the timestamp as {words}",
        f"the scheme's time is written as {own.value}; read it as that",
        lambda harness, draft: harness.seal(
            draft.body, id=draft.id, t=unit.write(int(harness.now()))
        ),
    )
