"""9.1: a line for the log that says what arrived and contains no secret."""

from collections.abc import Callable, Sequence
from typing import Any

from labkit.checks import Mistake
from labkit.checks.contract import contract
from labkit.checks.mistakes import Mutant, Rule, always, edit, mistakes, never
from labkit.checks.observing import Seen
from labkit.checks.proving import judged
from labkit.checks.space import Fields, Space
from labkit.exercises.lab09_watch.log_lines import IN_CHARACTERS, LogLine
from labkit.exercises.lab09_watch.requests_to_log import BASE, FORGED, generated, trials

RETURNS_TEXT, NO_DICTIONARY, KEY_MISSING, NOT_JSON, HARD_CODED, FORWARDED = mistakes("""
    returns-text: Your function returns a string, not a dictionary. The code that writes
        the log first adds the time and the name of the server, and then makes the JSON
        itself.
        Try: Return the dictionary itself, without `json.dumps` and without `str`.
    returns-no-dictionary: Your function does not return a dictionary. Other programs
        search the log by its four keys.
        Try: Return one dictionary with the keys address, headers, payload and
        outcome.
    key-missing: Your line lacks one of the four keys. A search for that key will not
        find this delivery during an incident.
        Try: Give the dictionary all four keys, spelt as in the exercise.
    json-cannot-write-it: Your line contains a value that JSON cannot represent, such as
        bytes or an object of Flask. Writing the line raises, so the delivery fails
        because of its own log.
        Try: Convert every value in the line to a dictionary, list, string or
        number; `dict(request.headers)` is one example.
    written-into-the-code: Your line contains a fixed value, which is right only for the
        first request.
        Try: Take every value from the request and the outcome that are passed in.
    believes-a-header-about-the-address: Your code takes the address from a header. The
        sender writes the headers, so an attacker can enter any address (IP spoofing).
        Only the address of the connection is reliable.
        Try: Use `request.remote_addr`, not a header.
""")
HEADERS_LOST, PAYLOAD_AS_TEXT, BODY_LOST, NEEDS_TYPE, LOGIN, SIGNED = mistakes("""
    headers-left-out: Your log line keeps only selected headers. You cannot know in
        advance which header you will need during an incident.
        Try: Go through all of `request.headers`.
    payload-as-text: Your payload is one string inside the line. To search such a log
        for an order, every line must be parsed twice.
        Try: Parse the body with `json.loads`, and keep the result.
    payload-not-kept: Your line does not contain the whole payload. Without it you
        cannot tell which order the delivery was about, and you cannot process it again.
        Try: Keep all fields of the body's JSON.
    asks-for-the-content-type: Your code keeps the payload only if the Content-Type is
        JSON. A body with a wrong Content-Type is exactly what you will look for in the
        log.
        Try: Parse the bytes yourself with `json.loads(request.get_data())`.
    login-in-the-log: Your line contains credentials from a header. Logs are copied,
        kept for years and read by people who must not have these credentials.
        Try: Replace the value of this header, whatever the case of its name; keep
        the name.
    signature-in-the-log: Your line contains the signature. Anyone who reads the log has
        a body with a valid signature and can send it again (a replay attack).
        Try: Treat X-Webhook-Signature as you treat Authorization.
""")
CARD_SHOWN, ONE_LEVEL, NOT_IN_LISTS, ONLY_TEXT, HALF_SHOWN, ENCODED = mistakes("""
    secret-field-in-the-log: Your line contains a secret field of the payload. Everyone
        who can read the logs can read it, and so can an attacker who steals them.
        Try: Replace the values of card_number, cvc, token and password.
    looks-on-one-level-only: Your code does not look for secrets in deeper levels of the
        payload. A provider can nest a field one level deeper at any time.
        Try: Write a function that replaces the secrets of a dictionary and calls
        itself for the values in it.
    skips-lists: Your code does not look for secrets in dictionaries inside a list.
        Orders with several items and batches of events contain such lists.
        Try: Let your function go through lists too, and treat each entry like any
        value.
    replaces-texts-only: Your code replaces a secret only if its value is a string. A
        secret can also be a number, a list or a dictionary.
        Try: Decide by the name of the field, and replace its value whatever its
        type is.
    half-a-secret: Your line contains a part of a secret, so the rest is easier to
        guess. The last four characters are enough to tell one card from another; of a
        cvc, nothing may remain.
        Try: Replace the whole value with a string such as "(redacted)".
    encoded-is-not-hidden: Your line contains a secret in base64 or hex. These are
        encodings, not encryption: anyone can decode them.
        Try: Leave the encoded copy out of the line; the redacted payload is enough.
""")
IN_THE_QUERY, NAME_DROPPED, TOO_MUCH, CHANGES, EATEN, NEEDS_JSON = mistakes("""
    secret-in-the-query: Your line contains the query of the URL. Some senders put a
        token there, so the log now contains it.
        Try: Keep `request.path` at most, or nothing of the URL.
    name-dropped-with-its-value: Your code removes the name together with the secret. If
        a request was refused, you then cannot tell a missing signature from a wrong
        one.
        Try: Keep the name, and replace only the value with a string such as
        "(redacted)".
    replaces-too-much: Your code replaces values that are not secret. A log without
        these values does not help during an incident.
        Try: Compare the whole name, and keep every other entry as it is.
    changes-the-request: Your code changes the object that `get_json` returned. Flask
        returns the same object to later code, so the code that charges the card finds
        your placeholder.
        Try: Build a new dictionary; do not write into the parsed one.
    eats-the-body: Your code reads the body in a way that leaves nothing for later
        code. The signature is then checked over 0 bytes, and every delivery is refused.
        Try: Read the body with `request.get_data()`, which keeps it in the request.
    raises-on-a-body-that-is-no-json: Your code raises if the body is not valid JSON.
        Anyone can send such a body, and the unusual request is then missing from the
        log.
        Try: Catch the ValueError of `json.loads`, and then set the payload to a
        string.
""")
NEEDS_UTF8, NEEDS_OBJECT, TRUNCATED, CHARACTERS, FORCED = mistakes("""
    raises-on-bytes-that-are-no-text: Your code raises if the body is not valid UTF-8.
        The request then fails because of its own log.
        Try: Pass the bytes to `json.loads`, which raises a ValueError for these
        too.
    raises-on-json-that-is-no-object: Your code raises if the JSON is not an object. A
        list, a number and null are valid JSON as well, and have no `items()`.
        Try: Check the type of each value with `isinstance`, and return other values
        as they are.
    shows-what-it-cannot-read: Your line contains parts of a body that is not valid
        JSON. You cannot redact a body that you cannot parse, and it may contain a card
        number.
        Try: Keep only the length of such a body.
    counts-characters: Your code counts the characters of the body instead of its bytes.
        A character outside ASCII has two to four bytes in UTF-8, so the length in the
        log differs from the Content-Length of the request.
        Try: Take the `len` of the bytes that `request.get_data()` returns.
    forces-the-json: Your code calls `get_json` with `force=True`, and Flask keeps the
        result. If the Content-Type is not JSON, later code then gets the JSON where
        `get_json()` would have raised.
        Try: Parse the body with `json.loads(request.get_data())` instead.
""")
UNBOUNDED, CUT_IN_CLEAR, TOO_SHORT, NOT_THE_LAST = mistakes("""
    line-without-a-bound: Your line has no size limit. An attacker who sends large
        bodies can fill the disk with your log, and a full disk stops the shop (denial
        of service).
        Try: Check the length of the body before you keep it.
    shows-the-beginning-of-a-long-body: Your line contains the beginning of a long body.
        It may contain secrets, and you cannot redact a body that is cut off.
        Try: Keep only the length of a long body.
    keeps-too-little: Your code drops the payload of a body of 3,000 bytes, which is an
        ordinary event. You will miss it during an incident.
        Try: Raise the limit: keep the payload as JSON up to 4,000 bytes.
    drops-exactly-4000-bytes: Your code drops the payload of a body of exactly 4,000
        bytes. Only a longer body is too long.
        Try: Compare with `> 4000`, not with `>=`.
""")

CONTRACT = contract("""
    dictionary: Return a line for the log: a dictionary with the keys "address",
        "headers", "payload" and "outcome", which `json.dumps` can write.
    given: `request` is Flask's request; `outcome` is a string such as "acknowledged".
    outcome: "outcome" is the string `outcome` as it is.
    address: "address" is the address that the connection came from, whatever the
        headers say.
    headers: "headers" is a dictionary with every header of the request, by its name,
        and no other.
    payload: "payload" is the value of the body's JSON.
    secret-headers: Replace the value of each header in `SECRET_HEADERS` with a string
        such as "(redacted)", in whatever case its name is written; keep the name.
    secret-fields: Do the same for each field in `SECRET_FIELDS`, at any depth of the
        payload and whatever its value is.
    others: Keep all other headers and fields as they are.
    remains: At most the last four characters of a secret may remain in the line, and
        nothing of a `cvc`.
    unchanged: After the call, `request.get_data()` and `request.get_json()` return the
        same as without it.
    any-json: Keep JSON of any kind and of up to 4,000 bytes, whatever the Content-Type
        says.
    no-json: If the body is not valid JSON, keep nothing of it: the payload is then a
        string that contains the length of the body in bytes.
    long: Do the same if the body has more than 4,000 bytes.
    bound: As JSON, the line has fewer than 16,000 characters, however long the body is.
    query: You may add other keys, but the line must not contain the query of the URL.
    open: The check does not test other spellings of a field's name, whether you change
        the case of a header's name, the scheme before a secret (such as `Bearer`), NaN,
        or values that are nested more than 100 levels deep.
""")


def _at(sentence: str, *kinds: str) -> Callable[[Fields], bool]:
    """Accept the trials of a sentence, all or those of some kinds."""
    return lambda fields: (
        fields["about"] == sentence and (not kinds or fields["kind"] in kinds)
    )


def _any_of(*accepts: Callable[[Fields], bool]) -> Callable[[Fields], bool]:
    return lambda fields: any(accept(fields) for accept in accepts)


def _is(*values: object) -> Callable[[Fields, Seen], bool]:
    """Accept what was seen if it is, or contains, one of the values."""

    def how(_: Fields, seen: Seen) -> bool:
        value = seen.value
        return value in values or (
            isinstance(value, tuple) and any(each in values for each in value)
        )

    return how


def _only_replaced(_: Fields, seen: Seen) -> bool:
    return isinstance(seen.value, tuple) and {*seen.value} == {"replaced", "same"}


def _raises(_: Fields, seen: Seen) -> bool:
    return bool(seen.raised)


def _forged(_: Fields, seen: Seen) -> bool:
    return bool(seen.value == FORGED)


def _fixed(all_seen: Sequence[Seen]) -> bool:
    """Whether several trials gave one and the same value."""
    values = {repr(each.value) for each in all_seen}
    return len(all_seen) > 1 and len(values) == 1


def _some(
    mistake: Mistake,
    differs: Callable[[Fields], bool],
    how: Callable[[Fields, Seen], bool] = always,
    agrees: Callable[[Fields], bool] = never,
    **more: Any,
) -> Rule:
    """Return a rule for which one differing trial is enough."""
    return Rule(mistake, differs, agrees, how, some=True, **more)


_LOGINS = _at("secret-headers", "login")
_FLAT = _at("secret-fields", "0")
_DICTIONARIES = _at("secret-fields", "0", "1", "2", "5", "50")
_TEXTS = _at("secret-fields", "0", "1", "2", "list")
_ORDINARY = _at("payload", "ordinary")
_NO_LINE = _any_of(*(_at(each.id) for each in CONTRACT.tested))

MISTAKES = (
    _some(RETURNS_TEXT, _NO_LINE, _is("a text")),
    _some(NO_DICTIONARY, _NO_LINE, _is("no dictionary")),
    _some(KEY_MISSING, _NO_LINE, _is("a key is missing")),
    _some(NOT_JSON, _NO_LINE, _is("not JSON")),
    _some(FORWARDED, _at("address", "forged"), _forged),
    _some(HARD_CODED, _at("outcome"), lambda _, s: not s.raised, together=_fixed),
    _some(HARD_CODED, _at("address"), lambda _, s: not s.raised, together=_fixed),
    _some(HEADERS_LOST, _at("headers"), _is("absent", "values lost")),
    _some(PAYLOAD_AS_TEXT, _at("payload"), _is("text of JSON")),
    _some(BODY_LOST, _ORDINARY, _is("absent", "another type")),
    Rule(NEEDS_TYPE, _at("any-json", "type"), _ORDINARY),
    _some(LOGIN, _LOGINS, _is("whole")),
    Rule(SIGNED, _at("secret-headers", "signature"), _LOGINS, _is("whole")),
    _some(
        NAME_DROPPED,
        _any_of(_at("secret-headers"), _at("secret-fields")),
        _is("absent"),
    ),
    _some(CARD_SHOWN, _FLAT, _is("whole")),
    _some(ONE_LEVEL, _at("secret-fields", "1", "2", "5", "50"), _is("whole"), _FLAT),
    _some(NOT_IN_LISTS, _at("secret-fields", "list"), _is("whole"), _DICTIONARIES),
    _some(ONLY_TEXT, _at("secret-fields", "type"), _is("whole"), _TEXTS),
    _some(
        TOO_MUCH, _any_of(_at("headers"), _at("payload"), _at("others")), _only_replaced
    ),
    _some(
        HALF_SHOWN,
        _any_of(_at("remains"), _at("secret-fields")),
        _is("part", "left over"),
    ),
    _some(ENCODED, _at("remains"), _is("encoded")),
    Rule(NEEDS_JSON, _at("no-json", "text"), how=_raises),
    Rule(NEEDS_UTF8, _at("no-json", "bytes"), _at("no-json", "text"), _raises),
    _some(NEEDS_OBJECT, _at("any-json", "no object"), _raises, _ORDINARY),
    _some(TRUNCATED, _at("no-json"), _is("whole", "a piece of the body")),
    _some(CHARACTERS, _any_of(_at("no-json"), _at("long")), _is(IN_CHARACTERS)),
    _some(UNBOUNDED, _at("bound", ""), _is("too long"), may=_at("long")),
    _some(
        CUT_IN_CLEAR,
        _at("long"),
        _is("whole", "a piece of the body"),
        _any_of(_FLAT, _at("bound")),
    ),
    Rule(TOO_SHORT, _at("any-json", "3,000 bytes"), _ORDINARY),
    edit(NOT_THE_LAST, ("len(body) > 4000", "len(body) >= 4000")),
    Rule(IN_THE_QUERY, _at("query"), how=_is("whole")),
    Mutant(
        FORCED,
        [
            (
                "payload = without_secrets(json.loads(body))",
                "payload = without_secrets(request.get_json(force=True))",
            ),
            ("except ValueError:", "except Exception:"),
        ],
        on=_at("unchanged"),
    ),
    _some(CHANGES, _at("unchanged", ""), lambda _, s: s.value == ("JSON changed",)),
    _some(EATEN, _at("unchanged"), _is("body changed")),
)

LOG_LINE = judged(
    id="9.1",
    lab="09_watch",
    wants="log_line(request, outcome) -> dict",
    hints=(
        (
            "A loop over `request.headers` gives pairs of name and value. Decide for "
            "each pair by the name, in lower case."
        ),
        (
            "`json.loads(request.get_data())` parses the body whatever the headers "
            "say. What does it raise if the bytes are not JSON?"
        ),
        (
            "Write a second function for the payload. For a dictionary it builds a new "
            "one, for a list a new list, and it calls itself for the values in them."
        ),
        (
            'Its central line is {name: "(redacted)" if name in SECRET_FIELDS else '
            "without_secrets(value) for name, value in payload.items()}."
        ),
    ),
    contract=CONTRACT,
    space=Space(BASE, trials, generate=generated, many=60),
    observer=LogLine(),
    mistakes=MISTAKES,
    blames=lambda _, seen, __: "remains" if seen.value == "left over" else None,
)
