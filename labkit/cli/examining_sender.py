"""`labkit examine-sender` in a terminal."""

import contextlib
import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from labkit.cli.reporting import Reporting, reporting
from labkit.errors import BadSetting

if TYPE_CHECKING:
    from labkit.examine_sender import SenderHarness
    from labkit.findings import ExaminationReport

FAIL_SHARE = 0.05
"""The share of real events that fail if the owner of the endpoint says no other."""

_FILE = click.Path(dir_okay=False, path_type=Path)
_COMMANDS = (
    (
        "--register",
        "'CMD {url} {secret}'",
        "Command that adds an endpoint and prints its id.",
    ),
    (
        "--trigger",
        "'CMD {data}'",
        "Command that causes one event; {data_file} is a file with its data.",
    ),
    ("--unregister", "'CMD {id}'", "Command that deletes an endpoint."),
    ("--change", "'CMD {id} {url}'", "Command that changes the URL of an endpoint."),
    (
        "--restart",
        "CMD",
        "Command that kills the sender (kill -9) and starts it again.",
    ),
    (
        "--workers",
        "CMD",
        "Command that starts a second worker; it is stopped after the probe.",
    ),
    ("--break", "CMD", "Command that makes its queue or database unavailable."),
    ("--mend", "CMD", "Command that makes it available again."),
    (
        "--crash",
        "'CMD {point}'",
        (
            "Command that makes the sender crash after a transaction; {point} is "
            "committed or rolled-back."
        ),
    ),
    ("--dead-letters", "CMD", "Command that prints the number of dead letters."),
    ("--notices", "CMD", "Command that prints the number of notices to owners."),
    ("--status", "'CMD {id}'", "Command that prints active or disabled."),
    ("--enable", "'CMD {id}'", "Command that enables a disabled endpoint."),
    (
        "--rotate",
        "'CMD {id}'",
        "Command that replaces the secret and prints the new one.",
    ),
    ("--rss", "CMD", "Command that prints the (peak) memory of the sender in kB."),
)
_LEVERS = {option.lstrip("-").replace("-", "_") for option, _, _ in _COMMANDS}


def _commands(function: Any) -> Any:
    for option, metavar, text in reversed(_COMMANDS):
        name = option.lstrip("-").replace("-", "_")
        name = "break_" if name == "break" else name
        function = click.option(option, name, default="", metavar=metavar, help=text)(
            function
        )
    return function


@click.command("examine-sender", context_settings={"allow_interspersed_args": True})
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@_commands
@click.option(
    "--logs", multiple=True, type=_FILE, help="Log file of the sender; repeatable."
)
@click.option(
    "--scheme",
    default="standard",
    show_default=True,
    help="Signature scheme of the sender, or none.",
)
@click.option(
    "--secret",
    default="",
    envvar="LABKIT_SECRET",
    show_envvar=True,
    help="Secret to register endpoints with.",
)
@click.option("--id-header", default="", help="Header that contains the event's id.")
@click.option(
    "--id-path", default="", help="Path of the id in the body, such as data.id."
)
@click.option("--time-header", default="", help="Header that contains the time.")
@click.option(
    "--profile", default="", help="Provider whose schedule and timeout it promises."
)
@click.option(
    "--schedule",
    default="",
    metavar="5,300,…|none",
    help="Its retry delays in seconds.",
)
@click.option(
    "--jitter", default="", metavar="full|none|0.2", help="Jitter of its delays."
)
@click.option("--timeout", type=float, help="Its timeout per attempt in seconds.")
@click.option(
    "--overlap",
    type=float,
    help="Seconds for which both secrets sign during a rotation.",
)
@click.option(
    "--never-retried",
    multiple=True,
    type=int,
    help="Status that it never retries; repeatable.",
)
@click.option(
    "--disable-after",
    default=0,
    help="Number of failures in a row that disable an endpoint.",
)
@click.option(
    "--ordered",
    is_flag=True,
    default=None,
    help="The sender promises to keep the order of events.",
)
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="Speed of the sender's clock; 60 is a minute per second.",
)
@click.option(
    "--patience",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    help="Longest wait for one event, in real seconds.",
)
@click.option(
    "--pickup",
    type=click.FloatRange(0),
    show_default="measured",
    help="Longest time until the sender calls a new endpoint, in real seconds.",
)
@click.option(
    "--open",
    "host",
    default="",
    metavar="ADDRESS",
    show_default="127.0.0.2 where the system has it",
    help="Loopback address that the sender's SSRF guard allows.",
)
@click.option(
    "--guard-on",
    is_flag=True,
    help="The SSRF guard rejects the addresses of the kit, too.",
)
@click.option(
    "--public-url",
    default="",
    help="URL that the guard accepts, or with --listen, that of your tunnel; it is not "
    "called.",
)
@click.option(
    "--in-namespace", is_flag=True, help="Run in a separate network namespace."
)
@click.option(
    "--url-file",
    type=_FILE,
    help="Without --register: the file for the URLs that you add to the sender.",
)
@click.option(
    "--ca-folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for authority.pem, which the sender must trust.",
)
@click.option(
    "--listen", is_flag=True, help="Only listen, and judge the deliveries that arrive."
)
@click.option("--port", default=0, help="Port to listen on.")
@click.option(
    "--record", type=_FILE, help="File for the requests that arrive, as lines of JSON."
)
@click.option(
    "--recorded",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="Judge the requests in such a file instead.",
)
@click.option(
    "--fail-share",
    type=click.FloatRange(0, 1),
    show_default="0.05 with --i-own-this-endpoint, otherwise 0",
    help="With --listen: share of events whose first attempts fail, in several ways.",
)
@click.option(
    "--i-own-this-endpoint",
    "owned",
    is_flag=True,
    help="Confirm that you own the endpoint, so that some real events may fail.",
)
@reporting
def examine_sender(asked: Reporting, command: tuple[str, ...], **options: Any) -> None:
    """Test a sender with an endpoint that misbehaves.

    \b
    labkit examine-sender --register './add-endpoint {url} {secret}' \\
      --trigger './order {data}' --unregister './remove {id}' --secret whsec_…
    labkit examine-sender … --schedule 5,300,1800 --jitter full --speed 60
    labkit examine-sender --in-namespace … -- ./start-worker
    labkit examine-sender --recorded deliveries.jsonl --secret whsec_…

    The sender runs on this machine, in any language. Commands control it; words in
    braces are replaced by values. Times are measured by its clock: see `labkit
    faketime`. A probe never passes only because nothing arrived. COMMAND after -- is
    started first and stopped last. Without --register the URLs are printed, or written
    to --url-file: add them to the sender yourself, and the examination continues when
    an event has arrived at each.

    Exit status: 0 no finding at or above --fail-on, 1 at least one, 2 a wrong option or
    setting, 3 the sender could not be judged, 4 an error in the kit.
    """  # noqa: D301 - click takes \b for "leave these lines as they are"
    from labkit import examine_sender as judge
    from labkit.findings import text

    probes = judge.chosen([asked.explain] if asked.explain else asked.only, asked.skip)
    if asked.listed or asked.explain:
        for probe in probes:
            needs = ", ".join(sorted(probe.needs)) or "--trigger only"
            click.echo(
                text.explain(probe, needs) if asked.explain else text.name(probe)
            )
        return
    in_namespace = bool(options.pop("in_namespace"))
    from labkit.examine_sender import namespace

    if in_namespace and not namespace.inside():
        namespace.enter()
    names = namespace.prepare() if in_namespace else None
    harness = _harness(options, in_namespace=in_namespace)
    if names is not None:
        harness.asked = lambda name: names.asked[name.lower()]
    if options["recorded"] or options["listen"]:
        asked.end(_listened(harness, options, probes))
    started = _start(command) if command else None
    try:
        report = judge.examine_with(harness, probes, watch=asked.watch)
    finally:
        if started is not None:
            _end(started)
    asked.end(report)


def _harness(options: dict[str, Any], *, in_namespace: bool) -> "SenderHarness":
    from labkit import examine_sender as judge
    from labkit.signing import scheme_named
    from labkit.witness import Witness
    from labkit.witness.server import Server

    words = {name: options[name] for name in (*_LEVERS - {"break"}, "break_")}
    levers = judge.levers_from(**words, logs=options["logs"])
    listening = options["listen"] or options["recorded"]
    if not listening and levers.trigger is None:
        raise click.UsageError(
            "give --register and --trigger, or --listen, --recorded, --list, --explain"
        )
    by_hand = None
    if not listening and levers.register is None:
        by_hand = judge.ByHand(_note, file=options["url_file"])
    elif options["url_file"]:
        raise BadSetting("--url-file is for a sender without --register")
    scheme = None if options["scheme"] == "none" else scheme_named(options["scheme"])
    promised = ("profile", "schedule", "jitter", "timeout", "overlap", "never_retried")
    promise = judge.promise_from(
        **{name: options[name] for name in (*promised, "disable_after", "ordered")}
    )
    try:
        server = Server(Witness(), host=options["host"], port=options["port"])
    except OSError as error:
        raise BadSetting(f"the endpoint can't listen: {error}") from None
    return judge.SenderHarness(
        server,
        levers,
        judge.RealClock(options["speed"]),
        promise,
        scheme=scheme,
        secret=options["secret"],
        patience=options["patience"],
        id_header=options["id_header"],
        id_path=options["id_path"],
        time_header=options["time_header"],
        ca_folder=options["ca_folder"],
        namespace=in_namespace,
        guard_on=options["guard_on"],
        public_url=options["public_url"],
        by_hand=by_hand,
        pickup=options["pickup"],
    )


def _note(text: str) -> None:
    click.echo(text, err=True)


def _listened(
    harness: "SenderHarness", options: dict[str, Any], probes: Any
) -> "ExaminationReport":
    from labkit.examine_sender import listening, recording
    from labkit.examine_sender.answering import Answers
    from labkit.examine_sender.reporting import report_of

    started = time.time()
    record: Path | None = options["record"]
    if options["public_url"]:
        harness.base = origin_of(options["public_url"])
    end = None
    if options["recorded"]:
        sightings = recording.read_record(options["recorded"])
    else:
        share = options["fail_share"]
        if share and not options["owned"]:
            raise BadSetting(
                "--fail-share answers real events badly, which is an attack; say "
                "--i-own-this-endpoint"
            )
        if share is None:
            share = FAIL_SHARE if options["owned"] else 0.0
        harness.witness.otherwise = Answers(harness, share)
        _note(
            f"Listening at {harness.server.base}/ for {harness.patience:g} s; Ctrl-C "
            "ends it earlier"
        )
        with contextlib.suppress(KeyboardInterrupt):
            time.sleep(harness.patience)
        sightings, end = harness.witness.seen(), harness.witness.now()
        if record is not None:
            lines = [recording.to_line(s, started) for s in sightings]
            record.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    outcomes = listening.judge(harness, sightings, probes, end=end)
    harness.close()
    return report_of(harness, outcomes, probes, started=started)


def origin_of(url: str) -> str:
    """Return the scheme, host and port of a URL; raise BadSetting if there is none."""
    parts = urlsplit(url)
    if not parts.scheme or not parts.netloc:
        raise BadSetting(f"--public-url is {url!r}; give a URL such as https://host")
    return f"{parts.scheme}://{parts.netloc}"


def _start(command: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    try:
        # The command is the one that the user gave.
        return subprocess.Popen(command, start_new_session=True)  # noqa: S603 - as above
    except OSError as error:
        raise BadSetting(f"{command[0]} can't be started: {error}") from None


def _end(process: "subprocess.Popen[bytes]") -> None:
    import signal

    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
