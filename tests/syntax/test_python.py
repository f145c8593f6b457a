"""Python files as the rest of the program sees them."""

import time
from contextlib import suppress

import pytest
from coverage.config import DEFAULT_EXCLUDE
from coverage.parser import PythonParser

from runfree.errors import RunfreeError
from runfree.syntax.parse import MAX_BYTES, parse

SUITE = '''\
"""Tests of the till."""
from __future__ import annotations

import unittest
from decimal import Decimal as D, localcontext

import pytest

import shop.till
from shop import *

LIMITS = [1, 2.5, "x"]


@pytest.fixture(scope="module")
def till():
    return shop.till.Till(D("1"), currency="EUR")


@pytest.mark.parametrize("a, b", [(1, 2), (3, 4), (5, 6)])
@pytest.mark.parametrize("c", ("x", "y"), ids=str)
def test_pairs(till, a, b, c):
    """Adds."""
    total = till.add(a, *LIMITS, key=b)
    assert total == 3
    with pytest.raises(ValueError, match="too much"):
        till.add(-1)


@pytest.mark.parametrize("a", LIMITS)
async def test_later(till, a):
    await till.close()


def helper(x):
    global COUNT
    COUNT = 1
    return [unknown(y) for y in x if y.ok]


class TestTill:
    rate = 2

    def setup_method(self):
        self.till = make()

    def test_rate(self):
        assert self.rate != self.till.rate

    class TestInner:
        def test_deep(self):
            pass


class Money(unittest.TestCase):
    def setUp(self):
        self.x = 1

    def test_money(self):
        self.assertEqual(3, self.x)
        self.assertIn("a", self.x)
        self.mock.assert_called_once_with(1)

    def check(self):
        return 1


class LaterMoney(Money):
    def test_more(self):
        self.assertRaises(KeyError, self.check, 1)


class Bag:
    def test_not_one(self):
        pass
'''


def names(functions):
    return [function.qualified_name for function in functions]


@pytest.fixture
def suite():
    return parse("python", SUITE)


def test_finds_tests_of_pytest_and_unittest(suite):
    assert names(suite.tests) == [
        "test_pairs",
        "test_later",
        "TestTill::test_rate",
        "TestTill::TestInner::test_deep",
        "Money::test_money",
        "LaterMoney::test_more",
    ]
    assert suite.function("test_later").is_async
    assert "Bag::test_not_one" in names(suite.functions)


def test_finds_fixtures_and_setup(suite):
    assert names(f for f in suite.functions if f.is_fixture) == [
        "till",
        "TestTill::setup_method",
        "Money::setUp",
    ]


def test_counts_literal_cases_only(suite):
    assert suite.function("test_pairs").cases == 6
    assert suite.function("test_later").cases == 0


def test_reads_imports(suite):
    assert [(i.module, i.name, i.binds) for i in suite.imports] == [
        ("__future__", "annotations", "annotations"),
        ("unittest", "", "unittest"),
        ("decimal", "Decimal", "D"),
        ("decimal", "localcontext", "localcontext"),
        ("pytest", "", "pytest"),
        ("shop.till", "", "shop"),
        ("shop", "*", ""),
    ]


def test_relative_and_local_imports_are_read_too():
    file = parse("python", "from ..a import b as c\ndef f():\n    import x.y as z\n    return z, c\n")
    assert [(i.module, i.name, i.binds) for i in file.imports] == [("..a", "b", "c"), ("x.y", "", "z")]
    assert file.module_names == {"c", "f"}
    assert [n.text for n in file.functions[0].names] == ["c"]


def test_names_read_and_not_bound(suite):
    helper = suite.function("helper")
    assert [n.text for n in helper.names] == ["unknown"]
    assert "COUNT" in suite.module_names
    assert "COUNT" not in helper.binds
    assert {"x", "y"} <= helper.binds


@pytest.mark.parametrize(
    ("code", "read"),
    [
        ("a.b = c", ["c", "a"]),
        ("a[i] = 1", ["a", "i"]),
        ("for i, (j, *k) in seq: use(j)", ["seq", "use"]),
        ("with open(p) as (f, g): f(g)", ["open", "p"]),
        ("try: pass\n    except (E, F) as e: e", ["E", "F"]),
        ("h = lambda x, *y, z=w: x + y + z + v", ["w", "v"]),
        ("(n := m) + n", ["m"]),
        ("f'{u!r:>{w}} v'", ["u", "w"]),
        ("def g(q, r=s): return q + t\n    g(1)", ["s", "t"]),
        ("match v:\n        case P(x=q, y=[r, *s]) | {'k': t, **o} if w: q", ["v", "P", "w"]),
        ("local: Unread = 1", []),
        ("x = key(name=value)", ["key", "value"]),
        ("del gone", ["gone"]),
    ],
)
def test_what_binds_and_what_reads(code, read):
    function = parse("python", f"def f():\n    {code}\n").functions[0]
    assert sorted(n.text for n in function.names) == sorted(read)


def test_reads_calls(suite):
    test = suite.function("test_pairs")
    add = next(call for call in test.calls if call.name == "add")
    assert (add.receiver, add.positional, add.keywords, add.spread) == ("till", 1, ("key",), True)
    assert add.arguments == ("a", "*LIMITS", "key=b")
    made = next(c for c in suite.function("till").calls if c.name == "Till")
    assert made.constructor
    assert (made.receiver, made.positional, made.keywords) == ("shop.till", 1, ("currency",))


@pytest.mark.parametrize(
    ("code", "kind", "actual", "expected"),
    [
        ("assert f(1) == 2", "equal", "f(1)", "2"),
        ("assert 2 == f(1)", "equal", "f(1)", "2"),
        ("assert a != b", "not-equal", "a", "b"),
        ("assert a", "true", "a", ""),
        ("assert not a.b()", "false", "a.b()", ""),
        ("assert not (a == b)", "not-equal", "a", "b"),
        ("assert a is None", "null", "a", "None"),
        ("assert a is not None, 'why'", "not-null", "a", "None"),
        ("assert a is True", "true", "a", "True"),
        ("assert k in d", "contains", "d", "k"),
        ("assert a < 3", "compare", "a", "< 3"),
        ("assert isinstance(a, int)", "type", "a", "int"),
        ("assert a == pytest.approx(0.1)", "approx", "a", "pytest.approx(0.1)"),
        ("assert False, 'no'", "fail", "", ""),
        ("pytest.fail('no')", "fail", "", ""),
        ("self.assertEqual(1, f())", "equal", "f()", "1"),
        ("self.assertAlmostEqual(f(), 1.5, places=2)", "approx", "f()", "1.5"),
        ("self.assertTrue(f())", "true", "f()", ""),
        ("self.assertIsNone(f())", "null", "f()", ""),
        ("self.assertRaises(KeyError, f, 1)", "raises", "f, 1", "KeyError"),
        ("np.testing.assert_array_equal(a, b)", "equal", "a", "b"),
        ("m.assert_called_with(1, k=2)", "mock", "m", "1, k=2"),
        ("m.run.assert_not_called()", "mock", "m.run", ""),
        ("assert_shape(a)", "other", "a", ""),
    ],
)
def test_reads_checks(code, kind, actual, expected):
    (assertion,) = parse("python", f"def test_x(self):\n    {code}\n").functions[0].assertions
    assert (assertion.kind, assertion.actual, assertion.expected) == (kind, actual, expected)


def test_reads_expected_errors_with_their_message(suite):
    raised = [a for a in suite.function("test_pairs").assertions if a.kind == "raises"]
    assert [(a.expected, a.message) for a in raised] == [("ValueError", "too much")]
    code = "def test_x(self):\n    with self.assertRaisesRegex(E, 'b.d'):\n        f()\n"
    (assertion,) = parse("python", code).functions[0].assertions
    assert (assertion.expected, assertion.message) == ("E", "b.d")


FOCAL = '''\
class Cart(Base, metaclass=Meta):
    """A cart."""

    tax = 5

    def __init__(self, items, /, *rest, currency="EUR", limit: int = 3, **options):
        self.items = items
        self._cache, self.total = {}, 0

    @property
    def size(self):
        return len(self.items)

    @staticmethod
    def make(kind):
        if kind == "a":
            return Cart([])
        elif kind:
            for k in kind:
                try:
                    yield k
                except KeyError as error:
                    raise ValueError("bad " "kind") from error
                finally:
                    done()
            else:
                raise Empty
        else:
            pass
        return -1 if kind else None
'''


def test_reads_classes_and_parameters():
    file = parse("python", FOCAL)
    (cart,) = file.classes
    assert cart.fields == {"tax", "items", "_cache", "total"}
    assert cart.methods == ("Cart::__init__", "Cart::size", "Cart::make")
    assert cart.bases == ("Base",)
    assert cart.open_members
    init = file.function("Cart::__init__")
    assert [(p.name, p.kind, p.optional, p.type) for p in init.parameters] == [
        ("self", "positional", False, ""),
        ("items", "positional", False, ""),
        ("rest", "rest", True, ""),
        ("currency", "keyword", True, ""),
        ("limit", "keyword", True, "int"),
        ("options", "keywords", True, ""),
    ]
    assert file.function("Cart::size").is_property
    assert file.function("Cart::make").is_static


def test_a_closed_class_is_known_as_such():
    file = parse(
        "python", "@dataclass\nclass P:\n    x: int\n\nclass Q(P):\n    pass\n\nclass R:\n    pass\n"
    )
    assert [(c.name, c.open_members) for c in file.classes] == [("P", False), ("Q", True), ("R", False)]
    assert file.classes[0].fields == {"x"}


def test_reads_branches_raises_and_returns():
    make = parse("python", FOCAL).function("Cart::make")
    assert [(b.kind, b.condition, b.depth) for b in make.branches] == [
        ("if", 'kind == "a"', 0),
        ("elif", "kind", 0),
        ("for", "k in kind", 1),
        ("try", "", 2),
        ("except", "KeyError", 2),
        ("finally", "", 2),
        ("loop-else", "", 1),
        ("else", "", 0),
        ("ternary", "kind", 0),
    ]
    assert [(r.type, r.message) for r in make.raises] == [("ValueError", "bad kind"), ("Empty", "")]
    assert [FOCAL.split("\n")[line - 1].strip() for line in make.return_lines] == [
        "return Cart([])",
        "return -1 if kind else None",
    ]
    assert ("number", "-1") in [(v.kind, v.value) for v in make.literals]


def test_spans_count_bytes_and_include_decorators():
    text = "x = 'é'\n\n@dec('ü')\ndef test_é(): return 'ö'\n"
    (test,) = parse("python", text).tests
    assert test.text == "@dec('ü')\ndef test_é(): return 'ö'"
    assert (test.span.start_line, test.name_span.start_line) == (3, 4)
    assert (test.name_span.start_column, test.name_span.end_column) == (4, 11)
    assert text.encode()[test.span.start_byte : test.span.end_byte].decode() == test.text


COVERED = '''\
"""Doc."""
import typing
TABLE = (
    1,
)
flag: bool
class A(
    object
):
    """Doc."""
    "not a doc"
    size: int
    ...
    def stub(self): ...
    def later(self):
        ...
    @property
    @typing.no_type_check
    def long(self,
             a=1):
        """Doc."""
        global TABLE
        kind: int
        a = 1; b = 2
        try:
            pass
        except A:
            pass
        else:
            a
        finally:
            b
        with (
            a,
        ):
            pass
        while b:
            break
        else:
            a
        def inner():
            nonlocal a
            return 1
        match a:
            case 1:
                pass
            case _:
                return 2
                dead()
        if a:  # pragma: no cover
            b
        elif b:
            a
        else:  # pragma: no cover
            b
        return lambda: (
            1
        )
    def only_doc(self):
        """Doc."""
    def skipped(self):  # pragma: no cover
        return 1
if typing.TYPE_CHECKING:
    import os
if False:
    never()
async def call(
    x
):
    assert (
        x
    )
    foo(
        1,
    ).bar()
    @typing.final
    def k(): pass
    raise ValueError(
        "x"
    )
'''


@pytest.mark.parametrize("text", [COVERED, SUITE, FOCAL, 'def f():\n    "doc"\n    return 1\n    x\n'])
def test_executable_lines_are_those_of_coverage(text):
    parser = PythonParser(text=text, exclude="|".join(f"(?:{pattern})" for pattern in DEFAULT_EXCLUDE))
    parser.parse_source()
    file = parse("python", text)
    ours = set(file.module_lines) | {line for f in file.functions for line in f.lines}
    assert ours == parser.statements


def test_an_unfinished_line_hides_no_other_test():
    text = (
        "import os\nfrom x importy\n\ndef test_a():\n    x = foo(1,\n    assert x ==\n\n"
        'class TestB:\n    def test_c(self):\n        a.\n\n    def test_d(self):\n        assert "x\n\n'
        'def test_e():\n    s = """open\n\ndef test_f():\n    pass\n'
    )
    file = parse("python", text)
    found = names(file.tests)
    assert {"test_a", "TestB::test_c", "TestB::test_d", "test_e", "test_f"} <= set(found)
    assert file.error_lines
    assert 2 in file.error_lines


def test_an_error_is_told_of_its_function_alone():
    file = parse("python", "def test_a():\n    f(\n\ndef test_b():\n    g()\n")
    assert [(f.name, f.has_error) for f in file.tests] == [("test_a", True), ("test_b", False)]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 200_000,
        "x = " + "[" * 100_000 + "]" * 100_000,
        "x = a" + ".a" * 100_000,
        "def test_a():\n    x = " + "f(" * 60_000 + ")" * 60_000,
        "x = 1" + "+1" * 100_000,
        "".join(" " * depth + "class A:\n" for depth in range(500)),
        "".join(" " * depth + "if x:\n" for depth in range(500)),
        "def test_a(:\n" * 5_000,
        "@a\n" * 30_000 + "def f(): pass",
        "def x" + ")->" * 60_000,
        "\0\x07\ud800" * 10_000,
        "# pragma: no cover\n" * 10_000,
    ],
)
def test_hostile_text_ends_in_time(text):
    start = time.perf_counter()
    with suppress(RunfreeError):  # "nested too deeply": said, not hung
        assert parse("python", text).text == text
    assert time.perf_counter() - start < 60  # a hang, not a benchmark: machines are shared


def test_a_nesting_beyond_reading_is_told():
    with pytest.raises(RunfreeError, match="nested too deeply"):
        parse("python", "x = " + "[" * 100_000 + "]" * 100_000)


def test_a_file_that_is_too_large_is_refused_in_plain_words():
    with pytest.raises(RunfreeError, match="larger than 1,000,000 bytes"):
        parse("python", "#" * (MAX_BYTES + 1))
    with pytest.raises(RunfreeError, match="larger than"):
        parse("python", "é" * (MAX_BYTES // 2 + 1))


def test_the_same_text_is_read_once():
    assert parse("python", SUITE) is parse("python", SUITE)


def test_a_thousand_lines_are_read_at_typing_speed():
    text = SUITE * 13  # 1,014 lines
    parse("python", SUITE)
    best = min(_seconds(text + f"# {i}\n") for i in range(3))
    assert best < 0.5  # about 0.03 s on an idle core; the margin is for a busy machine


def _seconds(text):
    start = time.perf_counter()
    parse("python", text)
    return time.perf_counter() - start
