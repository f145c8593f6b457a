"""Candidates that nothing was heard of are not run; those that keep the file from being collected are errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from runfree_training.execute.python_job import UNHEARD, Answer, Collection, Ran, Worker
from runfree_training.execute.python_run import Judge
from runfree_training.execute.python_suite import Candidate, Suite

TESTS = "def test_one():\n    assert True\n"


class Busy:
    """A worker that collects the file with the candidates in `answers` never, and says why."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers = answers

    def run(self, collections: Sequence[Collection]) -> dict[int, Answer]:
        found = {}
        for one in collections:
            said = [why for name, why in self.answers.items() if f"def {name}" in one.test_text]
            found[one.id] = Answer(uncollected=said[0] if said else "", complete=not said)
            for name in one.tests or () if not said else ():
                found[one.id].tests[name] = Ran("passed", "", (1,), 0.01)
        return found


def candidate(name: str, file: str = "") -> Candidate:
    text = f"def {name}():\n    pass\n"
    return Candidate("written", "first", "test_one", name, text, file=file and TESTS + text)


def test_only_a_verdict_is_an_error() -> None:
    worker = Busy({"test_slow": f"{UNHEARD}: killed", "test_odd": "NameError: nope", "test_own": UNHEARD})
    candidates = [
        candidate("test_slow"),
        candidate("test_odd"),
        candidate("test_good"),
        candidate("test_own", "own"),
    ]
    passing = {"test_one": Ran("passed", "", (1,), 0.01)}
    judge = Judge(cast(Worker, worker), Suite(TESTS), "x = 1\n", passing, candidates, (), 60.0, 0)
    results, _ = judge.run()
    assert [results[i].outcome for i in range(4)] == ["not-run", "error", "passed", "not-run"]
