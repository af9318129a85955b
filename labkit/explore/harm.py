"""At which step of a harmful history the harm is done."""

import shutil
from collections.abc import Sequence

from labkit.explore.play import Play
from labkit.explore.records import Answer, Violation
from labkit.explore.setting import Setting
from labkit.explore.world import World, read_files, write_files


class Harm:
    """Judges a copy of the world before every step, while a history runs again."""

    def __init__(self, place: Setting, violation: Violation) -> None:
        self._place = place
        self._violation = violation
        self._copy = place.root / "copy"
        self._looks: list[tuple[int, bool]] = []
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
