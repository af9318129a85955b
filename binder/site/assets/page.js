// Runs in the page before JupyterLab does. It starts Python while JupyterLab is still
// starting, because each takes seconds and they need different processors. When Python
// has started, it asks the service worker to keep the whole site for use without a
// network.
//
//   <script src="…/page.js" data-kernel="URL of the kernel's worker"
//           data-version="JupyterLite's version"></script>

(async () => {
  const { src, dataset } = document.currentScript;
  const kernel = new URL(dataset.kernel, location.href).href;

  new BroadcastChannel("webhook-lab").onmessage = async ({ data }) => {
    if (data === "python started" && navigator.serviceWorker) {
      (await navigator.serviceWorker.ready).active.postMessage("keep the site");
    }
  };

  // If the page is isolated, the kernel uses another worker, which starts as always.
  if (crossOriginIsolated) return;
  const Ordinary = window.Worker;
  let early;
  let asked = false;
  // The first kernel gets the worker that runs already; others get new ones.
  window.Worker = new Proxy(Ordinary, {
    construct(target, [url, options], made) {
      if (new URL(url, location.href).href === kernel && !asked) {
        asked = true;
        if (early) return early;
      }
      return Reflect.construct(target, [url, options], made);
    },
  });

  await underControl(new URL("service-worker.js?enableCache=false", src).href)
    .catch(console.warn);
  if (!asked) {
    early = new Ordinary(new URL("static/pyodide/early.mjs", src), { type: "module" });
  }

  // Wait until the service worker controls this page: a worker of the page is controlled
  // if the page was, and the kernel reaches its files through the service worker.
  async function underControl(script) {
    const { serviceWorker } = navigator;
    if (!serviceWorker) return;
    // Without this, JupyterLite removes service workers at the second visit, and needs
    // the network to get them back.
    localStorage.setItem(`${script}-version`, dataset.version);
    if (serviceWorker.controller) return;
    const changed = new Promise((resolve) => {
      serviceWorker.addEventListener("controllerchange", resolve, { once: true });
      setTimeout(resolve, 5_000); // after a forced reload there is no change
    });
    await serviceWorker.register(script); // as JupyterLite does later
    await changed;
  }
})();
