"""A thread's prints stay its own."""

import gc
import io
import subprocess
import sys
import threading
import weakref

import pytest

from labkit.running.capture import LIMIT, captured


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


PRINTING_MEANWHILE = """
import sys, threading
from labkit.running.capture import captured

class Stream:
    def write(self, text):
        return len(text)

    def flush(self):
        pass

def talk():
    while going:
        print("x", "y", "z")

sys.setswitchinterval(1e-6)
sys.stdout, going = Stream(), True
threads = [threading.Thread(target=talk) for _ in range(3)]
for thread in threads:
    thread.start()
for _ in range(5_000):
    with captured():
        pass
going = False
for thread in threads:
    thread.join()
"""


def test_a_thread_that_prints_meanwhile_does_not_end_the_process() -> None:
    run = subprocess.run([sys.executable, "-c", PRINTING_MEANWHILE])
    assert run.returncode == 0


@pytest.mark.pure
def test_no_stream_is_kept_but_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    streams = [io.StringIO(), io.StringIO()]
    seen = [weakref.ref(stream) for stream in streams]
    while streams:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", streams.pop(0))
            with captured():
                print("kept")
    gc.collect()
    assert [stream() is None for stream in seen] == [True, False]
