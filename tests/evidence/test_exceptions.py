"""Errors that a test waits for in vain."""

import pytest

FOCAL = """\
import os


class Empty(Exception):
    pass


class Odd(Exception):
    pass


class Odder(Odd):
    pass


def half(x):
    if x % 2:
        raise Odder("is odd")
    return x // 2


def first(xs):
    if not xs:
        raise Empty("nothing there")
    return half(xs[0])


def load(path):
    return os.stat(path)


def plain(x):
    return len(x)
"""
HEADER = "import pytest\nfrom shop.till import Empty, Odd, Odder, first, half, load, plain\n\n\n"


def python(expected, call):
    return HEADER + f"def test_x():\n    with pytest.raises({expected}):\n        {call}\n"


@pytest.mark.parametrize(
    ("expected", "call", "found"),
    [
        ("ValueError", "plain([])", ["error-never-raised"]),
        ("RuntimeError", "first([])", ["error-never-raised"]),
        ("Empty, match='missing'", "first([])", ["message-never-used"]),
        ("Empty, match='nothing'", "first([])", []),
        ("Empty, match='[('", "first([])", []),
        ("Odder", "first([1])", []),
        ("Odd", "half(1)", []),
        ("TypeError", "plain(1)", []),
        ("ValueError", "load('x')", []),
        ("ValueError", "plain(int('x'))", []),
        ("(ValueError, KeyError)", "plain([])", []),
        ("ValueError", "unknown(1)", []),
    ],
)
def test_python(codes, expected, call, found):
    candidate = python(expected, call).replace("def test_x", "unknown = print\n\n\ndef test_x")
    assert codes("python", FOCAL, candidate) == found


def test_an_error_that_the_test_itself_makes_is_left_alone(codes):
    mocked = python("ValueError", "plain([])").replace("test_x()", "test_x(monkeypatch)")
    assert (
        codes("python", FOCAL, mocked.replace("    with", "    mock(side_effect=ValueError)\n    with")) != []
    )
    assert "error-never-raised" not in codes(
        "python", FOCAL, mocked.replace("    with", "    x = Mock(side_effect=ValueError)\n    with")
    )


JAVA = """\
package shop;

public class Till {
    int half(int x) {
        if (x % 2 == 1) { throw new IllegalArgumentException("odd"); }
        return x / 2;
    }
    int same(int x) { return x; }
}
"""


@pytest.mark.parametrize(
    ("expected", "call", "found"),
    [
        ("IllegalStateException", "till.same(1)", ["error-never-raised"]),
        ("IllegalArgumentException", "till.half(1)", []),
        ("NullPointerException", "till.same(1)", []),
        ("IllegalStateException", "other.run()", []),
    ],
)
def test_java(codes, expected, call, found):
    test = f"@Test\nvoid fails() {{\n    assertThrows({expected}.class, () -> {call});\n}}\n"
    existing = (
        "package shop;\n\nimport static org.junit.jupiter.api.Assertions.*;\n\nclass TillTest {\n"
        "    Till till = new Till();\n    Object other;\n}\n"
    )
    assert codes("java", JAVA, test, existing) == found
