"""A Maven project of our own whose coverage and kill matrix is known by hand, labelled for real."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from runfree.mutation import list_mutants
from runfree_training.execute import Pair, Project, Settings, java, java_label
from runfree_training.execute.java_module import module_of
from runfree_training.records import Record, TestResult

POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>own</groupId>
  <artifactId>calc</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.junit.jupiter</groupId>
      <artifactId>junit-jupiter</artifactId>
      <version>5.13.4</version>
      <scope>test</scope>
    </dependency>
    <dependency>
      <groupId>junit</groupId>
      <artifactId>junit</artifactId>
      <version>4.13.2</version>
      <scope>test</scope>
    </dependency>
  </dependencies>
</project>
"""
FOCAL = """package calc;

public class Calc {
    public static String grade(int mark) {
        if (mark > 50) {
            return "pass";
        }
        return "fail";
    }

    public static int twice(int n) {
        return n + n;
    }
}
"""
TESTS = """package calc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CalcTest {
    private static int started;
    private int mark;

    @BeforeEach
    void setUp() {
        mark = 60;
        started++;
    }

    @Test
    void passes() {
        assertEquals("pass", Calc.grade(mark));
        assertEquals(1, started, "static state is a test's own");
    }

    @Test
    void fails() {
        assertEquals(List.of("fail"), List.of(Calc.grade(50)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void doubles(int n) {
        assertEquals(2 * n, Calc.twice(n));
    }

    @Nested
    class Unchecked {
        @Test
        void passes() {
            Calc.grade(mark);
        }
    }
}
"""
OLD_STYLE = """package calc;

import org.junit.Assert;
import org.junit.Test;

public class TestCalc {
    @Test(expected = ArithmeticException.class)
    public void divides() {
        int none = Calc.twice(0);
        Assert.assertEquals(1, 1 / none);
    }
}
"""
# (operator, original, replacement) -> the tests that kill it, by hand.
KILLERS = {
    ("comparison", ">", "<="): {"passes", "fails"},
    ("comparison", ">", ">="): {"fails"},
    ("return", '"pass"', '""'): {"passes"},
    ("return", '"fail"', '""'): {"fails"},
    ("return", "n + n", "0"): {"doubles"},
    ("arithmetic", "+", "-"): {"doubles"},
}


def _candidate(name: str, text: str, removes: str = "") -> TestResult:
    return TestResult(name, "written", "not-run", text=text, removes=removes)


CANDIDATES = (
    _candidate("wrong", '@Test\nvoid wrong() {\n    assertEquals("fail", Calc.grade(51));\n}'),
    _candidate("throwing", "@Test\nvoid throwing() {\n    Calc.grade((Integer) null);\n}"),
    _candidate("undefined", "@Test\nvoid undefined() {\n    Calc.triple(2);\n}"),
    _candidate(
        "noImport", "@Test\nvoid noImport() {\n    List.of(Calc.grade(2));\n}", "import java.util.List;"
    ),
    _candidate("Unchecked.second", '@Test\nvoid second() {\n    assertEquals("pass", Calc.grade(mark));\n}'),
    _candidate("unhandled", "@Test\nvoid unhandled() {\n    Thread.sleep(1);\n}"),
    _candidate("cut", "@Test\nvoid cut() {\n    Calc.grade(\n}"),
    _candidate(
        "endless", "@Test\nvoid endless() {\n    while (mark > 0) {\n        Calc.grade(1);\n    }\n}"
    ),
    _candidate("exits", "@Test\nvoid exits() {\n    System.exit(3);\n}"),
    _candidate(
        "brings",
        """package calc;

import java.util.Set;

class CalcTest {
    private final Set<String> grades = Set.of("pass", "fail");

    @Test
    void brings() {
        org.junit.jupiter.api.Assertions.assertTrue(grades.contains(Calc.grade(51)) && mark == 60);
    }
}
""",
    ),
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("calc")
    for path, text in (
        ("pom.xml", POM),
        ("src/main/java/calc/Calc.java", FOCAL),
        ("src/test/java/calc/CalcTest.java", TESTS),
        ("src/test/java/calc/TestCalc.java", OLD_STYLE),
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    made = Project(
        "java", "own/calc", "", "Apache-2.0", root, tmp_path_factory.mktemp("environments") / "calc"
    )
    java.prepare(made)
    return made


@pytest.fixture(scope="module")
def record(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    pair = Pair("src/main/java/calc/Calc.java", "src/test/java/calc/CalcTest.java")
    assert pair in java.find_pairs(project.root)
    module = module_of(project, pair.focal_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(java_label, "TEST_SECONDS", 5.0)
        work = tmp_path_factory.mktemp("work")
        yield java_label.label(project, module, pair, Settings(), CANDIDATES, work)
    assert not (project.root / "target").exists()


def _test(record: Record, name: str) -> TestResult:
    return next(t for t in record.tests if t.name == name)


def test_pairs_by_place_and_by_name(tmp_path: Path) -> None:
    for path in (
        "src/main/java/a/One.java", "src/main/java/a/Two.java", "src/main/java/b/Two.java", "src/test/java/a/OneTest.java",
        "src/test/java/a/junit/OneTests.java", "src/test/java/a/junit/TestTwo.java", "src/test/java/b/TestTwo.java",
    ):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"class {Path(path).stem} {{ @Test void a() {{}} }}")
    (tmp_path / "pom.xml").write_text(POM)
    found = {(Path(p.focal_path).relative_to("src/main/java"), Path(p.test_path).relative_to("src/test/java"))
             for p in java.find_pairs(tmp_path)}  # fmt: skip
    assert {(str(focal), str(test)) for focal, test in found} == {
        ("a/One.java", "a/OneTest.java"),
        ("a/One.java", "a/junit/OneTests.java"),
        ("b/Two.java", "b/TestTwo.java"),
    }


def test_lines_and_outcomes(record: Record) -> None:
    assert record.focal_lines == (
        3,
        5,
        6,
        8,
        12,
    )  # line 3: the constructor that nobody wrote, and nobody calls
    expected = {"passes": (5, 6), "fails": (5, 8), "doubles": (12,), "Unchecked.passes": (5, 6)}
    for name, lines in expected.items():
        assert (_test(record, name).outcome, _test(record, name).lines) == ("passed", lines), name


def test_kill_matrix(record: Record) -> None:
    listed = {(m.operator, m.line, m.ordinal): m for m in list_mutants("java", FOCAL)}
    assert len(record.mutants) == len(listed) == len(KILLERS)
    for at, result in enumerate(record.mutants):
        mutant = listed[result.operator, result.line, result.ordinal]
        killers = {t.name for t in record.tests if t.source == "existing" and at in t.kills}
        assert killers == KILLERS[mutant.operator, mutant.original, mutant.replacement], mutant
        assert not result.incompetent


def test_candidates(record: Record) -> None:
    outcomes = {t.name: t.outcome for t in record.tests if t.source == "written"}
    assert outcomes == {
        "wrong": "failed",
        "throwing": "error",
        "undefined": "does-not-compile",
        "noImport": "does-not-compile",
        "Unchecked.second": "passed",
        "unhandled": "does-not-compile",
        "cut": "does-not-compile",
        "endless": "timeout",
        "exits": "error",
        "brings": "passed",
    }
    assert "expected: <fail> but was: <pass>" in _test(record, "wrong").error
    assert _test(record, "throwing").error.startswith("java.lang.NullPointerException")
    assert "triple" in _test(record, "undefined").error
    assert "_rf" not in _test(record, "noImport").error
    assert "InterruptedException" in _test(record, "unhandled").error
    assert _test(record, "brings").lines == (5, 6)
    killed = {record.mutants[k].operator for k in _test(record, "Unchecked.second").kills}
    assert killed == {"comparison", "return"}


def test_history_runs_before_and_after(project: Project) -> None:
    root = project.root

    def git(*arguments: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments], cwd=root, check=True
        )

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    focal, tests = root / "src/main/java/calc/Calc.java", root / "src/test/java/calc/CalcTest.java"
    half = "\n    public static int half(int n) {\n        return n / 2;\n    }\n}\n"
    added = "\n    @Test\n    void halves() {\n        assertEquals(2, Calc.half(4));\n    }\n}\n"
    focal.write_text(FOCAL.rstrip().removesuffix("}") + half)
    tests.write_text(TESTS.rstrip().removesuffix("}") + added)
    git("commit", "-qam", "half")

    pair = Pair("src/main/java/calc/Calc.java", "src/test/java/calc/CalcTest.java")
    cloned = replace(project, clone=root / ".git")
    found = java.label_history(cloned, [pair], Settings(history=2, mutants=2))
    halves = [_test(record, "halves") for _, record in found]
    assert [(t.kind, t.outcome, t.lines) for t in halves] == [
        ("before", "does-not-compile", ()),
        ("after", "passed", (16,)),
    ]
    focal.write_text(FOCAL)
    tests.write_text(TESTS)


def test_junit_4_beside_junit_5(project: Project, tmp_path: Path) -> None:
    pair = Pair("src/main/java/calc/Calc.java", "src/test/java/calc/TestCalc.java")
    made = java_label.label(project, module_of(project, pair.focal_path), pair, Settings(), [], tmp_path)
    (test,) = made.tests
    assert (test.name, test.outcome, test.lines, test.kills) == ("divides", "passed", (12,), ())
