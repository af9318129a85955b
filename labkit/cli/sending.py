"""`labkit send` and `labkit replay` in a terminal."""

import sys
from collections import Counter
from pathlib import Path

import click

from labkit.model import Attempt, Response

_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
_SHOWN = 300
"""How many characters of a response's body are shown."""

OWNED = click.option(
    "--i-own-this-endpoint",
    "owned",
    is_flag=True,
    help="Confirm that you own the endpoint; required for other machines.",
)


@click.command()
@click.argument("url")
@click.option(
    "--type",
    "event_type",
    default="payment.succeeded",
    show_default=True,
    help="Type of the events.",
)
@click.option(
    "--data",
    default="{}",
    show_default=True,
    help="Data of the events, as a JSON object.",
)
@click.option(
    "--count",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Number of events.",
)
@click.option(
    "--every",
    type=click.FloatRange(0),
    default=60.0,
    show_default=True,
    help="Seconds between two events.",
)
@click.option("--scheme", show_default="generic", help="Signature scheme.")
@click.option(
    "--secret",
    envvar="LABKIT_SECRET",
    show_envvar=True,
    help="Signing secret; without it, attempts are not signed.",
)
@click.option(
    "--profile",
    show_default="the scheme's, or standard",
    help="Provider whose retry schedule and timeout apply.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME[:SETTING=VALUE,…]",
    help="Network fault; repeatable.",
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    help="Seed for all random choices; the same seed gives the same run.",
)
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    help="1 for real time, 60 for a minute per second; by default, do not wait.",
)
@click.option("--save", type=_FILE, help="Write the history to this file.")
@OWNED
def send(
    url: str,
    event_type: str,
    data: str,
    count: int,
    every: float,
    scheme: str | None,
    secret: str | None,
    profile: str | None,
    faults: tuple[str, ...],
    seed: int,
    speed: float | None,
    save: Path | None,
    *,
    owned: bool,
) -> None:
    """Deliver events to URL over a faulty network.

    \b
    labkit send http://127.0.0.1:5000/webhooks --count 10 --fault Delay:seconds=5
    labkit send … --scheme stripe --secret whsec_… --fault Refuse:probability=0.3

    The command shows what happened to each event. Waits are skipped, so that three days
    of retries take a moment. The attempts carry the times at which they would be sent,
    so a receiver that checks them by its own clock rejects those too far ahead. With
    --speed 1, the command waits in real time instead.

    The exit status is 1 if an event was not acknowledged.
    """  # noqa: D301 - click takes \b for "leave these lines as they are"
    from labkit.sender import options as sending
    from labkit.sender import simulate

    sending.check_target(url, owned=owned)
    heard = Heard()
    history = simulate(
        url,
        sending.events_from(event_type, data, count=count, every=every, seed=seed),
        scheme=sending.scheme_of(scheme, secret),
        secret=secret,
        profile=profile or sending.profile_of(scheme),
        faults=[sending.fault_from(text) for text in faults],
        seed=seed,
        speed=speed,
        progress=sys.stderr.isatty(),
        heard=heard,
    )
    if save:
        save.write_text(history.to_jsonl(), encoding="utf-8")
    click.echo(history.timeline())
    for line in heard.lines():
        click.echo(line)
    sys.exit(0 if history.account.acknowledged == count else 1)


class Heard:
    """The responses that a sender got; equal ones are counted together."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[int, bytes]] = Counter()

    def __call__(self, _attempt: Attempt, response: Response | None) -> None:
        """Count one response."""
        if response is not None and response.body.strip():
            self._counts[response.status, response.body] += 1

    def lines(self) -> list[str]:
        """Return the bodies of the responses, one line each."""
        return [
            f"status {status}{'' if count == 1 else f', {count} times'}: "
            + shown(body.decode("utf-8", "replace"))
            for (status, body), count in self._counts.items()
        ]


def shown(text: str) -> str:
    """Return the beginning of a body on one line, without control characters."""
    plain = " ".join(text.split())
    plain = "".join(sign if sign.isprintable() else "?" for sign in plain)
    return plain if len(plain) <= _SHOWN else plain[:_SHOWN] + "…"


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("url")
@click.option(
    "--number",
    "numbers",
    type=int,
    multiple=True,
    show_default="all",
    help="Number of a captured request to send; repeatable.",
)
@click.option("--scheme", help="Scheme to sign the request again with.")
@click.option(
    "--secret", envvar="LABKIT_SECRET", show_envvar=True, help="Secret to sign it with."
)
@click.option(
    "--timeout",
    default=30.0,
    show_default=True,
    help="Timeout per request, in seconds.",
)
@click.option(
    "--last",
    type=_FILE,
    show_default="FILE.responses",
    help="File for the responses of the last run.",
)
@OWNED
def replay(
    file: Path,
    url: str,
    numbers: tuple[int, ...],
    scheme: str | None,
    secret: str | None,
    timeout: float,
    last: Path | None,
    *,
    owned: bool,
) -> None:
    """Send captured requests again, from FILE to URL.

    \b
    labkit receive --save captured.ndjson
    labkit replay captured.ndjson http://127.0.0.1:5000
    labkit replay captured.ndjson http://127.0.0.1:5000 --scheme stripe --secret …

    Without --scheme the requests are sent as captured, with their old signatures and
    times. A URL without a path keeps the path of each request.

    The responses are compared with those of the last run. The exit status is 1 if one
    differs.
    """  # noqa: D301 - click takes \b for "leave these lines as they are"
    from labkit.errors import BadSetting
    from labkit.inbox import captures
    from labkit.sender import options as sending
    from labkit.sender import replaying
    from labkit.signing import scheme_named

    sending.check_target(url, owned=owned)
    signing = None
    if scheme:
        if not secret:
            raise BadSetting("to sign again, give --secret, or set LABKIT_SECRET")
        signing = replaying.Signing(scheme_named(scheme), secret)
    captured = captures.chosen(captures.read_lines(file.read_text("utf-8")), numbers)
    kept = last or file.with_name(file.name + ".responses")
    before = replaying.from_lines(kept.read_text("utf-8")) if kept.exists() else []
    now = []
    for got, response in zip(
        captured,
        replaying.replay(captured, url, timeout=timeout, signing=signing),
        strict=True,
    ):
        now.append(response)
        request = got.request
        line = f"#{got.number} {request.method} {request.path}: {response}"
        click.echo(f"{line} {shown(response.body)}".rstrip())
    changes = list(replaying.differences(now, before)) if before else []
    others = {each.number: each for each in before} | {
        each.number: each for each in now
    }
    kept.write_text(replaying.as_lines(others.values()), "utf-8")
    if before:
        click.echo("Compared with the last run:")
        click.echo("\n".join(f"  {line}" for line in changes) or "  all as before")
    sys.exit(1 if changes else 0)
