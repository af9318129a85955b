"""What `make test` does once or a few times, and the longer runs often.

Repeating a test proves that it has one result, whatever the threads do. That needs many
runs, but not after every change.
"""

from collections.abc import Iterable
from typing import Any

import pytest


def rounds(few: int, many: int, most: int = 0) -> pytest.MarkDecorator:
    """Run the test with `rounds` of `few`, and in `make test-all` also of `many`.

    With `most`, `make test-nightly` runs it with that many.
    """
    wanted = [few, pytest.param(many, marks=pytest.mark.full)]
    if most:
        wanted.append(pytest.param(most, marks=pytest.mark.nightly))
    return pytest.mark.parametrize("rounds", wanted)


def first_of(values: Iterable[Any], few: int = 1) -> list[Any]:
    """Return parameters of which all but the first few wait for `make test-all`."""
    return [
        value if place < few else pytest.param(value, marks=pytest.mark.full)
        for place, value in enumerate(values)
    ]
