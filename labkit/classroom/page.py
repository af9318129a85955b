"""A class's report as one HTML page that needs nothing else."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

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
  background: var(--paper); margin: 2rem auto; padding: 0 1rem; max-width: 90rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--rest); padding: .3rem 0; }
th, td { border: 1px solid var(--line); padding: .15rem .5rem; text-align: left;
  vertical-align: top; }
thead th { background: var(--paper); position: sticky; top: 0; }
tbody th { background: var(--paper); position: sticky; left: 0; font-weight: 600;
  min-width: 7rem; max-width: 18rem; overflow-wrap: anywhere; }
.learners td { white-space: nowrap; }
.number { text-align: right; }
.sign { text-align: center; padding: .15rem .2rem; }
.passed { color: var(--passed); background: var(--passed-bg); }
.not-yet { color: var(--warning); background: var(--warning-bg); }
.kit-failed { color: var(--failed); background: var(--failed-bg); }
.rest { color: var(--rest); }
.hidden { position: absolute; clip-path: inset(50%); width: 1px; height: 1px;
  overflow: hidden; white-space: nowrap; }
ul { margin: 0; padding-left: 1.1rem; }
code { overflow-wrap: anywhere; }
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
            f"{path} can't be written ({error.strerror}); name a file in a folder "
            "that is there"
        ) from error


def _learners(classroom: Classroom) -> str:
    labs: dict[str, int] = {}
    for exercise in EXERCISES.values():
        labs[exercise.lab] = labs.get(exercise.lab, 0) + 1
    over = "".join(
        f'<th scope="colgroup" colspan="{count}">{escape(lab[:2])}</th>'
        for lab, count in labs.items()
    )
    heads = "".join(f'<th scope="col">{each}</th>' for each in EXERCISES)
    rows = "\n".join(
        _learner(learner, place)
        for learner, place in zip(classroom.learners, places(classroom), strict=True)
    )
    return (
        '<h2>Who is where</h2><div class="wide" tabindex="0" role="region" '
        'aria-label="Who is where"><table class="learners">'
        f"<caption>{escape(LEGEND)}</caption>"
        '<thead><tr><td colspan="5"></td>'
        f"{over}</tr><tr>"
        '<th scope="col">Learner</th><th scope="col">Passed</th>'
        '<th scope="col">At</th><th scope="col">Most frequent mistake there</th>'
        f'<th scope="col">Minutes</th>{heads}</tr></thead>\n<tbody>{rows}'
        "</tbody></table></div>"
    )


def _learner(learner: Learner, place: Place) -> str:
    spent = "–" if place.minutes is None else f"{place.minutes:.0f}"
    at = f"{place.at} ({place.tries_there} tries)" if place.at else "the end"
    return (
        f'<tr><th scope="row">{escape(place.name)}</th>'
        f'<td class="number">{place.passed}</td><td>{at}</td>'
        f"<td><code>{escape(place.mistake)}</code></td>"
        f'<td class="number">{spent}</td>'
        f"{''.join(_signs(learner))}</tr>"
    )


def _signs(learner: Learner) -> Iterator[str]:
    for exercise in EXERCISES:
        step = learner.steps.get(exercise)
        outcome = step.outcome if step else "not opened"
        sign = SIGNS[step.outcome] if step else UNTOUCHED
        yield (
            f'<td class="sign {_CLASSES.get(outcome, "rest")}">'
            f'<span aria-hidden="true">{sign}</span>'
            f'<span class="hidden">{outcome}</span></td>'
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
        'aria-label="What each exercise costs"><table>'
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
        f"{escape(common.why)}</li>"
    )


def _remarks(classroom: Classroom) -> str:
    remarks = [*classroom.remarks, *strangers(classroom)]
    if not remarks:
        return ""
    items = "".join(f"<li>{escape(remark)}</li>" for remark in remarks)
    return f"<h2>Left out</h2><ul>{items}</ul>\n"
