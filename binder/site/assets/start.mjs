// Starts Python for a kernel: `loadPyodide` as the kernel calls it. Whatever the kernel
// wants to have loaded is in one archive beside this file, which is unpacked at once. If
// `startEarly` was called before, what has started already is used.

import { loadPyodide as load } from "./pyodide.mjs";

const ARCHIVE = "site-packages.bin"; // see bundle.py, which makes it
const SITE = "/lib/python3.14/site-packages/";

// What the kernel and the first cell of a lab import.
const FIRST = `
import importlib
importlib.invalidate_caches()
import piplite.piplite
import pyodide_kernel
import labkit.exercises.opening
`;

const sinks = { stdout: console.log, stderr: console.error };
let early;

// Start Python with everything in the archive, and import what is needed first.
export async function startEarly() {
  early = begin();
  await early;
}

export async function loadPyodide({ stdout, stderr }) {
  Object.assign(sinks, { stdout, stderr });
  const python = early ?? begin();
  early = undefined;
  return python;
}

async function begin() {
  const indexURL = new URL(".", import.meta.url).href;
  const archive = decompressed(new URL(ARCHIVE, indexURL)); // while Python starts
  const python = await load({
    indexURL,
    stdout: (text) => sinks.stdout(text),
    stderr: (text) => sinks.stderr(text),
  });
  unpack(await archive, python.FS);
  // The kernel asks for every package of the lock by its name.
  for (const name of Object.keys(python.lockfile.packages)) {
    python.loadedPackages[name] = ARCHIVE;
  }
  await python.runPythonAsync(FIRST);
  // The page waits for this before it has the site kept, which takes the network.
  new BroadcastChannel("webhook-lab").postMessage("python started");
  return python;
}

async function decompressed(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  const content = answer.body.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(content).arrayBuffer());
}

function unpack(archive, files) {
  let place = 4 + new DataView(archive.buffer).getUint32(0, true);
  const index = JSON.parse(new TextDecoder().decode(archive.subarray(4, place)));
  const made = new Set();
  for (const [path, size] of index) {
    const folder = SITE + path.slice(0, path.lastIndexOf("/") + 1);
    if (!made.has(folder)) files.mkdirTree(folder);
    made.add(folder);
    files.writeFile(SITE + path, archive.subarray(place, place + size), { canOwn: true });
    place += size;
  }
}
