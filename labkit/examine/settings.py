"""Defaults for the options of `labkit examine`, from a TOML file."""

import shlex
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any

from labkit.errors import BadSetting


def settings_in(file: Path, *, table: str, known: Collection[str]) -> dict[str, Any]:
    """Return the settings of a TOML file, by the names of the options.

    In `pyproject.toml` they are in `[tool.labkit.TABLE]`, elsewhere at the top level.
    Names are those of the options without the dashes in front: `fail-on`. A scheme may
    be a table that describes it. Raises BadSetting for a file that can't be read, and
    for a name that is not an option.
    """
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadSetting(f"the settings in {file} can't be read ({error})") from None
    if file.name == "pyproject.toml":
        for step in ("tool", "labkit", table):
            found = found.get(step, {})
            if not isinstance(found, dict):
                raise BadSetting(f"{file}: [tool.labkit.{table}] must be a table")
    for name, value in found.items():
        if name not in known:
            raise BadSetting(
                f"{file}: {name!r} is not a setting; known are "
                f"{', '.join(sorted(known))}"
            )
        if isinstance(value, dict) and name == "scheme":
            found[name] = shlex.join(f"{key}={part}" for key, part in value.items())
        elif isinstance(value, dict):
            raise BadSetting(f"{file}: {name} is a table, but must be a value")
    return found
