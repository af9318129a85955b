// Keeps the whole site, so that it works without a network after the first visit. The
// build writes the files and a digest of their content into it, so every build is a new
// service worker with a cache of its own.
//
// What a kernel asks of the page (its files, its input) goes to JupyterLite's service
// worker, which is loaded below.

(() => { // its names must not meet those of the other
  const FILES = ["FILES"];
  const CACHE = "webhook-lab DIGEST";
  const COMPLETE = "complete"; // an entry of the cache: all files are in it

  const ROOT = new URL(".", location.href);
  const KEPT = new Set(FILES.map((file) => new URL(file, ROOT).href));
  const ASKED_OF_THE_PAGE = /\/api\/(drive|stdin|service-worker-heartbeat)/;

  // JupyterLite's listeners, which come later, must not see what is handled here.
  addEventListener("install", (event) => {
    event.stopImmediatePropagation();
    if (registration.active) {
      // A new version: the old one is used until all of this one is here.
      event.waitUntil(keep());
    }
  });

  addEventListener("activate", (event) => {
    event.stopImmediatePropagation();
    event.waitUntil(Promise.all([clients.claim(), forgetOldVersions()]));
  });

  addEventListener("message", (event) => {
    if (event.data === "keep the site") event.waitUntil(keep());
  });

  addEventListener("fetch", (event) => {
    const url = new URL(event.request.url);
    const file = fileOf(url);
    if (event.request.method === "GET" && KEPT.has(file) && !ASKED_OF_THE_PAGE.test(url)) {
      event.stopImmediatePropagation();
      event.respondWith(answer(event.request, file));
    }
  });

  // Return the address of the file behind a request: without a query, with its index.
  function fileOf(url) {
    const { origin, pathname } = url;
    return origin + (pathname.endsWith("/") ? `${pathname}index.html` : pathname);
  }

  async function answer(request, file) {
    const cache = await caches.open(CACHE);
    // A part of one version and a part of another don't fit together.
    if (await cache.match(COMPLETE)) {
      const kept = await cache.match(file);
      if (kept) return kept;
    }
    return fetch(request);
  }

  async function keep() {
    const cache = await caches.open(CACHE);
    if (await cache.match(COMPLETE)) return;
    for (const file of KEPT) {
      if (!(await cache.match(file))) await cache.add(file);
    }
    await cache.put(COMPLETE, new Response("yes"));
  }

  async function forgetOldVersions() {
    for (const name of await caches.keys()) {
      if (name.startsWith("webhook-lab ") && name !== CACHE) await caches.delete(name);
    }
  }
})();

importScripts("service-worker-jupyterlite.js");
