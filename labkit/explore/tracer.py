"""Where a worker's points are: before the learner's lines, and inside some of them.

A point inside a line comes after a call, if the line goes on with something that may
look at what other workers change. What C code calls for a line (a lock, a connection)
makes another point before its second visible act.
"""

import sys
from types import FrameType
from typing import Any, Protocol

from labkit.explore import waits
from labkit.explore.footprint import Common, Footprint
from labkit.explore.instructions import see_instructions
from labkit.explore.lines import inner_offsets

LOCALS_ARE_COPIES = sys.version_info < (3, 13)
"""Whether a trace function that reads a frame's locals may change them."""


class Steps(Protocol):
    """A worker, as one that makes step after step."""

    step: Footprint
    beats: int

    def stand(self, frame: FrameType) -> None:
        """Stand at a point, before the step that the line of the frame begins."""


class Tracer:
    """Finds the points of one worker; `call` is its trace function.

    While it is `off`, nothing is a point.
    """

    def __init__(self, worker: Steps, files: frozenset[str], common: Common) -> None:
        self.off = False
        self._worker = worker
        self._files = files
        self._common = common
        self._fresh_line = False
        self._on_line = self._line

    def call(self, frame: FrameType, _event: str, _arg: object) -> Any:
        """Trace a function that has just been entered, if it is the learner's."""
        self._worker.beats += 1
        code = frame.f_code
        if code.co_filename not in self._files or self.off:
            return None
        if inner_offsets(code):
            see_instructions(frame)
        if frame.f_lasti > 0:
            self.go_on(frame)
        return self._on_line

    def _line(self, frame: FrameType, event: str, _arg: object) -> Any:
        if event == "line":
            self._worker.stand(frame)
            self._fresh_line = True
        elif event == "opcode":
            if frame.f_lasti in inner_offsets(frame.f_code):
                self.inside_line(frame)
        elif event == "return":
            self.go_on(frame.f_back)
        if LOCALS_ARE_COPIES and self._common.peeks:
            # What was copied before this worker had to wait would be written back.
            frame.f_locals  # noqa: B018 - reading copies them again
        return self._on_line

    def inside_line(self, frame: FrameType) -> None:
        """Stand at a point inside a line that goes on after a call."""
        if self.off or not self._common.shares(frame):
            return
        self._worker.stand(frame)
        self._fresh_line = True

    def go_on(self, frame: FrameType | None) -> None:
        """Note that the step under way goes on in a line that it didn't begin."""
        if not self._common.noting or self.off:
            return
        while frame is not None and frame.f_code.co_filename not in self._files:
            frame = frame.f_back
        if frame is not None:
            self._common.look(self._worker.step, frame)

    def touch(self, frame: FrameType | None, *, directly: bool) -> None:
        """Stand at a point inside a line, before its second visible act.

        With `directly` it counts only if the learner's own line does it.
        """
        if self.off:
            return
        while frame is not None and frame.f_code.co_filename not in self._files:
            if directly and frame.f_code.co_filename != waits.__file__:
                return
            frame = frame.f_back
        if self._fresh_line:
            self._fresh_line = False
        elif frame is not None:
            self._worker.stand(frame)
