"""Lab 10: what its checks stand on."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from labkit.checks import judge_solution
from labkit.checks.verdicts import NOT_YET, PASSED
from labkit.errors import BadSetting, UnknownName
from labkit.exercises import EXERCISES, judge
from labkit.exercises.lab10_test_it import hunt, target, testing
from labkit.exercises.lab10_test_it.broken import BROKEN
from labkit.exercises.lab10_test_it.hunt import Hunt
from labkit.exercises.lab10_test_it.orders import month
from labkit.exercises.lab10_test_it.shops import SHOPS
from labkit.exercises.lab10_test_it.target import Delivery, Target, TargetStand
from labkit.exercises.lab10_test_it.verifiers import (
    CORRECT,
    Verifier,
    Verify,
    signed,
)
from labkit.model import LAB_EPOCH
from labkit.samples import payments
from labkit.signing import SCHEMES

pure = pytest.mark.pure


@pytest.mark.parametrize("verifier", CORRECT, ids=lambda each: each.does)
def test_a_right_verifier_passes_the_check_of_lab_04(verifier: Verifier) -> None:
    assert judge_solution(EXERCISES["4.2"], verifier.make()).outcome == PASSED


@pytest.mark.parametrize("verifier", BROKEN, ids=lambda each: each.does)
def test_a_broken_verifier_does_not_pass_the_check_of_lab_04(
    verifier: Verifier,
) -> None:
    assert judge_solution(EXERCISES["4.2"], verifier.make()).outcome == NOT_YET


@pure
def test_broken_verifiers_have_names_of_their_own() -> None:
    assert len({broken.does for broken in BROKEN}) == len(BROKEN) == 27


@pure
def test_each_hunt_begins_with_verifiers_that_remember_nothing() -> None:
    def with_one_secret(verify: Verify) -> None:
        assert verify(b"one", b"body", signed(b"one", b"body"))

    def with_another(verify: Verify) -> None:
        assert verify(b"other", b"body", signed(b"other", b"body"))

    for tests in (with_one_secret, with_another):
        found = hunt(tests)
        assert isinstance(found, Hunt)
        assert "keeps the first secret that it saw" in {v.does for v in found.alive}


@pure
def test_a_hunt_survives_tests_that_exit() -> None:
    def leaves(verify: Verify) -> None:
        raise SystemExit(3)

    found = hunt(leaves)
    assert isinstance(found, Hunt)
    assert len(found.accused) == len(CORRECT)
    assert not found.alive


@pure
def test_the_stub_in_a_hunt_earns_a_note() -> None:
    def stub(verify: Verify) -> None:
        raise NotImplementedError

    assert str(hunt(stub)) == "These tests are not written yet."


@pure
@pytest.mark.parametrize("name", SHOPS)
@pytest.mark.parametrize("twin", ["broken", "correct"])
def test_a_shop_and_its_twin_treat_an_ordinary_day_alike(name: str, twin: str) -> None:
    shop = SHOPS[name]
    secret = shop.secrets[0]
    stand = TargetStand(getattr(shop, twin), secret)
    told = []
    for event in payments(3, every=600.0):
        at = float(event.created_at - LAB_EPOCH)
        for late in (0.0, 60.0):
            headers = SCHEMES[shop.scheme].sign(
                event.body, secret=secret, id=event.id, timestamp=int(LAB_EPOCH + at)
            )
            delivery = {"body": event.body, "headers": headers, "at": at + late}
            told.append(stand.deliver(delivery).status)
    assert told == [204, 200] * 3
    assert stand.parcels == ["A-1", "A-2", "A-3"]
    forged = {"body": b"{}", "headers": {}, "at": stand.now}
    assert stand.deliver(forged).status == 401


@pure
@pytest.mark.parametrize("name", SHOPS)
def test_a_shop_shows_its_bug_and_not_its_twin(name: str) -> None:
    source = target(name).source
    assert source.startswith("def make_shop(secret, ship, now):")
    assert "right" not in source
    assert isinstance(SHOPS[name].correct("blue-kite-42", print, lambda: 0.0), Flask)


@pure
def test_a_delivery_of_no_form_is_refused_with_the_reason() -> None:
    shop = target("10.2")
    honest = shop.sign(shop.event)
    for delivery, reason in (
        ([], "a dictionary"),
        ({"body": b""}, "no headers"),
        ({**honest, "body": "text"}, "encode"),
        ({**honest, "headers": [("a", "b")]}, "dictionary of strings"),
        ({**honest, "when": 3}, "'when'"),
        ({**honest, "at": float("nan")}, "number of seconds"),
    ):
        with pytest.raises(BadSetting, match=reason):
            shop.send(delivery)  # type: ignore[arg-type]  # on purpose
    shop.send({**honest, "at": 60})
    with pytest.raises(BadSetting, match="already shows 60 s"):
        shop.send(honest)


@pure
def test_a_body_that_is_text_is_not_signed() -> None:
    with pytest.raises(BadSetting, match="encode"):
        target("10.2").sign("{}")  # type: ignore[arg-type]  # on purpose


@pure
def test_there_are_three_shops_to_break() -> None:
    with pytest.raises(UnknownName, match=r"10\.5"):
        target("10.5")


@pure
def test_too_many_cases_are_counted_and_not_timed() -> None:
    def calls(number: int) -> Callable[[Verify], None]:
        def tests(verify: Verify) -> None:
            for _ in range(number):
                assert verify(b"key", b"body", signed(b"key", b"body"))

        return tests

    said = judge_solution(EXERCISES["10.1"], calls(testing.MOST_CALLS + 1))
    assert said.mistake == "too-many-cases"
    assert "more than 3,000 calls" in str(said)
    assert not hasattr(testing, "seconds_left")
    # With one call less the survivors are the answer, however long that takes.
    said = judge_solution(EXERCISES["10.1"], calls(testing.MOST_CALLS), seconds=60)
    assert said.mistake not in ("too-many-cases", "still-running")


@pure
def test_right_verifiers_leave_open_what_the_contract_leaves_open() -> None:
    right = signed(b"key", b"body")
    digits = right.removeprefix("sha256=")
    for spelled in (right.upper(), f"SHA256={digits}", f"Sha256={digits}"):
        assert not any(each.make()(b"key", b"body", spelled) for each in CORRECT)
    open_ones = (f" {right}\n", f"sha256={digits.upper()}")
    for spelled in open_ones:
        found = {each.make()(b"key", b"body", spelled) for each in CORRECT}
        assert found == {True, False}


ODD_BODIES = [
    b"[" * 100_000,
    b'{"id":' * 900 + b"1" + b"}" * 900,
    b"[" * 980 + b"]" * 980,
    b"9" * 5000,
    b"\xff",
    b"",
    b"null",
    b'{"id": {}, "data": []}',
    b'{"id": "evt_1", "data": {"order_id": NaN}}',
    b'{"id": "\\ud800", "data": {"order_id": "\\ud800"}}',
]


@pytest.mark.parametrize("exercise", ["10.2", "10.3", "10.4"])
def test_whatever_a_delivery_holds_the_kit_does_not_fail(exercise: str) -> None:
    def signs(receiver: Target) -> list[Delivery]:
        return [receiver.sign(body) for body in ODD_BODIES]

    def changes(body: bytes) -> Callable[[Target], list[Delivery]]:
        return lambda receiver: [{**receiver.sign(receiver.event), "body": body}]

    def sends(**parts: Any) -> Callable[[Target], list[Delivery]]:
        return lambda receiver: [{**receiver.sign(receiver.event), **parts}]

    class Hostile(bytes):
        def __bytes__(self) -> bytes:
            raise LookupError

        def __repr__(self) -> str:
            raise LookupError

    answers = [
        signs,
        *map(changes, ODD_BODIES),
        sends(headers={"\udcff": "\udcff"}),
        sends(headers={"a\r\nb": "c\r\nd"}),
        sends(headers={"": "", "X-Webhook-Signature": "é"}),
        sends(headers={"Webhook-Signature": "v1,é", "webhook-timestamp": "9" * 5000}),
        sends(headers={"Content-Length": "-1"}),
        sends(headers={"Content-Length": "many"}),
        sends(headers={"Transfer-Encoding": "chunked"}),
        sends(at=float("inf")),
        sends(at=10**400),
        sends(body=Hostile(b"{}")),
    ]
    for answer in answers:
        found = judge(exercise, answer)
        assert found.outcome == NOT_YET, (found, answer)


def test_a_reason_that_is_not_proven_is_not_given() -> None:
    def nested(receiver: Target) -> list[Delivery]:
        return [{**receiver.sign(receiver.event), "body": b"[" * 100_000}]

    found = judge("10.2", nested)
    assert found.outcome == NOT_YET
    assert found.mistake is None  # only one of the shops rejects it, the other fails
    assert "this shop: 500" in str(found)


def test_a_passed_verdict_tells_which_delivery_shows_the_bug() -> None:
    def breaks(receiver: Target) -> list[Delivery]:
        print("once")
        honest = receiver.sign(receiver.event)
        return [honest, {**honest, "body": honest["body"] + b" "}]

    found = judge("10.2", breaks)
    assert "Delivery 2 shows it. This shop: 200, ships nothing." in " ".join(
        str(found).split()
    )
    assert found.printed == "once\n"


def test_an_exception_in_a_shop_is_not_called_the_learners() -> None:
    def replays(receiver: Target) -> list[Delivery]:
        delivery = receiver.sign(receiver.event)
        return [delivery, {**delivery, "at": 400.0}]

    found = str(judge("10.3", replays))
    assert "replay" in found
    assert "raised and caught:" not in found
    assert "STANDARD.verify" not in found


def test_lines_of_a_verifier_are_not_shown_as_the_learners() -> None:
    def tests(verify: Any) -> None:
        assert verify("key", "body", "sha256=00")

    said = judge_solution(EXERCISES["10.1"], tests)
    assert said.mistake == "text-where-bytes-belong"
    assert said.failure is not None
    assert len(said.failure.lines) == 1


def test_tests_that_ran_only_once_are_not_said_to_swallow_failures() -> None:
    done: list[bool] = []

    def tests(verify: Verify) -> None:
        if not done:
            done.append(True)
            assert verify(b"key", b"body", signed(b"key", b"body"))
            assert not verify(b"key", b"other", signed(b"key", b"body"))

    said = judge_solution(EXERCISES["10.1"], tests)
    assert (said.outcome, said.mistake) == (NOT_YET, None)


def test_what_tests_print_is_shown_once() -> None:
    def tests(verify: Verify) -> None:
        print("once")
        assert verify(b"key", b"body", signed(b"key", b"body"))

    assert judge_solution(EXERCISES["10.1"], tests).printed == "once\n"


@pure
@pytest.mark.parametrize("number", [1, 2, 3])
def test_two_of_any_three_consecutive_orders_of_an_incident_are_lost(
    number: int,
) -> None:
    drawn = month(number)
    for each in drawn.incidents:
        lost = [
            done is None for at, done in drawn.orders if each.starts <= at < each.ends
        ]
        assert len(lost) > 50
        assert all(sum(lost[i : i + 3]) >= 2 for i in range(len(lost) - 2))
