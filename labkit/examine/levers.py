"""Read off and move what a receiver's owner lets us: numbers, commands, switches."""

import ipaddress
import re
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import IO

from labkit.errors import BadSetting
from labkit.probes.wire import Wire

PATIENCE = 60.0
"""How long a command may run, in seconds."""

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def demand_loopback(wire: Wire) -> None:
    """Raise BadSetting unless the wire leads to this machine and nowhere else."""
    addresses = [str(place[0]) for _, place in wire.places]
    others = [a for a in addresses if not ipaddress.ip_address(a).is_loopback]
    if others:
        raise BadSetting(
            f"{wire.host} is {others[0]}, which is not this machine; an examination is "
            "an attack, so it stays on loopback unless you say --i-own-this-endpoint"
        )


def number_from_command(command: str) -> Callable[[], float]:
    """Return a function that runs a command and returns the first number it prints."""

    def read() -> float:
        return _number(_run(command), f"the command {command!r}")

    return read


def number_from_url(url: str) -> Callable[[], float]:
    """Return a function that gets a URL and returns the first number in the answer."""
    Wire(url)  # raises now if it is not a URL
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def read() -> float:
        try:
            with opener.open(url, timeout=10) as answer:
                text = answer.read(10_000).decode("utf-8", "replace")
        except (urllib.error.URLError, OSError) as error:
            raise BadSetting(
                f"the number of effects could not be read from {url} ({error}); it "
                "must answer a GET with a number"
            ) from None
        return _number(text, url)

    return read


def switch(command: str) -> Callable[[], None]:
    """Return a function that runs a command and takes no interest in its output."""

    def throw() -> None:
        _run(command)

    return throw


def _run(command: str) -> str:
    # Files, not pipes: a server that the command leaves running keeps them open.
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
                f"the command {command!r} did not end within {PATIENCE:.0f} s; a "
                "server that it starts must go to the background"
            ) from None
        output, complaint = _read(printed), _read(complained)
    if done.returncode:
        said = (complaint or output).strip()[-300:]
        raise BadSetting(
            f"the command {command!r} ended with status {done.returncode}: {said}"
        )
    return output


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(100_000).decode("utf-8", "replace")


def _number(text: str, where: str) -> float:
    found = _NUMBER.search(text)
    if found is None:
        raise BadSetting(f"{where} gave {text.strip()[:80]!r}, which holds no number")
    return float(found[0])
