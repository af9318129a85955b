// Puts pictures that are images into the page itself, so that they have its colours. The
// image is what remains of an output in which scripts and SVG are forbidden.

for (const image of document.querySelectorAll("img.labkit-image")) {
  const made = document.createElement("template");
  const address = image.getAttribute("src");
  made.innerHTML = decodeURIComponent(address.slice(address.indexOf(",") + 1));
  image.replaceWith(made.content);
}

// A frame that scrolls its picture can be reached by keyboard.
for (const frame of document.querySelectorAll(":is(.labkit-frame, .labkit-player .picture):not([data-watched])")) {
  frame.dataset.watched = "";
  const watch = new ResizeObserver(() => {
    const isScrolled = frame.scrollWidth > frame.clientWidth || frame.scrollHeight > frame.clientHeight;
    isScrolled ? frame.setAttribute("tabindex", 0) : frame.removeAttribute("tabindex");
  });
  for (const each of [frame, ...frame.querySelectorAll("svg")]) watch.observe(each);
}
