// Compiles, inside Pyodide, what its start imports from the wheels of a folder and from
// its standard library, which is put beside them.
//
//   node compile.mjs FOLDER
//
// Needs pyodide in node_modules (npm install), and the folder's lock.

import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const runtime = join(here, "node_modules", "pyodide");
const { loadPyodide } = await import(join(runtime, "pyodide.mjs"));
const wheels = resolve(process.argv[2]);
const lock = join(wheels, "pyodide-lock.json");
const library = join(wheels, "python_stdlib.zip");

try {
  if (!existsSync(library)) {
    copyFileSync(join(runtime, "python_stdlib.zip"), library);
  }
  const python = await loadPyodide({
    stdLibURL: library,
    lockFileURL: lock,
    packageBaseUrl: wheels + "/",
    packageCacheDir: wheels + "/",
    packages: Object.keys(JSON.parse(readFileSync(lock)).packages),
    // The same bytes every time; and columns, which only some tracebacks mark, would
    // double them.
    env: { HOME: "/", PYTHONHASHSEED: "0", PYTHONNODEBUGRANGES: "1" },
  });
  python.mountNodeFS("/wheels", wheels);
  python.runPython(readFileSync(join(here, "compile.py"), "utf8"));
  python.globals.get("main")("/wheels");
  process.exit(0);
} catch (error) {
  // Left to itself, Node would print the minified line, which is 100 kB long.
  console.error(error.message ?? error);
  process.exit(1);
}
