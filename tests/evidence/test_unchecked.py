"""Tests that check nothing."""

import pytest

FOCAL = "def double(x):\n    return 2 * x\n"
HEADER = """\
import pytest
from shop.till import double


def verdict(x):
    inner(x)


def inner(x):
    assert x


def silent(x):
    return x


"""


@pytest.mark.parametrize(
    ("line", "checks"),
    [
        ("double(1)", False),
        ("silent(double(1))", False),
        ("print(double(1))", False),
        ("assert double(1)", True),
        ("verdict(double(1))", True),
        ("with pytest.raises(TypeError): double()", True),
        ("check_double(double(1))", True),
        ("double(1).assert_called_once()", True),
    ],
)
def test_python(codes, line, checks):
    candidate = HEADER + f"def test_x():\n    {line}\n"
    found = codes("python", FOCAL, candidate, weights=("unchecked",))
    assert found == ([] if checks else ["no-assertion"])


@pytest.mark.parametrize(("line", "checks"), [("x.run();", False), ("assertEquals(1, x.run());", True)])
def test_java(codes, line, checks):
    test = f"@Test\nvoid runs() {{\n    Till x = new Till();\n    {line}\n}}\n"
    found = codes(
        "java", "package shop;\nclass Till { int run() { return 1; } }\n", test, weights=("unchecked",)
    )
    assert found == ([] if checks else ["no-assertion"])


def test_an_expected_exception_of_junit_4_is_a_check(codes):
    test = "@Test(expected = Exception.class)\npublic void fails() {\n    run();\n}\n"
    assert codes("java", "package shop;\nclass Till {}\n", test, weights=("unchecked",)) == []


@pytest.mark.parametrize(
    ("line", "checks"),
    [("Run()", False), ('if Run() != 1 { t.Fatal("x") }', True), ("assert.Equal(t, 1, Run())", True)],
)
def test_go(codes, line, checks):
    test = f"func TestX(t *testing.T) {{\n\t{line}\n}}\n"
    found = codes("go", "package shop\n\nfunc Run() int { return 1 }\n", test, weights=("unchecked",))
    assert found == ([] if checks else ["no-assertion"])
