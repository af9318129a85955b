// What the page does beside showing requests: plan responses, send a test event, replay a
// session, edit a request, and compare two.

import { ask, byId, make } from "./shared.js";

const order = (what, address, content) => ask(address, {
  method: "POST", headers: { "X-Inspector": what }, body: content,
});

// The page around the frame tells its theme in the address.
export function followTheme() {
  const paint = () => {
    const theme = new URLSearchParams(location.hash.slice(1)).get("theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  };
  addEventListener("hashchange", paint);
  paint();
}

export function prepare(about, say) {
  for (const name of about.schemes) byId("scheme").append(make("option", {}, name));
  const planned = (count) => {
    byId("planned").textContent = count ? `${count} planned` : "";
  };
  planned(about.planned);
  const attempt = async (failed, act) => {
    try {
      say(await act());
    } catch (error) {
      say(`${failed}: ${error.message}`);
    }
  };
  byId("plan").addEventListener("click", () => attempt("Nothing was planned", async () => {
    const content = { statuses: byId("statuses").value, delay: byId("delay").value, body: byId("planned-body").value };
    const { planned: count } = await order("plan", "plan", JSON.stringify(content));
    planned(count);
    if (!count) return "No responses are planned; the app responds.";
    const next = count === 1 ? "The next response is" : `The next ${count} responses are`;
    return `${next} planned; after that, the app responds again.`;
  }));
  byId("test").addEventListener("click", () => attempt("No event was sent", async () => {
    const content = { scheme: byId("scheme").value, path: byId("path").value };
    const { status, known } = await order("test", "test", JSON.stringify(content));
    const key = known ? "your secret" : "a new secret, which your app does not know";
    return `The app returned ${status}. The event is signed with ${key}.`;
  }));
  byId("replay").addEventListener("change", (event) => attempt("The session was not replayed", async () => {
    const [file] = event.target.files;
    const { sent, acknowledged } = await order("replay", "replay", await file.text());
    event.target.value = "";
    const requests = sent === 1 ? "1 request was" : `${sent} requests were`;
    return `${requests} sent to the app; it acknowledged ${acknowledged}.`;
  }));
  return planned;
}

// ---- parts of the chosen request

const section = (title, ...parts) => [make("h3", {}, title), ...parts.filter((part) => part !== null)];
const scroll = (name, text) => make("pre", { tabindex: "0", role: "region", "aria-label": name }, text);

function action(name, act) {
  const button = make("button", { type: "button" }, name);
  button.addEventListener("click", act);
  return button;
}

// What the app sent back: headers, and the beginning of the body.
export function returned(got) {
  const { returned: sent, planned } = got;
  if (!sent) return [];
  const text = sent.parsed?.text || sent.raw.text;
  const said = planned ? "The inspector returned this as planned; the app was not called." : null;
  const label = text ? "Body of the response:" : "The body of the response is empty.";
  const folded = make("details", {}, make("summary", {}, "Headers of the response"),
    scroll("Headers of the response", sent.headers.map(([name, value]) => `${name}: ${value}`).join("\n")));
  return [
    said && make("p", { class: "note" }, said),
    make("p", { class: "small" }, label),
    text && scroll("Body of the response", text),
    folded,
  ].filter(Boolean);
}

// The other attempts at the same event, as far as the list has them.
export function group(got, rows, choose) {
  if (!got.event) return [];
  const numbers = [...rows.values()].filter((row) => row.event === got.event).map((row) => row.number);
  const links = numbers.sort((a, b) => a - b).map((number) => {
    const button = action(`#${number}`, () => choose(number));
    if (number === got.number) button.setAttribute("aria-current", "true");
    return button;
  });
  const place = numbers.indexOf(got.number) + 1;
  return section(`Event ${got.event}, request ${place} of ${numbers.length}`,
    make("div", { class: "actions" }, ...links));
}

export function editor(got, say) {
  if (got.raw.kind !== "text" || got.raw.left_out) return null;
  const field = (label, value, rows) => {
    const input = make(rows ? "textarea" : "input", rows ? { rows, spellcheck: "false" } : { spellcheck: "false" });
    input.value = value;
    return [make("label", {}, label, input), input];
  };
  const [first, line] = field("Method and path", `${got.method} ${got.target}`);
  const [second, headers] = field("Headers", got.headers.map(([name, value]) => `${name}: ${value}`).join("\n"), 6);
  const [third, content] = field("Body", got.raw.text, 8);
  const send = action("Send edited request", async () => {
    const [method, ...path] = line.value.trim().split(" ");
    const pairs = headers.value.split("\n").filter((each) => each.includes(":")).map((each) => {
      const at = each.indexOf(":");
      return [each.slice(0, at).trim(), each.slice(at + 1).trim()];
    }).filter(([name]) => name.toLowerCase() !== "content-length");
    try {
      const asked = { method, path: path.join(" "), headers: pairs, body: content.value };
      const { status } = await order("resend", `requests/${got.number}/edited`, JSON.stringify(asked));
      say(`The edited request was sent; the app returned ${status}.`);
    } catch (error) {
      say(`The edited request was not sent: ${error.message}`);
    }
  });
  return make("details", { class: "editor" }, make("summary", {}, "Edit and resend"), first, second, third, send);
}

// Two requests side by side; what differs is marked.
export function comparison(got, say) {
  const number = make("input", { type: "number", min: 1, "aria-label": "Number of the other request" });
  const result = make("div");
  const button = action("Compare", async () => {
    try {
      result.replaceChildren(table(got, await ask(`requests/${Number(number.value)}`)));
    } catch (error) {
      say(`Request ${number.value} can't be compared: ${error.message}`);
    }
  });
  return make("details", { class: "comparison" }, make("summary", {}, "Compare with another request"),
    make("div", { class: "actions" }, make("span", {}, "#"), number, button), result);
}

function table(one, other) {
  const lines = (got) => [
    ["request", `${got.method} ${got.target}`], ["status", `${got.status}`], ["signature", got.signature],
    ...got.headers.map(([name, value]) => [name.toLowerCase(), value]),
    ...(got.parsed?.text || got.raw.text).split("\n").map((text, at) => [`body ${at + 1}`, text]),
  ];
  const [left, right] = [new Map(lines(one)), new Map(lines(other))];
  const names = [...new Set([...left.keys(), ...right.keys()])];
  const cell = (text, differs) => make("td", { class: "mono" },
    differs && text !== undefined ? make("mark", {}, text || " ") : text ?? "");
  const rows = names.map((name) => {
    const [a, b] = [left.get(name), right.get(name)];
    return make("tr", {}, make("th", { scope: "row" }, name), cell(a, a !== b), cell(b, a !== b));
  });
  const heads = make("tr", {}, make("td"), make("th", { scope: "col" }, `#${one.number}`), make("th", { scope: "col" }, `#${other.number}`));
  const same = names.every((name) => left.get(name) === right.get(name));
  return make("div", {}, make("p", { class: "small" }, same ? "They are equal." : "What differs is underlined."),
    make("table", { class: "two" }, make("thead", {}, heads), make("tbody", {}, ...rows)));
}
