// Runs the tests that are marked "pure" under Pyodide: Python as a browser has it.
//
//   node run.mjs REPOSITORY SHARE [pytest's arguments]
//
// SHARE is "1/1" for all of them, "1/2" and "2/2" for one half and the other.
// Needs pyodide in binder/site/node_modules (npm install) and the wheels in wheels/
// (binder/site/wheels.py). Exits with pytest's own code.

import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const wheels = join(here, "wheels");
const lock = join(wheels, "pyodide-lock.json");
const [repository, share, ...pytestArguments] = process.argv.slice(2);
const { loadPyodide } = await import(
  join(resolve(repository), "binder/site/node_modules/pyodide/pyodide.mjs")
);

// They complete what one types, and are slow to unpack.
const UNUSED = ["jedi", "parso"];

async function runPytest() {
  const python = await loadPyodide({
    stdLibURL: join(wheels, "python_stdlib.zip"),
    lockFileURL: lock,
    packageBaseUrl: wheels + "/",
    packageCacheDir: wheels + "/",
    packages: Object.keys(JSON.parse(readFileSync(lock)).packages)
      .filter((name) => !UNUSED.includes(name)),
  });
  python.mountNodeFS("/repository", resolve(repository));
  python.runPython(readFileSync(join(here, "pure.py"), "utf8"));
  return python.globals.get("main")(share, python.toPy(pytestArguments));
}

try {
  process.exit(await runPytest());
} catch (error) {
  // Left to itself, Node would print the minified line, which is 100 kB long.
  console.error(error.message ?? error);
  process.exit(1);
}
