// Closes the file browser when a notebook is opened in a narrow window, in which it would
// leave too little room for the notebook. The icon at the left edge opens it again.
//
// The site must have "exposeAppInBrowser" in its jupyter-lite.json.

(async () => {
  const narrow = matchMedia("(max-width: 760px)");

  while (!window.jupyterapp) await new Promise((resolve) => setTimeout(resolve, 50));
  const { restored, shell } = window.jupyterapp;
  await restored; // before that, the layout of the last visit may come back

  function makeRoom() {
    const hasNotebook = shell.currentWidget?.node.matches(".jp-NotebookPanel");
    if (narrow.matches && hasNotebook && !shell.leftCollapsed) shell.collapseLeft();
  }

  shell.currentChanged.connect(makeRoom);
  // After it has opened the notebook that the address names, JupyterLab opens the file
  // browser, too. Later it does so only for the reader.
  shell.layoutModified.connect(makeRoom);
  const leave = ({ target, ctrlKey, metaKey }) => {
    const isForNotebook = target.closest?.(".jp-NotebookPanel") && !ctrlKey && !metaKey;
    if (!isForNotebook) shell.layoutModified.disconnect(makeRoom);
  };
  document.addEventListener("pointerdown", leave, true);
  document.addEventListener("keydown", leave, true);
  makeRoom();
})();
