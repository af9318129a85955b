// A learner's hands and eyes: a notebook in a real JupyterLab in a real Chromium.
//
//   const lab = new Lab(page);              // a page of Playwright's
//   await lab.open({ address, notebook });
//   await lab.runAll();                     // the menu: Run > Run All Cells
//   await lab.type("def greet", source);    // replaces the cell that holds the text
//   await lab.run("def greet");             // Ctrl+Enter in that cell
//   await lab.output("def greet");          // what is written below it
//   await lab.errors();                     // every traceback on the page
//   await lab.photograph("after");          // light and dark, if SCREENSHOTS is set
//
// A cell is found by a text that it contains and no other code cell does. The
// server must run with --LabApp.expose_app_in_browser=True and with the notebook's
// windowing mode "none", or cells out of sight are not on the page (outside.py does
// both). Every wait ends in an error after `patience` milliseconds.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

export async function openBrowser(browser = process.env.CHROMIUM) {
  return chromium.launch({
    executablePath: browser,
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
  });
}

export class Lab {
  constructor(page) {
    this.page = page;
  }

  // Open a notebook, and wait until its kernel answers.
  async open({
    address, // of the server, with its token: http://127.0.0.1:8888/lab?token=…
    notebook, // its path below the server's root folder
    patience = 60_000,
  }) {
    this.page.setDefaultTimeout(patience);
    await this.page.setViewportSize({ width: 1280, height: 900 });
    const url = new URL(address);
    url.pathname = `/lab/tree/${notebook}`;
    await this.page.goto(url.href);
    await this.ready();
  }

  // Wait until the notebook is shown and its kernel answers.
  async ready() {
    await this.shown();
    await this.#idle();
  }

  // Wait until the notebook is shown.
  async shown() {
    await this.page.locator(".jp-NotebookPanel .jp-Cell").first().waitFor();
    await this.#uncovered();
  }

  // Run every cell, and wait for the last one's end.
  async runAll() {
    await this.page.getByRole("menuitem", { name: "Run", exact: true }).click();
    await this.page.getByText("Run All Cells", { exact: true }).click();
    await this.allRun();
  }

  // Wait until every cell has run, or one has failed.
  async allRun() {
    // An error stops the cells after it, which then keep their empty prompt.
    await this.page.waitForFunction(() => {
      const cells = [...window.jupyterapp.shell.currentWidget.content.widgets]
        .filter((cell) => cell.model.type === "code" && cell.model.sharedModel.source);
      return cells.every((cell) => cell.model.executionCount)
        || document.querySelector('[data-mime-type="application/vnd.jupyter.error"]');
    });
    await this.#idle();
  }

  // Put `source` in place of all that stands in the cell that holds `text`.
  async type(text, source) {
    const number = await this.#number(text);
    const editor = this.#cell(number).locator(".cm-content");
    await editor.click();
    await this.page.keyboard.press("ControlOrMeta+a");
    await this.page.keyboard.insertText(source);
    const typed = await this.page.evaluate(
      (n) => window.jupyterapp.shell.currentWidget.content.widgets[n]
        .model.sharedModel.source,
      number,
    );
    if (typed !== source) {
      throw new Error(`cell ${number} holds ${JSON.stringify(typed)} after typing`);
    }
  }

  // Run the cell that holds `text`, and wait for its end.
  async run(text) {
    const number = await this.#number(text);
    const count = (n) => window.jupyterapp.shell.currentWidget.content.widgets[n]
      .model.executionCount;
    const before = await this.page.evaluate(count, number);
    await this.#cell(number).locator(".cm-content").click();
    await this.page.keyboard.press("ControlOrMeta+Enter");
    await this.page.waitForFunction(
      ([n, old]) => {
        const now = window.jupyterapp.shell.currentWidget.content.widgets[n]
          .model.executionCount;
        return now && now !== old;
      },
      [number, before],
    );
    await this.#idle();
  }

  // Return the text below the cell that holds `text`, as a reader sees it.
  async output(text) {
    const area = this.#cell(await this.#number(text)).locator(".jp-OutputArea").first();
    return (await area.count()) ? area.innerText() : "";
  }

  // Return the text below all cells, as a reader sees it.
  async outputs() {
    const areas = await this.page.locator(".jp-NotebookPanel .jp-OutputArea").all();
    return (await Promise.all(areas.map((area) => area.innerText()))).join("\n");
  }

  // Return the text of every traceback and every warning on the page.
  async errors() {
    const kinds = ["application/vnd.jupyter.error", "application/vnd.jupyter.stderr"];
    return this.page
      .locator(kinds.map((kind) => `[data-mime-type="${kind}"]`).join(", "))
      .allInnerTexts();
  }

  // Save name-light.png and name-dark.png of the cell that holds `text`, or of the
  // window, to the folder that the environment names SCREENSHOTS.
  async photograph(name, text) {
    const folder = process.env.SCREENSHOTS;
    if (!folder) {
      return;
    }
    mkdirSync(folder, { recursive: true });
    const subject = text ? this.#cell(await this.#number(text)) : this.page;
    for (const theme of ["Dark", "Light"]) {
      await this.page.evaluate(
        (wanted) => window.jupyterapp.commands.execute("apputils:change-theme", {
          theme: `JupyterLab ${wanted}`,
        }),
        theme,
      );
      await this.page
        .locator(`body[data-jp-theme-light="${theme === "Light"}"]`)
        .waitFor({ state: "attached" });
      await this.#uncovered();
      const path = join(folder, `${name}-${theme.toLowerCase()}.png`);
      await subject.screenshot({ path });
    }
  }

  #cell(number) {
    return this.page.locator(".jp-NotebookPanel .jp-Cell").nth(number);
  }

  async #number(text) {
    const found = await this.page.evaluate(
      (wanted) => window.jupyterapp.shell.currentWidget.content.widgets
        .map((cell, number) => [cell.model, number])
        .filter(([model]) => model.type === "code")
        .filter(([model]) => model.sharedModel.source.includes(wanted))
        .map(([, number]) => number),
      text,
    );
    if (found.length !== 1) {
      throw new Error(`${found.length} cells hold ${JSON.stringify(text)}`);
    }
    return found[0];
  }

  // JupyterLab covers itself while it starts and while it changes its theme.
  async #uncovered() {
    await this.page.locator("#jupyterlab-splash").waitFor({ state: "detached" });
  }

  // No cell waits or runs, and the kernel says that it is idle: an output can arrive
  // after the answer that ends a cell, but not after this.
  async #idle() {
    await this.page.waitForFunction(() => {
      const panel = window.jupyterapp?.shell.currentWidget;
      const prompts = [...document.querySelectorAll(".jp-InputPrompt")];
      return panel?.sessionContext?.session?.kernel?.status === "idle"
        && prompts.every((prompt) => !prompt.textContent.includes("*"));
    });
  }
}
