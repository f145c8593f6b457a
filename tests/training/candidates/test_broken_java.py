"""Broken copies of Java tests."""

from __future__ import annotations

import random

from runfree_training.candidates.broken_java import break_tests, breakages
from runfree_training.candidates.edits import apply
from runfree_training.execute.java_suite import parse

TESTS = """package a;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class ListTest {
    /** Adds. */
    @Test
    void addsOne() throws Exception {
        ArrayList<Integer> list = new ArrayList<>(4);
        list.add(0, 7);
        list.set(0, list.size());
        assertEquals(1, list.get(0));
        assertTrue(list.size() < 3);
        assertThrows(IndexOutOfBoundsException.class, () -> list.get(9));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "b", "c"})
    void name(String text) {
        if (text.isEmpty()) {
            fail();
        }
        assertEquals("x", Names.of(text).value);
    }
}
"""
KINDS = {
    "wrong-expected", "changed-input", "off-by-one", "negated-condition", "wrong-error-expectation", "missing-raise",
    "unhandled-exception", "wrong-constructor", "wrong-argument-count", "swapped-arguments", "wrong-argument-type",
    "null-for-value", "unknown-member", "undefined-name", "missing-import", "dropped-setup", "dropped-declaration",
    "dropped-assertion", "redeclared-variable", "wrong-declared-type", "weakened-assertion", "near-duplicate",
    "cut-short", "subset-of-cases", "syntax-error",
}  # fmt: skip


def test_every_kind_is_made() -> None:
    suite = parse(TESTS)
    kinds: dict[str, set[str]] = {}
    for seed in range(5):
        for test in suite.tests:
            for one in breakages(test.text, suite, random.Random(seed)):
                kinds.setdefault(one.kind, set()).add(one.removes or apply(test.text, one.edits))
    assert set(kinds) == KINDS
    assert any("list.add(7, 0)" in text for text in kinds["swapped-arguments"])
    assert any("assertFalse(list.size() < 3)" in text for text in kinds["negated-condition"])
    assert any("throws" not in text for text in kinds["unhandled-exception"])
    assert any("IndexOutOfBounds" not in text for text in kinds["wrong-error-expectation"])
    assert "import java.util.ArrayList;" in kinds["missing-import"]
    assert all(".get(9)" in text for text in kinds["near-duplicate"] if "addsOne" in text)


def test_candidates_have_names_of_their_own_and_are_repeatable() -> None:
    made = break_tests(TESTS, seed=1, per_test=8)
    assert made == break_tests(TESTS, seed=1, per_test=8)
    names = [t.name for t in made]
    assert len(set(names)) == len(names)
    assert not {"addsOne", "name"} & set(names)
    for one in made:
        assert f"void {one.name}(" in one.text
        assert one.base in ("addsOne", "name")


def test_numbers_are_kept() -> None:
    assert len(break_tests(TESTS, seed=0, per_test=9, most=7)) <= 7
    assert {t.base for t in break_tests(TESTS, seed=0, tests=["name"])} == {"name"}
