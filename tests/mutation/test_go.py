from __future__ import annotations

import subprocess
from pathlib import Path

from runfree.mutation import OPERATORS, list_mutants
from runfree.mutation.go import mutants

FOCAL = """\
package till

import (
	"errors"
	"strconv"
)

type Item struct {
	Name  string
	Cents int
}

const limit = 10

func Total(items []Item, vat float64, strict bool) (int, error) {
	sum := 0
	for i := 0; i < len(items); i++ {
		if items[i].Cents <= 0 && !strict {
			continue
		}
		if items[i].Cents == 0xff {
			break
		}
		sum += items[i].Cents * 2
		note("item " + items[i].Name + strconv.Itoa(-sum))
	}
	if sum > limit {
		return 0, errors.New("too much")
	}
	return sum % 7, nil
}

func Label(item Item) string {
	text := item.Name
	text += "!"
	return text
}

func First(items []Item) (*Item, bool) {
	only := items
	return &only[0], true
}

func note(text string) {
	switch text {
	case "a":
		panic("a")
	}
}
"""


def of(operator: str, text: str = FOCAL) -> list[tuple[int, str, str]]:
    return [(m.line, m.original, m.replacement) for m in mutants(text) if m.operator == operator]


def function(body: str, signature: str = "()") -> str:
    return f"package p\n\nfunc F{signature} {{\n{body}\n}}\n"


def test_operators() -> None:
    assert of("comparison") == [
        (17, "<", "<="),
        (17, "<", ">="),
        (18, "<=", "<"),
        (18, "<=", ">"),
        (21, "==", "!="),
        (27, ">", "<="),
        (27, ">", ">="),
    ]
    assert of("arithmetic") == [(24, "*", "/"), (25, "-", "+"), (30, "%", "*")]
    assert of("boolean") == [(18, "&&", "||"), (18, "!strict", "strict"), (41, "true", "false")]
    assert of("assignment") == [(17, "++", "--"), (24, "+=", "-=")]
    assert of("call") == [(25, 'note("item " + items[i].Name + strconv.Itoa(-sum))', "{}")]
    assert of("control") == [(19, "continue", "break"), (22, "break", "continue")]
    assert (21, "0xff", "254") in of("number")
    assert (35, '"!"', '"XX!XX"') in of("string")
    assert (27, "sum > limit", "(sum > limit) || true") in of("condition")
    assert (27, "sum > limit", "(sum > limit) && false") in of("condition")
    assert [r for line, _, r in of("condition") if line == 17] == ["(i < len(items)) && false"]


def test_returned_values_become_the_zero_of_their_type() -> None:
    assert of("return") == [
        (28, 'errors.New("too much")', "nil"),
        (30, "sum % 7", "0"),
        (36, "text", '""'),
        (41, "return &only[0], true", "{ _ = only; return nil, true }"),
    ]


def test_concatenations_stay() -> None:
    assert of("arithmetic", function('return a + "x" + b', "(a, b string) string")) == []
    assert of("arithmetic", function("return a + b", "(a, b string) string")) == []
    assert of("arithmetic", function("return a + b", "(a, b int) int")) == [(4, "+", "-")]
    assert of("assignment", function("s := f.Name()\ns += t", "(t any)")) == []


def test_an_edit_that_leaves_a_variable_unused_keeps_it() -> None:
    text = function("n := f()\nreturn n", "() int")
    assert of("return", text) == [(5, "return n", "{ _ = n; return 0 }")]
    text = function("for k := range m {\ndelete(m, k)\n}", "(m map[int]int)")
    assert of("call", text) == [(5, "delete(m, k)", "{ _ = k }")]


def test_what_would_not_compile_is_left_alone() -> None:
    assert of("number", function("switch n {\ncase 1:\ncase 2:\n}\nvar a [3]int", "(n int)")) == []
    assert of("control", function("switch n {\ncase 1:\nbreak\n}", "(n int)")) == []
    assert of("control", function("for {\ncontinue\n}")) == []
    assert of("call", function('panic("x")', "() int")) == []
    assert [m for m in mutants(FOCAL) if m.line < 15] == []


def test_results_of_function_literals_are_their_own() -> None:
    text = function("g := func() bool { return h() }\nreturn g", "() func() bool")
    assert of("return", text) == [
        (4, "h()", "false"),
        (4, "h()", "true"),
        (5, "return g", "{ _ = g; return nil }"),
    ]


def test_mutants_are_in_order_unique_and_named_by_function() -> None:
    found = mutants(FOCAL)
    assert {m.operator for m in found} <= set(OPERATORS)
    assert [m.start_byte for m in found] == sorted(m.start_byte for m in found)
    assert len({(m.operator, m.line, m.ordinal) for m in found}) == len(found)
    assert {m.function for m in found} == {"Total", "Label", "First", "note"}
    assert list_mutants("go", FOCAL) == found


def test_an_edit_changes_its_bytes_only() -> None:
    text = FOCAL.replace("too much", "zu große Summe")
    for mutant in mutants(text):
        assert text.encode()[mutant.start_byte : mutant.end_byte].decode() == mutant.original
        assert mutant.apply(text) != text


def test_syntax_errors_and_deep_nesting_are_survived() -> None:
    assert mutants("") == ()
    assert mutants("func {{{ 1 +") == ()
    assert [
        m.line for m in mutants("package p\nfunc A() int { return 1 + }\nfunc B() { x++ }\n") if m.line == 3
    ]
    assert mutants(function("x := " + "f(" * 20_000 + ")" * 20_000)) == ()
    assert mutants(function("x := " + "(" * 20_000 + "1" + ")" * 20_000))


def test_mutants_compile(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module till\n\ngo 1.21\n")
    for i, mutant in enumerate(mutants(FOCAL)[::4]):
        folder = tmp_path / f"m{i}"
        folder.mkdir()
        (folder / "till.go").write_text(mutant.apply(FOCAL))
    result = subprocess.run(
        ["go", "build", "-gcflags=-e", "./..."], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
