"""Broken copies of Go tests."""

from __future__ import annotations

import random

from runfree_training.candidates.broken_go import break_tests, breakages
from runfree_training.candidates.edits import apply
from runfree_training.execute.go_suite import parse

TESTS = """package list

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestAdd adds.
func TestAdd(t *testing.T) {
	list := New(1, 2)
	list.Add("a", 3)
	if got, err := list.Get(0); err != nil || got != 1 {
		t.Errorf("got %v", got)
	}
	for i := 0; i < 2; i++ {
		list.Remove(i)
	}
	size, ok := list.Size()
	if size != 3 {
		t.Fatal(ok)
	}
}

func TestTable(t *testing.T) {
	tests := []struct {
		in   string
		want int
	}{
		{"a", 1},
		{"bc", 2},
		{in: "def", want: 3},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, Count(strings.TrimSpace(tt.in), true))
	}
	_, err := Parse("x")
	assert.NoError(t, err)
}
"""
KINDS = {
    "wrong-expected", "changed-input", "off-by-one", "negated-condition", "wrong-argument-count", "swapped-arguments",
    "wrong-argument-type", "nil-for-value", "unknown-member", "undefined-name", "missing-import", "unused-import",
    "redeclared-variable", "unused-variable", "wrong-result-count", "dropped-setup", "dropped-declaration",
    "dropped-assertion", "weakened-assertion", "wrong-error-expectation", "subset-of-cases", "further-case",
    "near-duplicate", "cut-short", "syntax-error",
}  # fmt: skip


def test_every_kind_is_made() -> None:
    suite = parse(TESTS)
    kinds: dict[str, set[str]] = {}
    for seed in range(5):
        for declaration in suite.declarations:
            for one in breakages(declaration.text, suite, random.Random(seed)):
                if one.edits:
                    kinds.setdefault(one.kind, set()).add(apply(declaration.text, one.edits))
                else:
                    kinds.setdefault(one.kind, set()).add(one.removes or "".join(one.imports))
    assert set(kinds) == KINDS
    assert any(
        "want: 4" in text or "want: 2}" in text or '{in: "def", want: 13}' in text
        for text in kinds["wrong-expected"]
    )
    assert any("NoError" not in text and "assert.Error(" in text for text in kinds["wrong-error-expectation"])
    assert any('{"bc", 2}' in text and '{"a", 1}' not in text for text in kinds["subset-of-cases"])
    assert any('list.Add(3, "a")' in text for text in kinds["swapped-arguments"])
    assert any("size := list.Size()" in text for text in kinds["wrong-result-count"])
    assert kinds["missing-import"] == {'"strings"', '"github.com/stretchr/testify/assert"'}


def test_candidates_have_names_of_their_own_and_are_repeatable() -> None:
    made = break_tests(TESTS, seed=1, per_test=8)
    assert made == break_tests(TESTS, seed=1, per_test=8)
    assert made != break_tests(TESTS, seed=2, per_test=8)
    names = [t.name for t in made]
    assert len(set(names)) == len(names)
    assert not {"TestAdd", "TestTable"} & set(names)
    for one in made:
        assert f"func {one.name}(t *testing.T)" in one.text
        assert one.base in ("TestAdd", "TestTable")
        assert one.source == "broken"
    assert len({(t.text, t.removes) for t in made}) == len(made)


def test_numbers_are_kept() -> None:
    assert len(break_tests(TESTS, seed=0, per_test=9, most=7)) <= 7
    assert {t.base for t in break_tests(TESTS, seed=0, tests=["TestAdd"])} == {"TestAdd"}
    assert break_tests("package a\n", seed=0) == []


def test_dropped_statements_leave_no_empty_line() -> None:
    suite = parse(TESTS)
    text = suite.declarations[0].text
    dropped = [
        apply(text, b.edits) for b in breakages(text, suite, random.Random(0)) if b.kind == "dropped-setup"
    ]
    assert dropped
    assert all("\n\t\n" not in changed and "\n\n" not in changed for changed in dropped)
