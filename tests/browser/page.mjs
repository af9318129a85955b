// A browser that does what a test says, one order a line.
//
//   node page.mjs '{"width": 1200, "height": 800}'
//
// Reads orders from standard input, one JSON line each: the body of an asynchronous
// function in JavaScript that finds in scope: `page`, `context`, `axe` (the source of
// axe-core), `lab` (the page as a notebook, see lab.mjs), `script` (which imports a file
// of this folder) and `renew` (which opens a new page, without what the last one kept).
// Answers each with one JSON line: {"value": …} or {"error": …}.
// What the page said on its console and what it asked of other hosts is kept in
// `said` and `asked`. Every wait ends in an error after `patience` milliseconds.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { Lab, openBrowser } from "./lab.mjs";

const { width = 1200, height = 800, patience = 10_000 } = JSON.parse(process.argv[2]);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");
const program = await openBrowser();
const script = (name) => import(`./${name}`);
let scope;

// One context for all pages: a context has a window of its own, whose controls take four
// times the processor time of a page.
const context = await program.newContext({ viewport: { width, height } });

async function renew() {
  const last = scope?.page;
  const page = await context.newPage();
  await last?.close();
  await forget(page);
  const said = [];
  const asked = [];
  page.setDefaultTimeout(patience);
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    said.push(`dialog: ${dialog.message()}`);
    dialog.type() === "beforeunload" ? dialog.accept() : dialog.dismiss();
  });
  page.on("request", (request) => asked.push(request.url()));
  const lab = new Lab(page);
  scope = { page, context, axe, said, asked, lab, renew, script };
}

// Remove what the pages before kept in the browser, and what they were allowed.
async function forget(page) {
  await context.unrouteAll();
  await context.clearPermissions();
  const session = await context.newCDPSession(page);
  const everything = { origin: "*", storageTypes: "all" };
  await session.send("Storage.clearDataForOrigin", everything);
  await session.detach();
}

await renew();
const AsyncFunction = (async () => {}).constructor;
for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const order = new AsyncFunction(...Object.keys(scope), JSON.parse(line));
    answer = { value: await order(...Object.values(scope)) };
  } catch (error) {
    answer = { error: String(error.stack ?? error) };
  }
  console.log(JSON.stringify(answer));
}
await program.close();
