// Runs in the page before JupyterLab does. It starts Python while JupyterLab is still
// starting, because each takes seconds and they need different processors. When Python
// has started, it asks the service worker to keep the whole site for use without a
// network.
//
//   <script src="…/page.js" data-kernel="URL of the kernel's worker"></script>

(() => {
  const { currentScript } = document;
  const kernel = new URL(currentScript.dataset.kernel, location.href).href;
  const early = new URL("static/pyodide/early.mjs", currentScript.src);

  new BroadcastChannel("webhook-lab").onmessage = async ({ data }) => {
    if (data === "python started" && "serviceWorker" in navigator) {
      (await navigator.serviceWorker.ready).active.postMessage("keep the site");
    }
  };

  // If the page is isolated, the kernel uses another worker, which starts as always.
  if (crossOriginIsolated) return;
  const Ordinary = window.Worker;
  let waiting = new Ordinary(early, { type: "module" });
  // The first kernel gets the worker that runs already; others get new ones.
  window.Worker = new Proxy(Ordinary, {
    construct(target, [url, options], made) {
      if (waiting && new URL(url, location.href).href === kernel) {
        const worker = waiting;
        waiting = undefined;
        return worker;
      }
      return Reflect.construct(target, [url, options], made);
    },
  });
})();
