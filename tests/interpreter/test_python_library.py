"""The standard library as tests use it: each program holds assertions that are true in CPython; all are seen to hold."""

from __future__ import annotations

import subprocess
import sys

import pytest

from runfree.interpreter import analyse_test

PROGRAMS = {
    "decorated methods": """
import contextlib, functools
class Box:
    def __init__(self):
        self.log = []
    @contextlib.contextmanager
    def open(self, name, *more):
        self.log.append(name)
        try:
            yield self
        finally:
            self.log.extend(more)
    @functools.lru_cache(maxsize=None)
    def twice(self, n):
        self.log.append(n)
        return n * 2
def test_it():
    box = Box()
    with box.open("a", "b") as same:
        assert same is box and box.log == ["a"]
    assert box.log == ["a", "b"] and box.twice(4) == box.twice(4) == 8 and box.log == ["a", "b", 4]
""",
}


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_library(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", PROGRAMS[name] + "\ntest_it()\n"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    answers = analyse_test("python", "x = 1\n", PROGRAMS[name], "test_it", "focal.py", "test_focal.py")
    assert answers.outcome == "passes", (answers.sentence, answers.reasons)


def test_texts_of_values_are_made_only_for_failures() -> None:
    focal = "class Thing:\n    def __repr__(self):\n        return 'thing'\n"
    suite = (
        "import unittest\nfrom shop import Thing\n\nclass TestIt(unittest.TestCase):\n"
        "    def test_holds(self):\n        one = Thing()\n        self.assertEqual(one, one)\n"
        "    def test_fails(self):\n        self.assertEqual(Thing(), 1)\n"
    )
    holds, fails = (
        analyse_test("python", focal, suite, "TestIt::" + n, "shop.py", "test_shop.py")
        for n in ("test_holds", "test_fails")
    )
    assert (holds.outcome, holds.line_grades[3]) == ("passes", 0)
    assert (fails.outcome, fails.line_grades[3]) == ("fails", 1)
    assert "thing" in fails.sentence


def test_a_slot_for_a_special_method_is_not_guessed_at() -> None:
    focal = (
        "class Key:\n    __slots__ = ('name', '__hash__')\n    def __init__(self, name):\n        self.name = name\n"
        "        self.__hash__ = lambda: hash(name)\n    def __eq__(self, other):\n        return True\n"
    )
    suite = "from shop import Key\n\ndef test_it():\n    assert len({Key('a'): 1}) == 1\n"
    assert analyse_test("python", focal, suite, "test_it", "shop.py", "test_shop.py").outcome == "unknown"
