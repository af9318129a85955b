"""Stopping between the instructions of a line.

Python 3.11 calls a trace function before each instruction of a frame that asks for it.
From 3.12 on it may do so only from the second run of a function on. There
`sys.monitoring` tells about instructions, in all threads; only workers are stopped.
"""

import contextlib
import sys
from collections.abc import Iterable, Iterator
from types import CodeType, FrameType
from typing import Any

from labkit.explore.lines import inner_offsets
from labkit.explore.waits import real_get_ident, waiters

_MONITORS = sys.version_info >= (3, 12)
_TOOLS = (3, 4)
"""Numbers that no debugger, profiler or coverage uses."""


def see_instructions(frame: FrameType) -> None:
    """Stop between the instructions of a frame that has just been entered."""
    if not _MONITORS:
        frame.f_trace_opcodes = True
    elif _tool:
        _watch(frame.f_code)


@contextlib.contextmanager
def seen_instructions(codes: Iterable[CodeType]) -> Iterator[None]:
    """Make ready to stop between the instructions of these functions."""
    if not _MONITORS:
        yield
        return
    monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
    number = next((n for n in _TOOLS if monitoring.get_tool(n) is None), None)
    if number is None:
        yield
        return
    monitoring.use_tool_id(number, "labkit.explore")
    event = monitoring.events.INSTRUCTION
    monitoring.register_callback(number, event, _before_instruction)
    _tool.append(number)
    try:
        for code in codes:
            _watch(code)
        yield
    finally:
        for code in _watched:
            monitoring.set_local_events(number, code, 0)
        _watched.clear()
        _tool.clear()
        monitoring.register_callback(number, event, None)
        monitoring.free_tool_id(number)


_tool: list[int] = []
_watched: set[CodeType] = set()


def _watch(code: CodeType) -> None:
    """Ask for the instructions of a function and of those inside it."""
    if code in _watched:
        return
    _watched.add(code)
    monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
    if inner_offsets(code):
        monitoring.set_local_events(_tool[0], code, monitoring.events.INSTRUCTION)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            _watch(constant)


def _before_instruction(code: CodeType, offset: int) -> Any:
    if offset not in inner_offsets(code):
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        return monitoring.DISABLE
    worker: Any = waiters.get(real_get_ident())
    if worker is not None:
        worker.tracer.inside_line(sys._getframe(1))  # noqa: SLF001 - the frame that is stopped
    return None
