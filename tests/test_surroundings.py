"""The environment test and the notebook's greeting."""

import pytest

from labkit import environment, ready

pytestmark = pytest.mark.pure


def test_here_everything_is_there() -> None:
    found = environment()
    assert found.fit
    assert repr(found).endswith("Everything is there.")
    assert "NO" not in repr(found)


def test_what_is_missing_is_said_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("labkit.learner.environment.WANTED", (4, 0))
    found = environment()
    assert not found.fit
    assert "install 4.0 or newer" in repr(found)
    assert "Fix the lines" in repr(found)


def test_a_notebook_of_this_kit_is_greeted() -> None:
    assert repr(ready(made_for="0.2")) == "labkit 0.2 is ready"


def test_a_notebook_of_another_version_is_told_what_to_do() -> None:
    said = repr(ready(made_for="7.2"))
    assert "written with labkit 7.2" in said
    assert "install labkit 7.2" in said
    assert "Your solutions are safe" in said
