// Runs a whole notebook, then tries answers in one of its cells, and prints what a
// learner would have read.
//
//   node answers.mjs '{"address": …, "notebook": …, "cell": …, "answers": […]}'
//
// `cell` is a text that only that cell contains; each answer must contain it too. Prints
// {"untouched": …, "errors": […], "verdicts": […]}: the cell's first output, every
// traceback on the page, and the output after each answer.

import { openNotebook } from "./lab.mjs";

const { address, notebook, cell, answers } = JSON.parse(process.argv[2]);
const name = notebook.replace(/\.ipynb$/, "").replaceAll("/", "-");
const lab = await openNotebook({ address, notebook });
try {
  await lab.photograph(`${name}-opened`);
  await lab.runAll();
  const untouched = await lab.output(cell);
  const errors = await lab.errors();
  await lab.photograph(`${name}-run`);
  const verdicts = [];
  for (const answer of answers) {
    await lab.type(cell, answer);
    await lab.run(cell);
    verdicts.push(await lab.output(cell));
    await lab.photograph(`${name}-answer-${verdicts.length}`, cell);
  }
  console.log(JSON.stringify({ untouched, errors, verdicts }));
} finally {
  await lab.close();
}
