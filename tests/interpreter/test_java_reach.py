"""What of Java's libraries and test frameworks a reading follows to a certain answer, and where it must not claim one."""

from __future__ import annotations

import pytest

from runfree.interpreter import Answers, analyse_test

FOCAL = """\
package shop;

import java.util.*;
import java.util.concurrent.*;
import java.util.stream.StreamSupport;
import lombok.Value;
import shop.far.Source;

public class Shelf {
    private final IntSummaryStatistics statistics;
    private final Map<String, Integer> counts = new ConcurrentHashMap<>();

    public Shelf(IntSummaryStatistics statistics) {
        this.statistics = statistics;
    }

    public Integer average(List<Integer> samples) {
        samples.forEach(statistics::accept);
        Double average = statistics.getAverage();
        return average.intValue();
    }

    public int count(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("no name");
        }
        return counts.merge(name, 1, Integer::sum);
    }

    public static double sum(Iterable<Double> items) {
        return StreamSupport.stream(items.spliterator(), false).reduce((x, y) -> x + y).get();
    }

    public static int checked(String text) {
        Source.check(text);
        return text.length();
    }

    public static char[] filled() {
        char[] letters = new char[2];
        Source.fill(letters, 'x');
        return letters;
    }

    public static Set<Integer>[] sets() {
        Set<Integer>[] made = new Set[2];
        Arrays.setAll(made, i -> new HashSet<>(List.of(i)));
        return made;
    }

    @Value
    public static class Label {
        String text;
        boolean shown;

        static Label of(String text) {
            return new Label(text);
        }

        Label(String text) {
            this.text = text;
            this.shown = true;
        }
    }
}
"""
HEAD = """\
package shop;

import static org.assertj.core.api.Assertions.*;
import static org.junit.jupiter.api.Assertions.*;

import java.util.*;
import org.junit.jupiter.api.Test;
import org.mockito.Spy;
"""


def read(body: str, members: str = "") -> Answers:
    suite = (
        f"{HEAD}\nclass ShelfTest {{\n{members}\n    @Test\n    void it() {{\n        {body}\n    }}\n}}\n"
    )
    return analyse_test("java", FOCAL, suite, "it", "shop/Shelf.java", "shop/ShelfTest.java")


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("assertEquals(2, new Shelf(new IntSummaryStatistics()).average(Arrays.asList(1, 2, 4)));", "passes"),
        ("assertEquals(3, new Shelf(new IntSummaryStatistics()).average(Arrays.asList(1, 2, 4)));", "fails"),
        ("assertEquals(0, new Shelf(new IntSummaryStatistics()).average(new ArrayList<>()));", "passes"),
        ("Shelf s = new Shelf(null); s.count(\"a\"); assertEquals(2, s.count(\"a\"));", "passes"),
        ("assertEquals(0.6000000000000001, Shelf.sum(List.of(0.1, 0.2, 0.3)));", "passes"),
        ("assertEquals(0.6, Shelf.sum(List.of(0.1, 0.2, 0.3)));", "fails"),
        ("assertEquals(Set.of(1), Shelf.sets()[1]);", "passes"),
        ("assertEquals(\"a\", Shelf.Label.of(\"a\").getText());", "passes"),
        ("assertFalse(Shelf.Label.of(\"a\").isShown());", "fails"),
        ("assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> new Shelf(null).count(\"\")).withMessage(\"no name\");", "passes"),
        ("assertThatIllegalArgumentException().isThrownBy(() -> new Shelf(null).count(\"\")).withMessage(\"another\");", "fails"),
        ("assertThatNullPointerException().isThrownBy(() -> new Shelf(null).count(\"\"));", "fails"),
        ("assertThatCode(() -> new Shelf(null).count(\"a\")).doesNotThrowAnyException();", "passes"),
        ("assertThatNoException().isThrownBy(() -> new Shelf(null).count(\"\"));", "fails"),
        ("assertThrows(NullPointerException.class, () -> String.format((String) null, \"a\"));", "passes"),
    ],
)  # fmt: skip
def test_an_outcome(body: str, outcome: str) -> None:
    assert read(body).outcome == outcome


def test_a_spy_behaves_as_what_it_is_made_around() -> None:
    members = "    @Spy IntSummaryStatistics statistics = new IntSummaryStatistics();"
    assert read("assertEquals(3, new Shelf(statistics).average(List.of(3)));", members).outcome == "passes"


@pytest.mark.parametrize(
    "body",
    [
        # Code that is not at hand may throw what is expected, each time it is called.
        "Shelf.checked(\"a\"); assertThrows(IllegalStateException.class, () -> Shelf.checked(\"b\"));",
        "Shelf.checked(\"a\"); try { Shelf.checked(\"b\"); fail(\"no exception\"); } catch (IllegalStateException e) { }",
        # ... or fill what it is given.
        "assertEquals(\"xx\", new String(Shelf.filled()));",
    ],
)  # fmt: skip
def test_what_unknown_code_decides_is_not_even_likely_to_fail(body: str) -> None:
    assert read(body).likely != "fails"


def test_junit_3_assertions_are_inherited() -> None:
    suite = (
        "package shop;\n\nimport java.util.*;\nimport junit.framework.TestCase;\n\npublic class ShelfTest extends TestCase {\n"
        "    private Shelf shelf;\n\n    protected void setUp() throws Exception {\n        super.setUp();\n        shelf = new Shelf(null);\n    }\n\n"
        '    public void testIt() {\n        assertEquals("count", 1, shelf.count("a"));\n        assertTrue(shelf.count("a") == 2);\n    }\n}\n'
    )
    answers = analyse_test("java", FOCAL, suite, "testIt", "shop/Shelf.java", "shop/ShelfTest.java")
    assert answers.outcome == "passes"
    assert [a.state for a in answers.assertions] == ["holds", "holds"]


def test_a_guard_before_a_call_that_throws_is_not_certainly_counted() -> None:
    focal = (
        "package shop;\n\npublic class Gate {\n    static void pass(int n) {\n        if (n > 9) {\n            throw new IllegalStateException();\n        }\n"
        "        stop(n);\n    }\n\n    static void stop(int n) {\n        throw new IllegalArgumentException();\n    }\n}\n"
    )
    suite = (
        "package shop;\n\nimport static org.junit.jupiter.api.Assertions.*;\nimport org.junit.jupiter.api.Test;\n\n"
        "class GateTest {\n    @Test\n    void it() {\n        assertThrows(IllegalArgumentException.class, () -> Gate.pass(1));\n    }\n}\n"
    )
    answers = analyse_test("java", focal, suite, "it", "shop/Gate.java", "shop/GateTest.java")
    assert answers.outcome == "passes"
    # The tool notes a line at the next probe, and there is none between the branch and the call that throws.
    assert [answers.line_grades[n] for n in (5, 6, 12)] == [1, 0, 3]
