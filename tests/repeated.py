"""What `make test` does once or a few times, and `make test-all` often.

Repeating a test proves that it has one result, whatever the threads do. That needs many
runs, but not after every change.
"""

from collections.abc import Iterable
from typing import Any

import pytest


def rounds(few: int, many: int) -> pytest.MarkDecorator:
    """Run the test with `rounds` of `few`, and in `make test-all` also of `many`."""
    return pytest.mark.parametrize(
        "rounds", [few, pytest.param(many, marks=pytest.mark.full)]
    )


def first_of(values: Iterable[Any], few: int = 1) -> list[Any]:
    """Return parameters of which all but the first few wait for `make test-all`."""
    return [
        value if place < few else pytest.param(value, marks=pytest.mark.full)
        for place, value in enumerate(values)
    ]
