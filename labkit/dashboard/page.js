// The dashboard: endpoints above, deliveries on the left, the chosen one on the right.
//
// Payloads and responses are foreign, so they go to the page as text, never as markup.
// The page asks every other second, and draws only what has changed.

import { ask, byId, make, moveThrough, say, scroll, state } from "./shared.js";

const POLL = 2000; // milliseconds between two questions

const list = byId("rows");
const detail = byId("detail");
const rows = new Map(); // number of the delivery -> { element, words, text, state }

let last = ""; // the overview as it was drawn
let notices = [];
let chosen = null;
let shown = ""; // the detail as it was drawn
let most = 0;

async function act(address, content, done) {
  try {
    const result = await ask(address, {
      method: "POST",
      headers: { "X-Dashboard": "act", "Content-Type": "application/json" },
      body: JSON.stringify(content),
    });
    await refresh();
    say(done(result));
    return result;
  } catch (error) {
    say(`That did not work: ${error.message}`);
    return null;
  }
}

// ---- what is new

async function refresh() {
  try {
    const got = await ask("overview");
    state("live", "live");
    const text = JSON.stringify(got);
    if (text !== last) {
      last = text;
      draw(got);
      if (chosen !== null && rows.has(chosen)) {
        await choose(chosen);
      }
    }
  } catch (error) {
    state("lost", `no answer (${error.message}); trying again`);
  }
}

async function poll() {
  for (;;) {
    await refresh();
    await new Promise((done) => { setTimeout(done, POLL); });
  }
}

function draw(got) {
  most = got.most;
  drawEndpoints(got.endpoints);
  drawNotices(got.notices);
  drawDeliveries(got.deliveries);
}

// ---- endpoints and notices

function drawEndpoints(endpoints) {
  const held = document.activeElement?.dataset?.endpoint;
  byId("endpoints").replaceChildren(...endpoints.map((one) => {
    const button = make("button", { type: "button", "aria-label": `${one.enabled ? "Disable" : "Enable"} ${one.id}` },
      one.enabled ? "Disable" : "Enable");
    button.dataset.endpoint = one.id;
    button.addEventListener("click", () => act("endpoint", { id: one.id, enabled: !one.enabled },
      () => `${one.id} is ${one.enabled ? "disabled" : "enabled"}`));
    return make("li", {},
      make("span", { class: "mono cut" }, `${one.id}  ${one.url}`),
      make("span", { class: "counts" },
        make("span", { class: one.enabled ? "good" : "warn" }, one.enabled ? "● enabled" : "○ disabled"),
        make("span", {}, `${one.delivered} delivered`),
        make("span", {}, `${one.pending} pending`),
        make("span", one.dead ? { class: "bad" } : {}, `${one.dead} dead letter${one.dead === 1 ? "" : "s"}`),
        one.failures ? make("span", {}, `${one.failures} failed in a row`) : null),
      button);
  }));
  byId("none").hidden = endpoints.length > 0;
  if (held) {
    byId("endpoints").querySelector(`[data-endpoint="${CSS.escape(held)}"]`)?.focus();
  }
  const to = byId("to");
  const wanted = to.value;
  to.replaceChildren(...endpoints.map((one) => make("option", { value: one.id }, `${one.id} ${one.url}`)));
  if (endpoints.some((one) => one.id === wanted)) {
    to.value = wanted;
  }
}

function drawNotices(all) {
  notices = all;
  const fresh = all.filter((one) => !one.seen).length;
  byId("notices-count").textContent = `Notices: ${fresh} new, ${all.length} in all`;
  byId("seen").disabled = !fresh;
  byId("notice-rows").replaceChildren(...all.map((one) => make("li", one.seen ? {} : { class: "new" },
    `${moment(one.at)}: ${one.event} was not delivered to ${one.endpoint}${one.seen ? "" : " (new)"}`)));
}

byId("seen").addEventListener("click", () => {
  if (notices.length) {
    act(`notices/${notices[0].number}/seen`, {}, () => "The notices are marked as seen");
  }
});

byId("resend-form").addEventListener("submit", (event) => {
  event.preventDefault();
  act("resend", {
    endpoint: byId("to").value,
    since: new Date(byId("since").value).getTime() / 1000,
    delivered_too: byId("delivered-too").checked,
  }, ({ count }) => `${count} event${count === 1 ? "" : "s"} will be sent again`);
});

// ---- the list of deliveries

const hue = (code) => (code === null ? "bad" : code < 300 ? "good" : code < 500 ? "warn" : "bad");
const sign = (code) => (code === null ? "!" : code < 300 ? "✓" : code < 400 ? "→" : code < 500 ? "✗" : "!");
const moment = (seconds) => new Date(seconds * 1000).toLocaleString([], { hour12: false });
const WORDS = { pending: "pending", delivered: "delivered", dead: "dead letter" };
const TONES = { pending: "warn", delivered: "good", dead: "bad" };

function drawDeliveries(deliveries) {
  const held = document.activeElement;
  const kept = new Set(deliveries.map((one) => one.number));
  for (const [number, row] of rows) {
    if (!kept.has(number)) {
      row.element.remove();
      rows.delete(number);
    }
  }
  let before = null;
  for (const one of deliveries) {
    const element = rowOf(one);
    const place = before ? before.nextElementSibling : list.firstElementChild;
    if (place !== element) {
      list.insertBefore(element, place);
    }
    before = element;
  }
  byId("empty").hidden = deliveries.length > 0;
  if (list.contains(held) && document.activeElement !== held) {
    held.focus();
  }
  filter();
}

function rowOf(one) {
  const text = JSON.stringify(one);
  const known = rows.get(one.number);
  if (known?.text === text) {
    return known.element;
  }
  const element = known?.element ?? make("li", {}, make("button", { type: "button", tabindex: "-1" }));
  element.dataset.number = one.number;
  const answer = !one.tried ? "not tried" : one.status === null ? "no response" : one.status;
  element.firstElementChild.replaceChildren(
    make("span", { class: "number small mono" }, `#${one.number}`),
    make("span", { class: "cut mono" }, `${one.type} ${one.event}`),
    make("span", { class: `status ${one.tried ? hue(one.status) : "small"}` }, one.tried ? `${sign(one.status)} ${answer}` : answer),
    make("span", { class: "row-foot small" },
      make("span", { class: TONES[one.state] ?? "" }, WORDS[one.state] ?? one.state),
      make("span", { class: "cut" }, `to ${one.endpoint}`),
      make("span", {}, `${one.made} attempt${one.made === 1 ? "" : "s"}`),
      make("span", { class: "at" }, moment(one.at ?? one.created))));
  const words = [`#${one.number}`, one.type, one.event, one.endpoint, WORDS[one.state] ?? one.state, answer];
  rows.set(one.number, { element, text, state: one.state, words: words.join(" ").toLowerCase() });
  return element;
}

function filter() {
  const wanted = byId("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const only = byId("only").value;
  let count = 0;
  for (const row of rows.values()) {
    const fits = (!only || row.state === only) && wanted.every((word) => row.words.includes(word));
    row.element.hidden = !fits;
    count += fits;
  }
  const all = rows.size;
  const named = `${all} ${all === 1 ? "delivery" : "deliveries"}`;
  const some = all === most ? `the newest ${named}` : named;
  byId("count").textContent = wanted.length || only ? `${count} of ${some}` : some;
  keepOneStop();
}

byId("filter").addEventListener("input", filter);
byId("only").addEventListener("change", filter);

// ---- the keyboard

const { keepOneStop } = moveThrough({
  list, detail, rows, choose, chosen: () => chosen, keys: { r: resend },
});

// ---- the chosen delivery

async function resend(number) {
  const result = await act(`deliveries/${number}/resend`, {},
    ({ number: added }) => `The event will be sent again, as delivery ${added}`);
  if (result) {
    await choose(result.number);
  }
}

async function choose(number) {
  rows.get(chosen)?.element.firstElementChild.removeAttribute("aria-current");
  const another = chosen !== number;
  chosen = number;
  rows.get(number)?.element.firstElementChild.setAttribute("aria-current", "true");
  try {
    const got = await ask(`deliveries/${number}`);
    const text = JSON.stringify(got);
    if (chosen === number && (another || text !== shown)) {
      shown = text;
      show(got);
      if (another) {
        detail.scrollTop = 0;
      }
    }
  } catch (error) {
    say(`Delivery ${number} can't be shown: ${error.message}`);
  }
}

function show(got) {
  const focused = detail.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const button = make("button", { type: "button", "data-key": "resend" }, "Resend");
  button.addEventListener("click", () => resend(got.number));
  button.disabled = got.state === "pending";
  const due = got.state === "pending" ? `, next attempt due ${moment(got.due)}` : "";
  const parts = [
    make("h2", { tabindex: "-1", class: "mono", "data-key": "title" }, `#${got.number} ${got.event}`),
    make("p", {}, make("span", { class: TONES[got.state] ?? "" }, WORDS[got.state] ?? got.state), due),
    make("p", { class: "small" }, `${got.type} · created ${moment(got.created)} · to ${got.endpoint} ${got.url}`),
    make("div", { class: "actions" }, button),
    make("h3", {}, "Attempts"),
    got.attempts.length ? attempts(got.attempts) : make("p", {}, "No attempt yet."),
    make("h3", {}, `Payload, ${got.size} bytes`),
    scroll("Payload", got.parsed ? got.parsed.text : got.raw.text),
    got.parsed?.note ? make("p", { class: "warn" }, got.parsed.note) : null,
    got.parsed ? make("details", {}, make("summary", {}, "The bytes as they are sent"), scroll("Bytes", got.raw.text)) : null,
  ];
  // A part that is not there is null, and must not become a word on the page.
  detail.replaceChildren(...parts.filter((part) => part !== null));
  // The focus stays where it was before the page was drawn again.
  detail.querySelector(`[data-key="${focused}"]`)?.focus();
}

function attempts(all) {
  const head = ["No.", "Time", "Status", "Response"];
  const kinds = ["narrow", "time", "code", ""];
  return make("table", { class: "attempts" },
    make("thead", {}, make("tr", {}, ...head.map((name, place) => make("th", { scope: "col", class: kinds[place] }, name)))),
    make("tbody", {}, ...all.map((one) => make("tr", {},
      make("td", {}, String(one.number)),
      make("td", {}, moment(one.at)),
      make("td", { class: hue(one.status) }, one.status === null ? `${sign(null)} ${one.phrase}` : `${sign(one.status)} ${one.status} ${one.phrase}`),
      make("td", { class: "mono" }, one.body || (one.status === null ? "" : "(empty)"))))));
}

// An hour ago by the provider's clock, as the input wants it: local and without a zone.
async function suggestTime() {
  const { now } = await ask("clock");
  const then = new Date((now - 3600) * 1000);
  const local = new Date(then.getTime() - then.getTimezoneOffset() * 60_000);
  byId("since").value = local.toISOString().slice(0, 19);
}

suggestTime();
poll();
