"""Turn what was typed at a terminal into an endpoint and its levers."""

import base64
import dataclasses
import urllib.parse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from labkit.errors import BadSecret, BadSetting
from labkit.examine.levers import number_from_command, number_from_url, switch
from labkit.model import Headers
from labkit.probes import Endpoint, Levers, Sample, events
from labkit.probes.sample import Encoding, at, read_event
from labkit.profiles import PROFILES, Profile
from labkit.signing import HANDSHAKES, Scheme, scheme_named

_ID_PATHS = ("id", "event_id", "events.0.id", "0.id", "0.eventId", "0.sg_event_id")
_TYPE_PATHS = ("event", "type", "event_type", "events.0.type", "0.event", "0.type")


def endpoint_from(
    url: str,
    *,
    scheme: str,
    secret: str,
    profile: str | None = None,
    event: Path | str | None = None,
    id_path: str | None = None,
    type_path: str | None = None,
    kind: str = "",
    encoding: str | None = None,
    signed_url: str = "",
    headers: Sequence[str] = (),
    host: str = "",
    app: object = None,
    handshake: str = "",
    verify_token: str = "",
    gzip: bool = False,
    second_secret: str = "",
    retired_secret: str = "",
) -> Endpoint:
    """Return the endpoint.

    `event` is a file with an event that the endpoint takes (JSON, a list for a batch,
    or a form), or the name of a provider whose event is sent; without one it is that of
    the scheme's provider, and that of the labs if the endpoint does not take it. `kind`
    is its type, for providers that send it in a header. `encoding` writes it as json,
    form, payload or multipart. `headers` are lines such as "X-Api-Version: 2". `app` is
    a WSGI or ASGI application to call in this process. A user and password in the URL
    are sent as basic authentication. `handshake` names the provider's check of a new
    URL, `verify_token` is the text for it, and `gzip` says that bodies are compressed.
    Raises UnknownName for a scheme, profile or handshake that does not exist,
    BadSecret for a secret of the wrong form, and BadSetting for an event or header
    that can't be used.
    """
    known = scheme_named(scheme)
    if not secret:
        raise BadSecret(
            "an examination signs events as the provider does, and needs the secret; "
            "give it with --secret, or in LABKIT_SECRET"
        )
    sample, *others = _samples(known, event, (id_path, type_path), kind, encoding)
    return Endpoint(
        url=url,
        scheme=known,
        secret=secret,
        profile=PROFILES[profile] if profile else _profile_of(known),
        sample=sample,
        other_samples=tuple(others),
        signed_url=signed_url,
        headers=(*(_header(text) for text in headers), *_credentials(url)),
        host=host,
        app=app,
        handshake=HANDSHAKES[handshake] if handshake else None,
        verify_token=verify_token,
        gzip=gzip,
        second_secret=second_secret,
        retired_secret=retired_secret,
    )


def levers_from(
    *,
    effects: str = "",
    effects_url: str = "",
    restart: str = "",
    break_: str = "",
    mend: str = "",
    effect_delay: float = 0.0,
) -> Levers:
    """Return the levers; an empty text means that one is missing."""
    if effects and effects_url:
        raise BadSetting("--effects and --effects-url both count effects; give one")
    if bool(break_) != bool(mend):
        raise BadSetting("--break and --mend go together; give both")
    count = number_from_command(effects) if effects else None
    return Levers(
        effects=number_from_url(effects_url) if effects_url else count,
        restart=switch(restart) if restart else None,
        break_=switch(break_) if break_ else None,
        mend=switch(mend) if mend else None,
        effect_delay=effect_delay,
    )


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip() or "\n" in text:
        raise BadSetting(f"{text!r} is not a header; give one like 'X-Name: value'")
    return name.strip(), value.strip()


def _credentials(url: str) -> Headers:
    """Return the header for a user and password in the URL, as senders send them."""
    parts = urllib.parse.urlsplit(url)
    if parts.username is None:
        return ()
    pair = (parts.username, parts.password or "")
    plain = ":".join(urllib.parse.unquote(part) for part in pair)
    return (("Authorization", f"Basic {base64.b64encode(plain.encode()).decode()}"),)


def _profile_of(scheme: Scheme) -> Profile:
    # The generic scheme belongs to no provider.
    return PROFILES[scheme.name if scheme.name in PROFILES else "standard"]


def _samples(
    scheme: Scheme,
    event: Path | str | None,
    paths: tuple[str | None, str | None],
    kind: str,
    encoding: str | None,
) -> tuple[Sample, ...]:
    """Return the event to send, and those to try if it is not taken."""
    if event is None:
        own = events.event_of(scheme.name)
        found = [sample for sample in (own, Sample()) if sample]
    elif not Path(event).is_file() and (named := events.event_of(str(event))):
        found = [named]
    else:
        found = [_in_file(Path(event), scheme, paths, kind)]
    # What comes before and after an event of another type is not known.
    changes: dict[str, Any] = {"kind": kind, "objects": ()} if kind else {}
    if encoding:
        changes["encoding"] = Encoding(encoding)
    samples = [dataclasses.replace(sample, **changes) for sample in found]
    if kind:
        for sample in samples:
            sample.put_type(sample.template, kind)
    return tuple(samples)


def _in_file(
    file: Path, scheme: Scheme, paths: tuple[str | None, str | None], kind: str
) -> Sample:
    try:
        template, encoding = read_event(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        known = f" It may also be the name of an event: {', '.join(events.names())}."
        raise BadSetting(
            f"{file} holds no event that can be read ({error}); give a JSON object, a "
            f"list of them, or a form.{'' if file.exists() else known}"
        ) from None
    id_path = _path(template, paths[0], _ID_PATHS, "" if scheme.id_header else "id")
    announces = scheme.announce("x") or kind
    type_path = _path(template, paths[1], _TYPE_PATHS, "" if announces else "event")
    return Sample(
        template=template,
        id_path=id_path,
        type_path=type_path,
        kind=kind,
        encoding=encoding,
        objects=(),
    )


def _path(template: Any, given: str | None, usual: Sequence[str], last: str) -> str:
    """Return where a value is: as given, or else where it usually is."""
    if given is not None:
        return given
    return next((path for path in usual if at(template, path)), last)
