// Finds text in the outputs of a page that is cut off, or that touches other text.
//
// `faults()` returns one line for each fault: the output's place, what is wrong, and the
// text. Text is cut off if it reaches beyond its output, or beyond an ancestor that hides
// or scrolls what has no room for it. Texts of a picture must be a little apart.
// `faults(true)` is for cells that are so narrow that pictures are scrolled sideways.

const SLACK = 1.5; // pixels by which boxes may reach over each other
const APART = 3; // pixels between two texts of a picture on one line

function faults(scrolls = false) {
  return [...document.querySelectorAll("[data-place]")].flatMap((output) => {
    const texts = [...visible(output)];
    const place = output.dataset.place;
    const found = [...cut(output, texts, scrolls), ...overlapping(texts)];
    return [...new Set(found.map(([what, text]) => `${place} ${what}: ${text}`))];
  });
}

function* visible(output) {
  const walker = document.createTreeWalker(output, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest("style, title, desc, script")) continue;
    if (!parent.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const svg = Boolean(parent.ownerSVGElement);
    for (const box of svg ? [parent.getBoundingClientRect()] : boxesOf(node)) {
      if (box.width > 0.5 && box.height > 0.5) yield { node, parent, box, svg };
    }
  }
}

// The boxes of a text's lines, without the blanks that a line may end with.
function boxesOf(node) {
  const range = document.createRange();
  range.selectNodeContents(node);
  const whole = range.getBoundingClientRect();
  const edge = node.parentElement.getBoundingClientRect();
  if (whole.right <= edge.right + SLACK) return [...range.getClientRects()];
  return [...node.data.matchAll(/\S+/g)].flatMap((word) => {
    range.setStart(node, word.index);
    range.setEnd(node, word.index + word[0].length);
    return [...range.getClientRects()];
  });
}

function* cut(output, texts, scrolls) {
  const outer = output.getBoundingClientRect();
  for (const { node, parent, box } of texts) {
    const said = node.data.trim().slice(0, 60);
    if (scrolls && parent.ownerSVGElement && whole(parent)) continue;
    if (box.right > outer.right + SLACK || box.left < outer.left - SLACK) {
      yield ["beyond its cell", said];
      continue;
    }
    for (let around = parent; around !== output; around = around.parentElement) {
      const style = getComputedStyle(around);
      if (style.overflowX === "visible" && style.overflowY === "visible") continue;
      const edge = around.getBoundingClientRect();
      if (box.right > edge.right + SLACK || box.bottom > edge.bottom + SLACK
        || box.left < edge.left - SLACK || box.top < edge.top - SLACK) {
        yield ["cut off", said];
        break;
      }
    }
  }
}

// Whether a text of a picture is within that picture, which its frame scrolls.
function whole(text) {
  const [box, picture] = [text, text.ownerSVGElement].map((each) => each.getBoundingClientRect());
  const frame = text.closest(".picture, .labkit-frame");
  return frame && getComputedStyle(frame).overflowX === "auto" && box.left >= picture.left
    && box.right <= picture.right + SLACK;
}

function* overlapping(texts) {
  const rows = [...texts].sort((a, b) => a.box.top - b.box.top);
  for (let i = 0; i < rows.length; i += 1) {
    const a = rows[i];
    for (let j = i + 1; j < rows.length && rows[j].box.top < a.box.bottom; j += 1) {
      const b = rows[j];
      if (a.node === b.node) continue;
      const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const tall = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
      // A line box is taller than its letters, so lines may share a third of it.
      const least = Math.min(a.box.height, b.box.height) / 3;
      const both = a.svg && b.svg ? -APART : SLACK;
      if (wide > both && tall > least) {
        yield ["touches other text", `${a.node.data.trim()} | ${b.node.data.trim()}`];
      }
    }
  }
}
