"""The order of the test files: the longest first, so that two workers end together."""

import pytest

LONGEST = [
    *("test_notebooks.py", "test_site.py", "test_content.py", "test_lab12.py"),
    *("test_explore.py", "test_portability.py", "test_examine.py", "test_lab07.py"),
    *("test_nbgrader.py", "test_receiver.py", "test_load.py", "test_layout.py"),
    *("test_inspector_page.py", "test_playground_page.py", "test_beside.py"),
    *("test_hub.py", "test_sender.py", "test_browser.py"),
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the files that take longest come first; xdist hands them out in order."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONGEST)))
