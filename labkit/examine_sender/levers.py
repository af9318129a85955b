"""What the sender's owner lets the kit move: commands, or functions in process."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from labkit.errors import BadSetting
from labkit.findings.commands import printed_number, run

LONGEST_ARGUMENT = 100_000
"""Linux refuses a longer argument; such data needs {data_file}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Levers:
    """Functions that move the sender, None for those that are missing.

    `register(url, secret)` returns the endpoint's id, and raises Refused if the sender
    does not accept it. `trigger(data)` makes one event. `change(id, url)` gives an
    endpoint another URL. `worker()` starts a second worker and returns what ends it.
    `crash(point)` makes the next trigger crash: "committed" after its transaction, or
    "rolled-back" before its end. `logs` are files. `most_data` is the longest data that
    `trigger` accepts, in characters.
    """

    register: Callable[[str, str], str] | None = None
    unregister: Callable[[str], None] | None = None
    change: Callable[[str, str], None] | None = None
    trigger: Callable[[str], None] | None = None
    restart: Callable[[], None] | None = None
    worker: Callable[[], Callable[[], None]] | None = None
    break_: Callable[[], None] | None = None
    mend: Callable[[], None] | None = None
    crash: Callable[[str], None] | None = None
    dead_letters: Callable[[], float] | None = None
    notices: Callable[[], float] | None = None
    status: Callable[[str], str] | None = None
    enable: Callable[[str], None] | None = None
    rotate: Callable[[str], str] | None = None
    rss: Callable[[], float] | None = None
    logs: tuple[Path, ...] = ()
    most_data: int = 10_000_000


def levers_from(
    *,
    register: str = "",
    unregister: str = "",
    change: str = "",
    trigger: str = "",
    restart: str = "",
    workers: str = "",
    break_: str = "",
    mend: str = "",
    crash: str = "",
    dead_letters: str = "",
    notices: str = "",
    status: str = "",
    enable: str = "",
    rotate: str = "",
    rss: str = "",
    logs: tuple[Path, ...] = (),
) -> Levers:
    """Return the levers; an empty text means that one is missing.

    Each text is a command line for the shell. Words in braces are filled in, quoted.
    Raises BadSetting if a command lacks the word that it needs.
    """
    _demand("--register", register, "{url}")
    _demand("--change", change, "{id}", "{url}")
    _demand("--crash", crash, "{point}")
    for option, text in (
        ("--unregister", unregister),
        ("--status", status),
        ("--enable", enable),
        ("--rotate", rotate),
    ):
        _demand(option, text, "{id}")
    if trigger and "{data}" not in trigger and "{data_file}" not in trigger:
        raise BadSetting(
            "--trigger has no {data}; the kit recognises a delivery by the data that "
            "it put into the event, so pass on {data} or {data_file}"
        )
    if bool(break_) != bool(mend):
        raise BadSetting("--break and --mend go together; give both")
    by_file = "{data_file}" in trigger
    return Levers(
        register=_register(register) if register else None,
        unregister=_unregister(unregister) if unregister else None,
        change=_change(change) if change else None,
        trigger=_trigger(trigger) if trigger else None,
        restart=(lambda: _ignore(run(restart))) if restart else None,
        worker=(lambda: _background(workers)) if workers else None,
        break_=(lambda: _ignore(run(break_))) if break_ else None,
        mend=(lambda: _ignore(run(mend))) if mend else None,
        crash=_crash(crash) if crash else None,
        dead_letters=(lambda: printed_number(dead_letters)) if dead_letters else None,
        notices=(lambda: printed_number(notices)) if notices else None,
        status=_status(status) if status else None,
        enable=_unregister(enable) if enable else None,
        rotate=_status(rotate) if rotate else None,
        rss=(lambda: printed_number(rss)) if rss else None,
        logs=logs,
        most_data=10_000_000 if by_file else LONGEST_ARGUMENT,
    )


def _register(command: str) -> Callable[[str, str], str]:
    def register(url: str, secret: str) -> str:
        lines = run(command, url=url, secret=secret).strip().splitlines()
        return lines[-1].strip() if lines else ""

    return register


def _unregister(command: str) -> Callable[[str], None]:
    return lambda id_: _ignore(run(command, id=id_))


def _change(command: str) -> Callable[[str, str], None]:
    return lambda id_, url: _ignore(run(command, id=id_, url=url))


def _crash(command: str) -> Callable[[str], None]:
    return lambda point: _ignore(run(command, point=point))


def _status(command: str) -> Callable[[str], str]:
    return lambda id_: run(command, id=id_).strip()


def _trigger(command: str) -> Callable[[str], None]:
    def trigger(data: str) -> None:
        if "{data_file}" not in command:
            run(command, data=data)
            return
        with tempfile.NamedTemporaryFile(suffix=".txt") as file:
            file.write(data.encode())
            file.flush()
            run(command, data_file=file.name)

    return trigger


def _background(command: str) -> Callable[[], None]:
    started = subprocess.Popen(  # noqa: S602 - the user's own command line
        command,
        shell=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def end() -> None:
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGTERM)
        try:
            started.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait(5)

    # A program needs a moment before it works; its first claim shows that it does.
    time.sleep(1.0)
    return end


def _demand(option: str, command: str, *words: str) -> None:
    for word in words:
        if command and word not in command:
            raise BadSetting(f"{option} has no {word}; pass it on to your command")


def _ignore(printed: str) -> None:
    """Ignore what a command printed."""
