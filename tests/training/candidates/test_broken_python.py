"""Broken Python candidates: many kinds, small changes, the same for the same seed."""

from __future__ import annotations

import ast

import pytest

from runfree_training.candidates.broken_python import KINDS, broken_candidates
from runfree_training.execute.python_suite import Candidate, Suite

FOCAL = """class Basket:
    def __init__(self, owner, limit=3):
        self.owner, self.limit, self.items = owner, limit, []

    def add(self, name, price):
        if len(self.items) >= self.limit:
            raise OverflowError("basket is full")
        self.items.append((name, price))

    def total(self):
        return sum(price for _, price in self.items)


def cheapest(items):
    return min(items)
"""
TESTS = """import json
import pytest
from fractions import Fraction

from shop.basket import Basket, cheapest


@pytest.fixture
def basket():
    return Basket("Ada", limit=2)


def test_total(basket):
    basket.add("pear", 3)
    basket.add("fig", 4)
    total = basket.total()
    assert total == 7
    assert basket.owner == "Ada"


def test_limit(basket):
    basket.add("pear", 3)
    basket.add("fig", 4)
    with pytest.raises(OverflowError, match="full"):
        basket.add("plum", price=5)


@pytest.mark.parametrize("items, expected", [([2, 1], 1), ([3], 3), ([5, 4, 6], 4)])
def test_cheapest(items, expected):
    assert cheapest(items) == expected


class TestText:
    def test_json(self):
        kept = Basket("Bob")
        kept.add("pear", 3)
        assert json.loads("[1, 2]") == [1, 2]
        assert kept.items == [("pear", 3)]

    def test_names(self):
        made = Basket("Eve")
        assert f"{made.owner}!" == "Eve!"
        assert Fraction(1, 2) < 1
        assert made.limit == 3 and not made.items
        assert isinstance(made, Basket) is True
"""
PASSING = ["test_total", "test_limit", "test_cheapest", "TestText::test_json", "TestText::test_names"]


def make(seed: int = 0, per_test: int = 40) -> list[Candidate]:
    return broken_candidates(Suite(TESTS), FOCAL, PASSING, per_test=per_test, most=200, seed=seed)


def test_many_kinds_and_no_twins() -> None:
    made = [c for seed in range(4) for c in make(seed)]
    assert len({c.kind for c in made}) >= 24
    assert {c.kind for c in made} <= set(KINDS)
    one = make()
    assert len({(c.name, c.text) for c in one}) == len(one)
    originals = {test.text for test in Suite(TESTS).tests.values()}
    assert not [c for c in one if c.text in originals and not c.removes]


def test_the_seed_decides() -> None:
    assert make(1) == make(1)
    assert make(1) != make(2)


def test_candidates_stay_small_changes_in_their_place() -> None:
    suite = Suite(TESTS)
    for candidate in make():
        if candidate.kind == "duplicate-argument":
            assert "repeated" in candidate.compiles
            continue
        assert candidate.compiles == "", candidate.text
        if candidate.file:
            continue
        changed = Suite(suite.with_candidates([(candidate, "test_put_in")]))
        owner = candidate.base.rpartition("::")[0]
        put = f"{owner}::test_put_in" if owner else "test_put_in"
        assert set(changed.tests) == {*suite.tests, put}
        assert changed.tests[candidate.base].text == suite.tests[candidate.base].text
        assert candidate.name.rpartition("::")[0] == owner
        ast.parse(candidate.shown)


def test_a_missing_import_is_one_that_no_other_test_needs() -> None:
    missing = [c for c in make() if c.kind == "missing-import"]
    assert {c.removes.strip() for c in missing} == {"import json", "from fractions import Fraction"}
    for candidate in missing:
        assert candidate.removes not in candidate.file
        assert TESTS.replace(candidate.removes, "", 1) == candidate.file


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("wrong-expected-number", "total == "),
        ("wrong-expected-text", "owner == "),
        ("negated-assertion", "!= "),
        ("assertions-gone", "    total\n"),
        ("unexpected-error", '    basket.add("plum", price=5)\n'),
        ("fewer-cases", "parametrize"),
        ("merged", "def test_json"),
    ],
)
def test_what_kinds_look_like(kind: str, shown: str) -> None:
    texts = [c.text for seed in range(6) for c in make(seed) if c.kind == kind]
    assert any(shown in text for text in texts), texts


def test_few_are_shared_out_evenly() -> None:
    few = broken_candidates(Suite(TESTS), FOCAL, PASSING, per_test=6, most=10, seed=0)
    shares = [sum(c.base == name and not c.file for c in few) for name in PASSING]
    assert shares == [2, 2, 2, 2, 2]
    assert broken_candidates(Suite(TESTS), FOCAL, [], per_test=6, most=10, seed=0) == []
