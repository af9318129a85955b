"""Start the good sender, as a program or in process, with the levers to move it."""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from labkit.errors import NoAnswer
from labkit.examine_sender import (
    Levers,
    Promise,
    SenderHarness,
    SteppedClock,
    levers_from,
)
from labkit.findings.commands import Refused
from labkit.signing import SCHEMES
from labkit.witness import Witness
from labkit.witness.in_process import InProcessServer, VirtualClock

GOOD = Path(__file__).with_name("good_sender.py")
SECRET = "whsec_" + "C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
LOOPBACK = "127.0.0.2"


def promise_of(
    schedule: tuple[float, ...], *, overlap: float, timeout: float
) -> Promise:
    """Return what the good sender promises with these settings."""
    return Promise(
        delays=schedule,
        jitter=(0.0, 1.0),
        timeout=timeout,
        overlap=overlap,
        never_retried=frozenset({400, 401, 404, 413, 422}),
        disable_after=3,
        ordered=False,
    )


@dataclass(frozen=True)
class Program:
    """The good sender, or a mutant of it, as a program in a folder of its own."""

    folder: Path
    levers: Levers
    promise: Promise
    environment: dict[str, str]

    def stop(self) -> None:
        """Kill the worker."""
        run(self.folder, self.environment, "stop")


def run(folder: Path, environment: dict[str, str], *words: str) -> str:
    """Run one command of the sender."""
    done = subprocess.run(
        [sys.executable, str(folder / "sender.py"), *words],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def start(
    folder: Path,
    source: str,
    *,
    schedule: tuple[float, ...] = (30, 120, 300),
    speed: float = 60,
    ordered: bool = False,
    prefix: str = "",
    allowed: str = LOOPBACK,
) -> Program:
    """Write the sender's source into the folder and start its worker.

    The sender's own clock runs `speed` times as fast, unless a `prefix` command such as
    faketime does that. Its guard lets only the address `allowed` through, if any.
    """
    (folder / "sender.py").write_text(source, encoding="utf-8")
    overlap, timeout = sum(schedule) * 0.8, 60.0 if speed > 1 else 1.0
    settings = {
        "FOLDER": folder,
        "SCHEDULE": ",".join(map(str, schedule)),
        "TIMEOUT": timeout,
        "LEASE": timeout * 1.5,
        "OVERLAP": overlap,
        "LONGEST_WISH": max(schedule) * 1.5,
        "IDLE": 0.05 * speed,
        "SPEED": 1 if prefix else speed,
        "START": time.time(),
        "ALLOWED": allowed,
        "ORDERED": int(ordered),
    }
    environment = {**os.environ, "SSL_CERT_FILE": str(folder / "authority.pem")}
    environment |= {f"SENDER_{name}": str(value) for name, value in settings.items()}
    assigned = " ".join(
        f"{k}={shlex.quote(v)}"
        for k, v in environment.items()
        if k.startswith("SENDER_") or k == "SSL_CERT_FILE"
    )
    command = f"env {assigned} {prefix} {sys.executable} {folder / 'sender.py'}".strip()
    levers = levers_from(
        register=f"{command} add {{url}} {{secret}}",
        unregister=f"{command} remove {{id}}",
        change=f"{command} change {{id}} {{url}}",
        trigger=f"{command} order --file {{data_file}}",
        restart=f"{command} restart",
        workers=f"exec {command} work",
        crash=f"{command} crash {{point}}",
        dead_letters=f"{command} dead-letters",
        notices=f"{command} notices",
        status=f"{command} status {{id}}",
        enable=f"{command} enable {{id}}",
        rotate=f"{command} rotate {{id}}",
        rss=f"{command} rss",
        logs=(folder / "sender.log",),
    )
    subprocess.run(f"{command} start", shell=True, check=True)  # noqa: S602
    promise = promise_of(schedule, overlap=overlap, timeout=timeout)
    return Program(folder, levers, replace(promise, ordered=ordered), environment)


def without_commands(program: Program, source: str) -> Program:
    """Return the same program, whose database the levers use from this process.

    Starting a command costs more than what it does, so a test of many probes leaves it
    out. The worker stays a program, and a trigger that is to die is still a command.
    """
    module = load(source)
    provider = module.Provider(
        program.folder / "sender.db",
        module.Settings.from_environment(program.environment),
        log=lambda _: None,
    )
    by_command = program.levers.trigger
    assert by_command is not None

    def trigger(data: str) -> None:
        if any(program.folder.glob("sender.db.[cr]*")):
            by_command(data)
        else:
            refusing(module, provider.trigger)(data)

    levers = replace(
        program.levers,
        register=refusing(module, provider.register),
        unregister=provider.remove,
        change=refusing(module, provider.change),
        trigger=trigger,
        crash=provider.crash,
        dead_letters=provider.dead_letters,
        notices=provider.notices,
        status=provider.status,
        enable=provider.enable,
        rotate=provider.rotate,
    )
    return replace(program, levers=levers)


def refusing(module: ModuleType, act: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with the kit's exception for a refusal."""

    def acted(*words: str) -> Any:
        try:
            return act(*words)
        except module.Refuse as refused:
            raise Refused(str(refused)) from None

    return acted


def load(source: str) -> ModuleType:
    """Return the source of a sender as a module."""
    module = ModuleType("sender")
    module.__file__ = str(GOOD)
    # Dataclasses look their module up.
    sys.modules["sender"] = module
    exec(compile(source, "sender.py", "exec"), module.__dict__)  # noqa: S102
    return module


def in_process(
    module: ModuleType, folder: Path, *, seed: int = 1, **settings: object
) -> SenderHarness:
    """Return a harness with the sender in process and virtual time."""
    clock = VirtualClock()
    server = InProcessServer(Witness(clock), clock)
    allowed = frozenset({"endpoint.test", "canary.test"})
    chosen = module.Settings(allowed=allowed, **settings)

    def send(url: str, headers: dict[str, str], body: bytes, _: object) -> object:
        try:
            reply = server.post(url, headers=headers, body=body, timeout=chosen.timeout)
            reply.read(module.BODY_LIMIT)
            reply.close()
        except NoAnswer:
            return module.Response(None)
        headers = {name.lower(): value for name, value in reply.headers}
        return module.Response(reply.status, headers)

    module.__dict__["checked_addresses"] = lambda *_: ["192.0.2.1"]
    log = folder / "sender.log"

    def write(line: str) -> None:
        with log.open("a") as file:
            file.write(line + "\n")

    provider = module.Provider(
        ":memory:", chosen, send=send, now=clock, log=write, seed=seed
    )
    levers = Levers(
        register=refusing(module, provider.register),
        unregister=provider.remove,
        trigger=refusing(module, provider.trigger),
        dead_letters=provider.dead_letters,
        notices=provider.notices,
        status=provider.status,
        enable=provider.enable,
        rotate=provider.rotate,
        logs=(log,),
    )
    promise = promise_of(
        chosen.schedule, overlap=chosen.overlap, timeout=chosen.timeout
    )
    return SenderHarness(
        server,
        levers,
        SteppedClock(clock, provider.tick, server.witness),
        promise,
        scheme=SCHEMES["standard"],
        secret=SECRET,
        patience=7_200.0,
    )
