"""Turn what was typed at a terminal into an endpoint and its levers."""

import json
from collections.abc import Sequence
from pathlib import Path

from labkit.errors import BadSecret, BadSetting
from labkit.examine.levers import number_from_command, number_from_url, switch
from labkit.probes import Endpoint, Levers, Sample
from labkit.profiles import PROFILES, Profile
from labkit.signing import Scheme, scheme_named


def endpoint_from(
    url: str,
    *,
    scheme: str,
    secret: str,
    profile: str | None = None,
    event: Path | None = None,
    id_path: str = "id",
    type_path: str = "event",
    signed_url: str = "",
    headers: Sequence[str] = (),
    host: str = "",
    app: object = None,
    second_secret: str = "",
    retired_secret: str = "",
) -> Endpoint:
    """Return the endpoint.

    `event` is a file with an event that the endpoint takes, as JSON. `headers` are
    lines such as "X-Api-Version: 2". `app` is a WSGI or ASGI application to call in
    this process. Raises UnknownName for a scheme or profile that does not exist,
    BadSecret for a secret of the wrong form, and BadSetting for an event or header that
    can't be used.
    """
    known = scheme_named(scheme)
    if not secret:
        raise BadSecret(
            "an examination signs events as the provider does, and needs the secret; "
            "give it with --secret, or in LABKIT_SECRET"
        )
    return Endpoint(
        url=url,
        scheme=known,
        secret=secret,
        profile=PROFILES[profile] if profile else _profile_of(known),
        sample=_sample(event, id_path, type_path),
        signed_url=signed_url,
        headers=tuple(_header(text) for text in headers),
        host=host,
        app=app,
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
    """Return the levers; an empty text stands for one that is missing."""
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


def _profile_of(scheme: Scheme) -> Profile:
    # The generic scheme belongs to no provider.
    return PROFILES[scheme.name if scheme.name in PROFILES else "standard"]


def _sample(file: Path | None, id_path: str, type_path: str) -> Sample:
    if file is None:
        return Sample()
    try:
        template = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise BadSetting(
            f"{file} holds no event that can be read ({error}); "
            "it must be a JSON object"
        ) from None
    if not isinstance(template, dict):
        raise BadSetting(f"{file} holds {type(template).__name__}, not a JSON object")
    return Sample(template=template, id_path=id_path, type_path=type_path)
