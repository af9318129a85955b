"""The dashboard's page in a real browser, on a provider's tables."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit.dashboard import Dashboard
from tests.pages import Browser, axe_faults, placeholders
from tests.test_dashboard import NOW, added, fill, read


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "provider.db"
    fill(file)
    return file


@pytest.fixture
def dashboard(path: Path, browser: Browser) -> Iterator[Dashboard]:
    opened = Dashboard(path, now=lambda: NOW)
    browser.do(
        "await page.goto(url); await page.locator('#rows li').first().waitFor();",
        url=opened.url,
    )
    yield opened
    browser.do("await page.goto('about:blank');")
    opened.stop()


def choose(browser: Browser, number: int) -> str:
    """Click at a delivery and return what the other side then says."""
    shown: str = browser.do(
        "await page.locator(`li[data-number='${number}'] button`).click();"
        "await page.locator('#detail h2', {hasText: `#${number} `}).waitFor();"
        "return await page.locator('#detail').innerText();",
        number=number,
    )
    return shown


@pytest.mark.parametrize(
    ("width", "theme"),
    [
        (420, "dark"),
        (592, "light"),
        (1_200, "dark"),
        pytest.param(420, "light", marks=pytest.mark.full),
        pytest.param(592, "dark", marks=pytest.mark.full),
        pytest.param(1_200, "light", marks=pytest.mark.full),
    ],
)
def test_axe_finds_no_fault_at_three_widths_light_and_dark(
    width: int, theme: str, browser: Browser, dashboard: Dashboard
) -> None:
    browser.do(
        "await page.setViewportSize({width, height: 800});"
        "await page.emulateMedia({colorScheme: theme});"
        "await page.locator('#resend-all summary').click();"
        "await page.locator('#notices summary').click();",
        width=width,
        theme=theme,
    )
    choose(browser, 2)
    assert axe_faults(browser) == []
    if folder := os.environ.get("SCREENSHOTS"):
        shot = str(Path(folder) / f"dashboard-{width}-{theme}.png")
        browser.do("await page.screenshot({path: shot});", shot=shot)
    wide = browser.do(
        "return await page.evaluate(() => document.documentElement.scrollWidth);"
    )
    assert wide <= width


def test_each_delivery_is_shown_without_a_placeholder(
    browser: Browser, dashboard: Dashboard
) -> None:
    for number in (1, 2, 3, 4):
        text = choose(browser, number)
        assert f"#{number} evt_{number}" in text
        assert "Payload" in text
        whole = browser.do("return await page.locator('body').innerText();")
        assert placeholders(whole) == [], f"delivery {number}"


def test_a_click_resends_one_event_or_all_since_a_time(
    browser: Browser, dashboard: Dashboard, path: Path
) -> None:
    choose(browser, 2)
    browser.do("await page.getByRole('button', {name: 'Resend', exact: true}).click();")
    browser.do("await page.locator('#detail h2', {hasText: '#5 evt_2'}).waitFor();")
    assert [row[0] for row in added(path)] == ["evt_2"]
    browser.do(
        "await page.locator('#resend-all summary').click();"
        "await page.locator('#since').fill('1970-01-01T00:00:00');"
        "await page.getByRole('button', {name: 'Resend all'}).click();"
        "await page.getByText('1 event will be sent again').waitFor();"
    )
    assert [row[0] for row in added(path)] == ["evt_2", "evt_4"]


def test_a_click_enables_an_endpoint_and_marks_notices_as_seen(
    browser: Browser, dashboard: Dashboard, path: Path
) -> None:
    browser.do(
        "await page.getByRole('button', {name: 'Enable ep_2'}).click();"
        "await page.getByRole('button', {name: 'Disable ep_2'}).waitFor();"
        "await page.locator('#notices summary').click();"
        "await page.getByRole('button', {name: 'Mark as seen'}).click();"
        "await page.getByText('Notices: 0 new, 2 in all').waitFor();"
    )
    assert read(path, "SELECT enabled FROM endpoints WHERE id = 'ep_2'") == [(1,)]
    focused = browser.do("return await page.evaluate(() => document.activeElement.id);")
    assert focused in {"seen", ""}


def test_the_keyboard_moves_filters_and_resends(
    browser: Browser, dashboard: Dashboard, path: Path
) -> None:
    browser.do(
        "await page.locator('#rows button').first().focus();"
        "await page.keyboard.press('ArrowDown');"
        "await page.keyboard.press('ArrowDown');"
        "await page.locator('#detail h2', {hasText: '#2 '}).waitFor();"
        "await page.keyboard.press('r');"
        "await page.locator('#detail h2', {hasText: '#5 '}).waitFor();"
    )
    assert [row[0] for row in added(path)] == ["evt_2"]
    # A list that is drawn again while a row has the focus leaves it there.
    at = browser.do(
        "return await page.evaluate(() => "
        "document.activeElement.closest('li').dataset.number);"
    )
    assert at == "2"
    browser.do("await page.keyboard.press('/'); await page.keyboard.type('delivered');")
    shown = browser.do("return await page.locator('#rows li:visible').count();")
    assert shown == 1
