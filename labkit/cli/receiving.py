"""`labkit receive` and `labkit verify` in a terminal."""

import sys
import time
from pathlib import Path
from typing import IO

import click

from labkit.cli.sending import shown

_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)

SECRETS = click.option(
    "--secret",
    "secrets",
    multiple=True,
    envvar="LABKIT_SECRET",
    show_envvar=True,
    help="Secret to check signatures with; repeatable.",
)
SCHEME = click.option(
    "--scheme",
    show_default="detected from the headers",
    help="Signature scheme of the requests.",
)


@click.command()
@click.option(
    "--port",
    default=5000,
    show_default=True,
    help="Port to listen on; 0 means any free port.",
)
@click.option(
    "--status",
    default="200",
    show_default=True,
    help="Status of the response, or several in order: 500,500,200 or 503*3,200.",
)
@click.option(
    "--delay",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="Seconds to wait before each response.",
)
@click.option("--body", default="", help="Text of the response.")
@SECRETS
@SCHEME
@click.option("--save", type=_FILE, help="Append each request to this file (NDJSON).")
@click.option(
    "--count",
    type=click.IntRange(1),
    show_default="until Ctrl+C",
    help="Number of requests after which to stop.",
)
def receive(
    port: int,
    status: str,
    delay: float,
    body: str,
    secrets: tuple[str, ...],
    scheme: str | None,
    save: Path | None,
    count: int | None,
) -> None:
    """Listen, show each request, and respond as configured.

    \b
    labkit receive --port 5000 --save captured.ndjson
    labkit receive --status 503*3,200 --delay 2 --secret whsec_…

    It listens on 127.0.0.1, and requests to every path are received. With a secret,
    each signature is checked, and if it does not match, the reason is shown.
    """  # noqa: D301 - click takes \b for "leave these lines as they are"
    from labkit.inbox import captures
    from labkit.inspector import Checking, diagnose
    from labkit.receiver import Receiver
    from labkit.receiver.scripted import scripted, statuses_from
    from labkit.redaction import Redaction

    checking = Checking(secrets, scheme)
    redaction = Redaction(secrets)
    app = scripted(statuses_from(status), delay=delay, body=body)
    seen = 0
    with Receiver(app, port=port) as receiver:
        click.echo(f"Listening on {receiver.url}. Stop with Ctrl+C.", err=True)
        try:
            while count is None or seen < count:
                for got in receiver.since(seen):
                    finding = diagnose(got, checking, url=receiver.url)
                    request = redaction.request(got.request)
                    click.echo(
                        f"#{got.number} {request.method} {request.path} → {got.status}"
                    )
                    for name, value in request.headers:
                        click.echo(f"  {name}: {value}")
                    if request.body:
                        click.echo(
                            f"  {shown(request.body.decode('utf-8', 'replace'))}"
                        )
                    said = redaction.text(str(finding))
                    click.echo("  " + said.replace("\n", "\n  "))
                    if save:
                        with save.open("a", encoding="utf-8") as file:
                            file.write(captures.as_line(got))
                    seen = got.number
                time.sleep(0.05)
        except KeyboardInterrupt:
            click.echo(f"{seen} requests received.", err=True)


@click.command()
@click.argument("body", type=click.File("rb"))
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="'NAME: VALUE'",
    help="Header of the request; repeatable.",
)
@click.option(
    "--headers",
    "header_file",
    type=click.File("r"),
    help="File with the headers, one per line, as curl -v prints them.",
)
@click.option(
    "--number",
    type=int,
    help="Number of the request to check, if BODY is a file of captures.",
)
@SECRETS
@SCHEME
@click.option(
    "--url",
    default="http://127.0.0.1/webhooks",
    show_default=True,
    help="URL that is configured at the provider, if the scheme signs it.",
)
@click.option(
    "--now",
    type=float,
    show_default="now, or when the captured request arrived",
    help="Time of the check, in seconds since 1970.",
)
def verify(
    body: IO[bytes],
    headers: tuple[str, ...],
    header_file: IO[str] | None,
    number: int | None,
    secrets: tuple[str, ...],
    scheme: str | None,
    url: str,
    now: float | None,
) -> None:
    """Check the signature of one request.

    \b
    labkit verify body.json --header 'X-Hub-Signature-256: sha256=…' --secret …
    labkit verify body.json --headers headers.txt --scheme stripe --secret whsec_…
    labkit verify captured.ndjson --number 3 --secret whsec_…

    BODY is the file with the body of the request, - for standard input. The output says
    that the signature is valid, or why it is not.

    The exit status is 0 if the request is authentic, 1 if it is not, and 3 if this
    could not be judged.
    """  # noqa: D301 - click takes \b for "leave these lines as they are"
    from dataclasses import replace

    from labkit.errors import BadSetting
    from labkit.inbox import captures
    from labkit.inspector import Checking, diagnose
    from labkit.inspector.finding import AUTHENTIC, UNCHECKED
    from labkit.inspector.typed import request_from
    from labkit.redaction import Redaction

    checking = Checking(secrets, scheme)
    lines = [*headers, *(header_file or ())]
    content = body.read()
    got, base = request_from(
        b"" if number is not None else content,
        lines,
        at=time.time() if now is None else now,
        url=url,
    )
    others = []
    if number is not None:
        try:
            others = captures.read_lines(content.decode())
        except UnicodeDecodeError as error:
            raise BadSetting(
                f"the captured requests are not UTF-8 ({error})"
            ) from error
        (got,) = captures.chosen(others, [number])
        got = got if now is None else replace(got, at=now)
    finding = diagnose(got, checking, url=base, others=others)
    click.echo(Redaction(secrets).text(str(finding)))
    sys.exit({AUTHENTIC: 0, UNCHECKED: 3}.get(finding.outcome, 1))
