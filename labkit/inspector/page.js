// The inspector: the list of requests on the left, the chosen one on the right.
//
// Whatever was received is foreign, so it goes to the page as text and never as markup.
// New requests come by server-sent events; where no stream is to be had, by asking.

import { ask, byId, make, moveThrough, say, scroll, state } from "./shared.js";
import { comparison, editor, followTheme, group, prepare, returned } from "./tools.js";

const KEPT = 1000; // rows, as many as the inbox itself keeps
const POLL = 2000; // milliseconds between two questions without a stream

const list = byId("rows");
const detail = byId("detail");
const rows = new Map(); // number -> { element, words }

let last = 0; // the highest number that has come
let incoming = []; // rows that are not drawn yet
let drawing = null;
let paused = false;
let wanted = []; // the words of the filter
let chosen = null;
let source = null;
let showPlanned = () => {};

// ---- the stream

function listen() {
  source?.close();
  source = new EventSource(`events?after=${last}`);
  source.onopen = () => state("live", "live");
  source.addEventListener("rows", (event) => take(JSON.parse(event.data)));
  source.addEventListener("farewell", () => { source.close(); poll(); });
  source.onerror = () => {
    state("lost", "the receiver does not respond; trying again");
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(listen, POLL);
    }
  };
}

// Too many pages share the streams: ask, until this page is looked at anew.
async function poll() {
  const mine = source;
  while (source === mine) {
    try {
      take(await ask(`rows?after=${last}`));
      state("live", "live, every 2 seconds");
    } catch {
      state("lost", "the receiver does not respond; trying again");
    }
    await new Promise((done) => { setTimeout(done, POLL); });
  }
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && source.readyState === EventSource.CLOSED) {
    listen();
  }
});

// ---- the list

function take(batch) {
  const fresh = batch.rows.filter((row) => row.number > last);
  last = Math.max(last, batch.last);
  incoming = [...incoming, ...fresh].slice(-KEPT);
  if (fresh.some((row) => row.planned)) {
    ask("about").then(({ planned }) => showPlanned(planned)).catch(() => {});
  }
  // Gathered for a tenth of a second, and in a hidden page too.
  drawing ??= setTimeout(draw, 100);
}

function draw() {
  drawing = null;
  if (!paused && incoming.length) {
    const held = document.activeElement;
    list.prepend(...incoming.map(rowOf).reverse());
    incoming = [];
    while (rows.size > KEPT) {
      const oldest = rows.keys().next().value;
      rows.get(oldest).element.remove();
      rows.delete(oldest);
    }
    if (held !== document.body && !held.isConnected) {
      focusRow(list.firstElementChild);
    }
    keepOneStop();
  }
  count();
}

function rowOf(row) {
  const button = make("button", { type: "button", tabindex: "-1" },
    make("span", { class: "number small mono" }, `#${row.number}`),
    make("span", { class: "cut mono" }, `${row.method} ${row.target}`),
    make("span", { class: `status ${hue(row.status)}` }, `${sign(row.status)} ${row.status}`),
    make("span", { class: "row-foot small" },
      make("span", { class: "cut" }, row.subject || `${row.size} bytes`),
      row.scheme ? make("span", { class: tone(row.signature) }, row.signature) : null,
      row.error ? make("span", { class: "bad cut" }, row.error) : null,
      row.resend_of ? make("span", {}, `#${row.resend_of} again`) : null,
      row.planned ? make("span", {}, "planned") : null,
      row.event ? make("span", { class: "cut mono event" }, row.event) : null,
      make("span", { class: "at" }, clock(row.at))));
  const element = make("li", {}, button);
  element.dataset.number = row.number;
  const words = ["#" + row.number, row.method, row.target, row.status, row.subject,
    row.scheme, row.signature, row.error, row.resend_of ? "resent again" : "",
    row.planned ? "planned" : "", row.event, row.text];
  const { number, event } = row;
  const kept = { element, number, event, words: words.join(" ").toLowerCase() };
  rows.set(row.number, kept);
  element.hidden = !fits(kept);
  return element;
}

const hue = (status) => (status < 300 ? "good" : status < 500 ? "warn" : "bad");
const sign = (status) => (status < 300 ? "✓" : status < 400 ? "→" : status < 500 ? "✗" : "!");
const tone = (outcome) => (
  { authentic: "good", "not checked": "small" }[outcome] ?? "bad"
);
const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString([], { hour12: false });

function fits(row) {
  return wanted.every((word) => row.words.includes(word));
}

function count() {
  const all = rows.size;
  const shown = list.querySelectorAll("li:not([hidden])").length;
  const waiting = paused && incoming.length ? `, ${incoming.length} waiting` : "";
  const some = `${all} request${all === 1 ? "" : "s"}`;
  byId("count").textContent = (wanted.length ? `${shown} of ${some}` : some) + waiting;
  byId("empty").hidden = all > 0;
}

byId("filter").addEventListener("input", (event) => {
  wanted = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of rows.values()) {
    row.element.hidden = !fits(row);
  }
  keepOneStop();
  count();
});

byId("pause").addEventListener("click", (event) => {
  paused = !paused;
  event.target.setAttribute("aria-pressed", paused);
  draw();
});

// ---- the keyboard

const { keepOneStop, focusRow } = moveThrough({
  list, detail, rows, choose, chosen: () => chosen, keys: { r: resend, c: copyCurl },
});

// ---- the chosen request

async function choose(number) {
  rows.get(chosen)?.element.firstElementChild.removeAttribute("aria-current");
  chosen = number;
  rows.get(number)?.element.firstElementChild.setAttribute("aria-current", "true");
  try {
    const got = await ask(`requests/${number}`);
    if (chosen === number) {
      show(got);
    }
  } catch (error) {
    say(`Request ${number} can't be shown: ${error.message}`);
  }
}

function show(got) {
  const link = make("a", { class: "button", href: `requests/${got.number}/body`, download: "body" }, "Download body");
  detail.replaceChildren(
    make("h2", { tabindex: "-1", class: "mono" }, `#${got.number} ${got.method} ${got.target}`),
    make("p", { class: "small" }, [
      new Date(got.at * 1000).toLocaleString(), `${got.size} bytes`, got.subject,
      got.resend_of ? `request ${got.resend_of} sent again` : "",
    ].filter(Boolean).join(" · ")),
    make("div", { class: "actions" },
      action("Resend", () => resend(got.number)),
      action("Copy as curl", () => copyCurl(got.number)),
      got.size ? link : null),
    ...answer(got),
    ...returned(got),
    ...group(got, rows, choose),
    ...signature(got.finding),
    ...(got.parsed ? section(`Payload, ${got.parsed.kind}`, scroll("Payload", got.parsed.text),
      got.parsed.note ? make("p", { class: "warn" }, got.parsed.note) : null) : []),
    ...body(got.raw),
    ...section("Headers", make("table", {}, make("tbody", {},
      ...got.headers.map(([name, value]) => make("tr", {},
        make("th", { scope: "row" }, name), make("td", { class: "mono" }, value)))))),
    make("details", { class: "curl" }, make("summary", {}, "As a curl command"), scroll("Command", got.curl)),
    editor(got, say) ?? "",
    comparison(got, say));
  detail.scrollTop = 0;
}

// A part that is not there is null, and must not become a word on the page.
const section = (title, ...parts) => [make("h3", {}, title), ...parts.filter((part) => part !== null)];

function action(name, act) {
  const button = make("button", { type: "button" }, name);
  button.addEventListener("click", act);
  return button;
}

function answer(got) {
  const parts = [make("p", { class: "answer" },
    make("span", { class: `status ${hue(got.status)}` }, `${sign(got.status)} ${got.status} ${got.phrase}`),
    ` after ${got.ms} ms`)];
  if (got.note) {
    parts.push(make("p", { class: "note" }, got.note));
  }
  if (got.failure) {
    const { type, message, lines } = got.failure;
    parts.push(make("p", { class: "bad" }, message ? `${type}: ${message}` : type));
    if (lines.length) {
      parts.push(scroll("Your code", lines.join("\n")));
    }
  }
  if (got.printed.trim()) {
    parts.push(make("p", { class: "small" }, "Your code printed:"), scroll("Printed", got.printed));
  }
  return section("Response", ...parts);
}

function signature(finding) {
  const mark = { authentic: "✓", "not checked": "○" }[finding.outcome] ?? "✗";
  const title = [finding.outcome, finding.reason].filter(Boolean).join(": ");
  const parts = [
    make("p", {}, make("span", { class: `verdict ${tone(finding.outcome)}` }, `${mark} ${title}`),
      finding.scheme ? `, by the scheme ${finding.scheme}` : ""),
    make("p", {}, finding.why),
  ];
  if (finding.given) {
    const at = finding.differs_at;
    const pairs = [[finding.header, null], ["given", split(finding.given, at)]];
    if (at !== null) {
      pairs.push(["expected", split(finding.expected, at)]);
    }
    parts.push(compare(pairs));
  }
  if (finding.body) {
    const { at, lead, signed, arrived } = finding.body;
    parts.push(make("p", { class: "small" }, `The bodies differ from byte ${at} on:`),
      compare([["signed", split(signed, lead)], ["arrived", split(arrived, lead)]]));
  }
  if (finding.covers && finding.outcome !== "authentic") {
    parts.push(make("p", { class: "small" }, finding.covers));
  }
  return section("Signature", ...parts);
}

// The part from which two texts differ is underlined, not only coloured.
function split(text, at) {
  return at === null ? [text] : [text.slice(0, at), make("mark", {}, text.slice(at) || " ")];
}

function compare(pairs) {
  return make("dl", { class: "compare" }, ...pairs.flatMap(([name, parts]) => (
    parts ? [make("dt", {}, name), make("dd", { class: "mono" }, ...parts)]
      : [make("dt", {}, "header"), make("dd", { class: "mono" }, name)])));
}

function body(raw) {
  if (!raw.text) {
    return section("Raw body", make("p", { class: "small" }, "It is empty."));
  }
  const more = raw.left_out ? `${raw.left_out} more bytes are not shown; download the body to see them.` : "";
  return section(raw.kind === "text" ? "Raw body" : "Raw body, bytes in hex",
    scroll("Raw body", raw.text), more ? make("p", { class: "small" }, more) : null);
}

async function resend(number) {
  try {
    const { status } = await ask(`requests/${number}/resend`, {
      method: "POST", headers: { "X-Inspector": "resend" },
    });
    say(`Request ${number} was sent to the app again; it returned ${status}.`);
  } catch (error) {
    say(`Request ${number} was not sent again: ${error.message}`);
  }
}

async function copyCurl(number) {
  try {
    const { curl } = await ask(`requests/${number}`);
    await navigator.clipboard.writeText(curl);
    say(`Request ${number} was copied as a curl command.`);
  } catch {
    await choose(number);
    const command = detail.querySelector("details.curl");
    command.open = true;
    getSelection().selectAllChildren(command.querySelector("pre"));
    say("The browser blocked access to the clipboard. The command is selected; copy it with Ctrl+C (Cmd+C on a Mac).");
  }
}

followTheme();
const about = await ask("about");
byId("url").textContent = about.url;
showPlanned = prepare(about, say);
listen();
