"""PIT's full matrix on a Maven project of our own whose kills are known by hand, read exactly and equal to our labels."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from runfree.errors import RunfreeError
from runfree.mutation import Mutant, list_mutants
from runfree_training.execute import Pair, Project, Settings, java, java_label
from runfree_training.execute.java_module import module_of
from runfree_training.execute.java_pit import (
    Matrix,
    PitMutant,
    matrix,
    read_matrix,
    read_mutants,
    test_name,
    write_matrix,
)
from runfree_training.execute.java_pit_check import matrices, report, usable
from runfree_training.execute.java_pit_compare import (
    SAME,
    SITES,
    Tally,
    compare_kills,
    compare_labels,
    compare_mutants,
    gains,
    sides,
)
from runfree_training.execute.java_pit_match import called, match
from runfree_training.records import Record

test_name.__test__ = False  # type: ignore[attr-defined]  # a function of ours, not a test

POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>own</groupId>
  <artifactId>till</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.junit.jupiter</groupId>
      <artifactId>junit-jupiter</artifactId>
      <version>5.13.4</version>
      <scope>test</scope>
    </dependency>
  </dependencies>
</project>
"""
FOCAL = """package till;

public class Till {
    private int total;
    private int sales;

    public void sell(int price, int pieces) {
        if (price <= 0) {
            throw new IllegalArgumentException("price");
        }
        note(price * pieces);
        sales++;
    }

    private void note(int amount) {
        total += amount;
    }

    public int total() {
        return total;
    }

    public boolean isOpen() {
        return sales > 0;
    }

    public void clear() {
        while (total != 0) {
            empty();
        }
    }

    private void empty() {
        total = 0;
    }
}
"""
TESTS = """package till;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TillTest {
    private final Till till = new Till();

    @Test
    void sells() {
        till.sell(3, 2);
        assertEquals(6, till.total());
    }

    @Test
    void refuses() {
        assertThrows(IllegalArgumentException.class, () -> till.sell(0, 1));
    }

    @Test
    void opens() {
        till.sell(1, 1);
        assertTrue(till.isOpen());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void counts(int pieces) {
        till.sell(1, pieces);
        assertEquals(pieces, till.total());
    }

    @Test
    void clears() {
        till.sell(3, 1);
        till.clear();
        assertEquals(0, till.total());
    }

    @Nested
    class Fresh {
        @Test
        void isClosed() {
            assertFalse(till.isOpen());
        }
    }
}
"""
EVERY_SALE = {"sells", "refuses", "opens", "counts", "clears"}
# (line, PIT's mutator) -> the tests that kill it, by hand. Conditions are negated as well as taken out. PIT does not return
# false in line 24: the last instruction before its return loads a false, and so PIT takes the two for the same.
KILLERS = {
    (8, "ConditionalsBoundary"): {"refuses"},
    (8, "NegateConditionals"): EVERY_SALE,
    (8, "RemoveConditional_ORDER_ELSE"): {"refuses"},
    (11, "Math"): {"sells", "counts"},
    (11, "VoidMethodCall"): {"sells", "counts"},
    (12, "Math"): {"opens"},
    (16, "Math"): {"sells", "counts"},
    (20, "PrimitiveReturns"): {"sells", "counts"},
    (24, "BooleanTrueReturnVals"): {"Fresh.isClosed"},
    (24, "ConditionalsBoundary"): {"Fresh.isClosed"},
    (24, "NegateConditionals"): {"opens", "Fresh.isClosed"},
    (24, "RemoveConditional_ORDER_ELSE"): {"opens"},
    (28, "NegateConditionals"): {"clears"},
    (28, "RemoveConditional_EQUAL_ELSE"): {"clears"},
}
ENDLESS = (29, "VoidMethodCall")
PAIR = Pair("src/main/java/till/Till.java", "src/test/java/till/TillTest.java")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("till")
    for path, text in (("pom.xml", POM), (PAIR.focal_path, FOCAL), (PAIR.test_path, TESTS)):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    made = Project(
        "java", "own/till", "", "Apache-2.0", root, tmp_path_factory.mktemp("environments") / "till"
    )
    java.prepare(made)
    return made


@pytest.fixture(scope="module")
def pit(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Matrix:
    return matrix(project, module_of(project, PAIR.focal_path), PAIR, tmp_path_factory.mktemp("pit"))


@pytest.fixture(scope="module")
def record(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Record:
    work = tmp_path_factory.mktemp("work")
    module, patient = module_of(project, PAIR.focal_path), Settings(patience=3.0)
    return java_label.label(project, module, PAIR, patient, (), work)


def test_the_full_matrix(pit: Matrix) -> None:
    assert {(m.line, m.mutator) for m in pit.mutants} == {*KILLERS, ENDLESS}
    assert len(pit.mutants) == len(KILLERS) + 1
    for mutant in pit.mutants:
        if (mutant.line, mutant.mutator) == ENDLESS:
            continue
        assert (mutant.complete, mutant.status) == (True, "KILLED"), mutant
        assert mutant.killing == KILLERS[mutant.line, mutant.mutator], mutant
        # Each invocation of a parameterised test has a verdict of its own, and one may pass.
        assert mutant.killing | mutant.succeeding == mutant.covering
    assert pit.tests == {*EVERY_SALE, "Fresh.isClosed"}


def test_a_timeout_is_an_incomplete_row(pit: Matrix) -> None:
    (endless,) = pit.incomplete
    assert (endless.line, endless.mutator, endless.status) == (*ENDLESS, "TIMED_OUT")
    assert endless.killing == frozenset()
    assert endless.covering == {"clears"}


def test_our_labels_say_the_same(pit: Matrix, record: Record) -> None:
    tally = Tally()
    pair = sides(record, pit, tally)
    assert pair.tests == ("sells", "refuses", "opens", "counts", "clears", "Fresh.isClosed")
    alone = [(pair.sites[i].line, pair.sites[i].replacement) for i in pair.match.ours_alone]
    assert alone == [(24, "false")]
    assert {pit.mutants[at].mutator[:17] for at in pair.match.pit_alone} == {"RemoveConditional"}
    for site, at in pair.match.pairs.items():
        its = pit.mutants[at]
        if (its.line, its.mutator) == ENDLESS:
            assert site in pair.timeouts["clears"]
        else:
            killers = {name for name, killed in pair.kills.items() if site in killed}
            assert killers == KILLERS[its.line, its.mutator], its
    compare_mutants(pair, tally)
    compare_kills(pair, tally, "till")
    compare_labels(pair, 200, random.Random(0), tally)
    assert tally.examples == []
    assert not any(ours != its for _, ours, its in [*tally.kills, *tally.lines])
    same = {(ours, its): n for (what, ours, its), n in tally.labels.items() if what == SAME}
    assert set(same) == {(True, True), (False, False)}
    # PIT's row of the endless loop is lost, so a candidate that gains by that alone gains on our side only.
    wrong = {(ours, its) for (what, ours, its) in tally.labels if what == SITES and ours != its}
    assert wrong <= {(True, False)}
    reasons = {why for what, why in tally.reasons if what == "labels"}
    alone_too = "only ours gains: return, PIT has none of its kind on the line"
    assert reasons <= {"only ours gains: a timeout", alone_too}
    assert tally.left["PIT's mutants with incomplete rows: TIMED_OUT"] == 1
    assert tally.left["mutants of both, incomplete in PIT: a timeout by ours"] == 1
    assert any("100.0%" in line for line in report(tally))


def test_a_matrix_is_kept(pit: Matrix, tmp_path: Path) -> None:
    write_matrix(pit, tmp_path / "a" / "m.json.gz")
    assert read_matrix(tmp_path / "a" / "m.json.gz") == pit


def test_what_is_kept_is_not_run_again(pit: Matrix, project: Project, record: Record, tmp_path: Path) -> None:
    gone = {"own/till": replace(project, root=tmp_path / "gone")}
    path = tmp_path / "own+till" / "src-test-java-till-TillTest.json.gz"
    write_matrix(pit, path)
    assert list(matrices([record], gone, 1, 600.0, tmp_path)) == [(record, pit, "")]
    path.unlink()
    path.with_name("src-test-java-till-TillTest.left-out.txt").write_text("PIT was stopped\n")
    assert list(matrices([record], gone, 1, 600.0, tmp_path)) == [(record, None, "PIT was stopped")]
    assert next(matrices([record], gone, 1, 1.0, tmp_path / "new"))[2].startswith("would take")


def test_records_of_another_commit_are_not_compared(project: Project, record: Record) -> None:
    assert usable([record], {"own/till": project}, 0) == [record]
    moved = Project("java", "own/till", "0" * 40, "", project.root, project.environment)
    assert usable([record], {"own/till": moved}, 0) == []


@pytest.mark.parametrize(
    ("description", "name"),
    [
        ("a.BTest.[engine:junit-jupiter]/[class:a.BTest]/[method:m(int%5B%5D)]", "m"),
        ("a.BTest.[engine:junit-jupiter]/[class:a.BTest]/[nested-class:C]/[nested-class:D]/[method:m()]", "C.D.m"),
        ("a.B.[engine:junit-jupiter]/[class:a.B]/[test-template:m(int)]/[test-template-invocation:#2]", "m"),
        ("a.B.[engine:junit-jupiter]/[class:a.B]/[test-factory:m()]/[dynamic-test:#2]", "m"),
        ("a.B.[engine:junit-vintage]/[runner:a.B]/[test:m(a.B)]", "m"),
        ("a.B.[engine:junit-vintage]/[runner:a.B]/[test:%5B0%5D]/[test:m%5B0%5D(a.B)]", "m"),
        ("a.B.[engine:junit-vintage]/[runner:a.B]/[test:a.B$C]/[test:m(a.B$C)]", "C.m"),
        ("a.B.[engine:junit-jupiter]/[class:a.B]", ""),
        ("nothing of the kind", ""),
    ],
)  # fmt: skip
def test_names_of_tests(description: str, name: str) -> None:
    assert test_name(description) == name


def test_a_report_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "mutations.xml").write_text("<mutations><mutation>")
    with pytest.raises(RunfreeError, match="cannot be read"):
        read_mutants(tmp_path / "mutations.xml")
    with pytest.raises(RunfreeError, match="cannot be read"):
        read_mutants(tmp_path / "missing.xml")


def _pit(line: int, mutator: str, index: int, description: str = "", method: str = "f") -> PitMutant:
    return PitMutant(line, mutator, "A", method, index, description, "KILLED")


def _sites(body: str) -> tuple[Mutant, ...]:
    return list_mutants("java", f"class A {{ int x;\n{body}\n}}")


def test_mutants_are_matched_by_what_they_change() -> None:
    sites = _sites("void f(int a) { g(h(a)); x = a - 1 + a; }")
    its = [
        _pit(2, "Math", 9, "Replaced integer addition with subtraction"),
        _pit(2, "Math", 8, "Replaced integer subtraction with addition"),
        _pit(2, "VoidMethodCall", 3, "removed call to A::g"),
    ]
    found = match(sites, its)
    assert {(sites[i].original, at) for i, at in found.pairs.items()} == {("+", 0), ("-", 1), ("g(h(a));", 2)}
    assert not found.by_order


def test_mutants_of_one_kind_are_matched_by_order() -> None:
    sites = _sites("void f(int a) { if (a == 1 && x == 2) { x = 3; } }")
    its = [_pit(2, "NegateConditionals", 7), _pit(2, "NegateConditionals", 3)]
    found = match(sites, its)
    assert [found.pairs[i] for i in sorted(found.pairs)] == [1, 0]
    assert found.by_order == set(found.pairs)


def test_what_has_no_partner_says_why() -> None:
    sites = _sites("int f(int a) { return a == 1 ? a + 1 : 2; }")
    its = [_pit(2, "NegateConditionals", 3), _pit(2, "NegateConditionals", 9), _pit(3, "Math", 1)]
    found = match(sites, [*its, _pit(2, "RemoveConditional_EQUAL_ELSE", 3)])
    assert not found.pairs
    kinds = {sites[i].operator: why for i, why in found.ours_alone.items()}
    assert kinds == {
        "comparison": "the numbers on the line differ",
        "arithmetic": "PIT has none of its kind on the line",
        "return": "PIT has none of its kind on the line",
    }
    assert found.pit_alone == {
        0: "the numbers on the line differ",
        1: "the numbers on the line differ",
        2: "we have none of its kind on the line",
        3: "an operator that we do not have",
    }
    other = match(_sites("int f(int a) { return a + 1; }"), [_pit(2, "PrimitiveReturns", 3, method="g")])
    assert not other.pairs, "another method"


@pytest.mark.parametrize(
    ("statement", "name"), [("a.b(c()).d(e);", "d"), ("run( );", "run"), ('say(")");', "say"), ("x;", "")]
)
def test_the_outermost_call(statement: str, name: str) -> None:
    assert called(statement) == name


def test_gains() -> None:
    killed = {"a": {1, 2}, "b": {2}, "c": set[int]()}
    assert gains(killed.__getitem__, "a", ["b", "c"]) == {1}
    assert gains(killed.__getitem__, "b", ["a"]) == set()
