"""A report as one HTML page that needs nothing else."""

from collections.abc import Iterator
from html import escape

from labkit.drawing import theme
from labkit.drawing.palette import PAGE
from labkit.examine.records import Report, Result
from labkit.probes import Outcome

_WORDS = {
    Outcome.FAILED: "Failed",
    Outcome.UNKNOWN: "Unknown",
    Outcome.PASSED: "Passed",
    Outcome.NOT_APPLICABLE: "Not applicable",
}

# Text on its ground has a contrast of at least 4.5 : 1 in both.
_STYLE = (
    theme.on_page(PAGE)
    + """
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink);
  background: var(--paper); max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h2 { border-bottom: 1px solid var(--line); }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0;
  padding: .4rem .8rem; }
summary { cursor: pointer; overflow-wrap: anywhere; }
summary b { display: inline-block; min-width: 8.5rem; }
.failed b { color: var(--failed); } .passed b { color: var(--passed); }
.unknown b { color: var(--warning); } .rest b { color: var(--rest); }
dl { display: grid; grid-template-columns: 6rem 1fr; gap: .2rem 1rem; }
dt { color: var(--rest); } dd { margin: 0; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem;
  border-left: 3px solid var(--line); padding-left: .6rem; }
"""
)

_CLASSES = {
    Outcome.FAILED: "failed",
    Outcome.UNKNOWN: "unknown",
    Outcome.PASSED: "passed",
    Outcome.NOT_APPLICABLE: "rest",
}


def to_html(report: Report) -> str:
    """Write a report as a page: the failures open, all else folded."""
    endpoint = report.endpoint
    title = f"Examination of {endpoint.url}"
    parts = "".join(_part(report, outcome) for outcome in _WORDS)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>"
        f"<h1>{escape(title)}</h1>"
        f"<p>Scheme {escape(endpoint.scheme.name)}, provider "
        f"{escape(endpoint.profile.title)}. {escape(report.summary)}.</p>\n"
        f"{parts}</body></html>\n"
    )


def _part(report: Report, outcome: Outcome) -> str:
    results = report.of(outcome)
    if not results:
        return ""
    rows = "".join(_row(report, result) for result in results)
    return f"<h2>{_WORDS[outcome]}: {len(results)}</h2>\n{rows}"


def _row(report: Report, result: Result) -> str:
    probe = result.probe
    opened = " open" if result.outcome is Outcome.FAILED else ""
    fields = {
        "Sent": probe.sent,
        "Wanted": probe.wanted,
        "Seen": result.finding.facts,
        "Why": probe.why,
        "Mend": probe.mend,
        "Source": probe.source,
    }
    listed = "".join(
        f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in fields.items()
    )
    return (
        f'<details class="{_CLASSES[result.outcome]}"{opened}><summary>'
        f"<b>{_WORDS[result.outcome]}</b> {escape(probe.id)}</summary>"
        f"<dl>{listed}</dl>{''.join(_evidence(report, result))}</details>\n"
    )


def _evidence(report: Report, result: Result) -> Iterator[str]:
    for exchange in result.finding.evidence:
        request, answer = report.shown(exchange)
        yield f"<p>{escape(exchange.label)}</p><pre>{escape(request)}</pre>"
        yield f"<p>answered</p><pre>{escape(answer)}</pre>"
