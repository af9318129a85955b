"""Read off and move what a receiver's owner lets us: numbers, commands, switches."""

import ipaddress
import urllib.error
import urllib.request
from collections.abc import Callable

from labkit.errors import BadSetting
from labkit.findings.commands import first_number, printed_number, run
from labkit.probes.wire import Wire


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
    return lambda: printed_number(command)


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
        return first_number(text, url)

    return read


def switch(command: str) -> Callable[[], None]:
    """Return a function that runs a command and takes no interest in its output."""

    def throw() -> None:
        run(command)

    return throw
