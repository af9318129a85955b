"""What a tracked signature notes and leaves alone, and that nothing stays behind."""

import base64
import binascii
import codecs
import functools
import hashlib
import hmac
import operator
import re
import secrets
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from labkit.running.comparing import (
    compares_at_once,
    compares_hashes,
    compares_only_some,
    stops_early,
    watched,
)
from labkit.running.tracked import (
    Leak,
    TrackedBytes,
    TrackedNumber,
    TrackedText,
    track,
)

pytestmark = pytest.mark.pure

KEY = b"key"
BODY = b'{"order_id": "A-1"}'
DIGEST = hmac.digest(KEY, BODY, "sha256")
RIGHT = f"sha256={DIGEST.hex()}"

Compare = Callable[[str], object]

OTHERS: list[Any] = [3, None, "ab", b"sha256=Ab", ()]


def mac() -> "hmac.HMAC":
    return hmac.new(KEY, BODY, hashlib.sha256)


def loop(given: str) -> bool:
    return all(one == other for one, other in zip(given, RIGHT, strict=True))


def loop_over_bytes(given: str) -> bool:
    for one, other in zip(bytes.fromhex(given[7:]), DIGEST, strict=True):
        if one ^ other:
            return False
    return True


def loop_by_index(given: str) -> bool:
    at = 0
    while at < len(RIGHT) and given[at] == RIGHT[at]:
        at += 1
    return at == len(RIGHT)


def loop_from_the_end(given: str) -> bool:
    pairs = zip(reversed(given), reversed(RIGHT), strict=True)
    return all(one == other for one, other in pairs)


def loop_in_steps_of_four(given: str) -> bool:
    return all(given[at : at + 4] == RIGHT[at : at + 4] for at in range(0, 71, 4))


def loop_to_the_end(given: str) -> bool:
    difference = 0
    for one, other in zip(given, RIGHT, strict=True):
        difference |= ord(one) ^ ord(other)
    return difference == 0


def xor_to_the_end(given: str) -> bool:
    pairs: Iterator[int] = map(operator.xor, bytes.fromhex(given[7:]), mac().digest())
    return not functools.reduce(operator.or_, pairs)


def checked_letter_by_letter(given: str) -> bool:
    if any(letter not in tuple("0123456789abcdef") for letter in given[7:]):
        return False
    return hmac.compare_digest(given, RIGHT)


def double_hmac(given: str) -> bool:
    blind = secrets.token_bytes(32)
    one = hmac.digest(blind, given.encode(), "sha256")
    return one == hmac.digest(blind, RIGHT.encode(), "sha256")


AT_ONCE: dict[str, Compare] = {
    "==": lambda given: given == RIGHT,
    "== the other way round": lambda given: operator.eq(RIGHT, given),
    "!=": lambda given: given != RIGHT,
    "split": lambda given: given.split("=")[1] == DIGEST.hex(),
    "partition": lambda given: given.partition("=")[2] == DIGEST.hex(),
    "tuples": lambda given: tuple(given.split("=")) == ("sha256", DIGEST.hex()),
    "strip": lambda given: given.strip() == RIGHT,
    "slice": lambda given: given[7:] == DIGEST.hex(),
    "halves": lambda given: given[:39] == RIGHT[:39],
    "removeprefix": lambda given: given.removeprefix("sha256=") == DIGEST.hex(),
    "replace": lambda given: given.replace("sha256=", "") == DIGEST.hex(),
    "upper": lambda given: given.upper() == RIGHT.upper(),
    "encode": lambda given: given.encode() == RIGHT.encode(),
    "encode and slice": lambda given: given.encode()[7:] == DIGEST.hex().encode(),
    "str": lambda given: str(given) == RIGHT,
    "f-string": lambda given: f"{given}" == RIGHT,
    "bytes": lambda given: bytes(given, "utf-8") == RIGHT.encode(),
    "added to": lambda given: "X-" + given == "X-" + RIGHT,
    "in a list": lambda given: given in [RIGHT, BODY],
    "startswith": lambda given: given.startswith(RIGHT),
    "find": lambda given: given.find(RIGHT) == 0,
    "order": lambda given: not given < RIGHT and not given > RIGHT,
    "fromhex": lambda given: bytes.fromhex(given[7:]) == DIGEST,
    "fromhex twice": lambda given: bytes.fromhex(given[7:]) == bytes.fromhex(RIGHT[7:]),
    "fromhex and hmac": lambda given: bytes.fromhex(given[7:]) == mac().digest(),
    "unhexlify": lambda given: binascii.unhexlify(given[7:]) == DIGEST,
    "b16decode": lambda given: base64.b16decode(given[7:].upper()) == DIGEST,
    "codecs": lambda given: codecs.decode(given[7:], "hex") == DIGEST,
    "as numbers": lambda given: int(given[7:], 16) == int(DIGEST.hex(), 16),
    "as numbers from bytes": lambda given: (
        int.from_bytes(bytes.fromhex(given[7:])) == int.from_bytes(DIGEST)
    ),
    "a group and a digest": lambda given: (
        re.findall("=(.*)", given)[0] == mac().hexdigest()
    ),
    "a group and a prefix": lambda given: (
        re.findall(".+", given)[0] == "sha256=" + mac().hexdigest()
    ),
    "a group and hmac.digest": lambda given: (
        re.findall("=(.*)", given)[0] == hmac.digest(KEY, BODY, "sha256").hex()
    ),
}
STOPPING: dict[str, Compare] = {
    "a loop over text": loop,
    "a loop over bytes": loop_over_bytes,
    "a loop by index": loop_by_index,
    "a loop in steps of four": loop_in_steps_of_four,
    "lists of characters": lambda given: list(given) == list(RIGHT),
    "lists of numbers": lambda given: list(given.encode()) == list(RIGHT.encode()),
    "a loop from the end": loop_from_the_end,
}
HASHES: dict[str, Compare] = {
    "hash": lambda given: hash(given) == hash(RIGHT),
    "hash of bytes": lambda given: hash(bytes.fromhex(given[7:])) == hash(DIGEST),
    "in a set": lambda given: given in {RIGHT, "another"},
    "two sets": lambda given: not {RIGHT}.isdisjoint(given.split(",")),
    "a key of a dictionary": lambda given: {RIGHT: True}.get(given, False),
    "set of base64": lambda given: (
        base64.b64encode(DIGEST).decode() in {*given.split(" ")}
    ),
}
CONSTANT: dict[str, Compare] = {
    "a set of parts, each compared": lambda given: any(
        hmac.compare_digest(part, RIGHT) for part in set(given.split(","))
    ),
    "hmac": lambda given: hmac.compare_digest(given, RIGHT),
    "secrets": lambda given: secrets.compare_digest(given.encode(), RIGHT.encode()),
    "bytes": lambda given: hmac.compare_digest(bytes.fromhex(given[7:]), DIGEST),
    "a loop to the end": loop_to_the_end,
    "XOR to the end": xor_to_the_end,
    "a form that is checked": checked_letter_by_letter,
    "two HMACs under a random key": double_hmac,
    "a comparison with itself": lambda given: given.removeprefix("sha256=") == given,
    "a check of the prefix": lambda given: given[:7] == "sha256=",
    "a check of the length": lambda given: len(given) == len(RIGHT),
}


@pytest.fixture
def leak() -> Leak:
    return Leak(given=b"g" * 32, right=DIGEST)


@pytest.mark.parametrize("compare", AT_ONCE.values(), ids=AT_ONCE)
def test_a_comparison_at_once_is_found(compare: Compare) -> None:
    assert compares_at_once(compare, compare, DIGEST)


@pytest.mark.parametrize("compare", STOPPING.values(), ids=STOPPING)
def test_a_loop_that_stops_is_found(compare: Compare) -> None:
    assert not compares_at_once(compare, compare, DIGEST)
    assert stops_early(compare, compare, DIGEST)


@pytest.mark.parametrize("compare", CONSTANT.values(), ids=CONSTANT)
def test_a_constant_time_comparison_notes_nothing(compare: Compare) -> None:
    assert not compares_at_once(compare, compare, DIGEST)
    assert not stops_early(compare, compare, DIGEST)
    assert not compares_hashes(compare, compare, DIGEST)
    assert not compares_only_some(compare, compare, DIGEST)


@pytest.mark.parametrize(
    "decides",
    [
        lambda given: given.endswith(RIGHT[-4:]),
        lambda given: given.startswith(RIGHT[:10]),
        lambda given: given[30:33] == RIGHT[30:33],
    ],
)
def test_what_decides_before_the_comparison_is_found(
    decides: Callable[[str], bool],
) -> None:
    def compare(given: str) -> bool:
        return decides(given) and hmac.compare_digest(given.encode(), RIGHT.encode())

    assert not compares_at_once(compare, compare, DIGEST)
    assert not stops_early(compare, compare, DIGEST)
    assert compares_only_some(compare, compare, DIGEST)


@pytest.mark.parametrize("name", HASHES)
def test_a_comparison_of_hash_values_is_found(name: str) -> None:
    def in_base64(digest: bytes) -> str:
        return base64.b64encode(digest).decode()

    compare = HASHES[name]
    header = (in_base64,) if "base64" in name else ()
    assert not compares_at_once(compare, compare, DIGEST, *header)
    assert not stops_early(compare, compare, DIGEST, *header)
    assert compares_hashes(compare, compare, DIGEST, *header)


def test_tracked_text_is_text(leak: Leak) -> None:
    text: Any = track("sha256=Ab", leak)

    assert isinstance(text, str)
    assert text == "sha256=Ab"
    assert text != "sha256=aB"
    assert {text: 1}["sha256=Ab"] == 1
    assert (text + "!", "!" + text, text[7:], text[-1]) == (
        "sha256=Ab!",
        "!sha256=Ab",
        "Ab",
        "b",
    )
    assert text.split("=") == ["sha256", "Ab"]
    assert (text.encode(), f"{text}", str(text)) == (b"sha256=Ab", *("sha256=Ab",) * 2)
    assert "".join(text) == "sha256=Ab"
    assert not any(text == other for other in OTHERS)


def test_tracked_bytes_are_bytes(leak: Leak) -> None:
    raw: Any = track(b"\x00\xffab", leak)

    assert isinstance(raw, bytes)
    assert raw == b"\x00\xffab"
    assert {raw: 1}[b"\x00\xffab"] == 1
    assert list(raw) == [0, 255, 97, 98]
    assert (raw[1], raw[2:], raw + b"!", b"!" + raw) == (
        255,
        b"ab",
        b"\x00\xffab!",
        b"!\x00\xffab",
    )
    assert raw[1] ^ 255 == 0
    assert (raw.hex(), raw[2:].decode(), bytes(raw)) == ("00ff6162", "ab", raw)
    assert not any(raw == other for other in OTHERS)


def test_pieces_are_tracked_too(leak: Leak) -> None:
    text = track("sha256=ab", leak)
    pieces = [text[0], *text.split("="), *text.partition("="), text.strip(), *text]

    assert {type(piece) for piece in pieces} == {TrackedText}
    assert type(text.encode()) is TrackedBytes
    assert {type(byte) for byte in text.encode()} == {TrackedNumber}


def test_what_is_neither_text_nor_bytes_stays_as_it_is(leak: Leak) -> None:
    assert track(None, leak) is None
    assert track(True, leak) is True


def test_digests_are_tracked_only_meanwhile(leak: Leak) -> None:
    before = (hmac.digest, hmac.HMAC.digest, hmac.HMAC.hexdigest, codecs.decode)
    with watched(None, leak):
        assert type(mac().hexdigest()) is TrackedText
        assert type(hmac.digest(KEY, BODY, "sha256")) is TrackedBytes

    after = (hmac.digest, hmac.HMAC.digest, hmac.HMAC.hexdigest, codecs.decode)
    assert after == before
    assert type(mac().hexdigest()) is str


def test_other_threads_get_plain_digests(leak: Leak) -> None:
    found: list[type] = []
    with watched(None, leak):
        thread = threading.Thread(target=lambda: found.append(type(mac().hexdigest())))
        try:
            thread.start()
        except RuntimeError:
            pytest.skip("no threads here")
        thread.join()

    assert found == [str]


def answer_in(source: str) -> tuple[Callable[..., Any], dict[str, Any]]:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(source, namespace)  # noqa: S102 - as a notebook's cell is run
    return namespace["answer"], namespace


def test_the_namespace_is_as_it_was_even_after_an_exception(leak: Leak) -> None:
    answer, namespace = answer_in(
        "from binascii import unhexlify as decoded\n"
        "def answer(given):\n"
        "    assert type(decoded('00')).__name__ == 'bytes'\n"
        "    raise KeyError(type(given).__name__)\n"
    )
    before = dict(namespace)
    with pytest.raises(KeyError, match="str"), watched(answer, leak):
        answer(track("ab", leak))

    assert namespace == before
    assert "bytes" not in namespace


def test_a_name_of_the_learners_own_is_left_alone(leak: Leak) -> None:
    answer, namespace = answer_in("bytes = 'mine'\ndef answer(): return bytes")
    with watched(answer, leak):
        assert answer() == "mine"

    assert namespace["bytes"] == "mine"


def test_types_are_asked_as_ever(leak: Leak) -> None:
    answer, _ = answer_in(
        "def answer(text, raw):\n"
        "    assert type(text) is str and type(raw) is bytes\n"
        "    assert isinstance(raw, bytes) and isinstance(raw, (bytes, str))\n"
        "    assert isinstance(3, int) and not isinstance('3', int)\n"
        "    assert type(3) is int and int('3') + 4 == 7\n"
        "    assert bytes([1, 2]) == b'\\1\\2' and bytes().join([raw]) == raw\n"
        "    match raw:\n"
        "        case bytes(): return True\n"
    )
    with watched(answer, leak):
        assert answer(track("ab", leak), track(b"ab", leak)) is True
        assert answer("ab", b"ab") is True


KINDS = {
    "partial": """
def two(first, text): return bytes.fromhex(text)
answer = functools.partial(two, 1)
""",
    "callable object": """
class Answer:
    def __call__(self, text): return bytes.fromhex(text)
answer = Answer()
""",
    "method": """
class Answer:
    def ask(self, text): return bytes.fromhex(text)
answer = Answer().ask
""",
    "cached": """
@functools.lru_cache
def answer(text): return bytes.fromhex(text)
""",
    "lambda": "answer = lambda text: bytes.fromhex(text)",
}


@pytest.mark.parametrize("source", KINDS.values(), ids=KINDS)
def test_any_kind_of_function_is_watched(source: str, leak: Leak) -> None:
    answer, _ = answer_in(f"import functools\n{source}")
    with watched(answer, leak):
        assert type(answer("00ff")) is TrackedBytes
