// A learner's way through notebooks of the built site, in one browser.
//
//   node site.mjs '{"site": FOLDER, "python": …, "labs": [{"notebook": …}, …]}'
//
// The folder is served by Python's http.server on loopback. Each notebook is opened and
// run from top to bottom. With "cell" and "answers" those are then typed into that cell,
// one after the other, and with "slider" that slider is moved by a key. Prints a line of
// JSON for each notebook: the milliseconds from the first request until it was "shown",
// until the "first" output stood there and until all was "done"; all "outputs", the
// "errors", the "verdicts" on the answers, the "slider" before and after, and the hosts
// that were "asked" for anything.
//
// The site must have "exposeAppInBrowser" and no windowing in its jupyter-lite.json.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { Lab, openBrowser } from "./lab.mjs";

const { site, python, labs } = JSON.parse(process.argv[2]);
const PATIENCE = 600_000;

const server = spawn(
  python,
  ["-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", site, "0"],
  { stdio: ["ignore", "pipe", "ignore"] },
);
const [greeting] = await once(server.stdout, "data");
const address = `http://127.0.0.1:${/port (\d+)/.exec(greeting)[1]}`;

async function open(program, notebook) {
  const context = await program.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const asked = new Set();
  context.on("request", (request) => asked.add(new URL(request.url()).host));
  await page.goto(`${address}/lab/index.html?path=${notebook}`);
  return { page, context, asked };
}

async function visit(program, { notebook, cell, answers = [], slider }) {
  const began = performance.now();
  const since = () => Math.round(performance.now() - began);
  const { page, context, asked } = await open(program, notebook);
  const lab = new Lab(page);
  await lab.shown();
  const shown = since();
  // Sooner than this, nobody would note what is to be run.
  await page.waitForFunction(
    () => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel,
  );
  const running = lab.runAll();
  running.catch(() => {}); // it is awaited below, unless something fails before
  await page.locator(".jp-OutputArea-output").first().waitFor();
  const first = since();
  await running;
  const done = since();
  const outputs = await lab.outputs();
  const errors = await lab.errors();
  await lab.photograph(notebook.replaceAll("/", "-"));
  const verdicts = [];
  for (const answer of answers) {
    await lab.type(cell, answer);
    await lab.run(cell);
    verdicts.push(await lab.output(cell));
  }
  const moved = slider ? await move(page, slider) : undefined;
  await context.close();
  return {
    notebook, shown, first, done, outputs, errors, verdicts,
    slider: moved, asked: [...asked],
  };
}

// Move the slider of that name one step by a key; return what its picture says before
// and after, once it says something else.
async function move(page, name) {
  const picture = page.locator(".jp-OutputArea svg[aria-label*='arrivals']").last();
  const before = await picture.getAttribute("aria-label");
  await page.locator(".widget-slider", { hasText: name }).first()
    .locator(".noUi-handle").focus();
  for (let step = 0; step < 4; step += 1) {
    await page.keyboard.press("ArrowRight");
  }
  await page.waitForFunction(
    (old) => {
      const all = document.querySelectorAll(".jp-OutputArea svg[aria-label*='arrivals']");
      const now = all[all.length - 1]?.getAttribute("aria-label");
      return now && now !== old;
    },
    before,
  );
  return { before, after: await picture.getAttribute("aria-label") };
}

const program = await openBrowser();
try {
  for (const lab of labs) {
    console.log(JSON.stringify(await visit(program, lab)));
  }
} finally {
  await program.close();
  server.kill();
}
