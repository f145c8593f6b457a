import pytest

from runfree.syntax.parse import parse
from runfree.workspace.changes import new_tests, rename_candidates, renamed_from

OLD = """
import cart

def helper():
    return 1

def test_a():
    assert cart.total([]) == 0

class TestB:
    def test_b(self):
        assert cart.total([1]) == 1
"""


def names(old, new, language="python"):
    return new_tests(parse(language, old) if old is not None else None, parse(language, new))


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (OLD, ()),
        (OLD.replace("\n", "\r\n"), ()),
        ("# a new first line\n" + OLD.replace("return 1", "return 2"), ()),
        (OLD + "\ndef test_c():\n    assert cart\n", ("test_c",)),
        (OLD.replace("== 0", "== 1"), ("test_a",)),
        (OLD.replace("== 1", "== 2"), ("TestB::test_b",)),
        (OLD.replace("class TestB", "class TestC"), ()),
        (OLD.replace("def test_a", "def test_z"), ("test_z",)),
        (OLD.replace("[]) == 0", "[]) == 0   "), ()),
        (
            OLD.replace("    assert cart.total([]) == 0", "    if cart:\n        assert cart.total([]) == 0"),
            ("test_a",),
        ),
    ],
)
def test_new_or_changed(new, expected):
    assert names(OLD, new) == expected


def test_without_an_old_version_all_are_new():
    assert names(None, OLD) == ("test_a", "TestB::test_b")


def test_indent_inside_a_test_counts():
    old = "def test_a():\n    for x in y:\n        f(x)\n    assert x\n"
    assert names(old, old.replace("    assert x", "        assert x")) == ("test_a",)


def test_the_same_test_twice():
    test = "def test_a():\n    assert f()\n\n"
    assert names(test, test + test) == ("test_a",)


def test_java_and_go():
    java = "class AT { @Test void a() { x(); } @Test void b() { y(); } }"
    assert names(java, java.replace("y()", "z()"), "java") == ("b",)
    go = "package p\nfunc TestA(t *testing.T) { f() }\nfunc TestB(t *testing.T) { g() }\n"
    assert names(go, go.replace("g()", "h()"), "go") == ("TestB",)


def test_renamed_file_is_found_by_its_lines():
    gone = [("tests/test_other.py", "x = 1\ny = 2\n"), ("tests/test_cart.py", OLD)]
    assert (
        renamed_from("tests/test_basket.py", OLD + "\ndef test_new():\n    pass\n", gone)
        == "tests/test_cart.py"
    )
    assert renamed_from("tests/test_basket.py", "z = 1\n", gone) is None
    assert renamed_from("tests/test_basket.py", "", [("tests/test_e.py", "")]) is None


def test_candidates_for_a_rename():
    gone = ["b/test_x.py", "src/x.py", "a/test_y.py", "a/test_x.go", "c/test_y.py"]
    assert rename_candidates("a/test_x.py", gone) == ["b/test_x.py", "a/test_y.py", "c/test_y.py"]
