"""How the tests are shared out among processes: the longest first.

Tests of a file stay together, because many share a server or a browser, and so do the
cells of a notebook. The files of INDEPENDENT share nothing, and take so long that each
of their tests goes by itself.
"""

import pytest

INDEPENDENT = [
    *("test_types.py", "test_solutions.py", "test_notebooks.py", "test_content.py"),
    *("test_lab07.py", "test_explore.py", "test_lab12.py", "test_portability.py"),
    "test_load.py",
]
LONGEST = [
    *("test_site.py", "test_pyodide.py", "test_nbgrader.py", "test_hub.py"),
    *INDEPENDENT,
    *("test_examine.py", "test_beside.py", "test_inspector_page.py", "test_kernel.py"),
    *("test_playground_page.py", "test_layout.py", "test_receiver.py"),
]


@pytest.hookimpl(tryfirst=True)  # before the marks are asked for
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests, and name the group of each for `--dist loadgroup`.

    nbval's own runs of the notebooks are for `make test-all`: see test_solutions.py.
    """
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONGEST)))
    for item in items:
        if item.path.name not in INDEPENDENT:
            item.add_marker(pytest.mark.xdist_group(item.path.name))
        if item.path.suffix == ".ipynb":
            item.add_marker(pytest.mark.full)
