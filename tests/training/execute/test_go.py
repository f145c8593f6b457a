"""A Go module of our own whose coverage and kill matrix is known by hand, labelled for real."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from runfree.mutation import list_mutants
from runfree_training.execute import Pair, Project, Settings, go, go_label
from runfree_training.execute.go_history import added_tests
from runfree_training.records import Record, TestResult

FOCAL = """package calc

// Grade says how good a mark is.
func Grade(mark int) string {
	if mark > 50 {
		return "pass"
	}
	return "fail"
}

// Double adds a number to itself.
func Double(n int) int {
	return n + n
}
"""
TESTS = """package calc

import (
	"strings"
	"testing"
)

func TestPass(t *testing.T) {
	if got := Grade(60); got != "pass" {
		t.Errorf("Grade(60) = %q", got)
	}
}

func TestFail(t *testing.T) {
	if got := strings.ToUpper(Grade(50)); got != "FAIL" {
		t.Errorf("Grade(50) = %q", got)
	}
}

func TestDouble(t *testing.T) {
	for _, n := range []int{1, 3} {
		t.Run("n", func(t *testing.T) {
			if Double(n) != 2*n {
				t.Fatal("not twice")
			}
		})
	}
}

func TestUnchecked(t *testing.T) {
	Grade(60)
}
"""
# (operator, original, replacement) -> the tests that kill it, by hand.
KILLERS = {
    ("condition", "mark > 50", "(mark > 50) && false"): {"TestPass"},
    ("condition", "mark > 50", "(mark > 50) || true"): {"TestFail"},
    ("comparison", ">", "<="): {"TestPass", "TestFail"},
    ("comparison", ">", ">="): {"TestFail"},
    ("number", "50", "51"): set(),
    ("return", '"pass"', '""'): {"TestPass"},
    ("string", '"pass"', '"XXpassXX"'): {"TestPass"},
    ("return", '"fail"', '""'): {"TestFail"},
    ("string", '"fail"', '"XXfailXX"'): {"TestFail"},
    ("return", "n + n", "0"): {"TestDouble"},
    ("arithmetic", "+", "-"): {"TestDouble"},
}
CANDIDATES = (
    TestResult("TestWrong", "written", "not-run", text="""func TestWrong(t *testing.T) {
	if Grade(51) != "fail" {
		t.Error("51 is", Grade(51))
	}
}"""),
    TestResult("TestPanics", "written", "not-run", text="""func TestPanics(t *testing.T) {
	var marks []int
	Grade(marks[3])
}"""),
    TestResult("TestUndefined", "written", "not-run", text="func TestUndefined(t *testing.T) { Triple(2) }"),
    TestResult("TestNoImport", "written", "not-run", removes='"strings"', text="""func TestNoImport(t *testing.T) {
	if !strings.HasPrefix(Grade(1), "f") {
		t.Fail()
	}
}"""),
    TestResult("TestSpareImport", "written", "not-run", text="""package calc

import "os"

func TestSpareImport(t *testing.T) { Grade(1) }"""),
    TestResult("TestBrings", "written", "not-run", text="""package calc

import "errors"

var errMark = errors.New("mark")

func check(mark int) error {
	if Grade(mark) == "pass" {
		return nil
	}
	return errMark
}

func TestBrings(t *testing.T) {
	if check(51) != nil || check(50) != errMark {
		t.Fatal("wrong")
	}
}"""),
    TestResult("TestClash", "written", "not-run", text="""package calc

func check(mark int) bool { return Grade(mark) == "fail" }

func TestClash(t *testing.T) {
	if !check(2) {
		t.Fatal("wrong")
	}
}"""),
    TestResult("TestSleeps", "written", "not-run", text="""func TestSleeps(t *testing.T) {
	select {}
}"""),
    TestResult("TestCut", "written", "not-run", text="func TestCut(t *testing.T) { Grade("),
    TestResult("TestExits", "written", "not-run", text="""package calc

import "os"

func TestExits(t *testing.T) { os.Exit(3) }"""),
)  # fmt: skip


# Asked for before any fixture moves the cache folder: compiling the standard library anew takes 15 s a time.
GO_CACHE = subprocess.run(["go", "env", "GOCACHE"], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(autouse=True)
def _go_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOCACHE", GO_CACHE)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(go_label, "TEST_SECONDS", 5.0)
        yield _record(tmp_path_factory)


def _record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    root = tmp_path_factory.mktemp("calc")
    (root / "go.mod").write_text("module example.com/calc\n\ngo 1.20\n")
    (root / "calc.go").write_text(FOCAL)
    (root / "calc_test.go").write_text(TESTS)
    project = Project("go", "own/calc", "", "Apache-2.0", root, root)
    go.prepare(project)
    assert go.find_pairs(root) == [Pair("calc.go", "calc_test.go")]
    before = sorted(p.name for p in root.iterdir())
    made = go_label.label(
        project, Pair("calc.go", "calc_test.go"), Settings(), CANDIDATES, tmp_path_factory.mktemp("work")
    )
    assert sorted(p.name for p in root.iterdir()) == before, "labelling writes in the checkout"
    return made


def _test(record: Record, name: str) -> TestResult:
    return next(t for t in record.tests if t.name == name)


def test_lines_and_outcomes(record: Record) -> None:
    assert record.focal_lines == (5, 6, 8, 13)
    expected = {"TestPass": (5, 6), "TestFail": (5, 8), "TestDouble": (13,), "TestUnchecked": (5, 6)}
    for name, lines in expected.items():
        assert (_test(record, name).outcome, _test(record, name).lines) == ("passed", lines), name


def test_kill_matrix(record: Record) -> None:
    listed = {(m.operator, m.line, m.ordinal): m for m in list_mutants("go", FOCAL)}
    assert len(record.mutants) == len(listed) == len(KILLERS)
    for at, result in enumerate(record.mutants):
        mutant = listed[result.operator, result.line, result.ordinal]
        killers = {t.name for t in record.tests if t.source == "existing" and at in t.kills}
        assert killers == KILLERS[mutant.operator, mutant.original, mutant.replacement], mutant
        assert not result.incompetent


def test_candidates(record: Record) -> None:
    outcomes = {t.name: t.outcome for t in record.tests if t.source == "written"}
    assert outcomes == {
        "TestWrong": "failed",
        "TestPanics": "error",
        "TestUndefined": "does-not-compile",
        "TestNoImport": "does-not-compile",
        "TestSpareImport": "does-not-compile",
        "TestBrings": "passed",
        "TestClash": "passed",
        "TestSleeps": "timeout",
        "TestCut": "does-not-compile",
        "TestExits": "error",
    }
    assert _test(record, "TestBrings").lines == (5, 6, 8)
    assert _test(record, "TestWrong").error == "51 is pass"
    assert "index out of range" in _test(record, "TestPanics").error
    assert _test(record, "TestUndefined").error == "undefined: Triple"
    assert "imported and not used" in _test(record, "TestSpareImport").error
    assert all(t.kills_known for t in record.tests)


def test_without_network_and_bounded(tmp_path: Path) -> None:
    root = tmp_path / "net"
    root.mkdir()
    (root / "go.mod").write_text("module example.com/net\n\ngo 1.20\n")
    (root / "a.go").write_text("package a\n\nfunc One() int {\n\treturn 1\n}\n")
    (root / "a_test.go").write_text(
        """package a

import (
	"os"
	"strings"
	"testing"
)

func TestAlone(t *testing.T) {
	devices, err := os.ReadFile("/proc/net/dev")
	if err != nil || strings.Count(string(devices), ":") != 1 || !strings.Contains(string(devices), "lo:") {
		t.Fatalf("there is a network: %%s %%v", devices, err)
	}
	One()
}

func TestWrites(t *testing.T) {
	if err := os.WriteFile("%s", []byte("x"), 0o644); err == nil {
		t.Fatal("it could write outside")
	}
}

func TestPrints(t *testing.T) {
	for i := 0; i < 20000; i++ {
		os.Stdout.WriteString("0123456789012345678901234567890123456789\\n")
	}
}
"""
        % (tmp_path / "outside")
    )
    project = Project("go", "own/net", "", "Apache-2.0", root, root)
    work = tmp_path / "work"
    work.mkdir()
    made = go_label.label(project, Pair("a.go", "a_test.go"), Settings(), [], work)
    assert {t.name: t.outcome for t in made.tests} == dict.fromkeys(
        ("TestAlone", "TestWrites", "TestPrints"), "passed"
    )
    assert not (tmp_path / "outside").exists()


def test_history_runs_before_and_after(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    root.mkdir()

    def commit(message: str) -> None:
        for command in (
            ["add", "."],
            ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", message],
        ):
            subprocess.run(["git", *command], cwd=root, check=True)

    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    (root / "go.mod").write_text("module example.com/calc\n\ngo 1.20\n")
    (root / "calc.go").write_text(FOCAL)
    (root / "calc_test.go").write_text(TESTS)
    commit("first")
    (root / "calc.go").write_text(FOCAL + "\n// Half divides.\nfunc Half(n int) int {\n\treturn n / 2\n}\n")
    added = "\nfunc TestHalf(t *testing.T) {\n\tif Half(4) != 2 {\n\t\tt.Fatal(4)\n\t}\n}\n"
    (root / "calc_test.go").write_text(TESTS + added)
    commit("half")

    project = Project("go", "own/calc", "", "Apache-2.0", root, root, root / ".git")
    found = go.label_history(project, go.find_pairs(root), Settings(history=4))
    half = {r.commit: _test(r, "TestHalf") for _, r in found}
    assert [(t.kind, t.outcome) for t in half.values()] == [
        ("before", "does-not-compile"),
        ("after", "passed"),
    ]
    assert all("TestHalf" not in r.test_text for _, r in found)
    assert [t.lines for t in half.values()] == [(), (18,)]


def test_added_tests_bring_their_helpers() -> None:
    after = TESTS + "\nfunc mark() int { return 7 }\n\nfunc TestNew(t *testing.T) { Grade(mark()) }\n"
    (added,) = added_tests(TESTS, after)
    assert added.name == "TestNew"
    assert "func mark() int" in added.text
    changed = after.replace("Grade(60)", "Grade(61)")
    assert [t.name for t in added_tests(TESTS, changed)] == ["TestNew"]


def test_a_test_that_covers_other_lines_each_time_is_flaky(tmp_path: Path) -> None:
    root, work = tmp_path / "luck", tmp_path / "work"
    for folder in (root, work):
        folder.mkdir()
    cases = "".join(f"\tcase {n}:\n\t\treturn {n + 7}\n" for n in range(40))
    (root / "go.mod").write_text("module example.com/luck\n\ngo 1.20\n")
    (root / "a.go").write_text(
        f"package a\n\nfunc Pick(n int) int {{\n\tswitch n {{\n{cases}\t}}\n\treturn 0\n}}\n"
    )
    (root / "a_test.go").write_text("""package a

import (
	"math/rand"
	"testing"
	"time"
)

func TestLuck(t *testing.T) {
	rand.Seed(time.Now().UnixNano())
	for n := 0; n < 40; n++ {
		if rand.Intn(2) == 0 {
			Pick(n)
		}
	}
}

func TestSure(t *testing.T) {
	if Pick(3) != 10 {
		t.Fatal("not ten")
	}
}
""")
    project = Project("go", "own/luck", "", "Apache-2.0", root, root)
    made = go_label.label(project, Pair("a.go", "a_test.go"), Settings(mutants=1), [], work)
    assert {t.name: (t.outcome, t.error) for t in made.tests} == {
        "TestLuck": ("flaky", "two runs differ"),
        "TestSure": ("passed", ""),
    }
