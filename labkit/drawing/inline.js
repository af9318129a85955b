// Puts pictures that are images into the page itself, so that they have its colours. The
// image is what remains of an output in which scripts and SVG are forbidden.

for (const image of document.querySelectorAll("img.labkit-image")) {
  const made = document.createElement("template");
  const address = image.getAttribute("src");
  made.innerHTML = decodeURIComponent(address.slice(address.indexOf(",") + 1));
  image.replaceWith(made.content);
}
