"""One life of a receiver's process, from its start to its end, and all its deaths.

A dead process runs no `finally` and closes nothing; what it leaves is the bytes of its
files and what it did outside. So a death need not be acted out: while one life runs on
undisturbed, the files are read before every line, and each reading is what would be
left if the process died there.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from labkit.explore.harm import Harm
from labkit.explore.play import Play
from labkit.explore.records import Answer, Effect, Violation
from labkit.explore.setting import Setting, not_started, unended
from labkit.explore.world import Files, World, read_files
from labkit.transport import Interrupted


@dataclass(frozen=True, slots=True)
class Left:
    """What a process leaves when it dies.

    `points` and `notes` count what it did of its play until then; `where` says where
    that is. `tried` are the requests that were delivered at least once.
    """

    files: Files = ()
    effects: tuple[Effect, ...] = ()
    answers: tuple[Answer, ...] = ()
    points: int = 0
    notes: int = 0
    where: str = ""
    tried: frozenset[int] = frozenset()

    @property
    def future(self) -> tuple[Files, str]:
        """All that can make a difference to what comes after.

        SQLite's shared memory (-shm) can't: the first to open the file makes it again.
        """
        files = tuple(f for f in self.files if not f[0].endswith("-shm"))
        return files, repr((self.effects, self.answers))


@dataclass(slots=True)
class Life:
    """A life that ran to its end: its play, its possible deaths, its harm."""

    play: Play
    deaths: list[Left]
    violation: Violation | None


@dataclass(slots=True)
class LivingReceiver:
    """The receiver's side of a life: start, take the deliveries, note the answers."""

    place: Setting
    world: World
    play: Play
    answers: list[Answer]
    again: bool
    tried: set[int]
    failed: Violation | None = None

    def job(self) -> None:
        """Start and be delivered to, until all is acknowledged or given up."""
        worker = self.place.stage.workers[0]
        try:
            deliver = self.place.boot_in(self.world)
        except (KeyboardInterrupt, Interrupted):
            raise
        except BaseException as error:  # noqa: BLE001 - the learner's, whatever it is
            self.failed = not_started(error, again=self.again)
            return
        for _ in range(1 + self.place.retries):
            done = {a.request for a in self.answers if a.acknowledged}
            for number in range(len(self.place.requests)):
                if number in done:
                    continue
                text = f"request {number + 1} is delivered"
                if number in self.tried:
                    self.play.note(0, "again", f"{text} again")
                else:
                    self.play.note(0, "deliver", text)
                self.tried.add(number)
                answer = deliver(number)
                worker.watch("before the answer is sent")
                self.answers.append(answer)
                worker.tell("answer", str(answer))

    def verdict(self) -> Violation | None:
        """Say what harm was done up to the end of this life."""
        if self.play.ended:
            return unended(self.play)
        return self.failed or self.place.judge(self.world, self.answers)


def live(
    place: Setting,
    before: Left | None,
    *,
    mortal: bool = True,
    harm: Harm | None = None,
) -> Life:
    """Run one life over what the one before has left, and collect its deaths.

    Without `mortal` it has none.
    """
    left = before or Left()
    world = place.start(left.files, left.effects)
    play = Play((0,), [])
    receiver = receive(place, world, play, before)
    deaths: list[Left] = []

    def watch(where: str) -> None:
        death = leave(world.directory, receiver, where)
        if deaths and death.files == deaths[-1].files:
            # Most lines write nothing; one copy in memory is enough.
            death = replace(death, files=deaths[-1].files)
        deaths.append(death)
        if harm is not None:
            harm.look(world, receiver.answers, play)

    play.watch = watch if mortal else None
    place.stage.run([receiver.job], play)
    return Life(play, deaths, receiver.verdict())


def receive(
    place: Setting, world: World, play: Play, before: Left | None
) -> LivingReceiver:
    """Make the receiver that goes on where another one died, if it did."""
    left = before or Left()
    answers, tried = list(left.answers), set(left.tried)
    return LivingReceiver(place, world, play, answers, before is not None, tried)


def leave(directory: Path, receiver: LivingReceiver, where: str) -> Left:
    """Say what is left if the process dies now."""
    play = receiver.play
    return Left(
        read_files(directory),
        receiver.world.effects,
        tuple(receiver.answers),
        len(play.points),
        len(play.notes),
        where,
        frozenset(receiver.tried),
    )
