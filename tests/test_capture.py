"""A thread's prints stay its own."""

import sys
import threading

import pytest

from labkit.capture import LIMIT, captured


@pytest.mark.pure
def test_what_is_printed_is_kept_and_nothing_shows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with captured() as printed:
        print("kept")
        print("also", file=sys.stderr)
    print("shown")
    assert str(printed) == "kept\nalso\n"
    assert capsys.readouterr().out == "shown\n"


@pytest.mark.pure
def test_captures_nest_and_the_streams_come_back() -> None:
    before = sys.stdout, sys.stderr
    with captured() as outer:
        print("a")
        with captured() as inner:
            print("b")
        print("c")
    assert (str(outer), str(inner)) == ("a\nc\n", "b\n")
    assert (sys.stdout, sys.stderr) == before


@pytest.mark.pure
def test_an_endless_print_takes_bounded_room() -> None:
    with captured() as printed:
        for _ in range(100_000):
            print("x" * 99)
    text = str(printed)
    assert len(text) < LIMIT + 100
    assert text.endswith(f"and {100 * 100_000 - LIMIT} characters more")


def test_other_threads_print_as_before(capsys: pytest.CaptureFixture[str]) -> None:
    with captured() as printed:
        thread = threading.Thread(target=print, args=("from elsewhere",))
        thread.start()
        thread.join()
    assert str(printed) == ""
    assert capsys.readouterr().out == "from elsewhere\n"
