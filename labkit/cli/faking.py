"""`labkit faketime` in a terminal."""

import os
import sys

import click

from labkit.cli.reporting import exit_statuses


@click.command()
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    help="Speed of its clock.",
)
@click.option(
    "--start",
    type=float,
    help="Time at which both clocks are equal, in seconds since 1970.",
)
@click.option(
    "--untested",
    is_flag=True,
    help="Do not test the clock first; for further processes of a sender.",
)
def faketime(
    command: tuple[str, ...], speed: float, start: float | None, untested: bool
) -> None:
    """Start COMMAND with a faster clock, on Linux.

    \b
    labkit faketime --speed 60 -- ./start-worker
    labkit faketime --speed 60              only test that it works

    This needs libfaketime. First, a child process tries every way to wait. If one of
    them hangs with this clock, the command says so, so that you do not blame the
    sender. Give every process of one sender the same --start. Commands that the
    examination runs often, such as --trigger, need no test: give them --untested.

    Exit status: that of COMMAND; 2 if libfaketime is missing, 3 if a plain sleep does
    not work with it.
    """  # noqa: D301 - click takes \b for "leave these lines as they are"
    from labkit import faketime as faking

    with exit_statuses():
        environment = faking.environment_for(speed, start=start)
        proofs = [] if untested else faking.prove(environment, speed)
    for proof in proofs:
        took = "hangs" if proof.seconds is None else f"{proof.seconds:.2f} s"
        click.echo(f"  {'+' if proof.works else 'X'} {proof.way:<18} {took}", err=True)
    if proofs and not faking.clock_runs(proofs):
        click.echo("Error: a plain sleep does not follow the fake clock", err=True)
        sys.exit(3)
    if missing := faking.missing_ways(proofs):
        click.echo(f"  A sender that waits by {', '.join(missing)} hangs.", err=True)
    if command:
        try:
            # The command is the one that the user gave.
            os.execvpe(command[0], [*command], environment)  # noqa: S606 - as above
        except OSError as error:
            click.echo(f"Error: {command[0]} can't be started: {error}", err=True)
            sys.exit(2)
