"""Lives in real child processes, ended by SIGKILL, for those who doubt the model.

Where the system can't copy a process, a child is a new Python process. It gets the
cells and values that `boot` uses: see `labkit.running.portable`.
"""

import contextlib
import multiprocessing
import pickle
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from labkit.errors import LabError
from labkit.explore import database, waits
from labkit.explore.life import Left, Life, leave, receive
from labkit.explore.memory import memory_of
from labkit.explore.play import Play
from labkit.explore.records import Violation
from labkit.explore.setting import Boot, Setting, unended
from labkit.explore.stage import Stage
from labkit.explore.world import World, read_files
from labkit.running.portable import NotPortable, Portable, portable
from labkit.running.sources import Sources

_PATIENCE = 20.0
"""How long a child may take to come to its end, in seconds."""


@dataclass(slots=True)
class Told:
    """What a child says before it is killed, or at its end."""

    left: Left
    play: Play
    failed: Violation | None
    places: int


@dataclass(frozen=True, slots=True)
class Orders:
    """What a child is to do; it dies at the place `die_at`, counted from 0."""

    boot: Boot | Portable
    requests: tuple[Any, ...]
    retries: int
    files: frozenset[str]
    directory: Path
    before: Left | None
    die_at: int | None


def really_live(place: Setting, before: Left | None, *, mortal: bool = True) -> Life:
    """Run one life in a child to its end, and further children to every death.

    Without `mortal` no child is killed.
    """
    with _child(place, before, None) as (told, directory):
        world = World(directory, told.left.effects)
        violation = told.failed
        if told.play.ended:
            violation = unended(told.play)
        if violation is None:
            violation = place.judge(world, told.left.answers)
    deaths = []
    for number in range(told.places if mortal else 0):
        with _child(place, before, number) as (last, directory):
            deaths.append(replace(last.left, files=read_files(directory)))
    return Life(told.play, deaths, violation)


@contextlib.contextmanager
def _child(
    place: Setting, before: Left | None, die_at: int | None
) -> Iterator[tuple[Told, Path]]:
    """Run a child to its death or end; yield its last words and its directory."""
    left = before or Left()
    directory = place.start(left.files, left.effects).directory
    # A notebook's functions can't be sent to a child, but a fork has them already.
    forks = "fork" in multiprocessing.get_all_start_methods()
    orders = Orders(
        place.boot if forks else _portable(place.boot),
        place.requests,
        place.retries,
        place.files,
        directory,
        before,
        die_at,
    )
    context: Any = multiprocessing.get_context("fork" if forks else "spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_be_child, args=(theirs, orders), daemon=True)
    try:
        with warnings.catch_warnings():
            # Python warns of forks beside threads; ours are all waiting for their turn.
            warnings.simplefilter("ignore", DeprecationWarning)
            process.start()
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise LabError(
            f"this system can't send the requests to a child process ({error}); call "
            "it without `really`"
        ) from None
    theirs.close()
    try:
        if not ours.poll(_PATIENCE):
            raise LabError(f"a child process did not answer within {_PATIENCE:.0f} s")
        told: Told = ours.recv()
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()
    yield told, directory


def _portable(boot: Boot) -> Portable:
    try:
        return portable(boot)
    except NotPortable as reason:
        raise LabError(
            "this system starts a child process without the notebook's variables, and "
            f"{reason}; call it without `really`"
        ) from None


def _be_child(pipe: Connection, orders: Orders) -> None:
    """Live in the child process; at the place of death, wait for the kill."""
    boot = orders.boot
    if isinstance(boot, Portable):
        boot = boot.defined()
    with waits.seen_waiting(), database.seen_connecting():
        left = orders.before or Left()
        world = World(orders.directory, left.effects)
        play = Play((0,), [])
        place = Setting(
            boot,
            orders.requests,
            lambda _outcome: None,
            orders.retries,
            orders.files,
            {},
            memory_of(Sources([])),
            orders.directory,
            Stage(1, orders.files),
        )
        receiver = receive(place, world, play, orders.before)
        places = 0

        def speak(where: str) -> None:
            said = replace(play, watch=None)
            # The files are for the parent to read, when this process is dead.
            end = replace(leave(orders.directory, receiver, where), files=())
            pipe.send(Told(end, said, receiver.failed, places))

        def watch(where: str) -> None:
            nonlocal places
            if places == orders.die_at:
                speak(where)
                while True:
                    waits.real_sleep(1)
            places += 1

        play.watch = watch
        place.stage.run([receiver.job], play)
        speak("at its end")
        while True:
            waits.real_sleep(1)
