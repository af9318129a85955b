"""Known findings that are accepted, each with a reason and a date."""

import datetime as dt
import tomllib
from dataclasses import dataclass
from pathlib import Path

from labkit.errors import BadSetting

_HOW = (
    'each entry is [[accepted]] with finding = "id", reason = "text" and '
    "date = 2026-11-30"
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """One finding that is known; `reason` says why it may stay, `date` since when."""

    finding: str
    reason: str
    date: dt.date


def accepted_in(file: Path) -> tuple[Accepted, ...]:
    """Read a baseline, a TOML file of `[[accepted]]` entries.

    Raises BadSetting if the file can't be read, or an entry lacks its finding, reason
    or date.
    """
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadSetting(f"the baseline {file} can't be read ({error})") from None
    entries = found.get("accepted", [])
    if set(found) - {"accepted"} or not isinstance(entries, list):
        raise BadSetting(f"the baseline {file} holds something else; {_HOW}")
    return tuple(_entry(entry, file) for entry in entries)


def _entry(entry: object, file: Path) -> Accepted:
    values = entry if isinstance(entry, dict) else {}
    finding, reason = values.get("finding"), values.get("reason")
    date = values.get("date")
    if isinstance(date, dt.datetime):
        date = date.date()
    if not (
        isinstance(finding, str)
        and isinstance(reason, str)
        and reason.strip()
        and isinstance(date, dt.date)
    ):
        raise BadSetting(f"an entry of the baseline {file} is incomplete; {_HOW}")
    return Accepted(finding, reason.strip(), date)
