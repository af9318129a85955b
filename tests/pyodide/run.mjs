// Runs the tests that are marked "pure" under Pyodide: Python as a browser has it.
//
//   node run.mjs REPOSITORY [pytest's arguments]
//
// Needs node_modules/ (npm install) and build/ (python wheels.py). Exits with
// pytest's own code.

import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { loadPyodide } from "pyodide";

const here = dirname(fileURLToPath(import.meta.url));
const build = join(here, "build");
const lock = join(build, "pyodide-lock.json");
const [repository, ...pytestArguments] = process.argv.slice(2);

async function runPytest() {
  const python = await loadPyodide({
    lockFileURL: lock,
    packageBaseUrl: build + "/",
    packageCacheDir: build + "/",
    packages: Object.keys(JSON.parse(readFileSync(lock)).packages),
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
