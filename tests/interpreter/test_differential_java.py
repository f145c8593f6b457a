"""Generated Java programs, read by us and run by the JVM: wherever we claim to know, both agree."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from runfree.interpreter import analyse_test

sys.path.insert(0, str(Path(__file__).parent))

from java_programs import SHARED, Snippets

METHODS = 300
SNIPPETS = 1200
pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="a JDK is not installed here")


class Generator:
    """Writes methods over int, long, char, double, String, List and Map."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def number(self, depth: int = 0) -> str:
        r = self.random
        if depth > 3 or r.random() < 0.3:
            return r.choice(
                ["a", "b", "c", "s.length()", "xs.size()", str(r.randint(-9, 40)), "Integer.MAX_VALUE"]
            )
        left, right = self.number(depth + 1), self.number(depth + 1)
        return r.choice(
            [
                f"({left} {r.choice('+-*&|^')} {right})",
                f"({left} {r.choice('/%')} ({right} | 1))",
                f"(int) ({r.choice(['byte', 'short', 'char', 'long'])}) ({left})",
                f"({left} {r.choice(['<<', '>>', '>>>'])} {right})",
                f"Math.{r.choice(['max', 'min'])}({left}, {right})",
                f"({left} > {right} ? {left} : b)",
                f"(int) Math.abs({left} * 0.5)",
            ]
        )

    def text(self, depth: int = 0) -> str:
        r = self.random
        if depth > 2 or r.random() < 0.3:
            return r.choice(["s", '"x"', '"Hello, World"', "String.valueOf(a)", '("" + d)', "xs.toString()"])
        inner = self.text(depth + 1)
        return r.choice(
            [
                f"({inner} + {self.number(2)})",
                f"({inner} + 'c' + (char) ('a' + 1) + 1L + 2.50)",
                f"{inner}.{r.choice(['toUpperCase', 'trim', 'toLowerCase'])}()",
                f'{inner}.replace("l", "LL")',
                f"{inner}.substring({inner}.length() / 2)",
                f'String.format("%d|%5d|%-4s|%.2f|%b|%05d", a, b, {inner}, d, a > b, c)',
                f'String.join("-", {inner}.split(","))',
                f"new StringBuilder({inner}).reverse().append(a).toString()",
            ]
        )

    def statement(self, depth: int = 0) -> str:
        r = self.random
        name = r.choice("abc")
        kind = r.randrange(9 if depth < 2 else 4)
        if kind == 0:
            return f"{name} = {self.number()};"
        if kind == 1:
            return f"{name} {r.choice(['+=', '-=', '*=', '^=', '<<='])} {self.number()};"
        if kind == 2:
            return f"s = {self.text()}; if (s.length() > 200) s = s.substring(0, 200);"
        if kind == 3:
            return r.choice(
                [
                    f"xs.add({name});",
                    f'm.merge("k{r.randint(0, 3)}", {name}, Integer::sum);',
                    "d = d / 3 + a % 100;",
                ]
            )
        if kind == 4:
            then, orelse = self.statement(depth + 1), self.statement(depth + 1)
            return f"if ({self.number()} {r.choice(['<', '>=', '=='])} {self.number()}) {{ {then} }} else {{ {orelse} }}"
        if kind == 5:
            i = f"i{depth}"
            head = f"for (int {i} = 0; {i} < {r.randint(1, 4)}; {i}++)"
            return f"{head} {{ {self.statement(depth + 1)} if ({i} == 2) continue; {name} += {i}; }}"
        if kind == 6:
            return f"for (int v : new ArrayList<>(xs)) {{ {name} += v; if (v > 30) break; }}"
        if kind == 7:
            return f"switch ({name} & 3) {{ case 0: case 1: {self.statement(2)} break; case 2: {name}++; default: {name}--; }}"
        return (
            f"try {{ {name} = xs.get({self.number(2)}); }} catch (IndexOutOfBoundsException e) {{ {name} = -1; }} "
            "finally { c++; }"
        )

    def method(self, number: int) -> str:
        body = "\n".join(self.statement() for _ in range(self.random.randint(3, 7)))
        return (
            f"static String f{number}(int a, int b, String s) {{\nint c = 1; double d = 0.5;\n"
            "List<Integer> xs = new ArrayList<>(Arrays.asList(a, b, 3));\n"
            f"Map<String, Integer> m = new TreeMap<>();\n{body}\n"
            'return a + " " + b + " " + c + " " + s + " " + xs + " " + m + " " + d;\n}\n'
        )


def literal(text: str) -> str:
    """A Java string literal."""
    plain = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r"}
    return '"' + "".join(plain.get(c, c if 31 < ord(c) < 127 else f"\\u{ord(c):04x}") for c in text) + '"'


def run_jvm(folder: Path, focal: str, calls: list[str]) -> list[str]:
    """What the calls return, or a zero, "!" and the exception's name; everything is compiled in one go."""
    # Each result on a line of its own, as numbers, so that no encoding gets in between; few calls a method, as
    # methods have a limit of size.
    batches = [calls[i : i + 50] for i in range(0, len(calls), 50)]
    printing = "\n".join(
        f"static void run{n}() {{ " + " ".join(f"show(() -> {c});" for c in batch) + " }"
        for n, batch in enumerate(batches)
    )
    running = " ".join(f"run{n}();" for n in range(len(batches)))
    show = (
        "static void show(java.util.function.Supplier<String> f) { String r; try { r = f.get(); } catch (RuntimeException e)"
        ' { r = "\\0!" + e.getClass().getSimpleName(); } StringBuilder o = new StringBuilder();'
        ' for (char c : r.toCharArray()) o.append((int) c).append(" "); System.out.println(o); }'
    )
    main = f"{focal.rstrip()[:-1]}{show}\n{printing}\npublic static void main(String[] args) {{ {running} }}\n}}\n"
    (folder / "Focal.java").write_text(main)
    done = subprocess.run(["java", "Focal.java"], cwd=folder, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, (done.stderr + done.stdout)[:2000]
    return ["".join(chr(int(n)) for n in line.split()) for line in done.stdout.splitlines()]


def compare(focal: str, calls: list[str], results: list[str]) -> tuple[int, list[str]]:
    """How many outcomes are claimed, and the wrong ones: each test expects what the JVM gives, so none of them fails."""
    claimed = 0
    wrong = []
    for call, expected in zip(calls, results, strict=True):
        if expected.startswith("\0!"):
            check = f"assertThrows({expected[2:]}.class, () -> Focal.{call});"
        else:
            check = f"assertEquals({literal(expected)}, Focal.{call});"
        suite = (
            "import static org.junit.jupiter.api.Assertions.*;\nimport org.junit.jupiter.api.Test;\n\n"
            f"class FocalTest {{\n    @Test\n    void it() {{\n        {check}\n    }}\n}}\n"
        )
        answers = analyse_test("java", focal, suite, "it", "Focal.java", "FocalTest.java")
        claimed += answers.outcome != "unknown"
        if answers.outcome == "fails":
            start = focal.index(f"static String {call.partition('(')[0]}(")
            wrong.append(
                f"{call}: really {expected!r}, but {answers.sentence}\n{focal[start : start + 700].partition('static String p')[2]}"
            )
    return claimed, wrong


def test_claims_agree_with_the_jvm(tmp_path: Path) -> None:
    methods = [Generator(seed).method(seed) for seed in range(METHODS)]
    calls = [f'f{i}({i % 7 - 3}, {i % 5}, "l{i}")' for i in range(METHODS)]
    focal = "import java.util.*;\n\npublic class Focal {\n" + "\n".join(methods) + "}\n"
    claimed, wrong = compare(focal, calls, run_jvm(tmp_path, focal, calls))
    assert not wrong, f"{len(wrong)} wrong\n" + "\n".join(wrong[:2])
    assert claimed > 0.5 * len(calls)


def test_snippets_agree_with_the_jvm(tmp_path: Path) -> None:
    source = Snippets(3)
    methods = [f"static String p{i}() {{\n{source.body(i)}\n}}\n" for i in range(SNIPPETS)]
    calls = [f"p{i}()" for i in range(SNIPPETS)]
    head = "import java.util.*;\nimport java.util.stream.*;\n\npublic class Focal {\n"
    focal = head + SHARED + "\n".join(methods) + "}\n"
    claimed, wrong = compare(focal, calls, run_jvm(tmp_path, focal, calls))
    assert not wrong, f"{len(wrong)} wrong\n" + "\n".join(wrong[:12])
    assert claimed > 0.5 * len(calls)
