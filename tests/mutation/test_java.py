from __future__ import annotations

import subprocess
from pathlib import Path

from runfree.mutation import OPERATORS, list_mutants
from runfree.mutation.java import mutants

FOCAL = """\
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

public class Till {
    private static final int LIMIT = 5 + 5;
    private final List<String> log = new ArrayList<>();
    private int sum;

    public int total(int[] prices, boolean strict, String label) {
        for (int i = 0; i < prices.length; i++) {
            if (prices[i] <= 0 && !strict) {
                continue;
            }
            sum += prices[i] * 2;
            note("price " + prices[i] + label);
            log.add(label);
        }
        if (strict) {
            check(-sum);
        }
        while (sum > LIMIT) {
            sum--;
        }
        return sum % 7;
    }

    private void note(String text) {
        log.add(text);
    }

    private void check(int value) {
        if (value > 0) {
            throw new IllegalStateException("negative " + value);
        }
    }

    boolean isFull() {
        return sum == LIMIT;
    }

    String label(String name) {
        String text = name;
        text += name;
        return text;
    }

    List<String> names() {
        Runnable run = () -> { return; };
        return log;
    }

    Optional<String> first() {
        return log.stream().findFirst();
    }

    Long half() {
        return sum / 2L;
    }

    Till self() {
        return this;
    }
}
"""


def of(operator: str, text: str = FOCAL) -> list[tuple[int, str, str]]:
    return [(m.line, m.original, m.replacement) for m in mutants(text) if m.operator == operator]


def method(body: str, head: str = "void f()") -> str:
    return f"class A {{\n{head} {{\n{body}\n}}\n}}\n"


def test_operators() -> None:
    assert of("comparison") == [
        (11, "<", "<="),
        (11, "<", ">="),
        (12, "<=", "<"),
        (12, "<=", ">"),
        (22, ">", "<="),
        (22, ">", ">="),
        (33, ">", "<="),
        (33, ">", ">="),
        (39, "==", "!="),
    ]
    assert of("arithmetic") == [
        (6, "+", "-"),
        (15, "*", "/"),
        (20, "-sum", "sum"),
        (25, "%", "*"),
        (58, "/", "*"),
    ]
    assert of("boolean") == [(12, "!strict", "strict"), (19, "strict", "!(strict)")]
    assert of("assignment") == [(11, "++", "--"), (15, "+=", "-="), (23, "--", "++")]
    assert of("call") == [(16, 'note("price " + prices[i] + label);', ";"), (20, "check(-sum);", ";")]


def test_returned_values_become_empty_ones_of_their_type() -> None:
    assert of("return") == [
        (25, "sum % 7", "0"),
        (39, "sum == LIMIT", "false"),
        (39, "sum == LIMIT", "true"),
        (45, "text", '""'),
        (50, "log", "java.util.Collections.emptyList()"),
        (54, "log.stream().findFirst()", "java.util.Optional.empty()"),
        (58, "sum / 2L", "0L"),
        (62, "this", "null"),
    ]


def test_values_that_are_empty_already_stay() -> None:
    for value, kind in (
        ("0", "int"),
        ("0.0", "double"),
        ('""', "String"),
        ("null", "Foo"),
        ("List.of()", "List<X>"),
    ):
        assert of("return", method(f"return {value};", f"{kind} f()")) == []
    assert of("return", method("return true;", "boolean f()")) == [(3, "true", "false")]
    assert of("return", method("return x;", "@NotNull Foo f()")) == []


def test_strings_are_not_subtracted() -> None:
    assert of("arithmetic", method('return a + "x" + b;', "String f(Object a, Object b)")) == []
    assert of("arithmetic", method("return a + b;", "String f(String a, Object b)")) == []
    assert of("arithmetic", method("return a + b;", "int f(int a, int b)")) == [(3, "+", "-")]


def test_what_would_not_compile_is_left_alone() -> None:
    caught = "try {{ {0} }} catch (IOException e) {{ return 1; }}"
    assert of("call", method(caught.format("read();"), "int f()")) == []
    assert of("call", method(caught.format("skip(); open();"), "int f()")) == [
        (3, "skip();", ";"),
        (3, "open();", ";"),
    ]
    assert of("call", method(caught.replace("IOException", "RuntimeException").format("skip();"))) == [
        (3, "skip();", ";")
    ]
    assert of("boolean", method("if (o instanceof Foo f) { g(f); }")) == []
    assert of("arithmetic", method("switch (n) { case 1 + 2: g(); }")) == []
    assert mutants("class A { @Size(min = 1 + 2) int x; }") == ()


def test_mutants_are_in_order_unique_and_named_by_method() -> None:
    found = mutants(FOCAL)
    assert {m.operator for m in found} <= set(OPERATORS)
    assert [m.start_byte for m in found] == sorted(m.start_byte for m in found)
    assert len({(m.operator, m.line, m.ordinal) for m in found}) == len(found)
    assert {m.function for m in found if m.line in (6, 15, 39)} == {"", "total", "isFull"}
    assert list_mutants("java", FOCAL) == found


def test_an_edit_changes_its_bytes_only() -> None:
    text = FOCAL.replace("price ", "größter Preis ")
    for mutant in mutants(text):
        assert text.encode()[mutant.start_byte : mutant.end_byte].decode() == mutant.original
        assert mutant.apply(text) != text


def test_syntax_errors_and_deep_nesting_are_survived() -> None:
    assert mutants("") == ()
    assert mutants("class { 1 + }") == ()
    assert of("assignment", "class A { int f() { return 1 + ; } void g() { x++; } }")
    assert mutants(method("f(" * 20_000 + ")" * 20_000 + ";")) == ()
    assert mutants(method("int x = " + "(" * 20_000 + "1 - 2" + ")" * 20_000 + ";"))


def test_mutants_compile(tmp_path: Path) -> None:
    files = []
    for i, mutant in enumerate(mutants(FOCAL)):
        folder = tmp_path / f"m{i}"
        folder.mkdir()
        # A package each, so that one compiler run takes them all.
        (folder / "Till.java").write_text(f"package m{i};\n" + mutant.apply(FOCAL))
        files.append(str(folder / "Till.java"))
    result = subprocess.run(
        ["javac", "-d", str(tmp_path / "out"), *files], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
