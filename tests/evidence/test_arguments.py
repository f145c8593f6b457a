"""Wrong numbers of arguments, unknown keywords."""

import pytest

PYTHON = """\
from dataclasses import dataclass
from functools import cache, wraps


def plain(a, b=1): pass
def rest(a, *more, key, other=1): pass
def open_(a, **options): pass
def only(a, /, b): pass

@cache
def cached(a): pass

@wraps(plain)
def wrapped(a): pass

class Till:
    def __init__(self, start, *, currency="EUR"): pass
    def add(self, amount): pass
    @staticmethod
    def parse(text): pass
    @classmethod
    def make(cls, text): pass
    @property
    def total(self): pass

class Small(Till):
    def less(self): pass

class Empty:
    pass

@dataclass
class Data:
    x: int

class Foreign(Base):
    pass

class Cached:
    def __new__(cls, x): pass
"""
HEADER = (
    "import pytest\nfrom shop import till\n"
    "from shop.till import Cached, Data, Empty, Foreign, Small, Till, cached, only, open_, plain, rest, wrapped\n\n\n"
)


def python(*lines):
    return HEADER + "def test_x():\n" + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("plain()", "argument-count"),
        ("plain(1, 2, 3)", "argument-count"),
        ("plain(1, c=2)", "unknown-keyword"),
        ("plain(*xs, c=2)", "unknown-keyword"),
        ("rest(1, 2, 3)", "argument-count"),
        ("open_()", "argument-count"),
        ("only(1)", "argument-count"),
        ("cached()", "argument-count"),
        ("Till()", "argument-count"),
        ("Till(1, 'EUR')", "argument-count"),
        ("Till(1, money='EUR')", "unknown-keyword"),
        ("Small(1).add()", "argument-count"),
        ("Till(1).add(1, 2)", "argument-count"),
        ("Till.parse()", "argument-count"),
        ("Till.make('x', 'y')", "argument-count"),
        ("Empty(1)", "argument-count"),
        ("till.plain(1, 2, 3)", "argument-count"),
        ("till.Till()", "argument-count"),
    ],
)
def test_calls_that_no_python_signature_takes(codes, line, found):
    assert codes("python", PYTHON, python("xs = []", line)) == [found]


@pytest.mark.parametrize(
    "line",
    [
        "plain(1)",
        "plain(a=1, b=2)",
        "plain(*xs)",
        "plain(**xs)",
        "rest(1, 2, 3, key=4)",
        "open_(1, anything=2)",
        "wrapped(1, 2, 3)",
        "Till(1, currency='USD')",
        "Till.add(Till(1), 2)",
        "Till.make('x')",
        "Small(1).less()",
        "Empty()",
        "Data(1, 2, 3)",
        "Foreign(1)",
        "Cached(1)",
        "unknown.plain(1, 2, 3)",
    ],
)
def test_python_calls_that_may_be_right(codes, line):
    found = codes("python", PYTHON, python("xs, unknown = [], 1", line))
    assert not {"argument-count", "unknown-keyword"} & set(found)


def test_the_class_of_a_local_variable_is_known_where_it_is_certain(codes):
    assert codes("python", PYTHON, python("t = Till(1)", "t.add()")) == ["argument-count"]
    assert codes("python", PYTHON, python("t = Till(1)", "t = other", "t.add()", "other = 1")) == []
    assert codes("python", PYTHON, python("t = Till(1).add(3)", "t.add()")) == []


def test_a_call_that_is_meant_to_fail_is_left_alone(codes):
    assert codes("python", PYTHON, python("with pytest.raises(TypeError):", "    plain()")) == []
    assert codes("python", PYTHON, python("try:", "    plain()", "except Exception: pass")) == []


def test_what_the_test_file_defines_itself_is_not_the_focal_function(codes):
    own = python("plain()").replace("def test_x", "def plain(): pass\n\n\ndef test_x")
    assert codes("python", PYTHON, own) == []
    assert codes("python", PYTHON, python("plain = list", "plain()")) == []


JAVA = """\
package shop;

public class Till {
    public Till(int start) {}
    public int add(int a) { return a; }
    public int add(int a, int b) { return a + b; }
    public int sum(int... xs) { return 0; }
    public static Till make() { return new Till(1); }
}

class Plain {
    void run(int x) {}
}
"""


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("new Till();", ["argument-count"]),
        ("new Till(1).add();", ["argument-count"]),
        ("till.add(1, 2, 3);", ["argument-count"]),
        ("Till.make(1);", ["argument-count"]),
        ("new Plain(1);", ["argument-count"]),
        ("till.add(1);", []),
        ("till.add(1, 2);", []),
        ("till.sum();", []),
        ("till.sum(1, 2, 3);", []),
        ("new Plain();", []),
        ("other.add(1, 2, 3);", []),
    ],
)
def test_java_calls(codes, line, found):
    test = (
        f"@Test\nvoid counts() {{\n    Till till = new Till(1);\n    Object other = till;\n    {line}\n}}\n"
    )
    existing = "package shop;\n\nimport org.junit.jupiter.api.Test;\n\nclass TillTest {\n}\n"
    assert codes("java", JAVA, test, existing) == found


GO = """\
package shop

type Till struct{ n int }

func New(start int) *Till { return &Till{start} }

func (t *Till) Add(xs ...int) int { return 0 }

func (t *Till) Twice(x int) int { return 2 * x }

func Pair() (int, int) { return 1, 2 }

func Both(a, b int) int { return a + b }
"""


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("New()", ["argument-count"]),
        ("New(1, 2)", ["argument-count"]),
        ("till.Twice()", ["argument-count"]),
        ("Both(Pair())", []),
        ("till.Add(1, 2, 3)", []),
        ("Both(xs...)", []),
        ("till.Twice(1)", []),
    ],
)
def test_go_calls(codes, line, found):
    candidate = (
        'package shop\n\nimport "testing"\n\nfunc TestX(t *testing.T) {\n'
        f"\ttill := New(1)\n\txs := []int{{1}}\n\t_, _ = till, xs\n\t{line}\n}}\n"
    )
    assert codes("go", GO, candidate) == found
