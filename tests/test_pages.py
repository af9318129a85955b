"""The browser of the tests: a new page begins as a new browser does."""

from flask import Flask

from labkit.receiver import Receiver
from tests.pages import Browser

KEEP = """
await page.setViewportSize({width: 300, height: 300});
await page.emulateMedia({media: "print", colorScheme: "dark"});
await context.grantPermissions(["clipboard-read"]);
await context.route("**/missing", (route) => route.fulfill({status: 200}));
await page.goto(url);
await page.evaluate(async () => {
  document.cookie = "kept=1";
  localStorage.kept = "1";
  await caches.open("kept");
  await new Promise((done) => { indexedDB.open("kept").onsuccess = done; });
});
"""
LOOK = """
await page.goto(url);
return await page.evaluate(async () => [
  document.cookie, localStorage.length, (await caches.keys()).length,
  (await indexedDB.databases()).length, (await fetch("missing")).status,
  (await navigator.permissions.query({name: "clipboard-read"})).state,
  innerWidth, matchMedia("print, (prefers-color-scheme: dark)").matches]);
"""
NEW = ["", 0, 0, 0, 404, "prompt", 1200, False]


def test_a_new_page_has_nothing_of_the_last_one(browser: Browser) -> None:
    app = Flask("site")
    app.get("/")(lambda: "<title>page</title>")
    with Receiver(app) as server:
        assert browser.do(LOOK, url=server.url) == NEW
        browser.do(KEEP, url=server.url)
        kept = browser.do(LOOK, url=server.url)
        assert [old for old, new in zip(kept, NEW, strict=True) if old == new] == []
        assert Browser.renewed(browser).do(LOOK, url=server.url) == NEW
        browser.do("await page.goto('about:blank');")
