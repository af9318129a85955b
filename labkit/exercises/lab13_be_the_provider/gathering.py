"""Write a learner's functions into a folder, where they run as a program."""

import inspect
import json
import sys
import textwrap
import time
import types
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from labkit.errors import BadSetting

NEEDED = (
    "place_order",
    "allowed",
    "attempt",
    "claim",
    "finish",
    "portal",
    "live_secrets",
)
FILES = ("program.py", "wire.py", "tables.py")
OPEN = "127.0.0.2"
"""The one loopback address that the program's guard lets through."""

_HERE = "labkit.exercises.lab13_be_the_provider."
_PLAIN = (int, float, str, bytes, bool, tuple, list, dict, set, frozenset, type(None))


def write_program(
    folder: str | Path,
    *,
    speed: float = 1.0,
    schedule: Sequence[float] = (),
    overlap: float = 86_400.0,
    **functions: Callable[..., Any],
) -> Path:
    """Write the functions into a folder, from which they run as a program.

    The program's clock runs `speed` times as fast as the real one. A `schedule` takes
    the place of SCHEDULE. `overlap` is how many seconds two secrets sign.

    Returns the folder. Raises TypeError if one is missing, and BadSetting if a source
    cannot be found.
    """
    missing = [name for name in NEEDED if name not in functions]
    if missing:
        raise TypeError(f"write_program needs {', '.join(missing)}")
    made = Path(folder).resolve()
    made.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        text = (Path(__file__).parent / name).read_text("utf-8")
        (made / name).write_text(text.replace(_HERE, ""), encoding="utf-8")
    settings = {
        "speed": speed,
        "start": time.time(),
        "schedule": list(schedule),
        "overlap": overlap,
    }
    (made / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    (made / "functions.py").write_text(source_with_needs(functions), encoding="utf-8")
    return made


def commands_for(folder: Path) -> list[str]:
    """Return the options by which `labkit examine-sender` moves the program."""
    program = f"{sys.executable} {folder / 'program.py'} {folder}"
    words = {
        "register": "add {url} {secret}",
        "unregister": "remove {id}",
        "change": "change {id} {url}",
        "trigger": "order --file {data_file}",
        "restart": "restart",
        "crash": "crash {point}",
        "dead-letters": "dead-letters",
        "notices": "notices",
        "status": "status {id}",
        "enable": "enable {id}",
        "rotate": "rotate {id}",
    }
    if Path("/proc/self/status").exists():
        words["rss"] = "rss"
    options = [f"--{name}={program} {text}" for name, text in words.items()]
    options.append(f"--workers=exec {program} work")
    # The log is there before the first probe looks for it.
    (folder / "provider.log").touch()
    return [*options, f"--logs={folder / 'provider.log'}", f"--open={OPEN}"]


def source_with_needs(functions: dict[str, Callable[..., Any]]) -> str:
    """Return the source of the functions, with what they use of their notebook.

    The keys are the names that the functions get. Raises BadSetting if a source cannot
    be found.
    """
    parts: dict[str, str] = {}
    for name, function in functions.items():
        _collect(function, parts)
        if function.__name__ != name:
            parts[f"{name} ="] = f"{name} = {function.__name__}"
    return "\n\n".join(parts.values()) + "\n"


def _collect(thing: Any, parts: dict[str, str]) -> None:
    name = thing.__name__
    if name in parts:
        return
    parts[name] = ""
    try:
        source = textwrap.dedent(inspect.getsource(thing))
    except (OSError, TypeError):
        raise BadSetting(
            f"the source of {name} cannot be found; run its cell again"
        ) from None
    for needed in _names(thing):
        _add(needed, _space(thing).get(needed), needed in _space(thing), parts)
    del parts[name]  # after what it needs
    parts[name] = source


def _add(name: str, value: Any, known: bool, parts: dict[str, str]) -> None:
    if not known or name in parts:
        return
    if isinstance(value, types.ModuleType):
        parts[name] = f"import {value.__name__} as {name}"
    elif isinstance(value, _PLAIN):
        parts[name] = f"{name} = {value!r}"
    elif getattr(value, "__module__", "") == "__main__":
        _collect(value, parts)
    elif hasattr(value, "__qualname__"):
        parts[name] = f"from {value.__module__} import {value.__qualname__} as {name}"


def _space(thing: Any) -> dict[str, Any]:
    if isinstance(thing, type):
        for value in vars(thing).values():
            if inspect.isfunction(value):
                return value.__globals__
        return {}
    space: dict[str, Any] = thing.__globals__
    return space


def _names(thing: Any) -> Iterator[str]:
    """Yield the names that the code of a function or a class looks up."""
    if isinstance(thing, type):
        for value in vars(thing).values():
            if inspect.isfunction(value):
                yield from _names(value)
        return
    codes = [thing.__code__]
    while codes:
        code = codes.pop()
        yield from code.co_names
        codes += [each for each in code.co_consts if isinstance(each, types.CodeType)]
