"""Whether a probe can be judged with what was given."""

from labkit.examine_sender.harness import SenderHarness
from labkit.examine_sender.probe import Judgement, Need, Probe, not_applicable, unknown

NEED_COMMANDS = frozenset({"ssrf", "tls", "rotate", "end", "sign.empty"})
"""Families and probes that look at what the sender takes, or that name an endpoint."""


def reason_against(probe: Probe, harness: SenderHarness) -> Judgement | None:
    """Return the judgement of a probe that can't be run, or None if it can."""
    levers = harness.levers
    if Need.RETRIES in probe.needs and harness.promise.never_retries:
        return not_applicable("the sender promises no retries")
    if Need.SECRET in probe.needs and harness.scheme is None:
        return not_applicable("the sender does not sign (--scheme none)")
    if harness.guard_on and probe.id not in {"ssrf.register", "ssrf.deliver"}:
        return unknown("the guard is on; run this in the pass with --open")
    if harness.by_hand is not None and (
        probe.family in NEED_COMMANDS or probe.id in NEED_COMMANDS
    ):
        return unknown("this needs --register")
    given = {
        Need.REGISTER: levers.register,
        Need.SECRET: harness.secret,
        Need.UNREGISTER: levers.unregister,
        Need.RESTART: levers.restart,
        Need.WORKERS: levers.worker,
        Need.CRASH: levers.crash or levers.break_,
        Need.DEAD_LETTERS: levers.dead_letters,
        Need.NOTICES: levers.notices,
        Need.STATUS: levers.status,
        Need.ROTATE: levers.rotate,
        Need.RSS: levers.rss,
        Need.LOGS: levers.logs,
        Need.NAMESPACE: harness.namespace,
        Need.TLS: harness.ca_folder,
        Need.SOCKETS: harness.sockets,
        Need.RETRIES: True,
    }
    lacking = [need for need in Need if need in probe.needs and not given[need]]
    if lacking:
        return unknown(f"this needs {', and '.join(lacking)}")
    return None
