"""The dashboard of a provider: what it reads from the tables and writes to them."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from labkit.dashboard import Dashboard
from labkit.errors import BadSetting
from labkit.exercises.lab13_be_the_provider import connect

NOW = 5_000.0
SECRET = "whsec_dGhlIHNlY3JldCBvZiBvbmU="
ACT = {"X-Dashboard": "act"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "provider.db"
    fill(file)
    return file


@pytest.fixture
def dashboard(path: Path) -> Iterator[Dashboard]:
    opened = Dashboard(path, now=lambda: NOW)
    yield opened
    opened.stop()


def fill(file: Path) -> None:
    """Add two endpoints, four events and one delivery per event to `ep_1`."""
    with closing(connect(file)) as db, db:
        db.executemany(
            "INSERT INTO endpoints (id, url, secret, enabled, failures)"
            " VALUES (?, ?, ?, ?, ?)",
            [
                ("ep_1", "https://shop.example/hooks?token=abcdefgh", SECRET, 1, 0),
                ("ep_2", "https://old.example/hooks", "whsec_b3RoZXI=", 0, 3),
            ],
        )
        states = ("delivered", "dead", "pending", "dead")
        for number, state in enumerate(states, 1):
            payload = json.dumps({"id": f"evt_{number}", "note": SECRET}).encode()
            values = (f"evt_{number}", "payment.succeeded", payload, 1_000.0 * number)
            db.execute("INSERT INTO events VALUES (?, ?, ?, ?)", values)
            db.execute(
                "INSERT INTO deliveries (event, endpoint, state, made, due)"
                " VALUES (?, 'ep_1', ?, 1, 0)",
                (f"evt_{number}", state),
            )
            status = 204 if state == "delivered" else None if number == 4 else 500
            body = f"no room for {SECRET}".encode()
            db.execute(
                "INSERT INTO attempts VALUES (?, ?, 'ep_1', 1, ?, ?, ?)",
                (number, f"evt_{number}", 1_000.0 * number, status, body),
            )
            if state == "dead":
                db.execute(
                    "INSERT INTO notices (endpoint, event, at) VALUES ('ep_1', ?, 9)",
                    (f"evt_{number}",),
                )


def read(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(query).fetchall()


def added(path: Path) -> list[tuple[Any, ...]]:
    return read(
        path, "SELECT event, endpoint, state, made, due FROM deliveries WHERE id > 4"
    )


def get(dashboard: Dashboard, name: str) -> Any:
    response = requests.get(f"{dashboard.url}{name}", timeout=60)
    response.raise_for_status()
    return response.json()


def post(dashboard: Dashboard, name: str, content: object = None) -> requests.Response:
    return requests.post(
        f"{dashboard.url}{name}", json=content or {}, headers=ACT, timeout=5
    )


def test_the_overview_shows_endpoints_deliveries_and_notices(
    dashboard: Dashboard,
) -> None:
    shown = get(dashboard, "overview")
    one, two = shown["endpoints"]
    assert (one["delivered"], one["pending"], one["dead"]) == (1, 1, 2)
    assert (one["enabled"], two["enabled"], two["failures"]) == (True, False, 3)
    rows = [(d["number"], d["state"], d["status"]) for d in shown["deliveries"]]
    assert rows == [
        (4, "dead", None),
        (3, "pending", 500),
        (2, "dead", 500),
        (1, "delivered", 204),
    ]
    assert [notice["event"] for notice in shown["notices"]] == ["evt_4", "evt_2"]


def test_a_delivery_is_shown_with_its_attempts_and_its_payload(
    dashboard: Dashboard,
) -> None:
    shown = get(dashboard, "deliveries/2")
    assert shown["attempts"] == [
        {
            "number": 1,
            "at": 2_000.0,
            "status": 500,
            "phrase": "Internal Server Error",
            "body": "no room for (redacted)",
        }
    ]
    assert json.loads(shown["parsed"]["text"])["id"] == "evt_2"
    assert get(dashboard, "deliveries/4")["attempts"][0]["phrase"] == "no response"


def test_no_view_holds_a_secret(dashboard: Dashboard) -> None:
    for name in ("overview", "deliveries/1", "deliveries/2"):
        text = json.dumps(get(dashboard, name))
        assert SECRET not in text
        assert SECRET.removeprefix("whsec_") not in text
        assert "abcdefgh" not in text


def test_one_event_is_resent_by_a_delivery_that_is_due_now(
    dashboard: Dashboard, path: Path
) -> None:
    assert post(dashboard, "deliveries/2/resend").json() == {"number": 5}
    assert added(path) == [("evt_2", "ep_1", "pending", 0, NOW)]
    # Once is enough: the event is on its way.
    again = post(dashboard, "deliveries/5/resend")
    assert (again.status_code, again.text) == (409, "delivery 5 is still pending\n")
    assert post(dashboard, "deliveries/99/resend").status_code == 404


@pytest.mark.parametrize(
    ("since", "too", "events"),
    [
        (0, False, ["evt_2", "evt_4"]),
        (0, True, ["evt_1", "evt_2", "evt_4"]),
        (2_000, False, ["evt_2", "evt_4"]),
        (2_000.5, True, ["evt_4"]),
        (4_001, True, []),
    ],
)
def test_events_since_a_time_are_resent_unless_they_are_on_their_way(
    dashboard: Dashboard, path: Path, since: float, *, too: bool, events: list[str]
) -> None:
    asked = {"endpoint": "ep_1", "since": since, "delivered_too": too}
    assert post(dashboard, "resend", asked).json() == {"count": len(events)}
    assert [row[0] for row in added(path)] == events
    assert post(dashboard, "resend", asked).json() == {"count": 0}


def test_nothing_is_resent_to_a_disabled_endpoint(
    dashboard: Dashboard, path: Path
) -> None:
    asked = {"endpoint": "ep_2", "since": 0}
    refused = post(dashboard, "resend", asked)
    assert refused.status_code == 409
    assert "the endpoint ep_2 is disabled; enable it first" in refused.text
    assert (
        post(dashboard, "resend", {"endpoint": "ep_9", "since": 0}).status_code == 404
    )
    assert post(dashboard, "resend", {"endpoint": "ep_1"}).status_code == 400
    assert added(path) == []


def test_an_endpoint_is_enabled_without_its_failures_and_disabled_with_them(
    dashboard: Dashboard, path: Path
) -> None:
    query = "SELECT enabled, failures FROM endpoints WHERE id = 'ep_2'"
    post(dashboard, "endpoint", {"id": "ep_2", "enabled": True})
    assert read(path, query) == [(1, 0)]
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE endpoints SET failures = 2")
    post(dashboard, "endpoint", {"id": "ep_2", "enabled": False})
    assert read(path, query) == [(0, 2)]
    assert post(dashboard, "endpoint", {"id": "?"}).status_code == 404


def test_notices_are_marked_as_seen_up_to_the_newest_that_was_shown(
    dashboard: Dashboard, path: Path
) -> None:
    post(dashboard, "notices/1/seen")
    assert read(path, "SELECT event, seen FROM notices") == [("evt_2", 1), ("evt_4", 0)]


def test_another_site_can_neither_read_nor_act(
    dashboard: Dashboard, path: Path
) -> None:
    url = f"{dashboard.url}deliveries/2/resend"
    assert requests.post(url, timeout=60).status_code == 403
    crossed = ACT | {"Sec-Fetch-Site": "cross-site"}
    assert requests.post(url, headers=crossed, timeout=60).status_code == 403
    named = requests.get(
        f"{dashboard.url}".rsplit("/", 2)[0] + "/overview",
        headers={"Host": "evil.example"},
        timeout=60,
    )
    assert named.status_code == 403
    assert "open the whole address that the cell shows" in named.text
    assert added(path) == []


def test_a_file_that_lost_its_tables_is_reported_and_not_a_fault_of_the_kit(
    dashboard: Dashboard, path: Path
) -> None:
    path.write_bytes(b"")
    response = requests.get(f"{dashboard.url}overview", timeout=60)
    assert response.status_code == 503
    assert "the provider's file can't be used now" in response.text


def test_a_file_without_the_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="there is no file"):
        Dashboard(tmp_path / "none.db")
    with closing(sqlite3.connect(tmp_path / "other.db")) as db, db:
        db.execute("CREATE TABLE endpoints (id)")
    with pytest.raises(BadSetting, match="has no table 'events'"):
        Dashboard(tmp_path / "other.db")
    (tmp_path / "text.db").write_text("not a database" * 100)
    with pytest.raises(BadSetting, match="is not a SQLite file"):
        Dashboard(tmp_path / "text.db")


def test_a_cell_shows_the_page_and_a_browser_without_pages_the_endpoints(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert f'<iframe src="{dashboard.url}"' in dashboard._repr_html_()
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
    assert (dashboard.address or "").startswith("/user/ada/proxy/")
    dashboard.stop()
    assert "closed" in dashboard._repr_html_()
    dashboard.url = None
    assert dashboard._repr_html_() == (
        "<pre>ep_1  enabled  https://shop.example/hooks?token=(redacted)\n"
        "    delivered 1, pending 1, dead letters 2\n"
        "ep_2  disabled  https://old.example/hooks\n"
        "    delivered 0, pending 0, dead letters 0\n"
        "New notices: 2</pre>"
    )
