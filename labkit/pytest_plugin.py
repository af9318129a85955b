"""Fixtures for pytest that examine a receiver or a sender of webhooks.

With `examine_webhook` there is one test item for each family of probes.

    def test_webhooks(examine_webhook):
        orders = []
        app = make_app(orders)
        examine_webhook(
            app, scheme="github", secret="…", effects=lambda: len(orders)
        )

The application may be WSGI, ASGI or aiohttp, or a URL of one that runs. An item fails
if its family has a finding of the severity `fail_on` or above, or if a valid event is
not accepted. It is skipped if none of its probes can be judged, with the reason.

With `examine_webhook_sender` there is one item, because the probes of a sender share
their waits. The sender runs on this machine, and is moved by commands or functions.

    def test_our_sender(examine_webhook_sender):
        examine_webhook_sender(
            {"register": "./add {url} {secret}", "trigger": "./order {data}"},
            promise_from(schedule="5,300,1800"), secret="whsec_…", speed=60,
        )
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from labkit.examine_sender import Levers as SenderLevers
    from labkit.examine_sender import Promise
    from labkit.findings import ExaminationReport

FIXTURE = "examine_webhook"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one item of a test for each family of probes."""
    if FIXTURE in metafunc.fixturenames:
        from labkit.probes import PROBES

        families = dict.fromkeys(probe.family for probe in PROBES)
        metafunc.parametrize(FIXTURE, [*families], indirect=True)


@pytest.fixture
def examine_webhook(
    request: pytest.FixtureRequest,
) -> Callable[..., "ExaminationReport"]:
    """Return a function that examines a webhook receiver in one family of probes."""
    family: str = request.param

    def examine(
        app_or_url: object,
        *,
        scheme: str,
        secret: str,
        effects: Callable[[], float] | None = None,
        path: str = "/webhooks",
        fail_on: str = "high",
        baseline: Path | None = None,
        skip: Sequence[str] = (),
        restart: Callable[[], None] | None = None,
        break_: Callable[[], None] | None = None,
        mend: Callable[[], None] | None = None,
        effect_delay: float = 0.0,
        owned: bool = False,
        **endpoint: object,
    ) -> "ExaminationReport":
        """Examine an application or a URL, and fail if there is a finding.

        `effects` returns how much the receiver has done. `path` is the endpoint's path
        in an application. `endpoint` takes what `labkit.examine.endpoint_from` does.
        `owned` allows a URL that is not on this machine. Returns the report.
        """
        from labkit.examine import endpoint_from
        from labkit.examine import examine as examined
        from labkit.examine.apps import placed
        from labkit.findings import Severity, accepted_in
        from labkit.probes import Levers, chosen

        levers = Levers(
            effects=effects,
            restart=restart,
            break_=break_,
            mend=mend,
            effect_delay=effect_delay,
        )
        accepted = accepted_in(baseline) if baseline else ()
        with placed(app_or_url, path) as place:
            target = endpoint_from(
                place.url,
                scheme=scheme,
                secret=secret,
                app=place.app,
                **endpoint,  # type: ignore[arg-type]  # checked by endpoint_from
            )
            report = examined(
                target,
                levers,
                probes=chosen([family], skip),
                settle=0.02 if place.app else 0.15,
                elsewhere=owned,
            )
        judge(report, Severity(fail_on), {entry.finding for entry in accepted})
        return report

    return examine


@pytest.fixture
def examine_webhook_sender() -> Callable[..., "ExaminationReport"]:
    """Return a function that examines a webhook sender."""

    def examine(
        levers: "SenderLevers | Mapping[str, str]",
        promise: "Promise | None" = None,
        *,
        scheme: str = "standard",
        secret: str = "",
        speed: float = 1.0,
        only: Sequence[str] = (),
        skip: Sequence[str] = (),
        fail_on: str = "high",
        baseline: Path | None = None,
        **settings: object,
    ) -> "ExaminationReport":
        """Examine a sender, and fail if there is a finding.

        `levers` are functions, or commands as `labkit.examine_sender.levers_from` takes
        them. `scheme` is "none" for a sender that does not sign. `settings` takes what
        `labkit.examine_sender.examine_sender` does. Returns the report.
        """
        from labkit.examine_sender import Levers, RealClock, chosen, examine_sender
        from labkit.examine_sender import levers_from as commands
        from labkit.findings import Severity, accepted_in
        from labkit.signing import scheme_named

        accepted = accepted_in(baseline) if baseline else ()
        report = examine_sender(
            levers if isinstance(levers, Levers) else commands(**levers),  # type: ignore[arg-type]  # checked there
            promise,
            scheme=None if scheme == "none" else scheme_named(scheme),
            secret=secret,
            clock=RealClock(speed),
            probes=chosen(only, skip),
            **settings,  # type: ignore[arg-type]  # checked by examine_sender
        )
        judge(report, Severity(fail_on), {entry.finding for entry in accepted})
        return report

    return examine


def judge(report: "ExaminationReport", fail_on: str, accepted: set[str]) -> None:
    """Fail, skip or pass the item for a report."""
    from labkit.findings import ProbeOutcome, Severity, text
    from labkit.findings.status import blocking

    if blocking(report, Severity(fail_on), accepted) or report.kit_errors:
        pytest.fail(text.report(report), pytrace=False)
    if any(
        r.outcome in (ProbeOutcome.PASSED, ProbeOutcome.FAILED) for r in report.results
    ):
        return
    if report.unjudged and report.findings:
        pytest.fail(text.report(report), pytrace=False)
    reasons = dict.fromkeys(result.facts for result in report.results)
    pytest.skip("; ".join(reasons) or "no probe was chosen")
