"""Java test classes taken apart, and copies for candidates."""

from __future__ import annotations

from runfree_training.execute.java_suite import candidate_copy, parse, without
from runfree_training.records import TestResult

SUITE = """package a.b;

import java.util.List;
import org.junit.Test;

/** Tests. */
public class FooTest extends Base {
    static final String NAME = "FooTest";
    private FooTest other;

    @Before
    public void start() {
        other = new FooTest();
    }

    /** First. */
    @Test
    public void one() {
        two();
    }

    @Test(timeout = 5)
    public void two() {
    }

    void testNothing() {}

    static class Deep {
        @Test
        public void one() {}
        void help() {}
    }
}

class Second {
}
"""


def _candidate(name: str, text: str, removes: str = "") -> TestResult:
    return TestResult(name, "written", "not-run", text=text, removes=removes)


def test_parse() -> None:
    suite = parse(SUITE)
    assert (suite.package, suite.class_name) == ("a.b", "FooTest")
    assert [t.name for t in suite.tests] == ["one", "two", "Deep.one"]
    assert suite.tests[0].text.startswith("/** First. */")
    assert [m.name for m in suite.members] == ["NAME", "other", "start", "testNothing"]
    assert suite.binary_name("Deep.one") == "a.b.FooTest$Deep#one"


def test_old_style_tests_go_by_their_names() -> None:
    text = "import junit.framework.TestCase;\nclass ATest extends TestCase {\n  public void testA() {}\n  void testB() {}\n}"
    assert [t.name for t in parse(text).tests] == ["testA"]


def test_a_copy_holds_one_test_under_a_new_class_name() -> None:
    copy = candidate_copy(parse(SUITE), _candidate("fresh", "@Test\npublic void fresh() { one(); }"), 3)
    assert copy is not None
    name, text, binary = copy
    assert (name, binary) == ("FooTest_rf3", "a.b.FooTest_rf3#fresh")
    assert "public class FooTest_rf3 extends Base" in text
    assert "new FooTest_rf3()" in text
    assert 'NAME = "FooTest"' in text, "strings stay"
    assert "class Second" not in text, "the original's other classes are on the class path"
    assert "void two()" in text, "a test that another one calls is kept"
    assert "First." in text or "void one()" not in text


def test_a_copy_for_a_nested_class() -> None:
    copy = candidate_copy(parse(SUITE), _candidate("Deep.more", "@Test\npublic void more() { help(); }"), 0)
    assert copy is not None
    assert copy[2] == "a.b.FooTest_rf0$Deep#more"
    assert copy[1].index("void more()") > copy[1].index("void help()")


def test_imports_come_and_go() -> None:
    text = "import java.util.Set;\n\n@Test\npublic void more() { Set.of(); }"
    copy = candidate_copy(parse(SUITE), _candidate("more", text, removes="import java.util.List;"), 0)
    assert copy is not None
    assert "import java.util.Set;" in copy[1]
    assert "import java.util.List;" not in copy[1]


def test_nothing_to_read() -> None:
    assert candidate_copy(parse(SUITE), _candidate("more", ""), 0) is None


def test_without() -> None:
    left = parse(without(SUITE, {"two", "Deep.one"}))
    assert [t.name for t in left.tests] == ["one"]
