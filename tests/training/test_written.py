"""The table of written tests: outcomes, and gains over the tests of the file that pass."""

from __future__ import annotations

from runfree_training.records import MutantResult, Record, TestResult
from runfree_training.written import Outcomes, table


def test_gains_are_those_of_passing_tests_over_the_passing_suite() -> None:
    tests = (
        TestResult("a", "existing", "passed", lines=(1, 2), kills=(0,)),
        TestResult("b", "existing", "failed", lines=(1, 2, 3), kills=(1,)),
        TestResult("same", "written", "passed", lines=(1, 2), kills=(0,)),
        TestResult("new", "written", "passed", lines=(1, 3), timeouts=(1,)),
        TestResult("wrong", "written", "failed", lines=(1, 3)),
        TestResult("harmful", "written", "passed", lines=(1, 3), kills=(1,), breaks=("a",)),
        TestResult("refused", "written", "does-not-compile"),
        TestResult("broken", "broken", "passed", lines=(3,)),
    )
    mutants = (MutantResult("string", 1, 0), MutantResult("string", 2, 0))
    record = Record(
        "python",
        "own/shop",
        "",
        "",
        "shop.py",
        "test_shop.py",
        "",
        "",
        (1, 2, 3),
        mutants,
        tests,
        written="x",
    )
    outcomes = Outcomes()
    outcomes.add(record)
    assert table({"python": outcomes}).splitlines()[-1] == "| python | 5 | 1 | 1 | 2 | 1 | 1 | 1 | 1 | 1 |"
