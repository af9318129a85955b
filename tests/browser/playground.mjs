// Turns a slider of the playground by keyboard, and returns what a learner sees.
//
//   await play(lab, 100)                    // a Lab whose notebook is open, and how
//                                           // many events it has
//
// The notebook has a cell with `playground(`, one with the comment `# by hand`, into
// which the line of code that is shown gets copied, and one with the comment `# blocks`,
// which keeps the kernel busy while the slider moves on. Returns {"before": …, "after": …,
// "byHand": …, "last": …, "sweep": …, "milliseconds": […], "errors": […]}: counts, line
// of code and the picture's account before, after and at last; the output of the line
// after; the text of a sweep; and how long the page took to follow each key.

//
//   await drag(lab, 500, 12)                // the same, and how many keys are pressed
//
// Presses the keys of the slider without waiting for the picture. Returns what the page
// and the kernel said to each other about the slider's position, in order: ["sent", 0.1]
// by the slider, and ["drawn", 0.1] with the picture of that position.

const COUNTS = ".jp-OutputArea [data-count]";

// While a slider moves, a slow machine draws fewer events: wait for all of them.
async function shown(page, events) {
  await page
    .locator(`.jp-OutputArea svg[aria-label^='${events} events']`).first()
    .waitFor();
  const counts = await page.locator(COUNTS).allInnerTexts();
  const account = await page
    .locator(".jp-OutputArea svg[aria-label*='arrivals']").first()
    .getAttribute("aria-label");
  const code = await page.locator("[data-code]").first().innerText();
  return { counts, account, code };
}

// Press a key, and wait until both picture and counts are others than before.
async function press(page, key) {
  await page.evaluate(() => {
    const area = document.querySelector("[data-count]").closest(".jp-OutputArea");
    const state = () => [
      area.querySelector("svg[aria-label*='arrivals']")?.getAttribute("aria-label"),
      [...area.querySelectorAll("[data-count]")].map((count) => count.innerText).join(),
    ];
    const [picture, counts] = state();
    let begun;
    window.followed = new Promise((done, fail) => {
      setTimeout(() => fail(new Error("nothing follows the key")), 30_000);
      const watch = new MutationObserver(() => {
        const now = state();
        if (begun && now[0] && now[0] !== picture && now[1] !== counts) {
          watch.disconnect();
          requestAnimationFrame(() => done(performance.now() - begun));
        }
      });
      watch.observe(area, { subtree: true, childList: true, characterData: true });
    });
    window.addEventListener("keydown", () => (begun = performance.now()), {
      once: true,
      capture: true,
    });
  });
  await page.keyboard.press(key);
  return page.evaluate(() => window.followed);
}

export async function play(lab, events) {
  const { page } = lab;
  await lab.runAll();
  const before = await shown(page, events);
  await lab.photograph("playground-before", "playground(");
  const slider = page
    .locator(".widget-slider", { hasText: "LoseResponse" })
    .locator(".noUi-handle");
  await slider.focus();
  const milliseconds = [];
  for (let step = 0; step < 4; step += 1) {
    milliseconds.push(Math.round(await press(page, "ArrowRight")));
  }
  const after = await shown(page, events);
  await lab.photograph("playground-after", "playground(");

  await lab.type("# by hand", `# by hand\n${after.code}`);
  await lab.run("# by hand");
  const byHand = await lab.output("# by hand");

  // While a cell blocks the kernel, the slider goes on.
  await page.locator(".jp-CodeCell", { hasText: "# blocks" }).locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+Enter");
  await slider.focus();
  for (let step = 0; step < 3; step += 1) {
    await page.keyboard.press("ArrowRight");
  }
  await page
    .locator("[data-code]", { hasText: "LoseResponse(probability=0.35)" })
    .waitFor();
  await lab.run("# by hand"); // the kernel is free again, and the last picture drawn
  const last = await shown(page, events);

  await page.getByLabel("in how many of 100 seeds").fill("7");
  await page.getByRole("button", { name: "Sweep 100 seeds" }).click();
  const table = page.locator(".jp-OutputArea pre", { hasText: "95% interval" });
  await table.waitFor();
  const sweep = await table.innerText();
  await lab.photograph("playground-swept", "playground(");

  const errors = await lab.errors();
  return { before, after, byHand, last, sweep, milliseconds, errors };
}

export async function drag(lab, events, keys) {
  const { page } = lab;
  await lab.runAll();
  await shown(page, events);
  await page.evaluate(() => {
    const said = (window.said = []);
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    kernel.anyMessage.connect((_kernel, { direction, msg }) => {
      const value = msg.header.msg_type === "comm_msg" && msg.content.data.state?.value;
      const drawn = /LoseResponse\(probability=([\d.]+)\)/.exec(value || "");
      if (direction === "send" && typeof value === "number") said.push(["sent", value]);
      if (direction === "recv" && drawn) said.push(["drawn", Number(drawn[1])]);
    });
  });
  const slider = page.locator(".widget-slider", { hasText: "LoseResponse" });
  await slider.locator(".noUi-handle").focus();
  for (let step = 0; step < keys; step += 1) await page.keyboard.press("ArrowRight");
  const percent = await slider.locator(".widget-readout").innerText();
  const last = Number((parseFloat(percent) / 100).toFixed(2));
  await page
    .locator("[data-code]", { hasText: `LoseResponse(probability=${last})` })
    .waitFor();
  await shown(page, events);
  return { said: await page.evaluate(() => window.said), last };
}
