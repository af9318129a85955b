"""What the kit prints fits the columns of a narrow cell, which wraps inside words."""

import pytest

from labkit.exercises.lab05_replay_and_rotation import STEPS
from labkit.exercises.lab10_test_it import orders, target
from labkit.exercises.lab10_test_it.shops import SHOPS
from labkit.exercises.lab13_be_the_provider import SCHEMA
from labkit.faults import LoseResponse
from labkit.playground import sweep
from labkit.record import COLUMNS, Account
from labkit.samples import payments
from tests.apps import shop

JANUARY = orders.month(1)
DAY = 86_400.0


def test_a_long_account_has_two_lines() -> None:
    short = Account(2, 11, 11, 1, 1, 1, 0)
    assert "\n" not in str(Account(1, 4, 4, 0, 1, 0, 1))
    assert str(short) == (
        "2 events, 11 attempts, 11 arrivals:\n"
        "  1 acknowledged, 1 dead, 1 lost, 0 doubled"
    )
    assert str(Account(500, 3500, 500, 500, 0, 0, 0)).startswith(
        "500 events, 3,500 attempts, 500 arrivals:\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        *(pytest.param(target(number).source, id=number) for number in SHOPS),
        pytest.param(
            str(sweep(shop([]), payments(3), faults=[LoseResponse()], seeds=3)),
            id="sweep",
        ),
        pytest.param(SCHEMA, id="tables of lab 13"),
        pytest.param("\n".join(map(str, STEPS)), id="rotation"),
        pytest.param(
            str(orders.Result(JANUARY, JANUARY.incidents, [JANUARY.starts + DAY])),
            id="alarm",
        ),
    ],
)
def test_no_line_is_too_long(text: str) -> None:
    assert [line for line in text.splitlines() if len(line) > COLUMNS] == []
