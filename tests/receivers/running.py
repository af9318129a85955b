"""Start a receiver, and give an examination its levers: restart, outage, effects."""

import contextlib
import itertools
import json
import os
import random
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from labkit.examine import endpoint_from, levers_from
from labkit.probes import Endpoint, Levers
from labkit.signing import SCHEMES
from tests.ports import free_port, wait_until_it_listens
from tests.receivers import schemes
from tests.receivers.catalogue import Receiver

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]

PATIENCE = 30.0

_DISCORD = [
    SCHEMES["discord"].make_secret(random.Random(f"receivers {n}")) for n in range(3)
]
SECRETS = {
    "standard": (schemes.STANDARD, schemes.STANDARD_2, schemes.STANDARD_OLD),
    "stripe": (schemes.STRIPE, schemes.STRIPE_2, schemes.STRIPE_OLD),
    "github": (schemes.TEXT, schemes.TEXT_2, schemes.TEXT_OLD),
    "square": (schemes.TEXT, schemes.TEXT_2, schemes.TEXT_OLD),
    "slack": (schemes.TEXT, schemes.TEXT_2, schemes.TEXT_OLD),
    "discord": tuple(_DISCORD),
}
"""For each scheme the first secret, the second, and one that is no longer valid."""


@dataclass(frozen=True, slots=True)
class Running:
    """A receiver that runs; `folder` is that of its process, with the log."""

    receiver: Receiver
    port: int
    folder: Path

    @property
    def url(self) -> str:
        """Its scheme and authority."""
        return f"http://127.0.0.1:{self.port}"

    def endpoint(self) -> Endpoint:
        """Return what an examination has to know of it."""
        first, second, retired = SECRETS[self.receiver.scheme]
        return endpoint_from(
            f"{self.url}/webhooks",
            scheme=self.receiver.scheme,
            secret=first,
            profile=self.receiver.profile,
            # Stripe's constructEvent takes one secret a call.
            second_secret="" if self.receiver.name == "provider-stripe" else second,
            retired_secret=retired,
            signed_url=schemes.URL if self.receiver.scheme == "square" else "",
        )

    def levers(self, *, effect_delay: float = 0.0) -> Levers:
        """Return every lever there is."""
        away = shlex.quote(str(self.folder / self.receiver.name / "away"))
        return levers_from(
            effects_url=f"{self.url}/effects",
            restart=f"sh {shlex.quote(str(self.folder / 'restart.sh'))}",
            break_=f"touch {away}",
            mend=f"rm {away}",
            effect_delay=effect_delay,
        )


@contextlib.contextmanager
def running(receivers: Sequence[Receiver], folder: Path) -> Iterator[list[Running]]:
    """Run receivers in one process, those of Node alone, until the end of the block.

    A restart restarts all of them.
    """
    processes = []
    for receiver in receivers:
        own = folder / receiver.name
        own.mkdir()
        processes.append(Running(receiver, free_port(), folder))
    start = shlex.join(_command(processes))
    pid = shlex.quote(str(folder / "pid"))
    script = folder / "restart.sh"
    script.write_text(
        f"if [ -e {pid} ]; then kill -9 $(cat {pid}) 2>/dev/null; fi\n"
        f"cd {shlex.quote(str(REPOSITORY))}\n"
        f"{start} >>{shlex.quote(str(folder / 'log'))} 2>&1 &\n"
        f"echo $! >{pid}\n"
    )
    subprocess.run(["/bin/sh", script], check=True)
    try:
        for process in processes:
            wait_until_it_listens(process.port, folder / "log", patience=PATIENCE)
        yield processes
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int((folder / "pid").read_text()), signal.SIGKILL)


def _command(processes: Sequence[Running]) -> list[str]:
    first = processes[0].receiver
    if first.shop:
        triples = [
            (p.receiver.name, str(p.port), str(p.folder / p.receiver.name))
            for p in processes
        ]
        command = [sys.executable, "-m", "tests.receivers.serve"]
        return [*command, *itertools.chain.from_iterable(triples)]
    scheme = SCHEMES[first.scheme]
    known = [scheme.receiver_secret(secret) for secret in SECRETS[first.scheme][:2]]
    program = HERE / f"{first.way}.mjs"
    folder = processes[0].folder / first.name
    port = str(processes[0].port)
    return ["node", str(program), first.name, port, str(folder), json.dumps(known)]
