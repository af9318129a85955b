"""Judge a learner's solution, and say what was found.

verdicts.py      what a check says, as text and as HTML
cases.py         what an exercise is, and what its cases ask
judging.py       try the cases of an exercise within the time of a check
wording.py       values and exceptions in the words of a verdict
contract.py      the sentences of an exercise's docstring
reference.py     the reference solution, kept with the kit
space.py         trials: fixed ones, generated ones, and probes
observing.py     what can be observed of functions and of functions that call back
steps.py         what can be observed of a Flask app
callbacks.py     callbacks for that app, which take notes
raising.py       exceptions that the functions of a trial raise
mistakes.py      mutants and rules, which prove a mistake
difference.py    where solution and reference differ, as a failure
comparing.py     compare with the reference on the trials, and shrink
keeping.py       whether a solution keeps something from call to call
naming.py        find the mistake that a mutant or a rule proves
proving.py       a judge: the four parts, and how they reach a verdict
calls.py         call a Flask app in process, and say what it responded
restarted.py    restart a receiver in processes of their own
predictions.py   a question before each simulation

Both kinds of exercises work next to each other: those with hand-made cases, and those
with the four parts contract, reference, space and mistakes (`Exercise.judge`).

How to move an exercise to the four parts
=========================================

`exercises/lab06_retries/statuses.py` (6.1) is the shortest example. Keep the `Mistake`
records (ids, `why`, `try_next`), the hints and the ids. Delete the cases.

1. **Contract.** Rewrite the docstring in `solutions/*.py` so that each rule is one
   sentence. Put the same sentences into a `Contract`, word for word and in the same
   order: `Sentence(id, text)` if trials test it, `given(text)` if it describes the
   arguments, `leaves_open(text)` for what the check does not test. `contract(text)`
   makes all of them from one text, `mistakes(text)` the mistakes, and
   `numbered(text)` the hints; lab 13 uses them. Each tested sentence becomes a case
   of the verdict. Examples belong into the text above the cell.
2. **Reference.** The solution cell is the reference. `labkit dev build` copies it, with
   what it needs of earlier cells, to `exercises/references/<id>.txt`. Commit that file.
   `labkit dev references` does only this copy, within a second.
3. **Observer.** `Function(arguments, show, normal)` for plain functions. `arguments`
   makes the arguments from a trial's fields, e.g. signs the body. `normal` makes of a
   result what is compared: only what the contract fixes (`truth` for True and False,
   `exactly` for value and type). `Callback` also compares the calls that were made;
   6.4 (lab06_retries/loop.py) is the example. `App` in steps.py runs a list of steps
   against a Flask app; tests/test_steps.py shows callbacks, failures and rows. A field
   such as `look` in 6.4 lets each trial compare only what its sentence is about.
4. **Space.** `Space(base, trials)`: `trials` yields `Trial(sentence, changes, note)`,
   easy ones first. A trial changes some fields of the base trial. If the contract
   allows several results, `also` accepts the others. Cover the boundaries: exactly at
   a limit, one below, one above; zero, empty, absent, null, twice; very long; each type
   instead of each other; nested 1, 5 and 50 levels deep; bytes that are not text;
   values that share a prefix, or differ in one letter or in case; the same again after
   a failure. `generate` makes further trials from a seeded generator; `combine=True`
   combines the changes of two fixed trials.
5. **Mistakes.** A list of proofs. `edit(MISTAKE, (old, new))` is the reference with old
   text replaced, and `edits(MISTAKE, old, *texts)` are several ways to replace it;
   `sources(MISTAKE, text)` and `Mutant(MISTAKE, function=f)` are other ways to make a
   mutant. Use `Rule` only for families ("too narrow by any amount"): it
   lists where a solution must differ, how, and where it must agree; `may` adds trials
   on which it may differ too, `together` looks at all of them at once. The proof that
   explains most differences wins; among equals the first one. If two mistakes
   give the same results on all trials, add a `probe`: a trial outside of the contract
   that never fails a solution and only helps to name its mistake. A solution that no
   proof fits gets no name, and its verdict quotes the sentence.
6. **Stored answers.** If a wrong answer in `tests/wrong_answers` is an edit of the
   reference, store it as edit (`#-` and `#+` lines; see `build/content.py`).
7. **Prove it.** `labkit dev check <id>` compares docstring, contract, reference, trials
   and mutants, and tries all stored answers. `labkit dev mutants <id>` makes mutants of
   all right answers: each must be rejected or be listed with a reason.

Nothing of the learner's code is trusted: trials are copied for each call, what it
prints and raises is captured, and the check runs in the sandbox.
"""

from labkit.checks.cases import (
    ASYNC,
    CALLED,
    STUCK,
    Case,
    Exercise,
    Mistake,
    NotAttempted,
    NotTried,
    NotYet,
    Question,
    name_of,
    quietly,
)
from labkit.checks.judging import judge_solution, seconds_left
from labkit.checks.wording import describe, lines_of, short, short_text

__all__ = [
    "ASYNC",
    "CALLED",
    "STUCK",
    "Case",
    "Exercise",
    "Mistake",
    "NotAttempted",
    "NotTried",
    "NotYet",
    "Question",
    "describe",
    "judge_solution",
    "lines_of",
    "name_of",
    "quietly",
    "seconds_left",
    "short",
    "short_text",
]
