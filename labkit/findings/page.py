"""A report as one HTML page that needs nothing else."""

import re
from collections.abc import Iterator
from html import escape

from labkit.drawing import theme
from labkit.drawing.palette import PAGE
from labkit.findings.records import (
    ExaminationReport,
    Finding,
    ProbeOutcome,
    Result,
    Severity,
)

EVIDENCE_SHOWN = 2
"""Requests shown with a finding; the JSON report holds all of them."""

# Text has a contrast of at least 4.5 : 1 against its background in both themes. Long
# evidence scrolls inside its own box, so the page stays short with everything open.
_STYLE = (
    theme.on_page(PAGE)
    + """
* { box-sizing: border-box; }
body { font: 16px/1.45 system-ui, sans-serif; color: var(--ink);
  background: var(--paper); margin: 0; }
main { max-width: 62rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.35rem; margin: .2rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; border-bottom: 1px solid var(--line); margin: 1.4rem 0 .5rem; }
a { color: inherit; }
p { margin: .35rem 0; overflow-wrap: anywhere; }
.verdict { font-weight: 600; }
.tiles { display: flex; flex-wrap: wrap; gap: .5rem; list-style: none; padding: 0;
  margin: .6rem 0; }
.tiles li { border: 1px solid var(--line); border-radius: .4rem;
  padding: .15rem .7rem; }
.tiles b { font-size: 1.15rem; }
.about { color: var(--rest); font-size: .9rem; }
table { border-collapse: collapse; font-size: .85rem; width: 100%; }
th, td { text-align: right; padding: .05rem .4rem;
  border-bottom: 1px solid var(--line); }
th:first-child { text-align: left; }
thead th { color: var(--rest); font-weight: 600; }
ol.list { padding-left: 1.5rem; margin: .4rem 0; }
ol.list li { overflow-wrap: anywhere; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .4rem 0;
  padding: .3rem .7rem; }
summary { cursor: pointer; overflow-wrap: anywhere; }
.critical b { color: var(--critical); } .high b { color: var(--failed); }
.medium b { color: var(--warning); } .low b { color: var(--low); }
dl { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: .15rem .8rem;
  margin: .4rem 0; }
[id] { scroll-margin-top: 4rem; }
dt { color: var(--rest); } dd { margin: 0; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .8rem; margin: .3rem 0;
  border-left: 3px solid var(--line); padding-left: .6rem; max-height: 9rem;
  overflow: auto; }
.probes { max-height: 34rem; overflow: auto; }
.probes td, .probes th { text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
@media (max-width: 36rem) {
  dl { grid-template-columns: 1fr; } dd { margin-bottom: .3rem; }
  .families { font-size: .72rem; }
  .families th, .families td { padding: .05rem .2rem; } }
@media print {
  main { max-width: none; } a { text-decoration: none; }
  details::details-content { content-visibility: visible; }
  pre, .probes { max-height: none; overflow: visible; }
  h2, summary { break-after: avoid; } }
"""
)


def to_html(report: ExaminationReport) -> str:
    """Write a report as a page: a summary, the findings, then every probe."""
    title = f"Examination of {report.target}"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body><main>"
        f"{''.join(_summary(report, title))}{''.join(_findings(report))}"
        f"{''.join(_probes(report))}</main></body></html>\n"
    )


def _breakable(text: str) -> str:
    """Return a text with a URL as HTML; a line may end after the signs of a URL."""
    return "<wbr>".join(map(escape, re.split(r"(?<=[/?&=_-])(?=[^/?&=_-])", text)))


def _summary(report: ExaminationReport, title: str) -> Iterator[str]:
    yield f'<header><h1>{_breakable(title)}</h1><p class="verdict">'
    yield f"{escape(report.verdict)}</p>"
    if report.unjudged:
        yield f"<p><b>Not judged:</b> {_breakable(report.unjudged)}</p>"
    for error in report.kit_errors:
        yield f"<p><b>The kit failed:</b> {escape(error)}</p>"
    yield '<ul class="tiles">'
    for severity in Severity:
        count = sum(finding.severity is severity for finding in report.findings)
        yield f'<li class="{severity}"><b>{count}</b> {severity}</li>'
    yield "</ul>"
    if report.findings:
        yield '<ol class="list">'
        for number, finding in enumerate(report.findings[:6]):
            yield f'<li class="{finding.severity}"><b>{finding.severity}</b> '
            yield f'<a href="#f{number}">{escape(finding.title)}</a></li>'
        yield "</ol>"
        if len(report.findings) > 6:
            yield f"<p>and {len(report.findings) - 6} more below</p>"
    about = " · ".join(f"{label}: {value}" for label, value in report.about)
    yield f'<p class="about">{escape(about)}</p>'
    for sentence in report.contact:
        yield f'<p class="about">{_breakable(sentence)}</p>'
    yield f'<p class="about">{escape(report.summary)}</p>'
    families = report.by_family()
    if families:
        heads = "".join(f'<th scope="col">{outcome}</th>' for outcome in ProbeOutcome)
        yield (
            '<table class="families"><caption hidden>Outcomes by family</caption>'
            f'<thead><tr><th scope="col">family</th>{heads}</tr></thead><tbody>'
        )
        for family, counts in families.items():
            cells = "".join(
                f"<td>{counts[outcome] or '·'}</td>" for outcome in ProbeOutcome
            )
            yield f'<tr><th scope="row">{escape(family)}</th>{cells}</tr>'
        yield "</tbody></table>"
    yield "</header>\n"


def _findings(report: ExaminationReport) -> Iterator[str]:
    if not report.findings:
        return
    yield "<h2>Findings, the most important first</h2>\n"
    for number, finding in enumerate(report.findings):
        opened = " open" if number == 0 else ""
        yield (
            f'<details class="{finding.severity}"{opened}><summary><b>'
            f"{finding.severity}</b> {escape(finding.title)}</summary>"
        )
        # A link to what is inside opens the details around it.
        yield f'<div id="f{number}">{"".join(_fields(finding))}</div>'
        for evidence in finding.evidence[:EVIDENCE_SHOWN]:
            yield f"<p>{escape(evidence.label)}</p>"
            if evidence.changed:
                yield f"<p>Changed: {escape(evidence.changed)}</p>"
            yield f'<pre tabindex="0">{escape(evidence.request)}</pre>'
            yield f'<p>Response</p><pre tabindex="0">{escape(evidence.response)}</pre>'
            if evidence.command:
                yield (
                    "<p>See it yourself</p>"
                    f'<pre tabindex="0">{escape(evidence.command)}</pre>'
                )
        more = len(finding.evidence) - EVIDENCE_SHOWN
        if more > 0:
            yield f"<p>The JSON report holds {more} more of these requests.</p>"
        yield "</details>\n"


def _fields(finding: Finding) -> Iterator[str]:
    fields = {
        "Id": finding.id,
        "Seen": finding.facts,
        "Experiment": finding.experiment,
        "Who": finding.who.sentence,
        "Why": finding.why,
        "Fix": finding.fix,
        "Reference": "; ".join(finding.references),
        "Probes": ", ".join(finding.probes),
    }
    yield "<dl>"
    for label, value in fields.items():
        if value:
            yield f"<dt>{label}</dt><dd>{_breakable(value)}</dd>"
    yield "</dl>"


def _probes(report: ExaminationReport) -> Iterator[str]:
    if not report.results:
        return
    yield "<h2>All probes</h2>\n"
    for outcome in (
        ProbeOutcome.FAILED,
        ProbeOutcome.UNKNOWN,
        ProbeOutcome.NOT_APPLICABLE,
        ProbeOutcome.PASSED,
    ):
        if results := report.of(outcome):
            yield (
                f"<details><summary>{outcome}: {len(results)}</summary>"
                f'<div class="probes" tabindex="0"><table><tbody>'
                f"{''.join(map(_row, results))}</tbody></table></div></details>\n"
            )


def _row(result: Result) -> str:
    return (
        f'<tr><th scope="row">{escape(result.probe.id)}</th>'
        f"<td>{escape(result.facts)}</td></tr>"
    )
