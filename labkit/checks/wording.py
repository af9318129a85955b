"""Values and exceptions in the words of a verdict: short, and the same in every run."""

import re

from labkit.running.sandbox import learners_lines

_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")


def describe(error: BaseException) -> str:
    """Return an exception in one line, as Python shows it."""
    text = str(error)
    return (
        f"{type(error).__name__}: {short_text(text)}" if text else type(error).__name__
    )


def lines_of(error: BaseException) -> tuple[str, ...]:
    """Return the learner's own lines that the exception went through."""
    return tuple(str(line) for line in learners_lines(error)[-3:])


def short(value: object, limit: int = 160) -> str:
    """Return a value as Python writes it, cut in the middle when it is long.

    Addresses are left out: they differ in every run.
    """
    try:
        text = without_addresses(repr(value))
    except Exception as error:  # noqa: BLE001 - a learner's __repr__ may raise anything
        text = f"<{type(value).__name__} whose repr raises {type(error).__name__}>"
    return short_text(text, limit)


def without_addresses(text: str) -> str:
    """Leave out the addresses of objects: they differ in every run."""
    return _ADDRESS.sub("", text) if str.__contains__(text, " at 0x") else text


def short_text(text: str, limit: int = 160) -> str:
    """Cut a text in the middle when it is longer than the limit."""
    if len(text) <= limit:
        return text
    left_out = len(text) - limit
    return f"{text[: limit // 2]} … {left_out} more … {text[-limit // 2 :]}"
