"""Mutants built into one Go file."""

from __future__ import annotations

from runfree.mutation import Mutant, list_mutants
from runfree_training.execute.go_schemata import build, can_hold

TEXT = """package a

var limit = 3

func First(xs []int) (found int) {
outer:
	for _, x := range xs {
		if x > limit {
			found = x
			break outer
		}
	}
	return found
}

func Quiet(n int) {
	println(n + 1)
}
"""


def _mutant(original: str, replacement: str) -> Mutant:
    start = TEXT.index(original)
    line = TEXT[:start].count("\n") + 1
    return Mutant("number", line, 0, start, start + len(original), original, replacement, "")


def test_only_bodies_can_hold_mutants() -> None:
    assert can_hold(TEXT, [_mutant("3", "4"), _mutant("x > limit", "true")]) == [False, True]


def test_copies_stand_behind_the_switch() -> None:
    mutants = [_mutant("x > limit", "x >= limit"), _mutant("n + 1", "n + 2")]
    built = build(TEXT, mutants)
    assert built.text.count("switch rfMutant {") == 2
    assert "case 1:" in built.text
    assert "case 2:" in built.text
    # Labels are function-wide: those of the copy are renamed, the original's stay.
    assert "outer_rf0:" in built.text
    assert "break outer_rf0" in built.text
    assert built.text.count("rfFell()") == 1, "only a function with a result must not run off its copy"
    lines = built.text.split("\n")
    assert built.mutant_at(next(i for i, x in enumerate(lines, 1) if "x >= limit" in x)) == 0
    assert built.mutant_at(next(i for i, x in enumerate(lines, 1) if "n + 2" in x)) == 1
    assert built.mutant_at(next(i for i, x in enumerate(lines, 1) if "x > limit" in x)) is None


def test_skipped_mutants_are_left_out() -> None:
    mutants = list(list_mutants("go", TEXT))
    everything = frozenset(range(len(mutants)))
    assert build(TEXT, mutants, everything).text == TEXT
    assert build(TEXT, mutants, everything - {0}).places[0][2] == 0
