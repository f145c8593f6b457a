"""Go test files taken apart, and candidates as files of their own."""

from __future__ import annotations

from runfree_training.execute.go_build import read_errors
from runfree_training.execute.go_suite import batches, candidate_file, parse, with_recover
from runfree_training.records import TestResult

SUITE = """package a_test

import (
	. "fmt"
	"strings"
	str "strconv"
	"testing"

	"example.com/go-things/v2"
)

const size, other = 1, 2

// helper helps.
func helper(t *testing.T) {}

func (k kind) name() string { return "" }

// TestOne is the first.
func TestOne(t *testing.T) { helper(t) }

func Testament(t *testing.T) {}

func TestTwo(tt *testing.T) {
	tt.Fail()
}

func TestMain(m *testing.M) {}
"""


def test_parse() -> None:
    suite = parse(SUITE)
    assert suite.package == "a_test"
    assert suite.tests == ("TestOne", "TestTwo")
    assert [i.alias for i in suite.imports] == [".", "", "str", "", ""]
    assert "things" in suite.imports[-1].names
    declared = [n for d in suite.declarations for n in d.names]
    assert declared[:4] == ["size", "other", "helper", "(k kind)name"]
    assert suite.declarations[3].text.startswith("// TestOne is")


def test_with_recover_keeps_the_lines() -> None:
    guarded = with_recover(SUITE)
    assert "func TestOne(t *testing.T) { defer rfRecover(t); helper(t) }" in guarded
    assert "func TestTwo(tt *testing.T) { defer rfRecover(tt);\n" in guarded
    assert guarded.count("\n") == SUITE.count("\n")
    assert guarded.count("rfRecover") == 2


def _candidate(name: str, text: str, removes: str = "") -> TestResult:
    return TestResult(name, "written", "not-run", text=text, removes=removes)


def test_candidate_file_has_the_imports_it_uses() -> None:
    suite = parse(SUITE)
    text = "func TestX(t *testing.T) { strings.ToUpper(str.Itoa(1)) }"
    file = candidate_file(suite, _candidate("TestX", text), 7)
    assert file is not None
    assert [i.path for i in file.header] == ["fmt", "strings", "strconv", "testing"]
    assert "func TestX_rf7(t *testing.T) { defer rfRecover(t);" in file.text()
    without = candidate_file(suite, _candidate("TestX", text, removes='"strings"'), 8)
    assert without is not None
    assert "strings" not in [i.path for i in without.header]
    first = file.text().split("\n").index('\t. "fmt"') + 1
    spare = file.line_of_import(first)
    assert spare is not None
    assert spare.path == "fmt"


def test_candidate_file_of_a_whole_file() -> None:
    text = SUITE.replace("TestTwo", "TestThree") + "\nfunc fresh() {}\n"
    file = candidate_file(parse(SUITE), _candidate("TestThree", text), 0)
    assert file is not None
    assert file.declares == {"fresh"}, "what the suite has word for word is not brought again"
    assert "TestOne" not in file.text()
    assert candidate_file(parse(SUITE), _candidate("TestX", "func helperOnly() {}"), 0) is None


def test_batches_keep_clashing_names_apart() -> None:
    suite = parse(SUITE)
    texts = [f"func h{k}() {{}}\n\nfunc TestX{k}(t *testing.T) {{}}" for k in (1, 2, 1)]
    files = [candidate_file(suite, _candidate(f"TestX{i}", t), i) for i, t in enumerate(texts)]
    assert [[f.index for f in group] for group in batches([f for f in files if f])] == [[0, 1], [2]]


def test_read_errors() -> None:
    errors = read_errors(
        "# example.com/a\n./a_test.go:3:5: undefined: x\n./zz_test.go:9:6: f redeclared in this block\n"
        "\t./a_test.go:4:6: other declaration of f\n"
    )
    assert [(e.file, e.line, e.message, e.related) for e in errors] == [
        ("a_test.go", 3, "undefined: x", ()),
        ("zz_test.go", 9, "f redeclared in this block", ("a_test.go",)),
    ]
