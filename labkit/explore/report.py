"""What an exploration tells: how much was tried, and a history that does harm."""

from dataclasses import dataclass
from html import escape

from labkit.drawing.canvas import folded
from labkit.drawing.player import player
from labkit.explore.picture import draw_svg, draw_text
from labkit.explore.records import HarmfulHistory
from labkit.explore.story import items_of
from labkit.running.fresh import not_tried


@dataclass(frozen=True, slots=True)
class Counterexample(HarmfulHistory):
    """A history that does harm, which shows itself as text and as a picture."""

    @property
    def switches(self) -> int:
        """How often the scheduler took a running worker off."""
        words = self.code.split()[1:]
        return sum(word[0].isdigit() and "=" not in word for word in words)

    @property
    def crashes(self) -> int:
        """How often the process died."""
        return sum(step.kind == "crash" for step in self.steps)

    def __str__(self) -> str:
        return draw_text(self)

    def svg(self) -> str:
        """Draw the history as one SVG picture, the same bytes for the same history."""
        return draw_svg(self)

    def _repr_html_(self) -> str:
        played = player(
            self.svg(),
            items_of(self),
            noun="step",
            hint="Go through the steps to see what is in the database and in memory.",
            compares=True,
        )
        return folded(played, str(self))


@dataclass(frozen=True, slots=True)
class Report:
    """What an exploration tried and found.

    `tried` counts the interleavings run, or the crash histories. `points` counts the
    places at which a process was made to die; a place that leaves the same files and
    the same effects as the one before it has the same future and isn't run twice.
    `bound` is the number of preemptions (or of crashes in a row) up to which
    *everything* was tried, -1 for nothing; `complete` says whether that is all that was
    asked for, but for the `skipped` interleavings, which take threads where there are
    none. `unbounded` says that there is no other outcome with any number of
    preemptions: of all interleavings that differ only in the order of independent steps
    one was run. `not_tried` has the reasons if nothing could be tried.
    """

    explored: str
    tried: int
    points: int
    bound: int
    complete: bool
    first: Counterexample | None = None
    skipped: int = 0
    not_tried: tuple[str, ...] = ()
    unbounded: bool = False

    @property
    def holds(self) -> bool:
        """Whether histories were tried and none was found that does harm."""
        return self.first is None and not self.not_tried

    def __str__(self) -> str:
        if self.first is not None:
            return f"{self.summary}\n\n{self.first}"
        return f"{self.summary}\n{self.scope}" if self.tried else self.summary

    @property
    def scope(self) -> str:
        """Where a worker could be interrupted or die, and what was left out."""
        if self.explored == "histories":
            return (
                "The process could crash before each line of your code, after each "
                "effect and before each response."
            )
        return (
            "A worker could be paused before each line of your code. Inside a line, it "
            "could be paused before a second SQLite statement, effect or lock, and "
            "after a call if the rest of the line uses data that the workers share. "
            "Left out: pauses elsewhere in a line, where only a Python without its "
            "global lock changes threads, pauses inside libraries and inside threads "
            "that your code starts, and timeouts while another worker can continue."
        )

    @property
    def summary(self) -> str:
        """One sentence: how much was tried, and whether it held."""
        if self.not_tried:
            return not_tried(self.not_tried, "boot")
        counted = f"{self.tried} {self.explored}"
        if self.points:
            counted += f" over {self.points} crash points"
        if self.first is not None:
            return f"Harm found after {counted}: {self.first.violation}"
        if self.skipped:
            left_out = (
                f"{self.skipped} in which a paused worker continues before the other "
                "one has ended. They need threads, and Python in a browser has none."
            )
            limit = "" if self.complete else " (limit reached)"
            return f"No harm in {counted}{limit}. Left out: {left_out}"
        one, more = "preemption", "preemptions"
        if self.explored == "histories":
            one, more = "crash", "crashes in a row"
        reach = f"{self.bound} {one if self.bound == 1 else more}"
        if self.unbounded:
            return (
                f"No harm in {counted}: all of them, with any number of preemptions. "
                "Those that differ only in the order of independent steps count once."
            )
        if self.complete:
            return f"No harm in {counted}: all of them, up to {reach}."
        done = f"all up to {reach}" if self.bound >= 0 else "no group completely"
        return f"No harm in {counted}: {done}, and some of the others (limit reached)."

    def _repr_html_(self) -> str:
        picture = "" if self.first is None else self.first._repr_html_()
        return f"<p>{escape(self.summary)}</p>{picture}"
