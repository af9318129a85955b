"""A signature that travels in the query of the URL, not in a header."""

import urllib.parse
from collections.abc import Mapping

IN_QUERY = "query:"
"""What the names of parts in the query of the URL begin with."""


def into_query(
    target: str, headers: Mapping[str, str]
) -> tuple[str, Mapping[str, str]]:
    """Move the headers that belong into the query to the URL or path `target`."""
    parts = {n: v for n, v in headers.items() if n.startswith(IN_QUERY)}
    if not parts:
        return target, headers
    fields = {name.removeprefix(IN_QUERY): value for name, value in parts.items()}
    query = urllib.parse.urlencode(fields, errors="surrogatepass")
    rest = {name: value for name, value in headers.items() if name not in parts}
    return f"{target}{'&' if '?' in target else '?'}{query}", rest


def from_query(url: str) -> dict[str, str]:
    """Return the parts in the query of a URL, named as `into_query` expects them."""
    query = url.partition("#")[0].partition("?")[2]
    # The first of each name counts, as in most frameworks.
    fields = reversed(urllib.parse.parse_qsl(query, keep_blank_values=True))
    return {IN_QUERY + name: value for name, value in fields}


def out_of_query(target: str, name: str) -> str:
    """Return the URL or path without a part of its query; other names change nothing.

    The rest of the query stays as it is written.
    """
    path, mark, query = target.partition("?")
    if not mark or not name.startswith(IN_QUERY):
        return target
    gone = name.removeprefix(IN_QUERY)
    kept = [part for part in query.split("&") if part.partition("=")[0] != gone]
    return path + mark + "&".join(kept) if kept else path
