"""Long work in small steps, so that cells and sliders get their turn in between."""

import asyncio
from collections.abc import Iterator

_walking: set[asyncio.Task[None]] = set()


def in_steps(steps: Iterator[None]) -> None:
    """Go through all steps, with a pause after each where an event loop runs.

    In a notebook one does, and this returns at once. Without one it returns at the
    end.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        for _ in steps:
            pass
        return
    task = loop.create_task(_walk(steps))
    # The loop itself keeps only a weak reference.
    _walking.add(task)
    task.add_done_callback(_walking.discard)


async def _walk(steps: Iterator[None]) -> None:
    for _ in steps:
        await asyncio.sleep(0.001)
