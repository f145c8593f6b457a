from __future__ import annotations

import textwrap

import pytest

from runfree.errors import RunfreeError
from runfree.syntax.java import parse
from runfree.syntax.tree import Function

FOCAL = """\
package shop.till;

import java.util.List;
import static java.lang.Math.*;
import static shop.Rates.VAT;

/** A till. */
public class Till<T extends Item> extends Box implements Closeable {
    private static final int LIMIT = 10;
    private final List<T> items = new ArrayList<>();
    private int count;

    static {
        register("till");
    }

    public Till(int start, String... names) {
        this.count = start;
    }

    /** Adds up. */
    public double total(boolean taxed) {
        double sum = 0;
        for (T item : items) {
            sum += item.price();
        }
        if (taxed && sum > 0) {
            sum = sum * (1 + VAT);
        } else if (sum < 0) {
            throw new IllegalStateException("negative: " + sum);
        }
        try {
            audit(sum);
        } catch (IOException | RuntimeException e) {
            return -1;
        } finally {
            count++;
        }
        return switch (count) {
            case 0, 1 -> 0;
            default -> taxed ? sum : round(sum);
        };
    }

    enum Mode { OPEN, SHUT; boolean open() { return this == OPEN; } }

    record Line(String name, int price) {
        Line {
            if (price < 0) throw new IllegalArgumentException("price");
        }
    }

    interface Sink { void take(Line line); default int size() { return 0; } }
}
"""


def method(text: str) -> Function:
    lines = textwrap.indent(textwrap.dedent(text), "    ")
    return parse("class ATest {\n  @Test void x() {\n" + lines + "\n  }\n}\n").tests[0]


def checks(text: str, imports: str = "import org.junit.jupiter.api.Test;") -> list[tuple[str, str, str]]:
    file = parse(imports + "\nclass ATest { @Test void x() { " + text + " } }")
    return [(a.kind, a.actual, a.expected) for a in file.tests[0].assertions]


def test_a_file_gives_package_imports_and_types() -> None:
    file = parse(FOCAL)
    assert file.package == "shop.till"
    assert [(i.module, i.name, i.binds, i.static) for i in file.imports] == [
        ("java.util", "List", "List", False),
        ("java.lang.Math", "*", "", True),
        ("shop.Rates", "VAT", "VAT", True),
    ]
    kinds = {c.qualified_name: c.kind for c in file.classes}
    assert kinds == {
        "Till": "class",
        "Mode": "enum",
        "Line": "record",
        "Sink": "interface",
    }


def test_nested_types_are_named_without_the_main_type() -> None:
    file = parse(FOCAL)
    by_name = {c.name: c for c in file.classes}
    assert by_name["Line"].qualified_name == "Line"
    assert by_name["Till"].fields == {"LIMIT", "items", "count"}
    assert by_name["Till"].bases == ("Box", "Closeable")
    assert by_name["Till"].open_members
    assert by_name["Mode"].fields == {"OPEN", "SHUT"}
    assert by_name["Line"].fields == {"name", "price"}
    assert not by_name["Line"].open_members
    assert [f.qualified_name for f in file.functions] == [
        "Till",
        "total",
        "Mode.open",
        "Line.Line",
        "Sink.take",
        "Sink.size",
    ]
    assert by_name["Line"].methods == ("Line.Line",)


def test_a_method_gives_lines_branches_and_exceptions() -> None:
    total = parse(FOCAL).function("total")
    assert total is not None
    assert (total.owner, total.return_type, total.is_static) == ("Till", "double", False)
    assert total.span.start_line == 21
    assert {23, 24, 25, 27, 28, 29, 30, 33, 34, 35, 37, 39, 40, 41} <= set(total.lines)
    assert not {22, 32, 36, 43} & set(total.lines)
    assert [(b.kind, b.condition, b.depth) for b in total.branches] == [
        ("for", "T item : items", 0),
        ("if", "taxed && sum > 0", 0),
        ("elif", "sum < 0", 0),
        ("try", "", 0),
        ("except", "IOException | RuntimeException", 0),
        ("finally", "", 0),
        ("match", "count", 0),
        ("case", "0, 1", 1),
        ("default", "", 1),
        ("ternary", "taxed", 2),
    ]
    assert [(r.type, r.message) for r in total.raises] == [("IllegalStateException", "negative: ")]
    assert total.return_lines == (35, 39)
    assert {"sum", "item", "e", "taxed"} <= total.binds
    assert {n.text for n in total.names} >= {"items", "VAT", "count", "IOException"}


def test_constructors_and_components() -> None:
    file = parse(FOCAL)
    till, line = file.function("Till"), file.function("Line.Line")
    assert till is not None
    assert line is not None
    assert [(p.name, p.kind, p.type) for p in till.parameters] == [
        ("start", "positional", "int"),
        ("names", "rest", "String..."),
    ]
    assert till.lines == (17, 18, 19)
    assert [p.name for p in line.parameters] == ["name", "price"]


def test_code_outside_methods_is_counted_and_read() -> None:
    file = parse(FOCAL)
    assert {10, 14, 15} <= set(file.module_lines)
    assert 9 not in file.module_lines  # a constant needs no code
    assert 11 not in file.module_lines
    assert {c.name for c in file.module_calls} >= {"ArrayList", "register"}


def test_an_implicit_return_counts_only_where_it_is_reached() -> None:
    file = parse(
        "class A {\n  void a() {\n    f();\n  }\n  void b() {\n    throw new X();\n  }\n"
        "  int c() {\n    return 1;\n  }\n  void d() {\n    while (true) {\n      g();\n    }\n  }\n}\n"
    )
    assert [f.lines for f in file.functions] == [(3, 4), (6,), (9,), (13,)]


def test_tests_and_fixtures_are_told_by_their_annotations() -> None:
    file = parse(
        """class ATest {
            @BeforeEach void init() {}
            @Test void one() {}
            @org.junit.Test public void two() {}
            @ParameterizedTest @ValueSource(ints = {1, 2, 3}) void three(int n) {}
            @RepeatedTest(4) void four() {}
            void helper() {}
            @Nested class Inner { @Test void five() {} class Deep { @Test void six() {} } }
        }"""
    )
    assert [t.qualified_name for t in file.tests] == [
        "one",
        "two",
        "three",
        "four",
        "Inner.five",
        "Inner.Deep.six",
    ]
    assert [t.cases for t in file.tests[:4]] == [0, 0, 3, 4]
    assert file.tests[2].subtests == ("1", "2", "3")
    assert [f.name for f in file.functions if f.is_fixture] == ["init"]


def test_a_method_source_gives_the_number_of_cases() -> None:
    file = parse(
        """class ATest {
            @ParameterizedTest @MethodSource("rows") void x(int a) {}
            static Stream<Arguments> rows() { return Stream.of(Arguments.of(1), arguments(2)); }
        }"""
    )
    assert file.tests[0].cases == 2


def test_junit_3_tests_are_told_by_name() -> None:
    text = "class ATest extends TestCase { public void testOne() {} public void setUp() {} void other() {} }"
    assert [t.name for t in parse(text).tests] == ["testOne"]
    assert parse(text.replace("extends TestCase", "")).tests == ()


@pytest.mark.parametrize(
    "text",
    [
        "@Test\nvoid adds() {\n    assertEquals(3, add(1, 2));\n}",
        "@Test public void adds() throws Exception {\n    assertEquals(3, add(1, 2));\n}\n",
        'import org.junit.Test;\n\n@Test\n@DisplayName("x")\nvoid adds() {}',
        "private int n = 3;\n\n@BeforeEach void init() {}\n\n@Test void adds() {}",
        "public void testAdds() {\n}",
    ],
)
def test_a_bare_method_is_a_test(text: str) -> None:
    (test,) = parse(text).tests
    assert test.owner == ""
    assert test.qualified_name.lower().endswith("adds")
    assert text.encode()[test.name_span.start_byte : test.name_span.end_byte].decode() == test.name


def test_calls_members_and_names() -> None:
    function = method('Foo f = new a.Foo<>(1, "x"); f.go(y).then(); f.size = A.MAX; Stream.map(Foo::bar);')
    assert [(c.name, c.receiver, c.positional, c.constructor) for c in function.calls] == [
        ("Foo", "a", 2, True),
        ("then", "f.go(y)", 0, False),
        ("go", "f", 1, False),
        ("map", "Stream", 1, False),
    ]
    assert {(m.receiver, m.name) for m in function.members} >= {("f", "size"), ("A", "MAX"), ("Foo", "bar")}
    names = {n.text for n in function.names}
    assert {"y", "A", "Stream", "Test"} <= names
    assert not {"f", "go", "size", "x"} & names


def test_lambdas_and_anonymous_classes_belong_to_their_method() -> None:
    function = method(
        "Runnable r = () -> go(1);\nnew Foo() { int bar(int q) { return q; } };\nxs.map(v -> v + k);"
    )
    assert {"r", "q", "v"} <= function.binds
    assert function.return_lines == ()
    assert "go" in {c.name for c in function.calls}
    assert "k" in {n.text for n in function.names}


def test_literals() -> None:
    function = method('f(-1_000L, 2.5f, "a\\n", \'c\', true, null, 0x1F, """\n      text""");')
    assert [(v.kind, v.value) for v in function.literals] == [
        ("number", "-1000"),
        ("number", "2.5"),
        ("string", "a\n"),
        ("string", "c"),
        ("boolean", "true"),
        ("null", "null"),
        ("number", "0x1F"),
        ("string", "text"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("assertEquals(3, f());", [("equal", "f()", "3")]),
        ('assertEquals(3, f(), "m");', [("equal", "f()", "3")]),
        ("assertEquals(3.0, f(), 0.01);", [("approx", "f()", "3.0")]),
        ('assertTrue(ok(), "m");', [("true", "ok()", "")]),
        ("Assertions.assertNull(x);", [("null", "x", "")]),
        ("assertThrows(Bad.class, () -> f());", [("raises", "() -> f()", "Bad")]),
        ("assertInstanceOf(A.class, x);", [("type", "x", "A")]),
        (
            "assertAll(() -> assertFalse(a), () -> assertEquals(1, b));",
            [("false", "a", ""), ("equal", "b", "1")],
        ),
        ("assertThat(f(), is(3));", [("equal", "f()", "3")]),
        ("assertThat(f(), is(not(nullValue())));", [("not-null", "f()", "")]),
        ("assertThat(xs, hasItem(2));", [("contains", "xs", "2")]),
        ("assertThat(ok, is(true));", [("true", "ok", "")]),
        ("assertThat(f()).isEqualTo(3);", [("equal", "f()", "3")]),
        (
            'assertThat(xs).as("x").hasSize(2).contains(1);',
            [("equal", "xs.size()", "2"), ("contains", "xs", "1")],
        ),
        ("assertThatThrownBy(() -> f()).isInstanceOf(Bad.class);", [("raises", "() -> f()", "Bad")]),
        (
            "assertThatExceptionOfType(Bad.class).isThrownBy(() -> f());",
            [("raises", "() -> f()", "Bad")],
        ),
        ("assertThat(f());", []),
        ("verify(mock, times(2)).go(3);", [("mock", "mock.go(3)", "times(2)")]),
        (
            "try { f(); fail(); } catch (Bad e) { assertEquals(1, e.code()); }",
            [
                ("raises", "f();", "Bad"),
                ("equal", "e.code()", "1"),
            ],
        ),
        ("if (x) fail();", [("fail", "", "")]),
        ("assertSorted(xs);", [("other", "xs", "")]),
        ("assert x > 1;", [("true", "x > 1", "")]),
        ("f();", []),
    ],
)
def test_checks(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert checks(text) == expected


def test_argument_order_follows_the_library() -> None:
    junit4 = "import org.junit.Test;\nimport static org.junit.Assert.*;"
    assert checks('assertEquals("m", 3, f());', junit4) == [("equal", "f()", "3")]
    assert checks('assertTrue("m", ok());', junit4) == [("true", "ok()", "")]
    assert checks("assertEquals(f(), 3);", "import static org.testng.Assert.*;") == [("equal", "f()", "3")]


def test_the_expected_exception_of_an_annotation_is_a_check() -> None:
    (test,) = parse("class A { @Test(expected = Bad.class, timeout = 5) public void x() { f(); } }").tests
    assert [(a.kind, a.expected) for a in test.assertions] == [("raises", "Bad")]


def test_syntax_errors_leave_the_rest_readable() -> None:
    file = parse("class A {\n  int f() { return 1 + ; }\n  @Test void x() { g(); }\n")
    assert [t.name for t in file.tests] == ["x"]
    assert file.error_lines


def test_columns_are_bytes() -> None:
    text = 'class Ä { void f() { String s = "ü"; g(s); } }'
    call = parse(text).functions[0].calls[0].span
    assert text.encode()[call.start_byte : call.end_byte] == b"g(s)"
    assert call.start_column == call.start_byte


def test_deep_nesting_neither_overflows_nor_eats_memory() -> None:
    deep = "class A { int f() { return " + "(" * 20_000 + "1" + ")" * 20_000 + "; } }"
    assert parse(deep).functions[0].name == "f"
    with pytest.raises(RunfreeError, match="nested too deeply"):
        parse("class A { int f() { return " + "f(" * 20_000 + ")" * 20_000 + "; } }")
    chain = "class A { void f() {" + " if (a) { b(); } else" * 5_000 + " { c(); } } }"
    assert len(parse(chain).functions[0].branches) == 5_001
    nested = "class A { " * 3_000
    assert parse(nested).language == "java"


@pytest.mark.parametrize("text", ["", "\x00\xff", "class", "@Test", "class A { void f(", "}}}}", "😀"])
def test_any_text_gives_a_picture(text: str) -> None:
    assert parse(text).language == "java"
