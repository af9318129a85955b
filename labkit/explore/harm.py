"""At which step of a harmful history the harm is done, and what there is until then."""

import shutil
from collections.abc import Sequence
from dataclasses import replace

from labkit.explore import states
from labkit.explore.play import Play
from labkit.explore.records import WORKER_NAMES, Answer, State, Step, Violation
from labkit.explore.setting import Setting
from labkit.explore.world import World, read_files, write_files


class Harm:
    """Judges a copy of the world before every step, while a history runs again."""

    def __init__(self, place: Setting, violation: Violation) -> None:
        self._place = place
        self._violation = violation
        self._copy = place.root / "copy"
        self._looks: list[tuple[int, bool]] = []
        self._states: dict[int, State] = {}
        self._variables: dict[str, states.Named] = {}
        self.told = 0

    @property
    def done_at(self) -> int | None:
        """The index of the step since which the verdict is what it is at the end.

        None where it was so from the start: what was never done is missing only at
        the end.
        """
        since = None
        for steps, same in reversed(self._looks):
            if not same:
                return None if since is None else since - 1
            since = steps
        return None

    def cut(self, steps: int) -> None:
        """Forget what came after the first `steps` steps, because a death did."""
        self._looks = [look for look in self._looks if look[0] <= steps]
        self._states = {at: each for at, each in self._states.items() if at <= steps}
        self._variables = {}

    def states(self, steps: Sequence[Step]) -> tuple[State, ...]:
        """Return the state before each line, and after each other step."""
        found: list[State] = []
        latest, told = State(), 0
        for index, step in enumerate(steps):
            until = index if step.kind == "line" else index + 1
            while told <= until:
                latest = self._states.get(told, latest)
                told += 1
            if step.kind in ("crash", "restart"):
                latest = replace(latest, memory=(), variables=())
            found.append(latest)
        return tuple(found)

    def look(self, world: World, answers: Sequence[Answer], play: Play) -> None:
        """Judge the world as it is now; `told` steps were told before this play."""
        shutil.rmtree(self._copy, ignore_errors=True)
        self._copy.mkdir()
        write_files(self._copy, read_files(world.directory))
        seen = World(self._copy, world.effects)
        try:
            same = self._place.judge(seen, answers) == self._violation
        except Exception:  # noqa: BLE001 - an unfinished world may lack anything
            same = False
        steps = self.told + len(play.points) + len(play.notes)
        self._looks.append((steps, same))
        self._states[steps] = self._seen(world)

    def _seen(self, world: World) -> State:
        """Read the copy of the files, and the memory as it is now."""
        worker = self._place.stage.turn.running
        if worker is not None:
            name = WORKER_NAMES[worker.index]
            self._variables[name] = states.variables_here(self._place.files)
        functions = states.functions_in(self._place.stage.common.roots())
        return State(
            tuple(states.rows_of(self._copy)),
            states.memory_of(functions),
            tuple(sorted(self._variables.items())),
            tuple(map(str, world.effects)),
        )
