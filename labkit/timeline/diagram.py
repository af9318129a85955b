"""The message diagram: two lifelines and every message between them.

Time runs down. The sender's line is on the left with what the sender does and learns,
the receiver's on the right with what it sees and answers. Where the two sides disagree
is what the learner should see.
"""

import textwrap
from collections.abc import Iterator

from labkit.drawing.fitting import fit
from labkit.drawing.strokes import arrow, bar, classes, line, number, title, write
from labkit.timeline import phrases
from labkit.timeline.moments import LINE, lay_out, side_by_side
from labkit.timeline.reading import Landing, Reading, Seen
from labkit.timeline.sheet import MARGIN, WIDTH, foot, sheet, tip
from labkit.timeline.signs import (
    ANSWERED,
    DOUBLED,
    ECHO,
    FORGED,
    FORGERY_TAKEN,
    LOST,
    REFUSED,
    UNFINISHED,
    Kind,
    badge,
)
from labkit.timeline.words import clock, lasting

SENDER, RECEIVER = 356.0, 550.0
MIDDLE = (SENDER + RECEIVER) / 2
_STOPPED = SENDER + 62
_TIMES = 90.0
_LEFT = 104.0
_RIGHT = RECEIVER + 16
_TAG, _LONG_TAG = 30.0, 40.0
_TOP = 64.0
_OUTCOMES, _OUTCOME_COLUMNS = 330.0, 69


def draw(reading: Reading) -> str:
    """Draw the message diagram of a few deliveries as an SVG."""
    return _Diagram(reading).svg()


class _Diagram:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        dead = [c for c in reading.courses if c.seen and c.delivery.state == "dead"]
        self._dead = frozenset(course.seen[-1].tag for course in dead)
        self._layout = lay_out(reading.seen, self._dead, _TOP)
        self._slots = side_by_side(reading.seen)
        long = any(len(seen.tag) > 2 for seen in reading.seen)
        self._tag = _LONG_TAG if long else _TAG
        kinds = [kind for kind, _ in reading.kinds]
        self._endings = self._layout.bottom + 54
        self._ended = [
            textwrap.wrap(phrases.outcome(course), _OUTCOME_COLUMNS)
            for course in reading.courses
        ]
        below = self._endings + 18 * sum(map(len, self._ended))
        doubled = [DOUBLED] if reading.doubled else []
        self._foot = foot(reading, [*kinds, *doubled], below)
        self._shapes = [*kinds, *doubled, ANSWERED, ECHO, FORGED, LOST, REFUSED]

    def svg(self) -> str:
        """Return the whole picture."""
        parts = [self._frame(), *self._pauses(), *self._times()]
        parts += [self._waiting(seen) for seen in self._reading.seen]
        # No way is drawn over words, so all ways come first.
        drawn = [self._crossing(seen) for seen in self._reading.seen]
        parts += [f'<g data-step="{n}">{ways}</g>' for n, (ways, _) in enumerate(drawn)]
        for step, seen in enumerate(self._reading.seen):
            parts.append(self._one(seen, step, drawn[step][1]))
        parts += self._outcomes()
        return sheet(
            "".join(parts) + self._foot.markup,
            self._foot.height,
            self._reading.account,
            self._shapes,
            parts=bool(self._reading.seen),
        )

    def _frame(self) -> str:
        top, bottom = 42.0, self._layout.bottom + 20
        return (
            write(SENDER, 30, "Sender", "bold", "mid")
            + write(RECEIVER, 30, "Receiver", "bold", "mid")
            + write(_TIMES, 30, "time", "soft", "small", "end")
            + write(_LEFT, 30, "what the sender does", "soft", "small")
            + write(
                _RIGHT + self._tag + 8, 30, "how the receiver responds", "soft", "small"
            )
            + line(SENDER, top, SENDER, bottom, "life")
            + line(RECEIVER, top, RECEIVER, bottom, "life")
        )

    def _pauses(self) -> Iterator[str]:
        for pause in self._layout.pauses:
            middle = (pause.top + pause.bottom) / 2
            words = f"{lasting(pause.length)} later"
            yield write(MIDDLE, middle + 4, words, "soft", "small", "mid")
            for x in (SENDER, RECEIVER):
                yield line(x, middle - 9, x, middle + 9, "gap")

    def _times(self) -> Iterator[str]:
        shown, lowest = "", 0.0
        for moment in self._layout.moments:
            text, y = _roughly(moment.at), self._layout.heights[moment.key]
            if text != shown and y - lowest >= 13:
                shown, lowest = text, y
                yield write(_TIMES, y + 4, text, "soft", "small", "end")

    def _waiting(self, seen: Seen) -> str:
        """Draw the time for which the sender waits as a bar on its line."""
        if seen.kind is UNFINISHED:
            return ""
        top, bottom = self._y(seen, "sent"), self._y(seen, "ended")
        step = min(10.0, 35 / (1 + max(self._slots.values())))
        wide = min(7.0, step)
        x = SENDER - wide / 2 - step * self._slots[seen.tag]
        return bar(x, top, wide, bottom - top, "wait")

    def _crossing(self, seen: Seen) -> tuple[str, str]:
        """Draw an attempt's ways over the wire, and what is written beside them."""
        drawn = [*self._there(seen), *self._back(seen)]
        ways = "".join(part for part, is_way in drawn if is_way)
        words = "".join(part for part, is_way in drawn if not is_way)
        return ways, words

    def _one(self, seen: Seen, step: int, words: str) -> str:
        """Draw what is written about one attempt, and its marks."""
        facts = phrases.facts(seen)
        parts = [words, *self._sender(seen), *self._receiver(seen)]
        shown = f'<g{classes("at")} data-mark="">{"".join(parts)}</g>'
        return (
            f'<g{classes("one")} data-step="{step}" tabindex="0" role="img">'
            f"{title(facts)}{shown}{tip(facts, self._foot.tip)}</g>"
        )

    def _there(self, seen: Seen) -> Iterator[tuple[str, bool]]:
        """Draw the request's way to the receiver, and its copies'.

        Each part says whether it is a way; the others are drawn over all ways.
        """
        if not seen.landings:
            yield from self._stopped(seen)
            return
        arrivals = {land.copy: self._y(seen, "landed", land) for land in seen.landings}
        first = min(arrivals.values())
        top = first - 14 if seen.kind is UNFINISHED else self._y(seen, "sent")
        for copy, y in arrivals.items():
            if copy:
                start = top + (arrivals.get(0, y) - top) / 2
                yield arrow(MIDDLE, start, RECEIVER - 10, y, "soft", "dash"), True
                continue
            yield arrow(SENDER, top, RECEIVER - 10, y, "soft"), True
            if seen.changed:
                place = top + (y - top) * 0.3
                x = SENDER + 0.3 * (RECEIVER - SENDER)
                yield badge(FORGED, x, place), False
                yield write(x + 12, place - 4, "changed", "forged", "halo"), False

    def _stopped(self, seen: Seen) -> Iterator[tuple[str, bool]]:
        """Draw a request that doesn't reach the receiver."""
        top = self._y(seen, "sent")
        if seen.kind is REFUSED:
            yield line(SENDER, top, RECEIVER - 16, top, "way", "soft"), True
            yield badge(REFUSED, RECEIVER - 12, top), False
            return
        y = top + 13
        if seen.status is None:
            yield line(SENDER, top, _STOPPED - 8, y, "way", "soft"), True
            yield badge(LOST, _STOPPED, y), False
            yield write(_STOPPED + 11, y + 4, "request lost", "silent", "halo"), False
            return
        end = self._y(seen, "ended")
        yield arrow(SENDER, top, _STOPPED - 7, y, "soft"), True
        yield arrow(_STOPPED - 7, y, SENDER + 5, end, seen.kind.hue), True
        yield badge(ANSWERED, _STOPPED, y), False
        words = f"{seen.status} in transit"
        yield write(_STOPPED + 11, y + 4, words, seen.kind.hue, "halo"), False

    def _back(self, seen: Seen) -> Iterator[tuple[str, bool]]:
        """Draw the answer's way back to the sender."""
        first = next((land for land in seen.landings if land.copy == 0), None)
        if first is None or first.status is None:
            return
        y = self._y(seen, "landed", first)
        if seen.status is not None:
            end = self._y(seen, "ended")
            yield arrow(RECEIVER, y, SENDER + 5, end, seen.kind.hue), True
        elif seen.kind is not UNFINISHED and not seen.late:
            x = SENDER + (RECEIVER - SENDER) * 0.66
            yield line(RECEIVER, y, x + 8, y + 17, "way", seen.kind.hue), True
            yield badge(LOST, x, y + 18), False
            yield write(x - 11, y + 22, "response lost", "silent", "end", "halo"), False

    def _sender(self, seen: Seen) -> Iterator[str]:
        if seen.kind is UNFINISHED:
            return
        x, y = _LEFT + self._tag, self._y(seen, "sent") + 4
        yield write(_LEFT, y, seen.tag, "bold")
        again = "sends it again, same id"
        words = f"sends {fit(seen.event.type, 20)}" if seen.number == 1 else again
        yield write(x, y, words)
        y = self._y(seen, "ended")
        yield write(_LEFT, y + 4, seen.tag, "soft")
        yield badge(seen.kind, x + 5, y)
        if seen.doubled:
            yield badge(ECHO, x + 5, y)
            x += 5
        words = phrases.heard(seen).replace("got", "gets", 1)
        # The sign says the rest, and there is little room before the sender's line.
        words = words.removeprefix("connection ")
        yield write(x + 18, y + 4, words, seen.kind.hue)
        if seen.tag in self._dead:
            yield write(x + 18, y + 4 + LINE, "gives up: dead letter", "bold")

    def _receiver(self, seen: Seen) -> Iterator[str]:
        x = _RIGHT + self._tag
        if seen.kind is REFUSED:
            words, y = phrases.crossed(seen), self._y(seen, "sent") + 4
            yield write(x, y, words, "silent")
        for landing in seen.landings:
            y = self._y(seen, "landed", landing)
            yield _stamp(seen, landing, y)
            yield write(_RIGHT, y + 4, seen.tag, "bold")
            words = phrases.answered(seen, landing)
            if landing.nth == 1 and seen.changed:
                words = f"{landing.status}, though it was changed"
            if landing.copy:
                words = f"copy: {words}"
            elif seen.late:
                words = f"too late: {words}"
            hue = _hue(seen, landing)
            yield write(x, y + 4, words, hue)
            if landing.nth > 1:
                again = phrases.unless(landing.nth)
                yield write(_RIGHT, y + 3 + LINE, again, hue, "small")

    def _outcomes(self) -> Iterator[str]:
        """Say for each event how it ended, under the messages."""
        y = self._endings
        yield line(MARGIN, y - 22, WIDTH - MARGIN, y - 22, "rule")
        for course, ended in zip(self._reading.courses, self._ended, strict=True):
            event = course.event
            yield write(MARGIN, y, course.tag, "bold")
            name = f"{fit(event.type, 18)} {fit(event.id, 17)}"
            yield write(MARGIN + 22, y, name, "small")
            forged = any(seen.kind is FORGERY_TAKEN for seen in course.seen)
            hue = "alarm" if course.times > 1 or forged else "ink"
            for words in ended:
                yield write(_OUTCOMES, y, words, hue, "small")
                y += 18

    def _y(self, seen: Seen, what: str, landing: Landing | None = None) -> float:
        copy = landing.copy if landing else 0
        return self._layout.heights[seen.tag, what, copy]


def _roughly(at: float) -> str:
    """Write an offset without seconds if it has days; there is no room for both."""
    text = clock(at)
    return text.rpartition(":")[0] if "d" in text else text


def _stamp(seen: Seen, landing: Landing, y: float) -> str:
    """Mark on the receiver's line how often it has acknowledged the event by now."""
    if not landing.nth:
        return badge(_silent(landing), RECEIVER, y)
    circle = f'cx="{number(RECEIVER)}" cy="{number(y)}" r="9"'
    return f"<circle{classes('solid', _hue(seen, landing))} {circle}/>" + write(
        RECEIVER, y + 4, f"{landing.nth}", "on", "mid", "small"
    )


def _silent(landing: Landing) -> Kind:
    return LOST if landing.status is None else ANSWERED


def _hue(seen: Seen, landing: Landing) -> str:
    if landing.nth:
        return "alarm" if landing.nth > 1 or seen.changed else "good"
    return _silent(landing).hue
