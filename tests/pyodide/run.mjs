// Runs the tests that are marked "pure" under Pyodide: Python as a browser has it.
//
//   node run.mjs REPOSITORY [pytest's arguments]
//
// Needs pyodide in binder/site/node_modules (npm install) and the wheels in wheels/
// (binder/site/wheels.py). Exits with pytest's own code.

import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const wheels = join(here, "wheels");
const [repository, ...pytestArguments] = process.argv.slice(2);
const { loadPyodide } = await import(
  join(resolve(repository), "binder/site/node_modules/pyodide/pyodide.mjs")
);

// Widgets, and what completes and colours a cell: no pure test needs them, and they
// are slow to unpack.
const UNUSED = [
  "asttokens", "comm", "executing", "ipython", "ipython-pygments-lexers", "ipywidgets",
  "jedi", "matplotlib-inline", "parso", "prompt-toolkit", "pure-eval", "stack-data",
  "traitlets", "wcwidth",
];

// Return the lock without them.
function reduced() {
  const { packages, ...lock } = JSON.parse(readFileSync(join(wheels, "pyodide-lock.json")));
  const wanted = Object.values(packages).filter(({ name }) => !UNUSED.includes(name));
  for (const entry of wanted) {
    entry.depends = entry.depends.filter((name) => !UNUSED.includes(name));
  }
  return { ...lock, packages: Object.fromEntries(wanted.map((e) => [e.name, e])) };
}

async function runPytest() {
  const lock = reduced();
  const python = await loadPyodide({
    stdLibURL: join(wheels, "python_stdlib.zip"),
    lockFileContents: JSON.stringify(lock),
    packageBaseUrl: wheels + "/",
    packageCacheDir: wheels + "/",
    packages: Object.keys(lock.packages),
  });
  python.mountNodeFS("/repository", resolve(repository));
  python.runPython(readFileSync(join(here, "pure.py"), "utf8"));
  return python.globals.get("main")(python.toPy(pytestArguments));
}

try {
  process.exit(await runPytest());
} catch (error) {
  // Left to itself, Node would print the minified line, which is 100 kB long.
  console.error(error.message ?? error);
  process.exit(1);
}
