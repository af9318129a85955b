"""Write the reports that were asked for; one that fails costs only itself."""

from collections.abc import Callable
from pathlib import Path

from labkit.findings import junit as junit_form
from labkit.findings import machine, page
from labkit.findings import sarif as sarif_form
from labkit.findings.records import ExaminationReport


def save(
    report: ExaminationReport,
    *,
    html: Path | None = None,
    as_json: Path | None = None,
    junit: Path | None = None,
    sarif: Path | None = None,
) -> list[str]:
    """Write the report to the files that were asked for; return what went wrong.

    Folders that do not exist are made.
    """
    forms: tuple[tuple[Path | None, Callable[[ExaminationReport], str]], ...] = (
        (html, page.to_html),
        (as_json, machine.to_json),
        (junit, junit_form.to_junit),
        (sarif, sarif_form.to_sarif),
    )
    problems = []
    for path, form in forms:
        if path is not None and (problem := _written(path, form, report)):
            problems.append(problem)
    return problems


def _written(
    path: Path, form: Callable[[ExaminationReport], str], report: ExaminationReport
) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # First beside it: a run that is killed must not leave half a file.
        partial = path.with_name(f".{path.name}.part")
        # A body may hold half a character, which no file can.
        partial.write_text(form(report), encoding="utf-8", errors="backslashreplace")
        partial.replace(path)
    except Exception as error:  # noqa: BLE001 - the other reports must still be written
        return f"{path} could not be written ({error.__class__.__name__}: {error})"
    return ""
