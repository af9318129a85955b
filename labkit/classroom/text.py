"""A class's report in a terminal."""

import textwrap
import unicodedata
from collections.abc import Iterator

from labkit.checks.verdicts import SIGNS, WIDTH
from labkit.classroom.gathering import Classroom
from labkit.classroom.tables import (
    HOW_COUNTED,
    Summary,
    counted,
    places,
    strangers,
    summaries,
)
from labkit.exercises import EXERCISES
from labkit.learner.standing import LEGEND, UNTOUCHED

_NAME = 24


def to_text(classroom: Classroom) -> str:
    """Write who is where, then what each exercise costs, then what was left out."""
    parts = [
        [f"{counted(len(classroom.learners))}, {len(EXERCISES)} exercises", LEGEND],
        _learners(classroom),
        _exercises(classroom),
        textwrap.wrap(HOW_COUNTED, WIDTH),
        [
            line
            for remark in (*classroom.remarks, *strangers(classroom))
            for line in textwrap.wrap(
                f"- {remark}", WIDTH, subsequent_indent="  ", break_on_hyphens=False
            )
        ],
    ]
    return "\n\n".join("\n".join(part) for part in map(list, parts) if part)


def _learners(classroom: Classroom) -> Iterator[str]:
    labs: dict[str, list[str]] = {}
    for exercise in EXERCISES.values():
        labs.setdefault(exercise.lab, []).append(exercise.id)
    heads = [f"{lab[:2]:<{len(row)}}" for lab, row in labs.items()]
    yield _row("learner", "passed", "at", " ".join(heads), "minutes")
    for learner, place in zip(classroom.learners, places(classroom), strict=True):
        signs = " ".join(
            "".join(
                SIGNS[step.outcome] if (step := learner.steps.get(each)) else UNTOUCHED
                for each in row
            ).ljust(2)
            for row in labs.values()
        )
        spent = "–" if place.minutes is None else f"{place.minutes:.0f}"
        yield _row(place.name, str(place.passed), place.at or "end", signs, spent)
        if place.mistake:
            yield f"{'':{_NAME}} at {place.at}: {place.mistake}"


def _exercises(classroom: Classroom) -> Iterator[str]:
    yield "exercise  passed  tried  tries  minutes  hints"
    for summary in summaries(classroom):
        if summary.tried:
            yield _numbers(summary)
            for common in summary.mistakes:
                yield f"{'':<9} {common.mistake}: {counted(common.learners)}"
                yield from textwrap.wrap(
                    common.why,
                    WIDTH,
                    initial_indent=" " * 12,
                    subsequent_indent=" " * 12,
                )


def _numbers(summary: Summary) -> str:
    tries = "–" if summary.tries is None else f"{summary.tries:g}"
    spent = "–" if summary.minutes is None else f"{summary.minutes:g}"
    return (
        f"{summary.exercise:<8}{summary.passed:>8}{summary.tried:>7}"
        f"{tries:>7}{spent:>9}{summary.hints:>7}"
    )


def _row(name: str, passed: str, at: str, signs: str, minutes: str) -> str:
    return f"{_padded(name)} {passed:>6}  {at:<5} {signs}  {minutes:>7}".rstrip()


def _padded(name: str) -> str:
    """Fill or cut a name to its column; East Asian letters take two places each."""
    shown, width = "", 0
    for each in name:
        width += _places(each)
        if width > _NAME:
            return f"{shown[:-1]}…".ljust(len(shown))
        shown += each
    return shown + " " * (_NAME - width)


def _places(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
