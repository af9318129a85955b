"""Texts that name code between backticks, as HTML."""

import html
import re

_CODE = re.compile("`([^`]+)`")


def with_code(text: str) -> str:
    """Return a text as HTML, with the parts between backticks as code."""
    return _CODE.sub(r"<code>\1</code>", html.escape(text))
