// Makes a picture with steps something to play with: step by step, forwards and
// backwards, by mouse and by keyboard. Without this script the picture is shown as it is.
//
// A picture stands in an element of the class `labkit-player`, with the facts of its
// steps as JSON: {"pool": texts, "items": [[title, [[label, text], …]], …]}, where all
// are places in the pool. An element of the picture with data-step="3" belongs to the
// fourth step; its part with data-mark is what a frame is drawn around.

(() => {
  const PACE = 900; // milliseconds a step, while it plays
  const LONGEST = 45_000; // and for all steps
  const FACTS = 256; // pixels for the facts beside a picture, and the space between

  function make(tag, settings = {}, ...inside) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(settings)) {
      if (name === "click") made.addEventListener("click", value);
      else made.setAttribute(name, value);
    }
    made.append(...inside);
    return made;
  }

  class Player {
    constructor(root) {
      this.root = root;
      this.noun = root.dataset.noun;
      const { pool, items } = JSON.parse(root.querySelector(".items").textContent);
      this.items = items.map(([title, facts]) => ({
        title: pool[title],
        facts: facts.map(([label, text]) => [pool[label], pool[text]]),
      }));
      this.picture = root.querySelector(".picture");
      this.svg = this.picture.querySelector("svg");
      this.parts = [...this.svg.querySelectorAll("[data-step]")];
      this.stops = this.parts.filter((part) => part.hasAttribute("tabindex"));
      this.at = null; // the step that was chosen; null shows all
      this.timer = null;
      this.build();
      this.listen();
      this.spread();
      this.rove(this.stops[0]);
      this.go(null);
    }

    build() {
      const button = (sign, label, click) => {
        const made = make("button", { type: "button", "aria-label": label, title: label, click }, sign);
        return made;
      };
      const last = this.items.length - 1;
      this.playing = button("▶", "Play", () => this.play());
      this.slider = make("input", {
        type: "range", min: 0, max: last + 1, value: last + 1, "aria-label": `${this.noun} shown`,
      });
      this.place = make("span", { class: "place" });
      this.tools = make(
        "div", { class: "tools", role: "group", "aria-label": `Go through the ${this.noun}s` },
        button("⇤", `First ${this.noun}`, () => this.go(0)),
        button("←", `One ${this.noun} back`, () => this.go(this.at === null ? last : Math.max(0, this.at - 1))),
        this.playing,
        button("→", `One ${this.noun} forward`, () => this.forward()),
        button("⇥", `All ${this.noun}s`, () => this.go(null)),
        this.slider, this.place,
      );
      if (this.root.dataset.zoom) {
        this.scale = 1;
        this.tools.append(
          button("−", "Zoom out", () => this.zoom(1 / 1.5)),
          button("+", "Zoom in", () => this.zoom(1.5)),
        );
      }
      this.panel = make("div", { class: "labkit-facts", role: "region", "aria-live": "polite", "aria-label": `Facts about a ${this.noun}` });
      // Where the picture would become small beside the facts, they are below it.
      const { width } = this.svg.viewBox.baseVal;
      const least = FACTS + Math.max(Math.min(600, width), 0.82 * width);
      new ResizeObserver(([{ contentRect }]) => {
        this.root.classList.toggle("narrow", contentRect.width < least);
      }).observe(this.root);
      this.unclip();
      this.root.prepend(this.tools);
      this.picture.after(this.panel);
    }

    // Let the facts stay in view while the page scrolls: JupyterLab's outputs are
    // scrolled by themselves, though they mostly have nothing to scroll.
    unclip() {
      if (this.root.closest(".jp-mod-outputsScrolled")) return;
      const edge = ".jp-WindowedPanel-outer, .jp-Notebook, body";
      for (let around = this.root.parentElement; around && !around.matches(edge); around = around.parentElement) {
        if (getComputedStyle(around).overflowY !== "visible") around.style.overflow = "clip";
      }
    }

    listen() {
      this.slider.addEventListener("input", () => {
        const value = Number(this.slider.value);
        this.go(value === this.items.length ? null : value);
      });
      const step = (event) => {
        const part = event.target.closest?.("[data-step]");
        return part && this.svg.contains(part) ? Number(part.dataset.step) : null;
      };
      this.tools.addEventListener("pointerdown", () => (this.byPointer = true));
      this.root.addEventListener("keydown", () => (this.byPointer = false), true);
      this.svg.addEventListener("pointerover", (event) => {
        if (step(event) !== null && !this.timer) this.show(step(event));
      });
      this.svg.addEventListener("pointerleave", () => this.show(this.at));
      // With a listener of its own for focus, an SVG would be a place to tab to.
      this.picture.addEventListener("focusin", (event) => {
        if (step(event) === null) return;
        this.show(step(event));
        this.rove(event.target.closest("[tabindex]"));
      });
      this.svg.addEventListener("click", (event) => step(event) !== null && this.go(step(event)));
      // The notebook around must not take the keys for its own.
      this.root.addEventListener("keydown", (event) => {
        const on = step(event);
        const ends = { Home: 0, End: this.items.length - 1 };
        if ((event.key === "Enter" || event.key === " ") && on !== null) this.go(on);
        else if (on !== null && event.key === "ArrowRight") this.focus(on + 1);
        else if (on !== null && event.key === "ArrowLeft") this.focus(on - 1);
        else if (on !== null && event.key in ends) this.focus(ends[event.key]);
        else if (event.key !== "Escape") {
          if (event.key !== "Tab") event.stopPropagation();
          return;
        } else if (on === null && this.at === null) this.leave();
        else this.go(null);
        event.preventDefault();
        event.stopPropagation();
      });
    }

    focus(step) {
      this.stops.find((part) => Number(part.dataset.step) === step)?.focus();
    }

    // Let Tab reach one step only; the arrow keys lead to the others.
    rove(stop) {
      for (const each of this.stops) each.setAttribute("tabindex", each === stop ? 0 : -1);
    }

    // Give the keys back to the notebook around.
    leave() {
      this.root.closest(".jp-Cell, div.cell")?.focus();
    }

    forward() {
      const next = this.at === null ? 0 : this.at + 1;
      this.go(next < this.items.length ? next : null);
    }

    // Make a step the present one: what comes later is dimmed.
    go(step) {
      this.at = step;
      this.slider.value = step === null ? this.items.length : step;
      const number = `${this.noun} ${step + 1} of ${this.items.length}`;
      this.place.textContent = step === null ? this.all() : number;
      this.slider.setAttribute("aria-valuetext", this.place.textContent);
      for (const part of this.parts) {
        part.classList.toggle("later", step !== null && Number(part.dataset.step) > step);
      }
      this.show(step);
      if (step === null) this.stop();
      else this.reach();
    }

    // Scroll a picture that is wider or higher than its frame to the present step.
    reach() {
      if (!this.mark) return;
      const [mark, frame] = [this.mark, this.picture].map((each) => each.getBoundingClientRect());
      for (const [start, end, size, scroll] of [
        ["left", "right", "width", "scrollLeft"],
        ["top", "bottom", "height", "scrollTop"],
      ]) {
        const isWithin = mark[start] >= frame[start] && mark[end] <= frame[end];
        if (isWithin || mark[size] > frame[size]) continue;
        this.picture[scroll] += mark[start] - frame[start] - (frame[size] - mark[size]) / 2;
      }
      this.uncover();
    }

    // Scroll the page to the present step, if the controls or the facts cover it. A button
    // under the pointer stays where it is.
    uncover() {
      if (!this.root.classList.contains("narrow")) return;
      const around = this.scroller();
      const { top, bottom } = this.mark.getBoundingClientRect();
      const tools = this.tools.getBoundingClientRect();
      const edge = around === document.scrollingElement ? 0 : around.getBoundingClientRect().top;
      if (this.byPointer && !this.timer && tools.top - edge > 4) return;
      const free = [edge + tools.height, this.panel.getBoundingClientRect().top];
      if (top >= Math.max(free[0], tools.bottom) && bottom <= free[1]) return;
      around.scrollBy(0, (top + bottom) / 2 - (free[0] + free[1]) / 2);
    }

    scroller() {
      for (let each = this.root.parentElement; each; each = each.parentElement) {
        const isScrolled = /auto|scroll/.test(getComputedStyle(each).overflowY);
        if (isScrolled && each.scrollHeight > each.clientHeight) return each;
      }
      return document.scrollingElement;
    }

    all() {
      const { length } = this.items;
      return length === 1 ? `1 ${this.noun}` : `all ${length} ${this.noun}s`;
    }

    // Show the facts of a step beside the picture, and where it is.
    show(step) {
      this.mark?.remove();
      this.panel.replaceChildren();
      if (step === null) {
        const hint = this.root.dataset.hint;
        if (hint) this.panel.append(make("p", { class: "hint" }, hint));
        return;
      }
      this.outline(step);
      const { title, facts } = this.items[step];
      const before = new Map(step ? this.items[step - 1].facts : []);
      this.panel.append(make("strong", {}, title));
      for (const [label, text] of facts) {
        const isNew = step > 0 && this.root.dataset.compare && before.get(label) !== text;
        this.panel.append(
          make("div", { class: "labkit-name" }, isNew ? `${label} (changed)` : label),
          make("pre", isNew ? { class: "changed" } : {}, text),
        );
      }
    }

    // Draw a frame around what belongs to a step, below everything else.
    outline(step) {
      const around = this.around(step);
      if (around) this.mark = this.below({ ...around, rx: 4, class: "labkit-mark" });
    }

    // Let a step be pointed at between its parts, too.
    spread() {
      const places = this.items.map((_, step) => [step, this.around(step)]).filter(([, place]) => place);
      // The last one drawn is at the bottom, so the smallest come first.
      places.sort(([, a], [, b]) => a.width * a.height - b.width * b.height);
      for (const [step, place] of places) this.below({ ...place, class: "labkit-area", "data-step": step });
    }

    around(step) {
      const parts = this.parts.filter((part) => Number(part.dataset.step) === step);
      const drawn = parts.map((part) => part.querySelector("[data-mark]") ?? part);
      const boxes = drawn.map((part) => part.getBBox()).filter((box) => box.width);
      if (!boxes.length) return null;
      const x = Math.min(...boxes.map((box) => box.x)) - 4;
      const y = Math.min(...boxes.map((box) => box.y)) - 3;
      const right = Math.max(...boxes.map((box) => box.x + box.width)) + 4;
      const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + 3;
      return { x, y, width: right - x, height: bottom - y };
    }

    below(shape) {
      const made = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      for (const [name, value] of Object.entries(shape)) made.setAttribute(name, value);
      const paper = this.svg.querySelector("rect");
      paper ? paper.after(made) : this.svg.prepend(made);
      return made;
    }

    play() {
      if (this.timer) return this.stop();
      this.playing.textContent = "❚❚";
      this.playing.setAttribute("aria-label", "Pause");
      if (this.at === null) this.go(0);
      this.timer = setInterval(() => (this.root.isConnected ? this.forward() : this.stop()), this.pace());
    }

    pace() {
      return Math.min(PACE, LONGEST / this.items.length);
    }

    stop() {
      clearInterval(this.timer);
      this.timer = null;
      this.playing.textContent = "▶";
      this.playing.setAttribute("aria-label", "Play");
    }

    zoom(by) {
      this.scale = Math.min(8, Math.max(1, this.scale * by));
      this.svg.style.width = this.scale === 1 ? "" : `${100 * this.scale}%`;
      this.svg.style.maxWidth = this.scale === 1 ? "" : "none";
      this.picture.classList.toggle("zoomed", this.scale > 1);
    }
  }

  for (const root of document.querySelectorAll(".labkit-player:not([data-ready])")) {
    root.dataset.ready = "";
    new Player(root);
  }
})();
