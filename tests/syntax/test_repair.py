from __future__ import annotations

import time

import pytest

from runfree.syntax.go import parse as parse_go
from runfree.syntax.java import parse as parse_java

GO = """package p

func helper(n int) int { return n }

func TestA(t *testing.T) {
	t.Fatal(helper(1))
}

func TestB(t *testing.T) {
	first := helper(2)
	%s
}

// TestC is whole.
func TestC(t *testing.T) {
	if helper(1) != 1 {
		t.Fatal("x")
	}
}

type S struct{ a int }
"""
JAVA = """package p;

class ATest {
    private Foo foo = new Foo();

    @Test
    void a() {
        assertEquals(1, foo.x());
    }

    @Test
    @DisplayName("b")
    void b() {
        int first = foo.y();
        %s
    }

    @Nested
    class In {
        @Test
        void c() {
            if (x) { assertEquals(1, foo.x()); }
        }
    }

    static class Help { int f() { return 1; } }
}
"""


@pytest.mark.parametrize(
    "line",
    [
        "got := F(",
        "if x {",
        'x := "abc',
        "got, err :=",
        "for _, c := range []int{1, 2 {",
        "first.",
        't.Run("x", func(t *testing.T) {',
        'if got != want { t.Errorf("x"',
        "x := []struct{ a int }{",
        "`",
    ],
)
def test_an_unfinished_line_of_go_hides_no_other_function(line: str) -> None:
    text = GO % line
    file = parse_go(text)
    assert [t.name for t in file.tests] == ["TestA", "TestB", "TestC"]
    assert [c.name for c in file.classes] == ["S"]
    assert [f.name for f in file.functions if f.has_error] == ["TestB"]
    assert 11 in file.error_lines
    broken, whole = file.tests[1:]
    assert "helper" in {c.name for c in broken.calls}
    assert line in broken.text
    assert [a.kind for a in whole.assertions] == ["equal"]
    assert text.encode()[whole.name_span.start_byte : whole.name_span.end_byte] == b"TestC"


@pytest.mark.parametrize(
    "line",
    [
        "assertEquals(1, foo.x(",
        "foo.",
        "int x =",
        "if (x) {",
        'String s = "abc',
        "assertThrows(X.class, () -> {",
        "Foo f = new Foo() {",
        "for (int i = 0;",
        "try {",
        "switch (x) {",
        "List<String ",
    ],
)
def test_an_unfinished_line_of_java_hides_no_other_method(line: str) -> None:
    file = parse_java(JAVA % line)
    assert [t.qualified_name for t in file.tests] == ["a", "b", "In.c"]
    assert {c.qualified_name for c in file.classes} == {"ATest", "In", "Help"}
    assert [f.qualified_name for f in file.functions if f.has_error] == ["b"]
    assert 15 in file.error_lines
    assert "y" in {c.name for c in file.tests[1].calls}
    assert file.function("Help.f") is not None


def test_an_unfinished_line_in_a_nested_class_stays_there() -> None:
    text = JAVA.replace("if (x) { assert", "f(x, () -> { g(; assert") % "foo.z();"
    file = parse_java(text)
    assert [t.qualified_name for t in file.tests] == ["a", "b", "In.c"]
    assert [f.qualified_name for f in file.functions if f.has_error] == ["In.c"]
    assert file.function("Help.f") is not None


def test_whole_files_are_read_as_they_are() -> None:
    assert parse_go(GO % "first++").error_lines == ()
    assert parse_java(JAVA % "first++;").error_lines == ()


def test_many_broken_functions_cost_little() -> None:
    started = time.perf_counter()
    parse_go("func f() { x( \n" * 2_000)
    parse_java("class A {\n" + "    void f() { x( } \n" * 2_000)
    parse_java("".join(" " * depth + "class A {\n" for depth in range(500)))
    parse_java("class a " * 5_000)
    assert time.perf_counter() - started < 10
