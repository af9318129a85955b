"""Solutions are compared with the reference, and a name is given only with proof."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from labkit.checks import Exercise, Mistake, judge_solution, keeping, proving
from labkit.checks.contract import (
    Contract,
    Sentence,
    contract,
    given,
    leaves_open,
)
from labkit.checks.difference import Difference, told_apart
from labkit.checks.judging import memory_of
from labkit.checks.mistakes import Mutant, Rule, edit, mistakes, returned
from labkit.checks.observing import RAISES, Function, Seen, family
from labkit.checks.proving import FOR_GENERATED, GENERATED, Judge, judged
from labkit.checks.reference import EditDoesNotApply, edited, edits_in
from labkit.checks.space import Space, Trial, probe, simpler
from labkit.checks.verdicts import NOT_ATTEMPTED, NOT_YET, PASSED
from labkit.exercises import EXERCISES
from labkit.running.sources import Sources

pytestmark = pytest.mark.pure

REFERENCE = """def double(number, items):
    return number * 2 + len(items)
"""

TRIPLES = Mistake("triples", "It is three times as much.", "Multiply by 2.")
ODD = Mistake("odd-numbers", "Odd numbers are wrong.", "Look at odd numbers.")
SQUARES = Mistake("squares", "It is the square.", "Multiply by 2.")


def _trials() -> Iterator[Trial]:
    for number in (2, 1, 3, 0):
        yield Trial("doubles", {"number": number})
    yield Trial("adds", {"items": ["a"]}, "one item")
    yield Trial("adds", {"number": 1000}, also=lambda value: value == ("int", 7))
    yield probe({"number": "ab", "items": "c"})


@pytest.fixture
def exercise(monkeypatch: pytest.MonkeyPatch) -> Exercise:
    monkeypatch.setattr("labkit.checks.comparing.reference_text", lambda _: REFERENCE)
    return judged(
        id="9.9",
        lab="99_test",
        wants="double(number, items) -> int",
        hints=("a", "b"),
        contract=Contract(
            (
                given("Return a number."),
                Sentence("doubles", "It is twice the number."),
                Sentence("adds", "The number of items is added."),
                leaves_open("The check tests no floats."),
            )
        ),
        space=Space({"number": 2, "items": []}, _trials, combine=True, many=20),
        observer=Function(
            lambda fields: [fields["number"], fields["items"]],
            lambda fields: f"{fields['number']}, {fields['items']}",
        ),
        mistakes=(
            edit(TRIPLES, ("* 2", "* 3")),
            edit(SQUARES, ("* 2", "** 2")),
            Rule(ODD, lambda f: f["number"] in (1, 3), lambda f: f["number"] == 0),
        ),
    )


def _judge(exercise: Exercise, solution: Callable[..., Any]) -> tuple[str, str | None]:
    verdict = judge_solution(exercise, solution)
    return verdict.outcome, verdict.mistake


def test_a_correct_solution_passes_each_sentence(exercise: Exercise) -> None:
    verdict = judge_solution(
        exercise, lambda number, items: number + number + len(items)
    )
    assert verdict.outcome == PASSED
    assert verdict.passed == (
        "It is twice the number.",
        "The number of items is added.",
        GENERATED,
    )


def test_a_mutant_names_the_solution_that_behaves_like_it(exercise: Exercise) -> None:
    assert _judge(exercise, lambda n, i: n + n + n + len(i)) == (NOT_YET, "triples")


def test_a_solution_that_differs_from_the_mutant_once_gets_no_name(
    exercise: Exercise,
) -> None:
    def nearly(number: int, items: list[str]) -> int:
        return 3 if number == 3 else number * 3 + len(items)

    verdict = judge_solution(exercise, nearly)
    assert (verdict.outcome, verdict.mistake) == (NOT_YET, None)
    assert verdict.failure
    assert 'The contract says: "It is twice the number."' in verdict.failure.why
    assert (verdict.failure.answered, verdict.failure.expected) == ("6", "4")


def test_a_mutant_is_compared_where_it_says(exercise: Exercise) -> None:
    def nearly(number: int, items: list[str]) -> int:
        return 3 if number == 3 else number * 3 + len(items)

    other = Mutant(TRIPLES, [("* 2", "* 3")], on=lambda fields: fields["number"] != 3)
    exercise.judge.naming.mistakes = [other]
    assert _judge(exercise, nearly) == (NOT_YET, "triples")


def test_the_end_of_a_generator_is_no_caught_exception(exercise: Exercise) -> None:
    def stops_early(number: int, items: list[str]) -> int:
        return int(any(each > 0 for each in range(number)))

    verdict = judge_solution(exercise, stops_early)
    assert verdict.failure
    assert "caught" not in verdict.failure.answered


def test_a_rule_names_where_a_solution_differs(exercise: Exercise) -> None:
    def odd(number: int, items: list[str]) -> int:
        return number * 2 + len(items) + 5 * (number % 2)

    assert _judge(exercise, odd) == (NOT_YET, "odd-numbers")


def test_a_result_that_the_contract_also_allows_is_no_difference(
    exercise: Exercise,
) -> None:
    def allowed(number: int, items: list[str]) -> int:
        return 7 if number == 1000 else number * 2 + len(items)

    assert _judge(exercise, allowed) == (PASSED, None)


def test_a_probe_fails_no_solution(exercise: Exercise) -> None:
    def strict(number: int, items: list[str]) -> int:
        if isinstance(number, str):
            raise TypeError("no strings")
        return number * 2 + len(items)

    assert _judge(exercise, strict) == (PASSED, None)


def test_generated_inputs_that_were_not_tried_are_not_said_to_hold(
    exercise: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labkit.checks.proving.work_left", lambda: FOR_GENERATED - 0.1)
    verdict = judge_solution(
        exercise, lambda number, items: number + number + len(items)
    )
    assert verdict.outcome == PASSED
    assert verdict.untried == (GENERATED,)
    assert GENERATED not in verdict.passed
    assert "all" not in verdict.headline


def test_an_unstable_solution_gets_no_name(exercise: Exercise) -> None:
    calls = []

    def worn_out(number: int, items: list[str]) -> int:
        calls.append(number)
        return number * (2 if len(calls) < 5 else 3) + len(items)

    assert _judge(exercise, worn_out) == (NOT_YET, None)


@pytest.mark.parametrize(("uses", "times"), [("number", 1), ("id(number)", 2)])
def test_a_steady_solution_is_not_tried_again_on_what_it_passed(
    exercise: Exercise, monkeypatch: pytest.MonkeyPatch, uses: str, times: int
) -> None:
    solution = _learners(
        "def double(number, items):\n"
        f"    {uses}\n"
        "    return number * 2 if items else number * 2 + len(items)\n"
    )
    assert exercise.judge is not None
    tried: list[Trial] = []
    observe = Judge.observe

    def noted(judge: Judge, function: Any, trial: Trial) -> Seen:
        if function is solution:
            tried.append(trial)
        return observe(judge, function, trial)

    monkeypatch.setattr(Judge, "observe", noted)
    assert judge_solution(exercise, solution).outcome == NOT_YET
    assert tried.count(exercise.judge.trials[0]) == times


@pytest.mark.parametrize(("clock", "name"), [(False, "odd-numbers"), (True, None)])
def test_neither_a_clock_nor_chance_is_a_memory(
    exercise: Exercise, *, clock: bool, name: str | None
) -> None:
    space: dict[str, Any] = {"kept": [], "now": time.perf_counter_ns, "clock": clock}
    exec(  # noqa: S102 - the memory of a learner's code is looked at
        compile(
            "def double(number, items):\n"
            "    kept.append(number)\n"
            "    return number + (now() if clock else len(kept))\n",
            "<a learner's cell>",
            "exec",
        ),
        space,
    )
    assert exercise.judge is not None
    exercise.judge.naming.mistakes = [
        Rule(ODD, lambda _: True, some=True, stateful=True, remembers=True)
    ]
    assert _judge(exercise, space["double"]) == (NOT_YET, name)


def _learners(source: str, name: str = "double") -> Callable[..., Any]:
    """Return the function of a learner's cell."""
    space: dict[str, Any] = {}
    # It stands for a cell.
    exec(compile(source, "<a learner's cell>", "exec"), space)  # noqa: S102
    function: Callable[..., Any] = space[name]
    return function


@pytest.mark.parametrize(
    "source",
    [
        """def double(number, items, first=[]):
    first.append(number)
    return first[0] * 2 + len(items)
""",
        """class Calls:
    number = 0
def double(number, items):
    Calls.number += 1
    return number * 2 + len(items) + (Calls.number > 2)
""",
    ],
)
def test_what_is_kept_between_calls_is_told_as_such(
    exercise: Exercise, source: str
) -> None:
    verdict = judge_solution(exercise, _learners(source))
    assert verdict.failure is not None
    assert verdict.mistake is None
    assert verdict.failure.why.startswith("Alone, this input gives the right result;")
    assert verdict.failure.sent.endswith("made before this one)")


@pytest.mark.parametrize(("rounds", "told"), [(4, True), (3, False)])
def test_without_time_nothing_is_told_as_kept(
    exercise: Exercise, monkeypatch: pytest.MonkeyPatch, rounds: int, *, told: bool
) -> None:
    """It is tried in four rounds, if there is time for each of them."""
    left = iter([1.0] * rounds)
    keeps_state = keeping.keeps_state
    found: list[bool] = []

    def in_a_hurry(*args: Any) -> bool:
        with monkeypatch.context() as hurry:
            hurry.setattr(keeping, "work_left", lambda: next(left, 0.0))
            found.append(keeps_state(*args))
        return found[-1]

    monkeypatch.setattr(proving, "keeps_state", in_a_hurry)
    source = """def double(number, items, first=[]):
    first.append(number)
    return first[0] * 2 + len(items)
"""
    judge_solution(exercise, _learners(source))
    assert found == [told]


def test_a_large_list_takes_no_time_of_the_check(exercise: Exercise) -> None:
    # Lists of over 50,000 are not looked into. With 200,000 rows, a browser on a busy
    # machine runs out of the check's time, which is by the clock there.
    text = """
def helper(number):
    return number * 2

HELPERS = [helper]
ROWS = [(number, str(number)) for number in range(60_000)]

def double(number, items):
    return HELPERS[0](number) + len(items) + 0 * len(ROWS)
"""
    solution = _learners(text)
    sources = Sources([solution])
    assert [each.__name__ for each in sources.functions] == ["double", "helper"]
    assert len(sources._met) < 100
    assert memory_of(solution) is None
    assert judge_solution(exercise, solution).outcome == PASSED


def test_chance_is_not_told_as_what_is_kept(exercise: Exercise) -> None:
    source = (
        "import random\ndef double(number, items):\n"
        "    return number * 2 + len(items) + (random.random() < 0.3)\n"
    )
    told = [judge_solution(exercise, _learners(source)).failure for _ in range(20)]
    alone = [each for each in told if each and each.why.startswith("Alone")]
    assert len(alone) <= 2


@pytest.mark.parametrize(
    ("reference", "wrong", "told"),
    [
        ("tuple(steps)", "tuple(steps[:-1]) + (steps[-1] + len(steps) - 1,)", True),
        ("tuple(steps)", "tuple(steps[:-1]) + (steps[-1] + 1,)", False),
        ("tuple(steps)", "(0, *steps[1:])", False),
        ("(*steps[:-1], sum(steps))", "tuple(steps)", False),
    ],
    ids=["steps before", "also alone", "another step", "steps that count"],
)
def test_only_a_fault_that_the_steps_before_bring_is_told_as_kept(
    monkeypatch: pytest.MonkeyPatch, reference: str, wrong: str, told: bool
) -> None:
    source = f"def total(steps):\n    return {reference}\n"
    monkeypatch.setattr("labkit.checks.comparing.reference_text", lambda _: source)
    exercise = judged(
        id="9.9",
        lab="99_test",
        wants="total(steps) -> tuple",
        hints=("a", "b"),
        contract=Contract((Sentence("each", "Each step counts for itself."),)),
        space=Space({}, lambda: [Trial("each", {"steps": [1, 2, 3]})]),
        observer=Function(lambda fields: [fields["steps"]], str, lambda value: value),
        mistakes=(),
    )
    solution = _learners(f"def total(steps):\n    return {wrong}\n", "total")
    failure = judge_solution(exercise, solution).failure
    assert failure is not None
    assert ("keeps from an earlier request" in failure.why) is told


def test_the_sentence_that_is_broken_is_quoted(exercise: Exercise) -> None:
    assert exercise.judge is not None
    exercise.judge.blames = lambda *_: "adds"
    verdict = judge_solution(exercise, lambda _number, _items: 7)
    assert verdict.failure is not None
    assert verdict.failing == "The number of items is added."
    assert verdict.failure.why == f'The contract says: "{verdict.failing}"'


def test_a_function_that_calls_itself_too_often_is_told_so(exercise: Exercise) -> None:
    source = "def double(number, items):\n    return double(number, items)\n"
    failure = judge_solution(exercise, _learners(source)).failure
    assert failure is not None
    assert failure.try_next.endswith(
        "your function calls itself too often. Use a loop instead."
    )


def test_only_what_the_failing_trial_printed_is_shown(exercise: Exercise) -> None:
    def prints(number: int, _items: list[str]) -> int:
        print(f"double of {number}")
        return 4

    verdict = judge_solution(exercise, prints)
    assert verdict.printed == "double of 1\n"


def test_a_long_print_is_cut_in_the_middle(exercise: Exercise) -> None:
    def prints(_number: int, _items: list[str]) -> int:
        print(*range(100), sep="\n")
        return 4

    lines = judge_solution(exercise, prints).printed.splitlines()
    assert lines[9:12] == ["9", "… 80 more lines …", "90"]


@pytest.mark.parametrize(
    ("answered", "expected", "told"),
    [
        ("Zoe\u0308", "Zoë", ("'Zoe\\u0308'", "'Zo\\xeb'")),
        ("a\u200bb", "ab", ("'a\\u200bb'", "'ab'")),
        ("a", "b", ("'a'", "'b'")),
    ],
)
def test_texts_that_look_alike_are_told_apart(
    answered: str, expected: str, told: tuple[str, str]
) -> None:
    seen, wanted = (Seen(each, repr(each), None, each) for each in (answered, expected))
    assert told_apart(seen, wanted) == told


def test_values_that_look_alike_are_told_apart_by_their_types() -> None:
    class Text(str):
        __slots__ = ()

    seen, wanted = (Seen(each, "'a'", None, each) for each in (Text("a"), "a"))
    assert told_apart(seen, wanted) == ("'a' (of type Text)", "'a' (of type str)")


def test_every_generated_trial_can_be_made_simpler() -> None:
    tried = 0
    for exercise in EXERCISES.values():
        if exercise.judge is None or exercise.judge.space.generate is None:
            continue
        judge = exercise.judge
        for trial in simpler(next(judge.space.generated())):
            judge.observe(judge.reference, trial)
            judge.observer.show(judge.space.fields(trial))
            tried += 1
    assert tried > 50


def test_a_solution_gets_copies(exercise: Exercise) -> None:
    def greedy(number: int, items: list[str]) -> int:
        found = number * 2 + len(items)
        items.append("mine")
        return found

    assert _judge(exercise, greedy) == (PASSED, None)


def test_a_caught_exception_is_shown_with_its_line(exercise: Exercise) -> None:
    def careful(number: int, items: list[str]) -> int | None:
        try:
            return number * 2 + items  # type: ignore[operator]
        except Exception:  # noqa: BLE001 - as learners write it
            return None

    verdict = judge_solution(exercise, careful)
    assert verdict.failure
    assert "raised and caught: TypeError" in verdict.failure.answered
    assert "return number * 2 + items" in verdict.failure.lines[0]
    assert verdict.mistake is None
    assert "type" in verdict.failure.why


def test_an_expected_exception_is_not_told_as_the_fault() -> None:
    seen, wanted = (
        Seen((RAISES, place), f"ValueError: {place}", ValueError(place))
        for place in ("here", "there")
    )
    found = Difference(Trial("nothing"), seen, wanted)
    assert seen.error is not None
    caught = [(seen.error, ("line 1: raise",))]
    failure = found.failure("a call", "Change nothing.", caught)
    assert failure.why == 'The contract says: "Change nothing."'
    assert not failure.lines
    assert "caught" not in failure.answered


def test_an_exception_of_the_trial_is_told_by_what_it_means() -> None:
    source = (
        "def poll(list_events, sleep, interval, rounds):\n"
        "    events, cursor = [], None\n"
        "    for number in range(rounds):\n"
        "        if number:\n"
        "            sleep(interval)\n"
        "        while page := list_events(cursor):\n"
        "            events += [each for each in page if each not in events]\n"
        "            if page[-1]['id'] == cursor:\n"
        "                break\n"
        "            cursor = page[-1]['id']\n"
        "    return events\n"
    )
    failure = judge_solution(EXERCISES["1.1"], _learners(source, "poll")).failure
    assert failure is not None
    assert failure.why.startswith("Your code asks for pages without an end.")


def test_an_exception_without_a_telling_name_has_its_module(exercise: Exercise) -> None:
    source = "import struct\ndef double(number, items):\n    struct.pack('b', 300)\n"
    failure = judge_solution(exercise, _learners(source)).failure
    assert failure is not None
    assert failure.why.startswith("Your code raised struct.error here.")


def test_a_caught_slip_is_shown_and_hides_the_names(exercise: Exercise) -> None:
    def triple(number: int, items: list[str]) -> int:
        try:
            # The slip of this test: an int has no such attribute.
            return number.twice + len(items)  # type: ignore[attr-defined,no-any-return]
        except AttributeError:
            return number * 3 + len(items)

    assert _judge(exercise, triple) == (NOT_YET, None)
    assert "no attribute 'twice'" in str(judge_solution(exercise, triple))


def test_a_wrong_call_is_told_from_a_wrong_type(exercise: Exercise) -> None:
    def helper(number: int) -> int:
        return number * 2

    def calls(number: int, items: list[str]) -> int:
        return helper(number, more=items)  # type: ignore[call-arg]  # on purpose

    verdict = judge_solution(exercise, calls)
    assert verdict.failure
    assert "with arguments that the function" in verdict.failure.why


def test_an_endless_loop_while_a_mistake_is_looked_for_keeps_the_failure(
    exercise: Exercise,
) -> None:
    def loops(number: int, items: list[str]) -> int:
        while items:
            pass
        return number * 3

    verdict = judge_solution(exercise, loops, seconds=0.3)
    assert verdict.outcome == NOT_YET
    assert verdict.failure
    assert verdict.failure.expected == "4"


def test_other_arguments_are_named(exercise: Exercise) -> None:
    assert _judge(exercise, lambda number: number) == (NOT_YET, "other-arguments")


def test_the_stub_is_not_attempted(exercise: Exercise) -> None:
    def stub(number: int, items: list[str]) -> int:
        raise NotImplementedError

    assert _judge(exercise, stub) == (NOT_ATTEMPTED, None)


def test_a_generated_difference_is_shrunk(exercise: Exercise) -> None:
    def both(number: int, items: list[str]) -> int:
        return 0 if items and number == 1 else number * 2 + len(items)

    verdict = judge_solution(exercise, both)
    assert verdict.failing == GENERATED
    assert verdict.failure
    assert verdict.failure.sent.startswith("1, ['a']")


def test_a_difference_is_not_shrunk_without_time(
    exercise: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    def both(number: int, items: list[str]) -> int:
        return 0 if items and number == 1 else number * 2 + len(items)

    trial = Trial("adds", {"number": 1, "items": ["a"], "more": 1})
    found = exercise.judge.first_difference(both, [trial])
    assert exercise.judge.shrink(both, found).trial.changes.keys() == {
        "number",
        "items",
    }
    monkeypatch.setattr("labkit.checks.comparing.work_left", lambda: 0.1)
    assert exercise.judge.shrink(both, found) is found


def test_the_cases_of_late_sentences_are_searches() -> None:
    exercise = EXERCISES["12.1"]
    late = [each.__name__ for each in exercise.searches][:2]
    assert late == ["outage", "quiet"]
    assert not {"outage", "quiet"} & {each.__name__ for each in exercise.cases}


def test_an_edit_applies_exactly_once() -> None:
    assert edited(REFERENCE, [("* 2", "* 3")]) == REFERENCE.replace("2", "3")
    with pytest.raises(EditDoesNotApply, match="occurs 2 times"):
        edited(REFERENCE, [("items", "x")])


def test_a_stored_edit_has_old_and_new_lines() -> None:
    code = "#- a\n#-  b\n#+ c\n#- d\n#+ e\n"
    assert edits_in(code) == [("a\n b", "c"), ("d", "e")]


def test_returned_accepts_observed_values() -> None:
    seen = Function(lambda f: [f["n"]], str).observe(lambda n: n, {"n": 1})
    assert returned(("int", 1))({}, seen)
    assert not returned(("int", 2))({}, seen)


def test_a_contract_is_read_from_a_text() -> None:
    made = contract("""
        given: `number` is a number: any one.
        doubles: Return twice
            the number.
        open: The check does not test text.
    """)
    assert made.sentences == [
        given("`number` is a number: any one."),
        Sentence("doubles", "Return twice the number."),
        leaves_open("The check does not test text."),
    ]


def test_mistakes_are_read_from_a_text() -> None:
    triples, odd = mistakes("""
        triples: It is three times
            as much.
            Try: Multiply by 2.
        odd-numbers: Odd numbers are wrong. Try: Look at odd numbers.
    """)
    assert (triples, odd) == (TRIPLES, ODD)


def test_a_subclass_counts_as_the_exception_that_is_asked_for() -> None:
    name = family(LookupError, ValueError)
    assert name(UnicodeError()) == "ValueError"
    assert name(KeyError()) == "LookupError"
    assert name(TypeError()) == "TypeError"
