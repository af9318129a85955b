"""`labkit examine` in a terminal."""

from pathlib import Path
from typing import Any

import click

from labkit.cli.reporting import Reporting, exit_statuses, reporting, resumable

_FILE = click.Path(dir_okay=False, exists=True, path_type=Path)
_TABLE = "examine"
_HERE = Path("pyproject.toml")
_NEVER_IN_A_FILE = {"config", "list", "explain", "resume", "help"}


def _read_settings(context: click.Context, _: Any, given: Path | None) -> None:
    """Make the settings of a file the defaults of the other options."""
    from labkit.examine.settings import settings_in

    file = given or (_HERE if _HERE.is_file() else None)
    if file is None:
        return
    options = {
        option: parameter
        for parameter in context.command.params
        for option in (name.lstrip("-") for name in parameter.opts)
        if option not in _NEVER_IN_A_FILE and parameter.name
    }
    with exit_statuses():
        found = settings_in(file, table=_TABLE, known=options)
    context.default_map = {
        **(context.default_map or {}),
        **{str(options[name].name): value for name, value in found.items()},
    }


@click.command()
@click.argument("url", required=False, default="")
@click.option(
    "--config",
    type=_FILE,
    is_eager=True,
    expose_value=False,
    callback=_read_settings,
    show_default="pyproject.toml, [tool.labkit.examine]",
    help="TOML file with default values for these options.",
)
@click.option(
    "--scheme",
    default="standard",
    show_default=True,
    help="Signature scheme, or a layout: 'header=… value=… signed={t}.{body}'.",
)
@click.option(
    "--secret",
    default="",
    envvar="LABKIT_SECRET",
    show_envvar=True,
    help="Secret that the receiver uses to verify signatures.",
)
@click.option(
    "--profile", show_default="the scheme's", help="Provider whose timeout applies."
)
@click.option(
    "--effects",
    default="",
    metavar="COMMAND",
    help="Command that prints how many side effects there have been so far.",
)
@click.option(
    "--effects-url", default="", metavar="URL", help="URL that returns this number."
)
@click.option(
    "--effect-delay",
    type=click.FloatRange(0),
    default=0.0,
    metavar="SECONDS",
    help="Delay that you added before each side effect to make races visible.",
)
@click.option(
    "--restart",
    default="",
    metavar="COMMAND",
    help="Command that restarts the receiver.",
)
@click.option(
    "--break",
    "break_",
    default="",
    metavar="COMMAND",
    help="Command that makes its database unavailable.",
)
@click.option(
    "--mend",
    default="",
    metavar="COMMAND",
    help="Command that makes it available again.",
)
@click.option(
    "--second-secret", default="", help="Second secret that is valid at the same time."
)
@click.option("--retired-secret", default="", help="Old secret that must be rejected.")
@click.option(
    "--event",
    show_default="the provider's own",
    metavar="FILE|NAME",
    help="Event that the receiver accepts: a file with a JSON object, a JSON list or a "
    "form; or the name of a provider; or lab, the payment event that the labs use.",
)
@click.option(
    "--type",
    "kind",
    default="",
    help="Type of the event, for a provider's header or the body.",
)
@click.option(
    "--id-path", help="Path of the id in the event, such as data.id or events.0.id."
)
@click.option("--type-path", help="Path of the type in the event.")
@click.option(
    "--as",
    "encoding",
    type=click.Choice(["json", "form", "payload", "multipart"]),
    help="Encoding of the event in the body.",
)
@click.option(
    "--signed-url",
    default="",
    help="URL that is configured at the provider, if the scheme signs it.",
)
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="'NAME: VALUE'",
    help="Header to send with every request; repeatable.",
)
@click.option(
    "--handshake",
    default="",
    show_default="the scheme's",
    metavar="NAME",
    help="Name of the check that the provider makes of a new URL.",
)
@click.option(
    "--verify-token",
    default="",
    help="Text that you gave to the provider for that check.",
)
@click.option(
    "--gzip",
    is_flag=True,
    help="Send a compressed event too; for providers that compress.",
)
@click.option("--host", default="", help="Public host name, sent as Host.")
@click.option(
    "--i-own-this-endpoint",
    "owned",
    is_flag=True,
    help="Confirm that you own the endpoint; required for other machines.",
)
@resumable
@reporting
def examine(
    asked: Reporting,
    url: str,
    owned: bool,
    effects: str,
    effects_url: str,
    effect_delay: float,
    restart: str,
    break_: str,
    mend: str,
    **endpoint: Any,
) -> None:
    """Test the receiver at URL with valid and hostile requests.

    \b
    labkit examine http://127.0.0.1:5000/webhooks --secret whsec_…
    labkit examine … --scheme github --effects 'wc -l < ledger.txt'
    labkit examine … --effects-url http://127.0.0.1:5000/count --restart ./restart.sh
    labkit examine --explain time.stale

    The receiver may be written in any language. Events are signed with its own secret.
    If a valid event is rejected, experiments find the cause first. Failures with one
    cause are one finding; the most important comes first. A probe that can't be judged
    is unknown, never passed. With --effects, --restart, and --break and --mend, more
    probes can be judged.

    Exit status: 0 no finding at or above --fail-on, 1 at least one, 2 a wrong option or
    setting, 3 the receiver could not be reached or judged, 4 an error in the kit.
    """  # noqa: D301 - click takes \b for "leave these lines as they are"
    from labkit import examine as examination
    from labkit.errors import ConnectionRefused
    from labkit.findings import text
    from labkit.probes import chosen

    probes = chosen([asked.explain] if asked.explain else asked.only, asked.skip)
    if asked.listed or asked.explain:
        for probe in probes:
            needs = "; ".join(sorted(probe.needs)) or "URL, scheme and secret only"
            if asked.explain:
                severity = examination.severity_of(probe)
                click.echo(text.explain(probe, needs, severity=severity))
            else:
                click.echo(text.name(probe))
        return
    if not url:
        raise click.UsageError("give the URL of the receiver, or --list, or --explain")
    target = examination.endpoint_from(url, **endpoint)
    levers = examination.levers_from(
        effects=effects,
        effects_url=effects_url,
        restart=restart,
        break_=break_,
        mend=mend,
        effect_delay=effect_delay,
    )
    try:
        report = examination.examine(
            target,
            levers,
            probes=probes,
            watch=asked.watch,
            keep=asked.keep,
            earlier=asked.earlier(url),
            elsewhere=owned,
        )
    except ConnectionRefused as problem:
        report = examination.report_unreached(target, problem, probes=probes)
    asked.end(report)
