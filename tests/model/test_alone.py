"""A test file cut down to one test still says what it said."""

from runfree.model.alone import alone, without_tests
from runfree.syntax.parse import parse

GO = """package cart

import (
	"strings"
	"testing"
	"time"
)

func TestUpper(t *testing.T) {
	if strings.ToUpper("a") != "A" {
		t.Fatal("upper")
	}
}

func TestLater(t *testing.T) {
	if time.Second == 0 {
		t.Fatal("later")
	}
}
"""


def named(suite, name):
    return next(t for t in suite.tests if t.name == name)


def test_the_other_tests_go_and_lines_are_told():
    suite = parse("python", "import cart\n\n\ndef test_a():\n    pass\n\n\ndef test_b():\n    assert cart\n")
    text, shift = alone(suite, named(suite, "test_b"))
    assert "test_a" not in text
    assert "def test_b" in text
    line = text.split("\n").index("def test_b():") + 1
    assert line + shift == named(suite, "test_b").span.start_line


def test_go_imports_of_the_others_go_and_its_own_stay():
    suite = parse("go", GO)
    text, _ = alone(suite, named(suite, "TestLater"))
    assert '"time"' in text
    assert '"testing"' in text
    assert '"strings"' not in text
    assert text.count("\n") == GO.count("\n") - 5


def test_imports_that_a_candidate_needs_stay():
    suite = parse("go", GO)
    candidate = 'func TestTrim(t *testing.T) {\n\tstrings.TrimSpace(" ")\n}\n'
    text = without_tests(suite, frozenset({"TestLater"}), candidate)
    assert '"strings"' in text
    assert '"time"' in text
    assert "TestUpper" not in text
    assert "TestLater" in text
