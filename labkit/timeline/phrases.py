"""The words for an attempt's facts; the picture and the text use the same words."""

from labkit.drawing.fitting import fit
from labkit.timeline.reading import Course, Landing, Seen, often
from labkit.timeline.signs import FORGERY_TAKEN, UNFINISHED
from labkit.timeline.words import clock, counted, lasting


def crossed(seen: Seen) -> str:
    """Say what happened to the request on its way to the receiver."""
    if seen.landings:
        return _arrived(seen)
    if seen.problem == "refused":
        return "refused"
    return "stopped" if seen.status is not None else "lost"


def unless(times: int) -> str:
    """Say what follows from several acknowledgements."""
    return f"processed {often(times)} unless deduplicated"


def fate(seen: Seen, landing: Landing) -> str:
    """Give the receiver's status for one request, or say what is known without one."""
    if landing.status is not None:
        return str(landing.status)
    # A sender that stopped waiting does not know what happened to the receiver.
    return "no response in time" if seen.problem == "timed out" else "crashed"


def answered(seen: Seen, landing: Landing) -> str:
    """Say how the receiver responded to one request."""
    if landing.status is None:
        return fate(seen, landing)
    if landing.nth:
        return f"{landing.status}, acknowledged" + (" again" if landing.nth > 1 else "")
    return f"{landing.status}, not acknowledged"


def returned(seen: Seen) -> str:
    """Say what happened to the response on its way back."""
    if seen.kind is UNFINISHED:
        return "not yet"
    if seen.status is not None:
        return "arrived"
    if seen.late:
        return "too late"
    if any(landing.status is not None for landing in seen.landings):
        return "lost"
    return "none"


def heard(seen: Seen) -> str:
    """Say what the sender knows in the end."""
    if seen.kind is UNFINISHED:
        return "unfinished"
    if seen.status is not None:
        return f"got {seen.status}"
    problem = seen.problem or "no response"
    words = {"refused": "connection refused", "lost": "connection lost"}
    if seen.problem == "refused":
        return words["refused"]
    return f"{words.get(problem, fit(problem, 20))} after {lasting(seen.waited)}"


def facts(seen: Seen) -> str:
    """Give all facts about one attempt, in one line."""
    event = seen.event
    parts = [
        f"{fit(event.type, 24)} {fit(event.id, 24)}, attempt {seen.number}",
        f"sent {clock(seen.sent)}, {heard(seen)}",
        _receiver(seen),
    ]
    if seen.faults:
        parts.append("faults: " + ", ".join(fit(name, 20) for name in seen.faults[:4]))
    return " · ".join(parts)


def brief(seen: Seen) -> str:
    """Give the most telling facts about one attempt, where there are hundreds."""
    name = fit(seen.event.id, 24)
    receiver = "/".join(fate(seen, land) for land in seen.landings)
    receiver = f", receiver: {receiver}" if receiver else ""
    return f"{name} #{seen.number}, {clock(seen.sent)}: {heard(seen)}{receiver}"


def outcome(course: Course) -> str:
    """Say how a delivery ended on both sides."""
    state = "pending"
    if course.delivery.state == "acknowledged":
        state = f"acknowledged at attempt {course.seen[-1].number}"
    elif course.delivery.state == "dead":
        state = f"dead letter after {counted(len(course.seen), 'attempt')}"
    if not course.times:
        return f"{state}; never acknowledged by the receiver"
    verb = "" if course.delivery.state == "acknowledged" else "acknowledged "
    more = f": {unless(course.times)}" if course.times > 1 else ""
    taken = [seen.tag for seen in course.seen if seen.kind is FORGERY_TAKEN]
    if taken:
        more += f"; {' and '.join(taken)} changed in transit"
    return f"{state}; {verb}by the receiver {often(course.times)}{more}"


def _arrived(seen: Seen) -> str:
    way = seen.landings[0].at - seen.sent
    words = ["changed" if seen.changed else "arrived"]
    if seen.doubled:
        words.append(often(len(seen.landings)))
    if seen.late:
        words.append("too late")
    elif way >= 1:
        words.append(f"after {lasting(way)}")
    return " ".join(words)


def _receiver(seen: Seen) -> str:
    if not seen.landings:
        return "the receiver saw nothing"
    return "receiver: " + ", ".join(
        f"{fate(seen, landing)} at {clock(landing.at)}" for landing in seen.landings[:4]
    )
