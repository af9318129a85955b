"""What the results of an examination must show to have a cause.

A condition on all results says whether a cause is there; one on a single result says
whether the cause explains it.
"""

from collections.abc import Callable, Mapping

from labkit.findings import ProbeOutcome, Result
from labkit.probes import Sign

Results = Mapping[str, Result]


def failed(results: Results, probe: str, *signs: Sign) -> bool:
    """Tell whether a probe failed, with at least one of these signs if any is given."""
    result = results.get(probe)
    if result is None or result.outcome is not ProbeOutcome.FAILED:
        return False
    return not signs or bool(result.signs & set(signs))


def passed(results: Results, probe: str) -> bool:
    """Tell whether a probe passed."""
    result = results.get(probe)
    return result is not None and result.outcome is ProbeOutcome.PASSED


def among(*families: str) -> Callable[[Result], bool]:
    """Return whether a result is of one of these families or probes."""
    return lambda r: r.probe.family in families or r.probe.id in families


def signed(*signs: Sign) -> Callable[[Result], bool]:
    """Return whether a result has one of these signs."""
    return lambda result: bool(result.signs & set(signs))


def signed_only(*signs: Sign) -> Callable[[Result], bool]:
    """Return whether a result has no other signs than these."""
    return lambda result: bool(result.signs) and result.signs <= set(signs)


def both(
    first: Callable[[Result], bool], second: Callable[[Result], bool]
) -> Callable[[Result], bool]:
    """Return whether both conditions hold for a result."""
    return lambda result: first(result) and second(result)


def either(
    first: Callable[[Result], bool], second: Callable[[Result], bool]
) -> Callable[[Result], bool]:
    """Return whether at least one of the conditions holds for a result."""
    return lambda result: first(result) or second(result)


def any_failed(*probes: str, signs: tuple[Sign, ...] = ()) -> Callable[[Results], bool]:
    """Return whether one of these probes failed, with one of these signs if given."""
    return lambda results: any(failed(results, probe, *signs) for probe in probes)


def any_explained(
    explains: Callable[[Result], bool],
) -> Callable[[Results], bool]:
    """Return whether there is at least one failed result to explain."""
    return lambda results: any(
        result.outcome is ProbeOutcome.FAILED and explains(result)
        for result in results.values()
    )
