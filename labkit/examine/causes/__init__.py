"""What receivers do wrong, one record per cause, in order of precedence.

A cause explains the failures of several probes, so that one bug is one finding. Most
probes are a cause of their own and need no record here.

forgeries.py    what is accepted although the provider did not send it
effects.py      effects that are lost or happen again
rejections.py   what is rejected although the provider sends it
limits.py       limits that are missing: of the size, the age, and the method
responses.py    how the receiver responds to what it must reject
"""

from labkit.examine.causes import effects, forgeries, limits, rejections, responses
from labkit.findings import Cause, ProbeOutcome, Result, grouped
from labkit.probes import Probe, Sign

__all__ = ["CAUSES", "severity_of"]

CAUSES: tuple[Cause, ...] = (
    rejections.HANDSHAKE,
    *forgeries.CAUSES,
    *effects.CAUSES,
    *rejections.CAUSES,
    *limits.CAUSES,
    *responses.CAUSES,
)


def severity_of(probe: Probe) -> str:
    """Say how severe a failure of a probe is, and a 5xx if that is less severe."""
    signs = frozenset({str(Sign.CRASHED)})
    crashed = Result(probe=probe, outcome=ProbeOutcome.FAILED, facts="", signs=signs)
    (finding,) = grouped([crashed], CAUSES)
    if finding.severity is probe.severity:
        return f"{probe.severity} if it fails"
    return (
        f"{probe.severity} if it fails, but {finding.severity} if a 5xx response is "
        "all that is wrong"
    )
