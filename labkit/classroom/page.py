"""A class's report as one HTML page that needs nothing else."""

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from labkit.checks import Exercise
from labkit.checks.verdicts import KIT_FAILED, NOT_ATTEMPTED, NOT_YET, PASSED, SIGNS
from labkit.classroom.gathering import Classroom
from labkit.classroom.tables import (
    HOW_COUNTED,
    Common,
    Place,
    Summary,
    counted,
    places,
    strangers,
    summaries,
)
from labkit.drawing import theme
from labkit.drawing.markup import with_code
from labkit.drawing.palette import PAGE
from labkit.errors import BadSetting
from labkit.exercises import EXERCISES
from labkit.learner.exports import Learner
from labkit.learner.standing import LEGEND, UNTOUCHED

# Text on its ground has a contrast of at least 4.5 : 1 in both.
_STYLE = (
    theme.on_page(PAGE)
    + """
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink);
  background: var(--paper); margin: 2rem auto; padding: 0 1rem; max-width: 104rem; }
p { max-width: 60rem; }
/* The shadows at the edges say that there is more to the side. */
.wide { overflow: auto; max-height: 85vh; position: relative;
  background: linear-gradient(90deg, var(--paper) 1.5rem, transparent) 0 0 / 3rem 100%,
    linear-gradient(270deg, var(--paper) 1.5rem, transparent) 100% 0 / 3rem 100%,
    linear-gradient(90deg, var(--line), transparent) 0 0 / .6rem 100%,
    linear-gradient(270deg, var(--line), transparent) 100% 0 / .6rem 100%;
  background-repeat: no-repeat; background-attachment: local, local, scroll, scroll; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
p span { color: var(--rest); margin-right: 1.2em; display: inline-block; }
th, td { border: 1px solid var(--line); padding: .15rem .4rem; text-align: left;
  vertical-align: top; }
thead th { background: var(--paper) padding-box; position: sticky; top: 0; z-index: 2;
  box-shadow: inset 0 -1px var(--line); }
.learners thead th { white-space: nowrap; }
.costs thead th { min-width: 4rem; }
.costs td:last-child { min-width: 20rem; }
tbody th { background: var(--paper); position: sticky; left: 0; z-index: 1;
  font-weight: 600; min-width: 6rem; max-width: 24rem; }
/* A word that is wider than its column ends in an ellipsis. */
tbody th span { display: block; overflow: hidden; text-overflow: ellipsis; }
.costs tbody th { min-width: 0; }
@media (max-width: 60rem) { tbody th { max-width: 10rem; } }
.learners thead th:first-child { left: 0; z-index: 3; }
.learners td { white-space: nowrap; }
.number { text-align: right; }
td.lab, th.lab { padding: .15rem .25rem; text-align: center; }
.lab i { display: inline-block; width: 1.05rem; text-align: center; font-style: normal;
  font-weight: 400; font-size: .875rem; }
.lab small { display: block; font-size: .8125rem; color: var(--rest); }
.passed { color: var(--passed); background: var(--passed-bg); }
.not-yet { color: var(--warning); background: var(--warning-bg); }
.kit-failed { color: var(--failed); background: var(--failed-bg); }
.rest { color: var(--rest); }
ul { margin: 0; padding-left: 1.1rem; }
code { overflow-wrap: anywhere; }
@media print { .wide { max-height: none; overflow: visible; } }
"""
)

_CLASSES = {
    PASSED: "passed",
    NOT_YET: "not-yet",
    NOT_ATTEMPTED: "rest",
    KIT_FAILED: "kit-failed",
}


def to_html(classroom: Classroom) -> str:
    """Write who is where, what each exercise costs, and what was left out."""
    title = f"Webhook Lab: a class of {counted(len(classroom.learners))}"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>"
        f"<main><h1>{escape(title)}</h1>\n{_learners(classroom)}\n{_exercises(classroom)}\n"
        f"<p>{escape(HOW_COUNTED)}</p>\n{_remarks(classroom)}</main></body></html>\n"
    )


def write_page(classroom: Classroom, path: Path) -> None:
    """Write the page into a file. Raises BadSetting where that can't be done."""
    try:
        path.write_text(to_html(classroom), "utf-8")
    except OSError as error:
        raise BadSetting(
            f"{path} can't be written ({error.strerror}); name a file in a folder that "
            "exists"
        ) from error


def _learners(classroom: Classroom) -> str:
    heads = "".join(
        f'<th scope="col" class="lab">{escape(lab[:2])}<br>'
        f"{''.join(f'<i>{each.id.partition(chr(46))[2]}</i>' for each in exercises)}"
        "</th>"
        for lab, exercises in _labs().items()
    )
    rows = "\n".join(
        _learner(learner, place)
        for learner, place in zip(classroom.learners, places(classroom), strict=True)
    )
    signs = "".join(f"<span>{escape(each)}</span>" for each in LEGEND.split("  "))
    return (
        f"<h2>Who is where</h2><p>{signs}</p>"
        '<div class="wide" tabindex="0" role="region" '
        'aria-label="Who is where"><table class="learners">'
        '<thead><tr><th scope="col">Learner</th><th scope="col">Passed</th>'
        f'<th scope="col">At</th><th scope="col">Minutes</th>{heads}'
        '<th scope="col">Most frequent mistake there</th></tr></thead>\n'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _labs() -> dict[str, list[Exercise]]:
    labs: dict[str, list[Exercise]] = {}
    for exercise in EXERCISES.values():
        labs.setdefault(exercise.lab, []).append(exercise)
    return labs


def _learner(learner: Learner, place: Place) -> str:
    spent = "–" if place.minutes is None else f"{place.minutes:.0f}"
    tries = "1 try" if place.tries_there == 1 else f"{place.tries_there} tries"
    at = f"{place.at} ({tries})" if place.at else "the end"
    labs = "".join(_lab(learner, exercises) for exercises in _labs().values())
    return (
        f'<tr><th scope="row">{_name(place.name)}</th>'
        f'<td class="number">{place.passed}</td><td>{at}</td>'
        f'<td class="number">{spent}</td>{labs}'
        f"<td><code>{escape(place.mistake)}</code></td></tr>"
    )


def _name(name: str) -> str:
    """Write a name that may break after the signs within an address or a file name."""
    broken = re.sub(r"(?<=[._@])(?=\w)", "<wbr>", escape(name))
    return f'<span title="{escape(name)}">{broken}</span>'


def _lab(learner: Learner, exercises: Sequence[Exercise]) -> str:
    """Write one cell: a sign for each exercise, and how many of them are passed."""
    steps = [learner.steps.get(each.id) for each in exercises]
    signs = "".join(
        _sign(each.id, step.outcome if step else "")
        for each, step in zip(exercises, steps, strict=True)
    )
    passed = sum(step is not None and step.outcome == PASSED for step in steps)
    return f'<td class="lab">{signs}<small>{passed}/{len(exercises)}</small></td>'


def _sign(exercise: str, outcome: str) -> str:
    said = f"{exercise} {outcome or 'not opened'}"
    return (
        f'<i class="{_CLASSES.get(outcome, "rest")}" role="img" '
        f'aria-label="{said}" title="{said}">{SIGNS.get(outcome, UNTOUCHED)}</i>'
    )


def _exercises(classroom: Classroom) -> str:
    rows = "\n".join(map(_exercise, summaries(classroom)))
    heads = (
        "Exercise",
        "Passed",
        "Tried",
        "Tries until passed (median)",
        "Minutes (median)",
        "Took a hint",
        "Most frequent mistakes",
    )
    cells = "".join(f'<th scope="col">{head}</th>' for head in heads)
    return (
        '<h2>What each exercise costs</h2><div class="wide" tabindex="0" role="region" '
        'aria-label="What each exercise costs"><table class="costs">'
        f"<thead><tr>{cells}</tr></thead>\n<tbody>{rows}</tbody></table></div>"
    )


def _exercise(summary: Summary) -> str:
    numbers = (
        summary.passed,
        summary.tried,
        "–" if summary.tries is None else f"{summary.tries:g}",
        "–" if summary.minutes is None else f"{summary.minutes:g}",
        summary.hints,
    )
    cells = "".join(f'<td class="number">{number}</td>' for number in numbers)
    named = "".join(map(_common, summary.mistakes))
    return (
        f'<tr><th scope="row">{summary.exercise}</th>{cells}'
        f"<td>{f'<ul>{named}</ul>' if named else ''}</td></tr>"
    )


def _common(common: Common) -> str:
    return (
        f"<li><code>{escape(common.mistake)}</code>, {counted(common.learners)}. "
        f"{with_code(common.why)}</li>"
    )


def _remarks(classroom: Classroom) -> str:
    remarks = [*classroom.remarks, *strangers(classroom)]
    if not remarks:
        return ""
    items = "".join(f"<li>{escape(remark)}</li>" for remark in remarks)
    return f"<h2>Left out</h2><ul>{items}</ul>\n"
