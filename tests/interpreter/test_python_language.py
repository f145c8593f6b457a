"""Python as a test reads it: each program holds assertions that are true; all of them are seen to hold."""

from __future__ import annotations

import subprocess
import sys

import pytest

from runfree.interpreter import analyse_test

PROGRAMS = {
    "classes": """
class Base:
    count = 0
    def __init__(self, name, *tags, size=1, **extra):
        self.name, self.tags, self.size, self.extra = name, tags, size, extra
        Base.count += 1
    def __repr__(self):
        return f"{type(self).__name__}({self.name!r})"
    @property
    def double(self):
        return self.size * 2
    @double.setter
    def double(self, value):
        self.size = value // 2
    @staticmethod
    def helper(x):
        return x + 1
    @classmethod
    def make(cls, name):
        return cls(name)
class Child(Base):
    def __init__(self, name):
        super().__init__(name, "t", size=3, colour="red")
        self.__hidden = 5
    def hidden(self):
        return self.__hidden
    def __len__(self):
        return self.size
    def __lt__(self, other):
        return self.name < other.name
    def __add__(self, other):
        return Child(self.name + other.name)
    def __contains__(self, item):
        return item in self.tags
    def __getitem__(self, key):
        return self.extra[key]
    def __call__(self, x):
        return x * self.size
    def __enter__(self):
        return self
    def __exit__(self, kind, value, trace):
        return kind is KeyError
def test_it():
    c = Child.make("kid")
    assert repr(c) == "Child('kid')" and isinstance(c, Base) and len(c) == 3
    c.double = 10
    assert (c.size, c.double, c["colour"], "t" in c, c(2)) == (5, 10, "red", True, 10)
    assert Base.helper(1) == 2 and c.hidden() == 5 and Base.count == 1
    assert [x.name for x in sorted([Child("b"), Child("a")])] == ["a", "b"]
    assert (Child("x") + Child("y")).name == "xy"
    with c as d:
        {}["missing"]
    assert d is c and not hasattr(c, "nothing")
""",
    "dataclasses and enums": """
from dataclasses import dataclass, field, asdict, replace
from enum import Enum, IntEnum, auto
from collections import namedtuple
from typing import NamedTuple
class Colour(Enum):
    RED = "r"
    BLUE = "b"
    @property
    def upper(self):
        return self.value.upper()
class Level(IntEnum):
    LOW = auto()
    HIGH = auto()
@dataclass(order=True)
class Point:
    x: int
    y: int = 2
    tags: list = field(default_factory=list, compare=False)
@dataclass(frozen=True)
class Key:
    name: str
Pair = namedtuple("Pair", "left right")
class Named(NamedTuple):
    a: int
    b: str = "z"
    def both(self):
        return f"{self.a}{self.b}"
def test_it():
    assert Colour("r") is Colour.RED and Colour["BLUE"].upper == "B" and [c.name for c in Colour] == ["RED", "BLUE"]
    assert Level.HIGH > Level.LOW and Level.HIGH == 2 and str(Colour.RED) == "Colour.RED"
    assert Point(1) == Point(1, 2, ["t"]) and Point(1) < Point(2) and repr(Point(1)) == "Point(x=1, y=2, tags=[])"
    assert asdict(replace(Point(3), y=4)) == {"x": 3, "y": 4, "tags": []}
    assert {Key("a"): 1}[Key("a")] == 1 and len({Key("a"), Key("a"), Key("b")}) == 2
    assert Pair(1, 2).right == 2 and Pair(1, 2) == (1, 2) and Pair(1, 2)._replace(left=5) == (5, 2)
    assert Named(1).both() == "1z" and Named(1)._asdict() == {"a": 1, "b": "z"}
    try:
        Key("a").name = "b"
        assert False
    except AttributeError as error:
        assert "cannot assign" in str(error)
""",
    "functions": """
import functools, itertools, operator
def outer():
    count = 0
    def inner(step=1):
        nonlocal count
        count += step
        return count
    return inner
def gen(n):
    for i in range(n):
        got = yield i
        if got:
            yield got * 10
    return "end"
def both():
    result = yield from gen(2)
    yield result
def tracing(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return ["called", function(*args, **kwargs)]
    return wrapper
@tracing
def add(a, b=2, *rest, c, **more):
    return a + b + c + sum(rest) + sum(more.values())
@functools.lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
def bad(x, box=[]):
    box.append(x)
    return box
def test_it():
    f = outer()
    f(); f(5)
    assert f() == 7
    g = gen(3)
    assert next(g) == 0 and g.send(4) == 40 and list(g) == [1, 2]
    assert list(both()) == [0, 1, "end"]
    assert add(1, c=3) == ["called", 6] and add(1, 2, 3, c=4, d=5) == ["called", 15] and add.__name__ == "add"
    assert fib(20) == 6765 and bad(1) == [1] and bad(2) == [1, 2]
    assert functools.reduce(operator.mul, [1, 2, 3, 4]) == 24 and functools.partial(int, base=2)("101") == 5
    assert list(itertools.chain([1], (2,))) == [1, 2] and list(itertools.islice(itertools.count(5), 2)) == [5, 6]
    assert [k + str(len(list(v))) for k, v in itertools.groupby("aab")] == ["a2", "b1"]
    assert (lambda *a, k=1: sum(a) + k)(1, 2) == 4
    if (n := len("abc")) > 2:
        assert n == 3
""",
    "containers": """
from collections import defaultdict, Counter, OrderedDict, deque
import copy, json
def test_it():
    d = defaultdict(list)
    d["a"].append(1)
    assert d == {"a": [1]} and Counter("abca").most_common(1) == [("a", 2)] and Counter("ab")["z"] == 0
    q = deque([1, 2, 3], maxlen=3)
    q.append(4)
    assert list(q) == [2, 3, 4] and q.popleft() == 2
    a, *b, c = range(5)
    assert (a, b, c) == (0, [1, 2, 3], 4)
    x = {"k": [1, {"z": 2}]}
    y = copy.deepcopy(x)
    y["k"][1]["z"] = 3
    assert x["k"][1]["z"] == 2 and json.loads(json.dumps(y)) == y
    assert {**{"a": 1}, "b": 2} == dict(a=1, b=2) and {1, 2} | {3} == {1, 2, 3} and [*"ab", 3] == ["a", "b", 3]
    xs = [3, 1, 2]
    xs.sort(key=lambda v: -v)
    xs[1:2] = [9, 8]
    del xs[0]
    assert xs == [9, 8, 1] and xs[::-1] == [1, 8, 9] and sorted("bca") == ["a", "b", "c"]
    assert OrderedDict([("b", 1), ("a", 2)]) != OrderedDict([("a", 2), ("b", 1)])
    assert [(i, c) for i, c in enumerate("ab", 1)] == [(1, "a"), (2, "b")] and list(zip([1], [2])) == [(1, 2)]
""",
    "text": """
import re, math, string
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
def test_it():
    name, n = "bob", 3.14159
    assert f"{name:>5}|{n:.2f}|{name!r}|{n=:.1f}|{{}}" == "  bob|3.14|'bob'|n=3.1|{}"
    assert "%s-%03d" % (name, 7) == "bob-007" and "{0}{x[a]}".format(1, x={"a": 2}) == "12"
    assert re.sub(r"(\\w)(\\d)", r"\\2\\1", "a1b2") == "1a2b" and re.findall(r"\\d+", "1 22") == ["1", "22"]
    assert re.match(r"(?P<y>\\d{4})-(\\d\\d)", "2024-05").groupdict() == {"y": "2024"}
    assert math.sqrt(16) == 4.0 and math.isclose(0.1 + 0.2, 0.3) and 0.1 + 0.2 != 0.3 and round(2.5) == 2
    assert date(2024, 2, 28) + timedelta(days=2) == date(2024, 3, 1) and datetime(2024, 1, 1).isoformat() == "2024-01-01T00:00:00"
    assert Decimal("0.1") + Decimal("0.2") == Decimal("0.3") and Fraction(1, 3) + Fraction(1, 6) == Fraction(1, 2)
    assert 7 // -2 == -4 and -7 % 3 == 2 and divmod(7, 2) == (3, 1) and 2 ** -1 == 0.5 and int("ff", 16) == 255
    assert "a,b".split(",") == ["a", "b"] and "Straße".casefold() == "strasse" and "\\u00e9\\x41" == "éA"
    assert b"ab".decode() == "ab" and "ä".encode() == b"\\xc3\\xa4" and string.ascii_lowercase[:3] == "abc"
    assert not "" and bool([0]) and not 0.0 and None is None and 1 == 1.0 == True
""",
    "exceptions": """
class Mine(ValueError):
    def __init__(self, message, code=3):
        super().__init__(message)
        self.code = code
def work(kind):
    log = []
    try:
        try:
            if kind == 1:
                raise Mine("bad")
            if kind == 2:
                {}["x"]
            if kind == 3:
                return log
            log.append("body")
        except Mine as error:
            log.append(error.code)
            raise RuntimeError("outer") from error
        else:
            log.append("else")
        finally:
            log.append("finally")
    except (RuntimeError, KeyError) as error:
        log.append(str(error))
    return log
def test_it():
    assert work(0) == ["body", "else", "finally"] and work(1) == [3, "finally", "outer"]
    assert work(2) == ["finally", "'x'"] and work(3) == ["finally"]
    try:
        raise Mine("a")
    except ValueError as error:
        kept = error
    assert str(kept) == "a" and repr(kept) == "Mine('a')" and kept.args == ("a",)
    try:
        [1][5]
    except LookupError as error:
        assert str(error) == "list index out of range"
    try:
        int("x")
    except ValueError as error:
        assert "invalid literal" in str(error)
""",
    "matching": """
from dataclasses import dataclass
@dataclass
class P:
    x: int
    y: int
def kind(v):
    match v:
        case 0 | 1: return "small"
        case int(n) if n > 100: return f"big {n}"
        case [a, *rest]: return f"list {a} {rest}"
        case {"k": value, **more}: return f"map {value} {more}"
        case P(x=0, y=y): return f"point {y}"
        case P(x, _): return f"any {x}"
        case str() as s: return s
        case None: return "none"
        case _: return "other"
def test_it():
    assert [kind(v) for v in (1, 500, [1, 2], {"k": 1, "z": 2}, P(0, 4), P(3, 4), "t", None, 7)] == [
        "small", "big 500", "list 1 [2]", "map 1 {'z': 2}", "point 4", "any 3", "t", "none", "other"]
""",
}


def outcome(program: str) -> str:
    answers = analyse_test("python", "x = 1\n", program, "test_it", "focal.py", "test_focal.py")
    assert answers.outcome == "passes", (answers.sentence, answers.reasons)
    return answers.outcome


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_language(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", PROGRAMS[name] + "\ntest_it()\n"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert outcome(PROGRAMS[name]) == "passes"


def test_a_lookup_of_its_own_is_called() -> None:
    focal = (
        "class Proxy:\n    def __init__(self):\n        object.__setattr__(self, 'inner', [1])\n"
        "    def __getattribute__(self, name):\n        if name == 'inner':\n            raise AttributeError('hidden')\n"
        "        return getattr(object.__getattribute__(self, 'inner'), name)\n"
    )
    suite = "from shop import Proxy\n\ndef test_it():\n    assert Proxy().count(1) == 1\n\ndef test_hidden():\n    Proxy().inner\n"
    outcomes = [
        analyse_test("python", focal, suite, n, "shop.py", "test_shop.py").outcome
        for n in ("test_it", "test_hidden")
    ]
    assert outcomes == ["passes", "fails"]
