// What the inspector and the dashboard of a provider have in common: elements, questions
// to the server, news, and a list that the keyboard moves through.

export const byId = (id) => document.getElementById(id);

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  // A part that is not there is null, and must not become a word on the page.
  element.append(...children.filter((child) => child !== null));
  return element;
}

export const scroll = (name, text) => make("pre", { tabindex: "0", role: "region", "aria-label": name }, text);

export async function ask(address, options) {
  const response = await fetch(address, options);
  if (!response.ok) {
    const text = await response.text();
    const said = new DOMParser().parseFromString(text, "text/html").querySelector("p");
    const words = said?.textContent ?? text.trim();
    throw new Error((words || `status ${response.status}`).slice(0, 200));
  }
  return response.json();
}

export function say(text) {
  byId("news").textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { byId("news").textContent = ""; }, 4000);
}

export function state(kind, words) {
  byId("state").dataset.kind = kind;
  byId("state").textContent = words;
}

// A list of rows, each with one button. `rows` maps numbers to rows, `chosen` returns the
// number of the chosen one, `choose` shows one, and `keys` has what further keys do.
export function moveThrough({ list, detail, rows, chosen, choose, keys }) {
  // Tab stops at one row only; the arrows lead on from there.
  function keepOneStop(row = null) {
    const stop = row ?? list.querySelector('li:not([hidden]) [tabindex="0"]')?.parentElement
      ?? list.querySelector("li:not([hidden])");
    for (const button of list.querySelectorAll('[tabindex="0"]')) {
      button.tabIndex = -1;
    }
    if (stop) {
      stop.firstElementChild.tabIndex = 0;
    }
  }

  function focusRow(row) {
    if (row) {
      keepOneStop(row);
      row.firstElementChild.focus();
    }
  }

  function neighbour(row, way) {
    let next = row;
    do {
      next = next?.[way];
    } while (next?.hidden);
    return next;
  }

  const moves = {
    ArrowDown: (row) => neighbour(row, "nextElementSibling"),
    ArrowUp: (row) => neighbour(row, "previousElementSibling"),
    Home: () => list.querySelector("li:not([hidden])"),
    End: () => [...list.querySelectorAll("li:not([hidden])")].at(-1),
  };

  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const row = event.target.closest("li");
    if (event.key in moves) {
      const next = moves[event.key](row);
      focusRow(next);
      if (next) {
        choose(Number(next.dataset.number));
      }
    } else if (event.key === "/") {
      byId("filter").focus();
    } else if (event.key in keys) {
      keys[event.key](Number(row.dataset.number));
    } else {
      return;
    }
    event.preventDefault();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.contains(event.target)) {
      const row = rows.get(chosen())?.element;
      focusRow(row && !row.hidden ? row : list.querySelector("li:not([hidden])"));
    }
  });

  list.addEventListener("click", async (event) => {
    const row = event.target.closest("li");
    if (row) {
      keepOneStop(row);
      await choose(Number(row.dataset.number));
      // A press of Enter has no place on the screen; a click has.
      if (event.detail === 0) {
        detail.querySelector("h2")?.focus();
      }
    }
  });

  return { keepOneStop, focusRow };
}
