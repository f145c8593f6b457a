"""What training and held-out repositories share is found, through renaming and reformatting, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from runfree_training.duplicates import Duplicates, find, shingles, similarity
from runfree_training.records import Record, TestResult

FOCAL = "def rate(n, top=100):\n    if n < 0:\n        raise ValueError(n)\n    return min(n * 3, top)\n"
OTHER = "class Basket:\n    def __init__(self):\n        self.items = []\n\n    def add(self, item):\n        self.items.append(item)\n"
LONG = 'def {name}():\n    basket = Basket()\n    basket.add("pear")\n    basket.add("plum")\n    assert basket.items == ["pear", "plum"]\n'
SHORT = "def {name}():\n    assert rate(1) == 3\n"
SPLIT: dict[str, Literal["train", "validation", "test"]] = {
    "a/a": "train",
    "b/b": "validation",
    "c/c": "test",
}


def _record(repository: str, focal: str, suite: str, *candidates: tuple[str, str]) -> tuple[Path, Record]:
    names = [line[4:-3] for line in suite.splitlines() if line.startswith("def test")]
    tests = [TestResult(name, "existing", "passed") for name in names]
    tests += [TestResult(name, "broken", "failed", text=text) for name, text in candidates]
    made = Record(
        "python", repository, "", "", "x.py", "test_x.py", focal, suite, (), (), tuple(tests)
    )  # fmt: skip
    return Path(f"{repository}-{len(focal)}-{len(suite)}"), made


def _find(*records: tuple[Path, Record]) -> Duplicates:
    def again() -> Iterator[tuple[Path, Record]]:
        return iter(records)

    return find(again, SPLIT.__getitem__)


@pytest.mark.parametrize("holder", ["b/b", "c/c"])
def test_a_copied_focal_file_leaves_training(holder: str) -> None:
    copied = FOCAL.replace("\n    ", "\n\n    # a remark\n    ")
    mine, theirs = _record("a/a", copied, SHORT.format(name="test_x")), _record(holder, FOCAL, "")
    found = _find(mine, theirs, _record("a/a", OTHER, ""))
    assert found.records == {mine[0]}
    assert found.counts == {("python", "focal files"): 1, ("python", "tests of copied focal files"): 1}


def test_a_near_identical_test_leaves_training_under_another_name_too() -> None:
    theirs = _record("b/b", FOCAL, LONG.format(name="test_fruit"))
    spaced = LONG.format(name="test_pears").replace('"pear", "plum"', '"pear",  "plum"')
    changed = LONG.format(name="test_nuts").replace("pear", "walnut")
    mine = _record("a/a", OTHER, changed, ("test_pears", spaced), ("test_nuts2", changed))
    found = _find(mine, theirs)
    assert found.tests == {mine[0]: {1}}
    assert not found.records
    assert found.counts == {("python", "near-identical tests"): 1}


def test_short_tests_and_one_side_are_no_duplicates() -> None:
    short = SHORT.format(name="test_x")
    assert not _find(_record("a/a", FOCAL, short), _record("b/b", OTHER, short)).counts
    both = LONG.format(name="test_x")
    assert not _find(_record("a/a", FOCAL, both), _record("a/a", OTHER, both)).counts
    assert not _find(_record("b/b", FOCAL, both), _record("c/c", FOCAL, both)).counts


def test_shingles() -> None:
    text = LONG.format(name="test_x")
    assert shingles(text, "Class::test_x") == shingles(LONG.format(name="test_y"), "test_y")
    assert shingles(text) != shingles(LONG.format(name="test_y"))
    assert shingles("x = 1") == frozenset()
    once = shingles(text, "test_x")
    assert 0.3 < similarity(once, shingles(text.replace("plum", "fig"), "test_x")) < 0.9
    assert similarity(once, once) == 1.0
    assert similarity(frozenset(), frozenset()) == 1.0
