// Starts Python for a kernel: `loadPyodide` as the kernel calls it, but if `startEarly`
// was called before, what has started already is used.

import { loadPyodide as load } from "./pyodide.mjs";

// What the kernel and the first cell of a lab import.
const FIRST = `
import piplite.piplite
import pyodide_kernel
import labkit.exercises.opening
`;

let early;
const sinks = { stdout: console.log, stderr: console.error };

// Load Python and every package of the lock, and import what is needed first.
export async function startEarly() {
  early = begin();
  await early;
}

export async function loadPyodide(options) {
  const { stdout, stderr } = options;
  if (early === undefined) return started(await load(options));
  Object.assign(sinks, { stdout, stderr });
  const python = early;
  early = undefined;
  return python;
}

async function begin() {
  const indexURL = new URL(".", import.meta.url).href;
  const lock = await (await fetch(new URL("pyodide-lock.json", indexURL))).json();
  const python = await load({
    indexURL,
    stdout: (text) => sinks.stdout(text),
    stderr: (text) => sinks.stderr(text),
    packages: Object.keys(lock.packages),
  });
  await python.runPythonAsync(FIRST);
  return started(python);
}

// The page waits for this before it has the site kept, which takes the network.
function started(python) {
  new BroadcastChannel("webhook-lab").postMessage("python started");
  return python;
}
