"""The contract of lab 02 where only a real server shows it."""

import asyncio
from collections.abc import Callable

import pytest
import requests
from werkzeug.exceptions import NotFound

from labkit import Receiver
from labkit.checks.proving import Judge
from labkit.exercises import EXERCISES
from labkit.samples import payments


@pytest.mark.parametrize(
    "error", [SystemExit, asyncio.CancelledError, NotFound, KeyError]
)
def test_a_sender_gets_a_500_whatever_process_raises(
    error: Callable[[], BaseException],
) -> None:
    def process(_: object) -> None:
        raise error()

    judge = EXERCISES["2.3"].judge
    assert isinstance(judge, Judge)
    with Receiver(judge.reference(process)) as receiver:
        answered = requests.post(
            f"{receiver.url}/webhooks",
            data=payments(1)[0].body,
            headers={"Content-Type": "application/json"},
            timeout=60,
        )
    assert answered.status_code == 500
