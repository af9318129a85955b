"""The command lines with which an owner lets the kit move a receiver or a sender."""

import re
import shlex
import subprocess
import tempfile
from typing import IO

from labkit.errors import BadSetting

PATIENCE = 120.0
"""How long a command may run, in seconds."""

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


class Refused(BadSetting):
    """A command failed: it ended with a status other than 0."""


def run(command: str, **words: str) -> str:
    """Run a command line with the words filled in, and return what it printed.

    Words in braces are replaced, quoted for the shell. Raises Refused if it ends with a
    status other than 0, and BadSetting if it does not end in time.
    """
    shown = _short(command)  # without the words, one of which may be a secret
    for name, value in words.items():
        command = command.replace("{" + name + "}", shlex.quote(value))
    # Files, not pipes: a program that the command leaves running keeps them open.
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complained:
        try:
            done = subprocess.run(  # noqa: S602 - the user's own command line
                command,
                shell=True,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=complained,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise BadSetting(
                f"the command {shown} did not end within {PATIENCE:.0f} s; "
                "a program that it starts must go to the background"
            ) from None
        output, complaint = _read(printed), _read(complained)
    if done.returncode:
        said = (complaint or output).strip()[-300:]
        ended = f"the command {shown} ended with status {done.returncode}"
        raise Refused(f"{ended}: {said}" if said else f"{ended} and printed nothing")
    return output


def printed_number(command: str) -> float:
    """Run a command line and return the first number that it prints."""
    return first_number(run(command), f"the command {_short(command)}")


def first_number(text: str, where: str) -> float:
    """Return the first number in a text that came from `where`; raises BadSetting."""
    found = _NUMBER.search(text)
    if found is None:
        raise BadSetting(f"{where} gave {text.strip()[:80]!r}, which holds no number")
    return float(found[0])


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(100_000).decode("utf-8", "replace")


def _short(command: str) -> str:
    return repr(command if len(command) <= 120 else command[:117] + "…")
