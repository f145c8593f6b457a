from __future__ import annotations

import textwrap

import pytest

from runfree.errors import RunfreeError
from runfree.syntax.go import package_name, parse
from runfree.syntax.tree import Function, SourceFile

FOCAL = """\
package shelf

import (
	"errors"
	str "strings"
	. "math"
	_ "embed"
	"gopkg.in/yaml.v3"
)

var ErrFull = errors.New("full")

// Shelf holds books.
type Shelf[T any] struct {
	size, used int
	*Base
	log.Logger
}

type Sorter interface {
	Less(i, j int) bool
}

type Title string

// Put adds a book
// to the shelf.
func (s *Shelf[T]) Put(title string, tags ...string) (place int, err error) {
	if s.used >= s.size {
		return 0, ErrFull
	} else if title == "" {
		return -1, fmt.Errorf("no title for %d", s.used)
	}
	for _, tag := range tags {
		s.note(tag)
	}
	switch s.size {
	case 1, 2:
		panic("too small")
	default:
	}
	s.used++
	return s.used, nil
}
"""


def only(file: SourceFile) -> Function:
    assert len(file.functions) == 1
    return file.functions[0]


def body(text: str) -> Function:
    lines = textwrap.indent(textwrap.dedent(text), "\t")
    return only(parse("func TestX(t *testing.T) {\n" + lines + "\n}\n"))


def checks(text: str) -> list[tuple[str, str, str]]:
    return [(a.kind, a.actual, a.expected) for a in body(text).assertions]


def test_a_file_gives_package_imports_types_and_methods() -> None:
    file = parse(FOCAL)
    assert file.package == "shelf"
    assert [(i.module, i.name, i.binds) for i in file.imports] == [
        ("errors", "", "errors"),
        ("strings", "", "str"),
        ("math", "*", ""),
        ("embed", "", ""),
        ("gopkg.in/yaml.v3", "", "yaml"),
    ]
    shelf, sorter, title = file.classes
    assert (shelf.kind, shelf.fields, shelf.bases) == (
        "struct",
        {"size", "used", "Base", "Logger"},
        ("Base", "log.Logger"),
    )
    assert shelf.open_members
    assert shelf.methods == ("Shelf.Put",)
    assert (sorter.kind, sorter.methods, title.kind) == ("interface", ("Sorter.Less",), "alias")
    assert not title.open_members
    assert {"ErrFull", "Shelf", "str", "Title"} <= file.module_names
    assert file.module_lines == (11,)
    assert [c.name for c in file.module_calls] == ["New"]


def test_a_method_gives_signature_lines_branches_and_errors() -> None:
    put = parse(FOCAL).function("Shelf.Put")
    assert put is not None
    assert (put.owner, put.return_type) == ("Shelf", "(place int, err error)")
    assert [(p.name, p.kind, p.type) for p in put.parameters] == [
        ("title", "positional", "string"),
        ("tags", "rest", "...string"),
    ]
    assert put.text.startswith("// Put adds a book")
    assert put.span.start_line == 26
    assert put.lines == (29, 30, 31, 32, 34, 35, 37, 39, 42, 43)
    assert [(b.kind, b.condition, b.depth) for b in put.branches] == [
        ("if", "s.used >= s.size", 0),
        ("elif", 'title == ""', 0),
        ("for", "_, tag := range tags", 0),
        ("match", "s.size", 0),
        ("case", "1, 2", 1),
        ("default", "", 1),
    ]
    assert [(r.type, r.message, r.line) for r in put.raises] == [
        ("ErrFull", "", 30),
        ("error", "no title for %d", 32),
        ("panic", "too small", 39),
    ]
    assert put.return_lines == (30, 32, 43)
    assert {"title", "tags", "tag", "s", "T", "err"} <= put.binds
    assert {n.text for n in put.names} >= {"ErrFull", "fmt", "panic"}
    assert "tag" not in {n.text for n in put.names}


def test_an_interface_method_is_abstract() -> None:
    less = parse(FOCAL).function("Sorter.Less")
    assert less is not None
    assert less.is_abstract
    assert [p.name for p in less.parameters] == ["i", "j"]


def test_tests_are_told_from_helpers_benchmarks_and_main() -> None:
    file = parse(
        """package p
        func TestOne(t *testing.T) {}
        func Testify(t *testing.T) {}
        func TestMain(m *testing.M) {}
        func BenchmarkOne(b *testing.B) {}
        func TestHelper(t *testing.T, n int) {}
        func (s *Suite) TestTwo() { s.Equal(1, f()) }
        func (s *Suite) SetupTest() {}
        """
    )
    assert [t.qualified_name for t in file.tests] == ["TestOne", "TestTwo"]
    assert file.tests[1].owner == "Suite"
    assert [a.kind for a in file.tests[1].assertions] == ["equal"]
    assert [f.name for f in file.functions if f.is_fixture] == ["TestMain", "SetupTest"]


def test_a_bare_function_is_a_test_with_spans_in_its_own_text() -> None:
    test = only(parse("func TestX(t *testing.T) {\n\tf(1)\n}"))
    assert test.name == "TestX"
    assert test.span.start_line == 1
    assert test.lines == (2,)


def test_tables_and_subtests_are_counted_and_named() -> None:
    file = parse(
        """package p
        var shared = []struct{ name string; in int }{{"one", 1}, {name: "two", in: 2}}
        func TestA(t *testing.T) {
            cases := map[string]int{"x": 1, "y": 2, "z": 3}
            for name, in := range cases { t.Run(name, func(t *testing.T) { f(in) }) }
            t.Run("alone", func(t *testing.T) {})
        }
        func TestB(t *testing.T) { for _, tt := range shared { f(tt.in) } }
        """
    )
    first, second = file.tests
    assert (first.cases, first.subtests) == (3, ("x", "y", "z", "alone"))
    assert (second.cases, second.subtests) == (2, ("one", "two"))


def test_calls_composite_literals_and_members() -> None:
    function = body('x := pkg.Point{X: 1, Y: k}\nf(x, ys...)\nG[int](3)\nm := map[string]int{k: 2, "b": -3}')
    assert [
        (c.name, c.receiver, c.positional, c.keywords, c.spread, c.constructor) for c in function.calls
    ] == [
        ("Point", "pkg", 0, ("X", "Y"), False, True),
        ("f", "", 2, (), True, False),
        ("G", "", 1, (), False, False),
    ]
    assert ("pkg", "Point") in {(m.receiver, m.name) for m in function.members}
    names = [n.text for n in function.names]
    assert "X" not in names
    assert names.count("k") == 2
    assert [(v.kind, v.value) for v in function.literals if v.kind != "collection"] == [
        ("number", "1"),
        ("number", "3"),
        ("number", "2"),
        ("string", "b"),
        ("number", "-3"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if got != want {\n t.Errorf(`x`)\n}", [("equal", "got", "want")]),
        ("if want != f(x) { t.Fatal() }", [("equal", "f(x)", "want")]),
        ("if n := f(); n != 3 { t.Fail() }", [("equal", "n", "3")]),
        ("if err != nil { t.Fatal(err) }", [("null", "err", "nil")]),
        ("if err == nil { t.Fatal() }", [("raises", "err", "error")]),
        ("if p == nil { t.Fatal() }", [("not-null", "p", "error")]),
        ("if !ok { t.Error() }", [("true", "ok", "")]),
        ("if ok { t.Error() }", [("false", "ok", "")]),
        ("if a == b { t.Error() }", [("not-equal", "a", "b")]),
        ("if !reflect.DeepEqual(got, want) { t.Error() }", [("equal", "got", "want")]),
        ("if diff := cmp.Diff(want, got); diff != `` { t.Error(diff) }", [("equal", "got", "want")]),
        ("if !strings.Contains(s, `x`) { t.Error() }", [("contains", "s", "`x`")]),
        ("if !errors.Is(err, ErrX) { t.Error() }", [("raises", "err", "ErrX")]),
        ("if a != 1 || b != 2 { t.Error() }", [("equal", "a", "1"), ("equal", "b", "2")]),
        ("if math.Abs(a-b) > 0.1 { t.Error() }", [("approx", "math.Abs(a-b)", "0.1")]),
        ("if (err != nil) != tt.bad { t.Error() }", [("equal", "err != nil", "tt.bad")]),
        ("if err == nil { f() } else { t.Error() }", [("null", "err", "nil")]),
        ("defer func() { if r := recover(); r == nil { t.Error() } }()", [("raises", "", "panic")]),
        ("t.Fatal(`never`)", [("fail", "", "")]),
        ("assert.Equal(t, 3, f())", [("equal", "f()", "3")]),
        ("require.NoError(t, err)", [("null", "err", "")]),
        ("assert.Lenf(t, xs, 2, `m`)", [("equal", "len(xs)", "2")]),
        ("is := assert.New(t)\nis.Contains(xs, 2)", [("contains", "xs", "2")]),
        ("assert.Panics(t, func() { f() })", [("raises", "func() { f() }", "panic")]),
        ("c.Assert(got, qt.Equals, 3)", []),
        ("qt.Assert(t, got, qt.Equals, 3)", [("equal", "got", "3")]),
        ("g.Expect(f()).To(Equal(2))", [("equal", "f()", "2")]),
        ("assertEqual(t, got, want)", [("equal", "got", "want")]),
        ("if got != want { log.Println(got) }", []),
    ],
)
def test_checks(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert checks(text) == expected


def test_the_text_an_error_must_have_is_its_message() -> None:
    (check,) = body('assert.EqualError(t, err, "boom")').assertions
    assert (check.kind, check.actual, check.message) == ("raises", "err", '"boom"')


def test_syntax_errors_leave_the_rest_readable() -> None:
    file = parse("package p\n\nfunc A() int {\n\treturn 1 +\n}\n\nfunc TestB(t *testing.T) { f() }\n")
    assert [t.name for t in file.tests] == ["TestB"]
    assert file.error_lines
    broken = file.function("A")
    assert broken is None or broken.has_error


def test_columns_are_bytes() -> None:
    test = only(parse('func TestÄ(t *testing.T) { s := "ü"; f(s) }'))
    data = test.text.encode()
    call = test.calls[0].span
    assert data[call.start_byte : call.end_byte] == b"f(s)"
    assert call.start_column == call.start_byte


def test_deep_nesting_neither_overflows_nor_eats_memory() -> None:
    assert only(parse("func F() { x := " + "(" * 20_000 + "1" + ")" * 20_000 + " }")).name == "F"
    nested = "func F() { " + "f(" * 20_000 + ")" * 20_000 + " }"
    with pytest.raises(RunfreeError, match="nested too deeply"):
        parse(nested)


@pytest.mark.parametrize("text", ["", "\x00\xff", "func", "package", "func (", "type X struct {", "😀 := 1"])
def test_any_text_gives_a_picture(text: str) -> None:
    assert parse(text).language == "go"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("fmt", "fmt"),
        ("github.com/a/b/v2", "b"),
        ("gopkg.in/check.v1", "check"),
        ("github.com/a/go-units", "units"),
        ("github.com/a/yaml-go", "yaml"),
    ],
)
def test_import_paths_bind_their_last_part(path: str, name: str) -> None:
    assert package_name(path) == name
