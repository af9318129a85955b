// A learner who visits the built site once, and comes back without a network.
//
//   node offline.mjs '{"site": FOLDER, "python": …, "notebook": …}'
//
// The first visit waits until the site says that it is kept. Then the server is stopped,
// the page is loaded again, twice, and the notebook is run. Prints a line of JSON: how
// many files were "kept", the "outputs" and "errors" of the last visit, whether the server
// was really "gone" then, and the "name" and the content of the "backup" that the link
// of backup() downloads.
//
// The site must have "exposeAppInBrowser" and no windowing in its jupyter-lite.json.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Lab, openBrowser } from "./lab.mjs";

const { site, python, notebook } = JSON.parse(process.argv[2]);
const PATIENCE = 600_000;
const BACKUP = "from labkit.exercises import backup\n\nbackup()";

const server = spawn(
  python,
  ["-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", site, "0"],
  { stdio: ["ignore", "pipe", "ignore"] },
);
const [greeting] = await once(server.stdout, "data");
const address = `http://127.0.0.1:${/port (\d+)/.exec(greeting)[1]}`;

const program = await openBrowser();
try {
  const page = await program.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(PATIENCE);
  await page.goto(`${address}/lab/index.html?path=${notebook}`);
  const kept = await page.evaluate(async (patience) => {
    for (const end = Date.now() + patience; Date.now() < end;) {
      for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        if (await cache.match("/complete")) return (await cache.keys()).length - 1;
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    return 0;
  }, PATIENCE);

  server.kill();
  await once(server, "exit");
  const gone = await fetch(address).then(() => false, () => true);
  const lab = new Lab(page);
  // Twice: what the second visit undid would be missed by the third.
  for (const _ of ["second", "third"]) {
    await page.reload();
    await lab.ready();
  }
  await lab.runAll();
  const answer = { kept, gone, outputs: await lab.outputs(), errors: await lab.errors() };
  await lab.type("environment()", BACKUP);
  await lab.run(BACKUP);
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: /^Download / }).click();
  const downloaded = await downloading;
  const backup = readFileSync(await downloaded.path(), "utf8");
  await lab.photograph("offline");
  console.log(JSON.stringify({ ...answer, name: downloaded.suggestedFilename(), backup }));
} finally {
  await program.close();
  server.kill();
}
