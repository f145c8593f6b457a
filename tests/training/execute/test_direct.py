"""Labels compared with plain runs; the runs are played here."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from runfree.mutation import list_mutants
from runfree_training.execute.direct import Plain, check
from runfree_training.records import MutantResult, Record, TestResult

FOCAL = "package a\n\nfunc Sign(n int) int {\n\tif n < 0 {\n\t\treturn -1\n\t}\n\treturn 1\n}\n"
TESTS = "package a\n\nfunc TestPlus(t *testing.T) {\n\tif Sign(2) != 1 {\n\t\tt.Fatal()\n\t}\n}\n"
NEW = "func TestPlus2(t *testing.T) {\n\tif Sign(-2) != -1 {\n\t\tt.Fatal()\n\t}\n}"
MUTANT = next(m for m in list_mutants("go", FOCAL) if m.line == 5)
RECORD = Record(
    "go", "own/a", "", "", "a.go", "a_test.go", FOCAL, TESTS, (4, 5, 7),
    (MutantResult(MUTANT.operator, MUTANT.line, MUTANT.ordinal),),
    (
        TestResult("TestPlus", "existing", "passed", lines=(4, 7)),
        TestResult("TestPlus2", "broken", "passed", "changed-input", "TestPlus", NEW, lines=(4, 5), kills=(0,)),
    ),
)  # fmt: skip


def _play(focal: str, text: str, lists: Sequence[Sequence[str]]) -> Sequence[Plain]:
    """What the two tests really do."""
    assert NEW in text
    return [_played(focal, names) for names in lists]


def _played(focal: str, names: Sequence[str]) -> Plain:
    if focal != FOCAL:
        return Plain({name: name != "TestPlus2" for name in names}, frozenset())
    lines = {"TestPlus": {4, 7}, "TestPlus2": {4, 5}}
    return Plain(dict.fromkeys(names, True), frozenset(line for name in names for line in lines[name]))


@pytest.mark.parametrize("seed", range(4))
def test_right_records_agree(seed: int) -> None:
    found = list(check(RECORD, _play, random.Random(seed)))
    assert [what for what, _, _ in found][:2] == ["passes", "coverage"]
    assert all(agrees for _, agrees, _ in found)
    assert any(what == "mutants" for what, _, _ in found)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"outcome": "failed"}, "passes"),
        ({"lines": (4, 5, 7), "kills": ()}, "mutants"),
    ],
)
def test_wrong_records_differ(change: dict[str, object], what: str) -> None:
    wrong = replace(RECORD, tests=(RECORD.tests[0], replace(RECORD.tests[1], **change)))  # type: ignore[arg-type]
    assert what in {
        w for seed in range(4) for w, agrees, _ in check(wrong, _play, random.Random(seed)) if not agrees
    }


def test_wrong_lines_differ() -> None:
    wrong = replace(RECORD, tests=(RECORD.tests[0], replace(RECORD.tests[1], lines=(4,))))
    found = [f for seed in range(8) for f in check(wrong, _play, random.Random(seed))]
    assert ("coverage", False) in {(what, agrees) for what, agrees, _ in found}
