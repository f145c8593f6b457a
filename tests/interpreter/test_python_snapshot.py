"""Modules are loaded once and put back for every path and test: nothing that one test does is seen by another."""

from __future__ import annotations

import pytest

from runfree.interpreter import Answers, analyse_test

FOCAL = """
import functools
from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass, field
from enum import Enum

items, table, names, queue = [1], {"a": 1}, {"x"}, deque([1], maxlen=3)
counts, order, groups = Counter("aab"), OrderedDict(b=1, a=2), defaultdict(list)
total = 0


class Colour(Enum):
    RED = 1


@dataclass
class Cart:
    lines: list = field(default_factory=list)


class Shop:
    visits = 0
    log = []

    def __init__(self):
        Shop.visits += 1


store = Shop()


def register(function):
    items.append(function.__name__)
    return function


@register
def bump(step=1, seen=[]):
    global total
    total += step
    seen.append(total)
    return len(seen)


@functools.lru_cache(maxsize=None)
def cached(n):
    items.append(n)
    return n


def counter():
    n = 0

    def up():
        nonlocal n
        n += 1
        return n

    return up


up = counter()


def state():
    return (items, table, sorted(names), list(queue), dict(counts), list(order), dict(groups), total, Shop.visits, Shop.log, vars(store))


if __name__ == "__main__":
    items.clear()
print("loaded")
"""
FRESH = '([1, "bump"], {"a": 1}, ["x"], [1], {"a": 2, "b": 1}, ["b", "a"], {}, 0, 1, [], {})'
SUITE = f"""
import shop
from shop import *
from shop import Shop as Store

def spoil(n):
    items.append(n)
    table["b"] = items
    names.clear()
    queue.extend([7, 8, 9])
    counts["z"] += 5
    order.move_to_end("b")
    groups["g"].append(n)
    Store.visits = 40
    Store.log.append(n)
    shop.store.extra = n
    Store.label = "new"
    bump.mark = True
    shop.extra = 1
    if hasattr(shop, "table"):
        del shop.table

def test_one(capsys):
    assert repr(shop.state()) == repr({FRESH}) and not hasattr(Store, "label") and not hasattr(shop, "extra")
    assert up() == 1 and bump() == 1 and bump(2) == 2 and cached(5) == 5 and items == [1, "bump", 5]
    assert not hasattr(bump, "mark") and shop.table is table and shop.Cart().lines == []
    assert capsys.readouterr().out == ""
    spoil(3)
    assert shop.items[-1] == 3 and shop.store.extra == 3 and Store.log == [3] and list(queue) == [7, 8, 9]

def test_two(capsys):
    {{}}

def test_paths(unknown):
    assert repr(shop.state()) == repr({FRESH}) and up() == 1 and cached(5) == 5 and items[-1] == 5
    spoil(4)
    if unknown.value > 3:
        spoil(5)
    if unknown.other:
        spoil(6)
    assert Store.log[0] == 4
"""


def read(name: str, focal: str = FOCAL) -> Answers:
    start = SUITE.index("def test_one")
    body = SUITE[start : SUITE.index("def test_two")].partition("\n")[2]
    suite = SUITE.replace("    {}\n", body)
    return analyse_test("python", focal, suite, name, "shop.py", "test_shop.py")


@pytest.mark.parametrize("first", ["test_one", "test_two"])
def test_nothing_is_left_over(first: str) -> None:
    analyse_test.cache_clear()
    second = "test_two" if first == "test_one" else "test_one"
    for name in (first, second, first):
        answers = read(name)
        assert answers.outcome == "passes", (name, answers.sentence, answers.reasons)
        analyse_test.cache_clear()


def test_every_path_starts_anew() -> None:
    answers = read("test_paths")
    assert answers.paths >= 4
    assert {a.state for a in answers.assertions} == {"holds"}


def test_kept_modules_change_no_answer() -> None:
    # The second text is its own, so that its modules are loaded anew.
    analyse_test.cache_clear()
    read("test_one")
    kept, fresh = read("test_two"), read("test_two", FOCAL + "\n")
    assert kept == fresh
    assert (
        kept.line_grades[
            FOCAL.splitlines().index(
                'items, table, names, queue = [1], {"a": 1}, {"x"}, deque([1], maxlen=3)'
            )
            + 1
        ]
        == 3
    )
