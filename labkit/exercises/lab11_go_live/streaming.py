"""Subscriptions for the check of 11.1, and what a page gets of a stream."""

import inspect
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self

from labkit.checks import NotAttempted, describe, short
from labkit.checks.copying import own_copy
from labkit.checks.observing import Seen, exactly, outcome
from labkit.checks.space import Fields
from labkit.exercises.lab11_go_live.frames import BadFrame, Frame, frames_in

PATIENCE = 8
"""How many chunks without an event may come before one with an event."""

Note = tuple[Any, ...]
"""One thing that was observed: its name comes first."""


class Subscription:
    """A subscription for the check: it counts the events that are taken from it.

    It hands out copies, and keeps them in `handed_out`: a solution may change them.
    `taken` counts the events that were asked for. After the last one it ends; if there
    is an `error` it raises that first, once. `closed` counts the calls of close().
    """

    def __init__(
        self, events: list[dict[str, Any]], error: Exception | None = None
    ) -> None:
        self.taken = 0
        self.closed = 0
        self.handed_out: list[dict[str, Any]] = []
        self._events = events
        self._error = error

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> dict[str, Any]:
        if self.closed or self.taken == len(self._events):
            error, self._error = self._error, None
            raise error or StopIteration
        self.taken += 1
        self.handed_out.append(own_copy(self._events[self.taken - 1]))
        return self.handed_out[-1]

    def close(self) -> None:
        """End the subscription."""
        self.closed += 1


class Relay:
    """Makes subscriptions, and keeps them for the check."""

    def __init__(self, *events: dict[str, Any], error: Exception | None = None) -> None:
        self.subscriptions: list[Subscription] = []
        self._events = list(events)
        self._error = error

    def subscribe(self) -> Subscription:
        """Return a new subscription to the events."""
        error, self._error = self._error, None
        self.subscriptions.append(Subscription(self._events, error))
        return self.subscriptions[-1]

    @property
    def taken(self) -> int:
        """How many events were asked for, in all subscriptions."""
        return sum(each.taken for each in self.subscriptions)

    @property
    def open(self) -> int:
        """How many subscriptions are still open."""
        return sum(not each.closed for each in self.subscriptions)


class Connection(ConnectionError):
    """The relay has lost its own connection."""


class _Opened:
    """Iterate as a server does: read to the end, and close."""

    def __init__(self, iterator: Iterator[Any], stream: Any) -> None:
        self._iterator = iterator
        if callable(close := getattr(stream, "close", None)):
            self.close = close

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        return next(self._iterator)


class _Page:
    """A page that reads a stream, and notes what it gets.

    A note begins with its name: "frame", "end", "raises", and so on.
    """

    def __init__(
        self, events: Any, given: Sequence[dict[str, Any]], error: Exception | None
    ) -> None:
        self.relay = Relay(*given, error=error)
        self.notes: list[Note] = []
        self.error: BaseException | None = None
        self.shown = ""
        self._given = given
        self._by_id = {event["id"]: event for event in given}
        self._stream: Any = None
        made = outcome(lambda: events(self.relay.subscribe), exactly)
        self.broken = made.error is not None or not self._opens(made)

    def _opens(self, made: Seen) -> bool:
        stream = made.result
        what = type(stream).__name__
        if inspect.isasyncgen(stream):
            self.notes.append(("stream", "async generator"))
        elif stream is None or isinstance(stream, (str, bytes)):
            self.notes.append(("stream", what))
        elif isinstance(stream, (list, tuple)) and self.relay.taken == len(self._given):
            self.notes.append(("stream", "list"))
        else:
            try:
                iterator = iter(stream)
            except TypeError:
                self.notes.append(("stream", "no iterator"))
            else:
                whole = iterator is stream
                self._stream = iterator if whole else _Opened(iterator, stream)
                return True
        return False

    def read(self) -> None:
        """Read up to the next frame, and note it or what came instead."""
        taken, kept = self.relay.taken, b""
        for _ in range(PATIENCE):
            chunk = self._chunk()
            if chunk is None:
                if kept and self.notes == [("end",)]:
                    self.notes.clear()
                    self._stop("bad", "no blank line at its end", short(kept))
                return
            kept = self._next(kept, chunk, taken)
            if self.notes:
                return
            if self.relay.taken > taken + 1:
                break
        if kept:
            self._stop("bad", "no blank line at its end", short(kept))
        else:
            self._stop("no frame")

    def _next(self, kept: bytes, chunk: bytes, taken: int) -> bytes:
        """Look at one more chunk; return what is kept of a frame in pieces."""
        try:
            frames = frames_in(kept + chunk)
        except BadFrame as bad:
            if bad.kind == "no blank line at its end" and self.relay.taken <= taken + 1:
                return kept + chunk
            self._stop("bad", bad.kind, short(bad.line or chunk))
            return b""
        if len(frames) > 1:
            self._stop("several", self.relay.taken - taken, short(chunk))
        elif frames and kept:
            self._stop("pieces", short(kept + chunk))
        elif frames:
            self._frame(frames[0])
        return b""

    def _frame(self, frame: Frame) -> None:
        if self._changed():
            handed = [e for each in self.relay.subscriptions for e in each.handed_out]
            self._stop("changed", short(handed[-1]))
        elif len(self.relay.subscriptions) > 1:
            self._stop("subscribed", len(self.relay.subscriptions))
        else:
            taken = self.relay.taken
            self.notes.append(("frame", frame.id, frame.event, _parsed(frame), taken))
            self.shown = (
                f"a frame with id {frame.id!r}, type {frame.event!r}, "
                f"{self._data(frame)}; events taken so far: {taken}"
            )

    def _data(self, frame: Frame) -> str:
        """Say what the data is, briefly if it is one of several events."""
        if frame.data is None:
            return "no data"
        event = self._by_id.get(frame.id) if len(self._given) > 1 else None
        if event and _parsed(frame) == exactly(event):
            return "with the whole event as data"
        return f"data {short(frame.data)}"

    def _changed(self) -> bool:
        """Whether the solution has changed an event that it was handed."""
        return any(
            event != original and event not in self._given
            for each in self.relay.subscriptions
            for event, original in zip(each.handed_out, self._given, strict=False)
        )

    def end(self) -> None:
        """Read to the end of the stream."""
        for _ in range(PATIENCE):
            chunk = self._chunk()
            if len(self.relay.subscriptions) > 1:
                self.notes.clear()
                self._stop("subscribed", len(self.relay.subscriptions))
                return
            if chunk is None:
                if self._changed():
                    handed = self.relay.subscriptions[0].handed_out
                    self._stop("changed", short(handed[-1]))
                return
            try:
                frames = frames_in(chunk)
            except BadFrame as bad:
                self._stop("bad", bad.kind, short(bad.line or chunk))
                return
            if frames:
                known = any(frames[0].id == event["id"] for event in self._given)
                self._stop("one more", known, short(chunk))
                return
        self._stop("no end")

    def close(self) -> None:
        """Close the stream as a server does; note whether a subscription is open."""
        close = getattr(self._stream, "close", None)
        if close is not None:
            try:
                close()
            except (Exception, SystemExit) as error:  # noqa: BLE001 - as a server
                self.error = error
                ignored = isinstance(error, RuntimeError) and "ignored" in str(error)
                # Read to its end, it does not refuse again when Python deletes it.
                for _ in range(PATIENCE):
                    outcome(lambda: next(self._stream, None), exactly)
                self._stop("refuses" if ignored else "raises", describe(error))
                return
        self.notes.append(("open", self.relay.open, close is not None))

    def _stop(self, *note: Any) -> None:
        self.notes.append(note)
        self.broken = True

    def _chunk(self) -> bytes | None:
        """Return the next chunk; None if there is none, which is noted."""
        try:
            chunk = next(self._stream)
        except StopIteration:
            self.notes.append(("end",))
            return None
        except NotImplementedError as error:
            raise NotAttempted from error
        except Connection:
            self.notes.append(("end",))
            return None
        except (Exception, SystemExit) as error:  # noqa: BLE001 - as a server
            self.error = error
            stopped = isinstance(error.__cause__, StopIteration)
            self._stop("raises", "StopIteration" if stopped else describe(error))
            return None
        if not isinstance(chunk, bytes):
            self._stop("chunk", type(chunk).__name__, short(chunk))
            return None
        return chunk


def _parsed(frame: Frame) -> Any:
    """Return a form of the data, ("no JSON", text), or None if there is none."""
    if frame.data is None:
        return None
    try:
        return exactly(json.loads(frame.data))
    except ValueError:
        return ("no JSON", frame.data)


def notes_of(fields: Fields) -> list[Note]:
    """Return what a correct stream gives."""
    pages = [fields["events"], *fields["others"]]
    notes: list[Note] = []
    counts = [0] * len(pages)
    for place, do in fields["script"]:
        given = pages[place]
        if do == "read":
            event = given[counts[place]]
            counts[place] += 1
            taken = counts[place]
            notes.append(("frame", event["id"], event["event"], exactly(event), taken))
        elif do == "end":
            notes.append(("end",))
        else:
            notes.append(("open", 0, True))
    return notes


class Streaming:
    """Opens streams, reads them and closes them, as the field `script` says.

    `script` has pairs: the number of a page, and "read", "end" or "close". `events` are
    those of the first page, `others` of further ones. The first subscription raises
    the exception that `error` makes at its end.
    """

    def __init__(self, show: Callable[[Fields], str]) -> None:
        self.show = show

    def observe(self, solution: Any, fields: Fields) -> Seen:
        """Follow the script up to the first thing that goes wrong."""
        given = own_copy([fields["events"], *fields["others"]])
        error = Connection("lost") if fields["error"] else None
        pages = []
        for number, events in enumerate(given):
            pages.append(_Page(solution, events, None if number else error))
        notes: list[Note] = []
        texts: list[str] = []
        for place, do in fields["script"]:
            page = pages[place]
            if not page.broken:
                page.notes.clear()
                getattr(page, do)()
            notes += page.notes[:1]
            texts += [_line(*note) or page.shown for note in page.notes[:1]]
            if page.broken:
                break
        if notes == [("stream", "async generator")]:
            return Seen("coroutine", "an async generator, which no server goes through")
        error_out = next((page.error for page in pages if page.error), None)
        for page in pages:
            if not page.broken:
                page.close()
        value = tuple(note[:2] if note[0] == "open" else note for note in notes)
        return Seen(value, "\n".join(texts[-6:]), error_out, notes)


def _line(name: str, *what: Any) -> str:
    """Return a note in words; an empty text for a frame."""
    if name == "open":
        return "the subscription is still open" if what[0] else "it is closed"
    return _WORDS[name].format(*what) if name != "frame" else ""


_WORDS = {
    "end": "the end of the stream",
    "no end": "no end of the stream",
    "no frame": "no frame",
    "stream": "not a stream, but {}",
    "chunk": "a chunk of type {}: {}",
    "bad": "bytes that are not a frame ({}): {}",
    "pieces": "a frame in several chunks: {}",
    "several": "several frames at once, of {} events: {}",
    "one more": "one more frame: {1}",
    "changed": "a changed event: {}",
    "subscribed": "{} calls of subscribe",
    "raises": "{}",
    "refuses": "close() raised {}",
}
"""How each note is told; the fields are what is noted with it."""
