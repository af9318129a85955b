"""The mistakes of exercise 2.2, and what proves them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from labkit.checks import lines_of
from labkit.checks.mistakes import Proof, Rule, always, mistakes
from labkit.checks.observing import Seen
from labkit.checks.space import Fields
from labkit.exercises.lab02_endpoint.apps import UNDEFINED
from labkit.exercises.lab02_endpoint.sent import (
    ABOUT_ADDRESSES,
    ADDRESS,
    BODY,
    FORGED,
    FORM,
    MULTIPART,
    NO_FORM,
    URLENCODED,
)

NO_DICTIONARY, FIELD_MISSING, AGENT_OBJECT, WHOLE_URL, WITH_QUERY = mistakes("""
    returns-no-dictionary: Your function does not return a dictionary. The caller looks
        up the six fields by their names.
        Try: Return one dictionary: {…} with the six names as keys.
    field-missing: Your dictionary lacks at least one of the six keys. During an
        incident you need all of them.
        Try: Give the dictionary all six keys, with the spelling of the exercise.
    user-agent-object: Your code returns request.user_agent, which is an object of Flask
        and not the string that was sent. Such an object cannot be stored or compared.
        Try: Take the string from the object, or read the header User-Agent.
    whole-url-for-the-path: Your code returns the URL, which also contains the scheme
        and the host. The sender chooses the host.
        Try: Use the attribute of the request that contains only the path.
    query-in-the-path: Your path contains the query. The path names the endpoint; with
        the query, the same endpoint has many names.
        Try: Use the attribute of the request whose value ends before the question mark.
""")
HARD_CODED, NO_PARAMETERS, FORWARDED, OWN_HOST, INSISTS = mistakes("""
    written-into-the-code: Your code returns a fixed value that is correct only for one
        request.
        Try: Take each field from the request.
    content-type-cut-short: Your code cuts the Content-Type at the semicolon. The rest
        is part of it, such as the character set, and some bodies cannot be read without
        it.
        Try: Return the header as it was sent; the mimetype is only its first part.
    believes-a-header-about-the-address: Your code takes the address from a header, and
        the sender can write any address there. A list of allowed addresses would then
        allow everyone.
        Try: Use the attribute of the request for the address of the connection.
    own-host-for-the-sender: Your code returns the Host header, which names your own
        server and not the sender.
        Try: Use the attribute of the request for the address of the connection.
    insists-on-a-header: Your code raises an exception if a header is missing, but no
        header is required. In a view, the sender of a correct request would get a 500.
        Try: Read headers so that a missing one gives None or "": headers.get(…).
""")
ELSEWHERE = replace(
    UNDEFINED,
    try_next="Use the name of the parameter in your def, or import the missing name.",
)
INVENTED, RAISES, DECODED, PARSED = mistakes("""
    invents-what-was-not-sent: Your placeholder looks like a value that the sender sent.
        A reader of the log cannot tell a missing header from a header with that value.
        Try: Return None or "" for a missing header.
    ends-with-an-exception: Your function raises an exception for an ordinary request.
        In a view, the sender would get a 500.
        Try: Start with the line of your code shown above: which attribute or key does
        not exist?
    body-decoded: Your code decodes the body to a string. Not all bytes can be decoded,
        and a signature is computed over the bytes.
        Try: Read the raw body as bytes, without as_text and decode().
    body-parsed: Your code parses the body. The result is no longer the bytes that
        were sent, and a body that cannot be parsed raises an exception.
        Try: Read the raw bytes of the request, and parse later.
""")
THROUGH_TEXT, WRITTEN_ANEW, FORM_TOOK_IT, EATEN = mistakes("""
    body-went-through-text: Your code decodes the body and encodes it again. Bytes that
        are not valid UTF-8 are lost.
        Try: Keep the bytes as they were sent, and do not decode them.
    body-written-anew: Your code returns re-serialised content: the same data in other
        bytes. No signature of the raw body matches them.
        Try: Return the bytes that were sent, and do not build them again.
    body-gone-with-the-form: Your code gets an empty body for a form. A body can be read
        only once, and Flask has already read it to parse the form; request.data parses
        the form, too.
        Try: Call get_data() before anything that parses a form.
    body-eaten: Your code consumes the body. Later code that checks the signature or
        parses the body gets 0 bytes.
        Try: Read the body with get_data(), which by default keeps it in the request.
""")

How = Callable[[Fields, Seen], bool]


def _look(*names: str) -> Callable[[Fields], bool]:
    return lambda fields: fields["look"] in names


def _said(fields: Fields, seen: Seen) -> Any:
    """Return what the solution returns for the field, or None."""
    is_there = isinstance(seen.result, Mapping) and seen.error is None
    return seen.result.get(fields["look"]) if is_there else None


def _wanted(fields: Fields) -> Any:
    return fields["sent"].described.get(fields["look"])


def _other_than(look: str, usual: str) -> Callable[[Fields], bool]:
    """Accept the trials of a field in which it is not as usual."""
    return lambda fields: fields["look"] == look and _wanted(fields) != usual


def _missing(fields: Fields) -> bool:
    headers = fields["look"] in ("user_agent", "content_type")
    return bool(headers) and _wanted(fields) is None


def _raises(*kinds: type[BaseException]) -> How:
    return lambda _, seen: isinstance(seen.error, kinds)


def _is(value: object) -> How:
    return lambda fields, seen: bool(_said(fields, seen) == value)


def _starts(rest: Callable[[str], str]) -> How:
    """Accept a string that begins with what `rest` makes of the right one."""

    def how(fields: Fields, seen: Seen) -> bool:
        said = _said(fields, seen)
        return isinstance(said, str) and said.startswith(rest(_wanted(fields)))

    return how


def _forged(fields: Fields, seen: Seen) -> bool:
    """Accept the forged address, or the complaint that its header is missing."""
    key = str(seen.error.args[0]) if seen.error and seen.error.args else ""
    names = {name.upper().replace("-", "_") for name in (*ABOUT_ADDRESSES, "Forwarded")}
    asked = key.upper().replace("-", "_").removeprefix("HTTP_") in names
    return FORGED in str(_said(fields, seen)) or (
        isinstance(seen.error, KeyError) and asked
    )


def _short_type(fields: Fields, seen: Seen) -> bool:
    said, first = _said(fields, seen), (_wanted(fields) or "").partition(";")[0]
    return isinstance(said, str) and said.strip().lower() == str(first).strip().lower()


def _invented(fields: Fields, seen: Seen) -> bool:
    said = _said(fields, seen)
    return isinstance(said, str) and bool(said)


def _parsed(fields: Fields, seen: Seen) -> bool:
    errors = (BadRequest, UnsupportedMediaType, json.JSONDecodeError)
    lists = isinstance(_said(fields, seen), (Mapping, list))
    raised = isinstance(seen.error, errors) and not isinstance(seen.error, KeyError)
    return lists or raised


def _asks_a_header(_: Fields, seen: Seen) -> bool:
    """Accept the complaint of WSGI or of Flask that a header is missing."""
    key = str(seen.error.args[0]) if seen.error and seen.error.args else ""
    return isinstance(seen.error, KeyError) and key.startswith("HTTP_")


def _body(*bodies: bytes) -> Callable[[Fields], bool]:
    return lambda fields: fields["look"] == "body" and fields["sent"].body in bodies


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _not_utf8(fields: Fields) -> bool:
    return fields["look"] == "body" and not _utf8(fields)


def _utf8(fields: Fields) -> bool:
    return bool(fields["look"] == "body") and _is_utf8(fields["sent"].body)


def _rewritten(fields: Fields, seen: Seen) -> bool:
    """Accept bytes with the same content in another spelling."""
    said, body = _said(fields, seen), fields["sent"].body
    if not isinstance(said, bytes) or not said or said in body:
        return False
    try:
        if fields["sent"].headers.get("Content-Type") == FORM["Content-Type"]:
            return said != body and _fields(said) == _fields(body)
        return bool(json.loads(said) == json.loads(body))
    except ValueError:
        return False


def _fields(form: bytes) -> list[tuple[str, str]]:
    return parse_qsl(form.decode("latin-1"), keep_blank_values=True)


def _lost(_: Fields, seen: Seen) -> bool:
    return isinstance(seen.error, UnicodeError) or isinstance(seen.result, Mapping)


_ABSENT = (KeyError, AttributeError, TypeError)
_KEYS = _look("keys")
MISTAKES: list[Proof] = [
    Rule(NO_DICTIONARY, _KEYS, how=lambda _, s: "no dictionary" in s.value),
    Rule(FIELD_MISSING, _KEYS, how=lambda _, s: isinstance(s.value, list)),
    Rule(ELSEWHERE, _KEYS, how=_raises(NameError)),
    Rule(INSISTS, _missing, _KEYS, _raises(*_ABSENT), some=True),
    Rule(FORWARDED, _look("keys"), how=_forged),
    Rule(PARSED, _KEYS, how=_parsed),
    Rule(PARSED, _body(b"ping"), _body(BODY), how=_parsed, may=_look("content_type")),
    Rule(PARSED, _body(b"ping"), how=_parsed, may=always),
    Rule(INSISTS, _KEYS, how=_asks_a_header),
    Rule(
        RAISES, _KEYS, how=lambda _, s: s.error is not None and bool(lines_of(s.error))
    ),
    Rule(HARD_CODED, _other_than("method", "POST"), how=_is("POST")),
    Rule(HARD_CODED, _other_than("path", "/webhooks"), how=_is("/webhooks")),
    Rule(HARD_CODED, _other_than("address", ADDRESS), how=_is(ADDRESS)),
    Rule(WHOLE_URL, _look("path"), how=_starts(lambda _: "http")),
    Rule(WITH_QUERY, _look("path"), how=_starts(lambda path: path + "?"), some=True),
    Rule(
        AGENT_OBJECT,
        _look("user_agent"),
        how=lambda f, s: (
            not isinstance(_said(f, s), str | None)
            and str(_said(f, s)) == (_wanted(f) or "")
        ),
    ),
    Rule(INVENTED, _missing, how=_invented, some=True),
    Rule(NO_PARAMETERS, _look("content_type"), how=_short_type, some=True),
    Rule(OWN_HOST, _look("address"), how=_is("shop.example")),
    Rule(FORWARDED, _look("address"), how=_forged, some=True),
    Rule(INSISTS, _look("address"), how=_raises(*_ABSENT), some=True),
    Rule(FORM_TOOK_IT, _body(URLENCODED), _body(BODY, *NO_FORM), how=_is(b"")),
    Rule(FORM_TOOK_IT, _body(MULTIPART), _body(BODY, *NO_FORM, URLENCODED), _is(b"")),
    Rule(
        DECODED, _body(BODY), how=lambda f, s: isinstance(_said(f, s), str), may=always
    ),
    Rule(PARSED, _look("body"), how=_parsed, some=True),
    Rule(THROUGH_TEXT, _not_utf8, _utf8, _lost),
    Rule(WRITTEN_ANEW, _look("body"), how=_rewritten, some=True),
    Rule(EATEN, _look("after"), _look("body"), some=True, may=_look("body")),
]
