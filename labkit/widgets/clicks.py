"""Buttons below a result: for hints, predictions, and questions about the code.

They need ipywidgets. Without it a learner calls `hint` and types a letter.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets

from labkit.drawing import theme
from labkit.drawing.markup import with_code
from labkit.drawing.palette import PAGE

_OWN = ".labkit-clicks"
_PALETTE = PAGE.chosen(
    **{name: name for name in ("ink", "passed", "passed-bg", "warning", "warning-bg")}
)
_STYLE = "".join(theme.in_cell(_OWN, _PALETTE, {})) + (
    f"{_OWN} div.answer{{max-width:60em;line-height:1.45;padding:.3em .9em;"
    "margin:.3em 0;white-space:normal;overflow-wrap:anywhere}"
    f"{_OWN} .hint{{color:var(--ink)}}"
    f"{_OWN} .right{{color:var(--passed);background:var(--passed-bg)}}"
    f"{_OWN} .wrong{{color:var(--warning);background:var(--warning-bg)}}"
)
# The arrow keys move among the buttons of one group, as in every toolbar. What a click
# adds below its button is scrolled into view if it is out of sight.
_SCRIPT = """<script>
if (!window.labkitClicks) {
  window.labkitClicks = true;
  const steps = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
  document.addEventListener("keydown", (event) => {
    const group = event.target.closest?.(".labkit-choices");
    const step = steps[event.key];
    if (!group || !step) return;
    const buttons = [...group.querySelectorAll("button")];
    const at = buttons.indexOf(event.target) + step + buttons.length;
    buttons[at % buttons.length].focus();
    event.preventDefault();
    event.stopPropagation();
  }, true);
  let watch;
  document.addEventListener("click", (event) => {
    watch?.disconnect();
    const box = event.target.closest?.(".labkit-clicks");
    if (!box) return;
    watch = new MutationObserver(() => {
      const part = [...box.children].filter((each) => each.innerText.trim()).at(-1);
      const answers = part.querySelectorAll(".answer");
      ([...answers].at(-1) ?? part).scrollIntoView({ block: "nearest" });
    });
    watch.observe(box, { childList: true, subtree: true });
  }, true);
}
</script>"""


_open: dict[str, Any] = {}
"""The widgets shown, by exercise or prediction; a kernel keeps them until closed."""


def hint_button(
    exercise: str, count: int, taken: int, take: Callable[[], str]
) -> dict[str, Any]:
    """Return a button that gives one hint after the other.

    `taken` of `count` hints were given before; `take` gives the text of the next one.
    """
    shown = ipywidgets.HTML(_styled(""))
    button = ipywidgets.Button(layout={"width": "auto", "align_self": "flex-start"})
    texts: list[str] = []

    def label(given: int) -> None:
        if given < count:
            button.description = f"Hint {given + 1} of {count}"
        else:
            # It stays enabled: a disabled button loses the keyboard's focus.
            button.description = "That was the last hint"

    def give(_button: object) -> None:
        text = take()
        if text not in texts:
            texts.append(text)
        label(min(count, max(taken, 0) + len(texts)))
        shown.value = _styled(
            "".join(
                f'<div class="answer hint">{with_code(each).replace(chr(10), "<br>")}'
                "</div>"
                for each in texts
            )
        )

    label(min(taken, count - 1))
    button.on_click(give)
    return _bundle(
        exercise,
        ipywidgets.VBox([button, shown]),
        f'hint("{exercise}") gives a hint.',
    )


def choice_buttons(
    name: str,
    choices: Mapping[str, str],
    right: str,
    respond: Callable[[str], str],
) -> dict[str, Any]:
    """Return one button for each choice of the prediction of that name.

    `choices` are texts by letter, and `right` is the letter of the right one.
    `respond` is told the letter of a click, and returns what to say to it.
    """
    shown = ipywidgets.HTML(_styled(""))
    buttons = [
        ipywidgets.Button(description=letter, tooltip=says, layout={"width": "4em"})
        for letter, says in choices.items()
    ]
    row = ipywidgets.HBox(buttons)
    row.add_class("labkit-choices")

    def answer(button: Any) -> None:
        letter = button.description
        is_right = letter == right
        for each in buttons:
            each.button_style = ""
        button.button_style = "success" if is_right else "warning"
        kind = "right" if is_right else "wrong"
        response = f"{letter}) {respond(letter)}"
        shown.value = _styled(
            f'<div class="answer {kind}" role="status">{with_code(response)}</div>'
        )

    for button in buttons:
        button.on_click(answer)
    return _bundle(
        name,
        ipywidgets.VBox([row, shown]),
        f"Type one of the letters {', '.join(choices)} in the cell.",
    )


def question_button(
    name: str,
    opened: Callable[[], tuple[str, Sequence[str]]],
    respond: Callable[[str], tuple[str, bool]],
    text: str,
) -> dict[str, Any]:
    """Return a button that opens a question, with one button for each choice.

    `opened` returns the question as HTML, and its letters. `respond` is told the letter
    of a click; it returns the response as HTML, and whether the choice was right. After
    a response the first button opens the next question, and has the keyboard's focus.
    """
    is_open = False
    button = ipywidgets.Button(
        description="A question about your code",
        layout={"width": "auto", "align_self": "flex-start"},
    )
    shown, told = ipywidgets.HTML(_styled("")), ipywidgets.HTML(_styled(""))
    row = ipywidgets.HBox([])
    row.add_class("labkit-choices")

    def answer(choice: Any) -> None:
        nonlocal is_open
        said, is_right = respond(choice.description)
        choice.button_style = "success" if is_right else "warning"
        kind = "right" if is_right else "wrong"
        told.value = _styled(f'<div class="answer {kind}" role="status">{said}</div>')
        for each in row.children:
            each.disabled = True
        button.description = "Another question about your code"
        button.focus()
        is_open = False

    def ask(_button: object) -> None:
        nonlocal is_open
        if is_open:
            return
        question, letters = opened()
        is_open = True
        shown.value = _styled(f'<div class="answer hint">{question}</div>')
        told.value = _styled("")
        for each in row.children:
            _close(each)
        row.children = [
            ipywidgets.Button(description=letter, layout={"width": "4em"})
            for letter in letters
        ]
        for each in row.children:
            each.on_click(answer)

    button.on_click(ask)
    box = ipywidgets.VBox([button, shown, row, told])
    return _bundle(f"question {name}", box, text)


def script() -> dict[str, str]:
    """Return the script for all buttons of a page: arrow keys, and answers in view."""
    return {"text/html": _SCRIPT, "text/plain": ""}


def _styled(inside: str) -> str:
    return f"<style>{_STYLE}</style>{inside}"


def _bundle(name: str, box: Any, text: str) -> dict[str, Any]:
    """Return the widgets as a cell shows them; older ones of that name are closed."""
    if before := _open.pop(name, None):
        _close(before)
    _open[name] = box
    box.add_class(_OWN[1:])
    return {**box._repr_mimebundle_(), "text/plain": text}


def _close(widget: Any) -> None:
    for child in getattr(widget, "children", ()):
        _close(child)
    for part in (widget.layout, getattr(widget, "style", None), widget):
        if part is not None:
            part.close()
