"""What every examination shares at the terminal: options, reports, exit status."""

import contextlib
import functools
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import click

from labkit.errors import BadSetting, ConnectionRefused, LabError
from labkit.findings import (
    Accepted,
    ExaminationReport,
    Exit,
    Result,
    Severity,
    accepted_in,
    compare,
    exit_status,
    machine,
    save,
    text,
)

_FILE = click.Path(dir_okay=False, path_type=Path)
_GIVEN = click.Path(dir_okay=False, exists=True, path_type=Path)

_OPTIONS = (
    click.option(
        "--only",
        multiple=True,
        metavar="ID",
        help="Run only this probe, or all of this family (the part of an id before "
        "the dot); repeatable.",
    ),
    click.option(
        "--skip",
        multiple=True,
        metavar="ID",
        help="Skip this probe or family; repeatable.",
    ),
    click.option("--list", "listed", is_flag=True, help="List the probes and exit."),
    click.option(
        "--explain", default="", metavar="ID", help="Explain one probe and exit."
    ),
    click.option(
        "--fail-on",
        type=click.Choice([str(one) for one in Severity]),
        default=str(Severity.HIGH),
        show_default=True,
        help="Lowest severity for which the exit status is 1.",
    ),
    click.option(
        "--baseline", type=_GIVEN, help="TOML file of accepted findings, with reasons."
    ),
    click.option("--against", type=_GIVEN, help="Earlier JSON report to compare with."),
    click.option("--html", type=_FILE, help="Write the report as an HTML page."),
    click.option("--json", "as_json", type=_FILE, help="Write the report as JSON."),
    click.option(
        "--junit", type=_FILE, help="Write the report as JUnit XML, for a CI server."
    ),
    click.option(
        "--sarif", type=_FILE, help="Write the report as SARIF, for code scanning."
    ),
)

resumable = click.option(
    "--resume", type=_GIVEN, help="JSON report of an interrupted run to continue."
)
"""The option of an examination that can continue an earlier run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """What was asked for: which probes, which reports, and which exit status."""

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    listed: bool = False
    explain: str = ""
    fail_on: str = str(Severity.HIGH)
    baseline: Path | None = None
    against: Path | None = None
    resume: Path | None = None
    html: Path | None = None
    as_json: Path | None = None
    junit: Path | None = None
    sarif: Path | None = None
    accepted: tuple[Accepted, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        if self.baseline is not None:
            # Read now: an examination must not end with an error in a file.
            object.__setattr__(self, "accepted", accepted_in(self.baseline))

    def watch(self, result: Result, number: int, total: int) -> None:
        """Show progress on standard error."""
        click.echo(text.progress(result, number, total), err=True)

    def keep(self, report: ExaminationReport) -> None:
        """Write the JSON report so far, so that a killed run can be resumed."""
        if self.as_json is not None:
            save(report, as_json=self.as_json)

    def earlier(self, target: str) -> Sequence[Result]:
        """Return the results of the run that is resumed; it had the same target."""
        if self.resume is None:
            return ()
        found = machine.read(self.resume)
        if found.target != target:
            raise BadSetting(
                f"{self.resume} is a report on {found.target}, not on {target}"
            )
        return found.results

    def end(self, report: ExaminationReport) -> NoReturn:
        """Write and print the report, and exit with its status."""
        problems = save(
            report,
            html=self.html,
            as_json=self.as_json,
            junit=self.junit,
            sarif=self.sarif,
        )
        comparison = None
        if self.against is not None:
            try:
                comparison = compare(machine.read(self.against), report)
            except LabError as error:
                problems.append(str(error))
        click.echo(text.report(report, accepted=self.accepted, comparison=comparison))
        for problem in problems:
            click.echo(f"Error: {problem}", err=True)
        status = exit_status(
            report,
            fail_on=Severity(self.fail_on),
            accepted={entry.finding for entry in self.accepted},
        )
        sys.exit(Exit.USAGE if problems and status is Exit.CLEAN else status)


def reporting(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the shared options; the command gets them as one record, `asked`."""
    names = {option.name for option in Reporting.__dataclass_fields__.values()}

    @functools.wraps(function)
    def command(**options: Any) -> Any:
        mine = {name: options.pop(name) for name in [*options] if name in names}
        with exit_statuses():
            return function(asked=Reporting(**mine), **options)

    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@contextlib.contextmanager
def exit_statuses() -> Iterator[None]:
    """Turn errors into exit statuses: 2 a setting, 3 nobody there, 4 the kit's own."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except BrokenPipeError:
        raise  # click ends quietly: the reader, such as head, has seen enough
    except ConnectionRefused as error:
        _exit(Exit.UNJUDGED, str(error))
    except LabError as error:
        _exit(Exit.USAGE, str(error))
    except Exception as error:  # noqa: BLE001 - the last resort, and it is told
        traceback.print_exception(error)
        said = f"the kit failed ({type(error).__name__}); please report it"
        _exit(Exit.KIT_FAILED, said)


def _exit(status: Exit, message: str) -> NoReturn:
    click.echo(f"Error: {message}", err=True)
    sys.exit(status)
