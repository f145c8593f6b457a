"""Choosing and naming text edits."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfree_training.candidates.edits import (
    REFUSED,
    Breakage,
    Edit,
    apply,
    changed_number,
    changed_word,
    choose,
    misspelt,
    new_name,
    share,
)


def test_apply_counts_bytes() -> None:
    assert apply("ä = 1; ö = 2", [Edit(5, 6, "7"), Edit(0, 2, "a")]) == "a = 7; ö = 2"
    with pytest.raises(ValueError):
        apply("abc", [Edit(0, 2, ""), Edit(1, 3, "")])


def test_choose_takes_a_third_of_what_the_compiler_refuses() -> None:
    options = [Breakage(kind, (Edit(0, at, ""),)) for kind in ("a", "b", *REFUSED) for at in range(9)]
    chosen = choose(options, 12, random.Random(0))
    assert len(chosen) == 12
    assert sum(c.kind in REFUSED for c in chosen) == 4
    assert {"a", "b"} < {c.kind for c in chosen}
    refused = [c.kind for c in chosen if c.kind in REFUSED]
    assert len(set(refused)) == len(refused), "one of each kind first"


def test_share_is_even() -> None:
    assert share(["a", "b", "c"], 6, 8) == {"a": 3, "b": 3, "c": 2}
    assert share(["a"], 6, 200) == {"a": 6}
    assert share([], 6, 200) == {}


def test_names_are_new() -> None:
    taken = {"TestA"}
    made = {new_name("TestA", taken, random.Random(0)) for _ in range(40)}
    assert len(made) == 40
    assert "TestA" not in made


@given(st.integers(0, 10**9), st.integers())
def test_numbers_change(value: int, seed: int) -> None:
    changed = changed_number(str(value), random.Random(seed))
    assert changed != str(value)
    assert int(changed) >= 0


@given(st.text(), st.integers())
def test_words_change(word: str, seed: int) -> None:
    assert changed_word(word, random.Random(seed)) != word


@given(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True), st.integers())
def test_names_are_misspelt(name: str, seed: int) -> None:
    changed = misspelt(name, random.Random(seed))
    assert changed != name
    assert changed.isidentifier()
